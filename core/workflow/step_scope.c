/* What a step's expressions see, and ${...} over it (interfaces.md: Interpolation, Conditions). On workers.
 *
 * The scope: metadata, environment (= env), product, team, application, parameters, variables (= workflow), steps, resources, workflows,
 * admin, deployment.
 * `_placed` holds the states of steps that place resources, keyed "tier/workflow#step". */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "codec/interpolate.h"
#include "resource/override.h"
#include "resource/resource.h"
#include "secret/secret_store.h"
#include "workflow/engine_priv.h"
#include <string.h>

struct loading {
    struct step_work *work;
    json_t *steps;     /* of this workflow: {name: {state, outputs}} */
    json_t *workflows; /* {"tier/name": {step: {state, outputs}}} */
    json_t *placed;
    json_t *resources;
};

static json_t *step_object(struct store_rows *rows)
{
    json_t *object = json_object();
    const char *outputs = store_col_text(rows, 3);

    json_set_str(object, "state", store_col_text(rows, 2));
    json_set_new(object, "outputs", outputs ? json_loads(outputs, 0, NULL) : json_object());
    return object;
}

static void add_step(struct loading *loading, struct store_rows *rows)
{
    const struct shape *shape = &loading->work->run->shape;
    unsigned position = (unsigned)store_col_int(rows, 0), step = (unsigned)store_col_int(rows, 1);
    CLEANUP(json_put) json_t *object = step_object(rows);
    const struct shape_workflow *workflow;
    char key[256];

    if (position >= shape->count || step >= shape->workflows[position].count)
        return;
    workflow = &shape->workflows[position];
    if (position == loading->work->workflow_position)
        json_object_set(loading->steps, workflow->steps[step].name, object);
    snprintf(key, sizeof key, "%s/%s", workflow->tier, workflow->name);
    if (!json_object_get(loading->workflows, key))
        json_object_set_new(loading->workflows, key, json_object());
    json_object_set(json_object_get(loading->workflows, key), workflow->steps[step].name, object);
    snprintf(key, sizeof key, "%s/%s#%s", workflow->tier, workflow->name, workflow->steps[step].name);
    json_object_set(loading->placed, key, object);
}

static int load_steps(struct store_tx *tx, struct loading *loading, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, "SELECT workflow_position, position, state, outputs FROM steps WHERE deployment_id = $1",
                    STORE_ARGS(store_text(loading->work->run->id)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        add_step(loading, rows);
    return more;
}

static int load_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct loading *loading = ctx;
    const struct run *run = loading->work->run;
    unsigned reads = loading->work->step->reads;

    json_object_clear(loading->steps);
    json_object_clear(loading->workflows);
    json_object_clear(loading->placed);
    json_put(&loading->resources);
    if (reads & SHAPE_READS_STEPS && load_steps(tx, loading, err) < 0)
        return -1;
    if (!(reads & SHAPE_READS_RESOURCES))
        return 0;
    return resource_outputs(tx, run->org, run->team, run->environment, run->application, run->workload, &loading->resources, err);
}

static void set_copy(json_t *scope, const char *key, json_t *value)
{
    if (value)
        json_object_set(scope, key, value);
}

/* metadata as written, with the names that the core decided. */
static json_t *metadata_of(const struct run *run)
{
    json_t *metadata = json_copy(json_object_get(json_object_get(run->plan, "spec"), "metadata"));

    if (!metadata)
        metadata = json_object();
    json_set_str(metadata, "application", run->application);
    json_set_str(metadata, "team", run->team);
    json_set_str(metadata, "product", run->product);
    if (!json_object_get(metadata, "name"))
        json_set_str(metadata, "name", run->workload);
    return metadata;
}

static json_t *deployment_of(const struct run *run)
{
    json_t *deployment = json_object();

    json_set_str(deployment, "id", run->id);
    json_set_str(deployment, "kind", run->kind);
    json_set_flag(deployment, "first", json_flag(run->plan, "first", false));
    return deployment;
}

