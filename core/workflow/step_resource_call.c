/* Steps of type resource and workload, their second half: the provisioner is called (create, update or delete; then status and hints), and
 * what it answered is stored in the step's finishing transaction. On workers; provisioners' callbacks only copy and hand back. */
#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "secret/secret_store.h"
#include "workflow/resource_frame.h"
#include "workflow/step_resource.h"
#include <string.h>

#define POLL_LEAST_MS 100 /* between two calls of a provisioner that says it is not ready */

/* ---- calling the provisioner ---- */

static int make_frame(struct step_work *work, const struct resource_step *rs, json_t **out, struct err *err)
{
    const struct run *run = work->run;
    struct frame_of of = {.opening = step_opening(work),
                          .platform = work->platform,
                          .row = rs->row,
                          .operation = rs->operation_name,
                          .application = run->application,
                          .environment_type = run->environment_type,
                          .product = run->product,
                          .params = rs->removing ? NULL : rs->params};

    if (resource_frame(&of, out, err) < 0)
        return -1;
    /* a look right after provision sees what provision has just said */
    if (rs->plugin_state)
        json_set_new(*out, "state", json_loads(rs->plugin_state, JSON_DECODE_ANY, NULL));
    if (rs->outputs)
        json_set_new(*out, "outputs", json_clone(rs->outputs));
    return 0;
}

static void resource_step_answered(struct step_work *work);

/* On the plugin loop: copy and hand back to a worker. */
static void call_done(void *ctx, const struct plugin_result *result)
{
    struct step_work *work = ctx;
    struct resource_step *rs = work->state;

    rs->answer = (struct plugin_result_copy){
        .failed = result->outcome == PLUGIN_DONE_FAILED,
        .pending = result->outcome == PLUGIN_DONE_PENDING,
        .poll_after_ms = result->poll_after_ms,
        .outputs = json_clone(result->outputs), /* counted values are not shared between threads */
        .secrets = json_clone(result->secrets),
        .hints = json_clone(result->hints),
        .report = json_clone(result->report),
        .state = mem_strdup(result->state),
        .status = mem_strdup(result->status),
        .err = result->err,
    };
    work->resume = resource_step_answered;
    engine_resume(work);
}

void resource_step_call(struct step_work *work, enum plugin_operation operation)
{
    struct resource_step *rs = work->state;
    CLEANUP(json_put) json_t *frame = NULL;
    struct plugin_request request = {.instance = rs->row->provisioner, .operation = operation};
    struct err err = {0};

    resource_step_forget_answer(&rs->answer);
    rs->call = operation;
    if (operation == PLUGIN_ACTION) {
        request.action = json_str(rs->action, "name");
        request.arguments = rs->arguments;
        request.read_only = !rs->changes;
    }
    if (make_frame(work, rs, &frame, &err) == 0) {
        request.resource = frame;
        if (step_call_plugin(work, &request, call_done, &err) == 0)
            return;
    }
    rs->answer.failed = true;
    rs->answer.err = err;
    resource_step_answered(work);
}

/* ---- storing what came of it ---- */

static int store_secrets(struct step_work *work, struct resource_step *rs, struct store_tx *tx, struct err *err)
{
    const char *key;
    json_t *value;
    CLEANUP(free_ptr) char *owner = mem_printf("resource:%s", rs->row->id);

    /* those that it does not give any more go; an action gives what is new */
    if (rs->operation != RESOURCE_OP_ACTION && secret_drop(tx, owner, err) < 0)
        return -1;
    json_object_foreach(rs->secrets, key, value)
    {
        CLEANUP(free_ptr) char *reference = mem_printf("resource:%s#%s", rs->row->id, key);

        if (json_is_string(value) &&
            secret_put(work->engine->options.secrets, tx, reference, json_string_value(value), json_string_length(value), err) < 0)
            return err_wrap(err, "sealing output %s", key);
    }
    return 0;
}

