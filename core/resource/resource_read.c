/* Owns the reading of resources for clients. Any thread; every function is one read on a consistent snapshot. */
#include "resource/resource_read.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                                                                            \
    "r.id, r.uid, r.name, r.type, r.class, r.application, r.environment, r.team, r.product, r.state, r.health, r.params, r.outputs, "      \
    "r.hints, r.provisioner, "                                                                                                             \
    "r.plugin_version, r.plugin_sha256, r.generation, r.labels, r.annotations, r.protected, r.depends_on, r.created_at, r.updated_at, "    \
    "r.error, r.workload, "                                                                                                                \
    "r.deployment_id, r.stateful, r.plugin, r.drifted_at, r.drift, r.checked_at, r.check_error, r.overrides"

static int read_values(struct store_rows *rows, int at, json_t *out, struct err *err)
{
    return read_set_json(out, "params", rows, at + 11, err) < 0 || read_set_json(out, "outputs", rows, at + 12, err) < 0 ||
                   read_set_list(out, "hints", rows, at + 13, err) < 0 || read_set_json(out, "labels", rows, at + 18, err) < 0 ||
                   read_set_json(out, "annotations", rows, at + 19, err) < 0 || read_set_list(out, "depends_on", rows, at + 21, err) < 0 ||
                   read_set_json(out, "error", rows, at + 24, err) < 0 || read_set_json(out, "overrides", rows, at + 33, err) < 0
               ? -1
               : 0;
}

/* What differs, since when; and why the last look had no answer. */
static int read_drift(struct store_rows *rows, int at, json_t *out, struct err *err)
{
    if (read_set_json(out, "drift", rows, at + 30, err) < 0 || read_set_json(out, "check_error", rows, at + 32, err) < 0)
        return -1;
    read_set_time(json_object_get(out, "drift"), "detected_at", rows, at + 29);
    return 0;
}

static int read_row(struct store_rows *rows, int at, json_t *out, struct err *err)
{
    static const char *const names[] = {"id",          "uid",  "name",    "type",  "class", "application",
                                        "environment", "team", "product", "state", "health"};
    json_t *provisioner = json_object();

    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
        read_set_text(out, names[i], rows, at + i);
    read_set_text(provisioner, "name", rows, at + 14);
    read_set_text(provisioner, "plugin", rows, at + 28);
    read_set_text(provisioner, "version", rows, at + 15);
    read_set_text(provisioner, "sha256", rows, at + 16);
    json_set_new(out, "provisioner", provisioner);
    read_set_int(out, "generation", rows, at + 17);
    json_set_flag(out, "protected", store_col_int(rows, at + 20) != 0);
    read_set_time(out, "created_at", rows, at + 22);
    read_set_time(out, "updated_at", rows, at + 23);
    read_set_text(out, "workload", rows, at + 25);
    read_set_text(out, "deployment_id", rows, at + 26);
    json_set_flag(out, "stateful", store_col_int(rows, at + 27) != 0);
    read_set_time(out, "checked_at", rows, at + 31);
    json_set_new(out, "referrers", json_array());
    return read_values(rows, at, out, err) < 0 || read_drift(rows, at, out, err) < 0 ? -1 : 0;
}

static const struct read_field fields[] = {
    {"created_at", "r.created_at", true},
    {"updated_at", "r.updated_at", true},
    {"name", "r.name", false},
    {"type", "r.type", false},
    {"class", "r.class", false},
    {"state", "r.state", false},
    {"health", "COALESCE(r.health, '')", false},
    {"application", "r.application", false},
    {"workload", "r.workload", false},
    {"environment", "r.environment", false},
    {"product", "COALESCE(r.product, '')", false},
    {"provisioner", "r.provisioner", false},
    {"uid", "r.uid", false},
    {"deployment_id", "COALESCE(r.deployment_id, '')", false},
    {"drift", "CASE WHEN r.drifted_at IS NULL THEN 'false' ELSE 'true' END", false},
    {0},
};

#define RESOURCES                                                                                                                          \
    .columns = COLUMNS, .from = "resources r", .org = "r.org", .team = "r.team", .id = "r.id", .at = "r.updated_at", .fields = fields,     \
    .row = read_row

static const struct read_list all_resources = {RESOURCES};
static const struct read_list live_resources = {RESOURCES, .where = "r.live = 1"};

/* ---- who refers to them ---- */

