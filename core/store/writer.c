/* Owns the queue of accepted units and the threads that run them: one on SQLite, many units to a commit; a pool on PostgreSQL, one unit to
 * a commit. store_write is called from any thread; units and `done` run on the threads of this file, never under a lock. */
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/mem.h"
#include "store/store_priv.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

enum outcome {
    COMMITTED,    /* all of them, but for those that failed without having changed anything */
    FIRST_FAILED, /* the first one failed alone; rolled back */
    REPLAY,       /* a later one failed; rolled back: commit those before it first, then it is the first */
    NO_BEGIN,
    NO_COMMIT,
};

void store_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

int store_cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t mono_us)
{
    struct timespec until = {.tv_sec = mono_us / US_PER_SEC, .tv_nsec = mono_us % US_PER_SEC * 1000};

    return pthread_cond_timedwait(cond, mutex, &until);
}

/* ---- one job ---- */

static void job_fail(struct job *job, const struct err *err)
{
    if (!job->failure)
        job->failure = mem_alloc(sizeof *job->failure);
    *job->failure = *err;
    job->channels = 0;
}

static int job_run(struct worker *w, struct job *job, struct err *err)
{
    struct store_tx tx = {.store = w->store, .conn = w->conn};

    free(job->failure);
    job->failure = NULL;
    if (tx_run(&tx, job->unit, job->ctx, err) < 0)
        return -1;
    job->channels = tx.channels;
    return 0;
}

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

/* Whether the job runs again after `err`; if so, waits for a better moment. Also lets go of a lost connection. */
static bool job_again(struct worker *w, struct job *job, enum outcome outcome, struct err *err)
{
    bool lost = !w->conn;

    if (w->conn && !w->conn->driver->alive(w->conn)) {
        w->conn->driver->close(w->conn);
        w->conn = NULL;
        if (outcome == NO_COMMIT) {
            err_set(err, ERR_STORE, "the connection was lost during the commit; look whether it was done before trying again");
            return false;
        }
        lost = true;
    }
    if ((!lost && err->code != ERR_STORE_RETRY) || clock_mono_us() > job->deadline_us)
        return false;
    if (lost ? is_closing(w->store) : job->attempts >= LIMIT_STORE_ATTEMPTS)
        return false;
    back_off(job->attempts++, lost ? 50 * US_PER_MS : 500, lost ? 2 * US_PER_SEC : 50 * US_PER_MS);
    return true;
}

/* ---- many jobs in one transaction ---- */

static int worker_begin(struct worker *w, struct err *err)
{
    const struct driver *driver = w->store->driver;

    if (!w->conn && driver->open(&w->store->config, DRIVER_WRITER, &w->conn, err) < 0)
        return -1;
    return driver->begin(w->conn, false, err);
}

static int worker_commit(struct worker *w, struct err *err)
{
    if (failpoint("store.commit"))
        return err_set(err, ERR_STORE, "COMMIT: failed by a failpoint");
    return tx_inject(w->store, err) < 0 ? -1 : w->conn->driver->commit(w->conn, err);
}

static enum outcome run_transaction(struct worker *w, struct job **jobs, size_t count, size_t *out_stop, bool *out_wrote, struct err *err)
{
    const struct driver *driver = w->store->driver;
    int64_t at_begin;

    if (worker_begin(w, err) < 0)
        return NO_BEGIN;
    at_begin = driver->changes(w->conn);
    for (size_t i = 0; i < count; i++) {
        int64_t before = driver->changes(w->conn);

        if (job_run(w, jobs[i], err) == 0)
            continue;
        /* It looked and found that it must not: nothing to undo, so those before it need not run again. Its answer waits for their commit.
         */
        if (i > 0 && driver->changes(w->conn) == before && driver->usable(w->conn) && err->code != ERR_STORE_RETRY) {
            job_fail(jobs[i], err);
            continue;
        }
        driver->rollback(w->conn);
        *out_stop = i;
        return i > 0 ? REPLAY : FIRST_FAILED;
    }
    if (worker_commit(w, err) < 0) {
        driver->rollback(w->conn);
        return NO_COMMIT;
    }
    *out_wrote = driver->changes(w->conn) != at_begin;
    return COMMITTED;
}

/* Answers `count` jobs, whose outcome is final, and frees them. */
static void jobs_finish(struct worker *w, struct job **jobs, size_t count, bool wrote)
{
    static const struct err none = {0};
    unsigned channels = 0;

    (void)failpoint("store.after_commit"); /* for kill and sleep: durable, and nobody knows yet */
    if (wrote) {
        pthread_mutex_lock(&w->store->mutex);
        seal_request(w->store);
        pthread_mutex_unlock(&w->store->mutex);
    }
    for (size_t i = 0; i < count; i++) {
        channels |= jobs[i]->channels;
        jobs[i]->done(jobs[i]->ctx, jobs[i]->failure ? jobs[i]->failure : &none);
        free(jobs[i]->failure);
        free(jobs[i]);
    }
    if (channels)
        notify_committed(w->store, channels);
}

static void jobs_fail(struct worker *w, struct job **jobs, size_t count, const struct err *err)
{
    for (size_t i = 0; i < count; i++)
        job_fail(jobs[i], err);
    jobs_finish(w, jobs, count, false);
}

/* Runs all jobs, as many to a commit as succeed together. A failing one costs a rollback and a second run of those before it: they are
 * committed, then it runs as the first of a transaction, where its failure is its own. When a commit fails, each of its jobs runs alone. */
