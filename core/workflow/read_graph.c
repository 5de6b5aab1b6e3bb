/* Owns the making of graphs from the plan that was deployed last, what has become of it, and the resources that live. Any thread. */
#include "workflow/read_graph.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "observe/filter.h"
#include "resource/resource_read.h"
#include "workflow/read_priv.h"

struct graph {
    struct arena arena;
    json_t *nodes, *edges;
    json_t *known; /* {node id: true} */
};

struct reading {
    const struct read_scope *scope;
    const char *application, *environment;
    json_t *value;
};

static void graph_fini(struct graph *g)
{
    json_decref(g->nodes);
    json_decref(g->edges);
    json_decref(g->known);
    arena_fini(&g->arena);
}

/* Adds a node once; gives its id. */
static const char *node(struct graph *g, const char *type, const char *key, const char *name, const char *state, json_t *data)
{
    const char *id = arena_printf(&g->arena, "%s:%s", type, key);
    json_t *item;

    if (json_object_get(g->known, id)) {
        json_decref(data);
        return id;
    }
    item = json_object();
    json_set_str(item, "id", id);
    json_set_str(item, "type", type);
    json_set_str(item, "name", name);
    json_set_str(item, "state", state);
    json_set_new(item, "data", data ? data : json_object());
    json_array_append_new(g->nodes, item);
    json_set_flag(g->known, id, true);
    return id;
}

static void edge(struct graph *g, const char *from, const char *to, const char *type)
{
    json_t *item = json_object();

    json_set_str(item, "from", from);
    json_set_str(item, "to", to);
    json_set_str(item, "type", type);
    json_array_append_new(g->edges, item);
}

static json_t *picked(const json_t *object, const char *const *members)
{
    json_t *data = json_object();

    for (; *members; members++)
        if (json_object_get(object, *members))
            json_object_set(data, *members, json_object_get(object, *members));
    return data;
}

/* ---- resources ---- */

static void add_resources(struct graph *g, const json_t *resources, const char *spec, const char *environment)
{
    static const char *const members[] = {"id", "type", "class", "health", "provisioner", "hints", "updated_at", NULL};
    const json_t *resource, *uid;
    size_t i, j;

    json_array_foreach(resources, i, resource)
    {
        const char *id = node(g, "resource", json_str(resource, "uid"), json_str(resource, "name"), json_str(resource, "state"),
                              picked(resource, members));
        const json_t *provisioner = json_object_get(resource, "provisioner");

        edge(g, spec, id, "defines");
        edge(g, environment, id, "owns");
        edge(g, node(g, "provisioner", json_str(provisioner, "name"), json_str(provisioner, "name"), NULL, NULL), id, "provisions");
    }
    json_array_foreach(resources, i, resource) json_array_foreach(json_object_get(resource, "depends_on"), j, uid)
    {
        const char *to = arena_printf(&g->arena, "resource:%s", json_string_value(uid));

        if (json_object_get(g->known, to))
            edge(g, arena_printf(&g->arena, "resource:%s", json_str(resource, "uid")), to, "depends-on");
    }
}

/* ---- executions and steps ---- */

static const char *resource_by_id(struct graph *g, const json_t *resources, const char *id)
{
    const json_t *resource;
    size_t i;

    json_array_foreach(resources, i, resource) if (id && str_eq(json_str(resource, "id"), id)) return arena_printf(
        &g->arena, "resource:%s", json_str(resource, "uid"));
    return NULL;
}

static void add_steps(struct graph *g, const json_t *workflow, const char *workflow_node, const json_t *resources)
{
    static const char *const members[] = {"id",          "type",      "attempt",        "max_attempts", "started_at", "finished_at",
                                          "duration_ms", "condition", "skipped_reason", "error",        NULL};
    const char *id = json_str(workflow, "id");
    const json_t *step, *name;
    size_t i, j;

    json_array_foreach(json_object_get(workflow, "steps"), i, step)
    {
        const char *key = arena_printf(&g->arena, "%s/%s", id, json_str(step, "name"));
        const char *at = node(g, "step", key, json_str(step, "name"), json_str(step, "state"), picked(step, members));
        const char *made = resource_by_id(g, resources, json_str(step, "resource_id"));

        edge(g, workflow_node, at, "defines");
        if (made)
            edge(g, at, made, "provisions");
        json_array_foreach(json_object_get(step, "depends_on"), j, name)
            edge(g, at, arena_printf(&g->arena, "step:%s/%s", id, json_string_value(name)), "depends-on");
    }
}

static int add_workflow(struct store_tx *tx, struct graph *g, const char *deployment_id, const json_t *planned, bool final,
                        const char *spec, const json_t *resources, struct err *err)
{
    static const char *const members[] = {"id", "tier", "phase", "version", "reason", "source", "started_at", "finished_at", "error", NULL};
    CLEANUP(json_put) json_t *workflow = NULL;
    const char *at;

    if (read_execution(tx, deployment_id, planned, final, &workflow, err) < 0)
        return -1;
    at = node(g, "workflow", json_str(workflow, "id"), json_str(workflow, "name"), json_str(workflow, "state"), picked(workflow, members));
    edge(g, spec, at, "triggers");
    if (json_str(workflow, "product"))
        edge(g, node(g, "product", json_str(workflow, "product"), json_str(workflow, "product"), NULL, NULL), at, "owns");
    add_steps(g, workflow, at, resources);
    return 0;
}

