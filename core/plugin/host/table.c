/* Owns the functions that a plugin may call. Each refuses callers from another thread or outside a call: that is remembered and fails the
 * call, because the plugin's state can no longer be trusted to follow the contract. */
#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/str.h"
#include "plugin/grant.h"
#include "plugin/host/calls.h"
#include "plugin/protocol.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_BYTES (32u << 10)

static const char *const hint_kinds[] = {INNO_HINT_URL,       INNO_HINT_DASHBOARD,    INNO_HINT_COMMAND, INNO_HINT_CONNECTION_STRING,
                                         INNO_HINT_GIT_CLONE, INNO_HINT_API_ENDPOINT, INNO_HINT_DOCS,    NULL};
static const char *const states[] = {INNO_STATE_REQUESTED,
                                     INNO_STATE_PROVISIONING,
                                     INNO_STATE_ACTIVE,
                                     INNO_STATE_SCALING,
                                     INNO_STATE_UPDATING,
                                     INNO_STATE_DEGRADED,
                                     INNO_STATE_TERMINATING,
                                     INNO_STATE_TERMINATED,
                                     INNO_STATE_FAILED,
                                     INNO_STATE_ORPHANED,
                                     NULL};

static bool one_of(const char *word, const char *const *list)
{
    for (; word && *list; list++)
        if (str_eq(word, *list))
            return true;
    return false;
}

bool call_may(inno_call *call, const char *name)
{
    const char *none = NULL;

    if (atomic_load(&call->active) && pthread_equal(call->thread, pthread_self()))
        return true;
    atomic_compare_exchange_strong(&call->breach, &none, name);
    return false;
}

void call_spoil(struct inno_call *call, const char *fmt, ...)
{
    va_list ap;

    if (call->bad[0])
        return;
    va_start(ap, fmt);
    vsnprintf(call->bad, sizeof call->bad, fmt, ap);
    va_end(ap);
}

int call_flush(struct inno_call *call, struct err *err)
{
    int rc = call->out.len ? io_write_all(call->fd, call->out.data, call->out.len, err) : 0;

    if (call->out.data)
        secret_wipe(call->out.data, call->out.len);
    buf_reset(&call->out);
    return rc;
}

void call_tell(struct inno_call *call, json_t *frame, bool now)
{
    struct err err = {0};

    if (call->server) {
        call->server->take(call, frame);
        return;
    }
    if (protocol_add(&call->out, frame, PROTOCOL_FRAME_BYTES, &err) < 0)
        call_spoil(call, "a message of the plugin is larger than 1 MiB");
    json_decref(frame);
    if ((now || call->out.len > FLUSH_BYTES) && call_flush(call, &err) < 0)
        _exit(71); /* the server is gone */
}

/* Formats a line; bytes that are no UTF-8 become '?', so that a bad log line never costs the work. */
__attribute__((format(printf, 3, 0))) static size_t format_line(char *line, size_t cap, const char *format, va_list ap)
{
    int wanted = vsnprintf(line, cap, format, ap);
    size_t len = wanted < 0 ? 0 : (size_t)wanted < cap ? (size_t)wanted : cap - 1;

    line[len] = '\0';
    if (!str_is_utf8(line, len))
        for (size_t i = 0; i < len; i++)
            if ((unsigned char)line[i] >= 0x80)
                line[i] = '?';
    return len;
}

__attribute__((format(printf, 3, 4))) static void host_log(inno_call *call, int32_t level, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char line[LIMIT_LOG_LINE_BYTES + 1];
    va_list ap;
    size_t len;

    if (!call_may(call, "log") || !format)
        return;
    va_start(ap, format);
    len = format_line(line, sizeof line, format, ap);
    va_end(ap);
    if (call->log_bytes > LIMIT_STEP_LOG_BYTES)
        return;
    call->log_bytes += len + 1;
    if (call->log_bytes > LIMIT_STEP_LOG_BYTES)
        snprintf(line, sizeof line, "(log cut at 16 MiB)");
    call_tell(
        call,
        json_pack("{s:s,s:s,s:s}", "t", "log", "level", names[level >= 0 && level <= INNO_LOG_ERROR ? level : INNO_LOG_INFO], "text", line),
        true);
}

static void host_progress(inno_call *call, int32_t percent, const char *text)
{
    char line[1024];

    if (!call_may(call, "progress"))
        return;
    snprintf(line, sizeof line, "%s", text ? text : "");
    if (!str_is_utf8(line, strlen(line)))
        snprintf(line, sizeof line, "(text is not UTF-8)");
    call_tell(call,
              json_pack("{s:s,s:i,s:s}", "t", "progress", "percent",
                        percent < -1    ? -1
                        : percent > 100 ? 100
                                        : percent,
                        "text", line),
              true);
}

