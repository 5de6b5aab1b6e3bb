/* From a Score file to a plan and a decision; nothing is stored here. Called by HTTP threads. */
#include "workflow/deploy.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "resource/resource.h"
#include "score/score.h"
#include "workflow/current.h"
#include "workflow/engine.h"
#include "workflow/plan_build.h"
#include "workflow/policy_input.h"
#include <string.h>

struct deployment_draft *deployment_draft_new(const char *filename)
{
    struct deployment_draft *draft = mem_zalloc(sizeof *draft);

    draft->arena = arena_new();
    draft->diags = diag_list_make(draft->arena, filename ? arena_strdup(draft->arena, filename) : "score.yaml");
    return draft;
}

void deployment_draft_free(struct deployment_draft *draft)
{
    if (!draft)
        return;
    arena_fini(&draft->values);
    arena_free(draft->arena);
    free(draft);
}

/* ---- the Score file ---- */

static int read_files(const json_t *files, struct arena *arena, struct score_files *out, struct err *err)
{
    struct score_file *items;
    const char *path;
    json_t *text;
    size_t count = 0;

    if (json_object_size(files) > LIMIT_UPLOAD_FILES)
        return err_set(err, ERR_LIMIT, "%zu files came along; the limit is %d", json_object_size(files), LIMIT_UPLOAD_FILES);
    items = arena_array(arena, json_object_size(files), sizeof *items);
    json_object_foreach((json_t *)files, path, text)
    {
        CLEANUP(free_ptr) char *bytes = NULL;
        size_t len = 0;

        if (!json_is_string(text) || base64_decode(json_string_value(text), &bytes, &len, err) < 0)
            return err_set(err, ERR_REQUEST, "files: \"%.200s\" is not base64 text", path);
        items[count++] = (struct score_file){arena_strdup(arena, path), arena_strndup(arena, bytes, len), len};
    }
    *out = (struct score_files){items, count};
    return 0;
}

/* References to secrets are the core's: a file that brings one could name somebody else's. */
static int refuse_secrets(const json_t *value, const char *what, struct err *err)
{
    if (value && json_has_secret(value))
        return err_set(err, ERR_BAD_VALUE, "%s may not hold {\"$secret\": ...}; declare a resource of type secret and refer to it", what);
    return 0;
}

/* `image: .` means that the image is given at deploy time. */
static int set_images(struct score *score, const char *image, struct err *err)
{
    const char *name;
    json_t *container;

    json_object_foreach(json_object_get(score->spec, "containers"), name, container)
    {
        if (!str_eq(json_str(container, "image"), "."))
            continue;
        if (!image)
            return err_set(
                err, ERR_MISSING_FIELD,
                "container %s has image \".\", so the image is given at deploy time: add --image NAME:TAG (or `image` in the request)",
                name);
        json_set_str(container, "image", image);
    }
    return 0;
}

static int parse(const struct deploy_request *request, struct deployment_draft *draft, struct score **out, struct err *err)
{
    struct score_files files = {0};
    struct score_options options = {.strict = request->strict, .filename = draft->diags.file};
    int rc;

    if (request->files && read_files(request->files, draft->arena, &files, err) < 0)
        return -1;
    options.files = &files;
    rc = request->object ? score_parse_json(request->object, &options, draft->arena, &draft->diags, out)
                         : score_parse(request->source, request->source_len, &options, draft->arena, &draft->diags, out);
    return rc < 0 ? diag_to_err(&draft->diags, err) : 0;
}

/* metadata.team may only choose among the caller's teams. */
static int choose_team(const struct deploy_request *request, const struct score *score, const char **out, struct err *err)
{
    struct err ignored = {0};

    *out = request->team;
    if (!score->team || str_eq(score->team, request->team))
        return 0;
    if (auth_team_scope(request->who, score->team, out, &ignored) == 0 && *out)
        return 0;
    return err_set(err, ERR_FORBIDDEN, "metadata.team is \"%s\", but you deploy as team %s; remove it, or ask for a user of that team",
                   score->team, request->team);
}

static int choose_environment(const struct deploy_request *request, const struct score *score, const struct platform *platform,
                              struct deployment_draft *draft, struct config_target *out, struct err *err)
{
    const struct node *at = node_locate(score->root, "/environment/type");
    struct config_wish wish = {
        .requested = request->environment, .file_type = score->environment_type, .line = at->line, .column = at->column};

    return config_select_environment(platform->config, &wish, draft->arena, &draft->diags, out, err);
}

/* ---- deciding ---- */

static json_t *user_json(const struct principal *who)
{
    json_t *user = json_object();

    json_set_str(user, "name", who->name);
    json_set_str(user, "role", role_name(who->role));
    json_set_str(user, "team", who->team);
    return user;
}

/* Called with the draft's values in use; the input goes with `scratch`. */
static void ask_policies(const struct platform *platform, const struct principal *who, const json_t *state, struct arena *scratch,
                         struct deployment_draft *draft)
{
    json_t *user = user_json(who), *input;

    json_use_arena(scratch);
    input = policy_input_deployment(platform, draft->plan, user, json_object_get(state, "resources"));
    json_use_arena(&draft->values);
    json_set_new(draft->plan, "user", user); /* the policies are asked about the same person when it leaves the queue */
    policy_evaluate(platform->policies, "deployment", input, &draft->decision);
    if (draft->decision.policies)
        json_object_set(draft->plan, "policies", draft->decision.policies);
}