static int store_applied(struct step_work *work, struct store_tx *tx, struct err *err)
{
    struct resource_step *rs = work->state;
    struct resource_result result = {.outputs = rs->outputs_text,
                                     .hints = rs->hints_text,
                                     .state = rs->plugin_state,
                                     .health = rs->health,
                                     .deployment_id = work->run->id,
                                     .overrides = rs->operation == RESOURCE_OP_ACTION ? rs->overrides_text : NULL,
                                     .check_at = rs->check_at,
                                     .keeps_drift = rs->operation == RESOURCE_OP_ACTION};

    engine_check_due(work->engine, rs->check_at);
    if (store_secrets(work, rs, tx, err) < 0 || resource_applied(tx, rs->row->id, &result, err) < 0)
        return -1;
    if (!rs->is_workload || (rs->operation == RESOURCE_OP_ACTION && !rs->manifests)) /* an action need not render any */
        return 0;
    return workload_store_manifests(work, rs, tx, err);
}

static int store_removed(struct step_work *work, struct store_tx *tx, struct err *err)
{
    struct resource_step *rs = work->state;

    if (rs->is_workload && workload_store_manifests(work, rs, tx, err) < 0)
        return -1;
    return resource_removed(tx, rs->row->id, work->run->id, err);
}

int resource_step_store_failed(struct step_work *work, struct store_tx *tx, struct err *err)
{
    struct resource_step *rs = work->state;
    CLEANUP(json_put) json_t *error = step_error_json(work);
    CLEANUP(free_ptr) char *text = json_text(error);

    if (rs->plugin_state && resource_set_plugin_state(tx, rs->row->id, rs->plugin_state, err) < 0)
        return -1;
    return resource_failed(tx, rs->row->id, text, work->run->id, err);
}

static int store_pending(struct step_work *work, struct store_tx *tx, struct err *err)
{
    struct resource_step *rs = work->state;

    return rs->plugin_state ? resource_set_plugin_state(tx, rs->row->id, rs->plugin_state, err) : 0;
}

/* ---- going on after an answer; on a worker ---- */

static void keep_plugin_state(struct resource_step *rs)
{
    if (!rs->answer.state)
        return;
    free(rs->plugin_state);
    rs->plugin_state = take_ptr(rs->answer.state);
}

/* Outputs with references where the provisioner gave secrets. */
static void build_outputs(struct resource_step *rs)
{
    const char *key;
    json_t *value;

    rs->outputs = rs->answer.outputs ? json_copy(rs->answer.outputs) : json_object();
    rs->secrets = json_incref(rs->answer.secrets);
    json_object_foreach(rs->secrets, key, value)
    {
        CLEANUP(free_ptr) char *reference = mem_printf("resource:%s#%s", rs->row->id, key);

        json_object_set_new(rs->outputs, key, json_secret_new(reference));
    }
}

void resource_step_merge_hints(struct step_work *work, struct resource_step *rs)
{
    step_redact(work, rs->answer.hints);
    if (!rs->hints)
        rs->hints = json_array();
    if (json_is_array(rs->answer.hints))
        json_array_extend(rs->hints, rs->answer.hints);
}

static void finish_applied(struct step_work *work)
{
    struct resource_step *rs = work->state;
    struct err err = {0};

    if (rs->is_workload && workload_take_manifests(work, rs, &err) < 0) {
        work->also = resource_step_store_failed;
        step_fail(work, &err, NULL);
        return;
    }
    rs->outputs_text = json_text(rs->outputs);
    rs->hints_text = json_text(rs->hints);
    work->also = store_applied;
    step_complete(work, json_incref(rs->result ? rs->result : rs->outputs));
}

/* The old one is gone; the new one is wanted. */
static void begin_replacement(struct step_work *work)
{
    struct resource_step *rs = work->state;

    rs->replace = false;
    free(take_ptr(rs->plugin_state)); /* of the old one */
    resource_step_begin(work);
}

static int replaced_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct step_work *work = ctx;
    struct resource_step *rs = work->state;
    bool ours = false;

    if (work_is_ours(tx, work, &ours, err) < 0)
        return -1;
    work->stale = !ours;
    return ours ? resource_removed(tx, rs->row->id, work->run->id, err) : 0;
}

