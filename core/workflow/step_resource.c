/* Steps of type resource and workload: the wish is written down, the provisioner is called (create, update or delete; then status and hints), and what it answered
 * is stored in the step's finishing transaction. On workers; provisioners' callbacks only copy and hand back. */
#include "workflow/step_resource.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "policy/policy.h"
#include "secret/secret_store.h"
#include "workflow/policy_input.h"
#include <string.h>

/* ---- the handler's state ---- */

static void answer_fini(struct plugin_result_copy *answer)
{
    json_decref(answer->outputs);
    json_decref(answer->secrets);
    json_decref(answer->hints);
    json_decref(answer->report);
    free(answer->state);
    free(answer->status);
    *answer = (struct plugin_result_copy){0};
}

static void resource_step_fini(struct step_work *work)
{
    struct resource_step *rs = work->state;

    answer_fini(&rs->answer);
    json_decref(rs->params);
    json_decref(rs->outputs);
    json_decref(rs->secrets);
    json_decref(rs->hints);
    json_decref(rs->manifests);
    free(rs->params_text);
    free(rs->annotations_text);
    free(rs->depends_on_text);
    free(rs->plugin_state);
    free(rs->health);
    free(rs->outputs_text);
    free(rs->hints_text);
}

struct resource_step *resource_step_new(struct step_work *work)
{
    struct resource_step *rs = arena_alloc(&work->arena, sizeof *rs);

    work->state = rs;
    work->fini = resource_step_fini;
    return rs;
}

/* ---- the target ---- */

static char *text_of(const json_t *value) { return value ? json_text(value) : NULL; }

static void hash_target(struct resource_step *rs)
{
    CLEANUP(json_put) json_t *object = json_object();
    CLEANUP(free_ptr) char *text = NULL;

    json_object_set(object, "params", rs->params);
    json_set_str(object, "type", json_str(rs->plan, "type"));
    json_set_str(object, "class", json_str(rs->plan, "class"));
    json_set_str(object, "provisioner", json_str(rs->plan, "provisioner"));
    json_set_int(object, "state_version", json_int(rs->plan, "state_version", 1));
    text = json_canonical(object);
    crypto_sha256_hex(text, strlen(text), rs->target_hash);
}

static struct resource_target target_of(const struct step_work *work, const struct resource_step *rs)
{
    const json_t *plugin = json_object_get(rs->plan, "plugin"), *annotations = json_object_get(rs->plan, "annotations");
    const char *class = json_str(rs->plan, "class"), *protect = json_str(annotations, "innominatus.dev/protect");
    const struct run *run = work->run;

    return (struct resource_target){
        .key = {run->org, run->team, run->environment, rs->uid},
        .name = json_str(rs->plan, "name"),
        .type = json_str(rs->plan, "type"),
        .class = class ? class : "default",
        .application = run->application,
        .workload = run->workload,
        .product = run->product,
        .params = rs->params_text,
        .target_hash = rs->target_hash,
        .provisioner = json_str(rs->plan, "provisioner"),
        .plugin_version = json_str(plugin, "version"),
        .plugin_sha256 = json_str(plugin, "sha256"),
        .annotations = rs->annotations_text,
        .depends_on = rs->depends_on_text,
        .stateful = json_flag(rs->plan, "stateful", false),
        .is_protected = str_eq(protect, "true"),
        .state_version = json_int(rs->plan, "state_version", 1),
        .deployment_id = run->id,
    };
}

/* ---- the first unit: what is there, and what is wanted, written down ---- */

static int begin_apply(struct store_tx *tx, struct step_work *work, struct resource_step *rs, struct err *err)
{
    struct resource_target target = target_of(work, rs);
    bool force = json_flag(json_object_get(work->run->plan, "flags"), "force", false);

    if (resource_find(tx, &target.key, &work->arena, &rs->row, err) < 0)
        return -1;
    rs->unchanged = rs->row && rs->row->state == RESOURCE_ACTIVE && str_eq(rs->row->applied_hash, rs->target_hash) && !force;
    if (rs->unchanged)
        return resource_keep(tx, rs->row->id, &target, err);
    if (rs->replace && rs->row)
        return resource_begin_removal(tx, rs->row->id, work->run->id, err);
    return resource_begin(tx, &target, &work->arena, &rs->row, err);
}

