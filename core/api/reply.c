/* Owns what goes back to the client: JSON, problem details (RFC 9457), pages. Called by whoever holds the request. */
#include "api/api_priv.h"
#include "api/etag.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include <string.h>

static bool has_header(const struct api_request *r, const char *name)
{
    const struct http_header *header = r->http.reply.headers;

    while (header && !str_eq(header->name, name))
        header = header->next;
    return header != NULL;
}

static void common_headers(struct api_request *r)
{
    for (const struct http_safe_header *header = http_safe_headers; header->name; header++)
        if (!has_header(r, header->name)) /* a page may say otherwise */
            http_reply_header(&r->http, header->name, header->value);
    http_reply_header(&r->http, "X-Request-Id", r->id);
}

static void send_text(struct api_request *r, int status, const char *content_type, char *text)
{
    if (r->http.reply.status) {
        free(text);
        return;
    }
    common_headers(r);
    if (etag_matches(r, status, text, text ? strlen(text) : 0)) {
        free(text);
        http_reply(&r->http, 304, NULL, NULL, 0);
        return;
    }
    http_reply(&r->http, status, content_type, text, text ? strlen(text) : 0);
}

void api_reply_text(struct api_request *r, int status, const char *content_type, char *text) { send_text(r, status, content_type, text); }
void api_reply_empty(struct api_request *r, int status) { send_text(r, status, NULL, NULL); }

void api_reply_stream(struct api_request *r, const char *content_type, http_stream_next next)
{
    if (r->http.reply.status)
        return;
    common_headers(r);
    http_reply_header(&r->http, "X-Accel-Buffering", "no"); /* proxies pass it on as it comes */
    http_reply_stream(&r->http, content_type, next);
}

static void send_json(struct api_request *r, int status, const char *content_type, const json_t *value)
{
    CLEANUP(free_ptr) char *text = json_text(value);

    if (strlen(text) > LIMIT_RESPONSE_BYTES) {
        struct err err;

        err_set(&err, ERR_LIMIT, "the answer has more than %u bytes; ask for less with limit or filters", LIMIT_RESPONSE_BYTES);
        api_problem(r, &err);
        return;
    }
    send_text(r, status, content_type, take_ptr(text));
}

void api_reply_json(struct api_request *r, int status, json_t *value)
{
    CLEANUP(json_put) json_t *owned = value;

    send_json(r, status, "application/json", owned);
}

/* ---- problems ---- */

/* What went wrong inside is for the log, not for the client. */
static bool is_internal(enum err_code code)
{
    return code == ERR_INTERNAL || code == ERR_IO || code == ERR_CRYPTO || code == ERR_STORE || code == ERR_STORE_FULL ||
           code == ERR_STORE_RETRY || code == ERR_STORE_CORRUPT;
}

static void problem_headers(struct api_request *r, enum err_code code, int status)
{
    if (status == 401)
        http_reply_header(&r->http, "WWW-Authenticate", "Bearer realm=\"innominatus\"");
    if (has_header(r, "Retry-After")) /* who knows better has said so */
        return;
    if (code == ERR_RATE)
        http_reply_header(&r->http, "Retry-After", "60");
    else if (status == 429 || status == 503)
        http_reply_header(&r->http, "Retry-After", "2");
}

void api_problem_with(struct api_request *r, const struct err *err, const struct diag_list *diags, const struct policy_decision *decision)
{
    CLEANUP(json_put) json_t *problem = json_object();
    enum err_code code = err->code == ERR_NONE ? ERR_INTERNAL : err->code;
    int status = err_http_status(code);
    char name[16];

    if (r->http.reply.status)
        return;
    api_record_denial(r, err);
    err_name(code, name);
    json_set_str(problem, "type", arena_printf(r->arena, "urn:innominatus:error:%s", name));
    json_set_str(problem, "title", err_title(code));
    json_set_int(problem, "status", status);
    json_set_str(problem, "code", name);
    if (is_internal(code)) {
        log_error("http", "%s %s: %s", r->http.method, r->uri.path ? r->uri.path : "?", err->msg);
        json_set_str(problem, "detail",
                     arena_printf(r->arena, "%s; the server's log has the details under request id %s", err_title(code), r->id));
    } else {
        json_set_str(problem, "detail", err->msg);
    }
    json_set_str(problem, "remedy", err_remedy(code));
    json_set_str(problem, "docs", arena_printf(r->arena, "docs/errors.md#orc-%d", err_orc(code)));
    json_set_str(problem, "instance", r->uri.path);
    if (diags && diags->count)
        json_set_new(problem, "errors", diag_to_json(diags));
    if (decision && decision->violations)
        json_object_set(problem, "violations", decision->violations);
    json_set_str(problem, "trace_id", r->trace_id);
    problem_headers(r, code, status);
    send_json(r, status, "application/problem+json", problem);
}

void api_problem(struct api_request *r, const struct err *err) { api_problem_with(r, err, NULL, NULL); }

void api_reply_found(struct api_request *r, json_t *value, const char *what, const char *name)
{
    struct err err;

    if (value) {
        api_reply_json(r, 200, value);
        return;
    }
    err_set(&err, ERR_NOT_FOUND, "there is no %s \"%.120s\"", what, name);
    api_problem(r, &err);
}

/* ---- pages ---- */

static const char *page_link(struct api_request *r, const char *cursor)
{
    char *link = arena_printf(r->arena, "<%s?", r->uri.path);

    for (size_t i = 0; i < r->uri.query_count; i++)
        if (!str_eq(r->uri.query[i].name, "cursor"))
            link = arena_printf(r->arena, "%s%s=%s&", link, uri_escape(r->uri.query[i].name, r->arena),
                                uri_escape(r->uri.query[i].value, r->arena));
    return arena_printf(r->arena, "%scursor=%s>; rel=\"next\"", link, uri_escape(cursor, r->arena));
}

void api_reply_page(struct api_request *r, json_t *items, const char *next_cursor)
{
    json_t *page = json_object();

    json_set_new(page, "items", items);
    json_set_str(page, "next_cursor", next_cursor);
    if (next_cursor)
        http_reply_header(&r->http, "Link", page_link(r, next_cursor));
    api_reply_json(r, 200, page);
}