static void replaced_stored(void *ctx, const struct err *result) { step_go_on(ctx, result, begin_replacement); }

static void removal_answered(struct step_work *work)
{
    struct resource_step *rs = work->state;

    if (rs->operation == RESOURCE_OP_APPLY) {
        engine_write(work->engine, replaced_unit, work, replaced_stored);
        return;
    }
    if (rs->is_workload)
        workload_remove_files(work);
    work->also = store_removed;
    step_complete(work, NULL);
}

static void provision_answered(struct step_work *work)
{
    struct resource_step *rs = work->state;
    CLEANUP(free_ptr) char *owner = mem_printf("resource:%s", rs->row->id);

    if (step_check_answer(work, rs->row->provisioner, owner, rs->answer.outputs, &rs->answer.secrets, &work->err) < 0) {
        work->also = resource_step_store_failed;
        step_fail(work, &work->err, NULL);
        return;
    }
    build_outputs(rs);
    resource_step_merge_hints(work, rs);
    resource_step_call(work, PLUGIN_GET_STATUS);
}

static void status_answered(struct step_work *work)
{
    struct resource_step *rs = work->state;

    rs->health = take_ptr(rs->answer.status);
    if (str_eq(rs->health, "failed") || str_eq(rs->health, "terminated")) {
        work->also = resource_step_store_failed;
        err_set(&work->err, ERR_PROVISION_FAILED, "%s says OK, but its status of %s is %s", rs->row->provisioner, rs->uid, rs->health);
        step_fail(work, &work->err, NULL);
        return;
    }
    resource_step_call(work, PLUGIN_GET_HINTS);
}

static void hints_answered(struct step_work *work)
{
    resource_step_merge_hints(work, work->state);
    finish_applied(work);
}

static void answered_badly(struct step_work *work)
{
    struct resource_step *rs = work->state;

    if (rs->call == PLUGIN_GET_HINTS) { /* hints are a service: the resource is there without them */
        step_log(work, "core", "warn", "no hints: %s", rs->answer.err.msg);
        finish_applied(work);
        return;
    }
    if (rs->call == PLUGIN_ACTION) {
        resource_step_action_failed(work);
        return;
    }
    work->also = resource_step_store_failed;
    step_fail(work, &rs->answer.err, take_ptr(rs->answer.report));
}

static void resource_step_answered(struct step_work *work)
{
    struct resource_step *rs = work->state;

    keep_plugin_state(rs);
    if (rs->answer.failed) {
        answered_badly(work);
    } else if (rs->answer.pending &&
               (rs->call == PLUGIN_PROVISION || rs->call == PLUGIN_DEPROVISION || (rs->call == PLUGIN_ACTION && rs->changes))) {
        work->also = store_pending;
        step_wait(work, rs->answer.poll_after_ms < POLL_LEAST_MS ? POLL_LEAST_MS : rs->answer.poll_after_ms, NULL);
    } else if (rs->call == PLUGIN_PROVISION) {
        provision_answered(work);
    } else if (rs->call == PLUGIN_DEPROVISION) {
        removal_answered(work);
    } else if (rs->call == PLUGIN_ACTION) {
        resource_step_action_answered(work);
    } else if (rs->call == PLUGIN_GET_STATUS) {
        status_answered(work);
    } else {
        hints_answered(work);
    }
}

/* ---- left behind ---- */

int resource_step_abandon(struct step_work *work, struct store_tx *tx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    char id[ID_BYTES] = "";
    int more;

    if (store_query(tx, "SELECT resource_id FROM steps WHERE id = $1 AND resource_id IS NOT NULL", STORE_ARGS(store_text(work->step_id)),
                    &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return 0;
    snprintf(id, sizeof id, "%s", store_col_text(rows, 0));
    store_rows_close(&rows);
    return resource_abandon(tx, id, work->run->id, err);
}
