/* Owns the resources of a plan: which entry serves each, what its plugin says of the type, and the executions that provision, deploy and
 * remove them. Pure; called by plan_build. */
#include "base/str.h"
#include "codec/json_schema.h"
#include "workflow/plan_priv.h"
#include "workflow/route.h"
#include <string.h>

/* ---- who serves it ---- */

/* A resource stays with the entry that made it as long as that entry still serves its type and the admin has not decided otherwise. */
static const struct config_provisioner *keeper(const struct plan_maker *m, const char *uid, const char *type)
{
    const json_t *row = plan_row_of(m, uid);
    const char *name = json_str(row, "provisioner");
    const struct config_provisioner *entry = name ? config_provisioner(m->q->config, name) : NULL;

    if (!entry || config_lookup(m->q->config->resource_definitions, type) || !route_type(json_object_get(m->q->provisioners, name), type))
        return NULL;
    return entry->types && !config_names_match(entry->types, type) ? NULL : entry;
}

static const struct config_provisioner *serve(struct plan_maker *m, const struct score_resource *at, const char *uid, const char *type,
                                              const char *class)
{
    struct route_query query = {.type = type,
                                .class = class,
                                .environment = m->q->environment.name,
                                .environment_type = m->q->environment.type,
                                .team = m->q->team,
                                .product = m->product};
    const struct config_provisioner *entry = keeper(m, uid, type);
    struct err err = {0};

    if (!entry && route_resource(m->q->config, m->q->provisioners, &query, &entry, &err) < 0) {
        plan_problem(m, DIAG_ERROR, err.code, at, NULL, "%s%s%s", at ? at->name : "", at ? ": " : "", err.msg);
        return NULL;
    }
    return entry;
}

/* What the manifest says: plugin, stateful, immutable params. */
static void add_plugin(struct plan_maker *m, json_t *resource, const struct config_provisioner *entry, const char *type_name)
{
    const json_t *manifest = json_object_get(m->q->provisioners, entry->name), *type = route_type(manifest, type_name);
    json_t *plugin = json_object();

    json_set_str(plugin, "name", json_str(manifest, "name"));
    json_set_str(plugin, "version", json_str(manifest, "version"));
    json_set_str(plugin, "sha256", json_str(manifest, "sha256"));
    json_set_str(resource, "provisioner", entry->name);
    json_set_new(resource, "plugin", plugin);
    json_set_flag(resource, "stateful", json_flag(type, "stateful", false));
    json_set_new(resource, "immutable",
                 json_is_array(json_object_get(type, "immutable")) ? json_clone(json_object_get(type, "immutable")) : json_array());
    json_set_int(resource, "state_version", json_int(manifest, "state_version", 1));
}

struct params_of {
    struct plan_maker *m;
    const struct score_resource *resource;
    const char *pointer; /* of the params in the Score file */
};

static void params_problem(void *ctx, enum err_code code, const char *pointer, const char *help, const char *message)
{
    const struct params_of *of = ctx;
    const char *path = arena_printf(of->m->arena, "%s%s", of->pointer, pointer);
    const struct node *at = node_locate(of->m->q->score->root, path);

    diag_add(of->m->diags, DIAG_ERROR, code, at->line, at->column, 1, path, help, "%s: params%s %s", of->resource->name, pointer, message);
}

/* Against the schema that the plugin's manifest has for the type; what stands in placeholders is looked at again when it is known. */
static void check_params(struct plan_maker *m, const struct score_resource *r, const struct config_provisioner *entry)
{
    const json_t *schema = json_object_get(route_type(json_object_get(m->q->provisioners, entry->name), r->type), "params");
    const struct node *node = node_get(node_get(m->q->score->root, "resources"), r->name);
    struct params_of of = {m, r, arena_printf(m->arena, "/resources/%s/%s", r->name, node_get(node, "params") ? "params" : "properties")};

    if (schema)
        json_schema_validate(schema, r->params, true, params_problem, &of);
}

static json_t *identity(const char *name, const char *uid, const char *type, const char *class)
{
    json_t *resource = json_object();

    json_set_str(resource, "name", name);
    json_set_str(resource, "uid", uid);
    json_set_str(resource, "type", type);
    json_set_str(resource, "class", class);
    return resource;
}

static json_t *depends_on(const struct score_resource *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < r->depends_count; i++)
        json_append_str(list, r->depends_on[i]);
    return list;
}

static void add_workload(struct plan_maker *m)
{
    const char *uid = arena_printf(m->arena, "workload.default#%s", m->workload);
    const struct config_provisioner *entry = serve(m, NULL, uid, "workload", "default");
    json_t *resource;

    if (!entry)
        return;
    resource = identity(m->workload, uid, "workload", "default");
    json_set_new(resource, "depends_on", json_array());
    add_plugin(m, resource, entry, "workload");
    json_set_new(m->plan, "workload_resource", resource);
}