/* Checks an output's key and counts its bytes; false when the call is spoiled by it. */
static bool take_output(inno_call *call, const char *function, const char *key, size_t bytes)
{
    if (!call_may(call, function))
        return false;
    if (!key || !*key || strlen(key) > 256 || !str_is_utf8(key, strlen(key))) {
        call_spoil(call, "%s was given a key that is empty, longer than 256 bytes or not UTF-8", function);
        return false;
    }
    call->output_bytes += strlen(key) + bytes;
    if (call->output_bytes > LIMIT_OUTPUTS_BYTES) {
        call_spoil(call, "outputs are larger than 256 KiB (at \"%s\")", key);
        return false;
    }
    return true;
}

static void text_output(inno_call *call, const char *function, const char *kind, const char *key, const char *text)
{
    if (!take_output(call, function, key, text ? strlen(text) : 0))
        return;
    if (!text || !str_is_utf8(text, strlen(text))) {
        call_spoil(call, "output \"%s\" is not valid UTF-8", key);
        return;
    }
    call_tell(call, json_pack("{s:s,s:s,s:s}", "t", kind, "key", key, "value", text), false);
}

static void host_output(inno_call *call, const char *key, const char *text) { text_output(call, "output", "output", key, text); }
static void host_secret_output(inno_call *call, const char *key, const char *text)
{
    text_output(call, "secret_output", "secret", key, text);
}

static void host_output_json(inno_call *call, const char *key, inno_span json)
{
    struct err err = {0};
    json_t *value = NULL;

    if (!take_output(call, "output_json", key, json.len))
        return;
    if (!json.bytes || json_parse(json.bytes, json.len, "output", LIMIT_OUTPUTS_BYTES, &value, &err) < 0) {
        call_spoil(call, "output \"%s\" is not valid JSON: %s", key, json.bytes ? err.msg : "no bytes");
        return;
    }
    call_tell(call, json_pack("{s:s,s:s,s:o}", "t", "output", "key", key, "value", value), false);
}

static void host_hint(inno_call *call, const char *kind, const char *label, const char *value)
{
    json_t *frame;

    if (!call_may(call, "hint"))
        return;
    if (++call->hints > LIMIT_HINTS) {
        call_spoil(call, "more than %d hints", LIMIT_HINTS);
        return;
    }
    if (!one_of(kind, hint_kinds)) {
        call_spoil(call, "hint %zu has an unknown kind; use one of INNO_HINT_x", call->hints);
        return;
    }
    frame = json_pack("{s:s,s:s,s:s,s:s}", "t", "hint", "kind", kind, "label", label ? label : "", "value", value ? value : "");
    if (!frame) {
        call_spoil(call, "hint %zu is not valid UTF-8", call->hints);
        return;
    }
    call_tell(call, frame, false);
}

static void host_status(inno_call *call, const char *state, const char *text)
{
    json_t *frame;

    if (!call_may(call, "status"))
        return;
    if (!one_of(state, states)) {
        call_spoil(call, "status has an unknown state; use one of INNO_STATE_x");
        return;
    }
    frame = json_pack("{s:s,s:s,s:s}", "t", "status", "state", state, "text", text ? text : "");
    if (!frame) {
        call_spoil(call, "status is not valid UTF-8");
        return;
    }
    call_tell(call, frame, false);
}

/* Waits for the server's word on this call's checkpoint. Frames of other kinds do not come while a call runs. */
static bool wait_durable(inno_call *call)
{
    struct err err = {0};
    json_t *frame = NULL;
    bool durable;

    if (call->server)
        return call->server->wait_durable(call);
    if (protocol_receive(call->input, &frame, &err) < 0 || !frame)
        _exit(71);
    durable = str_eq(json_str(frame, "t"), "checkpointed") && json_int(frame, "id", -1) == call->id && json_flag(frame, "ok", false);
    json_decref(frame);
    return durable;
}

static inno_rc host_state(inno_call *call, inno_span json)
{
    struct err err = {0};
    json_t *state = NULL;

    if (!call_may(call, "state"))
        return INNO_FAILED;
    if (!json.bytes || json_parse(json.bytes, json.len, "state", LIMIT_STATE_BYTES, &state, &err) < 0 || !json_is_object(state)) {
        json_decref(state);
        call_spoil(call, "state is not a JSON object of at most 1 MiB%s%s", err.msg[0] ? ": " : "", err.msg);
        return INNO_FAILED;
    }
    call_tell(call, json_pack("{s:s,s:o}", "t", "state", "state", state), true);
    if (call->bad[0])
        return INNO_FAILED;
    if (wait_durable(call))
        return INNO_OK;
    return atomic_load(call->flag) ? INNO_CANCELED : INNO_TRANSIENT;
}

