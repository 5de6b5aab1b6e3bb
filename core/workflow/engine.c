/* The engine's threads. The dispatcher starts claims, renewals and what has to be tried again; workers take what was claimed. The
 * dispatcher sleeps until a commit that notified "tasks" or "cancels", a finished step, or the next timer. */
#include "workflow/engine.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/admin_config.h"
#include "workflow/engine_priv.h"
#include <errno.h>
#include <string.h>

#define STOP_MS 5000 /* after the drain's time: what was asked to stop is killed after 2 s, and then stored */

/* ---- being woken ---- */

void engine_kick(struct engine *engine)
{
    engine->kicks++;
    pthread_cond_signal(&engine->wake_dispatcher);
}

void engine_wake(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->woken = true;
    engine_kick(engine);
    pthread_mutex_unlock(&engine->lock);
}

static void tasks_notified(void *ctx)
{
    struct engine *engine = ctx;

    atomic_fetch_add(&engine->notices, 1);
    engine_wake(engine);
}

/* A deployment was canceled, maybe by another process; the renewal says whether something of ours is meant. */
static void cancels_notified(void *ctx)
{
    struct engine *engine = ctx;

    pthread_mutex_lock(&engine->lock);
    engine->renew_now = true;
    engine_kick(engine);
    pthread_mutex_unlock(&engine->lock);
}

/* ---- the dispatcher; its times are monotonic ---- */

static int64_t earliest(int64_t a, int64_t b) { return a < b ? a : b; }

static void wait_until(struct engine *engine, int64_t until)
{
    struct timespec ts = {until / US_PER_SEC, until % US_PER_SEC * 1000};

    if (until == NEVER)
        pthread_cond_wait(&engine->wake_dispatcher, &engine->lock);
    else if (until > clock_mono_us())
        pthread_cond_timedwait(&engine->wake_dispatcher, &engine->lock, &ts);
}

/* Starts a claim when something may be due. Returns when to look again. Lock held. */
static int64_t dispatch_claim(struct engine *engine)
{
    int slots = engine_free_slots(engine);
    int64_t left = engine->woken ? 0 : engine->next_due_us == NEVER ? NEVER : engine->next_due_us - clock_steady_us();

    engine->starved = false;
    if (engine->draining || engine->claiming)
        return NEVER; /* woken when the claim is done */
    if (left > 0)
        return left == NEVER ? NEVER : clock_mono_us() + left;
    if (slots <= 0) {
        engine->starved = true; /* woken when a slot is free */
        return NEVER;
    }
    engine->woken = false;
    engine->claiming = true;
    engine->next_due_us = NEVER;
    pthread_mutex_unlock(&engine->lock);
    engine_claim(engine, slots);
    pthread_mutex_lock(&engine->lock);
    return NEVER;
}

/* Keeps the leases of what is in flight; without a renewal in time, all of it is stopped before somebody else may start it. Lock held. */
static int64_t dispatch_renewal(struct engine *engine)
{
    int64_t now = clock_mono_us(), lost, due;

    if (engine->in_flight == 0) {
        engine->lease_mono_us = now;
        engine->renew_now = false;
        return NEVER;
    }
    lost = engine->lease_mono_us + engine->lease_us - engine->margin_us;
    due = engine->renew_now ? now : engine->lease_mono_us + engine->lease_us / 3;
    due = due > engine->renew_not_before_us ? due : engine->renew_not_before_us;
    if (now >= lost)
        engine_stop_all(engine);
    if (engine->renewing)
        return now >= lost ? NEVER : lost;
    if (now < due)
        return now >= lost ? due : earliest(due, lost);
    engine->renewing = true;
    engine->renew_now = false;
    pthread_mutex_unlock(&engine->lock);
    engine_renew(engine);
    pthread_mutex_lock(&engine->lock);
    return now >= lost ? NEVER : lost;
}

static int64_t dispatch_reclaim(struct engine *engine, int64_t *next)
{
    int64_t now = clock_mono_us();
    struct err ignored = {0};

    if (now < *next)
        return *next;
    *next = now + engine->lease_us;
    engine->woken = true; /* a notification may have been lost with its connection */
    if (store_kind(engine->store) != STORE_SQLITE)
        engine->next_check_us = 0; /* another server may have made something, and be gone */
    pthread_mutex_unlock(&engine->lock);
    engine_reclaim(engine, false, &ignored);
    engine_retain(engine);
    pthread_mutex_lock(&engine->lock);
    return *next;
}

