/* Looks at resources that are there: claims those that are due, asks their provisioners how they are, and has what came of it stored
 * (engine_drift.c). The dispatcher claims, workers prepare, answers come on the plugin loop; units on store threads. */
#include "workflow/engine_check.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/admin_config.h"
#include "crypto/random.h"
#include "workflow/resource_frame.h"
#include "workflow/route.h"
#include <string.h>

#define CHECKS_AT_ONCE 8
#define CHECK_CALL_MS  60000
#define CLAIM_US       (4 * CHECK_CALL_MS * US_PER_MS) /* two calls, and what comes before and after them */
#define AGAIN_US       (2 * US_PER_SEC)                /* after a claim that failed */
#define SCHEDULE_MOST  500

/* ---- pace ---- */

struct drift_pace engine_pace_of(const struct admin_config *config)
{
    return (struct drift_pace){config->drift_enabled ? config->drift_interval_ms * US_PER_MS : 0, config->drift_jitter};
}

uint32_t check_chance(void)
{
    uint32_t chance;

    crypto_random(&chance, sizeof chance);
    return chance;
}

static struct drift_pace present_pace(struct engine *engine)
{
    struct drift_pace pace;

    pthread_mutex_lock(&engine->lock);
    pace = engine->pace;
    pthread_mutex_unlock(&engine->lock);
    return pace;
}

int64_t engine_check_at(struct engine *engine, const char *annotations)
{
    struct drift_pace pace = present_pace(engine);

    if (drift_wish_of(annotations) == DRIFT_IGNORE)
        return DRIFT_NEVER;
    return pace.interval_us ? clock_steady_us() + drift_delay(&pace, check_chance()) : 0;
}

void engine_check_due(struct engine *engine, int64_t at)
{
    if (at <= 0 || at == DRIFT_NEVER)
        return;
    pthread_mutex_lock(&engine->lock);
    if (at < engine->next_check_us) {
        engine->next_check_us = at;
        engine_kick(engine);
    }
    pthread_mutex_unlock(&engine->lock);
}

/* ---- the end of a look ---- */

static void batch_unref(struct check_batch *batch)
{
    if (atomic_fetch_sub(&batch->refs, 1) != 1)
        return;
    arena_fini(&batch->arena);
    free(batch);
}

void check_end(struct check *check)
{
    struct engine *engine = check->engine;

    pthread_mutex_lock(&engine->lock);
    *check->link = check->next;
    if (check->next)
        check->next->link = check->link;
    engine->checking--;
    engine_kick(engine); /* there is room for another one */
    pthread_cond_broadcast(&engine->wake_idle);
    pthread_mutex_unlock(&engine->lock);
    policy_decision_fini(&check->decision);
    deployment_draft_free(check->draft);
    json_decref(check->outputs);
    json_decref(check->changes);
    json_decref(check->drift);
    free(check->status);
    free(check->text);
    free(check->error);
    redactor_free(check->redactor);
    platform_unref(check->platform);
    pthread_mutex_destroy(&check->lock);
    batch_unref(check->batch);
    free(check);
}

void engine_check_stop(struct engine *engine)
{
    for (struct check *check = engine->checks; check; check = check->next) {
        pthread_mutex_lock(&check->lock);
        check->cancel = true;
        if (check->call)
            plugin_cancel(engine->options.plugins, check->call);
        pthread_mutex_unlock(&check->lock);
    }
}

/* ---- calls ---- */

static void on_log(void *ctx, const char *level, const char *text)
{
    (void)ctx;
    (void)level;
    (void)text; /* what came of the look is stored; how, nobody reads */
}

static void on_progress(void *ctx, int percent, const char *text)
{
    (void)ctx;
    (void)percent;
    (void)text;
}

static void on_secret(void *ctx, const char *text) { redactor_add(((struct check *)ctx)->redactor, text, strlen(text)); }

static void answered(struct engine_job *job, bool stopping);

static void on_done(void *ctx, const struct plugin_result *result)
{
    struct check *check = ctx;

    pthread_mutex_lock(&check->lock);
    check->call = NULL;
    pthread_mutex_unlock(&check->lock);
    check->err = (struct err){0};
    if (result->outcome == PLUGIN_DONE_FAILED)
        check->err = result->err;
    else if (result->outcome == PLUGIN_DONE_PENDING)
        err_set(&check->err, ERR_PLUGIN_PROTOCOL, "%s answers a look with PENDING; get_status and plan say at once what they see",
                check->look->row->provisioner);
    else if (check->operation == PLUGIN_GET_STATUS) {
        check->status = mem_strdup(result->status);
        check->text = mem_strdup(result->status_text);
        check->outputs = json_clone(result->outputs);
    } else {
        check->changes = json_clone(json_object_get(result->outputs, "changes"));
    }
    engine_post(check->engine, &check->job, answered);
}

