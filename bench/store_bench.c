/* How many durable units a second the store takes, and what committing them together is worth: clients that wait for each unit (1, 8, 32,
 * 64 of them) and clients that keep 32 units on their way, against one client that commits row by row. Run by hand: store_bench
 * sqlite:/var/tmp/bench.db     store_bench postgres://user@/bench?host=/run/postgresql The database should be an empty one; the bench adds
 * the table bench_rows. The first line is the baseline of the ratios. */
#include "base/clock.h"
#include "base/str.h"
#include "store/store.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_CLIENTS 64
#define WINDOW      32

struct bench {
    struct store *store;
    store_unit unit;
    int64_t until_us;
    bool windowed;
    _Atomic int64_t done, failed, next_id;
};

struct client {
    struct bench *bench;
    pthread_t thread;
    sem_t free_slots;
};

static int one_row(struct store_tx *tx, void *ctx, struct err *err)
{
    struct client *client = ctx;

    return store_exec(tx, "INSERT INTO bench_rows (id, owner, text) VALUES ($1, $2, $3)",
                      STORE_ARGS(store_int(atomic_fetch_add(&client->bench->next_id, 1)), store_int(1),
                                 store_text("a row of some forty characters in all")),
                      NULL, err);
}

/* About what finishing a step takes. */
static int nine_statements(struct store_tx *tx, void *ctx, struct err *err)
{
    struct client *client = ctx;
    int64_t id = atomic_fetch_add(&client->bench->next_id, 4), found;

    for (int64_t i = 0; i < 4; i++)
        if (store_exec(tx, "INSERT INTO bench_rows (id, owner, text) VALUES ($1, $2, $3)",
                       STORE_ARGS(store_int(id + i), store_int(id), store_text("a row of some forty characters in all")), NULL, err) < 0)
            return -1;
    for (int64_t i = 0; i < 4; i++)
        if (store_exec(tx, "UPDATE bench_rows SET owner = $1 WHERE id = $2", STORE_ARGS(store_int(id + 1), store_int(id + i)), NULL, err) <
            0)
            return -1;
    return store_query_int(tx, "SELECT owner FROM bench_rows WHERE id = $1", STORE_ARGS(store_int(id)), -1, &found, err);
}

static void count(struct bench *bench, bool good) { atomic_fetch_add(good ? &bench->done : &bench->failed, 1); }

static void on_done(void *ctx, const struct err *result)
{
    struct client *client = ctx;

    count(client->bench, result->code == ERR_NONE);
    sem_post(&client->free_slots);
}

static void *client_main(void *ctx)
{
    struct client *client = ctx;
    struct bench *bench = client->bench;
    struct err err;

    while (clock_mono_us() < bench->until_us) {
        if (bench->windowed) {
            sem_wait(&client->free_slots);
            store_write(bench->store, bench->unit, client, on_done);
        } else {
            count(bench, store_write_wait(bench->store, bench->unit, client, &err) == 0);
        }
    }
    for (int i = 0; bench->windowed && i < WINDOW; i++)
        sem_wait(&client->free_slots);
    return NULL;
}

/* Units a second. */
static double run(struct bench *bench, int clients, bool windowed, int64_t seconds)
{
    static struct client all[MAX_CLIENTS];
    int64_t started = clock_mono_us();

    bench->windowed = windowed;
    bench->until_us = started + seconds * US_PER_SEC;
    atomic_store(&bench->done, 0);
    for (int i = 0; i < clients; i++) {
        all[i].bench = bench;
        sem_init(&all[i].free_slots, 0, WINDOW);
        if (pthread_create(&all[i].thread, NULL, client_main, &all[i]) != 0)
            abort();
    }
    for (int i = 0; i < clients; i++)
        pthread_join(all[i].thread, NULL);
    return (double)atomic_load(&bench->done) * 1e6 / (double)(clock_mono_us() - started);
}

static int prepare(struct store_tx *tx, void *ctx, struct err *err)
{
    int64_t *next_id = ctx;

    if (store_exec(tx, "CREATE TABLE IF NOT EXISTS bench_rows (id BIGINT PRIMARY KEY, owner BIGINT NOT NULL, text TEXT NOT NULL)",
                   STORE_NO_ARGS, NULL, err) < 0)
        return -1;
    return store_query_int(tx, "SELECT COALESCE(MAX(id), 0) + 1 FROM bench_rows", STORE_NO_ARGS, 1, next_id, err);
}

static void measure(struct bench *bench, const char *name, store_unit unit, int64_t seconds)
{
    static const int clients[] = {1, 8, 32, 64};
    double baseline = 0;

    bench->unit = unit;
    printf("%s\n  %8s  %-22s %12s %8s\n", name, "clients", "each client", "units/s", "ratio");
    for (int windowed = 0; windowed < 2; windowed++)
        for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
            double rate = run(bench, clients[i], windowed, seconds);

            baseline = baseline > 0 ? baseline : rate;
            printf("  %8d  %-22s %12.0f %8.1f\n", clients[i], windowed ? "32 units on their way" : "waits for its unit", rate,
                   rate / baseline);
            fflush(stdout);
        }
}

int main(int argc, char **argv)
{
    struct bench bench = {0};
    int64_t next_id = 1, seconds = 3;
    struct err err = {0};

    if (argc < 2 || argc > 3 || (argc == 3 && (!str_to_int(argv[2], &seconds) || seconds < 1))) {
        fprintf(stderr, "usage: store_bench URL [SECONDS]\n");
        return 2;
    }
    if (store_open(&(struct store_options){.url = argv[1]}, &bench.store, &err) < 0 ||
        store_write_wait(bench.store, prepare, &next_id, &err) < 0) {
        fprintf(stderr, "store_bench: %s\n", err.msg);
        store_close(bench.store);
        return 1;
    }
    atomic_store(&bench.next_id, next_id);
    measure(&bench, "one row a unit", one_row, seconds);
    measure(&bench, "nine statements a unit (finishing a step)", nine_statements, seconds);
    if (atomic_load(&bench.failed))
        printf("failed units: %lld\n", (long long)atomic_load(&bench.failed));
    store_close(bench.store);
    return 0;
}
