/* Reads what runs now. One snapshot a call. */
#include "workflow/current.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "resource/resource.h"
#include <string.h>

struct reading {
    const char *org, *team, *application, *environment;
    const char *const *uids;
    size_t count;
    json_t *state; /* made anew at each run */
    struct arena *arena;
    struct current_application *found; /* NULL: the environment is given */
    const char *resource_id;           /* of current_resource() */
};

static int read_revision(struct store_tx *tx, struct reading *r, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx,
                    "SELECT revision, completed, state FROM application_environments WHERE org = $1 AND team = $2 AND application = $3 AND "
                    "environment = $4",
                    STORE_ARGS(store_text(r->org), store_text(r->team), store_text(r->application), store_text(r->environment)), &rows,
                    err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    json_set_int(r->state, "revision", more ? store_col_int(rows, 0) : 0);
    json_set_flag(r->state, "first", !more || store_col_int(rows, 1) == 0 || str_eq(store_col_text(rows, 2), "deleted"));
    return 0;
}

/* The environments in which the application lives; exactly one, unless the caller named it. One that was deprovisioned counts while nothing
 * of the application lives, or when it is named: it can still be closed. */
static int find_environment(struct store_tx *tx, struct reading *r, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(buf_fini) struct buf names = BUF_INIT(400);
    const char *wanted = r->environment;
    int more, count = 0, live = 0;

    r->found->environment = NULL;
    if (store_query(
            tx,
            "SELECT e.environment, e.state FROM application_environments e JOIN applications a ON a.org = e.org AND a.team = e.team "
            "AND a.name = e.application WHERE e.org = $1 AND e.team = $2 AND e.application = $3 AND (e.state <> 'deleted' OR "
            "a.closed_at IS NULL) ORDER BY CASE WHEN e.state = 'deleted' THEN 1 ELSE 0 END, e.environment",
            STORE_ARGS(store_text(r->org), store_text(r->team), store_text(r->application)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        const char *name = store_col_text(rows, 0);
        bool gone = str_eq(store_col_text(rows, 1), "deleted");

        live += !gone;
        if (wanted ? strcmp(wanted, name) == 0 : !gone || live == 0) {
            r->found->environment = arena_strdup(r->arena, name);
            r->found->gone = gone;
        }
        if (wanted || !gone || live == 0)
            buf_printf(&names, "%s%s", count++ ? ", " : "", name);
    }
    if (more < 0)
        return -1;
    if (count == 0)
        return err_set(err, ERR_NOT_FOUND, "team %s has no application \"%s\"", r->team, r->application);
    if (!r->found->environment)
        return err_set(err, ERR_NOT_FOUND, "application %s is not in environment %s; it is in %s", r->application, wanted,
                       buf_text(&names));
    if (!wanted && count > 1)
        return err_set(err, ERR_ENVIRONMENT, "application %s is in several environments: %s; name one with --env (or ?environment=)",
                       r->application, buf_text(&names));
    return 0;
}

static int read_spec(struct store_tx *tx, struct reading *r, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx,
                    "SELECT s.workload, s.spec, a.product FROM applications a LEFT JOIN specs s ON s.org = a.org AND s.team = a.team AND "
                    "s.application = a.name AND "
                    "s.environment = $4 WHERE a.org = $1 AND a.team = $2 AND a.name = $3 ORDER BY s.workload LIMIT 1",
                    STORE_ARGS(store_text(r->org), store_text(r->team), store_text(r->application), store_text(r->found->environment)),
                    &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (more) {
        r->found->workload = arena_strdup(r->arena, store_col_text(rows, 0));
        r->found->spec = arena_strdup(r->arena, store_col_text(rows, 1));
        r->found->product = arena_strdup(r->arena, store_col_text(rows, 2));
    }
    return 0;
}

static int read_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;
    struct reading now = *r;
    json_t *resources = NULL;

    json_decref(r->state);
    r->state = now.state = json_object();
    if (r->found) {
        *r->found = (struct current_application){0};
        if (find_environment(tx, r, err) < 0 || read_spec(tx, r, err) < 0)
            return -1;
        now.environment = r->found->environment;
    }
    if (read_revision(tx, &now, err) < 0 ||
        resource_list_current(tx, now.org, now.team, now.application, now.environment, now.uids, now.count, &resources, err) < 0)
        return -1;
    json_set_new(r->state, "resources", resources);
    return 0;
}

static int run(struct store *store, struct reading *r, json_t **out, struct err *err)
{
    if (store_read(store, read_unit, r, err) < 0) {
        json_decref(r->state);
        return -1;
    }
    *out = r->state;
    return 0;
}

int current_of_score(struct store *store, const char *org, const char *team, const char *environment, const struct score *score,
                     json_t **out, struct err *err)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    const char **uids = arena_array(&arena, score->resource_count, sizeof *uids);
    struct reading r = {.org = org,
                        .team = team,
                        .application = score->application,
                        .environment = environment,
                        .uids = uids,
                        .count = score->resource_count};

    for (size_t i = 0; i < score->resource_count; i++)
        uids[i] = score->resources[i].uid;
    return run(store, &r, out, err);
}

int current_of_plan(struct store *store, const json_t *plan, json_t **out, struct err *err)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    json_t *resources = json_object_get(plan, "resources"), *resource;
    const char **uids = arena_array(&arena, json_object_size(resources), sizeof *uids), *name;
    struct reading r = {.org = json_str(plan, "org"),
                        .team = json_str(plan, "team"),
                        .application = json_str(plan, "application"),
                        .environment = json_str(json_object_get(plan, "environment"), "name"),
                        .uids = uids};

    json_object_foreach(resources, name, resource) uids[r.count++] = json_str(resource, "uid");
    return run(store, &r, out, err);
}

int current_application(struct store *store, const char *org, const char *team, const char *application, const char *environment,
                        struct arena *arena, struct current_application *out, json_t **out_state, struct err *err)
{
    struct reading r = {.org = org, .team = team, .application = application, .environment = environment, .arena = arena, .found = out};

    return run(store, &r, out_state, err);
}

static int read_resource_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;
    struct reading now = *r;
    json_t *row = NULL;

    json_decref(r->state);
    r->state = NULL;
    if (resource_current_one(tx, r->org, r->team, r->resource_id, &row, err) < 0)
        return -1;
    if (!row)
        return err_set(err, ERR_NOT_FOUND, "team %s has no resource \"%s\"", r->team, r->resource_id);
    r->state = now.state = json_object();
    json_set_new(r->state, "resources", json_pack("[o]", row));
    now.application = json_str(row, "application");
    now.environment = json_str(row, "environment");
    return read_revision(tx, &now, err);
}

int current_resource(struct store *store, const char *org, const char *team, const char *id, json_t **out, struct err *err)
{
    struct reading r = {.org = org, .team = team, .resource_id = id};

    if (store_read(store, read_resource_unit, &r, err) < 0) {
        json_decref(r.state);
        return -1;
    }
    *out = r.state;
    return 0;
}
