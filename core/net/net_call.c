/* Owns one exchange: its libcurl handle, what it has received, how its end becomes an answer or an error. Runs on the net's thread,
 * but for net_call_new, which runs on the caller's. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/net_priv.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_ANSWER_HEADERS 128

const char *net_header_value(const struct net_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (strcasecmp(response->headers[i].name, name) == 0)
            return response->headers[i].value;
    return NULL;
}

void net_response_fini(struct net_response *response)
{
    for (size_t i = 0; i < response->header_count; i++) {
        free((char *)response->headers[i].name);
        free((char *)response->headers[i].value);
    }
    free(response->headers);
    free(response->body);
    *response = (struct net_response){0};
}

static bool is_success(struct net_call *call)
{
    long status = 0;

    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct net_call *call = ctx;
    size_t len = size * count;

    if (atomic_load(&call->cancel))
        return 0;
    if (call->on_chunk && is_success(call)) {
        if (call->on_chunk(call->ctx, bytes, len) != 0) {
            call->stopped = true;
            return 0;
        }
        return len;
    }
    buf_add(&call->answer, bytes, len);
    return call->answer.overflow ? 0 : len;
}

static void drop_headers(struct net_response *response)
{
    for (size_t i = 0; i < response->header_count; i++) {
        free((char *)response->headers[i].name);
        free((char *)response->headers[i].value);
    }
    response->header_count = 0;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *ctx)
{
    struct net_call *call = ctx;
    struct net_response *response = &call->response;
    size_t len = size * count, end = len, name_len = 0;
    char *name;

    while (end > 0 && isspace((unsigned char)bytes[end - 1]))
        end--;
    if (end >= 5 && memcmp(bytes, "HTTP/", 5) == 0) { /* a new status line: what came before was a 1xx */
        drop_headers(response);
        return len;
    }
    while (name_len < end && bytes[name_len] != ':')
        name_len++;
    if (name_len == end || response->header_count == MAX_ANSWER_HEADERS)
        return len;
    if (!response->headers)
        response->headers = mem_array(MAX_ANSWER_HEADERS, sizeof *response->headers);
    name = mem_strndup(bytes, name_len);
    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    for (name_len++; name_len < end && isspace((unsigned char)bytes[name_len]); name_len++)
        ;
    response->headers[response->header_count++] =
        (struct net_header){.name = name, .value = name_len < end ? mem_strndup(bytes + name_len, end - name_len) : mem_strdup("")};
    return len;
}

static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct net_call *call = ctx;

    (void)purpose;
    if (!call->allow->proxy && !net_allow_address(call->allow, call->trust, call->match, call->target.port, &address->addr)) {
        const void *bytes = address->family == AF_INET
                                ? (const void *)&((const struct sockaddr_in *)(const void *)&address->addr)->sin_addr
                                : (const void *)&((const struct sockaddr_in6 *)(const void *)&address->addr)->sin6_addr;

        call->refused = true;
        inet_ntop(address->family, bytes, call->refused_address, sizeof call->refused_address);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int on_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    struct net_call *call = ctx;

    (void)total, (void)now, (void)up_total, (void)up_now;
    return atomic_load(&call->cancel) ? 1 : 0;
}

/* A header's name is a token, its value has no line break: nothing of ours can grow a second header (RFC 9110, 5.1 and 5.5). */
static bool header_ok(const struct net_header *header)
{
    static const char extra[] = "!#$%&'*+-.^_`|~";

    if (!header->name || !header->name[0] || !header->value)
        return false;
    for (const char *c = header->name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr(extra, *c))
            return false;
    for (const char *c = header->value; *c; c++)
        if ((unsigned char)*c < 0x20 && *c != '\t')
            return false;
    return true;
}

static void add_header(struct net_call *call, const char *line)
{
    struct curl_slist *longer = curl_slist_append(call->headers, line);

    if (!longer)
        mem_die(strlen(line));
    call->headers = longer;
}

static int add_headers(struct net_call *call, const struct net_request *request, struct err *err)
{
    bool typed = false;

    add_header(call, "Expect:");
    for (size_t i = 0; i < request->header_count; i++) {
        const struct net_header *header = &request->headers[i];
        CLEANUP(free_ptr) char *line = NULL;

        if (!header_ok(header))
            return err_set(err, ERR_BAD_VALUE, "HTTP header \"%.60s\" is not well formed", header->name ? header->name : "");
        line = header->value[0] ? mem_printf("%s: %s", header->name, header->value) : mem_printf("%s;", header->name);
        typed = typed || strcasecmp(header->name, "content-type") == 0;
        add_header(call, line);
    }
    if (!typed)
        add_header(call, "Content-Type:"); /* keeps libcurl's own guess away */
    return 0;
}

#define SET(option, value)                                                                                                                 \
    do {                                                                                                                                   \
        if (curl_easy_setopt(call->easy, option, value) != CURLE_OK)                                                                       \
            return err_set(err, ERR_INTERNAL, "libcurl refused option " #option);                                                          \
    } while (0)

static int set_limits(struct net_call *call, const struct net_request *request, struct err *err)
{
    int64_t timeout = request->timeout_ms == 0 ? 30000 : request->timeout_ms < 0 ? 0 : request->timeout_ms;

    SET(CURLOPT_TIMEOUT_MS, (long)timeout);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(request->connect_ms > 0 ? request->connect_ms : 10000));
    if (request->idle_ms > 0) {
        SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
        SET(CURLOPT_LOW_SPEED_TIME, (long)((request->idle_ms + 999) / 1000));
    }
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, call->allow->proxy ? call->allow->proxy : ""); /* "" keeps libcurl from reading the environment */
    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (request->ca_pem) {
        struct curl_blob pem = {.data = (void *)(uintptr_t)request->ca_pem, .len = strlen(request->ca_pem), .flags = CURL_BLOB_COPY};

        SET(CURLOPT_CAINFO_BLOB, &pem);
    }
    if (call->trust != NET_TRUSTED) { /* a connection that another request was allowed to make is not this one's */
        SET(CURLOPT_FRESH_CONNECT, 1L);
        SET(CURLOPT_FORBID_REUSE, 1L);
    }
    return 0;
}

