/* Owns how accepted units become commits: many to a transaction, each succeeding or failing alone. Called by the writer's thread.
 *
 * A process has one writing connection on PostgreSQL as well. Units run SERIALIZABLE there (pg_driver.c says why), and side by side they
 * nearly always collide: ids are made in order, so everybody's new rows and everybody's lookups are on the last page of the same indexes,
 * and that page is what PostgreSQL compares. Measured with bench/store_bench, nine statements a unit, 64 clients: 8 connections 950 units a
 * second, 4: 2,300, 2: 4,600, one with many units to a commit: 8,700. Between processes a conflict is answered by fewer units to a
 * transaction until they get through. */
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "store/store_priv.h"
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#define BATCH_US                                                                                                                           \
    (20 * US_PER_MS) /* a transaction takes no further units after that: nobody waits long for others, no lock is held long                \
                      */

enum outcome {
    COMMITTED,    /* all that ran, but for those that failed without having changed anything */
    FIRST_FAILED, /* the first one failed alone; rolled back */
    LATER_FAILED, /* another one failed; rolled back: those before it are committed first, then it is the first */
    NO_BEGIN,
    NO_COMMIT,
};

/* ---- one job ---- */

static void job_fail(struct job *job, const struct err *err)
{
    if (!job->failure)
        job->failure = mem_alloc(sizeof *job->failure);
    *job->failure = *err;
    job->channels = 0;
    job->counts.count = 0;
}

static int job_run(struct writer *w, struct job *job, struct err *err)
{
    struct store_tx tx = {.store = w->store, .conn = w->conn};

    free(job->failure);
    job->failure = NULL;
    if (tx_run(&tx, job->unit, job->ctx, err) < 0)
        return -1;
    job->channels = tx.channels;
    job->counts = tx.counts;
    return 0;
}

static void count_job(const struct job *job)
{
    char code[16];

    for (size_t i = 0; i < job->counts.count; i++)
        metric_add(job->counts.of[i].series, job->counts.of[i].times);
    if (job->failure && err_orc(job->failure->code) / 1000 == 5)
        metric_count(METRIC_STORE_ERRORS, err_name(job->failure->code, code), NULL, NULL);
}

/* Answers `count` jobs, whose outcome is final, and frees them. */
static void jobs_finish(struct writer *w, struct job **jobs, size_t count, bool wrote)
{
    static const struct err none = {0};
    unsigned channels = 0;

    if (wrote) {
        (void)failpoint("store.after_commit"); /* for kill and sleep: durable, and nobody knows yet */
        pthread_mutex_lock(&w->store->mutex);
        seal_request(w->store);
        pthread_mutex_unlock(&w->store->mutex);
    }
    for (size_t i = 0; i < count; i++) {
        channels |= jobs[i]->channels;
        count_job(jobs[i]);
        jobs[i]->done(jobs[i]->ctx, jobs[i]->failure ? jobs[i]->failure : &none);
        free(jobs[i]->failure);
        free(jobs[i]);
    }
    metric_add(metric_of(METRIC_STORE_QUEUE, NULL, NULL, NULL), -(int64_t)count);
    if (channels)
        notify_committed(w->store, channels);
}

static void jobs_fail(struct writer *w, struct job **jobs, size_t count, const struct err *err)
{
    for (size_t i = 0; i < count; i++)
        job_fail(jobs[i], err);
    jobs_finish(w, jobs, count, false);
}

/* ---- again, after a while ---- */

/* Sleeps a random part of `base` doubled for each attempt, `most` at most (full jitter, so that those who collided part). */
static void back_off(unsigned attempts, int64_t base_us, int64_t most_us)
{
    int64_t range = attempts < 16 ? base_us << attempts : most_us;
    uint32_t random = 0;
    int64_t us;

    range = range < most_us ? range : most_us;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
        random = UINT32_MAX / 2;
    us = (int64_t)(random % (uint64_t)range);
    nanosleep(&(struct timespec){.tv_sec = us / US_PER_SEC, .tv_nsec = us % US_PER_SEC * 1000}, NULL);
}

static bool is_closing(struct store *s)
{
    bool closing;

    pthread_mutex_lock(&s->mutex);
    closing = s->closing;
    pthread_mutex_unlock(&s->mutex);
    return closing;
}

/* After a lost connection: whether the jobs may run again on a new one, which they may not when the commit was on its way. */
static bool again_connected(struct writer *w, struct job *first, enum outcome outcome, struct err *err)
{
    if (w->conn)
        w->conn->driver->close(w->conn);
    w->conn = NULL;
    w->epoch++;
    w->counter = 0;
    if (outcome == NO_COMMIT) {
        err_set(err, ERR_STORE, "the connection was lost during the commit; look whether it was done before trying again");
        return false;
    }
    if (is_closing(w->store) || clock_mono_us() > first->deadline_us)
        return false;
    back_off(first->attempts++, 50 * US_PER_MS, 2 * US_PER_SEC);
    return true;
}

/* After a conflict with another process: fewer to a transaction, so that they fit through beside the other's; alone in the end. */
static bool again_smaller(struct writer *w, struct job *first, size_t taken)
{
    w->limit = taken > 1 ? taken / 2 : 1;
    if ((taken == 1 && first->attempts >= LIMIT_STORE_ATTEMPTS) || clock_mono_us() > first->deadline_us)
        return false;
    back_off(first->attempts++, 500, 50 * US_PER_MS);
    return true;
}

