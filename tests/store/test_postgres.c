/* What only PostgreSQL can get into: conflicts between connections and processes, leadership, a server that goes away. */
#include "base/clock.h"
#include "db.h"
#include "pg.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static void sleep_ms(int64_t ms) { nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL); }

/* ---- conflicts ---- */

/* Two units of two stores (as of two processes) that meet after their first reading, in their first run. */
struct pair {
    pthread_barrier_t barrier;
    sem_t answered;
    struct half {
        struct pair *pair;
        const char *look, *act; /* $1 is what was found */
        int runs;
        struct err result;
    } halves[2];
};

static int half_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct half *half = ctx;
    int64_t found;

    if (store_query_int(tx, half->look, STORE_NO_ARGS, -1, &found, err) < 0)
        return -1;
    if (half->runs++ == 0)
        pthread_barrier_wait(&half->pair->barrier);
    return store_exec(tx, half->act, STORE_ARGS(store_int(found)), NULL, err);
}

static void half_done(void *ctx, const struct err *result)
{
    struct half *half = ctx;

    half->result = *result;
    sem_post(&half->pair->answered);
}

static void run_pair(struct store *a, struct store *b, struct pair *pair)
{
    pthread_barrier_init(&pair->barrier, NULL, 2);
    sem_init(&pair->answered, 0, 0);
    for (int i = 0; i < 2; i++) {
        pair->halves[i].pair = pair;
        store_write(i ? b : a, half_unit, &pair->halves[i], half_done);
    }
    for (int i = 0; i < 2; i++)
        sem_wait(&pair->answered);
    pthread_barrier_destroy(&pair->barrier);
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(pair->halves[i].result.code, ERR_NONE);
    CU_ASSERT(pair->halves[0].runs + pair->halves[1].runs > 2); /* one had to run again */
}

void test_conflict(void)
{
    FRESH(url, s);
    CLEANUP(db_close) struct store *b = db_open(url);
    struct pair pair = {.halves = {{.look = "SELECT n FROM counter", .act = "UPDATE counter SET n = $1 + 1"},
                                   {.look = "SELECT n FROM counter", .act = "UPDATE counter SET n = $1 + 1"}}};

    db_must(s, "CREATE TABLE counter (n BIGINT)");
    db_must(s, "INSERT INTO counter (n) VALUES (0)");
    run_pair(s, b, &pair);
    CU_ASSERT_EQUAL(db_int(s, "SELECT n FROM counter"), 2);
}

void test_write_skew(void)
{
    FRESH(url, s);
    CLEANUP(db_close) struct store *b = db_open(url);
    /* Each adds what it counts: alone one after the other that gives 0 and 1, side by side 0 and 0. */
    struct pair pair = {.halves = {{.look = "SELECT COUNT(*) FROM quota", .act = "INSERT INTO quota (n) VALUES ($1)"},
                                   {.look = "SELECT COUNT(*) FROM quota", .act = "INSERT INTO quota (n) VALUES ($1)"}}};

    db_must(s, "CREATE TABLE quota (n BIGINT)");
    run_pair(s, b, &pair);
    CU_ASSERT_EQUAL(db_int(s, "SELECT SUM(n) FROM quota"), 1);
}

void test_deadlock(void)
{
    FRESH(url, s);
    CLEANUP(db_close) struct store *b = db_open(url);
    struct pair pair = {
        .halves = {
            {.look = "UPDATE spot SET n = n + 1 WHERE id = 1 RETURNING n", .act = "UPDATE spot SET n = n + 1 WHERE id = 2 AND $1 > 0"},
            {.look = "UPDATE spot SET n = n + 1 WHERE id = 2 RETURNING n", .act = "UPDATE spot SET n = n + 1 WHERE id = 1 AND $1 > 0"}}};

    db_must(s, "CREATE TABLE spot (id BIGINT PRIMARY KEY, n BIGINT)");
    db_must(s, "INSERT INTO spot (id, n) VALUES (1, 0), (2, 0)");
    run_pair(s, b, &pair);
    CU_ASSERT_EQUAL(db_int(s, "SELECT n FROM spot WHERE id = 1"), 2);
    CU_ASSERT_EQUAL(db_int(s, "SELECT n FROM spot WHERE id = 2"), 2);
}

void test_neighbours(void)
{
    FRESH(url, s);
    CLEANUP(db_close) struct store *b = db_open(url);
    pthread_t threads[6];

    db_must(s, "CREATE TABLE counter (n BIGINT)");
    db_must(s, "INSERT INTO counter (n) VALUES (0)");
    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, db_increment_often, i % 2 ? b : s), 0);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(db_int(s, "SELECT n FROM counter"), 240);
}

struct claimer {
    struct store *store;
    int64_t claimed;
    pthread_t thread;
};

