/* Owns what a workflow refers to: compiles its conditions and checks every ${...} whose meaning can be known from the workflow alone
 * (interfaces.md: Interpolation). Called by whoever loads; one thread a workflow. */
#include "base/buf.h"
#include "base/str.h"
#include "codec/interpolate.h"
#include "policy/policy.h"
#include "workflow/catalog_priv.h"
#include "workflow/order.h"
#include <string.h>

/* Where a text stands. */
struct place {
    struct workflow_reader *r;
    const struct node *spec;
    const struct node *step; /* NULL in exports */
    const struct order *order;
    const char *path; /* relative to the spec */
    bool in_outputs;  /* ${result...} has a value */
};

/* One reference in it. */
struct reference {
    const struct place *place;
    const struct node *at;
    const struct interp_part *part;
};

static void report(const struct reference *ref, enum err_code code, const char *suggestion, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void report(const struct reference *ref, enum err_code code, const char *suggestion, const char *fmt, ...)
{
    struct workflow_reader *r = ref->place->r;
    struct node here = *ref->at;
    va_list ap;
    char *text;

    node_place(ref->at, r->text, ref->part->offset, ref->part->width, &here.line, &here.column);
    here.width = (int)ref->part->width;
    va_start(ap, fmt);
    text = arena_vprintf(r->arena, fmt, ap);
    va_end(ap);
    workflow_problem(r, DIAG_ERROR, code, &here, ref->place->path, suggestion, "${%s}: %s", ref->part->text, text);
}

static const char *closest(const struct reference *ref, const char *name, const char *const *names)
{
    struct buf b = BUF_INIT(1024);
    const char *near, *text;

    if (ref->place->r->diags->truncated)
        return NULL; /* nobody will read it */
    near = str_closest(name, names);
    if (near)
        return arena_printf(ref->place->r->arena, "did you mean \"%s\"?", near);
    for (size_t i = 0; names[i]; i++)
        buf_printf(&b, "%s%s", i ? ", " : "names here: ", names[i]);
    text = b.len ? arena_strdup(ref->place->r->arena, buf_text(&b)) : NULL;
    buf_fini(&b);
    return text;
}

/* A key of a fixed list. */
static void check_key(const struct reference *ref, const char *const *keys)
{
    for (size_t i = 0; ref->part->count > 1 && keys[i]; i++)
        if (strcmp(keys[i], ref->part->parts[1]) == 0)
            return;
    report(ref, ERR_UNKNOWN_REFERENCE, closest(ref, ref->part->count > 1 ? ref->part->parts[1] : "", keys), "%s has no such key",
           ref->part->parts[0]);
}

static void check_any_key(const struct reference *ref)
{
    if (ref->part->count < 2)
        report(ref, ERR_UNKNOWN_REFERENCE, NULL, "name a key: ${%s.KEY}", ref->part->parts[0]);
}

static void check_environment(const struct reference *ref) { check_key(ref, (const char *const[]){"name", "type", NULL}); }

static void check_admin(const struct reference *ref)
{
    check_key(ref, (const char *const[]){"defaultCostCenter", "defaultRuntime", "defaultBudget", NULL});
}

static const struct node *named_step(const struct node *spec, const char *name)
{
    const struct node *steps = node_get(spec, "steps");

    for (size_t i = 0; steps && i < steps->list.count; i++)
        if (str_eq(node_str(steps->list.items[i], "name"), name))
            return steps->list.items[i];
    return NULL;
}

/* Names of the items of a list of maps. */
static const char *const *names_of(struct arena *arena, const struct node *list)
{
    size_t total = list && list->kind == NODE_LIST ? list->list.count : 0, count = 0;
    const char **names = arena_array(arena, total + 1, sizeof *names);

    for (size_t i = 0; i < total; i++)
        if (node_str(list->list.items[i], "name"))
            names[count++] = node_str(list->list.items[i], "name");
    return names;
}

static const char *const *keys_of(struct arena *arena, const struct node *map)
{
    size_t total = map && map->kind == NODE_MAP ? map->map.count : 0;
    const char **names = arena_array(arena, total + 1, sizeof *names);

    for (size_t i = 0; i < total; i++)
        names[i] = map->map.pairs[i].key;
    return names;
}

static bool listed(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static void check_parameter(const struct reference *ref)
{
    const char *const *names = names_of(ref->place->r->arena, node_get(ref->place->spec, "parameters"));

    if (ref->part->count < 2)
        check_any_key(ref);
    else if (!listed(names, ref->part->parts[1]))
        report(ref, ERR_UNKNOWN_REFERENCE, closest(ref, ref->part->parts[1], names), "this workflow declares no parameter \"%s\"",
               ref->part->parts[1]);
}

static void check_variable(const struct reference *ref)
{
    const char *const *names = keys_of(ref->place->r->arena, node_get(ref->place->spec, "variables"));

    if (ref->part->count < 2)
        check_any_key(ref);
    else if (!listed(names, ref->part->parts[1]))
        report(ref, ERR_UNKNOWN_REFERENCE, closest(ref, ref->part->parts[1], names), "this workflow has no variable \"%s\"",
               ref->part->parts[1]);
}

/* The step must exist and surely have ended; a key must be among its declared outputs. */
static void check_step_output(const struct reference *ref, const char *name, const char *key)
{
    const struct place *place = ref->place;
    const struct node *step = named_step(place->spec, name), *outputs = node_get(step, "outputs");
    const char *self = node_str(place->step, "name");
    struct arena *arena = place->r->arena;

    if (!step) {
        report(ref, ERR_UNKNOWN_REFERENCE, closest(ref, name, names_of(arena, node_get(place->spec, "steps"))),
               "this workflow has no step \"%s\"", name);
        return;
    }
    if (key && outputs && outputs->kind == NODE_MAP && !node_get(outputs, key))
        report(ref, ERR_UNKNOWN_REFERENCE, closest(ref, key, keys_of(arena, outputs)), "step \"%s\" has no output \"%s\"", name, key);
    if (!place->step)
        return;
    if (str_eq(self, name))
        report(ref, ERR_UNKNOWN_REFERENCE, place->in_outputs ? "write ${result...}" : NULL, "a step cannot read its own outputs");
    else if (place->order && !order_precedes(place->order, name, self))
        report(ref, ERR_UNKNOWN_REFERENCE, arena_printf(arena, "add \"%s\" to its dependsOn", name),
               "step \"%s\" may not have run before \"%s\"", name, self);
}

static void check_steps(const struct reference *ref)
{
    const struct interp_part *p = ref->part;

    if (p->count < 2)
        report(ref, ERR_UNKNOWN_REFERENCE, NULL, "write ${steps.NAME.outputs.KEY}");
    else if (p->count > 2 && strcmp(p->parts[2], "outputs") != 0 && strcmp(p->parts[2], "state") != 0)
        report(ref, ERR_UNKNOWN_REFERENCE, arena_printf(ref->place->r->arena, "write ${steps.%s.outputs.%s}", p->parts[1], p->parts[2]),
               "a step has `outputs` and `state`, not \"%s\"", p->parts[2]);
    else
        check_step_output(ref, p->parts[1], p->count > 3 && strcmp(p->parts[2], "outputs") == 0 ? p->parts[3] : NULL);
}

static void check_workflows(const struct reference *ref)
{
    const struct interp_part *p = ref->part;

    if (p->count != 3 ||
        (!str_starts(p->parts[1], "platform/") && !str_starts(p->parts[1], "product/") && !str_starts(p->parts[1], "application/")))
        report(ref, ERR_UNKNOWN_REFERENCE, NULL,
               "write ${workflows.TIER/NAME.EXPORT}, for example ${workflows.product/ecommerce/database-setup.dsn}");
}

static void check_item(const struct reference *ref)
{
    if (!node_get(ref->place->step, "forEach"))
        report(ref, ERR_UNKNOWN_REFERENCE, NULL, "only a step with forEach has an %s", ref->part->parts[0]);
}

static void check_result(const struct reference *ref)
{
    if (!ref->place->in_outputs)
        report(ref, ERR_UNKNOWN_REFERENCE, "use ${steps.NAME.outputs.KEY} in later steps", "only `outputs` may read the result");
}

/* Every root, and what can be known about it here. */
static const struct {
    const char *name;
    void (*check)(const struct reference *ref);
} roots[] = {
    {"metadata", check_any_key},   {"environment", check_environment},
    {"env", check_environment},    {"parameters", check_parameter},
    {"variables", check_variable}, {"workflow", check_variable},
    {"steps", check_steps},        {"workflows", check_workflows},
    {"resources", check_any_key},  {"admin", check_admin},
    {"item", check_item},          {"index", check_item},
    {"result", check_result},
};
#define ROOTS (sizeof roots / sizeof roots[0])

static void check_reference(const struct reference *ref)
{
    const char *root = ref->part->parts[0];
    const char *names[ROOTS + 1] = {0};

    for (size_t i = 0; i < ROOTS; i++) {
        if (strcmp(roots[i].name, root) == 0) {
            roots[i].check(ref);
            return;
        }
        names[i] = roots[i].name;
    }
    if (named_step(ref->place->spec, root) && ref->part->count > 1)
        check_step_output(ref, root, ref->part->parts[1]);
    else
        report(ref, ERR_UNKNOWN_REFERENCE, closest(ref, root, names), "nothing is named \"%s\"; $${...} writes it as it stands", root);
}

static void check_text(const struct place *place, const struct node *at)
{
    struct interp_part part;
    struct err err = {0};
    size_t next = 0;
    int more;

    while ((more = interp_next(INTERP_WORKFLOW, at->text, &next, &part, &err)) != 0) {
        struct reference ref = {place, at, &part};

        if (more < 0) {
            part.text = part.text ? part.text : "";
            workflow_problem(place->r, DIAG_ERROR, err.code, at, place->path, NULL, "%s", err.msg);
            continue;
        }
        if (part.count)
            check_reference(&ref);
        interp_part_fini(&part);
    }
}

/* Every string below a value. Depth is bounded by the parser. */
static void check_value(const struct place *place, const struct node *value)
{
    if (!value)
        return;
    if (value->kind == NODE_STRING)
        check_text(place, value);
    for (size_t i = 0; value->kind == NODE_LIST && i < value->list.count; i++)
        check_value(place, value->list.items[i]);
    for (size_t i = 0; value->kind == NODE_MAP && i < value->map.count; i++)
        check_value(place, value->map.pairs[i].value);
}

/* ---- conditions ---- */

static void check_condition(struct workflow_reader *r, const struct node *value, const char *path)
{
    const char *lua = NULL;
    struct err err = {0};

    if (!value || value->kind != NODE_STRING)
        return;
    if (condition_check(value->text, r->arena, &lua, &err) < 0)
        workflow_problem(r, DIAG_ERROR, ERR_CONDITION, value, path, NULL, "%s", err.msg);
    else if (lua)
        workflow_problem(r, DIAG_INFO, ERR_DEPRECATED, value, path, arena_printf(r->arena, "write: %s", lua), "an older form of condition");
}

static void check_conditions(struct workflow_reader *r, const struct node *step, const char *path)
{
    static const char *const keys[] = {"when", "if", "unless", NULL};
    const struct node *checks = node_get(node_get(step, "config"), "checks");

    for (size_t i = 0; keys[i]; i++)
        check_condition(r, node_get(step, keys[i]), arena_printf(r->arena, "%s/%s", path, keys[i]));
    if (!str_eq(node_str(step, "type"), "validation") || !checks || checks->kind != NODE_LIST)
        return;
    for (size_t i = 0; i < checks->list.count; i++)
        check_condition(r, node_get(checks->list.items[i], "when"), arena_printf(r->arena, "%s/config/checks/%zu/when", path, i));
}

/* ---- the whole ---- */

/* A config without its scripts and conditions, which are never interpolated. */
static void check_config(struct place *place, const struct node *config)
{
    bool validation = str_eq(node_str(place->step, "type"), "validation");
    const char *path = place->path;

    for (size_t i = 0; config && config->kind == NODE_MAP && i < config->map.count; i++) {
        const struct node_pair *pair = &config->map.pairs[i];

        if (strcmp(pair->key, "script") == 0 || (validation && strcmp(pair->key, "checks") == 0))
            continue;
        place->path = arena_printf(place->r->arena, "%s/config/%s", path, pair->key);
        check_value(place, pair->value);
    }
    place->path = path;
}

static void check_step(struct workflow_reader *r, const struct node *spec, const struct node *step, const struct order *order,
                       const char *path)
{
    static const char *const values[] = {"env", "with", "forEach", "outputs", NULL};
    struct place place = {.r = r, .spec = spec, .step = step, .order = order, .path = path};

    check_conditions(r, step, path);
    check_config(&place, node_get(step, "config"));
    for (size_t i = 0; values[i]; i++) {
        place.path = arena_printf(r->arena, "%s/%s", path, values[i]);
        place.in_outputs = strcmp(values[i], "outputs") == 0;
        check_value(&place, node_get(step, values[i]));
    }
}

void workflow_check_references(struct workflow_reader *r, const struct node *spec)
{
    const struct node *steps = node_get(spec, "steps");
    struct place exports = {.r = r, .spec = spec, .path = "/exports"};
    const struct order *order = r->ordered ? order_make(r->def->steps, r->arena) : NULL;

    for (size_t i = 0; i < steps->list.count; i++)
        check_step(r, spec, steps->list.items[i], order, arena_printf(r->arena, "/steps/%zu", i));
    check_value(&exports, node_get(spec, "exports"));
}
