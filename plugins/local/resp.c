/* Owns one connection to a Redis server; see resp.h. Every wait ends with the call's deadline or cancel; an answer has limits. */
#include "resp.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define LOOK_MS      100
#define MOST_OPEN_MS 15000       /* and at most half of the call's time */
#define MOST_BYTES   (16u << 20) /* of an answer with all that is in it */
#define MOST_DEPTH   8

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

inno_rc resp_wait(struct resp *r, short events, const char *what)
{
    struct pollfd fds[] = {{.fd = r->fd, .events = events}, {.fd = r->host->cancel_fd(r->call), .events = POLLIN}};

    for (;;) {
        int64_t left = r->host->deadline_ms(r->call);

        if (r->host->canceled(r->call))
            return r->host->fail(r->call, INNO_CANCELED, -1, "%s: stopped", what);
        if (left <= 0)
            return r->host->fail(r->call, INNO_TIMEOUT, -1, "Redis at %s: %s: out of time", r->address, what);
        if (r->open_by_ms && now_ms() >= r->open_by_ms)
            return r->host->fail(r->call, INNO_TRANSIENT, -1, "Redis at %s: %s: no answer within %lld ms", r->address, what,
                                 (long long)r->open_ms);
        if (r->open_by_ms && left > r->open_by_ms - now_ms())
            left = r->open_by_ms > now_ms() ? r->open_by_ms - now_ms() : 1;
        if (poll(fds, 2, (int)(fds[1].fd < 0 && left > LOOK_MS ? LOOK_MS : left < 60000 ? left : 60000)) > 0 && fds[0].revents)
            return INNO_OK;
    }
}

static inno_rc lost(struct resp *r, const char *what, int number)
{
    return r->host->fail(r->call, INNO_TRANSIENT, -1, "Redis at %s: %s: %s", r->address, what,
                         number ? strerror(number) : "the connection was closed");
}

/* ---- connecting ---- */

static inno_rc connect_one(struct resp *r, const struct addrinfo *a)
{
    int number = 0, one = 1;
    socklen_t len = sizeof number;
    inno_rc rc;

    r->fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (r->fd < 0 && (errno == EACCES || errno == EPERM))
        return r->host->fail(r->call, INNO_INVALID_CONFIG, -1,
                             "Redis: this entry may not use the network; add grant: [network] to it in the admin-config");
    if (r->fd < 0)
        return lost(r, "making a socket", errno);
    setsockopt(r->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(r->fd, a->ai_addr, a->ai_addrlen) == 0)
        return INNO_OK;
    if (errno != EINPROGRESS)
        return lost(r, "connecting", errno);
    if ((rc = resp_wait(r, POLLOUT, "connecting")) != INNO_OK)
        return rc;
    if (getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0)
        number = errno;
    return number ? lost(r, "connecting", number) : INNO_OK;
}

void resp_close(struct resp *r)
{
    resp_tls_end(r);
    if (r->fd >= 0)
        close(r->fd);
    explicit_bzero(r->buffer, sizeof r->buffer);
    r->fd = -1;
}

inno_rc resp_open(const inno_host *host, inno_call *call, const struct resp_server *server, struct resp *out)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *found = NULL;
    const char *login[] = {"AUTH", server->user ? server->user : "default", server->password};
    inno_rc rc = INNO_TRANSIENT;
    int number;

    *out = (struct resp){.host = host, .call = call, .fd = -1};
    snprintf(out->address, sizeof out->address, "%.200s:%.10s", server->name, server->port);
    out->open_ms = host->deadline_ms(call) / 2 < MOST_OPEN_MS ? host->deadline_ms(call) / 2 : MOST_OPEN_MS;
    out->open_by_ms = now_ms() + out->open_ms;
    number = getaddrinfo(server->name, server->port, &hints, &found);
    if (number != 0)
        return host->fail(call, INNO_TRANSIENT, -1, "Redis at %s: %s", out->address, gai_strerror(number));
    for (const struct addrinfo *a = found; a && rc == INNO_TRANSIENT; a = a->ai_next) {
        resp_close(out);
        rc = connect_one(out, a);
    }
    freeaddrinfo(found);
    if (rc == INNO_OK && server->ca_file)
        rc = resp_tls_begin(out, server->name, server->ca_file);
    if (rc == INNO_OK && server->password)
        rc = resp_ask(out, "logging in", login, 3, NULL, NULL);
    out->open_by_ms = 0;
    if (rc != INNO_OK)
        resp_close(out);
    return rc;
}

