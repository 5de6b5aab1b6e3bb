/* A deployment leaving the queue: what changes is worked out again against what runs now, the policies are asked again, then it starts. On
 * workers. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "policy/policy.h"
#include "workflow/current.h"
#include "workflow/denial.h"
#include "workflow/engine_priv.h"
#include "workflow/plan_build.h"
#include "workflow/policy_input.h"
#include <string.h>

#define POSTPONE_US (500 * US_PER_MS) /* until a deployment that cannot be read is looked at again */

struct start {
    struct step_work *work;
    struct run *run; /* with the refreshed plan; as stored when nothing has changed (plan: NULL) */
    struct starts starts;
    struct err denied;  /* code: ERR_NONE when it may start */
    json_t *violations; /* of the policies that denied it, NULL */
    char *plan, *outline, *summary, *cost, *error;
    bool ended, stale;
};

static int give_up_task(struct store_tx *tx, struct start *s, struct err *err)
{
    const struct step_work *work = s->work;
    int64_t changed = 0;

    if (store_exec(tx, "DELETE FROM tasks WHERE id = $1 AND fence = $2 AND lease_owner = $3",
                   STORE_ARGS(store_text(work->task_id), store_int(work->fence), store_text(work->engine->owner)), &changed, err) < 0)
        return -1;
    s->stale = changed == 0;
    return 0;
}

static int store_denial(struct store_tx *tx, const struct start *s, struct err *err)
{
    const struct run *run = s->run;

    if (!s->violations)
        return 0;
    return denial_store(tx,
                        &(struct denial_about){.org = run->org,
                                               .team = run->team,
                                               .actor = run->created_by,
                                               .application = run->application,
                                               .environment = run->environment,
                                               .deployment_id = run->id,
                                               .action = "deployment.start",
                                               .object = run->id},
                        s->violations, err);
}

static int start_run(struct store_tx *tx, struct start *s, struct err *err)
{
    if (s->plan && store_exec(tx, "UPDATE deployments SET plan = $2, outline = $3, summary = $4, cost = $5 WHERE id = $1",
                              STORE_ARGS(store_text(s->run->id), store_text(s->plan), store_text(s->outline), store_text(s->summary),
                                         store_text(s->cost)),
                              NULL, err) < 0)
        return -1;
    return run_start(tx, s->run, &s->starts, &s->ended, err);
}

static int start_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct start *s = ctx;
    int64_t queued = 0;

    s->ended = false;
    starts_begin(&s->starts, s->work->engine, 1);
    if (give_up_task(tx, s, err) < 0 || s->stale)
        return s->stale ? 0 : -1;
    if (store_query_int(tx, "SELECT count(*) FROM deployments WHERE id = $1 AND state = 'queued'", STORE_ARGS(store_text(s->run->id)), 0,
                        &queued, err) < 0)
        return -1;
    if (!queued)
        return admit_waiting(tx, s->work->engine, err); /* canceled or superseded meanwhile: whoever did that has handed the lock over */
    if (s->denied.code != ERR_NONE) {
        s->ended = true;
        if (store_denial(tx, s, err) < 0 || run_end(tx, s->run, RUN_FAILED, false, s->error, err) < 0)
            return -1;
        return 0;
    }
    return start_run(tx, s, err);
}

static void start_free(struct start *s)
{
    json_decref(s->violations);
    run_unref(s->run);
    free(s->plan);
    free(s->outline);
    free(s->summary);
    free(s->cost);
    free(s->error);
    free(s);
}

static void started(void *ctx, const struct err *result)
{
    struct start *s = ctx;
    struct step_work *work = s->work;
    bool committed = result->code == ERR_NONE && !s->stale;

    if (result->code != ERR_NONE && result->code != ERR_SHUTDOWN)
        log_error("engine", "deployment %s could not be started and is tried again when its lease ends: %s", work->deployment_id,
                  result->msg);
    else if (committed && !s->ended)
        run_cache_add(work->engine, s->run, false);
    if (s->ended)
        run_cache_drop(work->engine, work->deployment_id);
    starts_end(&s->starts, committed);
    start_free(s);
    engine_work_done(work);
}

