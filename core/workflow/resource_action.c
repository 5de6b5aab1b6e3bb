/* Owns what happens between a request for an action and its call: the resource, its manifest, the arguments; and the whole of one that only
 * looks: the audit row, the call, the answer. Found on HTTP threads; the audit is written on a store thread; callbacks of the call run on
 * the plugin loop. Nothing is shared meanwhile: one thread after the other has it. */
#include "workflow/resource_action.h"
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/admin_config.h"
#include "plugin/action.h"
#include "resource/override.h"
#include "resource/resource.h"
#include "workflow/deploy.h"
#include "workflow/plan_priv.h"
#include "workflow/resource_frame.h"
#include "workflow/route.h"
#include <string.h>

#define LOOK_MS    60000 /* for the whole call: somebody waits for the answer */
#define MOST_LINES 500
#define MOST_BYTES (128u << 10) /* of log lines in the answer */

struct resource_action {
    struct engine *engine;
    struct platform *platform;
    struct arena arena;
    struct resource_row *row;
    const json_t *action; /* in the platform's manifest */
    const char *environment_type;
    json_t *arguments; /* {name: value} */
    const char *org, *team, *actor, *request_id, *source_ip, *trace_id;

    /* of a look */
    struct redactor *redactor;
    json_t *frame, *logs;
    size_t log_bytes;
    bool log_cut;
    bool secret; /* it gave a secret away, which it may not */
    resource_action_done done;
    void *ctx;
};

void resource_action_free(struct resource_action *a)
{
    if (!a)
        return;
    json_decref(a->arguments);
    json_decref(a->frame);
    json_decref(a->logs);
    redactor_free(a->redactor);
    platform_unref(a->platform);
    arena_fini(&a->arena);
    free(a);
}

bool resource_action_changes(const struct resource_action *a) { return json_flag(a->action, "changes", false); }

/* ---- finding ---- */

struct finding {
    const char *org, *team, *id;
    struct arena *arena;
    struct resource_row *row;
};

static int find_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct finding *f = ctx;

    return resource_find_id(tx, f->org, f->team, f->id, f->arena, &f->row, err);
}

static int find_row(struct engine *engine, struct finding *f, const struct platform *platform, const json_t **manifest, struct err *err)
{
    if (store_read(engine->store, find_unit, f, err) < 0)
        return -1;
    if (!f->row)
        return err_set(err, ERR_NOT_FOUND, "team %s has no resource \"%.63s\"", f->team, f->id);
    *manifest = json_object_get(platform->provisioners, f->row->provisioner);
    if (!*manifest)
        return err_set(err, ERR_NO_PROVISIONER, "the provisioner entry %s of resource %s is not ready", f->row->provisioner, f->row->uid);
    return 0;
}

int resource_action_list(struct engine *engine, const char *org, const char *team, const char *resource_id, json_t **out, struct err *err)
{
    CLEANUP(platform_put) struct platform *platform = engine_platform(engine);
    CLEANUP(arena_fini) struct arena arena = {0};
    struct finding f = {.org = org, .team = team, .id = resource_id, .arena = &arena};
    const json_t *manifest = NULL;
    json_t *list;

    if (find_row(engine, &f, platform, &manifest, err) < 0)
        return -1;
    list = action_list(manifest, f.row->type);
    *out = json_clone(list); /* the manifest is shared */
    json_decref(list);
    return 0;
}

static int check_state(const struct resource_row *row, struct err *err)
{
    if (resource_state_exists(row->state) && row->state != RESOURCE_ORPHANED)
        return 0;
    return err_set(err, ERR_CONFLICT, "resource %s (%s) is %s: nothing can be done to it now", row->id, row->uid,
                   resource_state_name(row->state));
}

static int take_arguments(struct resource_action *a, const struct resource_action_request *request, struct err *err)
{
    CLEANUP(json_put) json_t *checked = NULL;

    if (action_take_arguments(a->action, request->arguments, &checked, err) < 0)
        return -1;
    if (request->arguments && json_has_secret(request->arguments))
        return err_set(err, ERR_BAD_VALUE, "arguments may not hold {\"$secret\": ...}");
    a->arguments = request->arguments ? json_clone(request->arguments) : json_object();
    return 0;
}

