/* Owns the api: start and stop, and the way of every request: identity, target, route, person, query, body, handler, log line.
 * begin, handle and finish run on the HTTP threads. */
#include "api/api_priv.h"
#include "api/etag.h"
#include "api/limiter.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/str.h"
#include "config/admin_config.h"
#include "crypto/encode.h"
#include "crypto/random.h"
#include "net/net.h"
#include "workflow/engine.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- identity of the request ---- */

static void set_request_id(struct api_request *r)
{
    const char *sent = http_header(&r->http, "X-Request-Id");
    size_t len = sent ? strlen(sent) : 0;
    bool fine = len >= 1 && len < sizeof r->id;

    for (size_t i = 0; fine && i < len; i++)
        fine = isalnum((unsigned char)sent[i]) || strchr("-_.:", sent[i]);
    if (fine)
        memcpy(r->id, sent, len + 1);
    else
        id_new("q", r->id);
}

/* traceparent: 00-<32 hex>-<16 hex>-<2 hex> (W3C Trace Context); else a trace of our own. */
static void set_trace_id(struct api_request *r)
{
    const char *sent = http_header(&r->http, "traceparent");
    bool fine = sent && strlen(sent) == 55 && sent[2] == '-' && sent[35] == '-' && sent[52] == '-' && strncmp(sent, "ff", 2) != 0;
    unsigned char fresh[16];

    for (size_t i = 3; fine && i < 35; i++)
        fine = isxdigit((unsigned char)sent[i]) && !isupper((unsigned char)sent[i]);
    if (fine && strspn(sent + 3, "0") < 32) {
        memcpy(r->trace_id, sent + 3, 32);
        return;
    }
    crypto_random(fresh, sizeof fresh);
    crypto_hex(fresh, sizeof fresh, r->trace_id);
}

static bool is_trusted_proxy(const struct admin_config *config, const char *address)
{
    for (config_names range = config->trusted_proxies; range && *range; range++)
        if (net_in_range(address, *range))
            return true;
    return false;
}

bool api_is_proxied(struct api_request *r)
{
    CLEANUP(platform_put) struct platform *platform = api_platform(r);

    return is_trusted_proxy(platform->config, r->http.peer);
}

/* Who sent it: the other side of the connection, or, when that is a configured proxy, the last address of X-Forwarded-For that is none.
 * What stands before that address was written by whoever liked to. */
static void set_source_ip(struct api_request *r)
{
    CLEANUP(platform_put) struct platform *platform = NULL;
    const char *forwarded = http_header(&r->http, "X-Forwarded-For");
    char *list, *comma;

    r->source_ip = r->http.peer;
    if (!forwarded || http_header_count(&r->http, "X-Forwarded-For") > 1)
        return;
    platform = api_platform(r);
    list = arena_strdup(r->arena, forwarded);
    while (*list && is_trusted_proxy(platform->config, r->source_ip)) {
        comma = strrchr(list, ',');
        r->source_ip = comma ? comma + 1 : list;
        r->source_ip += strspn(r->source_ip, " \t");
        if (!net_in_range(r->source_ip, r->source_ip)) { /* no address: the proxy's own is the best that is known */
            r->source_ip = r->http.peer;
            return;
        }
        if (comma)
            *comma = '\0';
        else
            list += strlen(list);
    }
}

/* What two readers of the same bytes could understand in two ways is refused (request smuggling, RFC 9112, section 6.3). */
static int check_headers(struct api_request *r, struct err *err)
{
    static const char *const once[] = {"If-Match",          "If-None-Match",   "Host", "Content-Length", "Content-Type", "Authorization",
                                       "Transfer-Encoding", "Idempotency-Key", NULL};
    const char *encoding = http_header(&r->http, "Transfer-Encoding");

    if (!http_header_names_are_tokens(&r->http))
        return err_set(err, ERR_REQUEST, "a header's name is malformed");
    for (const char *const *name = once; *name; name++)
        if (http_header_count(&r->http, *name) > 1)
            return err_set(err, ERR_REQUEST, "header %s stands twice", *name);
    if (encoding && http_header(&r->http, "Content-Length"))
        return err_set(err, ERR_REQUEST, "Content-Length and Transfer-Encoding exclude each other");
    if (encoding && strcasecmp(encoding, "chunked") != 0)
        return err_set(err, ERR_REQUEST, "Transfer-Encoding is chunked or nothing");
    return 0;
}

