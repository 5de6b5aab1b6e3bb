/* Handlers of the actions of a resource: which there are, and doing one. One that only looks is called at once; one that changes becomes a
 * deployment. */
#include "api/accepting.h"
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "resource/resource_read.h"
#include "workflow/deploy.h"
#include "workflow/engine.h"
#include "workflow/resource_action.h"

struct acting {
    struct resource_action *action;
    struct deployment_draft *draft;
    json_t *answer; /* of a look, while it is kept for its Idempotency-Key */
};

/* The team that the resource belongs to, among those that the caller may see; NULL after the reply. */
static const char *team_of(struct api_request *r)
{
    struct read_scope scope = api_scope(r);
    CLEANUP(json_put) json_t *resource = NULL;
    struct err err = {0};

    if (resource_read_one(r->context->store, &scope, api_param(r, "id"), &resource, &err) < 0) {
        api_problem(r, &err);
        return NULL;
    }
    if (!resource)
        api_reply_found(r, NULL, "resource", api_param(r, "id"));
    return resource ? arena_strdup(r->arena, json_str(resource, "team")) : NULL;
}

void resources_actions(struct api_request *r)
{
    const char *team = team_of(r);
    struct err err = {0};
    json_t *list = NULL;

    if (!team)
        return;
    if (resource_action_list(r->context->engine, r->org, team, api_param(r, "id"), &list, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_items(r, list, "resource", api_param(r, "id"));
}

/* ---- one that changes ---- */

static void change(struct api_request *r, struct acting *a)
{
    struct err err = {0};

    a->draft = deployment_draft_new(NULL);
    if (resource_action_draft(a->action, r->who, a->draft, &err) < 0) {
        api_problem_with(r, &err, &a->draft->diags, NULL);
        return;
    }
    api_accept_draft(r, take_ptr(a->draft));
}

/* ---- one that only looks ---- */

static int keep_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct api_request *r = ctx;

    return api_idempotency_keep(r, tx, 200, ((struct acting *)r->state)->answer, NULL, err);
}

/* It was looked all the same: a key that could not be kept is no reason to keep the answer back. */
static void kept(void *ctx, const struct err *result)
{
    struct api_request *r = ctx;

    if (result->code != ERR_NONE)
        log_warn("http", "the answer of an action could not be kept for its Idempotency-Key: %s", result->msg);
    api_reply_json(r, 200, take_ptr(((struct acting *)r->state)->answer));
    api_resume(r);
}

static void looked(void *ctx, const json_t *answer, const struct err *err)
{
    struct api_request *r = ctx;
    struct acting *a = r->state;

    if (answer && r->idempotency) {
        a->answer = json_clone(answer);
        store_write(r->context->store, keep_unit, r, kept);
        return;
    }
    if (answer)
        api_reply_json(r, 200, json_clone(answer)); /* counted values are not shared between threads */
    else
        api_problem(r, err);
    api_resume(r);
}

/* ---- both ---- */

static void release(struct api_request *r)
{
    struct acting *a = r->state;

    resource_action_free(a->action);
    deployment_draft_free(a->draft);
    json_decref(a->answer);
}

void resources_act(struct api_request *r)
{
    static const char *const members[] = {"arguments", NULL};
    struct acting *a = arena_alloc(r->arena, sizeof *a);
    struct resource_action_request request = {.who = r->who,
                                              .resource_id = api_param(r, "id"),
                                              .action = api_param(r, "action"),
                                              .request_id = r->id,
                                              .source_ip = r->source_ip,
                                              .trace_id = r->trace_id};
    struct err err = {0};

    if (api_idempotency_replayed(r))
        return;
    r->state = a;
    r->release = release;
    if (api_body_json(r, &err) < 0 || api_body_members(r, members, &err) < 0) {
        api_problem(r, &err);
        return;
    }
    request.arguments = json_object_get(r->body, "arguments");
    request.team = team_of(r);
    if (!request.team)
        return;
    if (resource_action_find(r->context->engine, &request, &a->action, &err) < 0) {
        api_problem(r, &err);
    } else if (resource_action_changes(a->action)) {
        change(r, a);
    } else {
        api_suspend(r);
        resource_action_look(take_ptr(a->action), looked, r);
    }
}