static int32_t host_canceled(inno_call *call) { return call_may(call, "canceled") ? atomic_load(call->flag) != 0 : 1; }
static int32_t host_cancel_fd(inno_call *call) { return call_may(call, "cancel_fd") ? call->cancel_fd : -1; }

static int64_t host_deadline_ms(inno_call *call)
{
    int64_t left = call_may(call, "deadline_ms") ? call->deadline_us - clock_mono_us() : 0;

    return left > 0 ? left / US_PER_MS : 0;
}

static void host_poll_after(inno_call *call, int64_t ms)
{
    if (call_may(call, "poll_after"))
        call->poll_ms = ms < 100 ? 100 : ms;
}

/* Made at first use: most calls need none. */
static const char *host_work_dir(inno_call *call)
{
    struct err err = {0};

    if (!call_may(call, "work_dir"))
        return "";
    if (!call->work_made && io_mkdirs(call->work_dir, 0700, &err) < 0) {
        call_spoil(call, "no work directory: %s", err.msg);
        return "";
    }
    call->work_made = true;
    return call->work_dir;
}

static const char *host_data_dir(inno_call *call) { return call_may(call, "data_dir") ? call->data_dir : ""; }
static const char *host_trace_id(inno_call *call) { return call_may(call, "trace_id") ? call->trace_id : ""; }

__attribute__((format(printf, 4, 5))) static inno_rc host_fail(inno_call *call, inno_rc code, int32_t retryable, const char *format, ...)
{
    va_list ap;

    if (!call_may(call, "fail"))
        return INNO_FAILED;
    va_start(ap, format);
    if (format)
        format_line(call->fail_text, sizeof call->fail_text, format, ap);
    else
        call->fail_text[0] = '\0';
    va_end(ap);
    call->fail_code = code < 0 ? code : INNO_FAILED;
    call->fail_retry = retryable;
    return call->fail_code;
}

/* Every block is headed by the link to the one before; 16 bytes keep the alignment. */
static void *host_alloc(inno_call *call, uint64_t bytes)
{
    void **block;

    if (!call_may(call, "alloc") || bytes > SIZE_MAX - 16)
        return NULL;
    block = calloc(1, (size_t)bytes + 16);
    if (!block)
        return NULL;
    *block = call->memory;
    call->memory = block;
    return (char *)block + 16;
}

void call_free_memory(struct inno_call *call)
{
    while (call->memory) {
        void *next = *(void **)call->memory;

        free(call->memory);
        call->memory = next;
    }
}

/* The server has sent those that stand in this call's params. */
static inno_rc host_secret(inno_call *call, const char *reference, inno_span *out)
{
    const json_t *text;

    if (!call_may(call, "secret"))
        return INNO_FAILED;
    if (!grant_has(call->box->grant, "secrets"))
        return host_table.fail(call, INNO_UNAUTHORIZED, 0,
                               "this plugin may not open secrets: its manifest must list the permission \"secrets\", and its entry in "
                               "admin-config.yaml must grant it (grant: [secrets])");
    text = reference ? json_object_get(call->secrets, reference) : NULL;
    if (!json_is_string(text) || !out)
        return host_table.fail(call, INNO_NOT_FOUND, 0, "the secret %.100s does not stand in the params of this call",
                               reference ? reference : "(null)");
    *out = (inno_span){json_string_value(text), json_string_length(text)};
    return INNO_OK;
}

const inno_host host_table = {
    .struct_size = sizeof(inno_host),
    .abi_major = INNO_ABI_MAJOR,
    .abi_minor = INNO_ABI_MINOR,
    .magic = INNO_HOST_MAGIC,
    .log = host_log,
    .progress = host_progress,
    .output = host_output,
    .output_json = host_output_json,
    .secret_output = host_secret_output,
    .hint = host_hint,
    .status = host_status,
    .state = host_state,
    .canceled = host_canceled,
    .cancel_fd = host_cancel_fd,
    .deadline_ms = host_deadline_ms,
    .poll_after = host_poll_after,
    .work_dir = host_work_dir,
    .data_dir = host_data_dir,
    .trace_id = host_trace_id,
    .fail = host_fail,
    .alloc = host_alloc,
    .secret = host_secret,
    .exec = host_exec,
};
