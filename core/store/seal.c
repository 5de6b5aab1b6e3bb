/* Owns when the sealer runs: after commits that wrote, at most every STORE_SEAL_MS, and never while nothing was written. It runs in a
 * transaction of its own, so that its failure is nobody else's: on SQLite's writer thread, on PostgreSQL on the thread that holds
 * leadership (watch.c). */
#include "base/clock.h"
#include "base/log.h"
#include "store/store_priv.h"
#include "store/watch.h"

void seal_request(struct store *s)
{
    if (s->sealer.pending)
        return;
    s->sealer.pending = true;
    if (s->watch)
        watch_seal_wanted(s->watch);
}

bool seal_is_due(const struct store *s, int64_t now_us)
{
    /* A closing store seals at once what it has committed; once, so that a failing sealer cannot keep it open. */
    return s->sealer.unit && s->sealer.pending && (now_us >= s->sealer.due_us || (s->closing && s->sealer.failures == 0));
}

void store_set_sealer(struct store *s, store_unit seal, void *ctx)
{
    pthread_mutex_lock(&s->mutex);
    s->sealer = (struct sealer){.unit = seal, .ctx = ctx, .pending = false};
    seal_request(s); /* a crash may have left rows unsealed */
    pthread_cond_broadcast(&s->work);
    pthread_mutex_unlock(&s->mutex);
    if (s->watch)
        watch_stand(s->watch);
}

static int seal_once(struct store *s, struct driver_conn *conn, struct store_tx *tx, store_unit unit, void *ctx, struct err *err)
{
    *tx = (struct store_tx){.store = s, .conn = conn, .sealing = true};
    if (conn->driver->begin(conn, false, err) < 0)
        return -1;
    if (tx_run(tx, unit, ctx, err) < 0 || conn->driver->commit(conn, err) < 0) {
        conn->driver->rollback(conn);
        if (!s->watch) /* on the writer's thread */
            s->writer.counter = 0;
        return -1;
    }
    return 0;
}

void seal_run(struct store *s, struct driver_conn *conn)
{
    struct store_tx tx;
    struct err err = {0};
    store_unit unit;
    void *ctx;
    int result;
    unsigned failures;

    pthread_mutex_lock(&s->mutex);
    unit = s->sealer.unit;
    ctx = s->sealer.ctx;
    s->sealer.pending = false; /* a commit from now on is for the next run */
    pthread_mutex_unlock(&s->mutex);

    result = seal_once(s, conn, &tx, unit, ctx, &err);

    pthread_mutex_lock(&s->mutex);
    failures = s->sealer.failures = result < 0 ? s->sealer.failures + 1 : 0;
    s->sealer.pending = s->sealer.pending || result < 0 || tx.seal_again;
    s->sealer.due_us = clock_mono_us() + (STORE_SEAL_MS * US_PER_MS << (failures < 7 ? failures : 7));
    pthread_mutex_unlock(&s->mutex);
    if (result < 0 && err.code != ERR_STORE_RETRY)
        log_warn("store", "events and audit rows could not be sealed, trying again: %s", err.msg); /* nobody to return it to */
    if (result == 0 && tx.channels)
        notify_committed(s, tx.channels);
}
