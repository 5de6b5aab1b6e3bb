/* Handlers of deployments: list, one, log, manifests, cancel. */
#include "api/etag.h"
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "workflow/deploy.h"
#include "workflow/read_deployments.h"

void deployments_list(struct api_request *r) { api_reply_list(r, read_deployments); }

void deployments_get(struct api_request *r)
{
    struct read_scope scope = api_scope(r);
    json_t *deployment = NULL;
    struct err err = {0};

    if (read_deployment(r->context->store, &scope, api_param(r, "id"), &deployment, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_found(r, deployment, "deployment", api_param(r, "id"));
}

void deployments_manifests(struct api_request *r)
{
    struct read_scope scope = api_scope(r);
    json_t *items = NULL;
    struct err err = {0};

    if (read_manifests(r->context->store, &scope, api_param(r, "id"), &items, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_items(r, items, "deployment", api_param(r, "id"));
}

/* ---- logs, of a deployment or of one of its executions ---- */

static bool look_at_logs(struct api_request *r, bool last)
{
    struct read_scope scope = api_scope(r);
    bool workflow = str_eq(r->route->operation, "getWorkflowLogs");
    struct read_log_query query = {.deployment_id = workflow ? NULL : api_param(r, "id"),
                                   .workflow_id = workflow ? api_param(r, "id") : NULL,
                                   .step = api_query(r, "step"),
                                   .stream = api_query(r, "stream"),
                                   .level = api_query(r, "level"),
                                   .after = api_query_int(r, "after", 0),
                                   .tail = api_query_int(r, "tail", 0),
                                   .limit = (int)api_query_int(r, "limit", LIMIT_LOG_PAGE)};
    struct read_log_page page = {0};
    struct err err = {0};
    json_t *answer;

    if (read_logs(r->context->store, &scope, &query, &page, &err) < 0) {
        api_problem(r, &err);
        return true;
    }
    if (!page.found) {
        json_put(&page.items);
        api_reply_found(r, NULL, workflow ? "workflow execution" : "deployment", api_param(r, "id"));
        return true;
    }
    if (json_array_size(page.items) == 0 && !page.ended && !last) {
        json_put(&page.items);
        return false;
    }
    answer = json_object();
    json_set_flag(answer, "ended", page.ended && !page.more);
    json_set_int(answer, "last", page.last);
    if (page.more)
        json_set_str(answer, "next_cursor", arena_printf(r->arena, "%lld", (long long)page.last));
    json_set_new(answer, "items", page.items);
    api_reply_json(r, 200, answer);
    return true;
}

void deployments_logs(struct api_request *r)
{
    if (api_check_limit(r, LIMIT_LOG_PAGE))
        api_follow(r, api_query_flag(r, "follow"), look_at_logs);
}

void workflows_logs(struct api_request *r) { deployments_logs(r); }

/* ---- cancel ---- */

struct canceling {
    struct cancel_request request;
};

static void canceled(void *ctx, const json_t *answer, const struct err *err)
{
    struct api_request *r = ctx;

    if (answer)
        api_reply_json(r, 202, json_incref((json_t *)(uintptr_t)answer));
    else
        api_problem(r, err);
    api_resume(r);
}

static int is_as_seen(void *ctx, struct store_tx *tx, struct err *err)
{
    struct api_request *r = ctx;
    struct read_scope scope = api_scope(r);
    CLEANUP(json_put) json_t *deployment = NULL;

    return read_deployment_tx(tx, &scope, api_param(r, "id"), &deployment, err) < 0 ? -1 : etag_check(r, deployment, err);
}

void deployments_cancel(struct api_request *r)
{
    struct canceling *c = arena_alloc(r->arena, sizeof *c);

    c->request = (struct cancel_request){
        .who = r->who, .team = r->team, .deployment_id = api_param(r, "id"), .request_id = r->id, .source_ip = r->source_ip};
    if (r->if_match)
        c->request.guard = (struct deploy_guard){is_as_seen, r};
    api_suspend(r);
    deploy_cancel(r->context->engine, &c->request, canceled, r);
}
