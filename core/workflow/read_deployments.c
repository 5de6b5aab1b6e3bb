/* Owns the reading of deployments and executions for clients. Any thread; every function is one read on a consistent snapshot. */
#include "workflow/read_deployments.h"
#include "base/cleanup.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "workflow/read_priv.h"
#include <string.h>

struct reading {
    const struct read_scope *scope;
    const struct read_page *page;
    const char *id;
    json_t *value;
    char *cursor;
};

static int run_reading(struct store *store, store_unit unit, struct reading *r, json_t **out, char **out_cursor, struct err *err)
{
    if (store_read(store, unit, r, err) < 0) {
        json_put(&r->value);
        free(r->cursor);
        return -1;
    }
    *out = r->value;
    if (out_cursor)
        *out_cursor = r->cursor;
    return 0;
}

/* ---- deployments ---- */

#define DEPLOYMENT_COLUMNS                                                                                                                 \
    "d.id, d.kind, d.application, d.workload, d.environment, d.environment_type, d.team, d.product, d.revision, d.state, d.degraded, "     \
    "d.created_by, "                                                                                                                       \
    "d.created_at, d.started_at, d.finished_at, d.trace_id, d.summary, d.cost, d.error, d.warnings, d.spec_sha256, d.config_revision, "    \
    "d.task_id, "
/* What a page of a list need not read: a plan is ten times as large as all the rest, and a completed deployment's executions all have rows.
 */
#define LISTED_PLAN "CASE WHEN d.state = 'completed' THEN NULL ELSE COALESCE(d.outline, d.plan) END"

static int deployment_row(struct store_rows *rows, int at, json_t *out, struct err *err)
{
    json_t *environment = json_object();

    read_set_text(out, "id", rows, at);
    read_set_text(out, "kind", rows, at + 1);
    read_set_text(out, "application", rows, at + 2);
    read_set_text(out, "workload", rows, at + 3);
    read_set_text(environment, "name", rows, at + 4);
    read_set_text(environment, "type", rows, at + 5);
    json_set_new(out, "environment", environment);
    read_set_text(out, "team", rows, at + 6);
    read_set_text(out, "product", rows, at + 7);
    read_set_int(out, "revision", rows, at + 8);
    read_set_text(out, "state", rows, at + 9);
    json_set_flag(out, "degraded", store_col_int(rows, at + 10) != 0);
    read_set_text(out, "created_by", rows, at + 11);
    read_set_time(out, "created_at", rows, at + 12);
    read_set_time(out, "started_at", rows, at + 13);
    read_set_time(out, "finished_at", rows, at + 14);
    read_set_text(out, "trace_id", rows, at + 15);
    read_set_text(out, "spec_sha256", rows, at + 20);
    read_set_text(out, "config_revision", rows, at + 21);
    read_set_text(out, "task_id", rows, at + 22);
    return read_set_json(out, "summary", rows, at + 16, err) < 0 || read_set_json(out, "cost", rows, at + 17, err) < 0 ||
                   read_set_json(out, "error", rows, at + 18, err) < 0 || read_set_list(out, "warnings", rows, at + 19, err) < 0 ||
                   read_set_json(out, "plan", rows, at + 23, err) < 0
               ? -1
               : 0;
}

static const struct read_field deployment_fields[] = {
    {"created_at", "d.id", false}, /* ids begin with the time, and are in the indexes */
    {"id", "d.id", false},
    {"state", "d.state", false},
    {"kind", "d.kind", false},
    {"application", "d.application", false},
    {"workload", "d.workload", false},
    {"environment", "d.environment", false},
    {"product", "COALESCE(d.product, '')", false},
    {"created_by", "d.created_by", false},
    {"trace_id", "COALESCE(d.trace_id, '')", false},
    {0},
};
static const struct read_list deployments = {.columns = DEPLOYMENT_COLUMNS "d.plan",
                                             .from = "deployments d",
                                             .org = "d.org",
                                             .team = "d.team",
                                             .id = "d.id",
                                             .at = "d.created_at",
                                             .fields = deployment_fields,
                                             .row = deployment_row};
static const struct read_list listed_deployments = {.columns = DEPLOYMENT_COLUMNS LISTED_PLAN,
                                                    .from = "deployments d",
                                                    .org = "d.org",
                                                    .team = "d.team",
                                                    .id = "d.id",
                                                    .at = "d.created_at",
                                                    .fields = deployment_fields,
                                                    .row = deployment_row};