int step_scope_load(struct step_work *work, struct err *err)
{
    const struct run *run = work->run;
    CLEANUP(json_put) json_t *steps = json_object();
    CLEANUP(json_put) json_t *workflows = json_object();
    CLEANUP(json_put) json_t *placed = json_object();
    CLEANUP(json_put) json_t *resources = NULL;
    struct loading loading = {work, steps, workflows, placed, NULL};
    json_t *scope;

    if (work->step->reads && store_read(work->engine->store, load_unit, &loading, err) < 0)
        return err_wrap(err, "reading what the step refers to");
    resources = loading.resources ? loading.resources : json_object();
    scope = work->scope = json_object();
    json_set_new(scope, "metadata", metadata_of(run));
    set_copy(scope, "spec", json_object_get(run->plan, "spec"));
    set_copy(scope, "environment", json_object_get(run->plan, "environment"));
    set_copy(scope, "env", json_object_get(run->plan, "environment"));
    json_set_str(scope, "product", run->product);
    json_set_str(scope, "team", run->team);
    json_set_str(scope, "application", run->application);
    set_copy(scope, "parameters", json_object_get(work->workflow->plan, "parameters"));
    set_copy(scope, "variables", json_object_get(work->workflow->plan, "variables"));
    set_copy(scope, "workflow", json_object_get(work->workflow->plan, "variables"));
    set_copy(scope, "steps", steps);
    set_copy(scope, "resources", resources);
    set_copy(scope, "workflows", workflows);
    set_copy(scope, "admin", json_object_get(run->plan, "admin"));
    json_set_new(scope, "deployment", deployment_of(run));
    set_copy(scope, "_placed", placed);
    return 0;
}

/* ---- interpolation ---- */

struct resolving {
    struct step_work *work;
    json_t *steps;        /* steps of the workflow whose text it is */
    const json_t *result; /* ${result...}; NULL outside outputs */
    int depth;
};

static int resolve(void *ctx, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err);

static json_t *descend(json_t *from, const char *const *parts, size_t count)
{
    for (size_t i = 0; from && i < count; i++) {
        int64_t index;

        if (json_is_array(from))
            from = str_to_int(parts[i], &index) && index >= 0 ? json_array_get(from, (size_t)index) : NULL;
        else
            from = json_object_get(from, parts[i]);
    }
    return from;
}

#define MOST_NAMES 20

/* `among`: where the name was looked for; NULL or no object: nowhere. What is private begins with '_'. */
static int unknown(const char *text, const json_t *among, struct err *err)
{
    CLEANUP(buf_fini) struct buf names = BUF_INIT(400);
    const char *name;
    json_t *value;
    int count = 0;

    json_object_foreach((json_t *)(uintptr_t)among, name, value) if (name[0] != '_' && count < MOST_NAMES)
        buf_printf(&names, "%s%s", count++ ? ", " : "", name);
    if (!count)
        return err_set(err, ERR_UNKNOWN_REFERENCE, "${%s} refers to nothing that exists here", text);
    return err_set(err, ERR_UNKNOWN_REFERENCE, "${%s} refers to nothing that exists here; there are: %s", text, buf_text(&names));
}

/* workflows.<tier>/<name>.<export>: the export's text, interpolated over that workflow's steps. */
static int resolve_export(struct resolving *r, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err)
{
    const struct shape *shape = &r->work->run->shape;
    struct resolving inner = *r;
    struct interp interp = {.mode = INTERP_WORKFLOW, .resolve = resolve, .ctx = &inner};
    char key[256];

    if (count != 3 || r->depth > 4)
        return unknown(text, NULL, err);
    for (unsigned i = 0; i < shape->count; i++) {
        const json_t *export = json_object_get(json_object_get(shape->workflows[i].plan, "exports"), parts[2]);

        snprintf(key, sizeof key, "%s/%s", shape->workflows[i].tier, shape->workflows[i].name);
        if (!export || strcmp(key, parts[1]) != 0)
            continue;
        inner.steps = json_object_get(json_object_get(r->work->scope, "workflows"), key);
        inner.depth = r->depth + 1;
        return interp_value(&interp, export, out, err);
    }
    return unknown(text, NULL, err);
}