/* ---- sending ---- */

static inno_rc send_all(struct resp *r, const char *what, const char *bytes, size_t len)
{
    while (len) {
        short wants = POLLOUT;
        ssize_t n = r->tls ? resp_tls_write(r, bytes, len, &wants) : send(r->fd, bytes, len, MSG_NOSIGNAL);
        inno_rc rc;

        if (n < 0 && (!wants || (!r->tls && errno != EAGAIN && errno != EINTR)))
            return lost(r, what, errno);
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        } else if (n == 0 && r->tls) {
            return lost(r, what, 0);
        } else if ((rc = resp_wait(r, wants, what)) != INNO_OK) {
            return rc;
        }
    }
    return INNO_OK;
}

static inno_rc send_words(struct resp *r, const char *what, const struct resp_word *words, size_t count)
{
    char head[40];
    inno_rc rc;

    snprintf(head, sizeof head, "*%zu\r\n", count);
    rc = send_all(r, what, head, strlen(head));
    for (size_t i = 0; i < count && rc == INNO_OK; i++) {
        snprintf(head, sizeof head, "$%zu\r\n", words[i].len);
        if ((rc = send_all(r, what, head, strlen(head))) == INNO_OK && (rc = send_all(r, what, words[i].bytes, words[i].len)) == INNO_OK)
            rc = send_all(r, what, "\r\n", 2);
    }
    return rc;
}

/* ---- reading ---- */

static inno_rc next_byte(struct resp *r, const char *what, char *out)
{
    while (r->at == r->len) {
        short wants = POLLIN;
        ssize_t n = r->tls ? resp_tls_read(r, r->buffer, sizeof r->buffer, &wants) : recv(r->fd, r->buffer, sizeof r->buffer, 0);
        inno_rc rc;

        if (n == 0 || (n < 0 && (!wants || (!r->tls && errno != EAGAIN && errno != EINTR))))
            return lost(r, what, n ? errno : 0);
        if (n > 0) {
            r->at = 0;
            r->len = (size_t)n;
        } else if ((rc = resp_wait(r, wants, what)) != INNO_OK) {
            return rc;
        }
    }
    *out = r->buffer[r->at++];
    return INNO_OK;
}

static inno_rc broken(struct resp *r, const char *what)
{
    return r->host->fail(r->call, INNO_FAILED, -1, "Redis at %s: %s: the answer is no RESP, or too large", r->address, what);
}

/* To the end of the line. */
static inno_rc read_line(struct resp *r, const char *what, char *out, size_t cap)
{
    size_t used = 0;
    inno_rc rc;
    char c = 0;

    while ((rc = next_byte(r, what, &c)) == INNO_OK && c != '\n')
        if (c != '\r' && used + 1 < cap)
            out[used++] = c;
    out[used] = '\0';
    return rc;
}

/* Takes what a value needs out of the answer's room. */
static bool has_room(struct resp *r, int64_t count, size_t each)
{
    if (count < 0 || (size_t)count > r->room / each)
        return false;
    r->room -= (size_t)count * each;
    return true;
}

static inno_rc read_text(struct resp *r, const char *what, struct resp_value *v)
{
    inno_rc rc = INNO_OK;
    char ignored;

    if (!has_room(r, v->number, 1))
        return broken(r, what);
    v->len = (size_t)v->number;
    v->text = malloc(v->len + 1);
    if (!v->text)
        return r->host->fail(r->call, INNO_TRANSIENT, -1, "out of memory");
    for (size_t i = 0; i < v->len && rc == INNO_OK; i++)
        rc = next_byte(r, what, &v->text[i]);
    v->text[v->len] = '\0';
    if (rc == INNO_OK && (rc = next_byte(r, what, &ignored)) == INNO_OK)
        rc = next_byte(r, what, &ignored);
    return rc;
}