/* Puts the executions in place of the plan. */
static int finish_deployments(struct store_tx *tx, json_t *items, struct err *err)
{
    json_t *item;
    size_t i;

    json_array_foreach(items, i, item)
    {
        const json_t *plan = json_object_get(item, "plan");
        const char *id = json_str(item, "id");
        json_t *workflows;

        if (plan ? read_executions(tx, id, plan, read_state_is_final(json_str(item, "state")), &workflows, err) < 0
                 : read_past_executions(tx, id, &workflows, err) < 0)
            return -1;
        json_object_del(item, "plan");
        json_set_new(item, "workflows", workflows);
    }
    return 0;
}

static int deployments_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;

    return read_list_tx(tx, &listed_deployments, r->scope, r->page, &r->value, &r->cursor, err) < 0 ? -1
                                                                                                    : finish_deployments(tx, r->value, err);
}

int read_deployments(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items,
                     char **out_cursor, struct err *err)
{
    struct reading r = {.scope = scope, .page = page};

    return run_reading(store, deployments_unit, &r, out_items, out_cursor, err);
}

/* The deployment with its plan; NULL when there is none. */
static int deployment_tx(struct store_tx *tx, const struct read_scope *scope, const char *id, json_t **out, struct err *err)
{
    struct read_match match = {"id", id};
    struct read_page page = {.limit = 1, .sort = "id", .matches = &match, .match_count = 1};
    CLEANUP(json_put) json_t *items = NULL;
    CLEANUP(free_ptr) char *cursor = NULL;

    if (read_list_tx(tx, &deployments, scope, &page, &items, &cursor, err) < 0)
        return -1;
    *out = json_incref(json_array_get(items, 0));
    return 0;
}

static int queue_position(struct store_tx *tx, json_t *deployment, struct err *err)
{
    int64_t position = 0;

    if (!str_eq(json_str(deployment, "state"), "queued"))
        return 0;
    if (store_query_int(tx,
                        "SELECT count(*) FROM tasks t JOIN tasks mine ON mine.deployment_id = $1 AND mine.kind = 'deployment' WHERE t.kind "
                        "= 'deployment' AND t.org = mine.org "
                        "AND t.team = mine.team AND t.application = mine.application AND t.environment = mine.environment AND "
                        "(t.created_at < mine.created_at OR "
                        "(t.created_at = mine.created_at AND t.id <= mine.id))",
                        STORE_ARGS(store_text(json_str(deployment, "id"))), 0, &position, err) < 0)
        return -1;
    json_set_int(deployment, "queue_position", position);
    return 0;
}

static int deployment_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;
    CLEANUP(json_put) json_t *items = json_array();
    CLEANUP(json_put) json_t *deployment = NULL;

    r->value = NULL;
    if (deployment_tx(tx, r->scope, r->id, &deployment, err) < 0)
        return -1;
    if (!deployment)
        return 0;
    json_array_append(items, deployment);
    if (finish_deployments(tx, items, err) < 0 || queue_position(tx, deployment, err) < 0)
        return -1;
    r->value = take_ptr(deployment);
    return 0;
}

int read_deployment_tx(struct store_tx *tx, const struct read_scope *scope, const char *id, json_t **out, struct err *err)
{
    struct reading r = {.scope = scope, .id = id};

    if (deployment_unit(tx, &r, err) < 0)
        return -1;
    *out = r.value;
    return 0;
}

int read_deployment(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err)
{
    struct reading r = {.scope = scope, .id = id};

    return run_reading(store, deployment_unit, &r, out, NULL, err);
}

/* ---- executions ---- */

static int workflow_row(struct store_rows *rows, int at, json_t *out, struct err *err)
{
    static const char *const names[] = {"id", "deployment_id", "name", "tier", "phase", "state", "application", "environment"};

    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
        read_set_text(out, names[i], rows, at + i);
    read_set_time(out, "started_at", rows, at + 8);
    read_set_time(out, "finished_at", rows, at + 9);
    return read_set_json(out, "error", rows, at + 10, err);
}

