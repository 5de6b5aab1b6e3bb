/* From a Score file to a stored deployment: prepare (parse, resolve, ask the policies; nothing is stored) and accept (one transaction).
 * `plan` and `--dry-run` are prepare without accept. Called by the HTTP threads: prepare uses CPU, snapshot reads and Lua within its
 * budget; accept never waits. */
#pragma once
#include "auth/auth.h"
#include "base/arena.h"
#include "codec/diag.h"
#include "codec/json.h"
#include "policy/policy.h"

struct engine;

struct deploy_request {
    const struct principal *who;
    const char *team;   /* whose application: who's own team or the ?team= that the API allowed; metadata.team is checked against it */
    const char *source; /* the Score file's text (YAML or JSON), or NULL with `object` */
    size_t source_len;
    const json_t *object;                       /* the Score file as a JSON object (no positions) */
    const char *filename;                       /* for diagnostics, NULL: "score.yaml" */
    const json_t *files;                        /* {path: base64}, NULL: none */
    const char *environment;                    /* --env; NULL: the file's or "development" */
    const json_t *parameters;                   /* {name: value} for workflows' parameters, NULL: none */
    const char *image;                          /* replaces `image: .`, NULL: none given */
    const json_t *allow_remove, *allow_replace; /* lists of names, NULL: none */
    bool force, supersede, strict;
    bool reset; /* what actions have set (resource/override.h) does not hold any more */
    const char *request_id, *source_ip, *trace_id;
};

/* Asked first inside the transaction of an act, which does not happen when it fails: If-Match. `check` NULL: none. May run again. */
struct deploy_guard {
    int (*check)(void *ctx, struct store_tx *tx, struct err *err);
    void *ctx;
};

/* What prepare found. Everything lives in its arenas: nobody refers to the plan or the decision when the draft is gone. */
struct deployment_draft {
    struct arena *arena;
    struct arena values;    /* of the plan and the decision; a deployment that is accepted takes it over */
    struct diag_list diags; /* errors when it failed with a document problem; warnings otherwise */
    json_t *plan;           /* core/workflow/plan.h; NULL when the document is wrong */
    struct policy_decision decision;
    const char *source; /* stored with the deployment */
    char *org, *team, *actor, *request_id, *source_ip, *trace_id;
    struct deploy_guard guard; /* set by the caller before deploy_accept */
};

struct deployment_draft *deployment_draft_new(const char *filename);
void deployment_draft_free(struct deployment_draft *draft);

/* Parses, validates, resolves and asks the policies. A denial is not a failure: 0 with draft->decision.denied.
 * Errors: the first diagnostic's code (draft->diags has all), ERR_ENVIRONMENT, ERR_FORBIDDEN, ERR_NOT_FOUND... */
int deploy_prepare(struct engine *engine, const struct deploy_request *request, struct deployment_draft *draft, struct err *err);

/* The same for a deletion of an application in an environment (NULL: its only one). keep_application: deprovision. */
struct delete_request {
    const struct principal *who;
    const char *team, *application, *environment;
    bool keep_application;
    const json_t *allow_remove;
    bool force;
    const char *request_id, *source_ip, *trace_id;
};
int deploy_prepare_delete(struct engine *engine, const struct delete_request *request, struct deployment_draft *draft, struct err *err);

/* A deployment of kind `resource`: one operation on one resource that is there, under the lock of its application like every other
 * deployment; durable, visible, and canceled like one. To start one: a draft (deployment_draft_new), deploy_prepare_act, then
 * deploy_record_denial when draft->decision.denied, else deploy_accept. The plan has one execution `resources` with one step of type
 * `resource`, config {resource: NAME, operation, and the members of `arguments`}; step_resource.c carries it out by what `operation` says
 * (step_act.c: `repair`; step_action.c: `action`), so a new operation is a new row in its table. Policies see kind "resource", `operation`
 * and `drift` at the points deployment, step and resource. The application's own state and Score file are left alone. Errors: ERR_NOT_FOUND
 * (no such live resource of the team), ERR_CONFLICT (it is not active or degraded), ERR_ENVIRONMENT... */
struct act_request {
    const struct principal *who; /* NULL: the server itself */
    const char *org, *team;      /* whose resource */
    const char *resource_id;
    const char *operation;   /* "repair" */
    const char *reason;      /* for people who read the plan */
    const json_t *arguments; /* of the operation, object; NULL: none. No clear secrets: they are stored */
    const json_t *drift;     /* what was found (resource/drift.h), NULL */
    const json_t *fields;    /* what changes, as in plan.changes; NULL: the drift's */
    bool once;               /* when it was interrupted, it may not be repeated */
    const char *request_id, *source_ip, *trace_id;
};
int deploy_prepare_act(struct engine *engine, const struct act_request *request, struct deployment_draft *draft, struct err *err);

/* Called once on a store thread. ok: `answer` is the 202 body {id, application, environment, state, task_id, queue_position, plan:
 * {summary}, warnings} (borrowed). */
typedef void (*deploy_accepted)(void *ctx, const json_t *answer, const struct err *err);

/* An extra statement for the accepting transaction (Idempotency-Key); may be NULL. `answer` is what will be replied. */
typedef int (*deploy_also)(void *ctx, struct store_tx *tx, const json_t *answer, struct err *err);

/* Stores the deployment, its first ready steps, events and the audit row in one transaction. Takes the draft over (frees it).
 * Errors: ERR_QUEUE_FULL, ERR_STORE... A denied draft is not accepted: use deploy_record_denial. */
void deploy_accept(struct engine *engine, struct deployment_draft *draft, deploy_also also, deploy_accepted done, void *ctx);

/* Stores the audit row and the violations of a denied draft. Takes the draft over; done gets answer NULL and err->code == ERR_NONE when
 * stored. The draft is freed after done has returned: done may still read draft->decision, so keep a pointer. */
void deploy_record_denial(struct engine *engine, struct deployment_draft *draft, deploy_accepted done, void *ctx);

/* Asks a deployment to stop. done: answer {id, state}. Errors: ERR_NOT_FOUND, ERR_CONFLICT when it has ended. */
struct cancel_request {
    const struct principal *who;
    const char *team; /* NULL: any (operators) */
    const char *deployment_id, *request_id, *source_ip;
    struct deploy_guard guard;
};
void deploy_cancel(struct engine *engine, const struct cancel_request *request, deploy_accepted done, void *ctx);
