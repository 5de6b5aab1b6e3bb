/* Steps that call an action of a resource's plugin: of type `action` in workflows, and of type `resource` with the operation `action` in a
 * deployment of kind `resource`. One that only looks is called and answers; one that changes goes the way of every change: the wish is
 * written down, the action is called, then status and hints, and all of it is stored in the finishing transaction, with what it has set as
 * an override. On workers; the units on store threads. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "plugin/action.h"
#include "resource/override.h"
#include "workflow/step_resource.h"
#include <string.h>

/* ---- what is asked for ---- */

static json_t *params_with(const char *params, const json_t *sets)
{
    json_t *made = params ? json_loads(params, 0, NULL) : NULL;
    CLEANUP(json_put) json_t *overrides = override_add(NULL, sets, NULL, NULL, 0);

    if (!made)
        made = json_object();
    override_apply(made, overrides);
    return made;
}

/* A secret is opened for the call alone: nothing of it becomes a param, which is stored. */
static int check_secrets(const struct resource_step *rs, const json_t *asked, struct err *err)
{
    const json_t *param;
    size_t i;

    json_array_foreach(json_object_get(rs->action, "params"), i, param)
    {
        const json_t *value = json_object_get(asked, json_str(param, "name"));

        if (value && json_str(param, "sets") && json_has_secret(value))
            return err_set(err, ERR_ARGUMENTS, "argument \"%s\" of action %s becomes a param of the resource, and a secret may not",
                           json_str(param, "name"), json_str(rs->action, "name"));
    }
    return 0;
}

/* Arguments as the call gets them, and what of them becomes params. */
static int take_arguments(struct step_work *work, struct resource_step *rs, struct err *err)
{
    const json_t *asked = json_object_get(work->config, "arguments");
    CLEANUP(json_put) json_t *list = NULL;

    if (check_secrets(rs, asked, err) < 0 || step_open_secrets(work, asked, &rs->arguments, err) < 0 ||
        action_take_arguments(rs->action, rs->arguments, &list, err) < 0)
        return -1;
    rs->sets = action_sets(rs->action, list);
    return 0;
}

static int find_action(struct step_work *work, struct resource_step *rs, struct err *err)
{
    const json_t *manifest = json_object_get(work->platform->provisioners, rs->row->provisioner);

    if (!manifest)
        return err_set(err, ERR_NO_PROVISIONER, "the provisioner entry %s of resource %s is not ready", rs->row->provisioner, rs->uid);
    return action_find(manifest, rs->row->type, json_str(work->config, "action"), &rs->action, err);
}

static int prepare(struct step_work *work, struct resource_step *rs, struct err *err)
{
    if (resource_step_read(work, err) < 0)
        return -1;
    if (!resource_step_is_there(rs->row))
        return err_set(err, ERR_CONFLICT, "resource %s is not there: an action needs one that was provisioned", rs->uid);
    if (find_action(work, rs, err) < 0 || take_arguments(work, rs, err) < 0)
        return -1;
    rs->changes = json_flag(rs->action, "changes", false);
    rs->is_workload = str_eq(rs->row->type, "workload");
    rs->operation_name = "action";
    rs->params = params_with(resource_row_applied(rs->row), rs->sets);
    return json_object_size(rs->sets) ? resource_step_check_params(work, rs, err) : 0;
}

void resource_step_action(struct step_work *work)
{
    struct err err = {0};

    if (prepare(work, work->state, &err) < 0)
        step_fail(work, &err, NULL);
    else
        resource_step_begin(work);
}

/* A step of a workflow: the resource is one of the Score file, or its workload. */
void step_run_action(struct step_work *work)
{
    struct resource_step *rs = resource_step_new(work);
    const json_t *plan = work->run->plan, *workload = json_object_get(plan, "workload_resource");
    const char *name = json_str(work->config, "resource");
    struct err err = {0};

    rs->operation = RESOURCE_OP_ACTION;
    rs->plan = name ? json_object_get(json_object_get(plan, "resources"), name) : NULL;
    if (!rs->plan && name && str_eq(json_str(workload, "name"), name))
        rs->plan = workload;
    rs->uid = json_str(rs->plan, "uid");
    if (rs->uid) {
        resource_step_action(work);
        return;
    }
    err_set(&err, ERR_UNKNOWN_RESOURCE, "the plan has no resource \"%.63s\"", name ? name : "");
    step_fail(work, &err, NULL);
}

/* ---- the wish ---- */

/* The row may be another than the one that was read: its params are taken as they are now. A wish that could not be applied does not become
 * what was applied because an action succeeds: the next deployment of the file wishes again. */
static int begin_params(struct store_tx *tx, struct step_work *work, struct resource_step *rs, struct err *err)
{
    const char *applied = resource_row_applied(rs->row), *hash = rs->row->applied_hash;
    CLEANUP(free_ptr) char *text = NULL;

    json_decref(rs->params);
    rs->params = params_with(applied, rs->sets);
    if (!json_object_size(rs->sets))
        return !hash || str_eq(hash, rs->row->target_hash) ? 0 : resource_begin_params(tx, rs->row, applied, hash, &work->arena, err);
    resource_step_hash(rs);
    text = json_text(rs->params);
    return resource_begin_params(tx, rs->row, text, rs->target_hash, &work->arena, err);
}

