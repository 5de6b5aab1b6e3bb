/* The load generator: one thread, one epoll set. A connection sends a request, reads its answer to the end and sends the next one. */
#include "http_load.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_BYTES    8192
#define READ_BYTES    (256u << 10)
#define REQUEST_BYTES (2u << 20)
#define STALLED_MS    30000

struct client {
    unsigned number;
    int fd;
    struct buf request;
    size_t sent;
    char head[HEAD_BYTES];
    size_t head_len;
    bool in_body;
    size_t body_left;
    bool waiting; /* for an answer */
    int status;
    int64_t began_us;
};

struct load {
    const struct load_options *options;
    struct load_result *result;
    size_t latency_room;
    int epoll;
    struct client *clients;
    unsigned on_their_way;
    uint64_t begun;
    int64_t started_us;
};

int load_connect(int port)
{
    CLEANUP(close_fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int on = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return take_fd(&fd);
}

/* ---- reading an answer ---- */

static size_t content_length(const char *head)
{
    const char *at = strcasestr(head, "\r\ncontent-length:");

    return at ? (size_t)strtoull(at + strlen("\r\ncontent-length:"), NULL, 10) : 0;
}

/* Takes bytes of an answer; 1 when it is whole, -1 when it is none. */
static int take_bytes(struct client *c, const char *bytes, size_t len)
{
    size_t room = sizeof c->head - 1 - c->head_len, part = len < room ? len : room, before = c->head_len;
    char *end;

    if (c->in_body) {
        if (len > c->body_left)
            return -1; /* nobody asked for more than one answer */
        c->body_left -= len;
        return c->body_left == 0;
    }
    memcpy(c->head + c->head_len, bytes, part);
    c->head_len += part;
    c->head[c->head_len] = '\0';
    end = strstr(c->head, "\r\n\r\n");
    if (!end)
        return part < len ? -1 : 0;
    if (strncmp(c->head, "HTTP/1.1 ", 9) != 0)
        return -1;
    c->status = atoi(c->head + 9);
    end[2] = '\0';
    c->body_left = content_length(c->head);
    c->in_body = true;
    part = (size_t)(end + 4 - c->head) - before;
    if (c->body_left == 0)
        return part == len ? 1 : -1;
    return part == len ? 0 : take_bytes(c, bytes + part, len - part);
}

static void keep_answer(struct load *load, struct client *c)
{
    struct load_result *r = load->result;
    int64_t took = clock_mono_us() - c->began_us;

    if (r->done == load->latency_room) {
        load->latency_room = load->latency_room ? 2 * load->latency_room : 4096;
        r->latency_us = mem_realloc(r->latency_us, load->latency_room * sizeof *r->latency_us);
    }
    r->latency_us[r->done++] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
    r->classes[c->status / 100 < 6 ? c->status / 100 : 0]++;
}

/* ---- a connection ---- */

static int send_rest(struct client *c)
{
    while (c->sent < c->request.len) {
        ssize_t n = send(c->fd, c->request.data + c->sent, c->request.len - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : -1;
        c->sent += (size_t)n;
    }
    return 0;
}

static bool is_over(const struct load *load)
{
    const struct load_options *o = load->options;

    return (o->requests && load->begun >= o->requests) || (o->duration_us && clock_mono_us() - load->started_us >= o->duration_us);
}

static int begin_request(struct load *load, struct client *c)
{
    if (is_over(load))
        return 0;
    buf_reset(&c->request);
    load->options->make(load->options->ctx, c->number, &c->request);
    c->sent = c->head_len = c->body_left = 0;
    c->in_body = false;
    c->began_us = clock_mono_us();
    load->begun++;
    load->on_their_way++;
    c->waiting = true;
    return send_rest(c);
}

static int open_client(struct load *load, struct client *c)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};

    c->fd = load_connect(load->options->port);
    if (c->fd < 0)
        return -1;
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    return epoll_ctl(load->epoll, EPOLL_CTL_ADD, c->fd, &event);
}

/* 1 after a whole answer, 0 when there is no more to read now, -1 when the connection is gone. */
static int read_answer(struct load *load, struct client *c, char *chunk)
{
    for (;;) {
        ssize_t n = recv(c->fd, chunk, READ_BYTES, 0);
        int whole;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return 0;
        if (n <= 0)
            return -1;
        load->result->bytes += (uint64_t)n;
        whole = take_bytes(c, chunk, (size_t)n);
        if (whole)
            return whole;
    }
}

