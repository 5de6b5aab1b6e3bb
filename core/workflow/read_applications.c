/* Owns the reading of applications for clients. Any thread; every function is one read on a consistent snapshot. */
#include "workflow/read_applications.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "observe/filter.h"
#include <string.h>

struct reading {
    const struct read_scope *scope;
    const struct read_page *page;
    const char *name, *environment;
    json_t *value;
    char *cursor;
};

static int application_row(struct store_rows *rows, int at, json_t *out, struct err *err)
{
    read_set_text(out, "name", rows, at);
    read_set_text(out, "team", rows, at + 1);
    read_set_text(out, "product", rows, at + 2);
    json_set_new(out, "environments", json_array());
    read_set_time(out, "created_at", rows, at + 4);
    read_set_time(out, "updated_at", rows, at + 5);
    return read_set_json(out, "labels", rows, at + 3, err);
}

static const struct read_field fields[] = {
    {"name", "a.name", false},
    {"created_at", "a.created_at", true},
    {"updated_at", "a.updated_at", true},
    {"product", "COALESCE(a.product, '')", false},
    {0},
};
static const struct read_list applications = {.columns = "a.name, a.team, a.product, a.labels, a.created_at, a.updated_at",
                                              .from = "applications a",
                                              .org = "a.org",
                                              .team = "a.team",
                                              .where = "a.closed_at IS NULL",
                                              .id = "(a.team || '/' || a.name)",
                                              .at = "a.updated_at",
                                              .fields = fields,
                                              .row = application_row};

/* ---- their environments ---- */

static int drifted(struct store_tx *tx, const char *org, const json_t *application, const char *environment, bool *out, struct err *err)
{
    int64_t count;

    if (store_query_int(tx,
                        "SELECT count(*) FROM resources WHERE org = $1 AND team = $2 AND application = $3 AND environment = $4 AND live = "
                        "1 AND drifted_at IS NOT NULL",
                        STORE_ARGS(store_text(org), store_text(json_str(application, "team")), store_text(json_str(application, "name")),
                                   store_text(environment)),
                        0, &count, err) < 0)
        return -1;
    *out = count > 0;
    return 0;
}

static int fill_environments(struct store_tx *tx, const char *org, json_t *application, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    json_t *list = json_object_get(application, "environments"), *item;
    size_t i;
    int more;

    if (store_query(tx,
                    "SELECT environment, environment_type, state, revision, deployment_id, updated_at FROM "
                    "application_environments WHERE org = $1 AND "
                    "team = $2 AND application = $3 ORDER BY environment",
                    STORE_ARGS(store_text(org), store_text(json_str(application, "team")), store_text(json_str(application, "name"))),
                    &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        item = json_object();
        read_set_text(item, "name", rows, 0);
        read_set_text(item, "type", rows, 1);
        read_set_text(item, "state", rows, 2);
        read_set_int(item, "revision", rows, 3);
        read_set_text(item, "deployment_id", rows, 4);
        read_set_time(item, "updated_at", rows, 5);
        json_array_append_new(list, item);
    }
    json_array_foreach(list, i, item)
    {
        bool drift = false;

        if (more < 0 || drifted(tx, org, application, json_str(item, "name"), &drift, err) < 0)
            return -1;
        json_set_flag(item, "drift", drift);
    }
    return more;
}

static int applications_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;
    CLEANUP(json_put) json_t *items = NULL;
    CLEANUP(free_ptr) char *cursor = NULL;
    json_t *item;
    size_t i;

    if (read_list_tx(tx, &applications, r->scope, r->page, &items, &cursor, err) < 0)
        return -1;
    json_array_foreach(items, i, item) if (fill_environments(tx, r->scope->org, item, err) < 0) return -1;
    r->value = take_ptr(items);
    r->cursor = take_ptr(cursor);
    return 0;
}

int read_applications(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items,
                      char **out_cursor, struct err *err)
{
    struct reading r = {.scope = scope, .page = page};

    if (store_read(store, applications_unit, &r, err) < 0)
        return -1;
    *out_items = r.value;
    *out_cursor = r.cursor;
    return 0;
}

/* ---- one ---- */

/* The Score files in force, the newest first; the first one's text becomes `spec`. */
static int fill_specs(struct store_tx *tx, const struct reading *r, json_t *application, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    json_t *list = json_array();
    struct filter f;
    int more;

    json_set_new(application, "specs", list);
    filter_init(&f, "SELECT environment, workload, COALESCE(source, spec), sha256, deployment_id, updated_at FROM specs");
    filter_text(&f, "org = ?", r->scope->org);
    filter_text(&f, "team = ?", json_str(application, "team"));
    filter_text(&f, "application = ?", r->name);
    filter_text(&f, "environment = ?", r->environment);
    filter_tail(&f, "ORDER BY updated_at DESC, environment, workload LIMIT ?", LIMIT_PAGE_ITEMS);
    if (store_query(tx, f.sql, f.args, f.count, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        json_t *item = json_object();

        read_set_text(item, "environment", rows, 0);
        read_set_text(item, "workload", rows, 1);
        read_set_text(item, "spec", rows, 2);
        read_set_text(item, "sha256", rows, 3);
        read_set_text(item, "deployment_id", rows, 4);
        read_set_time(item, "updated_at", rows, 5);
        if (json_array_size(list) == 0)
            json_object_set(application, "spec", json_object_get(item, "spec"));
        json_array_append_new(list, item);
    }
    return more;
}

static const struct read_field by_name[] = {{"name", "a.name", false}, {0}};

static int application_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;
    struct read_list one = applications;
    struct read_match match = {"name", r->name};
    struct read_page page = {.limit = 2, .matches = &match, .match_count = 1};
    CLEANUP(json_put) json_t *items = NULL;
    CLEANUP(free_ptr) char *cursor = NULL;
    json_t *application;

    r->value = NULL;
    one.fields = by_name;
    if (read_list_tx(tx, &one, r->scope, &page, &items, &cursor, err) < 0)
        return -1;
    if (json_array_size(items) > 1)
        return err_set(err, ERR_CONFLICT, "several teams have an application \"%s\"; name one with ?team=", r->name);
    application = json_array_get(items, 0);
    if (!application)
        return 0;
    if (fill_environments(tx, r->scope->org, application, err) < 0 || fill_specs(tx, r, application, err) < 0)
        return -1;
    r->value = json_incref(application);
    return 0;
}

int read_application_tx(struct store_tx *tx, const struct read_scope *scope, const char *name, const char *environment, json_t **out,
                        struct err *err)
{
    struct reading r = {.scope = scope, .name = name, .environment = environment};

    if (application_unit(tx, &r, err) < 0)
        return -1;
    *out = r.value;
    return 0;
}

int read_application(struct store *store, const struct read_scope *scope, const char *name, const char *environment, json_t **out,
                     struct err *err)
{
    struct reading r = {.scope = scope, .name = name, .environment = environment};

    if (store_read(store, application_unit, &r, err) < 0)
        return -1;
    *out = r.value;
    return 0;
}
