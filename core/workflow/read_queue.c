/* Owns the reading of tasks. The hot table has only what is not finished; the others are told from the steps and deployments they belonged
 * to. Any thread; every function is one read on a consistent snapshot. */
#include "workflow/read_queue.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "observe/filter.h"
#include <string.h>

struct reading {
    const struct read_scope *scope;
    const struct read_page *page;
    const struct read_list *list;
    const char *id;
    int64_t workers;
    json_t *value;
    char *cursor;
};

/* ---- stats ---- */

static int count_states(struct store_tx *tx, const struct reading *r, const char *select, const char *group, json_t *out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct filter f;
    int more;

    filter_init(&f, select);
    filter_text(&f, "t.org = ?", r->scope->org);
    filter_text(&f, "t.team = ?", r->scope->team);
    filter_tail(&f, group, 100);
    if (store_query(tx, f.sql, f.args, f.count, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        const char *key = store_col_text(rows, 0);

        if (json_object_get(out, key))
            json_set_int(out, key, json_int(out, key, 0) + store_col_int(rows, 1));
    }
    return more;
}

static int oldest_pending(struct store_tx *tx, const struct reading *r, json_t *out, struct err *err)
{
    int64_t now = clock_now_us(), oldest = 0;
    struct filter f;

    filter_init(&f, "SELECT COALESCE(MIN(t.created_at), 0) FROM tasks t");
    filter_text(&f, "t.org = ?", r->scope->org);
    filter_text(&f, "t.team = ?", r->scope->team);
    filter_text(&f, "t.state = ?", "pending");
    filter_int(&f, "t.run_at <= ?", now);
    if (store_query_int(tx, f.sql, f.args, f.count, 0, &oldest, err) < 0)
        return -1;
    json_set_int(out, "oldest_pending_seconds", oldest ? (now - oldest) / US_PER_SEC : 0);
    return 0;
}

static int stats_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    static const char *const keys[] = {"pending", "running", "waiting", "dead", "completed_total", "failed_total"};
    struct reading *r = ctx;
    CLEANUP(json_put) json_t *out = json_object();

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_set_int(out, keys[i], 0);
    if (count_states(tx, r, "SELECT t.state, count(*) FROM tasks t", "GROUP BY t.state LIMIT ?", out, err) < 0 ||
        count_states(tx, r, "SELECT 'completed_total', COALESCE(sum(t.completed), 0) FROM step_totals t", "LIMIT ?", out, err) < 0 ||
        count_states(tx, r, "SELECT 'failed_total', COALESCE(sum(t.failed), 0) FROM step_totals t", "LIMIT ?", out, err) < 0 ||
        count_states(tx, r, "SELECT 'dead', count(*) FROM steps s JOIN deployments t ON t.id = s.deployment_id AND s.dead = 1", "LIMIT ?",
                     out, err) < 0 ||
        count_states(tx, r,
                     "SELECT s.state || '_total', count(*) FROM steps s JOIN deployments t ON t.id = s.deployment_id AND t.finished_at IS "
                     "NULL AND t.state IN ('running', 'waiting', 'paused', 'canceling', 'compensating') AND s.state IN ('completed', "
                     "'failed')",
                     "GROUP BY s.state LIMIT ?", out, err) < 0 ||
        oldest_pending(tx, r, out, err) < 0)
        return -1;
    json_set_int(out, "workers", r->workers);
    json_put(&r->value);
    r->value = take_ptr(out);
    return 0;
}

int read_queue_stats(struct store *store, const struct read_scope *scope, int64_t workers, json_t **out, struct err *err)
{
    struct reading r = {.scope = scope, .workers = workers};

    if (store_read(store, stats_unit, &r, err) < 0) {
        json_put(&r.value);
        return -1;
    }
    *out = r.value;
    return 0;
}

/* ---- depth ---- */

static int depth_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    static const char *const kinds[] = {"deployment", "step"}, *const states[] = {"pending", "running", "waiting", "dead"};
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *found = json_object(), *tasks = json_array();
    json_t **out = ctx;
    int64_t now = clock_now_us(), oldest = 0, drifted = 0;
    int more;

    if (store_query_int(tx, "SELECT count(*) FROM resources WHERE drifted_at IS NOT NULL AND live = 1", STORE_NO_ARGS, 0, &drifted, err) <
            0 ||
        store_query_int(tx, "SELECT COALESCE(MIN(created_at), 0) FROM tasks WHERE state = 'pending' AND run_at <= $1",
                        STORE_ARGS(store_int(now)), 0, &oldest, err) < 0 ||
        store_query(tx,
                    "SELECT kind || '.' || state, count(*) FROM tasks GROUP BY kind, state UNION ALL SELECT 'step.dead', count(*) FROM "
                    "steps WHERE dead = 1",
                    STORE_NO_ARGS, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        json_set_int(found, store_col_text(rows, 0), store_col_int(rows, 1));
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < (i == 0 ? 3 : 4); j++) { /* only steps die */
            CLEANUP(free_ptr) char *key = mem_printf("%s.%s", kinds[i], states[j]);

            json_array_append_new(
                tasks, json_pack("{s:s,s:s,s:I}", "kind", kinds[i], "state", states[j], "count", (json_int_t)json_int(found, key, 0)));
        }
    json_put(out);
    *out = json_object();
    json_object_set(*out, "tasks", tasks);
    json_set_int(*out, "drifted", drifted);
    json_set_int(*out, "oldest_us", oldest && oldest < now ? now - oldest : 0);
    return more;
}

