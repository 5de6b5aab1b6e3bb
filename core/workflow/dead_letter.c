/* Owns what becomes of dead letters. Called by the api's own threads; units run on store threads. */
#include "workflow/dead_letter.h"
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "policy/policy.h"
#include "workflow/current.h"
#include "workflow/engine_priv.h"
#include "workflow/policy_input.h"
#include <string.h>

struct letter {
    const struct dead_letter *asked;
    struct engine *engine;
    struct run *run;
    int64_t attempt;
    char workflow_id[ID_BYTES];
    unsigned workflow, position;
};

#define KEY_ARGS(run) store_text((run)->org), store_text((run)->team), store_text((run)->application), store_text((run)->environment)
#define KEY_WHERE     "org = $1 AND team = $2 AND application = $3 AND environment = $4"

/* ---- what must hold ---- */

static int read_step(struct store_tx *tx, struct letter *l, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx,
                    "SELECT attempt, workflow_id, workflow_position, position FROM steps WHERE id = $1 AND dead = 1 AND state = 'failed'",
                    STORE_ARGS(store_text(l->asked->step_id)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return err_set(err, ERR_CONFLICT, "task %s is not in the dead-letter list", l->asked->task_id);
    l->attempt = store_col_int(rows, 0);
    snprintf(l->workflow_id, sizeof l->workflow_id, "%s", store_col_text(rows, 1));
    l->workflow = (unsigned)store_col_int(rows, 2);
    l->position = (unsigned)store_col_int(rows, 3);
    return 0;
}

/* Only a deployment that has failed goes on, and only when nothing came after it that built on what it left. */
static int check_deployment(struct store_tx *tx, const struct letter *l, struct err *err)
{
    int64_t failed = 0, later = 0, taken = 0;
    bool full = false;

    if (store_query_int(tx, "SELECT count(*) FROM deployments WHERE id = $1 AND state = 'failed'", STORE_ARGS(store_text(l->run->id)), 0,
                        &failed, err) < 0 ||
        store_query_int(tx, "SELECT count(*) FROM deployments WHERE " KEY_WHERE " AND id > $5",
                        STORE_ARGS(KEY_ARGS(l->run), store_text(l->run->id)), 0, &later, err) < 0 ||
        store_query_int(tx, "SELECT count(*) FROM application_environments WHERE " KEY_WHERE " AND active_deployment_id IS NOT NULL",
                        STORE_ARGS(KEY_ARGS(l->run)), 0, &taken, err) < 0 ||
        admit_is_full(tx, l->engine, &full, err) < 0)
        return -1;
    if (!failed)
        return err_set(err, ERR_CONFLICT, "deployment %s has not failed (yet); a task is requeued when its deployment has ended as failed",
                       l->run->id);
    if (later || taken)
        return err_set(err, ERR_CONFLICT, "a later deployment of %s in %s has been accepted; deploy again instead of going on with %s",
                       l->run->application, l->run->environment, l->run->id);
    if (full)
        return err_set(err, ERR_CONFLICT, "as many deployments run as maxConcurrentWorkflows allows; try again when one has ended");
    return 0;
}

/* ---- requeue ---- */

/* The step is ready again; what was skipped because of it is as if it had not been looked at. */
static int revive_step(struct store_tx *tx, const struct letter *l, struct err *err)
{
    if (store_exec(
            tx,
            "UPDATE steps SET state = 'ready', dead = 0, finished_at = NULL, retry_at = NULL, error = NULL, outputs = NULL, begun = 0 "
            "WHERE id = $1",
            STORE_ARGS(store_text(l->asked->step_id)), NULL, err) < 0 ||
        store_exec(tx,
                   "DELETE FROM steps WHERE deployment_id = $1 AND workflow_position = $2 AND state = 'skipped' AND task_id IS NULL AND "
                   "started_at IS NULL",
                   STORE_ARGS(store_text(l->run->id), store_int(l->workflow)), NULL, err) < 0)
        return -1;
    return store_exec(tx,
                      "INSERT INTO tasks (id, org, team, kind, deployment_id, workflow_id, step_id, application, environment, state, "
                      "priority, attempt, run_at, created_at) SELECT CAST($1 AS TEXT), org, team, 'step', id, CAST($3 AS TEXT), CAST($4 AS "
                      "TEXT), application, environment, "
                      "'pending', priority, CAST($5 AS BIGINT), CAST($6 AS BIGINT), CAST($7 AS BIGINT) FROM deployments WHERE id = $2",
                      STORE_ARGS(store_text(l->asked->task_id), store_text(l->run->id), store_text(l->workflow_id),
                                 store_text(l->asked->step_id), store_int(l->attempt), store_int(clock_steady_us()),
                                 store_int(clock_now_us())),
                      NULL, err);
}

static int revive_deployment(struct store_tx *tx, const struct letter *l, struct err *err)
{
    int64_t now = clock_now_us();

    if (store_exec(tx, "UPDATE workflow_runs SET state = 'running', finished_at = NULL, error = NULL WHERE id = $1",
                   STORE_ARGS(store_text(l->workflow_id)), NULL, err) < 0 ||
        store_exec(tx, "UPDATE deployments SET state = 'running', finished_at = NULL, error = NULL, degraded = 0 WHERE id = $1",
                   STORE_ARGS(store_text(l->run->id)), NULL, err) < 0)
        return -1;
    return store_exec(
        tx, "UPDATE application_environments SET state = COALESCE($5, state), active_deployment_id = $6, updated_at = $7 WHERE " KEY_WHERE,
        STORE_ARGS(KEY_ARGS(l->run), store_text(run_busy_state(l->run)), store_text(l->run->id), store_int(now)), NULL, err);
}

static int record(struct store_tx *tx, const struct letter *l, const char *action, struct err *err)
{
    CLEANUP(json_put) json_t *detail = json_object();

    json_set_str(detail, "deployment_id", l->run->id);
    json_set_str(detail, "step_id", l->asked->step_id);
    json_set_int(detail, "attempts", l->attempt);
    return audit_write(tx,
                       &(struct audit_row){.org = l->run->org,
                                           .actor = l->asked->who->name,
                                           .team = l->run->team,
                                           .action = action,
                                           .object = l->asked->task_id,
                                           .environment = l->run->environment,
                                           .result = "ok",
                                           .detail = detail,
                                           .request_id = l->asked->request_id,
                                           .source_ip = l->asked->source_ip},
                       err);
}

static int requeue_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct letter *l = ctx;
    const struct shape_step *step;

    present_forget(l->engine, l->run->id);
    if (read_step(tx, l, err) < 0 || check_deployment(tx, l, err) < 0)
        return -1;
    if (l->workflow >= l->run->shape.count || l->position >= l->run->shape.workflows[l->workflow].count)
        return err_set(err, ERR_STORE_CORRUPT, "step %s is not in its plan", l->asked->step_id);
    step = &l->run->shape.workflows[l->workflow].steps[l->position];
    if (run_add_totals(tx, l->run, -1, err) < 0 || revive_step(tx, l, err) < 0 || revive_deployment(tx, l, err) < 0 ||
        run_event(tx, l->run, "deployment.resumed", NULL, NULL, NULL, err) < 0 ||
        run_event(tx, l->run, "step.ready", step, l->asked->step_id, NULL, err) < 0 || record(tx, l, "task.requeue", err) < 0)
        return -1;
    return store_notify(tx, "tasks", err);
}

