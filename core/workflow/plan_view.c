/* Owns how a plan looks outside: to users (objects.md: plan) and to policies, which see the steps' configs too. Pure; any thread. */
#include "base/cleanup.h"
#include "workflow/plan.h"
#include "workflow/plan_build.h"

/* share: the view refers to parts of the plan, so it goes before the plan does, on the same thread; and nobody changes it. */
static void take(json_t *to, const json_t *from, const char *const *keys, bool share)
{
    for (; *keys; keys++) {
        json_t *value = json_object_get(from, *keys);

        if (value)
            json_object_set_new(to, *keys, share ? json_incref(value) : json_clone(value));
    }
}

static void copy(json_t *to, const json_t *from, const char *const *keys) { take(to, from, keys, false); }

/* The texts of a condition as one: "when ... and unless ...". */
static json_t *condition_text(const json_t *condition)
{
    const char *when = json_str(condition, "when"), *iff = json_str(condition, "if"), *unless = json_str(condition, "unless");

    if (!when && !iff && !unless)
        return NULL;
    return json_sprintf("%s%s%s%s%s%s", when ? when : "", when && iff ? " and " : "", iff ? iff : "",
                        (when || iff) && unless ? " and " : "", unless ? "not " : "", unless ? unless : "");
}

static json_t *step_view(const json_t *step, bool for_policies)
{
    static const char *const shown[] = {"name", "type", "depends_on", "dynamic", "provisioner", "placed_by", NULL};
    static const char *const more[] = {"config", "env", "timeout_ms", "idempotent", "continue_on_error", NULL};
    json_t *view = json_object();

    take(view, step, shown, for_policies);
    json_set_new(view, "condition", condition_text(json_object_get(step, "condition")));
    if (for_policies)
        take(view, step, more, true);
    return view;
}

static json_t *execution_view(const json_t *execution, bool for_policies)
{
    static const char *const shown[] = {"id",       "name",    "tier",   "product",    "version",    "reason", "source",
                                        "required", "allowed", "denied", "on_failure", "timeout_ms", NULL};
    json_t *view = json_object(), *steps = json_array();
    const json_t *step;
    size_t i;

    take(view, execution, shown, for_policies);
    json_array_foreach(json_object_get(execution, "steps"), i, step) json_array_append_new(steps, step_view(step, for_policies));
    json_set_new(view, "steps", steps);
    return view;
}

static json_t *view_of(const json_t *plan, bool for_policies)
{
    static const char *const shown[] = {"application", "workload", "team",     "product", "kind",     "environment", "first", "revision",
                                        "summary",     "changes",  "policies", "cost",    "warnings", "overrides",   NULL};
    json_t *view = json_object(), *phases = json_array();
    const json_t *phase, *execution;
    size_t i, k;

    take(view, plan, shown, for_policies);
    json_array_foreach(json_object_get(plan, "phases"), i, phase)
    {
        json_t *one = json_object(), *workflows = json_array();

        copy(one, phase, (const char *const[]){"phase", NULL});
        json_array_foreach(json_object_get(phase, "workflows"), k, execution)
            json_array_append_new(workflows, execution_view(execution, for_policies));
        json_set_new(one, "workflows", workflows);
        json_array_append_new(phases, one);
    }
    json_set_new(view, "phases", phases);
    return view;
}

json_t *plan_view(const json_t *plan) { return view_of(plan, false); }
json_t *plan_policy_view(const json_t *plan) { return view_of(plan, true); }

char *plan_outline(const json_t *plan)
{
    static const char *const shown[] = {"id", "name", "tier", "phase", NULL};
    CLEANUP(json_put) json_t *outline = json_object();
    json_t *phases = json_array();
    const json_t *phase, *execution;
    size_t i, k;

    json_array_foreach(json_object_get(plan, "phases"), i, phase)
    {
        json_t *one = json_object(), *workflows = json_array();

        json_array_foreach(json_object_get(phase, "workflows"), k, execution)
        {
            json_t *item = json_object();

            copy(item, execution, shown);
            json_array_append_new(workflows, item);
        }
        json_set_new(one, "workflows", workflows);
        json_array_append_new(phases, one);
    }
    json_set_new(outline, "phases", phases);
    return json_text(outline);
}
