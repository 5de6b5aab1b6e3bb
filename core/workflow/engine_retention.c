/* What is kept for a time only: events (EVENTS_KEPT_DAYS) and answers for Idempotency-Key. Looked for by the one process that seals, with
 * the dispatcher's look for abandoned steps, and only when something was written since: an idle server removes nothing and asks nothing.
 * The unit runs on a store thread; a bounded number of rows at once. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "workflow/engine_priv.h"
#include "workflow/idempotency.h"
#include <stdlib.h>

#define REMOVED_MOST 1000 /* rows of a kind in one unit */
#define DAY_US       (24LL * 3600 * US_PER_SEC)

struct retention {
    struct engine *engine;
    bool more; /* as many as may be removed at once were */
};

static int remove_events(struct store_tx *tx, int64_t now, int64_t *out_removed, struct err *err)
{
    /* Numbered ones, the oldest first, up to the last number that meta remembers. */
    return store_exec(
        tx,
        "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE number IS NOT NULL AND number < (SELECT "
        "COALESCE(min(number), 0) + $2 FROM events WHERE number IS NOT NULL) AND number <= (SELECT CAST(value AS BIGINT) FROM "
        "meta WHERE key = 'events_head') AND at < $1)",
        STORE_ARGS(store_int(now - EVENTS_KEPT_DAYS * DAY_US), store_int(REMOVED_MOST)), out_removed, err);
}

static int remove_answers(struct store_tx *tx, int64_t now, int64_t *out_removed, struct err *err)
{
    return store_exec(
        tx,
        "DELETE FROM idempotency WHERE (user_id, key) IN (SELECT user_id, key FROM idempotency WHERE created_at <= $1 ORDER BY "
        "created_at LIMIT $2)",
        STORE_ARGS(store_int(now - IDEMPOTENCY_MS * US_PER_MS), store_int(REMOVED_MOST)), out_removed, err);
}

static int retention_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct retention *retention = ctx;
    int64_t now = clock_now_us(), events = 0, answers = 0;

    if (remove_events(tx, now, &events, err) < 0 || remove_answers(tx, now, &answers, err) < 0)
        return -1;
    retention->more = events >= REMOVED_MOST || answers >= REMOVED_MOST;
    return 0;
}

static void retained(void *ctx, const struct err *result)
{
    struct retention *retention = ctx;
    struct engine *engine = retention->engine;

    if (result->code != ERR_NONE && result->code != ERR_SHUTDOWN)
        log_warn("engine", "old events and answers could not be removed: %s", result->msg);
    if (result->code == ERR_NONE && retention->more && !engine->stopping)
        store_write(engine->store, retention_unit, retention, retained);
    else
        free(retention);
}

void engine_retain(struct engine *engine)
{
    unsigned written = atomic_load(&engine->notices) + (unsigned)atomic_load(&engine->accepts);
    struct retention *retention;

    if (written == engine->retained_at || !store_is_leader(engine->store))
        return;
    engine->retained_at = written;
    retention = mem_zalloc(sizeof *retention);
    retention->engine = engine;
    store_write(engine->store, retention_unit, retention, retained);
}
