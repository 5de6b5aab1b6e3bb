/* Steps of type resource and workload, their first half: what is wanted is worked out, the policies are asked, and the wish is written down
 * before the provisioner is called (step_resource_call.c). On workers; units on store threads. */
#include "workflow/step_resource.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "policy/policy.h"
#include "resource/override.h"
#include "workflow/policy_input.h"
#include "workflow/route.h"
#include <string.h>

#define BUSY_MS 500 /* until a resource that another deployment has in its hands is looked at again */

/* ---- the handler's state ---- */

void resource_step_forget_answer(struct plugin_result_copy *answer)
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

    resource_step_forget_answer(&rs->answer);
    json_decref(rs->params);
    json_decref(rs->outputs);
    json_decref(rs->secrets);
    json_decref(rs->hints);
    json_decref(rs->manifests);
    free(rs->params_text);
    free(rs->annotations_text);
    free(rs->depends_on_text);
    free(rs->overrides_text);
    json_decref(rs->arguments);
    json_decref(rs->sets);
    json_decref(rs->result);
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

/* The plan names what a resource depends on as the Score file does; the row holds uids, which mean the same to every workload. */
static char *depends_on_uids(const struct step_work *work, const struct resource_step *rs)
{
    const json_t *names = json_object_get(rs->plan, "depends_on"), *name, *resources = json_object_get(work->run->plan, "resources");
    CLEANUP(json_put) json_t *uids = json_array();
    size_t i;

    json_array_foreach(names, i, name) json_append_str(uids, json_str(json_object_get(resources, json_string_value(name)), "uid"));
    return json_text(uids);
}

void resource_step_hash(struct resource_step *rs)
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
    const json_t *running = json_object_get(work->platform->provisioners, json_str(rs->plan, "provisioner"));
    const json_t *plugin = running ? running : json_object_get(rs->plan, "plugin"), *annotations = json_object_get(rs->plan, "annotations");
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
        .plugin = json_str(plugin, "name"),
        .plugin_version = json_str(plugin, "version"),
        .plugin_sha256 = json_str(plugin, "sha256"),
        .annotations = rs->annotations_text,
        .overrides = rs->overrides_text,
        .depends_on = rs->depends_on_text,
        .stateful = json_flag(rs->plan, "stateful", false),
        .is_protected = str_eq(protect, "true"),
        .state_version = json_int(rs->plan, "state_version", 1),
        .deployment_id = run->id,
        .check_at = rs->check_at,
    };
}

/* ---- the first unit: what is there, and what is wanted, written down ---- */

/* What this very deployment has put into the old one's place is not replaced again when the step is repeated. */
static bool is_to_be_replaced(const struct resource_step *rs)
{
    return rs->replace && rs->row && rs->row->applied_hash && !str_eq(rs->row->applied_hash, rs->target_hash);
}

static int begin_apply(struct store_tx *tx, struct step_work *work, struct resource_step *rs, struct err *err)
{
    struct resource_target target = target_of(work, rs);
    bool force = json_flag(json_object_get(work->run->plan, "flags"), "force", false);

    rs->unchanged = rs->row && rs->row->state == RESOURCE_ACTIVE && str_eq(rs->row->applied_hash, rs->target_hash) && !force;
    if (rs->unchanged)
        return resource_keep(tx, rs->row->id, &target, err);
    rs->removing = is_to_be_replaced(rs);
    if (rs->removing)
        return resource_begin_removal(tx, rs->row->id, work->run->id, err);
    return resource_begin(tx, &target, &work->arena, &rs->row, err);
}

static int begin_removal(struct store_tx *tx, struct step_work *work, struct resource_step *rs, struct err *err)
{
    const struct run *run = work->run;
    const char *workload = str_eq(run->kind, "delete") ? NULL : run->workload;

    rs->gone = !rs->row;
    if (rs->gone)
        return 0;
    if (resource_unref(tx, rs->row->id, run->application, workload, &rs->last, err) < 0)
        return -1;
    if (!rs->last)
        return 0;
    if (rs->operation == RESOURCE_OP_ORPHAN)
        return resource_orphan(tx, rs->row->id, run->id, err);
    rs->removing = true;
    return resource_begin_removal(tx, rs->row->id, run->id, err);
}