/* ---- begin ---- */

static int find_route(struct api_request *r, struct err *err)
{
    const char *allow;

    switch (api_route_find(r, &r->route, &allow)) {
    case ROUTE_FOUND:
        return 0;
    case ROUTE_NO_METHOD:
        http_reply_header(&r->http, "Allow", allow);
        return err_set(err, ERR_METHOD, "%.20s is not possible on %.200s, only %s", r->http.method, r->uri.path, allow);
    default:
        return err_set(err, ERR_NOT_FOUND, "there is nothing at %.200s; /openapi.json lists what there is", r->uri.path);
    }
}

static int too_large(const struct api_request *r, struct err *err)
{
    return err_set(err, ERR_TOO_LARGE, "the request body has more than %zu bytes", r->http.body_limit);
}

static bool is_open(const struct api_request *r)
{
    CLEANUP(platform_put) struct platform *platform = NULL;

    if (!(r->route->flags & ROUTE_LOOPBACK))
        return r->route->flags & ROUTE_OPEN;
    platform = api_platform(r);
    return platform->config->metrics_auth ? str_eq(platform->config->metrics_auth, "none") : r->api->on_loopback;
}

static int begin_checked(struct api_request *r, struct err *err)
{
    if (http_stopping(r->http.server))
        return err_set(err, ERR_SHUTDOWN, "the server is stopping");
    if (check_headers(r, err) < 0) { /* where it ends is not known either: nothing behind it is read */
        r->http.ends_connection = true;
        http_reply_header(&r->http, "Connection", "close");
        return -1;
    }
    if (uri_parse(r->http.uri, r->arena, &r->uri, err) < 0 || find_route(r, err) < 0)
        return -1;
    if (r->route->flags & ROUTE_TERRAFORM)
        http_allow_body(&r->http, LIMIT_TERRAFORM_BYTES);
    if (r->http.too_large)
        return too_large(r, err);
    if (is_open(r) ? str_eq(r->http.method, "POST") && api_limit_address(r, err) < 0 : api_authenticate(r, err) < 0)
        return -1;
    return etag_read_condition(r, err) < 0 ? -1 : api_check_query(r, err);
}

static void on_begin(void *ctx, struct http_request *http)
{
    struct api_request *r = (struct api_request *)http;
    struct err err = {0};

    r->api = ctx;
    r->context = &r->api->context;
    r->arena = &r->http.arena;
    r->org = r->context->org;
    metric_add(metric_of(METRIC_HTTP_IN_FLIGHT, NULL, NULL, NULL), 1);
    set_request_id(r);
    set_trace_id(r);
    set_source_ip(r);
    log_set_request(r->id);
    if (begin_checked(r, &err) < 0) {
        if (!r->who && err.code != ERR_SHUTDOWN && err.code != ERR_RATE)
            api_limit_address(r, &err);
        api_problem(r, &err);
    }
    log_set_request(NULL);
}

/* ---- handle and finish ---- */

static void on_handle(void *ctx, struct http_request *http)
{
    struct api_request *r = (struct api_request *)http;
    struct err err = {0};

    (void)ctx;
    log_set_request(r->id);
    if (r->http.refused || r->http.too_large) {
        if (r->http.refused)
            err_set(&err, ERR_SHUTDOWN, "the server is stopping");
        else
            too_large(r, &err);
        api_problem(r, &err);
    } else {
        r->route->handler(r);
    }
    /* A suspended request may already be in other hands. */
    if (!r->http.suspended && !r->http.reply.status) {
        err_set(&err, ERR_INTERNAL, "the handler of %s gave no answer", r->route->operation);
        api_problem(r, &err);
    }
    log_set_request(NULL);
}

static void count_request(const struct api_request *r)
{
    static const char *const classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    const char *route = r->route ? r->route->pattern : "none", *method = r->route ? r->route->method : "none";
    int status = r->http.reply.status / 100;

    metric_count(METRIC_HTTP_REQUESTS, route, method, classes[status >= 1 && status <= 5 ? status : 0]);
    if (!r->http.reply.stream) /* how long somebody listened is no measure of the server */
        metric_observe(metric_of(METRIC_HTTP_DURATION, route, method, NULL), clock_mono_us() - r->http.started_us);
    metric_add(metric_of(METRIC_HTTP_RECEIVED, NULL, NULL, NULL), (int64_t)r->http.swallowed);
    metric_add(metric_of(METRIC_HTTP_SENT, NULL, NULL, NULL), (int64_t)r->http.reply.len);
    metric_add(metric_of(METRIC_HTTP_IN_FLIGHT, NULL, NULL, NULL), -1);
}

