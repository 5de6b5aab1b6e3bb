/* Leases: whatever is in flight here is renewed task by task, so that a task which got lost (its claim was stored, but nobody knows) comes
 * back by itself when its lease has ended; and everything is asked to stop when a lease cannot be renewed, or when somebody has canceled
 * it. Units on store threads. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "workflow/engine_priv.h"
#include <string.h>

/* ---- stopping ---- */

/* A script that waits for its turn goes to a worker, which sees the flag. Engine lock held. */
static void take_off_waiting(struct engine *engine, struct step_work *work)
{
    struct step_work **at = &engine->lua_waiting;

    while (*at && *at != work)
        at = &(*at)->next_queued;
    if (!*at)
        return;
    *at = work->next_queued;
    if (!work->next_queued)
        engine->lua_tail = at;
    work->next_queued = NULL;
    *engine->queue_tail = work;
    engine->queue_tail = &work->next_queued;
    engine->queued++;
    pthread_cond_signal(&engine->wake_worker);
}

/* The call, if one is in flight, is asked to stop; a script sees the flag. Engine lock held. */
static void stop_work(struct engine *engine, struct step_work *work)
{
    pthread_mutex_lock(&work->lock);
    work->cancel = true;
    if (work->call)
        plugin_cancel(engine->options.plugins, work->call);
    if (work->request)
        net_cancel(engine->options.net, work->request);
    pthread_mutex_unlock(&work->lock);
    take_off_waiting(engine, work);
}

void engine_cancel_works(struct engine *engine, const char *deployment_id)
{
    pthread_mutex_lock(&engine->lock);
    for (struct step_work *work = engine->active; work; work = work->next_active)
        if (strcmp(work->deployment_id, deployment_id) == 0)
            stop_work(engine, work);
    pthread_mutex_unlock(&engine->lock);
}

void engine_stop_all(struct engine *engine)
{
    engine_check_stop(engine);
    for (struct step_work *work = engine->active; work; work = work->next_active)
        stop_work(engine, work);
}

/* A call that says something is at work and may use the time of the drain; so may one that cannot be repeated. */
int64_t engine_stop_quiet(struct engine *engine, int64_t since_us)
{
    int64_t now = clock_mono_us(), next = now + DRAIN_QUIET_MS * US_PER_MS;

    for (struct step_work *work = engine->active; work; work = work->next_active) {
        int64_t heard = atomic_load(&work->heard_us), until = (heard > since_us ? heard : since_us) + DRAIN_QUIET_MS * US_PER_MS;
        bool calls;

        pthread_mutex_lock(&work->lock);
        calls = work->call && !work->cancel;
        pthread_mutex_unlock(&work->lock);
        if (!calls || !work->step || (!work->step->idempotent && !work->step->retry_explicit))
            continue;
        if (until <= now) {
            log_warn("engine", "step %s of %s: its provisioner says nothing; it is stopped and goes on at the next start", work->step->name,
                     work->deployment_id);
            stop_work(engine, work);
        } else if (until < next) {
            next = until;
        }
    }
    return next;
}

/* ---- renewal ---- */

struct held {
    char task_id[ID_BYTES];
    int64_t fence;
    bool canceling; /* somebody, maybe in another process, wants it to end */
};

struct renewal {
    struct engine *engine;
    int64_t mono;
    struct held *held;
    size_t count;
};

static int read_canceling(struct store_tx *tx, struct held *held, struct err *err)
{
    int64_t count = 0;

    if (store_query_int(tx, "SELECT count(*) FROM tasks t JOIN steps s ON s.id = t.step_id WHERE t.id = $1 AND s.state = 'canceling'",
                        STORE_ARGS(store_text(held->task_id)), 0, &count, err) < 0)
        return -1;
    held->canceling = count > 0;
    return 0;
}

static int renew_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct renewal *renewal = ctx;
    const struct engine *engine = renewal->engine;
    int64_t until;

    renewal->mono = clock_mono_us();
    until = clock_steady_us() + engine->lease_us;
    for (size_t i = 0; i < renewal->count; i++) {
        struct held *held = &renewal->held[i];

        if (store_exec(tx, "UPDATE tasks SET lease_until = $2 WHERE id = $1 AND lease_owner = $3 AND fence = $4",
                       STORE_ARGS(store_text(held->task_id), store_int(until), store_text(engine->owner), store_int(held->fence)), NULL,
                       err) < 0 ||
            read_canceling(tx, held, err) < 0)
            return -1;
    }
    return 0;
}

static void stop_canceled(struct engine *engine, const struct held *held)
{
    for (struct step_work *work = engine->active; work; work = work->next_active)
        if (work->fence == held->fence && strcmp(work->task_id, held->task_id) == 0)
            stop_work(engine, work);
}