static void *dispatcher_main(void *ctx)
{
    struct engine *engine = ctx;
    int64_t next_reclaim = clock_mono_us() + engine->lease_us;

    pthread_setname_np(pthread_self(), "dispatcher");
    pthread_mutex_lock(&engine->lock);
    while (!engine->stopping) {
        unsigned seen = engine->kicks; /* the lock is let go in between */
        int64_t until = engine_write_again(engine);

        until = earliest(until, dispatch_reclaim(engine, &next_reclaim));
        until = earliest(until, dispatch_claim(engine));
        until = earliest(until, engine_check_dispatch(engine));
        until = earliest(until, dispatch_renewal(engine));
        if (!engine->stopping && seen == engine->kicks)
            wait_until(engine, until);
    }
    pthread_mutex_unlock(&engine->lock);
    return NULL;
}

/* ---- the workers ---- */

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

void engine_take_works(struct engine *engine, struct step_work *works, int64_t mono_us)
{
    if (works && (engine->in_flight == 0 || mono_us < engine->lease_mono_us)) {
        engine->lease_mono_us = mono_us;
        engine_kick(engine); /* it renews earlier */
    }
    while (works) {
        struct step_work *work = works;

        works = work->next_queued;
        enqueue(engine, work);
        add_active(engine, work);
        pthread_cond_signal(&engine->wake_worker);
    }
}

static struct step_work *next_work(struct engine *engine)
{
    struct step_work *work = engine->queue;

    engine->queue = work->next_queued;
    if (!engine->queue)
        engine->queue_tail = &engine->queue;
    engine->queued--;
    if (engine->starved)
        engine_kick(engine);
    return work;
}

static void run_work(struct step_work *work, bool draining)
{
    if (work->resume)
        work->resume(work);
    else if (work->is_deployment)
        deployment_leave_queue(work);
    else if (draining)
        step_release(work, 0, NULL);
    else
        step_execute(work);
}

void engine_dispose(struct engine *engine, struct disposal *d, void (*free_it)(struct disposal *d))
{
    bool taken;

    d->free = free_it;
    pthread_mutex_lock(&engine->lock);
    taken = !engine->stopping && engine->started;
    if (taken) {
        d->next = engine->disposals;
        engine->disposals = d;
        if (!engine->queue && engine->idle_workers == engine->workers) /* any other one looks here before it takes the next work */
            pthread_cond_signal(&engine->wake_worker);
    }
    pthread_mutex_unlock(&engine->lock);
    if (!taken)
        free_it(d);
}

/* Lock held; let go meanwhile. */
static void free_disposals(struct engine *engine)
{
    struct disposal *all = engine->disposals;

    engine->disposals = NULL;
    pthread_mutex_unlock(&engine->lock);
    while (all) {
        struct disposal *next = all->next;

        all->free(all);
        all = next;
    }
    pthread_mutex_lock(&engine->lock);
}

void engine_post(struct engine *engine, struct engine_job *job, void (*run)(struct engine_job *job, bool stopping))
{
    bool taken;

    job->next = NULL;
    job->run = run;
    pthread_mutex_lock(&engine->lock);
    taken = !engine->stopping;
    if (taken) {
        *engine->jobs_tail = job;
        engine->jobs_tail = &job->next;
        pthread_cond_signal(&engine->wake_worker);
    }
    pthread_mutex_unlock(&engine->lock);
    if (!taken)
        run(job, true);
}

/* Lock held; let go meanwhile. */
static void run_job(struct engine *engine, bool stopping)
{
    struct engine_job *job = engine->jobs;

    engine->jobs = job->next;
    if (!engine->jobs)
        engine->jobs_tail = &engine->jobs;
    pthread_mutex_unlock(&engine->lock);
    job->run(job, stopping);
    pthread_mutex_lock(&engine->lock);
}