static int make_frame(const struct check *check, json_t **out, struct err *err)
{
    const struct resource_row *row = check->look->row;
    CLEANUP(json_put) json_t *params = json_loads(row->params, 0, NULL);
    struct config_target target = {0};
    CLEANUP(arena_fini) struct arena arena = {0};
    struct config_wish wish = {.requested = row->environment};
    struct frame_of of = {.opening = {check->engine, check->redactor, row->org, row->team},
                          .platform = check->platform,
                          .row = row,
                          .operation = "read",
                          .application = row->application,
                          .product = row->product,
                          .params = params};

    if (!params)
        return err_set(err, ERR_STORE_CORRUPT, "the params of resource %s cannot be read", row->id);
    if (config_select_environment(check->platform->config, &wish, &arena, NULL, &target, err) < 0)
        return -1;
    of.environment_type = target.type;
    return resource_frame(&of, out, err);
}

static void call(struct check *check, enum plugin_operation operation)
{
    CLEANUP(json_put) json_t *frame = NULL;
    struct plugin_request request = {.instance = check->look->row->provisioner,
                                     .operation = operation,
                                     .deadline_ms = CHECK_CALL_MS,
                                     .events = {.log = on_log, .progress = on_progress, .secret = on_secret, .done = on_done},
                                     .ctx = check};
    int rc = -1;

    check->err = (struct err){0};
    check->operation = operation;
    if (make_frame(check, &frame, &check->err) == 0) {
        request.resource = frame;
        pthread_mutex_lock(&check->lock); /* so that who cancels finds the call */
        if (check->cancel)
            err_set(&check->err, ERR_CANCELED, "canceled");
        else
            rc = plugin_call_start(check->engine->options.plugins, &request, &check->call, &check->err);
        pthread_mutex_unlock(&check->lock);
    }
    if (rc < 0)
        answered(&check->job, false);
}

static void begin(struct engine_job *job, bool stopping)
{
    struct check *check = (struct check *)job;

    if (stopping) {
        check_end(check); /* its claim runs out */
        return;
    }
    check->platform = engine_platform(check->engine);
    check->redactor = redactor_new();
    call(check, PLUGIN_GET_STATUS);
}

/* ---- answers ---- */

static bool has_plan(const struct check *check)
{
    const json_t *manifest = json_object_get(check->platform->provisioners, check->look->row->provisioner);

    return route_has_slot(manifest, "plan") && (str_eq(check->status, "active") || str_eq(check->status, "degraded"));
}

static void status_answered(struct check *check)
{
    if (check->err.code == ERR_NOT_FOUND) {
        check->status = mem_strdup("terminated");
        check->text = mem_strdup(check->err.msg);
        check_store(check);
    } else if (check->err.code != ERR_NONE) {
        check_store_failure(check);
    } else if (drift_is_moving(check->status)) {
        check_release(check, clock_steady_us() + drift_delay_busy(&check->pace));
    } else if (has_plan(check)) {
        call(check, PLUGIN_PLAN);
    } else {
        check_store(check);
    }
}

/* What is known to be unwell is unwell without a plan too. */
static void plan_answered(struct check *check)
{
    if (check->err.code != ERR_NONE && check->err.code != ERR_UNSUPPORTED && str_eq(check->status, "active"))
        check_store_failure(check);
    else
        check_store(check);
}

static void answered(struct engine_job *job, bool stopping)
{
    struct check *check = (struct check *)job;
    bool canceled = check->err.code == ERR_CANCELED || check->err.code == ERR_SHUTDOWN;

    if (stopping)
        check_end(check);
    else if (canceled) /* nobody has looked: at once, by whoever comes next */
        check_release(check, clock_steady_us() + (check->cancel ? 0 : drift_delay_busy(&check->pace)));
    else if (check->operation == PLUGIN_GET_STATUS)
        status_answered(check);
    else
        plan_answered(check);
}

/* ---- claiming ---- */

struct claim {
    struct engine *engine;
    struct drift_pace pace;
    int room;
    struct check_batch *batch;
    struct drift_look *looks;
    int64_t next;
};

static int claim_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct claim *claim = ctx;
    int64_t now = clock_steady_us();

    arena_fini(&claim->batch->arena); /* it may run again */
    claim->batch->arena = (struct arena){0};
    claim->looks = NULL;
    if (drift_claim(tx, claim->engine->owner, now, now + CLAIM_US, &claim->pace, claim->room, &claim->batch->arena, &claim->looks, err) < 0)
        return -1;
    return drift_next(tx, &claim->next, err);
}

static struct check *make_check(const struct claim *claim, struct drift_look *look)
{
    struct check *check = mem_zalloc(sizeof *check);