static void renewed(void *ctx, const struct err *result)
{
    struct renewal *renewal = ctx;
    struct engine *engine = renewal->engine;

    if (result->code != ERR_NONE && result->code != ERR_SHUTDOWN)
        log_error("engine", "leases could not be renewed: %s", result->msg);
    pthread_mutex_lock(&engine->lock);
    engine->renewing = false;
    engine->renew_not_before_us = result->code == ERR_NONE ? 0 : clock_mono_us() + engine->lease_us / 30;
    if (result->code == ERR_NONE) {
        engine->lease_mono_us = renewal->mono;
        for (size_t i = 0; i < renewal->count; i++)
            if (renewal->held[i].canceling)
                stop_canceled(engine, &renewal->held[i]);
    }
    engine_kick(engine);
    pthread_mutex_unlock(&engine->lock);
    free(renewal->held);
    free(renewal);
}

void engine_renew(struct engine *engine)
{
    struct renewal *renewal = mem_zalloc(sizeof *renewal);

    renewal->engine = engine;
    pthread_mutex_lock(&engine->lock);
    renewal->held = mem_array((size_t)engine->in_flight + 1, sizeof *renewal->held);
    for (struct step_work *work = engine->active; work; work = work->next_active) {
        struct held *held = &renewal->held[renewal->count++];

        memcpy(held->task_id, work->task_id, sizeof held->task_id);
        held->fence = work->fence;
    }
    pthread_mutex_unlock(&engine->lock);
    store_write(engine->store, renew_unit, renewal, renewed);
}

/* ---- taking back ---- */

struct reclaim {
    struct engine *engine;
    int64_t before; /* leases that ended before that are nobody's any more */
};

static int reclaim_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct reclaim *reclaim = ctx;
    int64_t changed = 0;

    if (store_exec(tx, "UPDATE tasks SET state = 'pending', lease_owner = NULL WHERE state = 'running' AND lease_until < $1",
                   STORE_ARGS(store_int(reclaim->before)), &changed, err) < 0 ||
        (reclaim->before == NEVER && drift_reclaim(tx, NULL, clock_steady_us(), err) < 0)) /* the only server: nobody looks */
        return -1;
    return changed ? store_notify(tx, "tasks", err) : 0;
}

static void reclaimed(void *ctx, const struct err *result)
{
    if (result->code != ERR_NONE && result->code != ERR_SHUTDOWN)
        log_warn("engine", "looking for abandoned steps failed: %s", result->msg);
    free(ctx);
}

/* When this process cannot know the time better than its predecessor did: the clock may have been set back in between. */
static int raise_clock_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    int64_t last = 0;

    (void)ctx;
    if (store_query_int(tx, "SELECT at FROM events ORDER BY seq DESC LIMIT 1", STORE_NO_ARGS, 0, &last, err) < 0)
        return -1;
    clock_steady_raise(last);
    return 0;
}

/* Whether the clock was set forwards since the last look: then leases that are held here seem to be over and are not; they are renewed by
 * the new clock first. */
static bool has_jumped(struct engine *engine, int64_t now)
{
    int64_t ahead = now - clock_mono_us();
    bool jumped;

    pthread_mutex_lock(&engine->lock);
    jumped = ahead > engine->clock_ahead_us + engine->margin_us;
    engine->clock_ahead_us = ahead > engine->clock_ahead_us ? ahead : engine->clock_ahead_us;
    if (jumped) {
        engine->renew_now = true;
        engine_kick(engine);
    }
    pthread_mutex_unlock(&engine->lock);
    return jumped;
}

/* The one server of an SQLite database takes everything at its start. */
static int reclaim_at_start(struct engine *engine, struct err *err)
{
    bool alone = store_kind(engine->store) == STORE_SQLITE;
    struct reclaim reclaim = {.engine = engine, .before = NEVER};

    if (alone && store_read(engine->store, raise_clock_unit, NULL, err) < 0)
        return -1;
    if (!alone)
        reclaim.before = clock_steady_us() - engine->margin_us;
    has_jumped(engine, clock_steady_us());
    return store_write_wait(engine->store, reclaim_unit, &reclaim, err);
}

int engine_reclaim(struct engine *engine, bool at_start, struct err *err)
{
    int64_t now = clock_steady_us();
    struct reclaim *reclaim;

    if (at_start)
        return reclaim_at_start(engine, err);
    if (has_jumped(engine, now))
        return 0;
    reclaim = mem_zalloc(sizeof *reclaim);
    reclaim->engine = engine;
    reclaim->before = now - engine->margin_us;
    store_write(engine->store, reclaim_unit, reclaim, reclaimed);
    return 0;
}
