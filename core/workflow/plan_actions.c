/* Owns the steps of type action in the plan: the resource is there by then, its provisioner offers the action, and the arguments fit as far
 * as they are known. Pure; called by plan_build. */
#include "base/str.h"
#include "plugin/action.h"
#include "workflow/plan_priv.h"
#include <string.h>

static void problem(struct plan_maker *m, const struct workflow_def *def, const json_t *step, enum err_code code, const char *suggestion,
                    const char *message)
{
    plan_workflow_problem(m, code, def, json_int(step, "line", 0), suggestion, "step \"%s\": %s", json_str(step, "name"), message);
}

/* A resource of the Score file, or its workload; NULL after the problem was reported. */
static const json_t *resource_of(struct plan_maker *m, const struct workflow_def *def, const json_t *step, const char *name)
{
    const json_t *resource = json_object_get(m->resources, name), *workload = json_object_get(m->plan, "workload_resource");
    const char *names[130] = {0}, *key, *near;
    size_t count = 0;
    json_t *value;

    if (!resource && str_eq(json_str(workload, "name"), name))
        resource = workload;
    if (resource)
        return resource;
    json_object_foreach(m->resources, key, value)
    {
        if (count < 128)
            names[count++] = key;
    }
    names[count] = m->workload;
    near = str_closest(name, names);
    problem(m, def, step, ERR_UNKNOWN_RESOURCE, near ? arena_printf(m->arena, "did you mean \"%s\"?", near) : NULL,
            arena_printf(m->arena, "the Score file has no resource \"%.63s\"; its containers are called \"%s\"", name, m->workload));
    return NULL;
}

void plan_check_action(struct plan_maker *m, const struct workflow_def *def, json_t *step)
{
    const json_t *config = json_object_get(step, "config"), *resource, *action = NULL;
    const char *name = json_str(config, "resource");
    struct err err = {0};

    json_set_flag(step, "idempotent", false);
    if (m->deleting || !name || strstr(name, "${")) /* looked at when it runs */
        return;
    if (json_object_get(step, "condition") && !json_object_get(m->resources, name)) /* it may be skipped because there is none */
        return;
    resource = resource_of(m, def, step, name);
    if (!resource)
        return;
    if (action_find(json_object_get(m->q->provisioners, json_str(resource, "provisioner")), json_str(resource, "type"),
                    json_str(config, "action"), &action, &err) < 0 ||
        action_check_template(action, json_object_get(config, "arguments"), &err) < 0) {
        problem(m, def, step, err.code == ERR_ACTION ? ERR_WORKFLOW_INVALID : err.code, NULL, err.msg);
        return;
    }
    json_set_flag(step, "idempotent", json_flag(action, "idempotent", false));
}