static int begin_removal(struct store_tx *tx, struct step_work *work, struct resource_step *rs, struct err *err)
{
    const struct run *run = work->run;
    struct resource_key key = {run->org, run->team, run->environment, rs->uid};
    const char *workload = str_eq(run->kind, "delete") ? NULL : run->workload;

    if (resource_find(tx, &key, &work->arena, &rs->row, err) < 0)
        return -1;
    rs->gone = !rs->row;
    if (rs->gone || resource_unref(tx, rs->row->id, run->application, workload, &rs->last, err) < 0)
        return rs->gone ? 0 : -1;
    if (!rs->last)
        return 0;
    if (rs->operation == RESOURCE_OP_ORPHAN)
        return resource_orphan(tx, rs->row->id, run->id, err);
    return resource_begin_removal(tx, rs->row->id, run->id, err);
}

static int begin_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct step_work *work = ctx;
    struct resource_step *rs = work->state;

    rs->row = NULL;
    return rs->operation == RESOURCE_OP_APPLY ? begin_apply(tx, work, rs, err) : begin_removal(tx, work, rs, err);
}

/* ---- calling the provisioner ---- */

/* The row's id is in it because generations begin anew when a resource is removed and made again: that is another request. */
static void idempotency_key(const struct step_work *work, const struct resource_step *rs, char out[static 65])
{
    CLEANUP(free_ptr) char *text = mem_printf("%s\n%s\n%s\n%s\n%s\n%lld\n%s", work->run->org, work->run->team, work->run->environment, rs->uid, rs->row->id,
                                              (long long)rs->row->generation, rs->operation_name);

    crypto_sha256_hex(text, strlen(text), out);
}

static json_t *parse_or_null(const char *text) { return text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL; }

/* A stored value with its secrets opened where that can still be done; a secret that is gone stays a reference. */
static json_t *open_stored(struct step_work *work, const char *text)
{
    CLEANUP(json_put) json_t *value = parse_or_null(text);
    json_t *opened = NULL;
    struct err ignored = {0};

    if (!value || step_open_secrets(work, value, &opened, &ignored) < 0)
        return take_ptr(value);
    return opened;
}

/* The resource as the provisioner sees it. Secrets are open in it, except for a workload, whose manifests keep references. */
static int resource_frame(struct step_work *work, const struct resource_step *rs, json_t **out, struct err *err)
{
    const struct run *run = work->run;
    const struct resource_row *row = rs->row;
    CLEANUP(json_put) json_t *frame = json_object();
    json_t *params = NULL;
    char key[65];

    idempotency_key(work, rs, key);
    json_set_str(frame, "operation", rs->operation_name);
    json_set_str(frame, "uid", rs->uid);
    json_set_str(frame, "id", row->id);
    json_set_str(frame, "type", row->type);
    json_set_str(frame, "class", row->class);
    json_set_str(frame, "name", row->name);
    json_set_str(frame, "application", run->application);
    json_set_str(frame, "environment", run->environment);
    json_set_str(frame, "environment_type", run->environment_type);
    json_set_str(frame, "team", run->team);
    json_set_str(frame, "product", run->product);
    json_set_str(frame, "org", run->org);
    json_set_int(frame, "generation", row->generation);
    json_set_str(frame, "idempotency_key", key);
    json_set_new(frame, "state", parse_or_null(row->plugin_state));
    json_set_new(frame, "outputs", parse_or_null(row->outputs));
    if (rs->is_workload)
        params = parse_or_null(row->params);
    else if (rs->operation != RESOURCE_OP_APPLY)
        params = open_stored(work, row->params);
    else if (step_open_secrets(work, rs->params, &params, err) < 0)
        return -1;
    json_set_new(frame, "params", params);
    json_set_new(frame, "prior_params", rs->is_workload ? parse_or_null(row->prior_params) : open_stored(work, row->prior_params));
    *out = take_ptr(frame);
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
        .outputs = json_deep_copy(result->outputs), /* counted values are not shared between threads */
        .secrets = json_deep_copy(result->secrets),
        .hints = json_deep_copy(result->hints),
        .report = json_deep_copy(result->report),
        .state = mem_strdup(result->state),
        .status = mem_strdup(result->status),
        .err = result->err,
    };
    work->resume = resource_step_answered;
    engine_resume(work);
}