static void *worker_main(void *ctx)
{
    struct engine *engine = ctx;

    pthread_setname_np(pthread_self(), "worker");
    pthread_mutex_lock(&engine->lock);
    while (!engine->stopping) {
        struct step_work *work;
        bool draining = engine->draining;

        if (engine->disposals) {
            free_disposals(engine);
            continue;
        }
        if (engine->jobs) {
            run_job(engine, false);
            continue;
        }
        if (!engine->queue) {
            engine->idle_workers++;
            pthread_cond_wait(&engine->wake_worker, &engine->lock);
            engine->idle_workers--;
            continue;
        }
        work = next_work(engine);
        pthread_mutex_unlock(&engine->lock);
        run_work(work, draining);
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

static void dispose_work(struct disposal *d) { work_free((struct step_work *)d); }

void engine_work_done(struct step_work *work)
{
    struct engine *engine = work->engine;

    pthread_mutex_lock(&engine->lock);
    *work->link_active = work->next_active;
    if (work->next_active)
        work->next_active->link_active = work->link_active;
    engine->in_flight--;
    if (engine->starved)
        engine_kick(engine);
    pthread_cond_broadcast(&engine->wake_idle);
    pthread_mutex_unlock(&engine->lock);
    engine_dispose(engine, &work->disposal, dispose_work);
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
    engine->lease_us = (options->lease_ms > 0 ? options->lease_ms : LEASE_MS) * US_PER_MS;
    engine->margin_us = options->margin_ms > 0 ? options->margin_ms * US_PER_MS : engine->lease_us / 5;
    engine->max_running = options->platform->config->max_concurrent;
    engine->queue_tail = &engine->queue;
    engine->lua_tail = &engine->lua_waiting;
    engine->jobs_tail = &engine->jobs;
    engine->pace = engine_pace_of(options->platform->config);
    engine->next_check_us = NEVER;
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
    if (engine_reclaim(engine, true, err) < 0 || engine_admit(engine, err) < 0 || engine_check_start(engine, err) < 0)
        return err_wrap(err, "taking back interrupted steps");
    engine->woken = true;
    engine->lease_mono_us = clock_mono_us();
    store_listen(engine->store, "tasks", tasks_notified, engine);
    store_listen(engine->store, "cancels", cancels_notified, engine);
    engine->threads = mem_array((size_t)engine->workers, sizeof *engine->threads);
    if (pthread_create(&engine->dispatcher, NULL, dispatcher_main, engine) != 0)
        return err_set(err, ERR_INTERNAL, "cannot start the dispatcher thread");
    pthread_mutex_lock(&engine->lock); /* the dispatcher reads the flags beside it */
    engine->started = true;
    pthread_mutex_unlock(&engine->lock);
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
    engine_stop_all(engine);
    pthread_cond_broadcast(&engine->wake_dispatcher);
    pthread_cond_broadcast(&engine->wake_worker);
    pthread_mutex_unlock(&engine->lock);
    if (engine->started)
        pthread_join(engine->dispatcher, NULL);
    engine->started = false;
    for (; engine->running_threads > 0; engine->running_threads--)
        pthread_join(engine->threads[engine->running_threads - 1], NULL);
    pthread_mutex_lock(&engine->lock);
    while (engine->jobs)
        run_job(engine, true);
    free_disposals(engine);
    pthread_mutex_unlock(&engine->lock);
    engine_write_fini(engine);
}

/* Waits until nothing is in flight, at most `ms`. Lock held. */
static bool wait_idle(struct engine *engine, int64_t ms)
{
    int64_t since = clock_mono_us(), until = since + ms * US_PER_MS;

    while (engine->in_flight > 0 || engine->claiming || engine->checking > 0 || engine->claiming_checks) {
        int64_t look = engine_stop_quiet(engine, since), wake = look < until ? look : until;
        struct timespec ts = {wake / US_PER_SEC, wake % US_PER_SEC * 1000};

        if (pthread_cond_timedwait(&engine->wake_idle, &engine->lock, &ts) == ETIMEDOUT && clock_mono_us() >= until)
            return false;
    }
    return true;
}

void engine_drain(struct engine *engine, int64_t ms)
{
    pthread_mutex_lock(&engine->lock);
    engine->draining = true;
    engine_check_stop(engine); /* a look is worth no waiting */
    if (engine->started && !wait_idle(engine, ms)) {
        log_warn("engine", "%d steps still run at the end of the drain; they are stopped and go on at the next start", engine->in_flight);
        engine_stop_all(engine);
        wait_idle(engine, STOP_MS);
    }
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
    run_cache_fini(engine);
    present_fini(engine);
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
    engine->max_running = platform->config->max_concurrent;
    pthread_mutex_unlock(&engine->lock);
    platform_unref(old);
    engine_admit_later(engine);
    engine_check_set_pace(engine, platform->config);
}
