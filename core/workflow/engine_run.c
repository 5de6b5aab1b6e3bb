/* Runs of deployments: their cached plans, and the units of work that carry them forward (start, continue, end, hand over the lock).
 * The units run on store threads; they do no I/O and may run again. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "workflow/engine_priv.h"
#include <string.h>

/* ---- the cache ---- */

static int fill(struct run *run, const char *id, const json_t *plan, const char *created_by, const char *trace_id, struct err *err)
{
    snprintf(run->id, sizeof run->id, "%s", id);
    plan = run->plan = json_freeze(plan);
    run->org = json_str(plan, "org");
    run->team = json_str(plan, "team");
    run->application = json_str(plan, "application");
    run->workload = json_str(plan, "workload");
    run->product = json_str(plan, "product");
    run->kind = json_str(plan, "kind");
    run->environment = json_str(json_object_get(plan, "environment"), "name");
    run->environment_type = json_str(json_object_get(plan, "environment"), "type");
    run->created_by = arena_strdup(&run->arena, created_by);
    run->trace_id = arena_strdup(&run->arena, trace_id);
    if (!run->org || !run->team || !run->application || !run->workload || !run->kind || !run->environment || !run->environment_type)
        return err_set(err, ERR_STORE_CORRUPT, "the plan of %s lacks its names", id);
    return shape_make(plan, &run->arena, &run->shape, err);
}

int run_make(const char *id, const json_t *plan, const char *created_by, const char *trace_id, struct run **out, struct err *err)
{
    struct run *run = mem_zalloc(sizeof *run);

    run->refs = 1;
    if (fill(run, id, plan, created_by, trace_id, err) < 0) {
        run_unref(run);
        return -1;
    }
    *out = run;
    return 0;
}

struct run *run_ref(struct run *run)
{
    atomic_fetch_add(&run->refs, 1);
    return run;
}

void run_unref(struct run *run)
{
    if (!run || atomic_fetch_sub(&run->refs, 1) != 1)
        return;
    json_frozen_free(run->plan);
    arena_fini(&run->arena);
    free(run);
}

static struct run **find_cached(struct engine *engine, const char *deployment_id)
{
    struct run **at = &engine->runs;

    while (*at && strcmp((*at)->id, deployment_id) != 0)
        at = &(*at)->next;
    return at;
}

void run_cache_add(struct engine *engine, struct run *run)
{
    pthread_mutex_lock(&engine->lock);
    if (!*find_cached(engine, run->id)) {
        run->next = engine->runs;
        engine->runs = run_ref(run);
    }
    pthread_mutex_unlock(&engine->lock);
}

void run_cache_drop(struct engine *engine, const char *deployment_id)
{
    struct run **at, *run;

    pthread_mutex_lock(&engine->lock);
    at = find_cached(engine, deployment_id);
    run = *at;
    if (run)
        *at = run->next;
    pthread_mutex_unlock(&engine->lock);
    run_unref(run);
}

struct loading {
    const char *id;
    struct run *run;
};

