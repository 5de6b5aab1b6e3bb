/* How fast the engine is, without HTTP: steps that do nothing, deployments of the example accepted from many clients, deployments from
 * accepted to active with a provisioner that answers at once, and many deployments one after the other. Each beside commits of one row in
 * the same run. Run by hand on a release build: engine_bench [-s SECONDS] [-u URL] [-n DEPLOYMENTS] [steps|prepare|accept|active|flat]...
 */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine_world.h"
#include "workflow/deploy.h"
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS      64
#define STEPS        50  /* in each of two workflows */
#define CONCURRENT   64  /* maxConcurrentWorkflows, as shipped */
#define IN_FLIGHT    128 /* deployments accepted and not yet active, where the rate is to be sustained */
#define MOST_SAMPLES 1000000

struct options {
    const char *url;
    int64_t seconds, deployments;
};

struct bench {
    struct world world;
    const char *score, *name; /* the text, and the name in it that every deployment replaces */
    int64_t until_us;
    atomic_llong next, allowed, accepted, failed; /* allowed: no deployment above this number is begun */
    _Atomic int32_t *took;                        /* us, of each accepted deployment */
    atomic_llong cpu_ns;                          /* of the clients' threads */
};

/* ---- accepting ---- */

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool done;
    struct err err;
};

static void accepted(void *ctx, const json_t *answer, const struct err *err)
{
    struct waiting *w = ctx;

    (void)answer;
    pthread_mutex_lock(&w->lock);
    w->err = *err;
    w->done = true;
    pthread_cond_signal(&w->told);
    pthread_mutex_unlock(&w->lock);
}

static int await(struct waiting *w, struct err *err)
{
    pthread_mutex_lock(&w->lock);
    while (!w->done)
        pthread_cond_wait(&w->told, &w->lock);
    pthread_mutex_unlock(&w->lock);
    *err = w->err;
    return err->code == ERR_NONE ? 0 : -1;
}

/* As the API does it, but for the HTTP. The draft, planned and judged; NULL when it may not be. */
static struct deployment_draft *make_draft(struct bench *b, int64_t number, struct err *err)
{
    const char *at = strstr(b->score, b->name);
    CLEANUP(free_ptr)
    char *score = mem_printf("%.*s%s-%lld%s", (int)(at - b->score), b->score, b->name, (long long)number, at + strlen(b->name));
    struct deployment_draft *draft = deployment_draft_new("score.yaml");
    struct deploy_request request = {.who = &b->world.user, .team = "shop", .source = score, .source_len = strlen(score)};

    if (deploy_prepare(b->world.engine, &request, draft, err) == 0 && !draft->decision.denied)
        return draft;
    if (draft->decision.denied)
        policy_decision_to_err(&draft->decision, err);
    deployment_draft_free(draft);
    return NULL;
}

static int deploy(struct bench *b, int64_t number, struct err *err)
{
    struct waiting w = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};
    struct deployment_draft *draft = make_draft(b, number, err);

    if (!draft)
        return -1;
    deploy_accept(b->world.engine, draft, NULL, accepted, &w);
    return await(&w, err);
}

static void *client_main(void *ctx)
{
    struct bench *b = ctx;
    struct timespec cpu;
    struct err err = {0};

    while (clock_mono_us() < b->until_us) {
        int64_t start = clock_mono_us();
        long long number = atomic_load(&b->next);

        if (number >= atomic_load(&b->allowed)) {
            usleep(1000);
            continue;
        }
        if (!atomic_compare_exchange_strong(&b->next, &number, number + 1))
            continue;
        if (deploy(b, number, &err) == 0) {
            int64_t at = atomic_fetch_add(&b->accepted, 1);

            if (at < MOST_SAMPLES)
                b->took[at] = (int32_t)(clock_mono_us() - start);
        } else if (atomic_fetch_add(&b->failed, 1) == 0) {
            fprintf(stderr, "engine_bench: %s\n", err.msg);
        }
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    atomic_fetch_add(&b->cpu_ns, (long long)cpu.tv_sec * 1000000000 + cpu.tv_nsec);
    return NULL;
}

/* Starts the clients; `limit` deployments may be begun at first. */
static void start_clients(struct bench *b, pthread_t *threads, int clients, int64_t seconds, int64_t limit)
{
    b->until_us = clock_mono_us() + seconds * US_PER_SEC;
    atomic_store(&b->next, 0);
    atomic_store(&b->allowed, limit);
    for (int i = 0; i < clients; i++)
        if (pthread_create(&threads[i], NULL, client_main, b) != 0)
            abort();
}

/* ---- looking ---- */

struct count {
    const char *sql;
    int64_t value;
};

static int count_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct count *count = ctx;

    return store_query_int(tx, count->sql, STORE_NO_ARGS, 0, &count->value, err);
}

static int64_t ask(struct bench *b, const char *sql)
{
    struct count count = {sql, 0};
    struct err err = {0};

    if (store_read(b->world.store, count_unit, &count, &err) < 0) {
        fprintf(stderr, "engine_bench: %s\n", err.msg);
        exit(1);
    }
    return count.value;
}