static void log_request(const struct api_request *r)
{
    bool probe = r->route && (r->route->flags & ROUTE_OPEN) && str_eq(r->http.method, "GET");
    char status[12], ms[24];

    snprintf(status, sizeof status, "%d", r->http.reply.status);
    snprintf(ms, sizeof ms, "%.1f", (double)(clock_mono_us() - r->http.started_us) / 1000.0);
    log_write(probe && r->http.reply.status < 400 ? LOG_DEBUG : LOG_INFO, "http",
              LOGF({"method", r->http.method}, {"path", r->uri.path ? r->uri.path : "?"}, {"status", status}, {"ms", ms},
                   {"peer", r->source_ip}, {"user", r->user_name ? r->user_name : "-"}, {"trace_id", r->trace_id}),
              "%s", r->route ? r->route->operation : "no route");
}

static void on_finish(void *ctx, struct http_request *http)
{
    struct api_request *r = (struct api_request *)http;

    (void)ctx;
    if (!r->api) /* the headers never came to an end */
        return;
    log_set_request(r->id);
    log_request(r);
    log_set_request(NULL);
    count_request(r);
    if (r->release)
        r->release(r);
    json_decref(r->body);
}

/* ---- the api ---- */

struct platform *api_platform(const struct api_request *r) { return engine_platform(r->context->engine); }

static int start_server(struct api *api, int *out_port, struct err *err)
{
    const struct api_options *o = &api->options;
    struct http_server_options options = {
        .address = o->address,
        .port = o->port,
        .threads = o->threads,
        .connections = o->connections,
        .per_address = o->per_address,
        .body_bytes = o->body_bytes,
        .headers_ms = o->headers_ms,
        .body_ms = o->body_ms,
        .idle_ms = o->idle_ms,
        .stream_ms = o->stream_ms,
        .request_bytes = sizeof(struct api_request),
        .begin = on_begin,
        .handle = on_handle,
        .finish = on_finish,
        .ctx = api,
    };

    return http_server_start(&options, &api->server, out_port, err);
}

/* Streams look whether they may go on. */
static void rights_changed(void *ctx) { feed_wake_all(((struct api *)ctx)->feed); }

int api_start(const struct api_context *context, const struct api_options *options, struct api **out, int *out_port, struct err *err)
{
    struct api *api = mem_zalloc(sizeof *api);

    api->context = *context;
    api->context.org = context->org ? context->org : "default";
    api->options = *options;
    api->on_loopback = !options->address || str_starts(options->address, "127.") || str_eq(options->address, "::1");
    pthread_mutex_init(&api->lock, NULL);
    pthread_cond_init(&api->work_there, NULL);
    pthread_mutex_init(&api->denials.lock, NULL);
    pthread_mutex_init(&api->openapi.lock, NULL);
    api->limiter = limiter_new(LIMIT_RATE_ENTRIES);
    if (feed_start(context->store, context->hub, &api->feed, err) < 0 || api_work_start(api, err) < 0 ||
        start_server(api, out_port, err) < 0) {
        api_stop(api);
        return -1;
    }
    auth_watch(context->auth, rights_changed, api);
    api->options.address = NULL; /* the caller's; not needed any more */
    *out = api;
    return 0;
}

void api_drain(struct api *api)
{
    if (api && api->server)
        http_server_drain(api->server);
}

void api_stop(struct api *api)
{
    if (!api)
        return;
    auth_watch(api->context.auth, NULL, NULL);
    http_server_stop(api->server);
    api_work_stop(api);
    feed_stop(api->feed);
    limiter_free(api->limiter);
    pthread_cond_destroy(&api->work_there);
    pthread_mutex_destroy(&api->lock);
    pthread_mutex_destroy(&api->denials.lock);
    pthread_mutex_destroy(&api->openapi.lock);
    free(api->openapi.text);
    free(api);
}
