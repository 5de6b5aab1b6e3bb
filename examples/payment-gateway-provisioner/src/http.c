/* The client; see http.h. No state between requests. */
#include "http.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct exchange {
    const struct http_request *request;
    struct http_answer *answer;
    int fd;
    int64_t deadline_ms; /* monotonic */
    char *bytes;         /* what has come so far */
    size_t used;
};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((format(printf, 3, 4))) static enum http_outcome give_up(struct exchange *x, enum http_outcome outcome, const char *format,
                                                                       ...)
{
    const struct http_endpoint *to = x->request->endpoint;
    int used = snprintf(x->answer->why, sizeof x->answer->why, "%.200s:%s: ", to->host, to->port);
    va_list args;

    va_start(args, format);
    vsnprintf(x->answer->why + used, sizeof x->answer->why - (size_t)used, format, args);
    va_end(args);
    return outcome;
}

/* ---- endpoint ---- */

int http_parse_endpoint(const char *url, struct http_endpoint *out, char *why, size_t why_size)
{
    const char *at = url, *end, *colon = NULL;
    size_t host_len, port_len = 0, base_len;

    if (strncmp(url, "http://", 7) != 0) {
        snprintf(why, why_size, "must start with http:// (for https put a TLS proxy on loopback before the gateway)");
        return -1;
    }
    at += 7;
    end = at + strcspn(at, "/?#");
    if (*at == '[') { /* an IPv6 address */
        const char *close = memchr(at, ']', (size_t)(end - at));

        at++;
        host_len = close ? (size_t)(close - at) : 0;
        if (close && close[1] == ':')
            colon = close + 1;
    } else {
        colon = memchr(at, ':', (size_t)(end - at));
        host_len = (size_t)((colon ? colon : end) - at);
    }
    if (colon)
        port_len = (size_t)(end - colon - 1);
    base_len = strlen(end);
    while (base_len && end[base_len - 1] == '/')
        base_len--;
    if (host_len == 0 || host_len >= sizeof out->host || memchr(at, '@', host_len) || (colon && (port_len < 1 || port_len > 5)) ||
        strcspn(end, "?#") != strlen(end) || base_len >= sizeof out->base || strpbrk(url, " \t\r\n")) {
        snprintf(why, why_size, "must be like http://127.0.0.1:9090");
        return -1;
    }
    snprintf(out->host, sizeof out->host, "%.*s", (int)host_len, at);
    snprintf(out->port, sizeof out->port, "%.*s", port_len ? (int)port_len : 2, port_len ? colon + 1 : "80");
    snprintf(out->base, sizeof out->base, "%.*s", (int)base_len, end);
    if (strspn(out->port, "0123456789") != strlen(out->port) || atoi(out->port) < 1 || atoi(out->port) > 65535) {
        snprintf(why, why_size, "has no valid port");
        return -1;
    }
    return 0;
}

/* ---- connection ---- */

/* Waits until the socket is ready for `events`, the deadline or cancel. */
static enum http_outcome wait_for(struct exchange *x, short events, const char *what)
{
    struct pollfd fds[2] = {{x->fd, events, 0}, {x->request->cancel_fd, POLLIN, 0}};

    for (;;) {
        int64_t left = x->deadline_ms - now_ms();
        int n;

        if (left <= 0)
            return give_up(x, HTTP_TIMED_OUT, "no answer in time (%s)", what);
        n = poll(fds, x->request->cancel_fd >= 0 ? 2 : 1, left > 60000 ? 60000 : (int)left);
        if (n < 0 && errno != EINTR)
            return give_up(x, HTTP_UNREACHABLE, "%s", strerror(errno));
        if (n > 0 && fds[1].revents)
            return give_up(x, HTTP_CANCELED, "stopped");
        if (n > 0 && fds[0].revents)
            return HTTP_ANSWERED;
    }
}

static enum http_outcome connect_one(struct exchange *x, const struct addrinfo *address)
{
    enum http_outcome outcome;
    socklen_t size = sizeof(int);
    int failure = 0;