static int find(struct resource_action *a, const struct resource_action_request *request, struct err *err)
{
    struct finding f = {.org = request->who->org, .team = request->team, .id = request->resource_id, .arena = &a->arena};
    struct config_target target = {0};
    struct config_wish wish = {0};
    struct diag_list ignored = diag_list_make(&a->arena, NULL);
    const json_t *manifest = NULL;

    if (find_row(a->engine, &f, a->platform, &manifest, err) < 0 || check_state(f.row, err) < 0 ||
        action_find(manifest, f.row->type, request->action, &a->action, err) < 0 || take_arguments(a, request, err) < 0)
        return -1;
    a->row = f.row;
    wish.requested = f.row->environment;
    if (config_select_environment(a->platform->config, &wish, &a->arena, &ignored, &target, err) < 0)
        return -1;
    a->environment_type = arena_strdup(&a->arena, target.type);
    return 0;
}

int resource_action_find(struct engine *engine, const struct resource_action_request *request, struct resource_action **out,
                         struct err *err)
{
    struct resource_action *a = mem_zalloc(sizeof *a);

    a->engine = engine;
    a->platform = engine_platform(engine);
    if (find(a, request, err) < 0) {
        resource_action_free(a);
        return -1;
    }
    a->org = arena_strdup(&a->arena, request->who->org);
    a->team = arena_strdup(&a->arena, request->team);
    a->actor = arena_strdup(&a->arena, request->who->name);
    a->request_id = arena_strdup(&a->arena, request->request_id);
    a->source_ip = arena_strdup(&a->arena, request->source_ip);
    a->trace_id = arena_strdup(&a->arena, request->trace_id);
    *out = a;
    return 0;
}

/* ---- one that changes ---- */

/* What it sets, as the plan shows it; that the provisioner takes it. */
static int fields_of(const struct resource_action *a, const json_t *list, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *sets = action_sets(a->action, list);
    CLEANUP(json_put) json_t *overrides = override_add(NULL, sets, NULL, NULL, 0);
    CLEANUP(json_put) json_t *before = json_loads(resource_row_applied(a->row), 0, NULL);
    CLEANUP(json_put) json_t *after = json_clone(before);

    override_apply(after, overrides);
    if (json_object_size(sets) &&
        route_check_params(json_object_get(a->platform->provisioners, a->row->provisioner), a->row->type, a->row->name, after, err) < 0)
        return -1;
    *out = plan_diff(before, after, "/params");
    return 0;
}

int resource_action_draft(const struct resource_action *a, const struct principal *who, struct deployment_draft *draft, struct err *err)
{
    const char *name = json_str(a->action, "name");
    CLEANUP(json_put) json_t *arguments = json_object();
    CLEANUP(json_put) json_t *list = NULL;
    CLEANUP(json_put) json_t *fields = NULL;
    CLEANUP(free_ptr) char *reason = mem_printf("action %s, asked for by %s", name, a->actor);
    struct act_request act = {.who = who,
                              .org = a->org,
                              .team = a->team,
                              .resource_id = a->row->id,
                              .operation = "action",
                              .reason = reason,
                              .arguments = arguments,
                              .once = !json_flag(a->action, "idempotent", false),
                              .request_id = a->request_id,
                              .source_ip = a->source_ip,
                              .trace_id = a->trace_id};

    json_set_str(arguments, "action", name);
    json_set_new(arguments, "arguments", json_clone(a->arguments));
    if (action_take_arguments(a->action, a->arguments, &list, err) < 0 || fields_of(a, list, &fields, err) < 0)
        return -1;
    act.fields = fields;
    return deploy_prepare_act(a->engine, &act, draft, err);
}

/* ---- the answer ---- */

static void finish(struct resource_action *a, const json_t *answer, const struct err *err)
{
    a->done(a->ctx, answer, err);
    resource_action_free(a);
}

static void fail(struct resource_action *a, const struct err *err)
{
    struct err said = *err;

    redactor_apply(a->redactor, said.msg, sizeof said.msg);
    finish(a, NULL, &said);
}