static int ask_policies(const struct letter *l, struct err *err)
{
    CLEANUP(platform_put) struct platform *platform = engine_platform(l->engine);
    CLEANUP(json_put) json_t *state = NULL, *input = NULL;
    struct policy_decision decision = {0};
    int rc = 0;

    if (current_of_plan(l->engine->store, l->run->plan, &state, err) < 0)
        return -1;
    input = policy_input_deployment(platform, l->run->plan, json_object_get(l->run->plan, "user"), json_object_get(state, "resources"));
    policy_evaluate(platform->policies, "deployment", input, &decision);
    if (decision.denied)
        rc = policy_decision_to_err(&decision, err);
    policy_decision_fini(&decision);
    return rc;
}

static json_t *answer_of(const struct letter *l, const char *state)
{
    json_t *answer = json_object();

    json_set_str(answer, "id", l->asked->task_id);
    json_set_str(answer, "state", state);
    json_set_str(answer, "deployment_id", l->run->id);
    json_set_str(answer, "step_id", l->asked->step_id);
    return answer;
}

int dead_letter_requeue(struct engine *engine, const struct dead_letter *letter, json_t **out, struct err *err)
{
    CLEANUP(run_put) struct run *run = NULL;
    struct letter l = {.asked = letter, .engine = engine};

    if (run_load(engine, letter->deployment_id, &run, err) < 0)
        return -1;
    l.run = run;
    if (ask_policies(&l, err) < 0 || store_write_wait(engine->store, requeue_unit, &l, err) < 0)
        return -1;
    *out = answer_of(&l, "pending");
    json_set_int(*out, "attempt", l.attempt + 1);
    return 0;
}

/* ---- discard ---- */

static int discard_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct letter *l = ctx;

    if (read_step(tx, l, err) < 0 ||
        store_exec(tx, "UPDATE steps SET dead = 0 WHERE id = $1", STORE_ARGS(store_text(l->asked->step_id)), NULL, err) < 0)
        return -1;
    return record(tx, l, "task.discard", err);
}

int dead_letter_discard(struct engine *engine, const struct dead_letter *letter, json_t **out, struct err *err)
{
    CLEANUP(run_put) struct run *run = NULL;
    struct letter l = {.asked = letter, .engine = engine};

    if (run_load(engine, letter->deployment_id, &run, err) < 0)
        return -1;
    l.run = run;
    if (store_write_wait(engine->store, discard_unit, &l, err) < 0)
        return -1;
    *out = answer_of(&l, "failed");
    return 0;
}