    x->fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (x->fd < 0)
        return give_up(x, HTTP_UNREACHABLE, "%s", strerror(errno));
    if (connect(x->fd, address->ai_addr, address->ai_addrlen) == 0)
        return HTTP_ANSWERED;
    failure = errno;
    if (failure == EINPROGRESS) {
        outcome = wait_for(x, POLLOUT, "connecting");
        if (outcome != HTTP_ANSWERED)
            return outcome;
        if (getsockopt(x->fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0)
            failure = errno;
    }
    return failure == 0 ? HTTP_ANSWERED : give_up(x, HTTP_UNREACHABLE, "%s", strerror(failure));
}

/* A numeric address needs no resolver (and no file that a resolver reads); a name is looked up. */
static enum http_outcome connect_any(struct exchange *x)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV}, *list = NULL;
    const struct http_endpoint *to = x->request->endpoint;
    enum http_outcome outcome = HTTP_UNREACHABLE;
    int rc = getaddrinfo(to->host, to->port, &hints, &list);

    if (rc == EAI_NONAME) {
        hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
        rc = getaddrinfo(to->host, to->port, &hints, &list);
    }
    if (rc != 0)
        return give_up(x, HTTP_UNREACHABLE, "%s", gai_strerror(rc));
    for (const struct addrinfo *at = list; at && outcome == HTTP_UNREACHABLE; at = at->ai_next) {
        if (x->fd >= 0)
            close(x->fd);
        outcome = connect_one(x, at);
    }
    freeaddrinfo(list);
    return outcome;
}

static enum http_outcome send_all(struct exchange *x, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(x->fd, bytes, len, MSG_NOSIGNAL);

        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return give_up(x, HTTP_UNREACHABLE, "%s", strerror(errno));
        } else if (len) {
            enum http_outcome outcome = wait_for(x, POLLOUT, "sending");

            if (outcome != HTTP_ANSWERED)
                return outcome;
        }
    }
    return HTTP_ANSWERED;
}

static enum http_outcome send_request(struct exchange *x)
{
    const struct http_request *r = x->request;
    size_t body_len = r->body ? strlen(r->body) : 0, size = strlen(r->path) + (r->token ? strlen(r->token) : 0) + 2048;
    char *head = malloc(size);
    int ipv6 = strchr(r->endpoint->host, ':') != NULL;
    enum http_outcome outcome;
    int len;

    if (!head)
        return give_up(x, HTTP_NO_MEMORY, "out of memory");
    len = snprintf(
        head, size,
        "%s %s%s HTTP/1.1\r\nHost: %s%s%s:%s\r\nConnection: close\r\nAccept: application/json\r\nContent-Length: %zu\r\n%s%s%s%s%s%s%s\r\n",
        r->method, r->endpoint->base, r->path, ipv6 ? "[" : "", r->endpoint->host, ipv6 ? "]" : "", r->endpoint->port, body_len,
        r->body ? "Content-Type: application/json\r\n" : "", r->token ? "Authorization: Bearer " : "", r->token ? r->token : "",
        r->token ? "\r\n" : "", r->idempotency_key ? "Idempotency-Key: " : "", r->idempotency_key ? r->idempotency_key : "",
        r->idempotency_key ? "\r\n" : "");
    outcome = len > 0 && (size_t)len < size ? send_all(x, head, (size_t)len) : give_up(x, HTTP_NO_MEMORY, "the request is too long");
    explicit_bzero(head, size);
    free(head);
    return outcome == HTTP_ANSWERED && body_len ? send_all(x, r->body, body_len) : outcome;
}

/* Reads until the server closes, which "Connection: close" asks for. */
static enum http_outcome receive_all(struct exchange *x)
{
    for (;;) {
        ssize_t n = recv(x->fd, x->bytes + x->used, HTTP_MAX_ANSWER_BYTES - x->used, 0);

        if (n == 0)
            return HTTP_ANSWERED;
        if (n > 0) {
            x->used += (size_t)n;
            if (x->used == HTTP_MAX_ANSWER_BYTES)
                return give_up(x, HTTP_BAD_ANSWER, "the answer exceeds %d bytes", HTTP_MAX_ANSWER_BYTES);
        } else if (errno == EAGAIN || errno == EINTR) {
            enum http_outcome outcome = wait_for(x, POLLIN, "receiving");

            if (outcome != HTTP_ANSWERED)
                return outcome;
        } else {
            return give_up(x, HTTP_UNREACHABLE, "%s", strerror(errno));
        }
    }
}

