/* Handlers that take a Score file: submit, validate, plan, delete. Preparing runs on the HTTP thread (CPU, snapshot reads, Lua within its
 * budget), that of a large body on a thread of the api's own; accepting is a commit that nobody waits for. */
#include "api/accepting.h"
#include "api/etag.h"
#include "api/handlers.h"
#include "api/spec_body.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/str.h"
#include "workflow/deploy.h"
#include "workflow/plan.h"
#include "workflow/plan_preview.h"
#include "workflow/read_applications.h"

#define LARGE_BODY_BYTES (64u << 10) /* preparing so much takes milliseconds, and an HTTP thread has other clients */

struct submission {
    struct deployment_draft *draft;
    struct spec_body body;
    int prepared; /* 0 or -1 with err */
    struct err err;
    void (*then)(struct api_request *r, struct submission *s);
    json_t *allow_remove, *allow_replace;
    struct plan_preview *preview; /* NULL: nobody was asked */
};

static void release(struct api_request *r)
{
    struct submission *s = r->state;

    plan_preview_free(s->preview);
    deployment_draft_free(s->draft);
    spec_body_fini(&s->body);
    json_decref(s->allow_remove);
    json_decref(s->allow_replace);
}

static struct submission *submission_new(struct api_request *r)
{
    struct submission *s = arena_alloc(r->arena, sizeof *s);

    r->state = s;
    r->release = release;
    s->draft = deployment_draft_new(NULL);
    s->allow_remove = api_query_names(r, "allowRemove");
    s->allow_replace = api_query_names(r, "allowReplace");
    return s;
}

static const char *text_or_null(const char *text) { return text && text[0] ? text : NULL; }

/* What is wrong in the document is in the draft's diagnostics. */
static void prepare(struct api_request *r, struct submission *s)
{
    const struct deploy_request request = {
        .who = r->who,
        .team = r->team,
        .source = s->body.source,
        .source_len = s->body.source_len,
        .object = s->body.object,
        .filename = text_or_null(api_query(r, "filename")),
        .files = s->body.files,
        .environment = text_or_null(api_query(r, "environment")),
        .parameters = s->body.parameters,
        .image = s->body.image,
        .allow_remove = s->allow_remove,
        .allow_replace = s->allow_replace,
        .force = api_query_flag(r, "force"),
        .supersede = api_query_flag(r, "supersede"),
        .reset = api_query_flag(r, "reset"),
        .strict = api_query_flag(r, "strict"),
        .request_id = r->id,
        .source_ip = r->source_ip,
        .trace_id = r->trace_id,
    };

    s->prepared = deploy_prepare(r->context->engine, &request, s->draft, &s->err);
}

static void go_on(struct http_request *http)
{
    struct api_request *r = (struct api_request *)http;
    struct submission *s = r->state;

    log_set_request(r->id);
    s->then(r, s);
    log_set_request(NULL);
}

static void prepare_aside(struct api_request *r)
{
    prepare(r, r->state);
    r->http.again = go_on; /* on the HTTP thread again */
}

/* Reads the body, prepares, and calls `then`. */
static void prepare_and(struct api_request *r, struct submission *s, void (*then)(struct api_request *r, struct submission *s))
{
    s->then = then;
    s->prepared = spec_body_read(r, &s->body, &s->err);
    if (s->prepared == 0 && r->http.body.len > LARGE_BODY_BYTES) {
        api_offload(r, prepare_aside);
        return;
    }
    if (s->prepared == 0)
        prepare(r, s);
    then(r, s);
}

static void reply_plan(struct api_request *r, const struct submission *s)
{
    const struct policy_decision *decision = &s->draft->decision;
    json_t *view = plan_view(s->draft->plan);

    if (s->preview)
        plan_preview_add(s->preview, json_object_get(view, "changes"));
    json_set_flag(view, "denied", decision->denied);
    if (decision->violations)
        json_object_set(view, "violations", decision->violations);
    json_set_new(view, "warnings", diag_to_json(&s->draft->diags));
    api_reply_json(r, 200, view);
}

static void reply_previewed(struct http_request *http)
{
    struct api_request *r = (struct api_request *)http;

    log_set_request(r->id);
    reply_plan(r, r->state);
    log_set_request(NULL);
}