/* What the Score file gave a resource is readable beside its outputs, as `params`: a migration step reads the files that came along there.
 */
static int resolve_params(struct resolving *r, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err)
{
    const json_t *params = json_object_get(json_object_get(json_object_get(r->work->run->plan, "resources"), parts[1]), "params");
    CLEANUP(json_put) json_t *expanded = NULL;
    json_t *value;

    if (!params || r->depth > 4 || step_expand(r->work, params, &expanded, err) < 0)
        return params && r->depth <= 4 ? -1 : unknown(text, NULL, err);
    override_apply(expanded, json_object_get(json_object_get(json_object_get(r->work->run->plan, "resources"), parts[1]), "overrides"));
    value = descend(expanded, parts + 3, count - 3);
    if (!value)
        return unknown(text, expanded, err);
    *out = json_incref(value);
    return 0;
}

static int resolve_resource(struct resolving *r, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err)
{
    json_t *resource = count > 1 ? json_object_get(json_object_get(r->work->scope, "resources"), parts[1]) : NULL;
    json_t *value = count == 2 ? json_object_get(resource, "uid") : descend(resource, parts + 2, count - 2);

    if (resource && count > 2 && strcmp(parts[2], "params") == 0 && !json_object_get(resource, "params"))
        return resolve_params(r, parts, count, text, out, err);
    if (!resource && count > 1 && json_object_get(json_object_get(r->work->run->plan, "resources"), parts[1]))
        return err_set(err, ERR_UNKNOWN_REFERENCE, "${%s}: resource %s has not been provisioned yet", text, parts[1]);
    if (!value)
        return unknown(text, resource ? resource : json_object_get(r->work->scope, "resources"), err);
    *out = json_incref(value);
    return 0;
}

static int resolve(void *ctx, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err)
{
    struct resolving *r = ctx;
    json_t *value, *steps = r->steps;

    if (strcmp(parts[0], "workflows") == 0)
        return resolve_export(r, parts, count, text, out, err);
    if (strcmp(parts[0], "resources") == 0)
        return resolve_resource(r, parts, count, text, out, err);
    if (strcmp(parts[0], "result") == 0 && r->result)
        value = descend((json_t *)r->result, parts + 1, count - 1);
    else if (strcmp(parts[0], "steps") == 0)
        value = descend(steps, parts + 1, count - 1);
    else if (count > 1 && json_object_get(steps, parts[0])) /* NAME.KEY */
        value = descend(json_object_get(json_object_get(steps, parts[0]), "outputs"), parts + 1, count - 1);
    else
        value = parts[0][0] == '_' || strcmp(parts[0], "spec") == 0 ? NULL : descend(r->work->scope, parts, count);
    if (!value)
        return unknown(text, json_object_get(r->work->scope, parts[0]), err);
    *out = json_incref(value);
    return 0;
}

int step_interpolate(struct step_work *work, const json_t *value, const json_t *result, json_t **out, struct err *err)
{
    struct resolving r = {.work = work, .steps = json_object_get(work->scope, "steps"), .result = result};
    struct interp interp = {.mode = INTERP_WORKFLOW, .resolve = resolve, .ctx = &r};

    if (!value || json_is_null(value)) {
        *out = json_object();
        return 0;
    }
    return interp_value(&interp, value, out, err);
}

static int resolve_score(void *ctx, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err)
{
    if (strcmp(parts[0], "metadata") != 0 && strcmp(parts[0], "resources") != 0)
        return unknown(text, NULL, err);
    return resolve(ctx, parts, count, text, out, err);
}

int step_expand(struct step_work *work, const json_t *value, json_t **out, struct err *err)
{
    struct resolving r = {.work = work, .steps = NULL};
    struct interp interp = {.mode = INTERP_SCORE, .resolve = resolve_score, .ctx = &r};

    if (!value) {
        *out = json_object();
        return 0;
    }
    return interp_value(&interp, value, out, err);
}
