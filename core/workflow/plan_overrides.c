/* Owns the overrides of a plan: params that actions have set and that the Score file does not say. They hold until the deployment resets
 * them or the file agrees. Pure; called by plan_build and plan_refresh. */
#include "base/str.h"
#include "resource/override.h"
#include "workflow/plan_priv.h"

json_t *plan_workload_params(const json_t *spec)
{
    static const char *const members[] = {"metadata", "service", "containers"};
    json_t *params = json_object();

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (json_object_get(spec, members[i]))
            json_set_new(params, members[i], json_clone(json_object_get(spec, members[i])));
    return params;
}

json_t *plan_wanted_params(const json_t *resource, const json_t *params)
{
    json_t *wanted = params ? json_clone(params) : json_object();

    override_apply(wanted, json_object_get(resource, "overrides"));
    return wanted;
}

/* Of one resource, whose file says `params`. */
static void add_of(struct plan_maker *m, json_t *resource, const json_t *params, json_t *list)
{
    const json_t *row = plan_row_of(m, json_str(resource, "uid"));
    json_t *left = m->q->reset ? NULL : override_left(json_object_get(row, "overrides"), params);

    json_object_del(resource, "overrides");
    json_set_new(resource, "overrides", left);
    override_list(list, json_str(resource, "name"), json_str(resource, "type"), left, params);
}

void plan_add_overrides(struct plan_maker *m)
{
    json_t *list = json_array(), *workload = json_object_get(m->plan, "workload_resource"), *params;
    const struct score *score = m->q->score;

    for (size_t i = 0; score && i < score->resource_count; i++) {
        json_t *resource = json_object_get(m->resources, score->resources[i].name);

        if (resource)
            add_of(m, resource, score->resources[i].params, list);
    }
    if (workload) {
        params = plan_workload_params(json_object_get(m->plan, "spec"));
        add_of(m, workload, params, list);
        json_decref(params);
    }
    json_object_del(m->plan, "overrides");
    if (json_array_size(list))
        json_set_new(m->plan, "overrides", list);
    else
        json_decref(list);
}