/* ---- all of it ---- */

struct found {
    char *team, *environment, *state, *deployment_id, *deployment_state;
    json_t *plan;
};

static void found_fini(struct found *f)
{
    free(f->team);
    free(f->environment);
    free(f->state);
    free(f->deployment_id);
    free(f->deployment_state);
    json_decref(f->plan);
}

static int find(struct store_tx *tx, const struct reading *r, struct found *out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct filter f;
    int more;

    filter_init(&f, "SELECT team, environment, state FROM application_environments");
    filter_text(&f, "org = ?", r->scope->org);
    filter_text(&f, "team = ?", r->scope->team);
    filter_text(&f, "application = ?", r->application);
    filter_text(&f, "environment = ?", r->environment);
    filter_tail(&f, "ORDER BY updated_at DESC LIMIT ?", 1);
    if (store_query(tx, f.sql, f.args, f.count, &rows, err) < 0 || (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return 0;
    out->team = mem_strdup(store_col_text(rows, 0));
    out->environment = mem_strdup(store_col_text(rows, 1));
    out->state = mem_strdup(store_col_text(rows, 2));
    store_rows_close(&rows);
    if (store_query(tx,
                    "SELECT id, state, plan FROM deployments WHERE org = $1 AND team = $2 AND application = $3 AND environment = $4 ORDER "
                    "BY id DESC LIMIT 1",
                    STORE_ARGS(store_text(r->scope->org), store_text(out->team), store_text(r->application), store_text(out->environment)),
                    &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return 0;
    out->deployment_id = mem_strdup(store_col_text(rows, 0));
    out->deployment_state = mem_strdup(store_col_text(rows, 1));
    return read_plan_text(store_col_text(rows, 2), out->deployment_id, &out->plan, err);
}

static const char *add_frame(struct graph *g, const struct reading *r, const struct found *f, const char **out_environment)
{
    json_t *data = json_object(), *place = json_object();
    const json_t *policy;
    const char *spec;
    size_t i;

    json_set_str(data, "deployment_id", f->deployment_id);
    json_set_str(place, "type", json_str(json_object_get(f->plan, "environment"), "type"));
    spec = node(g, "spec", r->application, r->application, f->state, data);
    *out_environment = node(g, "environment", f->environment, f->environment, NULL, place);
    edge(g, spec, *out_environment, "depends-on");
    edge(g, node(g, "team", f->team, f->team, NULL, NULL), spec, "owns");
    if (json_str(f->plan, "product"))
        edge(g, node(g, "product", json_str(f->plan, "product"), json_str(f->plan, "product"), NULL, NULL), spec, "owns");
    json_array_foreach(json_object_get(f->plan, "policies"), i, policy)
        edge(g, node(g, "policy", json_str(policy, "name"), json_str(policy, "name"), json_str(policy, "decision"), NULL), spec, "gates");
    return spec;
}

static int fill(struct store_tx *tx, struct graph *g, const struct reading *r, const struct found *f, struct err *err)
{
    struct read_scope scope = {.org = r->scope->org, .team = f->team};
    CLEANUP(json_put) json_t *resources = NULL;
    const char *environment, *spec = add_frame(g, r, f, &environment);
    const json_t *phase, *planned;
    size_t i, j;

    if (resource_read_application(tx, &scope, r->application, f->environment, &resources, err) < 0)
        return -1;
    add_resources(g, resources, spec, environment);
    json_array_foreach(json_object_get(f->plan, "phases"), i, phase)
        json_array_foreach(json_object_get(phase, "workflows"), j,
                           planned) if (add_workflow(tx, g, f->deployment_id, planned, read_state_is_final(f->deployment_state), spec,
                                                     resources, err) < 0) return -1;
    return 0;
}

static int graph_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct reading *r = ctx;
    CLEANUP(graph_fini) struct graph g = {.nodes = json_array(), .edges = json_array(), .known = json_object()};
    CLEANUP(found_fini) struct found f = {0};

    json_put(&r->value);
    if (find(tx, r, &f, err) < 0)
        return -1;
    if (!f.team)
        return 0;
    if (fill(tx, &g, r, &f, err) < 0)
        return -1;
    r->value = json_object();
    json_object_set(r->value, "nodes", g.nodes);
    json_object_set(r->value, "edges", g.edges);
    return 0;
}

int read_graph(struct store *store, const struct read_scope *scope, const char *application, const char *environment, json_t **out,
               struct err *err)
{
    struct reading r = {.scope = scope, .application = application, .environment = environment};

    if (store_read(store, graph_unit, &r, err) < 0) {
        json_put(&r.value);
        return -1;
    }
    *out = r.value;
    return 0;
}
