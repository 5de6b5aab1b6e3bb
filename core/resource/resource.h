/* Resources in the store: one live row for each (org, team, environment, uid), its referrers and its history. Statements only: every
 * function runs inside a unit of work of the caller, is re-runnable, and is bound by org and team. */
#pragma once
#include "base/arena.h"
#include "base/id.h"
#include "codec/json.h"
#include "resource/resource_state.h"
#include "store/store.h"

/* A resource as the engine needs it. Texts live in the arena; JSON columns stay text until they are needed. */
struct resource_row {
    char id[ID_BYTES];
    const char *org, *team, *environment, *uid, *name, *type, *class, *application, *workload;
    enum resource_state state;
    int64_t generation;
    const char *params, *target_hash, *prior_params, *applied_hash, *outputs, *plugin_state, *provisioner, *plugin_version, *deployment_id;
    const char *product, *annotations, *overrides;
    bool stateful, is_protected, drifted;
};

struct resource_key {
    const char *org, *team, *environment, *uid;
};

/* The live row, NULL in out when there is none. */
int resource_find(struct store_tx *tx, const struct resource_key *key, struct arena *arena, struct resource_row **out, struct err *err);

/* Has another deployment, which has not ended, the resource in its hands (provisioning, updating, removing it)? This is the lock of a
 * shared resource: it is held for the time of one step, so nobody waits for anybody in a circle. */
int resource_is_busy(struct store_tx *tx, const struct resource_row *row, const char *deployment_id, bool *out, struct err *err);

/* What a deployment wants of a resource. */
struct resource_target {
    struct resource_key key;
    const char *name, *type, *class, *application, *workload, *product;
    const char *params;                                                /* JSON text, references resolved, secrets as references */
    const char *target_hash;                                           /* of params, type, provisioner and state_version */
    const char *provisioner, *plugin, *plugin_version, *plugin_sha256; /* the entry; what it runs */
    const char *annotations, *depends_on;                              /* JSON texts, NULL: none; depends_on: [uid] */
    const char *overrides; /* what of `params` does not come from the Score file (override.h), JSON text; NULL: none */
    bool stateful, is_protected;
    int64_t state_version;
    const char *deployment_id;
    int64_t check_at; /* when it is looked at next (drift.h); 0: as it was */
};

/* Writes the wish down before the provisioner is called: makes the row or moves it to provisioning or updating. The generation counts up
 * when the target differs from the one already being worked on, so that a repeated start (after a crash) keeps its idempotency key. Adds
 * the reference of the workload. in_out: what resource_find gave in this unit, NULL: none; then the row as it is now. Errors:
 * ERR_PARAMS_DISAGREE when another application refers to it with other params. */
int resource_begin(struct store_tx *tx, const struct resource_target *target, struct arena *arena, struct resource_row **in_out,
                   struct err *err);

/* The live row with this id of the team, NULL in out when there is none. */
int resource_find_id(struct store_tx *tx, const char *org, const char *team, const char *id, struct arena *arena, struct resource_row **out,
                     struct err *err);

/* What is there is worked on again as it is wanted already (a repair, an action): the row moves to updating. The generation counts up
 * unless this very request has begun before, so that a restart or a retry keeps its idempotency key. in_out: what was found in this unit;
 * then the row as it is now. */
int resource_begin_again(struct store_tx *tx, const char *deployment_id, bool begun, struct arena *arena, struct resource_row **in_out,
                         struct err *err);
/* The params that are in force: those that were applied last, or those that are wanted while none were. JSON text. */
const char *resource_row_applied(const struct resource_row *row);

/* The same with other params than those that it had: an action sets some. Changes the row given. */
int resource_begin_params(struct store_tx *tx, struct resource_row *row, const char *params, const char *target_hash, struct arena *arena,
                          struct err *err);
/* That was refused before anything happened: the params are those that were applied last. well: it was active before. */
int resource_take_back(struct store_tx *tx, const char *id, bool well, const char *deployment_id, struct err *err);

/* Nothing to change: only the reference and the deployment are noted. */
int resource_keep(struct store_tx *tx, const char *id, const struct resource_target *target, struct err *err);

struct resource_result {
    const char *outputs, *hints; /* JSON texts; NULL keeps what is there */
    const char *state;           /* the plugin's state; NULL keeps */
    const char *health, *deployment_id, *reason;
    const char *overrides; /* JSON text; NULL keeps what is there */
    int64_t check_at;      /* as in the target */
    bool keeps_drift;      /* nothing was provisioned: what had drifted has */
};
int resource_applied(struct store_tx *tx, const char *id, const struct resource_result *result, struct err *err);
/* The deployment has given the resource up in the middle of a change: it is not well. One that nothing was done to stays as it is. */
int resource_abandon(struct store_tx *tx, const char *id, const char *deployment_id, struct err *err);
int resource_failed(struct store_tx *tx, const char *id, const char *error_json, const char *deployment_id, struct err *err);
int resource_set_plugin_state(struct store_tx *tx, const char *id, const char *state, struct err *err);

/* Drops the workload's reference (NULL: those of all workloads of the application). out_last: nobody refers to it any more. */
int resource_unref(struct store_tx *tx, const char *id, const char *application, const char *workload, bool *out_last, struct err *err);
int resource_begin_removal(struct store_tx *tx, const char *id, const char *deployment_id, struct err *err);
/* The row becomes terminated and is no longer live; its secrets go. */
int resource_removed(struct store_tx *tx, const char *id, const char *deployment_id, struct err *err);
int resource_orphan(struct store_tx *tx, const char *id, const char *deployment_id, struct err *err);

/* Moves a row by an event, with its history and its event; `reason` may be NULL. No edge: nothing happens. */
int resource_move(struct store_tx *tx, const char *id, enum resource_event event, const char *deployment_id, const char *reason,
                  struct err *err);

/* What runs now, as the resolver wants it: the live resources of the team in the environment that the application refers to, and those with
 * one of the uids:
 * [{id, uid, name, type, class, application, workload, params, prior_params, applied_hash, state, state_version, stateful, protected,
 * provisioner, labels, annotations, depends_on: [uid], generation, referrers: [application], refs: [{application, workload, name}]}]. out:
 * new reference. */
int resource_list_current(struct store_tx *tx, const char *org, const char *team, const char *application, const char *environment,
                          const char *const *uids, size_t count, json_t **out, struct err *err);

/* One of them by its id, with "product" and "outputs"; NULL when the team has none that is live. out: new reference. */
int resource_current_one(struct store_tx *tx, const char *org, const char *team, const char *id, json_t **out, struct err *err);

/* {name: outputs with "uid"} of what a workload refers to. out: new reference. */
int resource_outputs(struct store_tx *tx, const char *org, const char *team, const char *environment, const char *application,
                     const char *workload, json_t **out, struct err *err);
