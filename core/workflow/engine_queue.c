/* The queue's side of the engine: threads, claiming with lease and fence, renewal, timers, drain.
 * The dispatcher thread claims and renews; workers take what it claimed. It sleeps until a commit that notified "tasks", a finished step, or the next timer. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "workflow/engine_priv.h"
#include <errno.h>
#include <string.h>

#define IN_FLIGHT_MAX 512          /* claimed and not finished, plugin calls included */
#define MARGIN_MS 3000             /* side effects stop this long before the lease ends; a reclaim waits this long after it */
#define RENEW_MS (LEASE_MS / 3)
#define SAFETY_POLL_MS 30000       /* PostgreSQL only: a notification may be lost with its connection */

/* ---- claiming ---- */

struct claim {
    struct engine *engine;
    int count;
    int64_t now;
    struct step_work *works;       /* made by the unit; thrown away when it runs again */
    int64_t next_due;
};

static void drop_works(struct claim *claim)
{
    while (claim->works) {
        struct step_work *next = claim->works->next_queued;

        work_free(claim->works);
        claim->works = next;
    }
}

static int claim_tasks(struct store_tx *tx, struct claim *claim, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    char sql[512];
    struct step_work **tail = &claim->works;
    int more;

    snprintf(sql, sizeof sql,
             "UPDATE tasks SET state = 'running', lease_owner = $1, lease_until = $2, fence = fence + 1 WHERE id IN (SELECT id FROM tasks WHERE state IN ('pending', "
             "'waiting') AND run_at <= $3 ORDER BY priority, run_at, id LIMIT $4%s) RETURNING id, kind, deployment_id, step_id, fence",
             store_skip_locked(tx));
    if (store_query(tx, sql, STORE_ARGS(store_text(claim->engine->owner), store_int(claim->now + LEASE_MS * US_PER_MS), store_int(claim->now), store_int(claim->count)),
                    &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        struct step_work *work = work_new(claim->engine);

        snprintf(work->task_id, sizeof work->task_id, "%s", store_col_text(rows, 0));
        work->is_deployment = strcmp(store_col_text(rows, 1), "deployment") == 0;
        snprintf(work->deployment_id, sizeof work->deployment_id, "%s", store_col_text(rows, 2));
        snprintf(work->step_id, sizeof work->step_id, "%s", work->is_deployment ? "" : store_col_text(rows, 3));
        work->fence = store_col_int(rows, 4);
        *tail = work;
        tail = &work->next_queued;
    }
    return more;
}

/* Reads the step of a claimed task and moves it to running. */
static int claim_step(struct store_tx *tx, struct step_work *work, int64_t now, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    enum step_state state;
    int more;

    if (store_query(tx,
                    "SELECT s.state, s.attempt, s.workflow_position, s.position, s.checkpoint, s.started_at, s.deadline_at, w.started_at FROM steps s LEFT JOIN "
                    "workflow_runs w ON w.id = s.workflow_id WHERE s.id = $1",
                    STORE_ARGS(store_text(work->step_id)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return err_set(err, ERR_STORE_CORRUPT, "task %s has no step", work->task_id);
    state = step_state_parse(store_col_text(rows, 0));
    work->interrupted = state == STEP_RUNNING;
    work->was_canceling = state == STEP_CANCELING;
    work->attempt = (int)store_col_int(rows, 1) + (state == STEP_READY);
    work->workflow_position = (unsigned)store_col_int(rows, 2);
    work->position = (unsigned)store_col_int(rows, 3);
    work->checkpoint = arena_strdup(&work->arena, store_col_text(rows, 4));
    work->started_at = store_col_null(rows, 5) ? now : store_col_int(rows, 5);
    work->deadline_at = store_col_int(rows, 6);
    work->workflow_started_at = store_col_int(rows, 7);
    store_rows_close(&rows);
    if (step_next(state, STEP_EV_CLAIMED) != STEP_RUNNING)
        return 0;
    return store_exec(tx, "UPDATE steps SET state = 'running', attempt = $2, started_at = $3, retry_at = NULL WHERE id = $1",
                      STORE_ARGS(store_text(work->step_id), store_int(work->attempt), store_int(work->started_at)), NULL, err);
}

static int claim_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct claim *claim = ctx;

    drop_works(claim);
    claim->now = clock_now_us();
    if (claim_tasks(tx, claim, err) < 0)
        return -1;
    for (struct step_work *work = claim->works; work; work = work->next_queued)
        if (!work->is_deployment && claim_step(tx, work, claim->now, err) < 0)
            return -1;
    return store_query_int(tx, "SELECT min(run_at) FROM tasks WHERE state IN ('pending', 'waiting')", STORE_NO_ARGS, 0, &claim->next_due, err);
}

static void enqueue(struct engine *engine, struct step_work *work)
{
    work->next_queued = NULL;
    *engine->queue_tail = work;
    engine->queue_tail = &work->next_queued;
    engine->queued++;
}

static void add_active(struct engine *engine, struct step_work *work)
{
    engine->in_flight++;
    work->next_active = engine->active;
    work->link_active = &engine->active;
    if (engine->active)
        engine->active->link_active = &work->next_active;
    engine->active = work;
}

static void claimed(void *ctx, const struct err *result)
{
    struct claim *claim = ctx;
    struct engine *engine = claim->engine;

    if (result->code != ERR_NONE) {
        drop_works(claim);
        if (result->code != ERR_SHUTDOWN)
            log_error("engine", "claiming failed: %s", result->msg);
    }
    failpoint("engine.after_claim");
    pthread_mutex_lock(&engine->lock);
    while (claim->works) {
        struct step_work *work = claim->works;

        claim->works = work->next_queued;
        enqueue(engine, work);
        add_active(engine, work);
    }
    engine->claiming = false;
    /* A failed claim is tried again after a moment, not at once. */
    engine->next_due_us = result->code != ERR_NONE ? clock_now_us() + US_PER_SEC : claim->next_due > 0 ? claim->next_due : NEVER;
    pthread_cond_broadcast(&engine->wake_worker);
    pthread_cond_signal(&engine->wake_dispatcher);
    pthread_cond_broadcast(&engine->wake_idle);
    pthread_mutex_unlock(&engine->lock);
    free(claim);
}

static void start_claim(struct engine *engine, int count)
{
    struct claim *claim = mem_zalloc(sizeof *claim);

    claim->engine = engine;
    claim->count = count;
    store_write(engine->store, claim_unit, claim, claimed);
}

void engine_wake(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->woken = true;
    pthread_cond_signal(&engine->wake_dispatcher);
    pthread_mutex_unlock(&engine->lock);
}

static void tasks_notified(void *ctx) { engine_wake(ctx); }

/* ---- leases ---- */

static int renew_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct engine *engine = ctx;

    return store_exec(tx, "UPDATE tasks SET lease_until = $2 WHERE lease_owner = $1 AND state = 'running'",
                      STORE_ARGS(store_text(engine->owner), store_int(clock_now_us() + LEASE_MS * US_PER_MS)), NULL, err);
}

static void renewed(void *ctx, const struct err *result)
{
    struct engine *engine = ctx;

    pthread_mutex_lock(&engine->lock);
    if (result->code == ERR_NONE)
        engine->renewed_mono_us = clock_mono_us();
    pthread_mutex_unlock(&engine->lock);
}

/* The call, if one is in flight, is asked to stop; a script sees the flag. Engine lock held. */
static void stop_work(struct engine *engine, struct step_work *work)
{
    pthread_mutex_lock(&work->lock);
    work->cancel = true;
    if (work->call)
        plugin_cancel(engine->options.plugins, work->call);
    pthread_mutex_unlock(&work->lock);
}

void engine_cancel_works(struct engine *engine, const char *deployment_id)
{
    pthread_mutex_lock(&engine->lock);
    for (struct step_work *work = engine->active; work; work = work->next_active)
        if (strcmp(work->deployment_id, deployment_id) == 0)
            stop_work(engine, work);
    pthread_mutex_unlock(&engine->lock);
}

/* Side effects are fenced: without a renewal in time, everything in flight is stopped before somebody else may start it. Called with the lock held. */
static void stop_all(struct engine *engine)
{
    for (struct step_work *work = engine->active; work; work = work->next_active)
        stop_work(engine, work);
}

/* Takes back what an owner that is gone has left behind. SQLite: only this process may have the database, so all of it. */
static int reclaim_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct engine *engine = ctx;
    int64_t now = clock_now_us();
    bool alone = store_kind(engine->store) == STORE_SQLITE;

    return store_exec(tx, "UPDATE tasks SET state = 'pending', lease_owner = NULL, run_at = $2 WHERE state = 'running' AND lease_owner <> $1 AND lease_until < $3",
                      STORE_ARGS(store_text(engine->owner), store_int(now), store_int(alone ? NEVER : now - MARGIN_MS * US_PER_MS)), NULL, err);
}

/* ---- the dispatcher ---- */

static int64_t earliest(int64_t a, int64_t b) { return a < b ? a : b; }

/* Waits on the dispatcher's condition until `until` (wall clock, us) or a signal. Lock held. */
static void wait_until(struct engine *engine, int64_t until)
{
    int64_t left = until - clock_now_us(), mono = clock_mono_us();
    struct timespec ts;

    if (until == NEVER) {
        pthread_cond_wait(&engine->wake_dispatcher, &engine->lock);
        return;
    }
    if (left <= 0)
        return;
    mono += left;
    ts = (struct timespec){mono / US_PER_SEC, mono % US_PER_SEC * 1000};
    pthread_cond_timedwait(&engine->wake_dispatcher, &engine->lock, &ts);
}

static int free_slots(const struct engine *engine)
{
    int wanted = engine->workers * 2 - engine->queued, room = IN_FLIGHT_MAX - engine->in_flight;
    int slots = wanted < room ? wanted : room;

    return slots > LIMIT_CLAIM_BATCH ? LIMIT_CLAIM_BATCH : slots;
}

/* One round of the dispatcher, lock held. Returns when to wake at the latest. */
static int64_t dispatch_once(struct engine *engine, int64_t *next_renewal)
{
    int64_t now = clock_now_us(), until = engine->draining ? NEVER : engine->next_due_us;
    int slots = free_slots(engine);

    if (!engine->draining && !engine->claiming && slots > 0 && (engine->woken || engine->next_due_us <= now)) {
        engine->woken = false;
        engine->claiming = true;
        engine->next_due_us = NEVER;
        pthread_mutex_unlock(&engine->lock);
        start_claim(engine, slots);
        pthread_mutex_lock(&engine->lock);
        until = engine->next_due_us;
    } else if (engine->claiming || slots <= 0) {
        until = NEVER; /* woken when the claim is done or a slot is free */
    }
    if (engine->in_flight == 0) {
        *next_renewal = now + RENEW_MS * US_PER_MS;
        engine->renewed_mono_us = clock_mono_us();
        return until;
    }
    if (now >= *next_renewal || *next_renewal > now + RENEW_MS * US_PER_MS) {
        *next_renewal = now + RENEW_MS * US_PER_MS;
        pthread_mutex_unlock(&engine->lock);
        store_write(engine->store, renew_unit, engine, renewed);
        pthread_mutex_lock(&engine->lock);
    }
    if (clock_mono_us() - engine->renewed_mono_us > (LEASE_MS - MARGIN_MS) * US_PER_MS)
        stop_all(engine);
    return earliest(until, *next_renewal);
}

static void *dispatcher_main(void *ctx)
{
    struct engine *engine = ctx;
    bool shared = store_kind(engine->store) == STORE_POSTGRES;
    int64_t next_renewal = 0, next_reclaim = clock_now_us() + LEASE_MS * US_PER_MS;

    pthread_mutex_lock(&engine->lock);
    while (!engine->stopping) {
        int64_t until = dispatch_once(engine, &next_renewal);

        if (shared)
            until = earliest(until, next_reclaim);
        if (!engine->stopping && !(engine->woken && !engine->claiming && !engine->draining && free_slots(engine) > 0))
            wait_until(engine, until);
        if (shared && clock_now_us() >= next_reclaim) {
            struct err err = {0};

            next_reclaim = clock_now_us() + LEASE_MS * US_PER_MS;
            engine->woken = true;
            pthread_mutex_unlock(&engine->lock);
            if (store_write_wait(engine->store, reclaim_unit, engine, &err) < 0)
                log_warn("engine", "looking for abandoned steps failed: %s", err.msg);
            pthread_mutex_lock(&engine->lock);
        }
    }
    pthread_mutex_unlock(&engine->lock);
    return NULL;
}

static void *worker_main(void *ctx)
{
    struct engine *engine = ctx;

    pthread_mutex_lock(&engine->lock);
    while (!engine->stopping) {
        struct step_work *work = engine->queue;

        if (!work) {
            pthread_cond_wait(&engine->wake_worker, &engine->lock);
            continue;
        }
        engine->queue = work->next_queued;
        if (!engine->queue)
            engine->queue_tail = &engine->queue;
        engine->queued--;
        pthread_cond_signal(&engine->wake_dispatcher);
        pthread_mutex_unlock(&engine->lock);
        if (work->resume)
            work->resume(work);
        else if (work->is_deployment)
            deployment_leave_queue(work);
        else
            step_execute(work);
        pthread_mutex_lock(&engine->lock);
    }
    pthread_mutex_unlock(&engine->lock);
    return NULL;
}

void engine_resume(struct step_work *work)
{
    struct engine *engine = work->engine;

    pthread_mutex_lock(&engine->lock);
    enqueue(engine, work);
    pthread_cond_signal(&engine->wake_worker);
    pthread_mutex_unlock(&engine->lock);
}

void engine_work_done(struct step_work *work)
{
    struct engine *engine = work->engine;

    pthread_mutex_lock(&engine->lock);
    *work->link_active = work->next_active;
    if (work->next_active)
        work->next_active->link_active = work->link_active;
    engine->in_flight--;
    pthread_cond_signal(&engine->wake_dispatcher);
    pthread_cond_broadcast(&engine->wake_idle);
    pthread_mutex_unlock(&engine->lock);
    work_free(work);
}

/* ---- life ---- */

static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

int engine_new(const struct engine_options *options, struct engine **out, struct err *err)
{
    struct engine *engine = mem_zalloc(sizeof *engine);

    (void)err;
    engine->options = *options;
    engine->store = options->store;
    engine->platform = platform_ref(options->platform);
    engine->workers = options->workers > 0 ? options->workers : LIMIT_WORKERS;
    engine->capacity = options->capacity > 0 ? options->capacity : LIMIT_QUEUE_CAPACITY;
    engine->queue_tail = &engine->queue;
    engine->next_due_us = NEVER;
    id_new("e", engine->owner);
    pthread_mutex_init(&engine->lock, NULL);
    init_condition(&engine->wake_dispatcher);
    init_condition(&engine->wake_worker);
    init_condition(&engine->wake_idle);
    *out = engine;
    return 0;
}

int engine_start(struct engine *engine, struct err *err)
{
    if (store_write_wait(engine->store, reclaim_unit, engine, err) < 0)
        return err_wrap(err, "taking back interrupted steps");
    engine->woken = true;
    engine->renewed_mono_us = clock_mono_us();
    store_listen(engine->store, "tasks", tasks_notified, engine);
    engine->threads = mem_array((size_t)engine->workers, sizeof *engine->threads);
    if (pthread_create(&engine->dispatcher, NULL, dispatcher_main, engine) != 0)
        return err_set(err, ERR_INTERNAL, "cannot start the dispatcher thread");
    engine->started = true;
    while (engine->running_threads < engine->workers) {
        if (pthread_create(&engine->threads[engine->running_threads], NULL, worker_main, engine) != 0)
            return err_set(err, ERR_INTERNAL, "cannot start worker thread %d", engine->running_threads + 1);
        engine->running_threads++;
    }
    return 0;
}

static void stop_threads(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->stopping = true;
    stop_all(engine);
    pthread_cond_broadcast(&engine->wake_dispatcher);
    pthread_cond_broadcast(&engine->wake_worker);
    pthread_mutex_unlock(&engine->lock);
    if (engine->started)
        pthread_join(engine->dispatcher, NULL);
    engine->started = false;
    for (; engine->running_threads > 0; engine->running_threads--)
        pthread_join(engine->threads[engine->running_threads - 1], NULL);
}

void engine_drain(struct engine *engine, int64_t ms)
{
    int64_t until = clock_mono_us() + ms * US_PER_MS;
    struct timespec ts = {until / US_PER_SEC, until % US_PER_SEC * 1000};

    pthread_mutex_lock(&engine->lock);
    engine->draining = true;
    while (engine->in_flight > 0 || engine->claiming)
        if (pthread_cond_timedwait(&engine->wake_idle, &engine->lock, &ts) == ETIMEDOUT)
            break;
    if (engine->in_flight > 0)
        log_warn("engine", "%d steps were still running at the end of the drain; they go on at the next start", engine->in_flight);
    pthread_mutex_unlock(&engine->lock);
    stop_threads(engine);
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    stop_threads(engine);
    while (engine->active) {
        struct step_work *next = engine->active->next_active;

        work_free(engine->active);
        engine->active = next;
    }
    while (engine->runs) {
        struct run *next = engine->runs->next;

        run_unref(engine->runs);
        engine->runs = next;
    }
    platform_unref(engine->platform);
    free(engine->threads);
    pthread_mutex_destroy(&engine->lock);
    pthread_cond_destroy(&engine->wake_dispatcher);
    pthread_cond_destroy(&engine->wake_worker);
    pthread_cond_destroy(&engine->wake_idle);
    free(engine);
}

struct store *engine_store(struct engine *engine) { return engine->store; }

struct platform *engine_platform(struct engine *engine)
{
    struct platform *platform;

    pthread_mutex_lock(&engine->lock);
    platform = platform_ref(engine->platform);
    pthread_mutex_unlock(&engine->lock);
    return platform;
}

void engine_set_platform(struct engine *engine, struct platform *platform)
{
    struct platform *old;

    pthread_mutex_lock(&engine->lock);
    old = engine->platform;
    engine->platform = platform_ref(platform);
    pthread_mutex_unlock(&engine->lock);
    platform_unref(old);
}