    check->engine = claim->engine;
    check->pace = claim->pace;
    check->batch = claim->batch;
    atomic_fetch_add(&check->batch->refs, 1);
    check->look = look;
    pthread_mutex_init(&check->lock, NULL);
    return check;
}

/* Lock held. */
static void add_check(struct engine *engine, struct check *check)
{
    check->next = engine->checks;
    check->link = &engine->checks;
    if (engine->checks)
        engine->checks->link = &check->next;
    engine->checks = check;
    engine->checking++;
}

static void claimed(void *ctx, const struct err *result)
{
    struct claim *claim = ctx;
    struct engine *engine = claim->engine;
    bool failed = result->code != ERR_NONE;
    int64_t next = failed ? clock_steady_us() + AGAIN_US : claim->next;

    if (failed && result->code != ERR_SHUTDOWN)
        log_warn("engine", "resources could not be claimed to be looked at: %s", result->msg);
    failpoint("engine.after_check_claim");
    for (struct drift_look *look = failed ? NULL : claim->looks, *more; look; look = more) {
        struct check *check = make_check(claim, look);

        more = look->next;
        pthread_mutex_lock(&engine->lock);
        add_check(engine, check);
        pthread_mutex_unlock(&engine->lock);
        engine_post(engine, &check->job, begin);
    }
    pthread_mutex_lock(&engine->lock);
    engine->claiming_checks = false;
    if (next < engine->next_check_us)
        engine->next_check_us = next;
    engine_kick(engine);
    pthread_cond_broadcast(&engine->wake_idle);
    pthread_mutex_unlock(&engine->lock);
    batch_unref(claim->batch);
    free(claim);
}

int64_t engine_check_dispatch(struct engine *engine)
{
    int64_t left = engine->next_check_us == NEVER ? NEVER : engine->next_check_us - clock_steady_us();
    struct claim *claim;

    if (engine->draining || engine->claiming_checks || left == NEVER || engine->pace.interval_us == 0)
        return NEVER;
    if (left > 0)
        return clock_mono_us() + left;
    if (engine->checking >= CHECKS_AT_ONCE)
        return NEVER; /* kicked when one ends */
    claim = mem_zalloc(sizeof *claim);
    claim->engine = engine;
    claim->batch = mem_zalloc(sizeof *claim->batch);
    claim->batch->refs = 1;
    claim->pace = engine->pace;
    claim->room = CHECKS_AT_ONCE - engine->checking;
    engine->claiming_checks = true;
    engine->next_check_us = NEVER;
    pthread_mutex_unlock(&engine->lock);
    store_write(engine->store, claim_unit, claim, claimed);
    pthread_mutex_lock(&engine->lock);
    return NEVER;
}

/* ---- times ---- */

struct scheduling {
    struct engine *engine;
    struct drift_pace pace;
    int64_t now;
    bool left;
};

static int64_t next_of(void *ctx, const char *annotations)
{
    const struct scheduling *s = ctx;

    return drift_wish_of(annotations) == DRIFT_IGNORE ? DRIFT_NEVER : s->now + drift_delay(&s->pace, check_chance());
}

static int schedule_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct scheduling *s = ctx;
    int64_t latest = s->now + 2 * s->pace.interval_us; /* no delay is as long, but those after repairs in vain */

    return drift_schedule(tx, latest, SCHEDULE_MOST, next_of, s, &s->left, err);
}

int engine_check_start(struct engine *engine, struct err *err)
{
    struct scheduling s = {.engine = engine, .pace = engine->pace, .now = clock_steady_us(), .left = engine->pace.interval_us > 0};

    while (s.left)
        if (store_write_wait(engine->store, schedule_unit, &s, err) < 0)
            return -1;
    engine->next_check_us = 0;
    return 0;
}

static void scheduled(void *ctx, const struct err *result)
{
    struct scheduling *s = ctx;

    if (result->code == ERR_NONE && s->left) {
        store_write(s->engine->store, schedule_unit, s, scheduled);
        return;
    }
    if (result->code != ERR_NONE && result->code != ERR_SHUTDOWN)
        log_warn("engine", "resources are looked at as often as before, until their next look: %s", result->msg);
    engine_check_due(s->engine, 1);
    free(s);
}

void engine_check_set_pace(struct engine *engine, const struct admin_config *config)
{
    struct drift_pace pace = engine_pace_of(config);
    struct scheduling *s;
    bool same;

    pthread_mutex_lock(&engine->lock);
    same = engine->pace.interval_us == pace.interval_us;
    engine->pace = pace;
    pthread_mutex_unlock(&engine->lock);
    if (same || !pace.interval_us)
        return;
    s = mem_zalloc(sizeof *s);
    *s = (struct scheduling){.engine = engine, .pace = pace, .now = clock_steady_us()};
    store_write(engine->store, schedule_unit, s, scheduled);
}