static int64_t unfinished(struct bench *b) { return ask(b, "SELECT count(*) FROM deployments WHERE finished_at IS NULL"); }

static void wait_until_finished(struct bench *b)
{
    while (unfinished(b) > 0)
        usleep(5000);
}

static double cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static long resident_kb(void)
{
    long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    if (file && fscanf(file, "%ld %ld", &size, &resident) != 2)
        resident = 0;
    if (file)
        fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static int by_value(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

static double percentile(struct bench *b, int64_t count, int percent)
{
    qsort((void *)b->took, (size_t)count, sizeof *b->took, by_value);
    return count ? b->took[count * percent / 100] / 1000.0 : 0;
}

/* ---- the baseline ---- */

static int one_row(struct store_tx *tx, void *ctx, struct err *err)
{
    int64_t *id = ctx;

    return store_exec(tx, "INSERT INTO bench_rows (id, text) VALUES ($1, $2)",
                      STORE_ARGS(store_int(++*id), store_text("a row of some forty characters in all")), NULL, err);
}

static int make_table(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    return store_exec(tx, "CREATE TABLE IF NOT EXISTS bench_rows (id BIGINT PRIMARY KEY, text TEXT NOT NULL)", STORE_NO_ARGS, NULL, err) < 0
               ? -1
               : store_exec(tx, "DELETE FROM bench_rows", STORE_NO_ARGS, NULL, err);
}

/* Commits of one row a second, one client that waits for each. */
static double baseline(struct bench *b)
{
    int64_t start, count = 0, id = 0;
    struct err err = {0};

    if (store_write_wait(b->world.store, make_table, NULL, &err) < 0)
        exit(1);
    for (start = clock_mono_us(); clock_mono_us() - start < US_PER_SEC; count++)
        if (store_write_wait(b->world.store, one_row, &id, &err) < 0)
            exit(1);
    return (double)count * 1e6 / (double)(clock_mono_us() - start);
}

/* ---- the measurements ---- */

static void begin(struct bench *b, const struct options *options, int concurrent, bool example)
{
    *b = (struct bench){.name = example ? "name: shop" : "name: bench"};
    b->took = mem_array(MOST_SAMPLES, sizeof *b->took);
    world_start(&b->world, options->url, STEPS, concurrent);
    b->score = example ? world_example(&b->world)
                       : "apiVersion: score.dev/v1b1\nmetadata: {name: bench, product: steps}\ncontainers: {web: {image: 'web:1.0'}}\n";
}

static void end(struct bench *b)
{
    if (b->failed)
        printf("  FAILED: %lld\n", (long long)b->failed);
    world_stop(&b->world);
    free((void *)b->took);
    fflush(stdout);
}

static void report(const char *what, double rate, double baseline_rate, double cpu, double clients_cpu)
{
    printf("  %-34s %9.0f /s  %7.2f x single-row commits (%.0f /s)   CPU %.1f us each", what, rate, rate / baseline_rate, baseline_rate,
           cpu);
    if (clients_cpu > 0)
        printf(", %.1f of it in the clients", clients_cpu);
    printf("\n");
}

static void join(pthread_t *threads, int clients)
{
    for (int i = 0; i < clients; i++)
        pthread_join(threads[i], NULL);
}

/* Deployments of a hundred steps that do nothing, and four that do a little. */
static void measure_steps(const struct options *options)
{
    pthread_t threads[8];
    struct bench b;
    double base, cpu, steps;
    int64_t start, wanted = options->deployments ? options->deployments : options->seconds * 50;

    begin(&b, options, 1000000, false);
    base = baseline(&b);
    cpu = cpu_us();
    start = clock_mono_us();
    start_clients(&b, threads, 8, 3600, wanted);
    while (b.accepted + b.failed < wanted)
        usleep(1000);
    b.until_us = 0;
    wait_until_finished(&b);
    steps = (double)ask(&b, "SELECT count(*) FROM steps WHERE state = 'completed'");
    report("steps that do nothing", steps * 1e6 / (double)(clock_mono_us() - start), base, (cpu_us() - cpu) / steps, 0);
    join(threads, 8);
    end(&b);
}

/* Planning and asking the policies, nothing stored, one thread: what one costs, told apart from what the machine does beside it. */
static void measure_prepare(const struct options *options)
{
    int64_t wanted = options->deployments ? options->deployments : options->seconds * 200;
    struct err err = {0};
    struct bench b;
    double cpu, base;

    begin(&b, options, CONCURRENT, true);
    base = baseline(&b);
    cpu = cpu_us();
    for (int64_t i = 0; i < wanted; i++) {
        struct deployment_draft *draft = make_draft(&b, i, &err);

        if (!draft) {
            fprintf(stderr, "engine_bench: %s\n", err.msg);
            exit(1);
        }
        deployment_draft_free(draft);
    }
    cpu = (cpu_us() - cpu) / (double)wanted;
    report("planned and judged, 1 thread of CPU", 1e6 / cpu, base, cpu, 0);
    end(&b);
}

static void measure_accept(const struct options *options)
{
    pthread_t threads[CLIENTS];
    struct bench b;
    double base, cpu, rate, count;
    int64_t start;

    begin(&b, options, CONCURRENT, true);
    base = baseline(&b);
    cpu = cpu_us();
    start = clock_mono_us();
    start_clients(&b, threads, CLIENTS, options->seconds, INT64_MAX);
    join(threads, CLIENTS);
    count = (double)b.accepted;
    rate = count * 1e6 / (double)(clock_mono_us() - start);
    report("accepted, 64 clients", rate, base, (cpu_us() - cpu) / count, (double)b.cpu_ns / 1000 / count);
    printf("  %-34s p50 %.1f ms  p99 %.1f ms; of %.0f, %lld had ended meanwhile\n", "", percentile(&b, b.accepted, 50),
           percentile(&b, b.accepted, 99), count, (long long)b.accepted - (long long)unfinished(&b));
    end(&b);
}

/* Keeps `in_flight` deployments between accepted and active until `wanted` were accepted or the time is over. */
static void feed(struct bench *b, int64_t in_flight, int64_t wanted)
{
    while (clock_mono_us() < b->until_us && b->accepted + b->failed < wanted) {
        int64_t most = atomic_load(&b->next) - unfinished(b) + in_flight;

        atomic_store(&b->allowed, most < wanted ? most : wanted);
        usleep(2000);
    }
    b->until_us = 0;
}

static void measure_active(const struct options *options)
{
    pthread_t threads[8];
    struct bench b;
    double base, cpu, count;
    int64_t start, took;

    begin(&b, options, CONCURRENT, true);
    base = baseline(&b);
    cpu = cpu_us();
    start = clock_mono_us();
    start_clients(&b, threads, 8, options->seconds, 0);
    feed(&b, IN_FLIGHT, INT64_MAX);
    count = (double)ask(&b, "SELECT count(*) FROM deployments WHERE state = 'completed'");
    took = clock_mono_us() - start;
    cpu = cpu_us() - cpu;
    join(threads, 8);
    wait_until_finished(&b);
    report("accepted to active, sustained", count * 1e6 / (double)took, base, cpu / count, 0);
    printf("  %-34s p50 %.0f ms, at most %.0f ms from accepted to active\n", "",
           (double)ask(
               &b, "SELECT finished_at - created_at FROM deployments ORDER BY 1 LIMIT 1 OFFSET (SELECT count(*) / 2 FROM deployments)") /
               1000,
           (double)ask(&b, "SELECT max(finished_at - created_at) FROM deployments") / 1000);
    end(&b);
}

/* Many deployments, a few at a time: what one costs must not grow with those that were. */
static void measure_flat(const struct options *options)
{
    int64_t wanted = options->deployments ? options->deployments : 10000, parts = 5;
    pthread_t threads[2];
    struct bench b;

    begin(&b, options, CONCURRENT, true);
    printf("  %lld deployments, four at a time\n", (long long)wanted);
    start_clients(&b, threads, 2, 36000, 0);
    for (int64_t part = 1; part <= parts; part++) {
        double cpu = cpu_us();
        int64_t start = clock_mono_us(), until = b.until_us;
        double count = (double)wanted / (double)parts;

        feed(&b, 4, wanted * part / parts);
        wait_until_finished(&b);
        b.until_us = until;
        printf("  %9lld deployments %20.0f /s   CPU %.0f us each   %ld KiB resident\n", (long long)b.accepted,
               count * 1e6 / (double)(clock_mono_us() - start), (cpu_us() - cpu) / count, resident_kb());
        fflush(stdout);
        if (part < parts) { /* the clients have ended with the part */
            join(threads, 2);
            b.until_us = INT64_MAX;
            for (int i = 0; i < 2; i++)
                if (pthread_create(&threads[i], NULL, client_main, &b) != 0)
                    abort();
        }
    }
    join(threads, 2);
    end(&b);
}

static const struct {
    const char *name;
    void (*measure)(const struct options *options);
} measurements[] = {
    {"steps", measure_steps}, {"prepare", measure_prepare}, {"accept", measure_accept}, {"active", measure_active}, {"flat", measure_flat}};
#define MEASUREMENTS (sizeof measurements / sizeof *measurements)

int main(int argc, char **argv)
{
    struct options options = {.seconds = 10};
    int option;

    while ((option = getopt(argc, argv, "s:u:n:")) != -1)
        if ((option == 's' && (!str_to_int(optarg, &options.seconds) || options.seconds < 1)) ||
            (option == 'n' && (!str_to_int(optarg, &options.deployments) || options.deployments < 5)) || option == '?') {
            fprintf(stderr, "usage: engine_bench [-s SECONDS] [-u URL] [-n DEPLOYMENTS] [steps|prepare|accept|active|flat]...\n");
            return 2;
        } else if (option == 'u') {
            options.url = optarg;
        }
    for (size_t i = 0; i < MEASUREMENTS; i++) {
        bool wanted = optind == argc && i < 4; /* flat takes its time */

        for (int arg = optind; arg < argc; arg++)
            wanted |= strcmp(argv[arg], measurements[i].name) == 0;
        if (wanted) {
            printf("%s\n", measurements[i].name);
            measurements[i].measure(&options);
        }
    }
    return 0;
}
