/* Actions of resources, for those who ask for one: which there are, whether the arguments fit, and the call of one that only looks. One
 * that changes the resource becomes a deployment of kind `resource` (deploy.h); workflow steps of type `action` go the way of every step.
 * resource_action_find runs on HTTP threads (snapshot reads); what follows never waits. */
#pragma once
#include "auth/auth.h"
#include "codec/json.h"

struct engine;
struct resource_action;

struct resource_action_request {
    const struct principal *who;
    const char *team; /* whose resource */
    const char *resource_id, *action;
    const json_t *arguments; /* {name: value}; NULL: none */
    const char *request_id, *source_ip, *trace_id;
};

/* What may be done to a resource: the actions of its manifest (plugin/action.h), as a list. Errors: ERR_NOT_FOUND, ERR_NO_PROVISIONER (its
 * entry is not ready). out: new reference. */
int resource_action_list(struct engine *engine, const char *org, const char *team, const char *resource_id, json_t **out, struct err *err);

/* Finds the action and checks the arguments; copies what it needs. Errors: those of the list, ERR_ACTION, ERR_ARGUMENTS, ERR_CONFLICT (the
 * resource is not there to be acted on), ERR_BAD_VALUE (an argument brings a reference to a secret). */
int resource_action_find(struct engine *engine, const struct resource_action_request *request, struct resource_action **out,
                         struct err *err);
void resource_action_free(struct resource_action *a); /* NULL is fine */
bool resource_action_changes(const struct resource_action *a);

/* The draft of a deployment of kind `resource` for one that changes (deploy.h says how it goes on). Errors: those of deploy_prepare_act. */
struct deployment_draft;
int resource_action_draft(const struct resource_action *a, const struct principal *who, struct deployment_draft *draft, struct err *err);

/* Calls one that only looks: the audit row first, then the provisioner. `done` comes once, on the plugin loop or a store thread: be short.
 * answer: {resource, action, outputs, hints, logs: [{level, text}]}, borrowed; NULL with err. Takes `a` over. */
typedef void (*resource_action_done)(void *ctx, const json_t *answer, const struct err *err);
void resource_action_look(struct resource_action *a, resource_action_done done, void *ctx);