static int load_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct loading *loading = ctx;
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *plan = NULL;
    int more;

    if (store_query(tx, "SELECT plan, created_by, trace_id FROM deployments WHERE id = $1", STORE_ARGS(store_text(loading->id)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "deployment %s is gone", loading->id);
    plan = json_loads(store_col_text(rows, 0), 0, NULL);
    if (!plan)
        return err_set(err, ERR_STORE_CORRUPT, "the plan of %s cannot be read", loading->id);
    return run_make(loading->id, plan, store_col_text(rows, 1), store_col_text(rows, 2), &loading->run, err);
}

int run_load(struct engine *engine, const char *deployment_id, struct run **out, struct err *err)
{
    struct loading loading = {.id = deployment_id};
    struct run *cached;

    pthread_mutex_lock(&engine->lock);
    cached = *find_cached(engine, deployment_id);
    if (cached)
        run_ref(cached);
    pthread_mutex_unlock(&engine->lock);
    if (cached) {
        *out = cached;
        return 0;
    }
    if (store_read(engine->store, load_unit, &loading, err) < 0)
        return -1;
    run_cache_add(engine, loading.run);
    *out = loading.run;
    return 0;
}

/* ---- events ---- */

int run_event(struct store_tx *tx, const struct run *run, const char *type, const struct shape_step *step, const char *step_id, const json_t *data, struct err *err)
{
    const struct shape_workflow *workflow = step ? &run->shape.workflows[step->workflow] : NULL;

    return event_write(tx,
                       &(struct event){.type = type, .org = run->org, .team = run->team, .deployment_id = run->id, .workflow_id = workflow ? workflow->id : NULL,
                                       .step_id = step_id, .step = step ? step->name : NULL, .application = run->application, .environment = run->environment,
                                       .data = data},
                       err);
}

static int workflow_event(struct store_tx *tx, const struct run *run, const struct shape_workflow *workflow, const char *what, struct err *err)
{
    char type[64];

    snprintf(type, sizeof type, "workflow.%s", what);
    return event_write(tx,
                       &(struct event){.type = type, .org = run->org, .team = run->team, .deployment_id = run->id, .workflow_id = workflow->id,
                                       .application = run->application, .environment = run->environment},
                       err);
}

/* ---- carrying out what advance() says ---- */

struct present {
    enum step_state *states;
    bool *started;
    enum run_state *ended;
    bool cancel;
    enum run_state state; /* of the deployment */
};

static int read_steps(struct store_tx *tx, const struct run *run, struct present *now, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, "SELECT workflow_position, position, state FROM steps WHERE deployment_id = $1", STORE_ARGS(store_text(run->id)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        int64_t workflow = store_col_int(rows, 0), position = store_col_int(rows, 1);
        enum step_state state = step_state_parse(store_col_text(rows, 2));

        if (workflow < 0 || workflow >= run->shape.count || position < 0 || position >= run->shape.workflows[workflow].count || state == STEP_STATES)
            return err_set(err, ERR_STORE_CORRUPT, "a step of %s is not in its plan", run->id);
        now->states[run->shape.workflows[workflow].first + (unsigned)position] = state;
    }
    return more;
}

static int read_workflows(struct store_tx *tx, const struct run *run, struct present *now, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, "SELECT position, state FROM workflow_runs WHERE deployment_id = $1", STORE_ARGS(store_text(run->id)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        int64_t position = store_col_int(rows, 0);

        if (position < 0 || position >= run->shape.count)
            return err_set(err, ERR_STORE_CORRUPT, "an execution of %s is not in its plan", run->id);
        now->started[position] = true;
        now->ended[position] = run_state_parse(store_col_text(rows, 1));
    }
    return more;
}

static int read_present(struct store_tx *tx, const struct run *run, struct arena *arena, struct present *now, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    now->states = arena_array(arena, run->shape.steps + 1, sizeof *now->states); /* 0 is STEP_PENDING */
    now->started = arena_array(arena, run->shape.count + 1, sizeof *now->started);
    now->ended = arena_array(arena, run->shape.count + 1, sizeof *now->ended);
    if (store_query(tx, "SELECT state, cancel_requested FROM deployments WHERE id = $1", STORE_ARGS(store_text(run->id)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "deployment %s is gone", run->id);
    now->state = run_state_parse(store_col_text(rows, 0));
    now->cancel = store_col_int(rows, 1) != 0;
    store_rows_close(&rows);
    return read_steps(tx, run, now, err) < 0 || read_workflows(tx, run, now, err) < 0 ? -1 : 0;
}

static int insert_task(struct store_tx *tx, const struct run *run, const struct shape_workflow *workflow, const char *task_id, const char *step_id, int64_t now,
                       struct err *err)
{
    return store_exec(tx,
                      "INSERT INTO tasks (id, org, team, kind, deployment_id, workflow_id, step_id, application, environment, state, priority, run_at, created_at) "
                      "VALUES ($1, $2, $3, 'step', $4, $5, $6, $7, $8, 'pending', 1, $9, $9)",
                      STORE_ARGS(store_text(task_id), store_text(run->org), store_text(run->team), store_text(run->id), store_text(workflow->id),
                                 store_text(step_id), store_text(run->application), store_text(run->environment), store_int(now)),
                      NULL, err);
}

static int carry_out_step(struct store_tx *tx, const struct run *run, const struct advance *what, struct err *err)
{
    const struct shape_workflow *workflow = &run->shape.workflows[what->workflow];
    const struct shape_step *step = &workflow->steps[what->step];
    bool ready = what->step_state == STEP_READY;
    int64_t now = clock_now_us();
    char step_id[ID_BYTES], task_id[ID_BYTES], type[64];

    if (what->step_state == STEP_CANCELED)
        return 0; /* never started: shown as canceled because its execution has ended */
    id_new("s", step_id);
    id_new("t", task_id);
    if (store_exec(tx,
                   "INSERT INTO steps (id, deployment_id, workflow_id, workflow_position, position, name, type, state, task_id, max_attempts, finished_at, "
                   "skipped_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                   STORE_ARGS(store_text(step_id), store_text(run->id), store_text(workflow->id), store_int(what->workflow), store_int(what->step),
                              store_text(step->name), store_text(step->type), store_text(step_state_name(what->step_state)),
                              ready ? store_text(task_id) : store_null(), store_int(step->max_attempts), ready ? store_null() : store_int(now),
                              ready ? store_null() : store_text(step->runs == RUNS_ON_FAILURE ? "nothing failed" : "an earlier step failed")),
                   NULL, err) < 0 ||
        (ready && insert_task(tx, run, workflow, task_id, step_id, now, err) < 0))
        return -1;
    snprintf(type, sizeof type, "step.%s", step_state_name(what->step_state));
    return run_event(tx, run, type, step, step_id, NULL, err);
}

static int carry_out_workflow(struct store_tx *tx, const struct run *run, const struct advance *what, struct err *err)
{
    const struct shape_workflow *workflow = &run->shape.workflows[what->workflow];
    int64_t now = clock_now_us();

    if (what->kind == ADVANCE_WORKFLOW_STARTED) {
        if (store_exec(tx, "INSERT INTO workflow_runs (id, deployment_id, position, name, tier, phase, state, started_at) VALUES ($1, $2, $3, $4, $5, $6, 'running', $7)",
                       STORE_ARGS(store_text(workflow->id), store_text(run->id), store_int(what->workflow), store_text(workflow->name), store_text(workflow->tier),
                                  store_text(workflow->phase), store_int(now)),
                       NULL, err) < 0)
            return -1;
        return workflow_event(tx, run, workflow, "started", err);
    }
    if (store_exec(tx,
                   "UPDATE workflow_runs SET state = $2, finished_at = $3, error = (SELECT error FROM steps WHERE workflow_id = $1 AND error IS NOT NULL AND state "
                   "<> 'completed' ORDER BY finished_at LIMIT 1) WHERE id = $1",
                   STORE_ARGS(store_text(workflow->id), store_text(run_state_name(what->run_state)), store_int(now)), NULL, err) < 0)
        return -1;
    return workflow_event(tx, run, workflow, run_state_name(what->run_state), err);
}

/* The error of the first execution that ended badly, NULL if none says. */
static int first_error(struct store_tx *tx, const struct run *run, struct arena *arena, const char **out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, "SELECT error FROM workflow_runs WHERE deployment_id = $1 AND error IS NOT NULL AND state <> 'completed' ORDER BY position LIMIT 1",
                    STORE_ARGS(store_text(run->id)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    *out = more ? arena_strdup(arena, store_col_text(rows, 0)) : NULL;
    return 0;
}

int run_continue(struct store_tx *tx, struct run *run, bool *out_ended, struct err *err)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    struct present now = {0};
    struct advance_list list;
    const char *error = NULL;

    *out_ended = false;
    if (read_present(tx, run, &arena, &now, err) < 0)
        return -1;
    if (run_state_is_final(now.state) || now.state == RUN_QUEUED)
        return 0;
    list = advance(&run->shape, now.states, now.started, now.ended, now.cancel, &arena);
    for (unsigned i = 0; i < list.count; i++) {
        const struct advance *what = &list.items[i];

        if (what->kind == ADVANCE_STEP ? carry_out_step(tx, run, what, err) < 0 : what->kind != ADVANCE_RUN_ENDED && carry_out_workflow(tx, run, what, err) < 0)
            return -1;
        if (what->kind == ADVANCE_RUN_ENDED) {
            *out_ended = true;
            if (what->run_state != RUN_COMPLETED && first_error(tx, run, &arena, &error, err) < 0)
                return -1;
            return run_end(tx, run, what->run_state, list.degraded, error, err);
        }
    }
    return 0;
}

int run_start(struct store_tx *tx, struct run *run, bool *out_ended, struct err *err)
{
    int64_t now = clock_now_us();

    if (store_exec(tx, "UPDATE deployments SET state = 'running', started_at = $2 WHERE id = $1 AND state = 'queued'", STORE_ARGS(store_text(run->id), store_int(now)),
                   NULL, err) < 0 ||
        store_exec(tx,
                   "UPDATE application_environments SET state = $5, active_deployment_id = $6, deployment_id = $6, updated_at = $7 WHERE org = $1 AND team = $2 AND "
                   "application = $3 AND environment = $4",
                   STORE_ARGS(store_text(run->org), store_text(run->team), store_text(run->application), store_text(run->environment),
                              store_text(str_eq(run->kind, "delete") ? "deleting" : "deploying"), store_text(run->id), store_int(now)),
                   NULL, err) < 0 ||
        run_event(tx, run, "deployment.started", NULL, NULL, NULL, err) < 0)
        return -1;
    return run_continue(tx, run, out_ended, err);
}
