/* Owns libmicrohttpd: its callbacks become begin, body, handle, reply (http_server.h). Everything here runs on the HTTP threads but for
 * start, stop, http_resume and http_stopping. */
#include "api/http_priv.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define SPARE_FILES      256
#define SEND_US          (2 * US_PER_SEC) /* how long stopping waits for answers on their way */
#define CONNECTION_BYTES (12u << 10)
#define SWALLOW_TIMES    16 /* a body of unknown length may go on this many times over the limit before the connection is cut */

/* ---- headers ---- */

const char *http_header(struct http_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

struct counting {
    const char *name;
    unsigned count;
};

static enum MHD_Result count_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct counting *counting = ctx;

    (void)kind, (void)value;
    counting->count += strcasecmp(name, counting->name) == 0;
    return MHD_YES;
}

unsigned http_header_count(struct http_request *r, const char *name)
{
    struct counting counting = {.name = name};

    MHD_get_connection_values(r->connection, MHD_HEADER_KIND, count_header, &counting);
    return counting.count;
}

static enum MHD_Result check_name(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    bool *tokens = ctx;

    (void)kind, (void)value;
    *tokens = *tokens && name[0] && !name[strspn(name, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")];
    return MHD_YES;
}

bool http_header_names_are_tokens(struct http_request *r)
{
    bool tokens = true;

    MHD_get_connection_values(r->connection, MHD_HEADER_KIND, check_name, &tokens);
    return tokens;
}

/* ---- replies ---- */

void http_reply(struct http_request *r, int status, const char *content_type, char *body, size_t len)
{
    if (r->reply.status) {
        free(body);
        return;
    }
    r->reply.status = status;
    r->reply.content_type = content_type;
    r->reply.body = body;
    r->reply.len = len;
}

void http_reply_header(struct http_request *r, const char *name, const char *value)
{
    struct http_header *header, **tail = &r->reply.headers;

    if (!value)
        return;
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return;
    header = arena_alloc(&r->arena, sizeof *header);
    header->name = arena_strdup(&r->arena, name);
    header->value = arena_strdup(&r->arena, value);
    while (*tail)
        tail = &(*tail)->next;
    *tail = header;
}

/* Moves the request on in the counts that http_server_stop waits for. */
static void count(struct http_request *r, bool busy, bool sending)
{
    struct http_server *s = r->server;

    if (r->busy == busy && r->sending == sending)
        return;
    pthread_mutex_lock(&s->lock);
    s->busy += (unsigned)busy - (unsigned)r->busy;
    s->sending += (unsigned)sending - (unsigned)r->sending;
    if (s->busy == 0 || s->sending == 0)
        pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->lock);
    r->busy = busy;
    r->sending = sending;
}

static enum MHD_Result send_reply(struct http_request *r)
{
    struct MHD_Response *response;
    enum MHD_Result queued;

    count(r, false, true);
    response = http_response(r);
    if (!response)
        return MHD_NO;
    if (!r->reply.stream)
        http_conn_phase(r->server, r->conn, HTTP_REPLYING);
    queued = MHD_queue_response(r->connection, (unsigned)r->reply.status, response);
    MHD_destroy_response(response);
    return queued;
}

/* ---- suspending ---- */

void http_suspend(struct http_request *r)
{
    r->suspended = true;
    r->again = NULL;
    MHD_suspend_connection(r->connection);
}

void http_resume(struct http_request *r) { MHD_resume_connection(r->connection); }

/* ---- the way of a request ---- */

/* After a callback has run: what it left decides. Nothing of a suspended request may be touched: it may be in another thread's hands. */
static enum MHD_Result proceed(struct http_request *r)
{
    while (!r->suspended && !r->reply.status && r->again) {
        void (*again)(struct http_request *) = r->again;

        r->again = NULL;
        again(r);
    }
    if (r->suspended)
        return MHD_YES;
    return r->reply.status ? send_reply(r) : MHD_NO;
}

static void read_length(struct http_request *r)
{
    const char *text = http_header(r, "Content-Length");
    int64_t bytes = 0;

    r->has_body = http_header(r, "Transfer-Encoding") != NULL;
    if (!text)
        return;
    if (!str_to_int(text, &bytes) || bytes < 0)
        bytes = INT64_MAX; /* libmicrohttpd refuses what is no number; what is left is too large for one */
    r->declared_bytes = (uint64_t)bytes;
    r->has_body = r->has_body || bytes > 0;
}

void http_allow_body(struct http_request *r, size_t bytes)
{
    r->body_limit = bytes;
    r->too_large = r->declared_bytes > bytes;
    r->body = BUF_INIT(bytes + 1);
}

static enum MHD_Result on_headers(struct http_request *r)
{
    struct http_server *s = r->server;

    r->begun = true;
    read_length(r);
    http_allow_body(r, s->options.body_bytes);
    s->options.begin(s->options.ctx, r);
    if (r->reply.status && (r->too_large || r->ends_connection || !r->has_body)) {
        if (r->has_body || r->ends_connection)
            http_linger(s, r->conn->fd);
        return send_reply(r);
    }
    http_conn_phase(s, r->conn, HTTP_BODY);
    return MHD_YES;
}

static enum MHD_Result on_body(struct http_request *r, const char *bytes, size_t len)
{
    size_t most = r->body_limit;

    r->swallowed += len;
    if (r->swallowed / SWALLOW_TIMES > most)
        return MHD_NO;
    if (r->swallowed > most) {
        r->too_large = true;
        buf_fini(&r->body);
        r->body = BUF_INIT(1);
    } else if (!r->reply.status) {
        buf_add(&r->body, bytes, len);
    }
    return MHD_YES;
}

static enum MHD_Result on_complete(struct http_request *r)
{
    struct http_server *s = r->server;

    if (r->handled) { /* resumed */
        r->suspended = false;
        return proceed(r);
    }
    r->handled = true;
    if (!r->reply.status) {
        pthread_mutex_lock(&s->lock);
        r->refused = s->stopping;
        if (!r->refused) {
            s->busy++;
            r->busy = true;
        }
        pthread_mutex_unlock(&s->lock);
        http_conn_phase(s, r->conn, HTTP_HANDLING);
        s->options.handle(s->options.ctx, r);
    }
    return proceed(r);
}

static enum MHD_Result on_access(void *ctx, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                                 const char *data, size_t *data_len, void **con_cls)
{
    struct http_request *r = *con_cls;
    enum MHD_Result result;

    (void)ctx, (void)connection, (void)url, (void)version;
    if (!r)
        return MHD_NO;
    if (!r->begun) {
        r->method = method;
        return on_headers(r);
    }
    if (*data_len == 0)
        return on_complete(r);
    result = on_body(r, data, *data_len);
    *data_len = 0;
    return result;
}

/* libmicrohttpd would take the query apart into the connection's little memory, which we do ourselves; parameters that do not fit there
 * leave a request that is neither answered nor ended. So it gets to see none: the target has been copied. */
static void hide_query(const char *target)
{
    char *mark = strchr(target, '?');

    if (mark)
        mark[1] = '\0';
}

static void end_request(struct http_server *s, struct http_request *r)
{
    r->conn->request = NULL;
    count(r, false, false);
    s->options.finish(s->options.ctx, r);
    free(r->reply.body);
    buf_fini(&r->body);
    arena_fini(&r->arena);
    free(r);
}

/* The request line has been read: here a request begins. */
static void *on_uri(void *ctx, const char *uri, struct MHD_Connection *connection)
{
    struct http_server *s = ctx;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct http_request *r;

    if (((struct http_conn *)info->socket_context)->request) /* one that libmicrohttpd has forgotten */
        end_request(s, ((struct http_conn *)info->socket_context)->request);
    r = mem_zalloc(s->options.request_bytes);
    r->server = s;
    r->connection = connection;
    r->conn = info->socket_context;
    r->conn->request = r;
    r->uri = arena_strdup(&r->arena, uri);
    hide_query(uri);
    r->started_us = clock_mono_us();
    memcpy(r->peer, r->conn->peer, sizeof r->peer);
    if (r->conn->phase == HTTP_IDLE) /* a further request's headers have as long as the first one's */
        http_conn_phase(s, r->conn, HTTP_HEADERS);
    return r;
}

static void on_finished(void *ctx, struct MHD_Connection *connection, void **con_cls, enum MHD_RequestTerminationCode why)
{
    struct http_server *s = ctx;
    struct http_request *r = *con_cls;
    struct http_conn *conn;

    (void)connection, (void)why;
    if (!r)
        return;
    *con_cls = NULL;
    conn = r->conn;
    end_request(s, r);
    http_conn_phase(s, conn, HTTP_IDLE);
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **socket_ctx, enum MHD_ConnectionNotificationCode what)
{
    struct http_conn *conn = *socket_ctx;

    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *socket_ctx = http_conn_new(ctx, MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd,
                                    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
    else if (conn) {
        if (conn->request)
            end_request(conn->request->server, conn->request);
        http_conn_free(conn);
    }
}

static void on_log(void *ctx, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static void on_log(void *ctx, const char *fmt, va_list ap)
{
    char text[256];

    (void)ctx;
    vsnprintf(text, sizeof text, fmt, ap);
    text[strcspn(text, "\r\n")] = '\0';
    log_debug("http", "%s", text);
}

/* ---- start and stop ---- */

/* Store, plugins and files need descriptors too. */
static unsigned most_connections(unsigned wanted)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur == RLIM_INFINITY || wanted + SPARE_FILES <= files.rlim_cur)
        return wanted;
    return files.rlim_cur > 2 * SPARE_FILES ? (unsigned)files.rlim_cur - SPARE_FILES : (unsigned)files.rlim_cur / 2 + 1;
}

static void fill_defaults(struct http_server *s, const struct http_server_options *given)
{
    struct http_server_options *o = &s->options;

    *o = *given;
    o->address = NULL;
    o->threads = o->threads ? o->threads : 2;
    o->connections = most_connections(o->connections ? o->connections : LIMIT_HTTP_CONNECTIONS);
    o->body_bytes = o->body_bytes ? o->body_bytes : LIMIT_BODY_BYTES;
    s->durations_us[HTTP_HEADERS] = (o->headers_ms ? o->headers_ms : 10000) * US_PER_MS;
    s->durations_us[HTTP_BODY] = (o->body_ms ? o->body_ms : 30000) * US_PER_MS;
    s->durations_us[HTTP_REPLYING] = (o->reply_ms ? o->reply_ms : 120000) * US_PER_MS;
    s->durations_us[HTTP_STREAMING] = (o->stream_ms ? o->stream_ms : 30000) * US_PER_MS;
    s->durations_us[HTTP_IDLE] = (o->idle_ms ? o->idle_ms : 60000) * US_PER_MS;
}

static struct MHD_Daemon *start_daemon(struct http_thread *thread)
{
    struct http_server *s = thread->server;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)on_log, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, 2 * (intptr_t)s->options.connections, NULL}, /* ours counts; its own one forgets later than we do */
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_uri, s},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_finished, s},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, thread},
        {MHD_OPTION_END, 0, NULL},
    };

    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
                                MHD_USE_ERROR_LOG,
                            0, NULL, NULL, on_access, s, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