static json_t *answer_of(struct resource_action *a, const struct plugin_result *result)
{
    json_t *answer = json_object();

    json_set_str(answer, "resource", a->row->id);
    json_set_str(answer, "action", json_str(a->action, "name"));
    json_set_new(answer, "outputs", result->outputs ? json_clone(result->outputs) : json_object());
    json_set_new(answer, "hints", result->hints ? json_clone(result->hints) : json_array());
    json_set_new(answer, "logs", json_incref(a->logs));
    redactor_apply_json(a->redactor, answer);
    return answer;
}

static void on_log(void *ctx, const char *level, const char *text)
{
    struct resource_action *a = ctx;
    json_t *line;
    bool cut = json_array_size(a->logs) == MOST_LINES || (a->log_bytes += strlen(text)) > MOST_BYTES;

    if (a->log_cut)
        return;
    a->log_cut = cut;
    line = json_object();
    json_set_str(line, "level", cut ? "warn" : level);
    json_set_str(line, "text", cut ? "the log goes on; the rest of it is left out" : text);
    json_array_append_new(a->logs, line);
}

static void on_secret(void *ctx, const char *text)
{
    struct resource_action *a = ctx;

    redactor_add(a->redactor, text, strlen(text));
    a->secret = true;
}

static void on_done(void *ctx, const struct plugin_result *result)
{
    struct resource_action *a = ctx;
    CLEANUP(json_put) json_t *answer = NULL;
    struct err err = {0};

    if (result->outcome == PLUGIN_DONE_FAILED) {
        fail(a, &result->err);
    } else if (result->outcome == PLUGIN_DONE_PENDING) {
        err_set(&err, ERR_PLUGIN_PROTOCOL, "%s said of action %s that it goes on; only one that changes the resource may",
                a->row->provisioner, json_str(a->action, "name"));
        fail(a, &err);
    } else if (a->secret || json_object_size(result->secrets) || json_has_secret(result->outputs)) {
        err_set(&err, ERR_PLUGIN_PROTOCOL, "%s gave a secret in action %s; only one that changes the resource may", a->row->provisioner,
                json_str(a->action, "name"));
        fail(a, &err);
    } else {
        answer = answer_of(a, result);
        finish(a, answer, &err);
    }
}

/* ---- the call ---- */

static int make_frame(struct resource_action *a, struct err *err)
{
    const struct resource_row *row = a->row;
    const struct frame_of of = {.opening = {a->engine, a->redactor, a->org, a->team},
                                .platform = a->platform,
                                .row = row,
                                .operation = "read",
                                .application = row->application,
                                .environment_type = a->environment_type,
                                .product = row->product};

    return resource_frame(&of, &a->frame, err);
}

static int audit_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct resource_action *a = ctx;
    CLEANUP(json_put) json_t *detail = json_object();

    json_set_str(detail, "action", json_str(a->action, "name"));
    json_set_str(detail, "resource", a->row->uid);
    json_set_str(detail, "application", a->row->application);
    return audit_write(tx,
                       &(struct audit_row){.org = a->org,
                                           .actor = a->actor,
                                           .team = a->team,
                                           .action = "resource.action",
                                           .object = a->row->id,
                                           .environment = a->row->environment,
                                           .result = "ok",
                                           .detail = detail,
                                           .request_id = a->request_id,
                                           .source_ip = a->source_ip},
                       err);
}

/* The act stands in the audit: it may happen. */
static void audit_written(void *ctx, const struct err *result)
{
    struct resource_action *a = ctx;
    struct plugin_request request = {.instance = a->row->provisioner,
                                     .operation = PLUGIN_ACTION,
                                     .resource = a->frame,
                                     .action = json_str(a->action, "name"),
                                     .arguments = a->arguments,
                                     .trace_id = a->trace_id,
                                     .deadline_ms = LOOK_MS,
                                     .events = {.log = on_log, .secret = on_secret, .done = on_done},
                                     .ctx = a};
    struct plugin_call *call;
    struct err err = *result;

    if (err.code != ERR_NONE || plugin_call_start(a->engine->options.plugins, &request, &call, &err) < 0)
        fail(a, &err);
}

void resource_action_look(struct resource_action *a, resource_action_done done, void *ctx)
{
    struct err err = {0};

    a->done = done;
    a->ctx = ctx;
    a->redactor = redactor_new();
    a->logs = json_array();
    if (make_frame(a, &err) < 0)
        fail(a, &err);
    else
        store_write(a->engine->store, audit_unit, a, audit_written);
}