int read_queue_depth(struct store *store, json_t **out, struct err *err)
{
    json_t *depth = NULL;

    if (store_read(store, depth_unit, &depth, err) < 0) {
        json_put(&depth);
        return -1;
    }
    *out = depth;
    return 0;
}

/* ---- tasks ---- */

static const char *priority_name(int64_t priority) { return priority <= 0 ? "high" : priority == 1 ? "normal" : "low"; }

static int task_row(struct store_rows *rows, int at, json_t *out, struct err *err)
{
    static const char *const names[] = {"id",          "deployment_id", "workflow_id", "step_id", "application",
                                        "environment", "state",         "kind",        "worker"};
    int64_t run_at = store_col_int(rows, at + 11);

    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
        read_set_text(out, names[i], rows, at + i);
    json_set_str(out, "priority", priority_name(store_col_int(rows, at + 9)));
    read_set_int(out, "attempt", rows, at + 10);
    if (run_at != INT64_MAX) /* waits for something else than time */
        json_set_time(out, "run_at", run_at);
    read_set_time(out, "lease_until", rows, at + 12);
    read_set_time(out, "created_at", rows, at + 13);
    return read_set_json(out, "error", rows, at + 14, err);
}

static const struct read_field task_fields[] = {
    {"created_at", "t.created_at", true},
    {"id", "t.id", false},
    {"state", "t.state", false},
    {"kind", "t.kind", false},
    {"application", "t.application", false},
    {"environment", "t.environment", false},
    {"deployment_id", "t.deployment_id", false},
    {"workflow_id", "COALESCE(t.workflow_id, '')", false},
    {"step_id", "COALESCE(t.step_id, '')", false},
    {0},
};
static const struct read_list tasks = {.columns = "t.id, t.deployment_id, t.workflow_id, t.step_id, t.application, t.environment, t.state, "
                                                  "t.kind, t.lease_owner, t.priority, t.attempt, t.run_at, "
                                                  "t.lease_until, t.created_at, t.error",
                                       .from = "tasks t",
                                       .org = "t.org",
                                       .team = "t.team",
                                       .id = "t.id",
                                       .at = "t.created_at",
                                       .fields = task_fields,
                                       .row = task_row};

#define ENDED_STATE                                                                                                                        \
    "CASE WHEN s.dead = 1 THEN 'dead' WHEN s.state = 'skipped' OR s.state = 'compensated' THEN 'completed' WHEN s.state = 'rejected' OR "  \
    "s.state = 'expired' THEN 'failed' ELSE s.state END"
#define ENDED_COLUMNS                                                                                                                      \
    "COALESCE(s.task_id, s.id), s.deployment_id, s.workflow_id, s.id, d.application, d.environment, " ENDED_STATE                          \
    ", 'step', NULL, d.priority, s.attempt, s.started_at, NULL, COALESCE(s.started_at, s.finished_at, d.created_at), s.error"

static const struct read_field ended_fields[] = {
    {"created_at", "COALESCE(s.started_at, s.finished_at, d.created_at)", true},
    {"id", "COALESCE(s.task_id, s.id)", false},
    {"state", ENDED_STATE, false},
    {"application", "d.application", false},
    {"environment", "d.environment", false},
    {"deployment_id", "s.deployment_id", false},
    {"workflow_id", "s.workflow_id", false},
    {"step_id", "s.id", false},
    {"kind", "'step'", false},
    {0},
};
static const struct read_list ended_tasks = {.columns = ENDED_COLUMNS,
                                             .from = "steps s JOIN deployments d ON d.id = s.deployment_id",
                                             .org = "d.org",
                                             .team = "d.team",
                                             .where = "s.finished_at IS NOT NULL AND s.task_id IS NOT NULL",
                                             .id = "s.id",
                                             .at = "COALESCE(s.started_at, s.finished_at, d.created_at)",
                                             .fields = ended_fields,
                                             .row = task_row};

static int tasks_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;

    return read_list_tx(tx, r->list, r->scope, r->page, &r->value, &r->cursor, err);
}

int read_tasks(struct store *store, const struct read_scope *scope, const struct read_page *page, bool ended, json_t **out_items,
               char **out_cursor, struct err *err)
{
    struct reading r = {.scope = scope, .page = page, .list = ended ? &ended_tasks : &tasks};

    if (store_read(store, tasks_unit, &r, err) < 0)
        return -1;
    *out_items = r.value;
    *out_cursor = r.cursor;
    return 0;
}