/* Puts the task back; the reason is in the log. */
static int postpone_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct step_work *work = ctx;

    return store_exec(
               tx, "UPDATE tasks SET state = 'pending', lease_owner = NULL, run_at = $4 WHERE id = $1 AND fence = $2 AND lease_owner = $3",
               STORE_ARGS(store_text(work->task_id), store_int(work->fence), store_text(work->engine->owner),
                          store_int(clock_steady_us() + POSTPONE_US)),
               NULL, err) < 0
               ? -1
               : store_notify(tx, "tasks", err);
}

static void postponed(void *ctx, const struct err *result)
{
    (void)result;
    engine_work_done(ctx);
}

static void ask_policies(struct start *s, const json_t *plan, const json_t *state)
{
    struct policy_decision decision = {0};
    CLEANUP(json_put) json_t *error = NULL;
    CLEANUP(json_put)
    json_t *input = policy_input_deployment(s->work->platform, plan, json_object_get(plan, "user"), json_object_get(state, "resources"));

    policy_evaluate(s->work->platform->policies, "deployment", input, &decision);
    if (decision.denied) {
        policy_decision_to_err(&decision, &s->denied);
        error = err_to_json(&s->denied);
        s->error = json_text(error);
        s->violations = json_incref(decision.violations);
    }
    policy_decision_fini(&decision);
}

/* The refreshed plan takes the place of the stored one. */
static int replace_plan(struct start *s, const struct run *stored, const json_t *plan, struct err *err)
{
    if (run_make(s->work->engine, s->work->deployment_id, plan, stored->created_by, stored->trace_id, &s->run, err) < 0)
        return -1;
    s->plan = json_text(plan);
    s->outline = plan_outline(plan);
    s->cost = json_object_get(plan, "cost") ? json_text(json_object_get(plan, "cost")) : NULL;
    s->summary = json_text(json_object_get(plan, "summary"));
    return 0;
}

/* Mostly nothing that matters to it has changed while it waited: how many deployments were accepted since does not. */
static bool is_as_stored(json_t *plan, const json_t *stored)
{
    int64_t revision = json_int(plan, "revision", 0);
    bool same;

    json_set_int(plan, "revision", json_int(stored, "revision", 0));
    same = json_equal(plan, stored);
    json_set_int(plan, "revision", revision);
    return same;
}

static int prepare(struct start *s, struct err *err)
{
    struct step_work *work = s->work;
    CLEANUP(run_put) struct run *stored = NULL;
    CLEANUP(json_put) json_t *state = NULL;
    CLEANUP(json_put) json_t *plan = NULL;
    CLEANUP(json_put) json_t *error = NULL;

    if (run_load(work->engine, work->deployment_id, &stored, err) < 0)
        return -1;
    if (current_of_plan(work->engine->store, stored->plan, &state, err) < 0)
        return -1;
    plan = json_clone(stored->plan);
    if (plan_refresh(work->platform->config, work->platform->provisioners, plan, state, &s->denied) < 0) {
        error = err_to_json(&s->denied);
        s->error = json_text(error);
    }
    if (s->denied.code == ERR_NONE)
        ask_policies(s, plan, state);
    if (!is_as_stored(plan, stored->plan))
        return replace_plan(s, stored, plan, err);
    s->run = run_ref(stored);
    return 0;
}

void deployment_leave_queue(struct step_work *work)
{
    struct start *s = mem_zalloc(sizeof *s);
    struct err err = {0};

    s->work = work;
    work->platform = engine_platform(work->engine);
    if (prepare(s, &err) == 0) {
        engine_write(work->engine, start_unit, s, started);
        return;
    }
    log_error("engine", "deployment %s cannot leave the queue: %s", work->deployment_id, err.msg);
    start_free(s);
    store_write(work->engine->store, postpone_unit, work, postponed);
}