static void call(struct step_work *work, enum plugin_operation operation)
{
    struct resource_step *rs = work->state;
    CLEANUP(json_put) json_t *frame = NULL;
    struct plugin_request request = {.instance = rs->row->provisioner, .operation = operation};
    struct err err = {0};

    answer_fini(&rs->answer);
    rs->call = operation;
    if (resource_frame(work, rs, &frame, &err) == 0) {
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

    json_object_foreach (rs->secrets, key, value) {
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
    struct resource_result result = {.outputs = rs->outputs_text, .hints = rs->hints_text, .state = rs->plugin_state, .health = rs->health, .deployment_id = work->run->id};

    if (store_secrets(work, rs, tx, err) < 0 || resource_applied(tx, rs->row->id, &result, err) < 0)
        return -1;
    return rs->is_workload ? workload_store_manifests(work, rs, tx, err) : 0;
}

static int store_removed(struct step_work *work, struct store_tx *tx, struct err *err)
{
    struct resource_step *rs = work->state;

    if (rs->is_workload && workload_store_manifests(work, rs, tx, err) < 0)
        return -1;
    return resource_removed(tx, rs->row->id, work->run->id, err);
}

static int store_failed(struct step_work *work, struct store_tx *tx, struct err *err)
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
    json_object_foreach (rs->secrets, key, value) {
        CLEANUP(free_ptr) char *reference = mem_printf("resource:%s#%s", rs->row->id, key);

        json_object_set_new(rs->outputs, key, json_secret_new(reference));
    }
}

static void merge_hints(struct resource_step *rs)
{
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
        work->also = store_failed;
        step_fail(work, &err, NULL);
        return;
    }
    rs->outputs_text = json_text(rs->outputs);
    rs->hints_text = json_text(rs->hints);
    work->also = store_applied;
    step_complete(work, json_incref(rs->outputs));
}

/* The old one is gone; the new one is wanted. */
static void begin_replacement(struct step_work *work)
{
    struct resource_step *rs = work->state;

    rs->replace = false;
    resource_step_begin(work);
}

static int replaced_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct step_work *work = ctx;
    struct resource_step *rs = work->state;

    return resource_removed(tx, rs->row->id, work->run->id, err);
}