/* Fills `referrers` of a page of resources with one query. */
static int fill_referrers(struct store_tx *tx, json_t *items, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    char sql[LIMIT_PAGE_ITEMS * 6 + 128];
    struct store_value args[LIMIT_PAGE_ITEMS];
    size_t count = 0, len, i;
    json_t *item;
    int more;

    len = (size_t)snprintf(sql, sizeof sql, "SELECT DISTINCT resource_id, application FROM resource_refs WHERE resource_id IN (");
    json_array_foreach(items, i, item)
    {
        if (count == LIMIT_PAGE_ITEMS)
            break;
        args[count++] = store_text(json_str(item, "id"));
        len += (size_t)snprintf(sql + len, sizeof sql - len, "%s$%zu", count > 1 ? "," : "", count);
    }
    if (count == 0)
        return 0;
    snprintf(sql + len, sizeof sql - len, ") ORDER BY resource_id, application");
    if (store_query(tx, sql, args, count, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        json_array_foreach(items, i, item) if (str_eq(json_str(item, "id"), store_col_text(rows, 0)))
            json_append_str(json_object_get(item, "referrers"), store_col_text(rows, 1));
    return more;
}

/* ---- lists ---- */

struct reading {
    const struct read_scope *scope;
    const struct read_page *page;
    const char *id;
    json_t *value;
    char *cursor;
};

static int list_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;
    bool any = false;

    for (size_t i = 0; i < r->page->match_count; i++)
        any = any || str_eq(r->page->matches[i].name, "state");
    if (read_list_tx(tx, any ? &all_resources : &live_resources, r->scope, r->page, &r->value, &r->cursor, err) < 0)
        return -1;
    if (fill_referrers(tx, r->value, err) == 0)
        return 0;
    json_put(&r->value);
    free(r->cursor);
    r->cursor = NULL;
    return -1;
}

int resource_read_list(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items,
                       char **out_cursor, struct err *err)
{
    struct reading r = {.scope = scope, .page = page};

    if (store_read(store, list_unit, &r, err) < 0)
        return -1;
    *out_items = r.value;
    *out_cursor = r.cursor;
    return 0;
}

int resource_read_application(struct store_tx *tx, const struct read_scope *scope, const char *application, const char *environment,
                              json_t **out, struct err *err)
{
    struct read_match matches[] = {{"application", application}, {"environment", environment}};
    struct read_page page = {.limit = LIMIT_PAGE_ITEMS, .sort = "name", .matches = matches, .match_count = 2};
    CLEANUP(json_put) json_t *items = NULL;
    CLEANUP(free_ptr) char *cursor = NULL;

    if (read_list_tx(tx, &live_resources, scope, &page, &items, &cursor, err) < 0 || fill_referrers(tx, items, err) < 0)
        return -1;
    *out = take_ptr(items);
    return 0;
}

/* ---- one ---- */

static const struct read_field by_id[] = {{"id", "r.id", false}, {0}};
static const struct read_list one_resource = {
    .columns = COLUMNS, .from = "resources r", .org = "r.org", .team = "r.team", .id = "r.id", .fields = by_id, .row = read_row};

static int one_tx(struct store_tx *tx, const struct reading *r, json_t **out, struct err *err)
{
    struct read_match match = {"id", r->id};
    struct read_page page = {.limit = 1, .matches = &match, .match_count = 1};
    CLEANUP(json_put) json_t *items = NULL;
    CLEANUP(free_ptr) char *cursor = NULL;

    if (read_list_tx(tx, &one_resource, r->scope, &page, &items, &cursor, err) < 0 || fill_referrers(tx, items, err) < 0)
        return -1;
    *out = json_incref(json_array_get(items, 0));
    return 0;
}

static int one_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;

    return one_tx(tx, r, &r->value, err);
}

int resource_read_one(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err)
{
    struct reading r = {.scope = scope, .id = id};

    if (store_read(store, one_unit, &r, err) < 0)
        return -1;
    *out = r.value;
    return 0;
}

int resource_read_status(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err)
{
    static const char *const members[] = {"id",         "uid",        "name",          "type",  "state",      "health",     "drift",
                                          "generation", "updated_at", "deployment_id", "error", "checked_at", "check_error"};
    CLEANUP(json_put) json_t *resource = NULL;
    json_t *status;

    if (resource_read_one(store, scope, id, &resource, err) < 0)
        return -1;
    status = resource ? json_object() : NULL;
    for (size_t i = 0; resource && i < sizeof members / sizeof *members; i++)
        if (json_object_get(resource, members[i]))
            json_object_set(status, members[i], json_object_get(resource, members[i]));
    *out = status;
    return 0;
}

static int history_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;
    CLEANUP(json_put) json_t *resource = NULL;
    CLEANUP(json_put) json_t *items = json_array();
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    r->value = NULL;
    if (one_tx(tx, r, &resource, err) < 0)
        return -1;
    if (!resource)
        return 0;
    if (store_query(tx,
                    "SELECT * FROM (SELECT seq, at, from_state, to_state, deployment_id, reason FROM resource_history WHERE resource_id = "
                    "$1 ORDER BY seq DESC LIMIT "
                    "1000) h ORDER BY seq",
                    STORE_ARGS(store_text(r->id)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        json_t *item = json_object();

        read_set_time(item, "at", rows, 1);
        read_set_text(item, "from", rows, 2);
        read_set_text(item, "to", rows, 3);
        read_set_text(item, "deployment_id", rows, 4);
        read_set_text(item, "reason", rows, 5);
        json_array_append_new(items, item);
    }
    if (more < 0)
        return -1;
    r->value = take_ptr(items);
    return 0;
}

int resource_read_history(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err)
{
    struct reading r = {.scope = scope, .id = id};

    if (store_read(store, history_unit, &r, err) < 0)
        return -1;
    *out = r.value;
    return 0;
}
