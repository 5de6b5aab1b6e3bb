/* Owns which step provisions a resource first (engine.md: Resources): steps of type resource anywhere in the plan are expanded into one
 * step a resource, what a resource refers to comes along, and later steps say who came first. Pure; called by plan_build. */
#include "base/limits.h"
#include "base/str.h"
#include "workflow/order.h"
#include "workflow/plan_priv.h"
#include <string.h>

/* Where a resource was placed so far: the first placement that nothing can skip, else the first one. */
struct placement {
    const char *by;             /* "tier/name#step" */
    const char *step, *written; /* its name, and as it was written, before it was expanded */
    const json_t *execution;
    bool conditional;
};

struct placing {
    struct plan_maker *m;
    const struct workflow_def *def; /* NULL in the core's own executions */
    json_t *execution;
    const struct order *order; /* of its steps as written */
    json_t *steps;             /* the new list */
    struct placement *placed;  /* by index of the Score resource */
};

static size_t index_of(const struct plan_maker *m, const char *name)
{
    for (size_t i = 0; i < m->q->score->resource_count; i++)
        if (strcmp(m->q->score->resources[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

/* ---- what comes along ---- */

/* Appends `at` and before it everything it refers to. Score files have no cycles there; `seen` bounds the recursion all the same. */
static void closure(const struct plan_maker *m, size_t at, bool *seen, size_t *list, size_t *count)
{
    const struct score_resource *r = &m->q->score->resources[at];

    if (seen[at])
        return;
    seen[at] = true;
    for (size_t i = 0; i < r->depends_count; i++) {
        size_t next = index_of(m, r->depends_on[i]);

        if (next != SIZE_MAX)
            closure(m, next, seen, list, count);
    }
    list[(*count)++] = at;
}

/* Will it surely be there, so that it need not come along? In the same execution the step then waits for it (wait_for). */
static bool is_there(const struct placing *p, size_t resource) { return p->placed[resource].by && !p->placed[resource].conditional; }

/* Steps beside each other must not provision one resource at the same time, nor read what the other is still making. */
static void wait_for(const struct placing *p, size_t resource, const json_t *written, json_t *names)
{
    const struct placement *placed = &p->placed[resource];

    if (placed->by && placed->execution == p->execution && strcmp(placed->written, json_str(written, "name")) != 0 &&
        !order_precedes(p->order, placed->written, json_str(written, "name")))
        json_append_str(names, placed->step);
}

static void remember(struct placing *p, size_t resource, const json_t *written, json_t *step)
{
    struct placement *placed = &p->placed[resource];
    bool conditional = json_object_get(step, "condition") != NULL;

    if (placed->by)
        json_set_str(step, "placed_by", placed->by);
    if (placed->by && (!placed->conditional || conditional))
        return;
    *placed = (struct placement){arena_printf(p->m->arena, "%s#%s", plan_execution_title(p->m, p->execution), json_str(step, "name")),
                                 arena_strdup(p->m->arena, json_str(step, "name")), arena_strdup(p->m->arena, json_str(written, "name")),
                                 p->execution, conditional};
}

/* One step for one resource, made from the step that was written. `own`: it keeps the name. */
static void place_one(struct placing *p, const json_t *written, size_t resource, bool own, const json_t *before)
{
    const char *name = p->m->q->score->resources[resource].name;
    json_t *step = json_clone(written), *depends = json_object_get(step, "depends_on"), *earlier;
    size_t i;

    if (!own)
        json_set_str(step, "name", arena_printf(p->m->arena, "%s[%s]", json_str(written, "name"), name));
    json_array_foreach(before, i, earlier) json_array_append(depends, earlier);
    json_set_new(step, "config", json_pack("{s:s}", "resource", name));
    remember(p, resource, written, step);
    json_array_append_new(p->steps, step);
}

/* What the new step for resource `at` waits for: those among `list` (placed by this very step before) that the resource refers to, and what
 * steps beside this one place. */
static json_t *needed(const struct placing *p, const json_t *written, size_t at, const size_t *list, size_t count)
{
    const struct score_resource *r = &p->m->q->score->resources[at];
    json_t *names = json_array();

    wait_for(p, at, written, names);
    for (size_t k = 0; k < r->depends_count; k++) {
        size_t other = index_of(p->m, r->depends_on[k]), i = 0;

        while (i < count && list[i] != other)
            i++;
        if (i < count)
            json_append_str(names, arena_printf(p->m->arena, "%s[%s]", json_str(written, "name"), r->depends_on[k]));
        else if (other != SIZE_MAX)
            wait_for(p, other, written, names);
    }
    return names;
}

/* Expands a written step over the resources `wanted`; the names of the new steps that stand for it go to `names`. */
static void expand(struct placing *p, const json_t *written, const size_t *wanted, size_t wanted_count, bool single, json_t *names)
{
    size_t total = p->m->q->score->resource_count, count = 0, kept = 0;
    size_t *list = arena_array(p->m->arena, total + 1, sizeof *list);
    bool *seen = arena_array(p->m->arena, total + 1, sizeof *seen), *asked = arena_array(p->m->arena, total + 1, sizeof *asked);

    for (size_t i = 0; i < wanted_count; i++) {
        asked[wanted[i]] = true;
        closure(p->m, wanted[i], seen, list, &count);
    }
    for (size_t i = 0; i < count; i++)
        if (asked[list[i]] || !is_there(p, list[i]))
            list[kept++] = list[i];
    for (size_t i = 0; i < kept; i++) {
        json_t *before = needed(p, written, list[i], list, i);
        bool own = single && asked[list[i]];

        place_one(p, written, list[i], own, before);
        json_append_str(names, json_str(json_array_get(p->steps, json_array_size(p->steps) - 1), "name"));
        json_decref(before);
    }
}

/* ---- what was written ---- */

static void problem(struct placing *p, const json_t *step, enum err_code code, const char *suggestion, const char *message)
{
    plan_workflow_problem(p->m, code, p->def, json_int(step, "line", 0), suggestion, "step \"%s\": %s", json_str(step, "name"), message);
}

/* `resource: NAME`. Without that resource a step that may be skipped stays as it is: its condition decides. */
static void place_named(struct placing *p, const json_t *step, const char *name, json_t *names)
{
    size_t at = index_of(p->m, name);

    if (at != SIZE_MAX) {
        expand(p, step, &at, 1, true, names);
        return;
    }
    if (!json_object_get(step, "condition"))
        problem(p, step, ERR_UNKNOWN_RESOURCE,
                arena_printf(p->m->arena, "declare it, or give the step a condition: if: spec.resources[\"%.63s\"]", name),
                arena_printf(p->m->arena, "the Score file has no resource \"%.63s\"", name));
    json_array_append_new(p->steps, json_clone(step));
    json_append_str(names, json_str(step, "name"));
}

static void place_types(struct placing *p, const json_t *step, const json_t *types, json_t *names)
{
    const struct score *score = p->m->q->score;
    size_t *wanted = arena_array(p->m->arena, score->resource_count + 1, sizeof *wanted), count = 0;

    for (size_t i = 0; i < score->resource_count; i++)
        if (plan_name_listed(types, score->resources[i].type))
            wanted[count++] = i;
    expand(p, step, wanted, count, false, names);
}

/* Later steps that depend on `written` depend on what it became: its expansions, or without any, what it depended on. */
static void redirect(json_t *all, const json_t *written, const json_t *names)
{
    const json_t *instead = json_array_size(names) ? names : json_object_get(written, "depends_on");
    json_t *step, *name;
    size_t i, k;

    if (json_array_size(names) == 1 && str_eq(json_string_value(json_array_get(names, 0)), json_str(written, "name")))
        return;
    json_array_foreach(all, i, step)
    {
        json_t *made, *item;
        size_t n;

        if (step == written)
            continue; /* `instead` may be its own list */
        made = json_array();
        json_array_foreach(json_object_get(step, "depends_on"), k, name)
        {
            if (!str_eq(json_string_value(name), json_str(written, "name"))) {
                json_array_append(made, name);
                continue;
            }
            json_array_foreach(instead, n, item) json_array_append(made, item);
        }
        json_set_new(step, "depends_on", made);
    }
}

static void place_step(struct placing *p, json_t *all, size_t at)
{
    const json_t *step = json_array_get(all, at), *config = json_object_get(step, "config");
    const json_t *types = json_object_get(config, "resourceTypes");
    const char *name = json_str(config, "resource");
    json_t *names;

    if (!str_eq(json_str(step, "type"), "resource") || json_object_get(config, "operation")) {
        json_array_append(p->steps, (json_t *)(uintptr_t)step);
        return;
    }
    if (name && strstr(name, "${")) {
        problem(p, step, ERR_BAD_VALUE, "write the resource's name", "`resource` must be known when the deployment is planned");
        return;
    }
    names = json_array();
    if (types)
        place_types(p, step, types, names);
    else if (name)
        place_named(p, step, name, names);
    redirect(all, step, names);
    redirect(p->steps, step, names);
    json_decref(names);
}

/* Steps in an order in which each stands behind what it depends on, so that "earlier in the list" is earlier in time; stable otherwise. */
static json_t *in_order(struct placing *p, const json_t *steps)
{
    json_t *sorted = json_array();
    const size_t *indexes;
    size_t count;

    p->order = order_make(steps, p->m->arena);
    indexes = order_sorted(p->order, p->m->arena, &count);
    for (size_t i = 0; i < count; i++)
        json_array_append(sorted, json_array_get(steps, indexes[i]));
    return sorted;
}

static bool places_something(const json_t *steps)
{
    const json_t *step;
    size_t i;

    json_array_foreach(steps, i, step) if (str_eq(json_str(step, "type"), "resource")) return true;
    return false;
}

static void place_in(struct placing *p, json_t *execution)
{
    json_t *all;

    if (!places_something(json_object_get(execution, "steps")))
        return;
    all = in_order(p, json_object_get(execution, "steps"));
    p->execution = execution;
    p->def = NULL;
    for (size_t i = 0; i < p->m->workflow_count; i++)
        if (str_eq(p->m->workflows[i].def->title, plan_execution_title(p->m, execution)))
            p->def = p->m->workflows[i].def;
    p->steps = json_array();
    for (size_t i = 0; i < json_array_size(all) && json_array_size(p->steps) <= LIMIT_STEPS_PER_WORKFLOW; i++)
        place_step(p, all, i);
    json_decref(all);
    if (json_array_size(p->steps) > LIMIT_STEPS_PER_WORKFLOW)
        plan_workflow_problem(p->m, ERR_LIMIT, p->def, 0, NULL, "%s has %zu steps once its resources are expanded; the limit is %d",
                              plan_execution_title(p->m, execution), json_array_size(p->steps), LIMIT_STEPS_PER_WORKFLOW);
    json_set_new(execution, "steps", p->steps);
}

void plan_place(struct plan_maker *m)
{
    struct placing p = {.m = m};
    json_t *execution;
    size_t i;

    if (!m->q->score || m->deleting)
        return;
    p.placed = arena_array(m->arena, m->q->score->resource_count + 1, sizeof *p.placed);
    for (size_t phase = 0; phase < WORKFLOW_PHASES; phase++)
        json_array_foreach(m->phases[phase], i, execution) place_in(&p, execution);
}