static void removal_answered(struct step_work *work)
{
    struct resource_step *rs = work->state;
    struct err err = {0};

    if (rs->operation == RESOURCE_OP_APPLY) {
        if (store_write_wait(work->engine->store, replaced_unit, work, &err) < 0)
            step_fail(work, &err, NULL);
        else
            begin_replacement(work);
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

    build_outputs(rs);
    merge_hints(rs);
    call(work, PLUGIN_GET_STATUS);
}

static void status_answered(struct step_work *work)
{
    struct resource_step *rs = work->state;

    rs->health = take_ptr(rs->answer.status);
    if (str_eq(rs->health, "failed") || str_eq(rs->health, "terminated")) {
        work->also = store_failed;
        err_set(&work->err, ERR_PROVISION_FAILED, "%s says OK, but its status of %s is %s", rs->row->provisioner, rs->uid, rs->health);
        step_fail(work, &work->err, NULL);
        return;
    }
    call(work, PLUGIN_GET_HINTS);
}

static void hints_answered(struct step_work *work)
{
    merge_hints(work->state);
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
    work->also = store_failed;
    step_fail(work, &rs->answer.err, take_ptr(rs->answer.report));
}

static void resource_step_answered(struct step_work *work)
{
    struct resource_step *rs = work->state;

    keep_plugin_state(rs);
    if (rs->answer.failed) {
        answered_badly(work);
    } else if (rs->answer.pending && (rs->call == PLUGIN_PROVISION || rs->call == PLUGIN_DEPROVISION)) {
        work->also = store_pending;
        step_wait(work, rs->answer.poll_after_ms, NULL);
    } else if (rs->call == PLUGIN_PROVISION) {
        provision_answered(work);
    } else if (rs->call == PLUGIN_DEPROVISION) {
        removal_answered(work);
    } else if (rs->call == PLUGIN_GET_STATUS) {
        status_answered(work);
    } else {
        hints_answered(work);
    }
}

/* ---- beginning ---- */

/* After the wish is durable. On a worker. */
static void begun(struct step_work *work)
{
    struct resource_step *rs = work->state;

    if (rs->answer.err.code != ERR_NONE) {
        step_fail(work, &rs->answer.err, NULL);
        return;
    }
    if (rs->row)
        work->resource_id = rs->row->id;
    if (rs->operation == RESOURCE_OP_APPLY && rs->unchanged) {
        step_log(work, "core", "info", "unchanged, %s was not called", rs->row->provisioner);
        step_complete(work, parse_or_null(rs->row->outputs));
    } else if (rs->operation != RESOURCE_OP_APPLY && (rs->gone || !rs->last || rs->operation == RESOURCE_OP_ORPHAN)) {
        step_log(work, "core", "info", "%s", rs->gone ? "already gone" : !rs->last ? "kept: others refer to it" : "kept: it is stateful (orphaned)");
        step_complete(work, NULL);
    } else if (rs->operation != RESOURCE_OP_APPLY || rs->replace) {
        rs->operation_name = "delete";
        call(work, PLUGIN_DEPROVISION);
    } else {
        rs->operation_name = rs->row->prior_params ? "update" : "create";
        call(work, PLUGIN_PROVISION);
    }
}

static void begin_stored(void *ctx, const struct err *result)
{
    struct step_work *work = ctx;
    struct resource_step *rs = work->state;

    rs->answer.err = *result;
    work->resume = begun;
    engine_resume(work);
}

/* Policies at point `resource`, before each start. */
static int ask_policies(struct step_work *work, const struct resource_step *rs, struct err *err)
{
    struct policy_decision decision = {0};
    CLEANUP(json_put) json_t *input = NULL;
    int rc = 0;

    if (rs->operation != RESOURCE_OP_APPLY || !policy_set_has(work->platform->policies, "resource"))
        return 0;
    input = policy_input_resource(work->platform, work->run->plan, rs->plan, rs->params);
    policy_evaluate(work->platform->policies, "resource", input, &decision);
    if (decision.denied)
        rc = policy_decision_to_err(&decision, err);
    policy_decision_fini(&decision);
    return rc;
}

void resource_step_begin(struct step_work *work)
{
    struct resource_step *rs = work->state;
    struct err err = {0};

    if (ask_policies(work, rs, &err) < 0) {
        step_fail(work, &err, NULL);
        return;
    }
    if (rs->operation == RESOURCE_OP_APPLY) {
        hash_target(rs);
        free(rs->params_text);
        free(rs->annotations_text);
        free(rs->depends_on_text);
        rs->params_text = json_text(rs->params);
        rs->annotations_text = text_of(json_object_get(rs->plan, "annotations"));
        rs->depends_on_text = text_of(json_object_get(rs->plan, "depends_on"));
    }
    store_write(work->engine->store, begin_unit, work, begin_stored);
}

static bool is_replacement(const struct step_work *work, const char *uid)
{
    const json_t *changes = json_object_get(work->run->plan, "changes"), *change;
    size_t i;

    json_array_foreach (changes, i, change)
        if (str_eq(json_str(change, "uid"), uid))
            return str_eq(json_str(change, "change"), "replace");
    return false;
}

void step_run_resource(struct step_work *work)
{
    struct resource_step *rs = resource_step_new(work);
    const char *name = json_str(work->config, "resource"), *operation = json_str(work->config, "operation");
    struct err err = {0};

    rs->operation = str_eq(operation, "delete") ? RESOURCE_OP_DELETE : str_eq(operation, "orphan") ? RESOURCE_OP_ORPHAN : RESOURCE_OP_APPLY;
    rs->plan = name ? json_object_get(json_object_get(work->run->plan, "resources"), name) : NULL;
    rs->uid = rs->plan ? json_str(rs->plan, "uid") : json_str(work->config, "uid");
    if (!rs->uid || (rs->operation == RESOURCE_OP_APPLY && !rs->plan)) {
        err_set(&err, ERR_UNKNOWN_RESOURCE, "the plan has no resource \"%s\"", name ? name : "");
        step_fail(work, &err, NULL);
        return;
    }
    rs->replace = is_replacement(work, rs->uid);
    if (rs->operation == RESOURCE_OP_APPLY && step_expand(work, json_object_get(rs->plan, "params"), &rs->params, &err) < 0) {
        err_wrap(&err, "params of %s", name);
        step_fail(work, &err, NULL);
        return;
    }
    resource_step_begin(work);
}