static const struct read_field workflow_fields[] = {
    {"started_at", "COALESCE(w.started_at, 0)", true},
    {"id", "w.id", false},
    {"deployment_id", "w.deployment_id", false},
    {"name", "w.name", false},
    {"tier", "w.tier", false},
    {"phase", "w.phase", false},
    {"state", "w.state", false},
    {"application", "d.application", false},
    {"environment", "d.environment", false},
    {0},
};
static const struct read_list workflows = {
    .columns =
        "w.id, w.deployment_id, w.name, w.tier, w.phase, w.state, d.application, d.environment, w.started_at, w.finished_at, w.error",
    .from = "workflow_runs w JOIN deployments d ON d.id = w.deployment_id",
    .org = "d.org",
    .team = "d.team",
    .id = "w.id",
    .at = "COALESCE(w.started_at, 0)",
    .fields = workflow_fields,
    .row = workflow_row};

static int workflows_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;

    return read_list_tx(tx, &workflows, r->scope, r->page, &r->value, &r->cursor, err);
}

int read_workflows(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items, char **out_cursor,
                   struct err *err)
{
    struct reading r = {.scope = scope, .page = page};

    return run_reading(store, workflows_unit, &r, out_items, out_cursor, err);
}

/* The deployment of an execution: by its row, or, before it has one, among the deployments that were made right after its id. */
static int deployment_of_workflow(struct store_tx *tx, const struct read_scope *scope, const char *workflow_id, char **out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(free_ptr) char *like = mem_printf("%%\"%s\"%%", workflow_id);
    CLEANUP(free_ptr) char *from = mem_printf("d-%s", workflow_id + 2);
    int more;

    if (store_query(tx,
                    "SELECT deployment_id FROM workflow_runs WHERE id = $1 UNION ALL SELECT id FROM (SELECT id, COALESCE(outline, plan) AS "
                    "outline FROM deployments WHERE org = $2 AND id > $3 ORDER BY id LIMIT 50) d WHERE outline LIKE $4",
                    STORE_ARGS(store_text(workflow_id), store_text(scope->org), store_text(from), store_text(like)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    *out = more ? mem_strdup(store_col_text(rows, 0)) : NULL;
    return 0;
}

static int workflow_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;
    CLEANUP(free_ptr) char *deployment_id = NULL;
    CLEANUP(json_put) json_t *deployment = NULL;
    const json_t *planned;

    r->value = NULL;
    if (deployment_of_workflow(tx, r->scope, r->id, &deployment_id, err) < 0 ||
        (deployment_id && deployment_tx(tx, r->scope, deployment_id, &deployment, err) < 0))
        return -1;
    planned = deployment ? read_find_planned(json_object_get(deployment, "plan"), r->id) : NULL;
    if (!planned)
        return 0;
    return read_execution(tx, deployment_id, planned, read_state_is_final(json_str(deployment, "state")), &r->value, err);
}

int read_workflow(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err)
{
    struct reading r = {.scope = scope, .id = id};

    if (!id_is_valid(id, "w")) { /* nothing that means more to LIKE than itself */
        *out = NULL;
        return 0;
    }
    return run_reading(store, workflow_unit, &r, out, NULL, err);
}

/* ---- manifests ---- */

static int manifests_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;
    CLEANUP(json_put) json_t *deployment = NULL;
    CLEANUP(json_put) json_t *items = json_array();
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    r->value = NULL;
    if (deployment_tx(tx, r->scope, r->id, &deployment, err) < 0)
        return -1;
    if (!deployment)
        return 0;
    if (store_query(tx,
                    "SELECT m.path, m.content FROM manifests m JOIN deployments d ON d.org = m.org AND d.team = m.team AND d.environment = "
                    "m.environment AND d.application = "
                    "m.application AND d.workload = m.workload WHERE d.id = $1 ORDER BY m.path",
                    STORE_ARGS(store_text(r->id)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        json_t *item = json_object();

        read_set_text(item, "path", rows, 0);
        read_set_text(item, "content", rows, 1);
        json_array_append_new(items, item);
    }
    if (more < 0)
        return -1;
    r->value = take_ptr(items);
    return 0;
}

int read_manifests(struct store *store, const struct read_scope *scope, const char *deployment_id, json_t **out, struct err *err)
{
    struct reading r = {.scope = scope, .id = deployment_id};

    return run_reading(store, manifests_unit, &r, out, NULL, err);
}