/* One that only looks writes nothing down. What has drifted is looked at as soon as it is over. */
int resource_step_begin_action(struct store_tx *tx, struct step_work *work, struct err *err)
{
    struct resource_step *rs = work->state;

    rs->gone = !resource_step_is_there(rs->row);
    if (rs->gone || !rs->changes)
        return 0;
    rs->well = rs->row->state == RESOURCE_ACTIVE;
    rs->check_at = rs->row->drifted ? clock_steady_us() : 0;
    return resource_step_begin_again(tx, work, err) < 0 ? -1 : begin_params(tx, work, rs, err);
}

void resource_step_action_begun(struct step_work *work)
{
    struct resource_step *rs = work->state;
    struct err err = {0};

    if (rs->gone) {
        err_set(&err, ERR_CONFLICT, "resource %s went away meanwhile", rs->uid);
        step_fail(work, &err, NULL);
        return;
    }
    resource_step_call(work, PLUGIN_ACTION);
}

/* ---- the answer ---- */

static void looked(struct step_work *work)
{
    struct resource_step *rs = work->state;
    struct err err = {0};

    if (rs->answer.pending)
        err_set(&err, ERR_PLUGIN_PROTOCOL, "%s said of action %s that it goes on; only one that changes the resource may",
                rs->row->provisioner, json_str(rs->action, "name"));
    else if (json_object_size(rs->answer.secrets))
        err_set(&err, ERR_PLUGIN_PROTOCOL, "%s gave a secret in action %s; only one that changes the resource may", rs->row->provisioner,
                json_str(rs->action, "name"));
    else if (json_has_secret(rs->answer.outputs))
        err_set(&err, ERR_PLUGIN_PROTOCOL, "%s gave a reference to a secret in action %s", rs->row->provisioner,
                json_str(rs->action, "name"));
    else {
        step_redact(work, rs->answer.outputs);
        step_complete(work, json_incref(rs->answer.outputs));
        return;
    }
    step_fail(work, &err, NULL);
}

/* What it gave is the step's result, and takes the place of the resource's outputs of the same name; the others stay. */
static void take_outputs(struct resource_step *rs)
{
    json_t *outputs = rs->row->outputs ? json_loads(rs->row->outputs, 0, NULL) : NULL, *value;
    const char *key;

    rs->result = rs->answer.outputs ? json_copy(rs->answer.outputs) : json_object();
    rs->secrets = json_incref(rs->answer.secrets);
    json_object_foreach(rs->secrets, key, value)
    {
        CLEANUP(free_ptr) char *reference = mem_printf("resource:%s#%s", rs->row->id, key);

        json_object_set_new(rs->result, key, json_secret_new(reference));
    }
    rs->outputs = outputs ? outputs : json_object();
    json_object_update(rs->outputs, rs->result);
    json_object_del(rs->result, "manifests"); /* of a workload: they have a place of their own */
}

static void add_override(const struct step_work *work, struct resource_step *rs)
{
    CLEANUP(json_put) json_t *before = rs->row->overrides ? json_loads(rs->row->overrides, 0, NULL) : NULL;
    CLEANUP(json_put) json_t *after = NULL;

    if (!json_object_size(rs->sets))
        return;
    after = override_add(before, rs->sets, json_str(rs->action, "name"), work->run->created_by, clock_now_us());
    free(rs->overrides_text);
    rs->overrides_text = json_text(after);
}

void resource_step_action_answered(struct step_work *work)
{
    struct resource_step *rs = work->state;
    CLEANUP(free_ptr) char *owner = mem_printf("resource:%s", rs->row->id);

    if (!rs->changes) {
        looked(work);
        return;
    }
    if (step_check_answer(work, rs->row->provisioner, owner, rs->answer.outputs, &rs->answer.secrets, &work->err) < 0) {
        work->also = resource_step_store_failed;
        step_fail(work, &work->err, NULL);
        return;
    }
    take_outputs(rs);
    add_override(work, rs);
    resource_step_merge_hints(work, rs);
    resource_step_call(work, PLUGIN_GET_STATUS);
}

/* Was it refused before anything happened? */
static bool is_refusal(const struct resource_step *rs)
{
    return rs->answer.err.code == ERR_INVALID_RESOURCE || rs->answer.err.code == ERR_UNSUPPORTED ||
           rs->answer.err.code == ERR_INVALID_CONFIG;
}

static int store_taken_back(struct step_work *work, struct store_tx *tx, struct err *err)
{
    struct resource_step *rs = work->state;

    return resource_take_back(tx, rs->row->id, rs->well, work->run->id, err);
}

void resource_step_action_failed(struct step_work *work)
{
    struct resource_step *rs = work->state;

    work->also = !rs->changes ? NULL : is_refusal(rs) ? store_taken_back : resource_step_store_failed;
    step_fail(work, &rs->answer.err, take_ptr(rs->answer.report));
}
