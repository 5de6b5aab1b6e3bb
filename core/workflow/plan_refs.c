/* Owns what planned steps refer to beyond their own workflow: resources (and whether they can exist by then), metadata, exports of other
 * workflows. What a workflow alone can tell was checked when it was loaded (catalog_refs.c). Pure; called by plan_build. */
#include "base/str.h"
#include "codec/interpolate.h"
#include "workflow/order.h"
#include "workflow/plan_priv.h"
#include <string.h>

struct looking {
    struct plan_maker *m;
    const struct workflow_def *def;
    const json_t *execution, *step; /* step NULL: exports */
    const struct order *order;      /* of the execution's steps */
    const json_t *placed;           /* resources that earlier executions place */
    bool lenient;                   /* the step may be skipped, so what it refers to may be missing */
};

static void report(const struct looking *l, enum err_code code, const char *text, const char *suggestion, const char *message)
{
    plan_workflow_problem(l->m, code, l->def, json_int(l->step, "line", 0), suggestion, "%s%s%s${%s}: %s",
                          l->step ? "step \"" : "exports: ", l->step ? json_str(l->step, "name") : "", l->step ? "\": " : "", text,
                          message);
}

static bool has_default(const char *text) { return strstr(text, ":-") != NULL; }

/* ---- resources ---- */

/* The resource that a step places, NULL if it does not. */
static const char *placed_by_step(const json_t *step)
{
    return str_eq(json_str(step, "type"), "resource") ? json_str(json_object_get(step, "config"), "resource") : NULL;
}

/* Does a step place the resource before `l->step` can run? A placement that may be skipped counts: then the reading step fails by itself.
 */
static bool is_placed_before(const struct looking *l, const char *name)
{
    const json_t *steps = json_object_get(l->execution, "steps"), *step;
    size_t i;

    if (json_object_get(l->placed, name))
        return true;
    json_array_foreach(steps, i, step)
    {
        if (!str_eq(placed_by_step(step), name))
            continue;
        if (step == l->step || !l->step || order_precedes(l->order, json_str(step, "name"), json_str(l->step, "name")))
            return true;
    }
    return false;
}

static void check_resource(const struct looking *l, const char *const *parts, size_t count, const char *text)
{
    const struct score_resource *r = count > 1 ? score_find_resource(l->m->q->score, parts[1]) : NULL;
    const char *phase = json_str(l->execution, "phase"), *names[129] = {0}, *near;

    if (!r && (l->lenient || has_default(text)))
        return;
    if (!r) {
        for (size_t i = 0; i < l->m->q->score->resource_count && i < 128; i++)
            names[i] = l->m->q->score->resources[i].name;
        near = count > 1 && !l->m->diags->truncated ? str_closest(parts[1], names) : NULL;
        report(l, ERR_UNKNOWN_RESOURCE, text,
               near        ? arena_printf(l->m->arena, "did you mean \"%s\"?", near)
               : count > 1 ? arena_printf(l->m->arena, "declare it, or give the step a condition: if: spec.resources[\"%.63s\"]", parts[1])
                           : NULL,
               arena_printf(l->m->arena, "the Score file has no resource \"%.63s\"", count > 1 ? parts[1] : ""));
        return;
    }
    if (!is_placed_before(l, r->name))
        report(l, ERR_WORKFLOW_INVALID, text,
               arena_printf(l->m->arena,
                            "put a step {type: resource, config: {resource: %s}} before it, or move the workflow to the deployment phase",
                            r->name),
               arena_printf(l->m->arena, "%s does not exist yet in %s: resources are provisioned at the start of the deployment phase",
                            r->name, phase));
}

/* ---- metadata, exports ---- */

static void check_metadata(const struct looking *l, const char *const *parts, size_t count, const char *text)
{
    static const char *const given[] = {"name", "application", "team", NULL};
    const json_t *at = json_object_get(json_object_get(l->m->plan, "spec"), "metadata");

    if (l->lenient || has_default(text))
        return;
    for (size_t i = 0; count == 2 && given[i]; i++)
        if (strcmp(given[i], parts[1]) == 0)
            return;
    if (count == 2 && strcmp(parts[1], "product") == 0 && l->m->product)
        return;
    for (size_t i = 1; i < count; i++)
        at = json_object_get(at, parts[i]);
    if (!at)
        report(l, ERR_UNKNOWN_REFERENCE, text, arena_printf(l->m->arena, "add it to the Score file, or give a default: ${%s:-VALUE}", text),
               "the Score file's metadata does not have it");
}

