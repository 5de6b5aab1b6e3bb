/* Owns the queue of accepted units and the threads that run them: one on SQLite, many units to a commit; a pool on PostgreSQL, one unit to
 * a commit. store_write is called from any thread; units and `done` run on the threads of this file, never under a lock. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "store/store_priv.h"
#include <errno.h>
#include <stdlib.h>
#include <time.h>

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

static void *writer_main(void *ctx)
{
    struct writer *w = ctx;
    bool seals = !w->store->watch, seal; /* on PostgreSQL the leader does */
    struct job *jobs[LIMIT_STORE_BATCH];
    size_t count;

    pthread_setname_np(pthread_self(), "store");
    while ((count = wait_for_work(w->store, seals, jobs, LIMIT_STORE_BATCH, &seal)) || seal) {
        batch_run(w, jobs, count);
        if (seal)
            seal_run(w->store, w->conn);
    }
    return NULL;
}

int writer_start(struct store *s, struct driver_conn *conn, struct err *err)
{
    s->writer.store = s;
    s->writer.conn = conn;
    s->writer.limit = LIMIT_STORE_BATCH;
    s->writer.epoch = 1;
    errno = pthread_create(&s->writer.thread, NULL, writer_main, &s->writer);
    if (errno)
        return err_set_sys(err, ERR_STORE, "cannot start the store's thread");
    s->writer.started = true;
    return 0;
}

void writer_stop(struct store *s)
{
    pthread_mutex_lock(&s->mutex);
    s->closing = true;
    pthread_cond_broadcast(&s->work);
    pthread_mutex_unlock(&s->mutex);
    if (s->writer.started)
        pthread_join(s->writer.thread, NULL);
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
        metric_add(metric_of(METRIC_STORE_QUEUE, NULL, NULL, NULL), 1);
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
