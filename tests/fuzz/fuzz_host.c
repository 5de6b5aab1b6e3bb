/* What a plugin host reads, and what a plugin may do with it. The first byte: whether the rest is a raw stream (bit 7) or lines, each of
 * which is made a frame. The plugin of this target reads every span with the SDK's helpers and says what it read by every function of the
 * host; all that the host sends must be frames that the server would take. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "fuzz.h"
#include "plugin/host/calls.h"
#include "plugin/protocol.h"
#include <innominatus/helpers.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
    struct protocol_input in;
    int sock, peer;
    struct buf said;
} wire;

/* Takes what the host has sent, so that it never waits for room. */
static void drain(void)
{
    char chunk[65536];
    ssize_t got;

    while ((got = recv(wire.peer, chunk, sizeof chunk, MSG_DONTWAIT)) > 0)
        buf_add(&wire.said, chunk, (size_t)got);
}

static void check_said(void)
{
    size_t at = 0, used;
    struct err err = {0};

    while (at < wire.said.len) {
        CLEANUP(json_put) json_t *frame = NULL;

        FUZZ_CHECK(protocol_take(wire.said.data + at, wire.said.len - at, PROTOCOL_FRAME_BYTES, &frame, &used, &err) == 1);
        at += used;
    }
    buf_reset(&wire.said);
}

/* Whether a whole frame waits: a checkpoint without an answer ends the real host, and this process with it. */
static bool frame_waits(void)
{
    static char bytes[1 << 18];
    size_t kept = wire.in.len < sizeof bytes ? wire.in.len : sizeof bytes;
    ssize_t got = recv(wire.sock, bytes + kept, sizeof bytes - kept, MSG_PEEK | MSG_DONTWAIT);
    CLEANUP(json_put) json_t *frame = NULL;
    struct err err = {0};
    size_t used;

    if (kept)
        memcpy(bytes, wire.in.bytes, kept);
    return protocol_take(bytes, kept + (got > 0 ? (size_t)got : 0), PROTOCOL_CALL_BYTES, &frame, &used, &err) == 1;
}

/* ---- the plugin ---- */

static void tell_span(const inno_host *host, inno_call *call, const char *key, inno_span span)
{
    FUZZ_CHECK(span.bytes && strlen(span.bytes) <= span.len && span.bytes[span.len] == '\0');
    host->log(call, INNO_LOG_INFO, "%s", span.bytes);
    host->output_json(call, key, span);
    host->output(call, "text", span.bytes);
    host->secret_output(call, "secret", span.bytes);
    host->hint(call, span.len > 9 && span.bytes[2] == 'x' ? span.bytes : INNO_HINT_URL, span.bytes, span.bytes);
    drain();
    if (frame_waits())
        host->state(call, span);
    drain();
}

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    const inno_span spans[] = {res->params, res->prior_params, res->state, res->outputs};
    char *memory = host->alloc(call, (uint64_t)(res->generation & 0xffff));

    (void)self;
    if (memory && (res->generation & 0xffff))
        memory[(res->generation & 0xffff) - 1] = 'x';
    host->log(call, (int32_t)res->generation, "%s %s %s %s %s", res->id, res->uid, res->type, res->class_name,
              inno_get_string(res, "name", "none"));
    host->progress(call, (int32_t)res->generation, res->name);
    host->status(call, res->environment, res->team);
    host->poll_after(call, res->generation);
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        tell_span(host, call, res->name[0] ? res->name : "key", spans[i]);
    FUZZ_CHECK(host->deadline_ms(call) >= 0 && host->trace_id(call) && !host->canceled(call));
    return res->operation == INNO_OP_CREATE ? INNO_OK : host->fail(call, (inno_rc)res->generation, 1, "%s", res->application);
}

static inno_rc step(void *self, const inno_host *host, inno_call *call, const inno_step *step)
{
    (void)self;
    tell_span(host, call, "config", step->config);
    tell_span(host, call, "env", step->env);
    host->log(call, INNO_LOG_WARN, "%s %u", step->name, step->attempt);
    return (inno_rc)step->attempt;
}

static inno_rc act(void *self, const inno_host *host, inno_call *call, const inno_resource *res, const char *s, int64_t i, int32_t b,
                   double d, const inno_span *j)
{
    (void)self;
    FUZZ_CHECK(s && j && (b == 0 || b == 1));
    host->log(call, INNO_LOG_INFO, "%s %lld %g", s, (long long)i, d);
    tell_span(host, call, res->name[0] ? res->name : "key", *j);
    return (inno_rc)i;
}

static const char *const act_params[] = {"s", "i", "b", "d", "j", NULL};
static const inno_action act_action = {INNO_ACTION_HEAD(0), "act", NULL, "sibdj", act_params, INNO_ACTION_FUNCTION(act)};
static const inno_action *const actions[] = {&act_action, NULL};

static inno_rc open_it(const inno_host *host, inno_call *call, inno_span config, void **self)
{
    *self = NULL;
    tell_span(host, call, "config", config);
    return INNO_OK;
}

static inno_rc health(void *self, const inno_host *host, inno_call *call)
{
    (void)self;
    return host->fail(call, INNO_TIMEOUT, 0, NULL);
}

/* ---- the host ---- */

static void serve(void)
{
    static const _Atomic int flag;
    const inno_provisioner plugin = {.open = open_it,
                                     .provision = provision,
                                     .deprovision = provision,
                                     .get_status = provision,
                                     .get_hints = provision,
                                     .plan = provision,
                                     .health = health,
                                     .step = step,
                                     .slots = INNO_SLOT_ACTIONS,
                                     .actions = actions};
    struct inno_call call = {.runner = {.sock = -1},
                             .fd = wire.sock,
                             .input = &wire.in,
                             .thread = pthread_self(),
                             .data_dir = "/nowhere",
                             .work_root = "/nowhere",
                             .flag = &flag};
    void *self = NULL;

    for (;;) {
        CLEANUP(json_put) json_t *frame = NULL;
        struct err err = {0};

        if (protocol_receive(&wire.in, &frame, &err) < 0 || !frame)
            break;
        call_serve(&call, &plugin, &self, frame);
        drain();
    }
    buf_fini(&call.out);
}

static void give_lines(const char *text, size_t len)
{
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t line = end ? (size_t)(end - text) : len;
        char header[4];

        for (unsigned i = 0; i < 4; i++)
            header[i] = (char)(unsigned char)(line >> (8 * i));
        if (send(wire.peer, header, 4, MSG_NOSIGNAL | MSG_DONTWAIT) != 4 ||
            send(wire.peer, text, line, MSG_NOSIGNAL | MSG_DONTWAIT) < (ssize_t)line)
            return;
        text += end ? line + 1 : line;
        len -= end ? line + 1 : line;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int pair[2];

    if (size == 0 || size > 65536)
        return 0;
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    wire.sock = pair[0];
    wire.peer = pair[1];
    wire.in = (struct protocol_input){.fd = pair[0]};
    wire.said = BUF_INIT(256u << 20);
    if (data[0] & 0x80)
        FUZZ_CHECK(size == 1 || send(wire.peer, data + 1, size - 1, MSG_NOSIGNAL) == (ssize_t)size - 1);
    else
        give_lines((const char *)data + 1, size - 1);
    shutdown(wire.peer, SHUT_WR);
    serve();
    drain();
    check_said();
    buf_fini(&wire.said);
    free(wire.in.bytes);
    close(wire.sock);
    close(wire.peer);
    return 0;
}
