/* The end of a deployment: its state, the application's state and Score file, and the lock, which goes to the next one in the queue.
 * Units of work; on store threads. */
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/str.h"
#include "workflow/engine_priv.h"
#include <string.h>

#define KEY_ARGS(run) store_text((run)->org), store_text((run)->team), store_text((run)->application), store_text((run)->environment)
#define KEY_WHERE     "org = $1 AND team = $2 AND application = $3 AND environment = $4"

/* The Score file that has been deployed is in force now. */
static int store_spec(struct store_tx *tx, const struct run *run, struct err *err)
{
    CLEANUP(free_ptr) char *spec = json_text(json_object_get(run->plan, "spec"));

    return store_exec(
        tx,
        "INSERT INTO specs (org, team, application, environment, workload, source, spec, sha256, deployment_id, updated_at) "
        "SELECT org, team, application, environment, workload, source, $2, COALESCE(spec_sha256, ''), id, $3 FROM deployments WHERE id = "
        "$1 "
        "ON CONFLICT (org, team, application, environment, workload) DO UPDATE SET source = excluded.source, spec = excluded.spec, "
        "sha256 = excluded.sha256, deployment_id = excluded.deployment_id, updated_at = excluded.updated_at",
        STORE_ARGS(store_text(run->id), store_text(spec), store_int(clock_now_us())), NULL, err);
}

/* What a completed deletion leaves: no Score file, no manifests; the application is closed unless it stays or lives elsewhere. */
static int clear_application(struct store_tx *tx, const struct run *run, struct err *err)
{
    bool keep = json_flag(json_object_get(run->plan, "flags"), "keep_application", false);

    if (store_exec(tx, "DELETE FROM specs WHERE " KEY_WHERE, STORE_ARGS(KEY_ARGS(run)), NULL, err) < 0 ||
        store_exec(tx, "DELETE FROM manifests WHERE " KEY_WHERE, STORE_ARGS(KEY_ARGS(run)), NULL, err) < 0)
        return -1;
    if (keep)
        return 0;
    return store_exec(tx,
                      "UPDATE applications SET closed_at = $5 WHERE org = $1 AND team = $2 AND name = $3 AND NOT EXISTS (SELECT 1 FROM "
                      "application_environments e "
                      "WHERE e.org = $1 AND e.team = $2 AND e.application = $3 AND e.environment <> $4 AND e.state <> 'deleted')",
                      STORE_ARGS(KEY_ARGS(run), store_int(clock_now_us())), NULL, err);
}

static const char *application_state(const struct run *run, enum run_state state, bool degraded)
{
    if (state == RUN_COMPLETED && str_eq(run->kind, "delete"))
        return "deleted";
    if (state == RUN_COMPLETED)
        return degraded ? "degraded" : "active";
    return json_flag(run->plan, "first", false) ? "failed" : "degraded";
}