static int note_resource(struct store_tx *tx, const struct step_work *work, const struct resource_step *rs, struct err *err)
{
    if (!rs->row)
        return 0;
    return store_exec(tx, "UPDATE steps SET resource_id = $2 WHERE id = $1", STORE_ARGS(store_text(work->step_id), store_text(rs->row->id)),
                      NULL, err);
}

/* Everything that the call needs is durable afterwards. Nothing happens when the lease is lost, or while another deployment has the
 * resource in its hands. */
static int begin_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct step_work *work = ctx;
    struct resource_step *rs = work->state;
    struct resource_key key = {work->run->org, work->run->team, work->run->environment, rs->uid};
    bool ours = false;

    rs->row = NULL;
    rs->busy = rs->removing = false;
    if (work_is_ours(tx, work, &ours, err) < 0)
        return -1;
    work->stale = !ours;
    if (!ours)
        return 0;
    if (resource_find(tx, &key, &work->arena, &rs->row, err) < 0 ||
        (rs->row && resource_is_busy(tx, rs->row, work->run->id, &rs->busy, err) < 0))
        return -1;
    if (rs->busy)
        return 0;
    if ((rs->operation == RESOURCE_OP_APPLY    ? begin_apply(tx, work, rs, err)
         : rs->operation == RESOURCE_OP_REPAIR ? resource_step_begin_repair(tx, work, err)
         : rs->operation == RESOURCE_OP_ACTION ? resource_step_begin_action(tx, work, err)
                                               : begin_removal(tx, work, rs, err)) < 0)
        return -1;
    return note_resource(tx, work, rs, err);
}

/* ---- beginning ---- */

static void kept(struct step_work *work, const struct resource_step *rs)
{
    step_log(work, "core", "info", "%s",
             rs->gone    ? "already gone"
             : !rs->last ? "kept: others refer to it"
                         : "kept: it is stateful (orphaned)");
    step_complete(work, NULL);
}

/* What is called again without a change (--force, or because it was not well) is no update: whoever cannot update can bring it back. */
static const char *name_operation(const struct step_work *work, const struct resource_step *rs)
{
    const json_t *manifest = json_object_get(work->platform->provisioners, rs->row->provisioner);
    CLEANUP(json_put) json_t *before = NULL, *after = NULL;

    if (rs->removing)
        return "delete";
    if (!rs->row->prior_params)
        return "create";
    if (route_has_slot(manifest, "update"))
        return "update";
    before = json_loads(rs->row->prior_params, JSON_DECODE_ANY, NULL);
    after = rs->row->params ? json_loads(rs->row->params, JSON_DECODE_ANY, NULL) : NULL;
    return before && after && json_equal(before, after) ? "repair" : "update";
}

/* After the wish is durable. On a worker. */
static void begun(struct step_work *work)
{
    struct resource_step *rs = work->state;

    if (rs->row)
        work->resource_id = rs->row->id;
    if (rs->busy) {
        step_log(work, "core", "info", "waits: another deployment has %s in its hands", rs->uid);
        step_wait(work, BUSY_MS, NULL);
    } else if (rs->operation == RESOURCE_OP_REPAIR) {
        resource_step_repair_begun(work);
    } else if (rs->operation == RESOURCE_OP_ACTION) {
        resource_step_action_begun(work);
    } else if (rs->operation == RESOURCE_OP_APPLY && rs->unchanged) {
        step_log(work, "core", "info", "unchanged, %s was not called", rs->row->provisioner);
        step_complete(work, rs->row->outputs ? json_loads(rs->row->outputs, 0, NULL) : NULL);
    } else if (rs->operation != RESOURCE_OP_APPLY && !rs->removing) {
        kept(work, rs);
    } else {
        rs->operation_name = name_operation(work, rs);
        resource_step_call(work, rs->removing ? PLUGIN_DEPROVISION : PLUGIN_PROVISION);
    }
}

static void begin_stored(void *ctx, const struct err *result) { step_go_on(ctx, result, begun); }