/* 0, or -1 when the server cannot be reached any more. */
static int serve_client(struct load *load, struct client *c, char *chunk)
{
    int whole = send_rest(c) < 0 ? -1 : 0;

    while (whole == 0 && (whole = read_answer(load, c, chunk)) > 0) {
        keep_answer(load, c);
        load->on_their_way--;
        c->waiting = false;
        whole = begin_request(load, c);
    }
    if (whole == 0 || !c->waiting)
        return 0;
    close(c->fd);
    load->on_their_way--;
    c->waiting = false;
    load->result->broken++;
    return open_client(load, c) < 0 || begin_request(load, c) < 0 ? -1 : 0;
}

/* ---- the run ---- */

static int loop(struct load *load, struct err *err)
{
    CLEANUP(free_ptr) char *chunk = mem_alloc(READ_BYTES);
    struct epoll_event events[64];

    while (load->on_their_way) {
        int count = epoll_wait(load->epoll, events, 64, STALLED_MS);

        if (count == 0)
            return err_set(err, ERR_IO, "%u requests have had no answer for %d s", load->on_their_way, STALLED_MS / 1000);
        for (int i = 0; i < count; i++)
            if (serve_client(load, events[i].data.ptr, chunk) < 0)
                return err_set(err, ERR_IO, "the server is gone");
    }
    return 0;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

int load_run(const struct load_options *options, struct load_result *out, struct err *err)
{
    CLEANUP(close_fd) int epoll = epoll_create1(EPOLL_CLOEXEC);
    CLEANUP(free_ptr) struct client *clients = mem_array(options->clients, sizeof *clients);
    struct load load = {.options = options, .result = out, .epoll = epoll, .clients = clients};
    int rc = 0;

    *out = (struct load_result){0};
    for (unsigned i = 0; i < options->clients; i++) {
        clients[i] = (struct client){.number = i, .fd = -1, .request = BUF_INIT(REQUEST_BYTES)};
        if (open_client(&load, &clients[i]) < 0)
            rc = err_set_sys(err, ERR_IO, "cannot connect to 127.0.0.1:%d", options->port);
    }
    load.started_us = clock_mono_us();
    for (unsigned i = 0; rc == 0 && i < options->clients; i++)
        rc = begin_request(&load, &clients[i]);
    if (rc == 0)
        rc = loop(&load, err);
    out->elapsed_us = clock_mono_us() - load.started_us;
    for (unsigned i = 0; i < options->clients; i++) {
        if (clients[i].fd >= 0)
            close(clients[i].fd);
        buf_fini(&clients[i].request);
    }
    if (out->done)
        qsort(out->latency_us, out->done, sizeof *out->latency_us, by_value);
    return rc;
}

void load_result_fini(struct load_result *result)
{
    free(result->latency_us);
    *result = (struct load_result){0};
}

double load_rate(const struct load_result *r) { return r->elapsed_us ? (double)r->done * 1e6 / (double)r->elapsed_us : 0; }

double load_percentile_ms(const struct load_result *r, double part)
{
    size_t at = (size_t)((double)r->done * part);

    return r->done ? (double)r->latency_us[at < r->done ? at : r->done - 1] / 1000.0 : 0;
}

/* ---- one request ---- */

static void make_one(const char *key, const char *path, struct buf *out)
{
    buf_printf(out, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", path);
    if (key)
        buf_printf(out, "Authorization: Bearer %s\r\n", key);
    buf_add_text(out, "\r\n");
}

int load_get(int port, const char *key, const char *path, struct buf *out_body)
{
    CLEANUP(close_fd) int fd = load_connect(port);
    CLEANUP(buf_fini) struct buf request = BUF_INIT(HEAD_BYTES), answer = BUF_INIT(64u << 20);
    char chunk[16384];
    const char *body;
    ssize_t n;

    make_one(key, path, &request);
    if (fd < 0 || send(fd, request.data, request.len, MSG_NOSIGNAL) != (ssize_t)request.len)
        return -1;
    while ((n = recv(fd, chunk, sizeof chunk, 0)) > 0)
        buf_add(&answer, chunk, (size_t)n);
    body = strstr(buf_text(&answer), "\r\n\r\n");
    if (!body || !str_starts(answer.data, "HTTP/1.1 "))
        return -1;
    if (out_body)
        buf_add(out_body, body + 4, answer.len - (size_t)(body + 4 - answer.data));
    return atoi(answer.data + 9);
}