static void batch_run(struct worker *w, struct job **jobs, size_t count)
{
    size_t start = 0, end = count, alone = 0;

    while (start < count) {
        struct err err = {0};
        size_t take = start < alone ? 1 : end - start, stop = 0, finished = 1;
        bool wrote = false;
        enum outcome outcome = run_transaction(w, jobs + start, take, &stop, &wrote, &err);

        if (outcome == REPLAY) {
            end = start + stop;
            continue;
        }
        if (outcome == NO_COMMIT && take > 1 && w->conn->driver->alive(w->conn)) {
            alone = start + take;
            continue;
        }
        if (outcome == COMMITTED) {
            finished = take;
            jobs_finish(w, jobs + start, finished, wrote);
        } else {
            if (job_again(w, jobs[start], outcome, &err))
                continue;
            /* Without a transaction, none of them can run. */
            finished = outcome == NO_BEGIN ? count - start : outcome == NO_COMMIT ? take : 1;
            jobs_fail(w, jobs + start, finished, &err);
        }
        start += finished;
        end = count;
    }
}

/* ---- threads ---- */

static size_t queue_take(struct store *s, struct job **jobs, size_t max)
{
    size_t count = 0;

    while (s->head && count < max) {
        jobs[count++] = s->head;
        s->head = s->head->next;
    }
    if (!s->head)
        s->tail = &s->head;
    return count;
}

/* Waits for work: jobs (returns how many), the sealer (*out_seal), or the end (neither). Sleeps without a timeout unless a seal is pending.
 */
static size_t wait_for_work(struct store *s, bool seals, struct job **jobs, size_t max, bool *out_seal)
{
    size_t count = 0;

    *out_seal = false;
    pthread_mutex_lock(&s->mutex);
    for (;;) {
        count = queue_take(s, jobs, max);
        *out_seal = seals && seal_is_due(s, clock_mono_us());
        if (count || *out_seal || s->closing)
            break;
        if (seals && s->sealer.unit && s->sealer.pending)
            store_cond_wait_until(&s->work, &s->mutex, s->sealer.due_us);
        else
            pthread_cond_wait(&s->work, &s->mutex);
    }
    pthread_mutex_unlock(&s->mutex);
    return count;
}

static void *worker_main(void *ctx)
{
    struct worker *w = ctx;
    bool one = w->store->driver->capabilities & DRIVER_ONE_WRITER, seal;
    struct job *jobs[LIMIT_STORE_BATCH];
    size_t count;

    while ((count = wait_for_work(w->store, one, jobs, one ? LIMIT_STORE_BATCH : 1, &seal)) || seal) {
        batch_run(w, jobs, count);
        if (seal)
            seal_run(w->store, w->conn);
    }
    return NULL;
}

int writer_start(struct store *s, struct driver_conn *first, size_t count, struct err *err)
{
    s->workers = mem_array(count, sizeof *s->workers);
    s->worker_count = count;
    s->workers[0].conn = first;
    for (size_t i = 0; i < count; i++) {
        s->workers[i].store = s;
        errno = pthread_create(&s->workers[i].thread, NULL, worker_main, &s->workers[i]);
        if (errno)
            return err_set_sys(err, ERR_STORE, "cannot start the store's threads");
        s->workers[i].started = true;
    }
    return 0;
}

void writer_stop(struct store *s)
{
    pthread_mutex_lock(&s->mutex);
    s->closing = true;
    pthread_cond_broadcast(&s->work);
    pthread_mutex_unlock(&s->mutex);
    for (size_t i = 0; i < s->worker_count; i++)
        if (s->workers[i].started)
            pthread_join(s->workers[i].thread, NULL);
}

void store_write(struct store *s, store_unit unit, void *ctx, store_done done)
{
    struct job *job = mem_zalloc(sizeof *job);
    bool closing;

    *job = (struct job){.unit = unit, .ctx = ctx, .done = done, .deadline_us = clock_mono_us() + STORE_RETRY_MS * US_PER_MS};
    pthread_mutex_lock(&s->mutex);
    closing = s->closing;
    if (!closing) {
        *s->tail = job;
        s->tail = &job->next;
        pthread_cond_signal(&s->work);
    }
    pthread_mutex_unlock(&s->mutex);
    if (closing) {
        struct err err;

        free(job);
        err_set(&err, ERR_SHUTDOWN, "the store is closing");
        done(ctx, &err);
    }
}

/* ---- waiting for one ---- */

struct waiter {
    store_unit unit;
    void *ctx;
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    bool finished;
    struct err result;
};

static int waiter_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct waiter *waiter = ctx;

    return waiter->unit(tx, waiter->ctx, err);
}

static void waiter_done(void *ctx, const struct err *result)
{
    struct waiter *waiter = ctx;

    pthread_mutex_lock(&waiter->mutex);
    waiter->result = *result;
    waiter->finished = true;
    pthread_cond_signal(&waiter->cond);
    pthread_mutex_unlock(&waiter->mutex);
}

int store_write_wait(struct store *s, store_unit unit, void *ctx, struct err *err)
{
    struct waiter waiter = {.unit = unit, .ctx = ctx, .mutex = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};

    store_write(s, waiter_unit, &waiter, waiter_done);
    pthread_mutex_lock(&waiter.mutex);
    while (!waiter.finished)
        pthread_cond_wait(&waiter.cond, &waiter.mutex);
    pthread_mutex_unlock(&waiter.mutex);
    pthread_cond_destroy(&waiter.cond);
    pthread_mutex_destroy(&waiter.mutex);
    if (waiter.result.code == ERR_NONE)
        return 0;
    *err = waiter.result;
    return -1;
}
