/* Canceling a deployment: what has not started never does, what runs is asked to stop; the lock is held until it is gone. HTTP and store
 * threads. */
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/str.h"
#include "resource/resource.h"
#include "workflow/deploy.h"
#include "workflow/engine_priv.h"
#include <string.h>

#define KEY_ARGS(run) store_text((run)->org), store_text((run)->team), store_text((run)->application), store_text((run)->environment)

struct cancel {
    struct engine *engine;
    struct run *run;
    char *actor, *request_id, *source_ip;
    struct deploy_guard guard;
    enum run_state state; /* afterwards */
    bool ended;
    deploy_accepted done;
    void *ctx;
};

static void cancel_free(struct cancel *c)
{
    run_unref(c->run);
    free(c->actor);
    free(c->request_id);
    free(c->source_ip);
    free(c);
}

static int present(struct store_tx *tx, const struct cancel *c, enum run_state *out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, "SELECT state FROM deployments WHERE id = $1", STORE_ARGS(store_text(c->run->id)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "deployment %s is gone", c->run->id);
    *out = run_state_parse(store_col_text(rows, 0));
    return 0;
}

/* What a step that waited had begun is left as it is, and is not well. */
static int abandon_resources(struct store_tx *tx, const struct run *run, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *ids = json_array();
    const json_t *id;
    size_t i;
    int more;

    if (store_query(tx, "SELECT resource_id FROM steps WHERE deployment_id = $1 AND resource_id IS NOT NULL AND state = 'canceled'",
                    STORE_ARGS(store_text(run->id)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        json_append_str(ids, store_col_text(rows, 0));
    store_rows_close(&rows);
    json_array_foreach(ids, i, id) if (resource_abandon(tx, json_string_value(id), run->id, err) < 0) return -1;
    return more;
}

/* Steps that wait are over at once; steps that run become canceling, and their tasks stay until the call is gone. */
static int cancel_steps(struct store_tx *tx, const struct run *run, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int64_t now = clock_now_us();
    int more;

    if (store_exec(tx, "DELETE FROM tasks WHERE deployment_id = $1 AND kind = 'step' AND state <> 'running'",
                   STORE_ARGS(store_text(run->id)), NULL, err) < 0)
        return -1;
    /* One that was put back into the queue keeps the state running: its task was deleted above. */
    if (store_query(tx,
                    "UPDATE steps SET state = 'canceled', finished_at = $2 WHERE deployment_id = $1 AND (state IN ('ready', 'waiting') OR "
                    "(state IN ('running', 'canceling') AND "
                    "NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = steps.task_id))) RETURNING type",
                    STORE_ARGS(store_text(run->id), store_int(now)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        store_count(tx, metric_of(METRIC_STEPS, store_col_text(rows, 0), "canceled", NULL));
    store_rows_close(&rows);
    if (more < 0)
        return -1;
    if (store_exec(tx, "UPDATE steps SET state = 'canceling' WHERE deployment_id = $1 AND state = 'running'",
                   STORE_ARGS(store_text(run->id)), NULL, err) < 0)
        return -1;
    return abandon_resources(tx, run, err);
}

/* One that still stands in the queue; it may hold the lock already. */
static int cancel_queued(struct store_tx *tx, struct cancel *c, struct err *err)
{
    const struct run *run = c->run;
    int64_t holds = 0, now = clock_now_us();

    if (store_exec(tx, "UPDATE deployments SET state = 'canceled', finished_at = $2 WHERE id = $1",
                   STORE_ARGS(store_text(run->id), store_int(now)), NULL, err) < 0 ||
        store_exec(tx, "DELETE FROM tasks WHERE deployment_id = $1", STORE_ARGS(store_text(run->id)), NULL, err) < 0 ||
        store_query_int(tx,
                        "SELECT count(*) FROM application_environments WHERE org = $1 AND team = $2 AND application = $3 AND environment = "
                        "$4 AND active_deployment_id = $5",
                        STORE_ARGS(KEY_ARGS(run), store_text(run->id)), 0, &holds, err) < 0)
        return -1;
    if (holds && run_hand_over(tx, run, err) < 0)
        return -1;
    /* An application that was to be made by it was not. */
    if (store_exec(tx,
                   "UPDATE application_environments SET state = 'failed', updated_at = $5 WHERE org = $1 AND team = $2 AND application = "
                   "$3 AND environment = $4 AND state = "
                   "'deploying' AND active_deployment_id IS NULL",
                   STORE_ARGS(KEY_ARGS(run), store_int(now)), NULL, err) < 0)
        return -1;
    store_count(tx, metric_of(METRIC_DEPLOYMENTS, run->kind, "canceled", NULL));
    return run_event(tx, run, "deployment.canceled", NULL, NULL, NULL, err);
}

static int cancel_running(struct store_tx *tx, struct cancel *c, struct err *err)
{
    if (store_exec(tx, "UPDATE deployments SET state = 'canceling', cancel_requested = 1 WHERE id = $1", STORE_ARGS(store_text(c->run->id)),
                   NULL, err) < 0 ||
        run_event(tx, c->run, "deployment.canceling", NULL, NULL, NULL, err) < 0 || cancel_steps(tx, c->run, err) < 0)
        return -1;
    return run_continue(tx, c->run, NULL, &c->ended, err);
}

static int cancel_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct cancel *c = ctx;
    enum run_state before = RUN_STATES;

    present_forget(c->engine, c->run->id);
    c->ended = false;
    if ((c->guard.check && c->guard.check(c->guard.ctx, tx, err) < 0) || present(tx, c, &before, err) < 0)
        return -1;
    c->state = run_next(before, RUN_EV_CANCEL);
    if (run_state_is_final(before))
        return err_set(err, ERR_CONFLICT, "deployment %s has ended (%s)", c->run->id, run_state_name(before));
    if (c->state == before)
        return 0; /* canceling already */
    if (c->state == RUN_CANCELED ? cancel_queued(tx, c, err) < 0 : cancel_running(tx, c, err) < 0)
        return -1;
    if (c->ended)
        c->state = RUN_CANCELED;
    if (audit_write(tx,
                    &(struct audit_row){.org = c->run->org,
                                        .actor = c->actor,
                                        .team = c->run->team,
                                        .action = "deployment.cancel",
                                        .object = c->run->id,
                                        .environment = c->run->environment,
                                        .result = "ok",
                                        .request_id = c->request_id,
                                        .source_ip = c->source_ip},
                    err) < 0)
        return -1;
    return store_notify(tx, "tasks", err) < 0 ? -1 : store_notify(tx, "cancels", err);
}

static void cancel_done(void *ctx, const struct err *result)
{
    struct cancel *c = ctx;
    CLEANUP(json_put) json_t *answer = json_object();

    if (result->code == ERR_NONE) {
        engine_cancel_works(c->engine, c->run->id);
        if (c->ended || run_state_is_final(c->state))
            run_cache_drop(c->engine, c->run->id);
        json_set_str(answer, "id", c->run->id);
        json_set_str(answer, "state", run_state_name(c->state));
    }
    c->done(c->ctx, result->code == ERR_NONE ? answer : NULL, result);
    cancel_free(c);
}

void deploy_cancel(struct engine *engine, const struct cancel_request *request, deploy_accepted done, void *ctx)
{
    struct cancel *c = mem_zalloc(sizeof *c);
    struct err err = {0};

    c->engine = engine;
    c->done = done;
    c->ctx = ctx;
    c->actor = mem_strdup(request->who->name);
    c->request_id = mem_strdup(request->request_id);
    c->source_ip = mem_strdup(request->source_ip);
    c->guard = request->guard;
    if (run_load(engine, request->deployment_id, &c->run, &err) == 0 &&
        (!str_eq(c->run->org, request->who->org) || (request->team && !str_eq(c->run->team, request->team))))
        err_set(&err, ERR_NOT_FOUND, "no deployment %s", request->deployment_id);
    if (err.code != ERR_NONE) {
        cancel_done(c, &err);
        return;
    }
    store_write(engine->store, cancel_unit, c, cancel_done);
}