/* ---- many jobs in one transaction ---- */

static int begin(struct writer *w, struct err *err)
{
    const struct driver *driver = w->store->driver;

    if (!w->conn && driver->open(&w->store->config, DRIVER_WRITER, &w->conn, err) < 0)
        return -1;
    return driver->begin(w->conn, false, err);
}

static void roll_back(struct writer *w)
{
    w->epoch++;
    w->counter = 0;
    w->conn->driver->rollback(w->conn);
}

static int commit(struct writer *w, struct err *err)
{
    if (failpoint("store.commit"))
        return err_set(err, ERR_STORE, "COMMIT: failed by a failpoint");
    return tx_inject(w->store, err) < 0 ? -1 : w->conn->driver->commit(w->conn, err);
}

static int commit_counted(struct writer *w, size_t units, struct err *err)
{
    int64_t begun = clock_mono_us();

    if (commit(w, err) < 0)
        return -1;
    metric_observe(metric_of(METRIC_STORE_COMMIT, NULL, NULL, NULL), clock_mono_us() - begun);
    metric_observe(metric_of(METRIC_STORE_BATCH, NULL, NULL, NULL), (int64_t)units);
    metric_count(METRIC_STORE_COMMITS, NULL, NULL, NULL);
    return 0;
}

/* Runs up to `count` jobs; *out_ran: how many went into the commit, or those before the failed one. */
static enum outcome run_transaction(struct writer *w, struct job **jobs, size_t count, size_t *out_ran, bool *out_wrote, struct err *err)
{
    const struct driver *driver = w->store->driver;
    int64_t until = clock_mono_us() + BATCH_US, at_begin;
    size_t ran = 0;

    *out_ran = 0;
    if (begin(w, err) < 0)
        return NO_BEGIN;
    at_begin = driver->changes(w->conn);
    do {
        int64_t before = driver->changes(w->conn);

        if (job_run(w, jobs[ran], err) == 0)
            continue;
        *out_ran = ran;
        /* It looked and found that it must not: nothing to undo, so those before it need not run again. Its answer waits for their commit.
         */
        if (ran > 0 && driver->changes(w->conn) == before && driver->usable(w->conn) && err->code != ERR_STORE_RETRY) {
            job_fail(jobs[ran], err);
            continue;
        }
        roll_back(w);
        return ran > 0 ? LATER_FAILED : FIRST_FAILED;
    } while (++ran < count && clock_mono_us() < until);
    *out_ran = ran;
    *out_wrote = driver->changes(w->conn) != at_begin;
    if (commit_counted(w, ran, err) == 0)
        return COMMITTED;
    roll_back(w);
    return NO_COMMIT;
}

/* The part of a batch that is not answered yet. */
struct rest {
    struct job **jobs;
    size_t count;
    size_t end;   /* run no more than so many together: one that failed comes next */
    size_t alone; /* run so many one by one: they could not be committed together */
};

static void rest_answer(struct writer *w, struct rest *rest, size_t count, const struct err *failure, bool wrote)
{
    if (failure)
        jobs_fail(w, rest->jobs, count, failure);
    else
        jobs_finish(w, rest->jobs, count, wrote);
    rest->jobs += count;
    rest->count -= count;
    rest->end = rest->count;
    rest->alone -= rest->alone < count ? rest->alone : count;
}

/* After a failed transaction: whether to try again, differently; if not, answers those that have failed for good. */
static void rest_failed(struct writer *w, struct rest *rest, enum outcome outcome, size_t taken, size_t ran, struct err *err)
{
    bool lost = !w->conn || !w->conn->driver->alive(w->conn);
    size_t failed = outcome == NO_BEGIN ? rest->count : outcome == NO_COMMIT ? ran : 1; /* without a transaction, none of them can run */

    if (lost && again_connected(w, rest->jobs[0], outcome, err))
        return;
    if (!lost && err->code == ERR_STORE_RETRY && again_smaller(w, rest->jobs[0], taken))
        return;
    if (!lost && outcome == LATER_FAILED)
        rest->end = ran;
    else if (!lost && outcome == NO_COMMIT && ran > 1)
        rest->alone = ran;
    else
        rest_answer(w, rest, failed, err, false);
}

/* A failing unit costs a rollback and a second run of those before it: they are committed, then it runs as the first of a transaction,
 * where its failure is its own. When a commit fails, each of its units runs alone. */
void batch_run(struct writer *w, struct job **jobs, size_t count)
{
    struct rest rest = {.jobs = jobs, .count = count, .end = count};

    while (rest.count) {
        struct err err = {0};
        size_t take = rest.alone ? 1 : rest.end < w->limit ? rest.end : w->limit, ran;
        bool wrote = false;
        enum outcome outcome = run_transaction(w, rest.jobs, take, &ran, &wrote, &err);

        if (outcome == COMMITTED) {
            w->limit = w->limit < LIMIT_STORE_BATCH / 2 ? w->limit * 2 : LIMIT_STORE_BATCH;
            rest_answer(w, &rest, ran, NULL, wrote);
        } else {
            rest_failed(w, &rest, outcome, take, ran, &err);
        }
    }
}