static int claim(struct store_tx *tx, void *ctx, struct err *err)
{
    struct claimer *c = ctx;
    char sql[256];
    int64_t changed;

    snprintf(sql, sizeof sql,
             "UPDATE job SET owner = 'me', times = times + 1 WHERE id IN (SELECT id FROM job WHERE owner IS NULL ORDER BY id LIMIT 5%s)",
             store_skip_locked(tx));
    if (store_exec(tx, sql, STORE_NO_ARGS, &changed, err) < 0)
        return -1;
    c->claimed = changed;
    return 0;
}

static void *claim_all(void *ctx)
{
    struct claimer *c = ctx;
    int64_t total = 0;
    struct err err;

    do {
        ASSERT_OK(store_write_wait(c->store, claim, c, &err), err);
        total += c->claimed;
    } while (c->claimed);
    c->claimed = total;
    return NULL;
}

void test_concurrent_claims(void)
{
    FRESH(url, s);
    CLEANUP(db_close) struct store *b = db_open(url);
    struct claimer claimers[4];
    int64_t total = 0;

    db_must(s, "CREATE TABLE job (id BIGINT PRIMARY KEY, owner TEXT, times BIGINT)");
    db_must(s, "INSERT INTO job (id, times) SELECT n, 0 FROM generate_series(1, 300) AS n");
    for (int i = 0; i < 4; i++) {
        claimers[i] = (struct claimer){.store = i % 2 ? b : s};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&claimers[i].thread, NULL, claim_all, &claimers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(claimers[i].thread, NULL);
        total += claimers[i].claimed;
    }
    CU_ASSERT_EQUAL(total, 300);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM job WHERE times = 1"), 300);
}

void test_plan_changed(void)
{
    FRESH(url, s);
    static const char sql[] = "SELECT * FROM shape";

    (void)url;
    db_must(s, "CREATE TABLE shape (a BIGINT)");
    for (int i = 0; i < 12; i++) /* so that every connection of the pool has it prepared */
        db_must(s, sql);
    db_int(s, sql);
    db_must(s, "ALTER TABLE shape ADD COLUMN b BIGINT");
    for (int i = 0; i < 12; i++)
        db_must(s, sql);
}

/* ---- several stores ---- */

static void ring(void *ctx) { sem_post(ctx); }

static int notify_tasks(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    return store_notify(tx, "tasks", err);
}

void test_notify_across(void)
{
    FRESH(url, a);
    CLEANUP(db_close) struct store *b = db_open(url);
    sem_t at_a, at_b;
    int rings;
    struct err err;

    sem_init(&at_a, 0, 0);
    sem_init(&at_b, 0, 0);
    store_listen(a, "tasks", ring, &at_a);
    store_listen(b, "tasks", ring, &at_b);
    ASSERT_OK(store_write_wait(a, notify_tasks, NULL, &err), err);
    sem_wait(&at_a);
    sem_wait(&at_b);
    ASSERT_OK(store_write_wait(b, notify_tasks, NULL, &err), err);
    sem_wait(&at_a);
    sem_wait(&at_b);
    sleep_ms(50);
    sem_getvalue(&at_a, &rings);
    CU_ASSERT_EQUAL(rings, 0); /* its own did not come back by way of the server */
}

struct seals {
    sem_t ran;
    atomic_int runs;
};

static int seal(struct store_tx *tx, void *ctx, struct err *err)
{
    struct seals *seals = ctx;

    if (store_exec(tx, "UPDATE meta SET value = 'sealed' WHERE value = 'x'", STORE_NO_ARGS, NULL, err) < 0)
        return -1;
    atomic_fetch_add(&seals->runs, 1);
    sem_post(&seals->ran);
    return 0;
}

static void wait_sealed(struct store *s, int64_t rows)
{
    while (db_int(s, "SELECT COUNT(*) FROM meta WHERE value = 'sealed'") != rows)
        sleep_ms(2);
}

static void wait_leader(struct store *s)
{
    while (!store_is_leader(s))
        sleep_ms(2);
}

void test_one_leader(void)
{
    FRESH(url, a);
    CLEANUP(db_close) struct store *b = db_open(url);
    struct seals at_a = {0}, at_b = {0};

    sem_init(&at_a.ran, 0, 0);
    sem_init(&at_b.ran, 0, 0);
    CU_ASSERT_FALSE(store_is_leader(a)); /* nobody stands yet */
    store_set_sealer(a, seal, &at_a);
    wait_leader(a);
    store_set_sealer(b, seal, &at_b);
    db_must(a, "INSERT INTO meta (key, value) VALUES ('a', 'x')");
    wait_sealed(b, 1);
    CU_ASSERT_FALSE(store_is_leader(b));
    CU_ASSERT_EQUAL(atomic_load(&at_b.runs), 0);
    db_close(&a);
    wait_leader(b);
    db_must(b, "INSERT INTO meta (key, value) VALUES ('b', 'x')");
    wait_sealed(b, 2);
    CU_ASSERT(atomic_load(&at_b.runs) > 0);
}

