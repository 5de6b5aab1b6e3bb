/* Owns the plan of a deployment of kind `resource`: one step that acts on one resource that is there. Pure; called by plan_build. */
#include "base/str.h"
#include "workflow/plan_priv.h"
#include <string.h>

/* Of the row, what a plan's resource has; its params are read when the step runs. */
static json_t *resource_of(const json_t *row)
{
    static const char *const members[] = {"name", "uid", "type", "class", "provisioner", "annotations", "stateful", "state_version"};
    json_t *resource = json_object();

    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (json_object_get(row, members[i]))
            json_set_new(resource, members[i], json_clone(json_object_get(row, members[i])));
    json_set_new(resource, "depends_on", json_array());
    return resource;
}

static json_t *step_of(const struct plan_act *act, const char *name)
{
    json_t *config = act->arguments ? json_clone(act->arguments) : json_object(), *step;

    json_set_str(config, "resource", name);
    json_set_str(config, "operation", act->operation);
    step = plan_core_step(name, "resource", json_array(), config);
    if (act->once)
        json_set_flag(step, "idempotent", false);
    return step;
}

static void add_change(struct plan_maker *m, const struct plan_act *act)
{
    const json_t *diff = act->fields ? act->fields : json_object_get(act->drift, "diff");
    json_t *changes = json_array(), *change = json_object();

    json_set_str(change, "resource", json_str(act->row, "name"));
    json_set_str(change, "uid", json_str(act->row, "uid"));
    json_set_str(change, "type", json_str(act->row, "type"));
    json_set_str(change, "change", "update");
    json_set_str(change, "operation", act->operation);
    json_set_new(change, "fields", diff ? json_clone(diff) : json_array());
    json_set_flag(change, "protected", json_flag(act->row, "protected", false));
    json_array_append_new(changes, change);
    json_set_new(m->plan, "changes", changes);
    json_set_new(m->plan, "summary",
                 json_pack("{s:i,s:i,s:i,s:i,s:i}", "create", 0, "update", 1, "replace", 0, "remove", 0, "unchanged", 0));
}

void plan_add_act(struct plan_maker *m)
{
    const struct plan_act *act = m->q->act;
    const char *name = json_str(act->row, "name");
    json_t *steps = json_array(), *execution;

    m->resources = json_object();
    json_set_new(m->plan, "resources", m->resources);
    json_set_new(m->resources, name, resource_of(act->row));
    json_set_str(m->plan, "operation", act->operation);
    if (act->drift)
        json_set_new(m->plan, "drift", json_clone(act->drift));
    add_change(m, act);
    json_array_append_new(steps, step_of(act, name));
    execution = plan_core_execution(m, "resources", PHASE_DEPLOYMENT, act->reason, steps);
    json_set_str(execution, "on_failure", "stop"); /* there is nothing to go back to */
    json_array_append_new(m->phases[PHASE_DEPLOYMENT], execution);
}