/* Policies at point `resource`, before each start. */
static int ask_policies(struct step_work *work, const struct resource_step *rs, struct err *err)
{
    struct policy_decision decision = {0};
    CLEANUP(json_put) json_t *input = NULL;
    int rc = 0;

    if (rs->operation == RESOURCE_OP_DELETE || rs->operation == RESOURCE_OP_ORPHAN || !policy_set_has(work->platform->policies, "resource"))
        return 0;
    input = policy_input_resource(work->platform, work->run->plan, rs->plan, rs->params);
    policy_evaluate(work->platform->policies, "resource", input, &decision);
    if (decision.denied) {
        rc = policy_decision_to_err(&decision, err);
        json_decref(work->violations);
        work->violations = json_incref(decision.violations);
    }
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
        resource_step_hash(rs);
        free(rs->params_text);
        free(rs->annotations_text);
        free(rs->depends_on_text);
        rs->params_text = json_text(rs->params);
        free(rs->overrides_text);
        rs->annotations_text = text_of(json_object_get(rs->plan, "annotations"));
        rs->overrides_text = text_of(json_object_get(rs->plan, "overrides"));
        rs->depends_on_text = depends_on_uids(work, rs);
        rs->check_at = engine_check_at(work->engine, rs->annotations_text);
    }
    engine_write(work->engine, begin_unit, work, begin_stored);
}

static bool is_replacement(const struct step_work *work, const char *uid)
{
    const json_t *changes = json_object_get(work->run->plan, "changes"), *change;
    size_t i;

    json_array_foreach(changes, i, change) if (str_eq(json_str(change, "uid"), uid)) return str_eq(json_str(change, "change"), "replace");
    return false;
}

/* What stood in placeholders when the plan was made is known now. */
int resource_step_check_params(const struct step_work *work, const struct resource_step *rs, struct err *err)
{
    const json_t *manifest = json_object_get(work->platform->provisioners, json_str(rs->plan, "provisioner"));

    return route_check_params(manifest, json_str(rs->plan, "type"), json_str(rs->plan, "name"), rs->params, err);
}

static enum resource_operation operation_of(const json_t *config)
{
    static const struct {
        const char *name;
        enum resource_operation operation;
    } named[] = {
        {"delete", RESOURCE_OP_DELETE}, {"orphan", RESOURCE_OP_ORPHAN}, {"repair", RESOURCE_OP_REPAIR}, {"action", RESOURCE_OP_ACTION}};

    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (str_eq(json_str(config, "operation"), named[i].name))
            return named[i].operation;
    return RESOURCE_OP_APPLY;
}

void step_run_resource(struct step_work *work)
{
    struct resource_step *rs = resource_step_new(work);
    const char *name = json_str(work->config, "resource");
    struct err err = {0};

    rs->operation = operation_of(work->config);
    rs->plan = name ? json_object_get(json_object_get(work->run->plan, "resources"), name) : NULL;
    rs->uid = rs->plan ? json_str(rs->plan, "uid") : json_str(work->config, "uid");
    if (!rs->uid || (rs->operation == RESOURCE_OP_APPLY && !rs->plan)) {
        err_set(&err, ERR_UNKNOWN_RESOURCE, "the plan has no resource \"%s\"", name ? name : "");
        step_fail(work, &err, NULL);
        return;
    }
    if (rs->operation == RESOURCE_OP_REPAIR || rs->operation == RESOURCE_OP_ACTION) {
        if (rs->operation == RESOURCE_OP_REPAIR)
            resource_step_repair(work);
        else
            resource_step_action(work);
        return;
    }
    rs->replace = is_replacement(work, rs->uid);
    if (rs->operation == RESOURCE_OP_APPLY && step_expand(work, json_object_get(rs->plan, "params"), &rs->params, &err) < 0) {
        err_wrap(&err, "params of %s", name);
        step_fail(work, &err, NULL);
        return;
    }
    if (rs->operation == RESOURCE_OP_APPLY)
        override_apply(rs->params, json_object_get(rs->plan, "overrides"));
    if (rs->operation == RESOURCE_OP_APPLY && resource_step_check_params(work, rs, &err) < 0) {
        step_fail(work, &err, NULL);
        return;
    }
    resource_step_begin(work);
}
