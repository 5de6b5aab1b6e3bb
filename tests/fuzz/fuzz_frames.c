/* What a plugin's host says to the server. The first byte: the phase of the host (bits 0-1), the operation that runs (bits 2-4), whether
 * the rest is a raw stream (bit 7) or lines, each of which is made a frame. No process runs: the other end of the socket is this target. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "fuzz.h"
#include "plugin/plugin_priv.h"
#include "plugin/protocol.h"
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#define NO_PROCESS 0x3fffffff /* above every pid_max */

static json_t *manifest;
static int epoll_fd;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char text[] =
        "{\"name\":\"fuzz\",\"version\":\"1.0.0\",\"types\":[{\"name\":\"postgres\"}],\"step_types\":[{\"name\":\"migrate\"}],"
        "\"slots\":[\"update\",\"step\",\"health\",\"plan\"]}";
    struct err err = {0};

    (void)argc;
    (void)argv;
    FUZZ_CHECK(json_parse(text, strlen(text), "manifest", sizeof text, &manifest, &err) == 0);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return 0;
}

struct world {
    struct plugin_manager m;
    struct instance i;
    struct host h;
    _Atomic int flag;
    int peer;
    size_t started, done;
};

static void on_log(void *ctx, const char *level, const char *text)
{
    (void)ctx;
    FUZZ_CHECK(level && text && str_is_utf8(text, strlen(text)));
}
static void on_progress(void *ctx, int percent, const char *text)
{
    (void)ctx;
    FUZZ_CHECK(percent >= -1 && percent <= 100 && text);
}
static void on_checkpoint(void *ctx, struct plugin_call *call, const char *state)
{
    (void)ctx;
    FUZZ_CHECK(call && state && state[0] == '{');
}
static void on_secret(void *ctx, const char *text)
{
    (void)ctx;
    FUZZ_CHECK(text);
}
static void on_done(void *ctx, const struct plugin_result *result)
{
    struct world *w = ctx;

    w->done++;
    FUZZ_CHECK(w->done <= w->started);
    FUZZ_CHECK(result->outcome != PLUGIN_DONE_FAILED || (result->err.code && str_is_utf8(result->err.msg, strlen(result->err.msg))));
    FUZZ_CHECK(json_is_object(result->outputs) && json_is_object(result->secrets) && json_is_array(result->hints));
}

/* Hides a word, as the server's own redaction does with secrets. */
static void redact(void *ctx, char *text, size_t cap)
{
    char *at;

    (void)ctx;
    (void)cap;
    while ((at = strstr(text, "hunter2")))
        memmove(at, at + 7, strlen(at + 7) + 1);
}

static struct plugin_call *start_call(struct world *w, enum plugin_operation operation)
{
    CLEANUP(json_put) json_t *about = json_pack("{s:s,s:s}", "type", operation == PLUGIN_STEP ? "migrate" : "postgres", "name", "db");
    struct plugin_request request = {.operation = operation,
                                     .resource = operation == PLUGIN_STEP ? NULL : about,
                                     .step = operation == PLUGIN_STEP ? about : NULL,
                                     .trace_id = "0",
                                     .events = {on_log, on_progress, on_checkpoint, on_done, on_secret},
                                     .ctx = w};
    struct err err = {0};
    struct plugin_call *call = call_make(&w->i, &request, (int64_t)++w->started, &err);

    FUZZ_CHECK(call);
    call->all_next = w->m.calls;
    w->m.calls = call;
    w->i.pending++;
    return call;
}

static void init(struct world *w, uint8_t how)
{
    static const enum host_phase phases[] = {HOST_STARTING, HOST_OPENING, HOST_BUSY, HOST_BUSY};
    int pair[2];

    memset(w, 0, sizeof *w);
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
    w->peer = pair[1];
    pthread_mutex_init(&w->m.lock, NULL);
    w->m.options.redact = redact;
    w->m.epoll = epoll_fd;
    w->m.wake_fd = w->m.timer_fd = -1;
    w->m.instances = &w->i;
    w->m.inbox_end = &w->m.inbox;
    w->i = (struct instance){.name = (char *)(uintptr_t) "fuzz", .timeout_ms = 60000, .max_hosts = 1, .host_count = 1, .hosts = &w->h};
    w->i.vetted.manifest = manifest;
    w->i.queue_end = &w->i.queue;
    w->h = (struct host){.instance = &w->i,
                         .phase = phases[how & 3],
                         .pid = NO_PROCESS,
                         .pidfd = -1,
                         .sock = pair[0],
                         .output = -1,
                         .cancel_fd = -1,
                         .flag = &w->flag,
                         .in = BUF_INIT(2 * PROTOCOL_FRAME_BYTES),
                         .out = BUF_INIT(3u * PROTOCOL_CALL_BYTES)};
    w->h.call = start_call(w, (enum plugin_operation)((how >> 2 & 7) % (PLUGIN_PLAN + 1)));
    w->h.call->host = &w->h;
    w->i.queue = start_call(w, PLUGIN_PROVISION);
    w->i.queue_end = &w->i.queue->next;
}

/* Gives bytes to the server as if they had come from the host, and answers a checkpoint as the loop would. */
static void say(struct world *w, const char *bytes, size_t len)
{
    char sink[4096];

    while (len > 0 && w->h.phase != HOST_KILLED) {
        ssize_t sent = send(w->peer, bytes, len > 32768 ? 32768 : len, MSG_NOSIGNAL);

        FUZZ_CHECK(sent > 0);
        bytes += sent;
        len -= (size_t)sent;
        host_read(&w->m, &w->h);
        if (w->h.call && w->h.call->waits_checkpoint) {
            CLEANUP(json_put) json_t *frame = json_pack("{s:s,s:I,s:b}", "t", "checkpointed", "id", (json_int_t)w->h.call->id, "ok", 1);

            w->h.call->waits_checkpoint = false;
            host_queue_frame(&w->m, &w->h, frame);
        }
        while (recv(w->peer, sink, sizeof sink, MSG_DONTWAIT) > 0)
            continue;
    }
}

static void say_lines(struct world *w, const char *text, size_t len)
{
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t line = end ? (size_t)(end - text) : len;
        CLEANUP(free_ptr) char *frame = mem_alloc(line + 4);

        for (unsigned i = 0; i < 4; i++)
            frame[i] = (char)(unsigned char)(line >> (8 * i));
        memcpy(frame + 4, text, line);
        say(w, frame, line + 4);
        text += end ? line + 1 : line;
        len -= end ? line + 1 : line;
    }
}

static void fini(struct world *w)
{
    struct err err = {0};

    err_set(&err, ERR_SHUTDOWN, "the end of the input");
    while (w->m.calls)
        call_finish(&w->m, w->m.calls, PLUGIN_DONE_FAILED, 0, &err, NULL);
    FUZZ_CHECK(w->done == w->started && w->i.pending == 0);
    json_decref(w->i.weak);
    buf_fini(&w->h.in);
    buf_fini(&w->h.out);
    close(w->h.sock);
    close(w->peer);
    pthread_mutex_destroy(&w->m.lock);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world w;

    if (size == 0)
        return 0;
    init(&w, data[0]);
    if (data[0] & 0x80)
        say(&w, (const char *)data + 1, size - 1);
    else
        say_lines(&w, (const char *)data + 1, size - 1);
    fini(&w);
    return 0;
}
