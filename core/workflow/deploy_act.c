/* From one resource and what shall be done to it to the draft of a deployment of kind `resource`; nothing is stored here. On HTTP threads
 * and workers. */
#include "base/cleanup.h"
#include "base/str.h"
#include "config/admin_config.h"
#include "workflow/current.h"
#include "workflow/deploy.h"
#include "workflow/engine.h"
#include "workflow/plan_build.h"
#include "workflow/policy_input.h"

/* Who asks, as the policies see it: a person, or the server itself. */
static json_t *user_of(const struct act_request *request)
{
    json_t *user = json_object();

    json_set_str(user, "name", request->who ? request->who->name : "system");
    json_set_str(user, "role", request->who ? role_name(request->who->role) : "system");
    json_set_str(user, "team", request->who ? request->who->team : request->team);
    return user;
}

static void remember_who(struct deployment_draft *draft, const struct act_request *request)
{
    draft->org = arena_strdup(draft->arena, request->org);
    draft->team = arena_strdup(draft->arena, request->team);
    draft->actor = arena_strdup(draft->arena, request->who ? request->who->name : "system");
    draft->request_id = arena_strdup(draft->arena, request->request_id);
    draft->source_ip = arena_strdup(draft->arena, request->source_ip);
    draft->trace_id = arena_strdup(draft->arena, request->trace_id);
}

/* Only what an application refers to and what is not on its way out can be worked on. */
static int check_state(const json_t *row, struct err *err)
{
    const char *state = json_str(row, "state");

    if (str_eq(state, "active") || str_eq(state, "degraded") || str_eq(state, "updating") || str_eq(state, "scaling"))
        return 0;
    return err_set(err, ERR_CONFLICT, "resource %s (%s) is %s; it can be worked on when it is active or degraded", json_str(row, "id"),
                   json_str(row, "uid"), state);
}

static int prepare(struct engine *engine, const struct act_request *request, struct deployment_draft *draft, struct err *err)
{
    CLEANUP(platform_put) struct platform *platform = engine_platform(engine);
    struct plan_act act = {.operation = request->operation,
                           .reason = request->reason,
                           .arguments = request->arguments,
                           .drift = request->drift,
                           .fields = request->fields,
                           .once = request->once};
    struct plan_request plan = {.config = platform->config,
                                .catalog = platform->catalog,
                                .provisioners = platform->provisioners,
                                .kind = "resource",
                                .org = request->org,
                                .team = request->team,
                                .act = &act};
    struct config_wish wish = {0};
    json_t *state = NULL, *input;

    if (current_resource(engine_store(engine), request->org, request->team, request->resource_id, &state, err) < 0)
        return -1;
    act.row = json_array_get(json_object_get(state, "resources"), 0);
    if (check_state(act.row, err) < 0)
        return -1;
    wish.requested = json_str(act.row, "environment");
    if (config_select_environment(platform->config, &wish, draft->arena, &draft->diags, &plan.environment, err) < 0 ||
        (request->who && config_check_team(platform->config, plan.environment.name, request->team, err) < 0))
        return -1;
    plan.application = json_str(act.row, "application");
    plan.workload = json_str(act.row, "workload");
    plan.product = json_str(act.row, "product");
    plan.state = state;
    remember_who(draft, request);
    if (plan_build(&plan, draft->arena, &draft->diags, &draft->plan, err) < 0)
        return -1;
    json_set_new(draft->plan, "user", user_of(request));
    input = policy_input_deployment(platform, draft->plan, json_object_get(draft->plan, "user"), json_object_get(state, "resources"));
    policy_evaluate(platform->policies, "deployment", input, &draft->decision);
    if (draft->decision.policies)
        json_object_set(draft->plan, "policies", draft->decision.policies);
    return 0;
}

int deploy_prepare_act(struct engine *engine, const struct act_request *request, struct deployment_draft *draft, struct err *err)
{
    struct arena *before = json_use_arena(&draft->values);
    int rc = prepare(engine, request, draft, err);

    json_use_arena(before);
    return rc;
}