static void check_export(const struct looking *l, const char *const *parts, size_t count, const char *text)
{
    if (l->lenient || has_default(text) || count != 3)
        return;
    for (size_t phase = 0; phase < WORKFLOW_PHASES; phase++) {
        const json_t *execution;
        size_t i;

        json_array_foreach(l->m->phases[phase], i, execution)
        {
            if (execution == l->execution) {
                report(l, ERR_UNKNOWN_REFERENCE, text, NULL,
                       arena_printf(l->m->arena, "no workflow %.120s runs before this one in this deployment", parts[1]));
                return;
            }
            if (!plan_execution_is(execution, parts[1]))
                continue;
            if (!json_object_get(json_object_get(execution, "exports"), parts[2]))
                report(l, ERR_UNKNOWN_REFERENCE, text, NULL,
                       arena_printf(l->m->arena, "workflow %.120s exports no \"%.63s\"", parts[1], parts[2]));
            return;
        }
    }
}

/* A key that the admin has not set has no value here. */
static void check_admin(const struct looking *l, const char *const *parts, size_t count, const char *text)
{
    if (l->lenient || has_default(text) || count < 2 || json_object_get(json_object_get(l->m->plan, "admin"), parts[1]))
        return;
    report(l, ERR_UNKNOWN_REFERENCE, text, arena_printf(l->m->arena, "give a default: ${%s:-VALUE}", text),
           arena_printf(l->m->arena, "%s does not set admin.%.63s", l->m->q->config->name, parts[1]));
}

static int visit(void *ctx, const char *const *parts, size_t count, const char *text, size_t offset, struct err *err)
{
    const struct looking *l = ctx;

    (void)offset;
    (void)err;
    if (strcmp(parts[0], "resources") == 0 && l->m->q->score)
        check_resource(l, parts, count, text);
    else if (strcmp(parts[0], "admin") == 0)
        check_admin(l, parts, count, text);
    else if (strcmp(parts[0], "metadata") == 0)
        check_metadata(l, parts, count, text);
    else if (strcmp(parts[0], "workflows") == 0)
        check_export(l, parts, count, text);
    return 0;
}

static void look(const struct looking *l, const json_t *value)
{
    struct err err = {0};

    if (value && interp_scan_value(INTERP_WORKFLOW, value, visit, (void *)(uintptr_t)l, &err) < 0)
        report(l, err.code, "", NULL, err.msg); /* a malformed placeholder: found at load, unless the config came another way */
}

static void check_step(struct looking *l)
{
    static const char *const values[] = {"env", "outputs", NULL};
    bool validation = str_eq(json_str(l->step, "type"), "validation");
    const char *key;
    json_t *value;

    json_object_foreach(json_object_get(l->step, "config"), key,
                        value) if (strcmp(key, "script") != 0 && !(validation && strcmp(key, "checks") == 0)) look(l, value);
    for (size_t i = 0; values[i]; i++)
        look(l, json_object_get(l->step, values[i]));
}

static const struct workflow_def *def_of(struct plan_maker *m, const json_t *execution)
{
    for (size_t i = 0; i < m->workflow_count; i++)
        if (plan_execution_is(execution, m->workflows[i].def->title))
            return m->workflows[i].def;
    return NULL;
}

static void check_execution(struct plan_maker *m, const json_t *execution, const json_t *placed)
{
    struct looking l = {.m = m, .def = def_of(m, execution), .execution = execution, .placed = placed};
    size_t i;

    if (!l.def)
        return; /* the core's own have no texts */
    l.order = order_make(json_object_get(execution, "steps"), m->arena);
    json_array_foreach(json_object_get(execution, "steps"), i, l.step)
    {
        l.lenient = m->deleting || json_object_get(l.step, "condition") != NULL;
        check_step(&l);
    }
    l.step = NULL;
    l.lenient = true;
    look(&l, json_object_get(execution, "exports"));
}

static void add_placed(const json_t *execution, json_t *placed)
{
    const json_t *step;
    size_t i;

    json_array_foreach(json_object_get(execution, "steps"), i, step) if (placed_by_step(step))
        json_set_flag(placed, placed_by_step(step), true);
}

void plan_check_references(struct plan_maker *m)
{
    json_t *placed = json_object();
    const json_t *execution;
    size_t i;

    for (size_t phase = 0; phase < WORKFLOW_PHASES; phase++)
        json_array_foreach(m->phases[phase], i, execution)
        {
            check_execution(m, execution, placed);
            add_placed(execution, placed);
        }
    json_decref(placed);
}