/* `without`: a deployment that is on its way out, NULL. */
static int take_lock(struct store_tx *tx, const struct run *run, const char *without, bool full, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    char next[ID_BYTES] = "", task[ID_BYTES] = "";
    int more;

    if (store_query(tx,
                    "SELECT deployment_id, id FROM tasks WHERE kind = 'deployment' AND " KEY_WHERE
                    " AND deployment_id <> $5 ORDER BY priority, created_at, id LIMIT 1",
                    STORE_ARGS(KEY_ARGS(run), store_text(without)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (more) {
        snprintf(next, sizeof next, "%s", store_col_text(rows, 0));
        snprintf(task, sizeof task, "%s", store_col_text(rows, 1));
    }
    store_rows_close(&rows);
    if (store_exec(tx, "UPDATE application_environments SET active_deployment_id = $5 WHERE " KEY_WHERE,
                   STORE_ARGS(KEY_ARGS(run), next[0] ? store_text(next) : store_null()), NULL, err) < 0)
        return -1;
    return next[0] ? admit_task(tx, run->engine, task, full, err) : 0;
}

int run_take_lock(struct store_tx *tx, const struct run *run, bool full, struct err *err) { return take_lock(tx, run, "", full, err); }

int run_hand_over(struct store_tx *tx, const struct run *run, struct err *err)
{
    return take_lock(tx, run, run->id, true, err) < 0 ? -1 : admit_waiting(tx, run->engine, err);
}

static int write_audit(struct store_tx *tx, const struct run *run, enum run_state state, struct err *err)
{
    char action[64];

    snprintf(action, sizeof action, "deployment.%s", run_state_name(state));
    return audit_write(tx,
                       &(struct audit_row){.org = run->org,
                                           .actor = run->created_by,
                                           .team = run->team,
                                           .action = action,
                                           .object = run->id,
                                           .environment = run->environment,
                                           .result = state == RUN_COMPLETED ? "ok" : "failed"},
                       err);
}

int run_settle_application(struct store_tx *tx, const char *org, const char *team, const char *application, const char *environment,
                           struct err *err)
{
    return store_exec(
        tx,
        "UPDATE application_environments SET state = CASE WHEN EXISTS (SELECT 1 FROM resources r WHERE r.org = $1 AND r.team = $2 AND "
        "r.application = $3 AND r.environment = $4 AND r.live = 1 AND r.state = 'degraded') OR NOT EXISTS (SELECT 1 FROM deployments d "
        "WHERE d.id = application_environments.deployment_id AND d.state = 'completed' AND d.degraded = 0) THEN 'degraded' ELSE 'active' "
        "END "
        "WHERE " KEY_WHERE " AND state IN ('active', 'degraded')",
        STORE_ARGS(store_text(org), store_text(team), store_text(application), store_text(environment)), NULL, err);
}

#define TOTAL_PARTS 16

/* Each process adds to a row of its own, mostly. */
int run_add_totals(struct store_tx *tx, const struct run *run, int sign, struct err *err)
{
    const char *owner = run->engine->owner;
    int64_t part = (unsigned char)owner[strlen(owner) - 1] % TOTAL_PARTS;

    return store_exec(tx,
                      "INSERT INTO step_totals (org, team, part, completed, failed) SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS "
                      "BIGINT), CAST($5 AS BIGINT) * count(CASE WHEN state = 'completed' THEN 1 END), CAST($5 AS BIGINT) * count(CASE WHEN "
                      "state = 'failed' THEN 1 END) FROM steps WHERE deployment_id = $4 ON CONFLICT (org, team, part) DO UPDATE SET "
                      "completed = step_totals.completed + excluded.completed, failed = step_totals.failed + excluded.failed",
                      STORE_ARGS(store_text(run->org), store_text(run->team), store_int(part), store_text(run->id), store_int(sign)), NULL,
                      err);
}

int run_end(struct store_tx *tx, struct run *run, enum run_state state, bool degraded, const char *error_json, struct err *err)
{
    bool completed = state == RUN_COMPLETED;
    int64_t now = clock_now_us();
    char type[64];

    if (store_exec(
            tx, "UPDATE deployments SET state = $2, degraded = $3, finished_at = $4, error = COALESCE($5, error) WHERE id = $1",
            STORE_ARGS(store_text(run->id), store_text(run_state_name(state)), store_int(degraded), store_int(now), store_text(error_json)),
            NULL, err) < 0 ||
        store_exec(tx,
                   "UPDATE application_environments SET state = CASE WHEN state IN ('deploying', 'deleting') THEN $5 ELSE state END, "
                   "completed = completed + $6, updated_at "
                   "= $7 WHERE " KEY_WHERE, /* one that was denied before its start has changed nothing */
                   STORE_ARGS(KEY_ARGS(run), store_text(application_state(run, state, degraded)),
                              store_int(completed && str_eq(run->kind, "deploy")), store_int(now)),
                   NULL, err) < 0 ||
        store_exec(tx, "DELETE FROM tasks WHERE deployment_id = $1", STORE_ARGS(store_text(run->id)), NULL, err) < 0 ||
        run_add_totals(tx, run, 1, err) < 0)
        return -1;
    if (run_is_act(run) ? run_settle_application(tx, run->org, run->team, run->application, run->environment, err) < 0
                        : completed && (str_eq(run->kind, "delete") ? clear_application(tx, run, err) : store_spec(tx, run, err)) < 0)
        return -1;
    snprintf(type, sizeof type, "deployment.%s", run_state_name(state));
    if (run_hand_over(tx, run, err) < 0 || run_event(tx, run, type, NULL, NULL, NULL, err) < 0)
        return -1;
    store_count(tx, metric_of(METRIC_DEPLOYMENTS, run->kind, run_state_name(state), NULL));
    return write_audit(tx, run, state, err);
}
