/* maxConcurrentWorkflows: at most so many deployments run at once, the others keep their place. A deployment whose steps all wait (timer,
 * poll, approval) does not count. A deployment first needs its application's lock, then a slot; tasks.slot says how far its task is. Units
 * of work; on store threads. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "workflow/engine_priv.h"
#include <string.h>

/* Deployments that run, and those that have a slot and are about to. */
static int count_running(struct store_tx *tx, int64_t *out, struct err *err)
{
    return store_query_int(
        tx,
        "SELECT (SELECT count(*) FROM deployments d WHERE d.finished_at IS NULL AND d.state <> 'queued' AND EXISTS (SELECT 1 FROM tasks t "
        "WHERE "
        "t.deployment_id = d.id AND t.kind = 'step' AND t.state <> 'waiting')) + (SELECT count(*) FROM tasks WHERE slot = 2)",
        STORE_NO_ARGS, 0, out, err);
}

int admit_is_full(struct store_tx *tx, const struct engine *engine, bool *out, struct err *err)
{
    int64_t limit = engine->max_running, running = 0, waiting = 0;

    *out = false;
    if (limit <= 0)
        return 0;
    if (count_running(tx, &running, err) < 0 ||
        store_query_int(tx, "SELECT count(*) FROM tasks WHERE slot = 1", STORE_NO_ARGS, 0, &waiting, err) < 0)
        return -1;
    *out = running + waiting >= limit; /* nobody overtakes those that wait */
    return 0;
}

/* The team with the fewest running deployments comes first, then the one whose last turn is longest ago, then the oldest. */
static int next_waiting(struct store_tx *tx, char out[static ID_BYTES], struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx,
                    "WITH running AS (SELECT org, team, count(*) AS n FROM (SELECT d.org AS org, d.team AS team FROM deployments d WHERE "
                    "d.finished_at IS NULL AND d.state <> "
                    "'queued' UNION ALL SELECT t.org, t.team FROM tasks t WHERE t.slot = 2) AS busy GROUP BY org, team) SELECT t.id FROM "
                    "tasks t LEFT JOIN running r ON r.org = "
                    "t.org AND r.team = t.team LEFT JOIN turns u ON u.org = t.org AND u.team = t.team WHERE t.slot = 1 ORDER BY "
                    "t.priority, COALESCE(r.n, 0), COALESCE(u.at, 0), "
                    "t.created_at, t.id LIMIT 1",
                    STORE_NO_ARGS, &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    snprintf(out, ID_BYTES, "%s", more ? store_col_text(rows, 0) : "");
    return 0;
}

static int give_slot(struct store_tx *tx, const char *task_id, struct err *err)
{
    if (store_exec(tx, "UPDATE tasks SET state = 'pending', slot = 2, run_at = $2 WHERE id = $1",
                   STORE_ARGS(store_text(task_id), store_int(clock_steady_us())), NULL, err) < 0)
        return -1;
    return store_notify(tx, "tasks", err);
}

int admit_note_turn(struct store_tx *tx, const struct run *run, struct err *err)
{
    if (run->engine->max_running <= 0)
        return 0;
    return store_exec(tx, "INSERT INTO turns (org, team, at) VALUES ($1, $2, $3) ON CONFLICT (org, team) DO UPDATE SET at = excluded.at",
                      STORE_ARGS(store_text(run->org), store_text(run->team), store_int(clock_steady_us())), NULL, err);
}

int admit_waiting(struct store_tx *tx, const struct engine *engine, struct err *err)
{
    int64_t limit = engine->max_running, running = 0, waiting = 0;

    if (store_query_int(tx, "SELECT count(*) FROM tasks WHERE slot = 1", STORE_NO_ARGS, 0, &waiting, err) < 0)
        return -1;
    if (!waiting)
        return 0;
    if (limit > 0 && count_running(tx, &running, err) < 0)
        return -1;
    for (; waiting > 0 && (limit <= 0 || running < limit); waiting--, running++) {
        char next[ID_BYTES];

        if (next_waiting(tx, next, err) < 0 || give_slot(tx, next, err) < 0)
            return -1;
    }
    return 0;
}

int admit_task(struct store_tx *tx, const struct engine *engine, const char *task_id, struct err *err)
{
    if (engine->max_running <= 0)
        return give_slot(tx, task_id, err);
    if (store_exec(tx, "UPDATE tasks SET slot = 1 WHERE id = $1", STORE_ARGS(store_text(task_id)), NULL, err) < 0)
        return -1;
    return admit_waiting(tx, engine, err);
}

static int admit_unit(struct store_tx *tx, void *ctx, struct err *err) { return admit_waiting(tx, ctx, err); }

static void admitted(void *ctx, const struct err *result)
{
    (void)ctx;
    if (result->code != ERR_NONE && result->code != ERR_SHUTDOWN)
        log_warn("engine", "deployments that wait under the old limit go on when the next one ends: %s", result->msg);
}

int engine_admit(struct engine *engine, struct err *err) { return store_write_wait(engine->store, admit_unit, engine, err); }
void engine_admit_later(struct engine *engine) { store_write(engine->store, admit_unit, engine, admitted); }