void test_seal_across(void)
{
    FRESH(url, a);
    CLEANUP(db_close) struct store *b = db_open(url);
    struct seals seals = {0};
    int runs, rounds = 0;

    sem_init(&seals.ran, 0, 0);
    store_set_sealer(a, seal, &seals);
    wait_leader(a);
    for (int i = 1; i <= 3; i++) {
        char sql[80];

        snprintf(sql, sizeof sql, "INSERT INTO meta (key, value) VALUES ('k%d', 'x')", i);
        db_must(b, sql);
        wait_sealed(b, i);
    }
    do { /* it becomes idle, sooner or later */
        runs = atomic_load(&seals.runs);
        sleep_ms(200);
    } while (atomic_load(&seals.runs) != runs && ++rounds < 300);
    CU_ASSERT(rounds < 300);
}

static void *open_and_close(void *ctx)
{
    struct store *s = NULL;
    struct err err;

    ASSERT_OK(store_open(&(struct store_options){.url = ctx}, &s, &err), err);
    store_close(s);
    return NULL;
}

void test_migrate_together(void)
{
    const char *url = db_url();
    pthread_t threads[5];
    CLEANUP(db_close) struct store *s = NULL;

    if (!url)
        return;
    for (int i = 0; i < 5; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, open_and_close, (void *)(uintptr_t)url), 0);
    for (int i = 0; i < 5; i++)
        pthread_join(threads[i], NULL);
    s = db_open(url);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM schema_migrations WHERE version = 1"), 1);
}

/* ---- a server that goes away ---- */

void test_server_restart(void)
{
    FRESH(url, a);
    CLEANUP(db_close) struct store *b = db_open(url);
    struct seals seals = {0};
    sem_t at_b;
    struct err err;

    sem_init(&seals.ran, 0, 0);
    sem_init(&at_b, 0, 0);
    store_set_sealer(a, seal, &seals);
    store_listen(b, "tasks", ring, &at_b);
    wait_leader(a);
    for (int i = 0; i < 8; i++)
        db_must(a, "UPDATE meta SET value = 'x'");
    ASSERT_OK(pg_cluster_halt(db_cluster(), &err), err);
    ASSERT_OK(pg_cluster_resume(db_cluster(), &err), err);
    CU_ASSERT_EQUAL(db_int(a, "SELECT COUNT(*) FROM meta"), 0);
    db_must(a, "INSERT INTO meta (key, value) VALUES ('a', 'x')");
    wait_sealed(a, 1);
    sem_wait(&at_b); /* reconnected: whatever it missed */
    while (sem_trywait(&at_b) == 0)
        ;
    ASSERT_OK(store_write_wait(a, notify_tasks, NULL, &err), err);
    sem_wait(&at_b);
}

struct waiting {
    struct store *store;
    struct err err;
    int result;
    atomic_bool finished;
};

static void *write_waiting(void *ctx)
{
    struct waiting *w = ctx;

    w->result = db_run(w->store, "INSERT INTO meta (key, value) VALUES ('waited', 'x')", &w->err);
    atomic_store(&w->finished, true);
    return NULL;
}

static int count_meta(struct store_tx *tx, void *ctx, struct err *err)
{
    return store_query_int(tx, "SELECT COUNT(*) FROM meta", STORE_NO_ARGS, -1, ctx, err);
}

void test_server_away(void)
{
    FRESH(url, s);
    struct waiting w = {.store = s};
    pthread_t thread;
    int64_t count;
    struct err err;

    ASSERT_OK(pg_cluster_halt(db_cluster(), &err), err);
    ASSERT_FAILS(store_read(s, count_meta, &count, &err), err, ERR_STORE);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, write_waiting, &w), 0);
    sleep_ms(200);
    CU_ASSERT_FALSE(atomic_load(&w.finished));
    ASSERT_OK(pg_cluster_resume(db_cluster(), &err), err);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(w.result, 0);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 1);
    /* Closing gives up at once what waits for a server. */
    w = (struct waiting){.store = s};
    ASSERT_OK(pg_cluster_halt(db_cluster(), &err), err);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, write_waiting, &w), 0);
    sleep_ms(100);
    db_close(&s);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(w.result, -1);
    ASSERT_FAILS(store_open(&(struct store_options){.url = url}, &s, &err), err, ERR_STORE);
    ASSERT_CONTAINS(err.msg, "cannot be reached");
    ASSERT_OK(pg_cluster_resume(db_cluster(), &err), err);
}

void test_wrong_password(void)
{
    static const char *const urls[] = {"postgres://me:hunter2@127.0.0.1:1/db", "postgres://me:hunter2@host:port/db",
                                       "postgres://me:hunter2@h/db?hunter2=1"};

    if (!db_cluster())
        return;
    for (size_t i = 0; i < 3; i++) {
        struct store *s = NULL;
        struct err err;

        ASSERT_FAILS(store_open(&(struct store_options){.url = urls[i]}, &s, &err), err, ERR_STORE);
        CU_ASSERT_PTR_NULL(strstr(err.msg, "hunter2"));
    }
}