/* A deployment's own task has its id made right after the deployment's: near it in time, so the primary key finds it. */
#define NEAR_STEPS                                                                                                                         \
    "(SELECT id FROM steps WHERE id < $4 ORDER BY id DESC LIMIT 50) n JOIN steps s ON s.id = n.id JOIN deployments d ON d.id = "           \
    "s.deployment_id"
#define NEAR_DEPLOYMENTS "(SELECT id FROM deployments WHERE id < $5 ORDER BY id DESC LIMIT 50) n JOIN deployments d ON d.id = n.id"
#define DEPLOYMENT_STATE                                                                                                                   \
    "CASE WHEN d.state IN ('queued', 'superseded') THEN CASE d.state WHEN 'queued' THEN 'pending' ELSE 'canceled' END WHEN d.finished_at " \
    "IS NULL THEN 'running' WHEN d.state IN ('completed', "                                                                                \
    "'failed', 'canceled') THEN d.state ELSE 'failed' END"

static int task_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;
    CLEANUP(free_ptr) char *step = mem_printf("s-%s", r->id + 2);
    CLEANUP(free_ptr) char *deployment = mem_printf("d-%s", r->id + 2);
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *task = json_object();
    int more;

    json_put(&r->value);
    if (store_query(
            tx,
            "SELECT * FROM (SELECT 1 AS place, t.id AS task, t.deployment_id, t.workflow_id, t.step_id, t.application, t.environment, "
            "t.state, t.kind, t.lease_owner, "
            "t.priority, t.attempt, t.run_at, t.lease_until, t.created_at, t.error FROM tasks t WHERE t.id = $1 AND t.org = $2 AND (t.team "
            "= $3 OR CAST($3 AS TEXT) IS "
            "NULL) UNION ALL SELECT 2, s.task_id, s.deployment_id, s.workflow_id, s.id, d.application, d.environment, " ENDED_STATE
            ", 'step', NULL, d.priority, s.attempt, s.started_at, NULL, COALESCE(s.started_at, s.finished_at, d.created_at), s.error "
            "FROM " NEAR_STEPS " WHERE s.task_id = $1 AND d.org = $2 AND (d.team = $3 OR CAST($3 AS TEXT) IS NULL) UNION ALL SELECT 3, "
            "d.task_id, d.id, NULL, NULL, d.application, "
            "d.environment, " DEPLOYMENT_STATE
            ", 'deployment', NULL, d.priority, 1, d.started_at, NULL, d.created_at, d.error FROM " NEAR_DEPLOYMENTS
            " WHERE d.task_id = $1 AND d.org = $2 AND (d.team = $3 OR CAST($3 AS TEXT) IS NULL)) found ORDER BY place LIMIT 1",
            STORE_ARGS(store_text(r->id), store_text(r->scope->org), store_text(r->scope->team), store_text(step), store_text(deployment)),
            &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return 0;
    if (task_row(rows, 1, task, err) < 0)
        return -1;
    r->value = take_ptr(task);
    return 0;
}

int read_task(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err)
{
    struct reading r = {.scope = scope, .id = id};

    *out = NULL;
    if (strlen(id) < 3 || strlen(id) > 64)
        return 0;
    if (store_read(store, task_unit, &r, err) < 0) {
        json_put(&r.value);
        return -1;
    }
    *out = r.value;
    return 0;
}

/* ---- violations ---- */

static int violation_row(struct store_rows *rows, int at, json_t *out, struct err *err)
{
    static const char *const names[] = {"id",          "policy",      "severity",      "path",  "value",  "message", "fix",
                                        "application", "environment", "deployment_id", "actor", "source", "team"};

    (void)err;
    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
        read_set_text(out, names[i], rows, at + i);
    read_set_time(out, "at", rows, at + (int)(sizeof names / sizeof *names));
    return 0;
}

static const struct read_field violation_fields[] = {
    {"at", "v.at", true},
    {"policy", "v.policy", false},
    {"severity", "v.severity", false},
    {"application", "COALESCE(v.application, '')", false},
    {"environment", "COALESCE(v.environment, '')", false},
    {"actor", "COALESCE(v.actor, '')", false},
    {"deployment_id", "COALESCE(v.deployment_id, '')", false},
    {0},
};
static const struct read_list violations = {.columns = "v.id, v.policy, v.severity, v.path, v.value, v.message, v.fix, v.application, "
                                                       "v.environment, v.deployment_id, v.actor, v.source, v.team, v.at",
                                            .from = "violations v",
                                            .org = "v.org",
                                            .team = "v.team",
                                            .id = "v.id",
                                            .at = "v.at",
                                            .fields = violation_fields,
                                            .row = violation_row};

int read_violations(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items,
                    char **out_cursor, struct err *err)
{
    return read_list_run(store, &violations, scope, page, out_items, out_cursor, err);
}

static int ping_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    int64_t one;

    (void)ctx;
    return store_query_int(tx, "SELECT 1", STORE_NO_ARGS, 0, &one, err);
}

int read_ping(struct store *store, struct err *err) { return store_read(store, ping_unit, NULL, err); }