static inno_rc read_value(struct resp *r, const char *what, int depth, struct resp_value *v)
{
    char line[600];
    inno_rc rc = next_byte(r, what, &v->kind);

    if (rc != INNO_OK || (rc = read_line(r, what, line, sizeof line)) != INNO_OK)
        return rc;
    if (v->kind == '+' || v->kind == '-') {
        v->text = strdup(line);
        return v->text ? INNO_OK : r->host->fail(r->call, INNO_TRANSIENT, -1, "out of memory");
    }
    v->number = strtoll(line, NULL, 10);
    if (v->kind == ':')
        return INNO_OK;
    if (depth > MOST_DEPTH || (v->kind != '$' && v->kind != '*'))
        return broken(r, what);
    if (v->number < 0) {
        v->kind = '_';
        return INNO_OK;
    }
    if (v->kind == '$')
        return read_text(r, what, v);
    if (!has_room(r, v->number, sizeof *v->items))
        return broken(r, what);
    v->items = calloc((size_t)v->number + 1, sizeof *v->items);
    if (!v->items)
        return r->host->fail(r->call, INNO_TRANSIENT, -1, "out of memory");
    for (v->count = 0; rc == INNO_OK && v->count < (size_t)v->number; v->count++)
        rc = read_value(r, what, depth + 1, &v->items[v->count]);
    return rc; /* what was begun is counted, and freed */
}

void resp_free(struct resp_value *v)
{
    for (size_t i = 0; i < v->count; i++)
        resp_free(&v->items[i]);
    free(v->items);
    free(v->text);
    *v = (struct resp_value){0};
}

/* ---- commands ---- */

static inno_rc refused(struct resp *r, const char *what, const char *message)
{
    static const struct {
        const char *start;
        inno_rc code;
    } codes[] = {{"WRONGPASS", INNO_UNAUTHORIZED}, {"NOAUTH", INNO_UNAUTHORIZED},  {"NOPERM", INNO_UNAUTHORIZED},
                 {"LOADING", INNO_TRANSIENT},      {"BUSY", INNO_TRANSIENT},       {"TRYAGAIN", INNO_TRANSIENT},
                 {"CLUSTERDOWN", INNO_TRANSIENT},  {"MASTERDOWN", INNO_TRANSIENT}, {"OOM", INNO_TRANSIENT},
                 {"READONLY", INNO_INVALID_CONFIG}};
    inno_rc code = INNO_FAILED;

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strncmp(message, codes[i].start, strlen(codes[i].start)) == 0)
            code = codes[i].code;
    return r->host->fail(r->call, code, -1, "Redis at %s: %s: %.300s", r->address, what, message);
}

inno_rc resp_ask(struct resp *r, const char *what, const char *const *words, size_t count, struct resp_value *out, bool *refusal)
{
    struct resp_word all[RESP_WORDS];

    if (count > RESP_WORDS)
        return r->host->fail(r->call, INNO_FAILED, -1, "%s: more than %d words", what, RESP_WORDS);
    for (size_t i = 0; i < count; i++)
        all[i] = (struct resp_word){words[i], strlen(words[i])};
    return resp_send(r, what, all, count, out, refusal);
}

inno_rc resp_send(struct resp *r, const char *what, const struct resp_word *words, size_t count, struct resp_value *out, bool *refusal)
{
    struct resp_value value = {0};
    inno_rc rc = send_words(r, what, words, count);

    r->room = MOST_BYTES;
    if (rc == INNO_OK)
        rc = read_value(r, what, 0, &value);
    if (refusal)
        *refusal = rc == INNO_OK && value.kind == '-';
    if (rc == INNO_OK && value.kind == '-' && !refusal)
        rc = refused(r, what, value.text);
    if (rc == INNO_OK && out)
        *out = value;
    else
        resp_free(&value);
    return rc;
}