/* ---- answer ---- */

/* The value of a header line in the head (which ends with a NUL), NULL when there is none. */
static const char *header(const char *head, const char *name)
{
    size_t len = strlen(name);

    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':')
            return line + 3 + len + strspn(line + 3 + len, " \t");
    return NULL;
}

/* Joins the chunks of a chunked body in place (RFC 9112, 7.1). Returns the length, -1 when it is broken or cut off. */
static long join_chunks(char *body, size_t len)
{
    size_t in = 0, out = 0;

    for (;;) {
        char *end;
        unsigned long chunk;

        if (in >= len || !isxdigit((unsigned char)body[in]))
            return -1;
        chunk = strtoul(body + in, &end, 16);
        end = strstr(end, "\r\n");
        if (!end)
            return -1;
        in = (size_t)(end + 2 - body);
        if (chunk == 0)
            return (long)out;
        if (chunk > len || in + chunk + 2 > len || memcmp(body + in + chunk, "\r\n", 2) != 0)
            return -1;
        memmove(body + out, body + in, chunk);
        out += chunk;
        in += chunk + 2;
    }
}

static enum http_outcome take_answer(struct exchange *x)
{
    char *body, *end;
    const char *length, *coding;
    size_t len;
    long status;

    x->bytes[x->used] = '\0';
    body = strstr(x->bytes, "\r\n\r\n");
    if (!body)
        return x->used == 0 ? give_up(x, HTTP_UNREACHABLE, "closed the connection without an answer")
                            : give_up(x, HTTP_BAD_ANSWER, "the answer is no HTTP");
    *body = '\0';
    body += 4;
    len = x->used - (size_t)(body - x->bytes);
    status = strncmp(x->bytes, "HTTP/1.", 7) == 0 && strlen(x->bytes) >= 12 ? strtol(x->bytes + 9, &end, 10) : 0;
    if (status < 200 || status > 599)
        return give_up(x, HTTP_BAD_ANSWER, "the answer is no HTTP");
    coding = header(x->bytes, "Transfer-Encoding");
    length = header(x->bytes, "Content-Length");
    if (coding) {
        long joined = strncasecmp(coding, "chunked", 7) == 0 ? join_chunks(body, len) : -1;

        if (joined < 0)
            return give_up(x, HTTP_UNREACHABLE, "the answer was cut off");
        len = (size_t)joined;
    } else if (length) {
        unsigned long long told = strtoull(length, &end, 10);

        if (!isdigit((unsigned char)*length) || told > len)
            return give_up(x, HTTP_UNREACHABLE, "the answer was cut off");
        len = (size_t)told;
    }
    memmove(x->bytes, body, len);
    x->bytes[len] = '\0';
    x->answer->status = (int)status;
    x->answer->len = len;
    x->answer->body = x->bytes;
    x->bytes = NULL;
    return HTTP_ANSWERED;
}

enum http_outcome http_send(const struct http_request *request, struct http_answer *out)
{
    struct exchange x = {.request = request, .answer = out, .fd = -1, .deadline_ms = now_ms() + request->timeout_ms};
    enum http_outcome outcome;

    *out = (struct http_answer){0};
    x.bytes = malloc(HTTP_MAX_ANSWER_BYTES + 1);
    if (!x.bytes)
        return give_up(&x, HTTP_NO_MEMORY, "out of memory");
    outcome = connect_any(&x);
    if (outcome == HTTP_ANSWERED)
        outcome = send_request(&x);
    if (outcome == HTTP_ANSWERED)
        outcome = receive_all(&x);
    if (outcome == HTTP_ANSWERED)
        outcome = take_answer(&x);
    if (x.fd >= 0)
        close(x.fd);
    if (x.bytes) {
        explicit_bzero(x.bytes, x.used);
        free(x.bytes);
    }
    return outcome;
}

void http_answer_fini(struct http_answer *answer)
{
    if (answer->body)
        explicit_bzero(answer->body, answer->len); /* it may hold a merchant's key */
    free(answer->body);
    answer->body = NULL;
}
