/* The resource behind a step of type resource or workload, on its way through the provisioner; shared by step_resource.c and
 * step_workload.c. */
#pragma once
#include "resource/resource.h"
#include "workflow/engine_priv.h"

enum resource_operation { RESOURCE_OP_APPLY, RESOURCE_OP_DELETE, RESOURCE_OP_ORPHAN, RESOURCE_OP_REPAIR, RESOURCE_OP_ACTION };

struct resource_step {
    enum resource_operation operation;
    const json_t *plan; /* the entry in plan.resources or plan.workload_resource; NULL for a removal */
    const char *uid;
    json_t *params; /* resolved; secrets are references */
    char *params_text, *annotations_text, *depends_on_text, *overrides_text;
    char target_hash[65];
    bool is_workload, replace;
    bool busy, unchanged, gone, last, removing; /* what the first unit found; removing: deprovision is called */
    struct resource_row *row;                   /* after the first unit */
    int64_t check_at;                           /* when it is looked at next, if it is applied now */
    const char *operation_name;                 /* create, update, repair, delete */
    enum plugin_operation call;                 /* the call that is next or in flight */
    struct plugin_result_copy {
        bool failed, pending;
        int64_t poll_after_ms;
        json_t *outputs, *secrets, *hints, *report;
        char *state, *status;
        struct err err;
    } answer; /* of the last call */
    /* of RESOURCE_OP_ACTION */
    const json_t *action; /* of the platform's manifest */
    bool changes, well;   /* well: it was active before */
    json_t *arguments;    /* {name: value}, secrets opened */
    json_t *sets;         /* {path: value} of the resource's params */
    json_t *result;       /* what the step gives, instead of the resource's outputs */

    json_t *outputs, *secrets, *hints;
    char *plugin_state, *health;
    json_t *manifests; /* of a workload: [{path, content}] */
    char *outputs_text, *hints_text;
};

/* Calls the provisioner of rs->row; the step goes on by itself. On a worker. */
void resource_step_call(struct step_work *work, enum plugin_operation operation);
void resource_step_forget_answer(struct plugin_result_copy *answer);
/* Begins: plan entry and params are known. On a worker. */
void resource_step_begin(struct step_work *work);
struct resource_step *resource_step_new(struct step_work *work);
/* A repair: what is there is read before the policies are asked (on a worker), begun with the others' first unit, and called after it. */
void resource_step_repair(struct step_work *work);
int resource_step_begin_repair(struct store_tx *tx, struct step_work *work, struct err *err);
void resource_step_repair_begun(struct step_work *work);
/* Works again on what is there, under the idempotency key of this step's first start. In the first unit. */
int resource_step_begin_again(struct store_tx *tx, struct step_work *work, struct err *err);
/* An action (step_action.c), in the same parts; what it answered. */
void resource_step_action(struct step_work *work);
int resource_step_begin_action(struct store_tx *tx, struct step_work *work, struct err *err);
void resource_step_action_begun(struct step_work *work);
void resource_step_action_answered(struct step_work *work);
void resource_step_action_failed(struct step_work *work);
/* What there is, into rs->row (NULL: nothing). On a worker. */
int resource_step_read(struct step_work *work, struct err *err);
bool resource_step_is_there(const struct resource_row *row);
/* rs->target_hash of rs->params. */
void resource_step_hash(struct resource_step *rs);
/* rs->params against the schema of the type. */
int resource_step_check_params(const struct step_work *work, const struct resource_step *rs, struct err *err);
/* For the finishing transaction of a failed change. */
int resource_step_store_failed(struct step_work *work, struct store_tx *tx, struct err *err);
/* Adds what the call gave to rs->hints; secrets that are known go out of it. */
void resource_step_merge_hints(struct step_work *work, struct resource_step *rs);
/* Takes the manifests out of a workload's outputs and writes them to the state directory. */
int workload_take_manifests(struct step_work *work, struct resource_step *rs, struct err *err);
int workload_store_manifests(struct step_work *work, struct resource_step *rs, struct store_tx *tx, struct err *err);
void workload_remove_files(struct step_work *work);
/* For the finishing transaction of a step that was canceled while nobody had it in hand: what it had begun is not well. */
int resource_step_abandon(struct step_work *work, struct store_tx *tx, struct err *err);
