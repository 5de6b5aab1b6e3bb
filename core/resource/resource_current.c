/* What an application has now, as JSON for the resolver and for interpolation. Runs inside reading units of work. */
#include "base/cleanup.h"
#include "base/str.h"
#include "resource/resource.h"
#include <string.h>

/* Parses a stored JSON column; NULL when it is NULL or broken. New reference. */
static json_t *parse_column(const char *text) { return text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL; }

static json_t *current_object(struct store_rows *rows)
{
    static const char *const texts[] = {"id", "uid", "name", "type", "class", "application", "workload", "state", "applied_hash", "provisioner", "plugin_version"};
    json_t *object = json_object();
    int column = 0;

    for (; column < (int)(sizeof texts / sizeof *texts); column++)
        json_set_str(object, texts[column], store_col_text(rows, column));
    json_set_new(object, "params", parse_column(store_col_text(rows, column)));
    json_set_new(object, "depends_on", parse_column(store_col_text(rows, column + 1)));
    json_set_new(object, "labels", parse_column(store_col_text(rows, column + 2)));
    json_set_flag(object, "stateful", store_col_int(rows, column + 3) != 0);
    json_set_flag(object, "protected", store_col_int(rows, column + 4) != 0);
    json_set_int(object, "generation", store_col_int(rows, column + 5));
    json_set_new(object, "prior_params", parse_column(store_col_text(rows, column + 6)));
    json_set_new(object, "referrers", json_array());
    json_set_new(object, "refs", json_array());
    return object;
}

static void add_referrer(json_t *object, struct store_rows *rows)
{
    json_t *referrers = json_object_get(object, "referrers"), *name;
    json_t *ref = json_object();
    size_t i;

    json_set_str(ref, "application", store_col_text(rows, 1));
    json_set_str(ref, "workload", store_col_text(rows, 2));
    json_set_str(ref, "name", store_col_text(rows, 3));
    json_array_append_new(json_object_get(object, "refs"), ref);
    json_array_foreach (referrers, i, name)
        if (str_eq(json_string_value(name), store_col_text(rows, 1)))
            return;
    json_append_str(referrers, store_col_text(rows, 1));
}

#define OF_APPLICATION                                                                                                                     \
    "r.live = 1 AND r.org = $1 AND r.team = $2 AND r.environment = $4 AND (r.application = $3 OR EXISTS (SELECT 1 FROM resource_refs f "   \
    "WHERE f.resource_id = r.id AND f.application = $3))"

static int add_referrers(struct store_tx *tx, const struct store_value *args, json_t *list, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx,
                    "SELECT f.resource_id, f.application, f.workload, f.name FROM resource_refs f JOIN resources r ON r.id = f.resource_id WHERE " OF_APPLICATION
                    " ORDER BY f.resource_id, f.application, f.workload, f.name",
                    args, 4, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        json_t *object;
        size_t i;

        json_array_foreach (list, i, object)
            if (str_eq(json_str(object, "id"), store_col_text(rows, 0)))
                add_referrer(object, rows);
    }
    return more;
}

int resource_list_current(struct store_tx *tx, const char *org, const char *team, const char *application, const char *environment, json_t **out, struct err *err)
{
    const struct store_value args[] = {store_text(org), store_text(team), store_text(application), store_text(environment)};
    CLEANUP(json_put) json_t *list = json_array();
    int more;

    {
        CLEANUP(store_rows_close) struct store_rows *rows = NULL;

        if (store_query(tx,
                        "SELECT r.id, r.uid, r.name, r.type, r.class, r.application, r.workload, r.state, r.applied_hash, r.provisioner, r.plugin_version, r.params, "
                        "r.depends_on, r.labels, r.stateful, r.protected, r.generation, r.prior_params FROM resources r WHERE " OF_APPLICATION " ORDER BY r.id",
                        args, 4, &rows, err) < 0)
            return -1;
        while ((more = store_next(rows, err)) > 0)
            json_array_append_new(list, current_object(rows));
        if (more < 0)
            return -1;
    }
    if (add_referrers(tx, args, list, err) < 0)
        return -1;
    *out = take_ptr(list);
    return 0;
}

int resource_outputs(struct store_tx *tx, const char *org, const char *team, const char *environment, const char *application, const char *workload, json_t **out,
                     struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *object = json_object();
    int more;

    if (store_query(tx,
                    "SELECT f.name, r.uid, r.outputs FROM resource_refs f JOIN resources r ON r.id = f.resource_id WHERE r.live = 1 AND r.org = $1 AND r.team = $2 "
                    "AND r.environment = $3 AND f.application = $4 AND f.workload = $5 AND r.outputs IS NOT NULL",
                    STORE_ARGS(store_text(org), store_text(team), store_text(environment), store_text(application), store_text(workload)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        json_t *outputs = parse_column(store_col_text(rows, 2));

        if (!json_is_object(outputs)) {
            json_decref(outputs);
            outputs = json_object();
        }
        json_set_str(outputs, "uid", store_col_text(rows, 1));
        json_set_new(object, store_col_text(rows, 0), outputs);
    }
    if (more < 0)
        return -1;
    *out = take_ptr(object);
    return 0;
}