static int start_threads(struct http_server *s, struct err *err)
{
    s->threads = mem_array(s->options.threads, sizeof *s->threads);
    for (unsigned i = 0; i < s->options.threads; i++) {
        s->threads[i].server = s;
        s->threads[i].daemon = start_daemon(&s->threads[i]);
        if (!s->threads[i].daemon)
            return err_set(err, ERR_INTERNAL, "cannot start the HTTP threads");
    }
    return http_accept_start(s, err);
}

/* Everything is closed; nothing is waited for. */
static void close_server(struct http_server *s)
{
    http_accept_stop(s);
    for (unsigned i = 0; s->threads && i < s->options.threads; i++)
        if (s->threads[i].daemon)
            MHD_stop_daemon(s->threads[i].daemon);
    http_timer_stop(s);
    http_accept_close(s);
    free(s->threads);
    free(s);
}

int http_server_start(const struct http_server_options *options, struct http_server **out, int *out_port, struct err *err)
{
    struct http_server *s = mem_zalloc(sizeof *s);
    int port;

    s->listen_fd = s->accept_wake = -1;
    fill_defaults(s, options);
    if (http_listen(options->address ? options->address : "127.0.0.1", options->port, &s->listen_fd, &port, err) < 0 ||
        http_timer_start(s, err) < 0) {
        http_accept_close(s);
        free(s);
        return -1;
    }
    if (start_threads(s, err) < 0) {
        close_server(s);
        return -1;
    }
    *out_port = port;
    *out = s;
    return 0;
}

bool http_stopping(struct http_server *s)
{
    bool stopping;

    pthread_mutex_lock(&s->lock);
    stopping = s->stopping;
    pthread_mutex_unlock(&s->lock);
    return stopping;
}

void http_server_drain(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_mutex_unlock(&s->lock);
    http_unpark_all(s);
}

void http_server_stop(struct http_server *s)
{
    int64_t until;

    if (!s)
        return;
    http_server_drain(s);
    pthread_mutex_lock(&s->lock);
    while (s->busy)
        pthread_cond_wait(&s->quiet, &s->lock);
    until = clock_mono_us() + SEND_US;
    while (s->sending && clock_mono_us() < until) { /* a client that does not read is not waited for */
        struct timespec at = {.tv_sec = (time_t)(until / US_PER_SEC), .tv_nsec = (long)(until % US_PER_SEC) * 1000};

        pthread_cond_timedwait(&s->quiet, &s->lock, &at);
    }
    pthread_mutex_unlock(&s->lock);
    close_server(s);
}