static int set_method(struct net_call *call, const struct net_request *request, struct err *err)
{
    const char *method = request->method ? request->method : "GET";

    for (const char *c = method; *c; c++)
        if (!isalpha((unsigned char)*c) || strlen(method) > 20)
            return err_set(err, ERR_BAD_VALUE, "\"%.20s\" is no HTTP method", method);
    if (request->body) {
        call->body = mem_alloc(request->body_len + 1);
        memcpy(call->body, request->body, request->body_len);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        SET(CURLOPT_POSTFIELDS, call->body);
    } else if (str_eq(method, "HEAD")) {
        SET(CURLOPT_NOBODY, 1L);
        return 0;
    } else if (str_eq(method, "POST") || str_eq(method, "PUT") || str_eq(method, "PATCH")) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
        SET(CURLOPT_POSTFIELDS, "");
    }
    SET(CURLOPT_CUSTOMREQUEST, method);
    return 0;
}

static int set_callbacks(struct net_call *call, const char *url, struct err *err)
{
    SET(CURLOPT_URL, url);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_PRIVATE, call);
    SET(CURLOPT_ERRORBUFFER, call->reason);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, call);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, call);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
    SET(CURLOPT_OPENSOCKETDATA, call);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, call);
    SET(CURLOPT_HTTPHEADER, call->headers);
    return 0;
}

static void call_put(struct net_call **call) { net_call_free(*call); }

int net_call_new(struct net *net, struct net_allow *allow, const struct net_request *request, struct net_call **out, struct err *err)
{
    CLEANUP(call_put) struct net_call *call = mem_zalloc(sizeof *call);

    call->net = net;
    call->allow = net_allow_ref(allow);
    call->trust = request->trust;
    call->on_chunk = request->on_chunk;
    call->max_bytes = request->max_bytes ? request->max_bytes : LIMIT_HTTP_CLIENT_BYTES;
    call->answer = BUF_INIT(call->max_bytes);
    if (net_target_parse(request->url, &call->target, err) < 0 || net_allow_target(allow, request->trust, &call->target, err) < 0)
        return -1;
    call->match = net_allow_host(allow, &call->target);
    call->easy = curl_easy_init();
    if (!call->easy)
        mem_die(sizeof *call);
    if (add_headers(call, request, err) < 0 || set_limits(call, request, err) < 0 || set_method(call, request, err) < 0 ||
        set_callbacks(call, request->url, err) < 0)
        return -1;
    *out = take_ptr(call);
    return 0;
}

void net_call_free(struct net_call *call)
{
    if (!call)
        return;
    if (call->easy) { /* without one, libcurl may not be there */
        curl_easy_cleanup(call->easy);
        curl_slist_free_all(call->headers);
    }
    free(call->body);
    buf_fini(&call->answer);
    net_response_fini(&call->response);
    net_allow_unref(call->allow);
    free(call);
}

static int call_error(const struct net_call *call, CURLcode result, enum err_code forced, struct err *err)
{
    const struct net_target *at = &call->target;
    const char *reason = call->reason[0] ? call->reason : curl_easy_strerror(result);

    if (forced == ERR_SHUTDOWN)
        return err_set(err, ERR_SHUTDOWN, "the server is stopping");
    if (atomic_load(&call->cancel) || call->stopped)
        return err_set(err, ERR_CANCELED, "the request to %s:%d was canceled", at->host, at->port);
    if (result == CURLE_OK)
        return 0;
    if (call->answer.overflow)
        return err_set(err, ERR_TOO_LARGE, "the answer of %s:%d has more than %zu bytes", at->host, at->port, call->max_bytes);
    if (call->refused)
        return err_set(err, ERR_HOST_NOT_ALLOWED, "%s:%d is %s, which network.allow does not list", at->host, at->port,
                       call->refused_address);
    if (result == CURLE_OPERATION_TIMEDOUT)
        return err_set(err, ERR_TIMEOUT, "%s:%d did not answer in time", at->host, at->port);
    if (result == CURLE_URL_MALFORMAT)
        return err_set(err, ERR_BAD_VALUE, "the URL for %s:%d cannot be used", at->host, at->port);
    return err_set(err, ERR_BACKEND_DOWN, "%s://%s:%d: %.200s", at->scheme, at->host, at->port, reason);
}

void net_call_finish(struct net_call *call, CURLcode result, enum err_code forced)
{
    struct err err = {0};
    long status = 0;

    if (call_error(call, result, forced, &err) == 0 && err.code == ERR_NONE) {
        curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
        call->response.status = (int)status;
        call->response.len = call->answer.len;
        call->response.body = call->answer.data ? buf_take(&call->answer) : mem_strdup("");
        call->done(call->ctx, &call->response, &err);
        return;
    }
    call->done(call->ctx, NULL, &err);
}
