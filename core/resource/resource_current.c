/* What an application has now, as JSON for the resolver and for interpolation. Runs inside reading units of work. */
#include "base/cleanup.h"
#include "base/str.h"
#include "resource/resource.h"
#include <string.h>

/* Parses a stored JSON column; NULL when it is NULL or broken. New reference. */
static json_t *parse_column(const char *text) { return text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL; }

#define CURRENT_COLUMNS                                                                                                                    \
    "r.id, r.uid, r.name, r.type, r.class, r.application, r.workload, r.state, r.applied_hash, r.provisioner, r.plugin_version, "          \
    "r.params, "                                                                                                                           \
    "r.prior_params, r.depends_on, r.labels, r.annotations, r.stateful, r.protected, r.generation, r.state_version, r.overrides, r.drift"

static json_t *current_object(struct store_rows *rows)
{
    static const char *const texts[] = {"id",       "uid",   "name",         "type",        "class",         "application",
                                        "workload", "state", "applied_hash", "provisioner", "plugin_version"};
    static const char *const parsed[] = {"params", "prior_params", "depends_on", "labels", "annotations"};
    json_t *object = json_object();
    int column = 0;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        json_set_str(object, texts[i], store_col_text(rows, column++));
    for (size_t i = 0; i < sizeof parsed / sizeof *parsed; i++)
        json_set_new(object, parsed[i], parse_column(store_col_text(rows, column++)));
    json_set_flag(object, "stateful", store_col_int(rows, column++) != 0);
    json_set_flag(object, "protected", store_col_int(rows, column++) != 0);
    json_set_int(object, "generation", store_col_int(rows, column++));
    json_set_int(object, "state_version", store_col_int(rows, column++));
    json_set_new(object, "overrides", parse_column(store_col_text(rows, column++)));
    json_set_new(object, "drift", parse_column(store_col_text(rows, column++)));
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
    json_array_foreach(referrers, i, name) if (str_eq(json_string_value(name), store_col_text(rows, 1))) return;
    json_append_str(referrers, store_col_text(rows, 1));
}

static int add_referrers(struct store_tx *tx, const char *id, json_t *object, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx,
                    "SELECT resource_id, application, workload, name FROM resource_refs WHERE resource_id = $1 ORDER BY application, "
                    "workload, name",
                    STORE_ARGS(store_text(id)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        add_referrer(object, rows);
    return more;
}

static int add_rows(struct store_tx *tx, const char *sql, const struct store_value *args, size_t count, json_t *list, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, sql, args, count, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        json_array_append_new(list, current_object(rows));
    return more;
}

static bool has_uid(const json_t *list, const char *uid)
{
    const json_t *object;
    size_t i;

    json_array_foreach(list, i, object) if (str_eq(json_str(object, "uid"), uid)) return true;
    return false;
}

/* CROSS JOIN tells SQLite to begin with the left side: an application has few references, a team many resources. PostgreSQL sees for
 * itself. */
int resource_list_current(struct store_tx *tx, const char *org, const char *team, const char *application, const char *environment,
                          const char *const *uids, size_t count, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *list = json_array();
    json_t *object;
    size_t i;

    if (add_rows(tx,
                 "SELECT " CURRENT_COLUMNS " FROM (SELECT id FROM resources WHERE org = $1 AND team = $2 AND application = $4 AND "
                 "environment = $3 UNION SELECT resource_id "
                 "FROM resource_refs WHERE application = $4) AS mine CROSS JOIN resources r WHERE r.id = mine.id AND r.live = 1 AND r.org "
                 "= $1 AND r.team = $2 AND "
                 "r.environment = $3 ORDER BY r.id",
                 STORE_ARGS(store_text(org), store_text(team), store_text(environment), store_text(application)), list, err) < 0)
        return -1;
    for (i = 0; i < count; i++)
        if (!has_uid(list, uids[i]) &&
            add_rows(tx,
                     "SELECT " CURRENT_COLUMNS
                     " FROM resources r WHERE r.live = 1 AND r.org = $1 AND r.team = $2 AND r.environment = $3 AND r.uid = $4",
                     STORE_ARGS(store_text(org), store_text(team), store_text(environment), store_text(uids[i])), list, err) < 0)
            return -1;
    json_array_foreach(list, i, object) if (add_referrers(tx, json_str(object, "id"), object, err) < 0) return -1;
    *out = take_ptr(list);
    return 0;
}

int resource_current_one(struct store_tx *tx, const char *org, const char *team, const char *id, json_t **out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *object = NULL;
    int more;

    *out = NULL;
    if (store_query(tx,
                    "SELECT " CURRENT_COLUMNS ", r.product, r.outputs, r.environment FROM resources r "
                    "WHERE r.id = $1 AND r.org = $2 AND r.team = $3 AND r.live = 1",
                    STORE_ARGS(store_text(id), store_text(org), store_text(team)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return 0;
    object = current_object(rows);
    json_set_str(object, "product", store_col_text(rows, 22));
    json_set_new(object, "outputs", parse_column(store_col_text(rows, 23)));
    json_set_str(object, "environment", store_col_text(rows, 24));
    store_rows_close(&rows);
    if (add_referrers(tx, id, object, err) < 0)
        return -1;
    *out = take_ptr(object);
    return 0;
}

int resource_outputs(struct store_tx *tx, const char *org, const char *team, const char *environment, const char *application,
                     const char *workload, json_t **out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *object = json_object();
    int more;

    if (store_query(tx,
                    "SELECT f.name, r.uid, r.outputs FROM resource_refs f CROSS JOIN resources r WHERE r.id = f.resource_id AND r.live = 1 "
                    "AND r.org = $1 AND r.team = "
                    "$2 AND r.environment = $3 AND f.application = $4 AND f.workload = $5 AND r.outputs IS NOT NULL",
                    STORE_ARGS(store_text(org), store_text(team), store_text(environment), store_text(application), store_text(workload)),
                    &rows, err) < 0)
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