void plan_add_resources(struct plan_maker *m)
{
    const struct score *score = m->q->score;

    m->resources = json_object();
    json_set_new(m->plan, "resources", m->resources);
    if (m->deleting)
        return;
    for (size_t i = 0; i < score->resource_count; i++) {
        const struct score_resource *r = &score->resources[i];
        const struct config_provisioner *entry = serve(m, r, r->uid, r->type, r->class);
        json_t *resource;

        if (!entry)
            continue;
        resource = identity(r->name, r->uid, r->type, r->class);
        json_set_new(resource, "params", json_clone(r->params));
        if (r->annotations)
            json_set_new(resource, "annotations", json_clone(r->annotations));
        json_set_new(resource, "depends_on", depends_on(r));
        add_plugin(m, resource, entry, r->type);
        check_params(m, r, entry);
        json_set_new(m->resources, r->name, resource);
    }
    add_workload(m);
}

/* ---- executions ---- */

json_t *plan_resources_execution(struct plan_maker *m)
{
    const struct score *score = m->q->score;
    json_t *steps;

    if (!score->resource_count)
        return NULL;
    steps = json_array();
    for (size_t i = 0; i < score->resource_count; i++) {
        const struct score_resource *r = &score->resources[i];
        json_t *step = plan_core_step(r->name, "resource", depends_on(r), json_pack("{s:s}", "resource", r->name));

        if (r->line)
            json_set_int(step, "line", r->line);
        json_array_append_new(steps, step);
    }
    return plan_core_execution(m, "resources", PHASE_DEPLOYMENT, "resources of the Score file", steps);
}

json_t *plan_workload_execution(struct plan_maker *m)
{
    json_t *steps = json_array();

    json_array_append_new(steps, plan_core_step(m->workload, "workload", json_array(), json_object()));
    return plan_core_execution(m, "workload", PHASE_DEPLOYMENT, "containers of the Score file", steps);
}

static bool is_workload(const json_t *row) { return str_eq(json_str(row, "type"), "workload"); }

/* Does the row `later` depend on `earlier`? Rows say so by uid or by name. */
static bool depends(const json_t *later, const json_t *earlier)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(later, "depends_on"), i,
                       item) if (str_eq(json_string_value(item), json_str(earlier, "uid")) ||
                                 str_eq(json_string_value(item), json_str(earlier, "name"))) return true;
    return false;
}

/* Names of steps are names of resources, the uid where two have one name (of two workloads). */
static void name_removals(json_t *leaving)
{
    json_t *seen = json_object(), *one;
    size_t i;

    json_array_foreach(leaving, i, one)
    {
        const char *name = json_str(one, "name");

        json_set_str(one, "step", name && !json_object_get(seen, name) ? name : json_str(one, "uid"));
        if (name)
            json_set_flag(seen, name, true);
    }
    json_decref(seen);
}

/* What must be gone before `one`: everything that depends on it. */
static json_t *gone_before(const json_t *leaving, const json_t *one)
{
    json_t *names = json_array();
    const json_t *other;
    size_t i;

    json_array_foreach(leaving, i, other) if (other != one && is_workload(other) == is_workload(one) && depends(other, one))
        json_append_str(names, json_str(other, "step"));
    return names;
}

/* One step for each that leaves; what depends on it goes first. */
static json_t *removal_steps(struct plan_maker *m, bool workloads)
{
    json_t *steps = json_array();
    const json_t *one;
    size_t i;

    name_removals(m->leaving);
    json_array_foreach(m->leaving, i, one)
    {
        json_t *config;

        if (is_workload(one) != workloads)
            continue;
        config = json_object();
        json_set_str(config, "uid", json_str(one, "uid"));
        json_set_str(config, "operation", json_str(one, "operation"));
        json_array_append_new(
            steps, plan_core_step(json_str(one, "step"), workloads ? "workload" : "resource", gone_before(m->leaving, one), config));
    }
    return steps;
}

static json_t *removals(struct plan_maker *m, const char *name, enum workflow_phase phase, const char *reason, bool workloads)
{
    json_t *steps = removal_steps(m, workloads);

    if (json_array_size(steps))
        return plan_core_execution(m, name, phase, reason, steps);
    json_decref(steps);
    return NULL;
}

json_t *plan_removals_execution(struct plan_maker *m)
{
    return m->deleting ? removals(m, "resources", PHASE_DEPLOYMENT, "resources of the application, in reverse order", false)
                       : removals(m, "removals", PHASE_POST, "no longer in the Score file", false);
}

json_t *plan_deletion_workloads(struct plan_maker *m)
{
    return removals(m, "workload", PHASE_DEPLOYMENT, "containers of the application", true);
}