static void remember_who(struct deployment_draft *draft, const struct principal *who, const char *team, const char *request_id,
                         const char *source_ip, const char *trace_id)
{
    draft->org = arena_strdup(draft->arena, who->org);
    draft->team = arena_strdup(draft->arena, team);
    draft->actor = arena_strdup(draft->arena, who->name);
    draft->request_id = arena_strdup(draft->arena, request_id);
    draft->source_ip = arena_strdup(draft->arena, source_ip);
    draft->trace_id = arena_strdup(draft->arena, trace_id);
}

/* What runs now, in `scratch`: the plan says what of it matters. */
static int read_state(struct engine *engine, const char *org, const char *team, const char *environment, const struct score *score,
                      struct arena *scratch, json_t **out, struct err *err)
{
    struct arena *before = json_use_arena(scratch);
    int rc = current_of_score(engine_store(engine), org, team, environment, score, out, err);

    json_use_arena(before);
    return rc;
}

static int prepare(struct engine *engine, const struct platform *platform, const struct deploy_request *request, struct score *score,
                   struct deployment_draft *draft, struct err *err)
{
    struct plan_request plan = {
        .config = platform->config, .catalog = platform->catalog, .provisioners = platform->provisioners, .kind = "deploy", .score = score};
    CLEANUP(arena_fini) struct arena scratch = {0};
    const char *team = NULL;
    json_t *state = NULL;

    if (refuse_secrets(score->spec, "a Score file", err) < 0 || refuse_secrets(request->parameters, "parameters", err) < 0 ||
        set_images(score, request->image, err) < 0 || choose_team(request, score, &team, err) < 0 ||
        choose_environment(request, score, platform, draft, &plan.environment, err) < 0 ||
        config_check_team(platform->config, plan.environment.name, team, err) < 0 ||
        (score->product && config_check_product(platform->config, score->product, team, err) < 0))
        return -1;
    if (read_state(engine, request->who->org, team, plan.environment.name, score, &scratch, &state, err) < 0)
        return -1;
    plan.org = request->who->org;
    plan.team = team;
    plan.state = state;
    plan.parameters = request->parameters;
    plan.allow_remove = request->allow_remove;
    plan.allow_replace = request->allow_replace;
    plan.force = request->force;
    plan.supersede = request->supersede;
    plan.reset = request->reset;
    remember_who(draft, request->who, team, request->request_id, request->source_ip, request->trace_id);
    if (plan_build(&plan, draft->arena, &draft->diags, &draft->plan, err) < 0)
        return -1;
    ask_policies(platform, request->who, state, &scratch, draft);
    return 0;
}

static int prepare_deployment(struct engine *engine, const struct deploy_request *request, struct deployment_draft *draft, struct err *err)
{
    CLEANUP(platform_put) struct platform *platform = engine_platform(engine);
    struct score *score = NULL; /* its values are the draft's */

    if (parse(request, draft, &score, err) < 0)
        return -1;
    draft->source = request->source ? arena_strndup(draft->arena, request->source, request->source_len) : NULL;
    if (!draft->source) {
        CLEANUP(free_ptr) char *text = json_text(request->object);

        draft->source = arena_strdup(draft->arena, text);
    }
    return prepare(engine, platform, request, score, draft, err);
}

int deploy_prepare(struct engine *engine, const struct deploy_request *request, struct deployment_draft *draft, struct err *err)
{
    struct arena *before = json_use_arena(&draft->values);
    int rc = prepare_deployment(engine, request, draft, err);
    json_use_arena(before);
    return rc;
}

/* ---- deletion ---- */

static int prepare_deletion(struct engine *engine, const struct delete_request *request, struct deployment_draft *draft, struct err *err)
{
    CLEANUP(platform_put) struct platform *platform = engine_platform(engine);
    struct plan_request plan = {
        .config = platform->config, .catalog = platform->catalog, .provisioners = platform->provisioners, .kind = "delete"};
    json_t *state = NULL;
    struct score *score = NULL;
    struct current_application application = {0};
    struct config_wish wish = {0};

    if (current_application(engine_store(engine), request->who->org, request->team, request->application, request->environment,
                            draft->arena, &application, &state, err) < 0)
        return -1;
    if (application.gone && request->keep_application)
        return err_set(err, ERR_NOT_FOUND, "%s has no resources in %s any more; `innominatus delete` closes it", request->application,
                       application.environment);
    wish.requested = application.environment;
    if (config_select_environment(platform->config, &wish, draft->arena, &draft->diags, &plan.environment, err) < 0)
        return -1;
    if (application.spec) {
        json_t *spec = json_loads(application.spec, 0, NULL);
        struct score_options options = {0};

        if (!spec || score_parse_json(spec, &options, draft->arena, &draft->diags, &score) < 0)
            return err_set(err, ERR_STORE_CORRUPT, "the stored Score file of %s cannot be read", request->application);
    }
    plan.org = request->who->org;
    plan.team = request->team;
    plan.application = request->application;
    plan.workload = application.workload ? application.workload : request->application;
    plan.product = application.product;
    plan.score = score;
    plan.state = state;
    plan.allow_remove = request->allow_remove;
    plan.force = request->force;
    plan.keep_application = request->keep_application;
    remember_who(draft, request->who, request->team, request->request_id, request->source_ip, request->trace_id);
    if (plan_build(&plan, draft->arena, &draft->diags, &draft->plan, err) < 0)
        return -1;
    ask_policies(platform, request->who, state, draft->arena, draft);
    return 0;
}

int deploy_prepare_delete(struct engine *engine, const struct delete_request *request, struct deployment_draft *draft, struct err *err)
{
    struct arena *before = json_use_arena(&draft->values);
    int rc = prepare_deletion(engine, request, draft, err);
    json_use_arena(before);
    return rc;
}