static void previewed(void *ctx) { api_resume(ctx); }

/* Provisioners that can are asked what they would do; the HTTP thread does not wait for them. */
static void preview_plan(struct api_request *r, struct submission *s)
{
    s->preview = plan_preview_new(r->context->engine, s->draft);
    if (!s->preview) {
        reply_plan(r, s);
        return;
    }
    api_suspend(r);
    r->http.again = reply_previewed; /* on the HTTP thread again */
    plan_preview_run(s->preview, previewed, r);
}

/* ---- accepting ---- */

static void submit_prepared(struct api_request *r, struct submission *s)
{
    if (s->prepared < 0)
        api_problem_with(r, &s->err, &s->draft->diags, NULL);
    else if (api_query_flag(r, "dryRun"))
        preview_plan(r, s);
    else
        api_accept_draft(r, take_ptr(s->draft));
}

void specs_submit(struct api_request *r)
{
    if (!api_idempotency_replayed(r))
        prepare_and(r, submission_new(r), submit_prepared);
}

static void plan_prepared(struct api_request *r, struct submission *s)
{
    if (s->prepared < 0)
        api_problem_with(r, &s->err, &s->draft->diags, NULL);
    else
        preview_plan(r, s);
}

void specs_plan(struct api_request *r) { prepare_and(r, submission_new(r), plan_prepared); }

/* ---- validating ---- */

static json_t *problem_of(const struct err *err)
{
    json_t *problem = json_object();
    char code[16];

    json_set_str(problem, "severity", "error");
    json_set_str(problem, "code", err_name(err->code, code));
    json_set_str(problem, "message", err->msg);
    json_set_str(problem, "suggestion", err_remedy(err->code));
    return problem;
}

/* Whether what is wrong is the request and not the document in it. */
static bool is_no_verdict(const struct submission *s)
{
    return s->prepared < 0 && (err_http_status(s->err.code) >= 500 || s->err.code == ERR_MEDIA_TYPE || s->err.code == ERR_REQUEST ||
                               (!s->body.source && !s->body.object));
}

static void validate_prepared(struct api_request *r, struct submission *s)
{
    json_t *answer, *errors;

    if (is_no_verdict(s)) {
        api_problem_with(r, &s->err, &s->draft->diags, NULL);
        return;
    }
    answer = json_object();
    errors = diag_to_json(&s->draft->diags);
    if (s->prepared < 0 && s->draft->diags.errors == 0)
        json_array_append_new(errors, problem_of(&s->err));
    json_set_flag(answer, "valid", s->prepared == 0);
    json_set_new(answer, "errors", errors);
    api_reply_json(r, 200, answer);
}

void specs_validate(struct api_request *r) { prepare_and(r, submission_new(r), validate_prepared); }

/* ---- deleting ---- */

static int is_as_seen(void *ctx, struct store_tx *tx, struct err *err)
{
    struct api_request *r = ctx;
    struct read_scope scope = api_scope(r);
    CLEANUP(json_put) json_t *application = NULL;

    return read_application_tx(tx, &scope, api_param(r, "name"), api_query(r, "environment"), &application, err) < 0
               ? -1
               : etag_check(r, application, err);
}

void specs_delete(struct api_request *r)
{
    struct submission *s;
    struct err err = {0};

    if (api_idempotency_replayed(r))
        return;
    s = submission_new(r);
    if (r->if_match)
        s->draft->guard = (struct deploy_guard){is_as_seen, r};
    if (deploy_prepare_delete(r->context->engine,
                              &(struct delete_request){
                                  .who = r->who,
                                  .team = r->team,
                                  .application = api_param(r, "name"),
                                  .environment = text_or_null(api_query(r, "environment")),
                                  .keep_application = api_query_flag(r, "keepApplication"),
                                  .allow_remove = s->allow_remove,
                                  .force = true, /* DELETE is the confirmation for stateful types (interfaces.md, REST) */
                                  .request_id = r->id,
                                  .source_ip = r->source_ip,
                                  .trace_id = r->trace_id,
                              },
                              s->draft, &err) < 0)
        api_problem_with(r, &err, &s->draft->diags, NULL);
    else if (api_query_flag(r, "dryRun"))
        reply_plan(r, s);
    else
        api_accept_draft(r, take_ptr(s->draft));
}
