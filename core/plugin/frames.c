/* Owns the meaning of what a host says. Everything is untrusted: a frame of a kind, at a time or of a size that the protocol does not have
 * ends the host. Loop thread. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "plugin/plugin_priv.h"
#include "plugin/protocol.h"
#include <innominatus/provisioner.h>
#include <string.h>

#define ON_START 1u
#define ON_OPEN  2u
#define ON_CALL  4u

static int broke(struct err *err, const char *what) { return err_set(err, ERR_PLUGIN_PROTOCOL, "the plugin's host sent %s", what); }

/* ---- start ---- */

static int on_sandbox(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    json_t *weak = json_object_get(frame, "weak");

    if (!json_is_array(weak) || json_array_size(weak) > 16)
        return broke(err, "a bad sandbox report");
    pthread_mutex_lock(&m->lock);
    json_decref(h->instance->weak);
    h->instance->weak = json_incref(weak);
    h->instance->weak_known = true;
    pthread_mutex_unlock(&m->lock);
    return 0;
}

static int on_ready(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    CLEANUP(json_put) json_t *open = NULL;

    (void)frame;
    (void)err;
    open =
        json_pack("{s:s,s:I,s:s,s:I}", "t", "call", "id", (json_int_t)0, "op", "open", "deadline_ms", (json_int_t)h->instance->timeout_ms);
    if (h->instance->config)
        json_object_set(open, "config", h->instance->config);
    h->phase = HOST_OPENING;
    h->phase_deadline_us = 0; /* from here on the call's deadline counts */
    host_queue_frame(m, h, open);
    return 0;
}

static int on_refused(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    const char *reason = json_str(frame, "reason");
    struct err why = {0};

    if (!reason)
        return broke(err, "a refusal without a reason");
    err_set(&why, ERR_PLUGIN_REFUSED, "plugin %s: %s", h->instance->name, reason);
    pthread_mutex_lock(&m->lock);
    h->instance->state = PLUGIN_REFUSED;
    snprintf(h->instance->reason, sizeof h->instance->reason, "%s", why.msg);
    pthread_mutex_unlock(&m->lock);
    if (h->call)
        call_finish(m, h->call, PLUGIN_DONE_FAILED, 0, &why, NULL);
    host_close(m, h);
    loop_dispatch(m, h->instance); /* fails those that wait */
    return 0;
}

/* ---- during a call ---- */

static int on_log(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    const char *level = json_str(frame, "level"), *text = json_str(frame, "text");
    struct plugin_call *c = h->call;
    bool known = false;

    (void)m;
    for (size_t i = 0; level && i < sizeof levels / sizeof levels[0]; i++)
        known = known || str_eq(level, levels[i]);
    if (!text || !known || strlen(text) > LIMIT_LOG_LINE_BYTES)
        return broke(err, "a bad log line");
    if (!c)
        return 0;
    call_keep_log(c, text);
    c->log_bytes += strlen(text) + 1;
    if (c->log_bytes > 2 * (size_t)LIMIT_STEP_LOG_BYTES)
        return broke(err, "a flood of log lines");
    if (c->log_cut)
        return 0;
    c->log_cut = c->log_bytes > LIMIT_STEP_LOG_BYTES;
    if (c->events.log)
        c->events.log(c->ctx, c->log_cut ? "warn" : level, c->log_cut ? "(log cut at 16 MiB)" : text);
    return 0;
}

static int on_progress(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    int64_t percent = json_int(frame, "percent", -2);
    const char *text = json_str(frame, "text");

    (void)m;
    if (percent < -1 || percent > 100 || !text)
        return broke(err, "bad progress");
    if (h->call && h->call->events.progress)
        h->call->events.progress(h->call->ctx, (int)percent, text);
    return 0;
}

/* Counts what a result holds; a host that lets more through than the SDK allows is not our host any more. */
static int count_output(struct plugin_call *c, const char *key, const json_t *value, struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;

    if (!key || !*key || strlen(key) > 256 || !value)
        return broke(err, "a bad output");
    text = json_text(value);
    c->output_bytes += strlen(key) + strlen(text);
    if (c->output_bytes > 6 * (size_t)LIMIT_OUTPUTS_BYTES) /* escaping may need six bytes for one */
        return broke(err, "more outputs than the limit");
    return 0;
}

static int on_output(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    const char *key = json_str(frame, "key");
    json_t *value = json_object_get(frame, "value");

    (void)m;
    if (!h->call)
        return 0;
    if (count_output(h->call, key, value, err) < 0)
        return -1;
    json_object_del(h->call->secrets, key);
    json_object_set(h->call->outputs, key, value);
    return 0;
}

static int on_secret(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    const char *key = json_str(frame, "key");
    json_t *value = json_object_get(frame, "value");

    (void)m;
    if (!json_is_string(value))
        return broke(err, "a bad secret output");
    if (!h->call)
        return 0;
    if (count_output(h->call, key, value, err) < 0)
        return -1;
    if (h->call->events.secret)
        h->call->events.secret(h->call->ctx, json_string_value(value));
    json_object_del(h->call->outputs, key);
    json_object_set(h->call->secrets, key, value);
    return 0;
}

static int on_hint(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    const char *kind = json_str(frame, "kind"), *label = json_str(frame, "label"), *value = json_str(frame, "value");

    (void)m;
    if (!h->call)
        return 0;
    if (!kind || !label || !value || strlen(kind) > 32 || strlen(label) > LIMIT_LOG_LINE_BYTES || strlen(value) > LIMIT_LOG_LINE_BYTES)
        return broke(err, "a bad hint");
    if (json_array_size(h->call->hints) >= LIMIT_HINTS)
        return broke(err, "more hints than the limit");
    json_array_append_new(h->call->hints, json_pack("{s:s,s:s,s:s}", "kind", kind, "label", label, "value", value));
    return 0;
}

static int on_status(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    static const char *const states[] = {"requested", "provisioning", "active",     "scaling", "updating",
                                         "degraded",  "terminating",  "terminated", "failed",  "orphaned"};
    const char *state = json_str(frame, "state"), *text = json_str(frame, "text");
    bool known = false;

    (void)m;
    for (size_t i = 0; state && i < sizeof states / sizeof states[0]; i++)
        known = known || str_eq(state, states[i]);
    if (!known || !text)
        return broke(err, "a bad status");
    if (!h->call)
        return 0;
    free(h->call->status);
    h->call->status = mem_strdup(state);
    free(h->call->status_text);
    h->call->status_text = mem_strdup(text);
    if (*text) {
        call_keep_log(h->call, text);
        if (h->call->events.log)
            h->call->events.log(h->call->ctx, "info", text);
    }
    return 0;
}

static int on_state(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    json_t *state = json_object_get(frame, "state");
    struct plugin_call *c = h->call;
    CLEANUP(free_ptr) char *text = json_is_object(state) ? json_text(state) : NULL;

    (void)m;
    if (!c || !text || strlen(text) > LIMIT_STATE_BYTES + 4096 || c->waits_checkpoint)
        return broke(err, "a bad state");
    free(c->state);
    c->state = take_ptr(text);
    c->waits_checkpoint = true;
    if (c->events.checkpoint) {
        c->events.checkpoint(c->ctx, c, c->state);
        return 0;
    }
    pthread_mutex_lock(&m->lock);
    c->checkpoint = -1;
    pthread_mutex_unlock(&m->lock);
    manager_wake(m);
    return 0;
}

/* ---- the end of a call ---- */

static const struct {
    int rc;
    enum err_code code;
    const char *name;
} codes[] = {
    {INNO_INVALID_CONFIG, ERR_INVALID_CONFIG, "INVALID_CONFIG"},
    {INNO_INVALID_RESOURCE, ERR_INVALID_RESOURCE, "INVALID_RESOURCE"},
    {INNO_NOT_FOUND, ERR_BACKEND_NOT_FOUND, "NOT_FOUND"},
    {INNO_ALREADY_EXISTS, ERR_ALREADY_EXISTS, "ALREADY_EXISTS"},
    {INNO_UNAUTHORIZED, ERR_UNAUTHORIZED, "UNAUTHORIZED"},
    {INNO_TRANSIENT, ERR_TRANSIENT, "TRANSIENT"},
    {INNO_TIMEOUT, ERR_TIMEOUT, "TIMEOUT"},
    {INNO_CANCELED, ERR_CANCELED, "CANCELED"},
    {INNO_UNSUPPORTED, ERR_UNSUPPORTED, "UNSUPPORTED"},
    {INNO_FAILED, ERR_PROVISION_FAILED, "FAILED"},
};

/* The error that a negative code means; `fail` may have changed whether it is worth a retry. */
static void error_of(const struct instance *i, const char *operation, int64_t rc, const json_t *fail, struct err *err)
{
    enum err_code code = ERR_PROVISION_FAILED;
    const char *name = "FAILED", *text = json_str(fail, "text");
    int64_t retry = json_int(fail, "retry", -1);

    for (size_t at = 0; at < sizeof codes / sizeof codes[0]; at++)
        if (codes[at].rc == rc) {
            code = codes[at].code;
            name = codes[at].name;
        }
    if (retry == 1 && !err_is_retryable(code))
        code = ERR_TRANSIENT;
    if (retry == 0 && err_is_retryable(code))
        code = ERR_PROVISION_FAILED;
    err_set(err, code, "%s: %s", i->name, text && *text ? text : "");
    if (!text || !*text)
        err_set(err, code, "%s: %s failed with %s and gave no reason", i->name, operation, name);
}

static void opened(struct plugin_manager *m, struct host *h, int64_t rc, const json_t *fail)
{
    struct instance *i = h->instance;
    struct err err = {0};

    if (rc != 0) {
        error_of(i, "open", rc, fail, &err);
        if (h->call)
            circuit_tell_code(m, h->call, &err);
    }
    pthread_mutex_lock(&m->lock);
    if (i->circuit.state == BREAKER_CLOSED && i->state != PLUGIN_REFUSED) { /* else the circuit has its own reason */
        i->state = rc == 0 ? PLUGIN_READY : PLUGIN_FAILED;
        snprintf(i->reason, sizeof i->reason, "%s", rc == 0 ? "" : err.msg);
    }
    pthread_mutex_unlock(&m->lock);
    if (rc == 0 && h->call && h->call->operation == PLUGIN_OPEN) { /* nothing more was wanted */
        circuit_tell_code(m, h->call, NULL);
        h->phase_deadline_us = 0;
        h->answered = true;
        call_finish(m, h->call, PLUGIN_DONE_OK, 0, NULL, NULL);
        return;
    }
    if (rc == 0) {
        host_give_call(m, h, h->call);
        return;
    }
    if (h->call)
        call_finish(m, h->call, PLUGIN_DONE_FAILED, 0, &err, NULL);
    host_close(m, h);
}

static void verdict(struct plugin_manager *m, struct host *h, int64_t rc, const json_t *frame)
{
    struct plugin_call *c = h->call;
    struct err err = {0};
    bool wanted;

    pthread_mutex_lock(&m->lock);
    wanted = c->cancel_wanted;
    pthread_mutex_unlock(&m->lock);
    if (rc == INNO_OK && c->operation == PLUGIN_GET_STATUS && !c->status) {
        err_set(&err, ERR_PLUGIN_PROTOCOL, "%s: get_status returned OK without calling host->status", h->instance->name);
    } else if (rc == INNO_OK || (rc == INNO_PENDING && !wanted && !c->timed_out)) {
        circuit_tell_code(m, c, NULL);
        call_finish(m, c, rc == INNO_OK ? PLUGIN_DONE_OK : PLUGIN_DONE_PENDING, json_int(frame, "poll_ms", 1000), NULL, NULL);
        return;
    } else if (rc > INNO_PENDING) {
        err_set(&err, ERR_PLUGIN_PROTOCOL, "%s: %s returned %lld, which is no code", h->instance->name, call_operation_name(c->operation),
                (long long)rc);
    } else if (wanted && (rc == INNO_CANCELED || rc == INNO_PENDING)) {
        err_set(&err, ERR_CANCELED, "%s: canceled", h->instance->name);
    } else if (c->timed_out && (rc == INNO_CANCELED || rc == INNO_PENDING)) {
        err_set(&err, ERR_PLUGIN_TIMEOUT, "%s: %s was not ready in time and stopped when asked", h->instance->name,
                call_operation_name(c->operation));
    } else if (rc == INNO_CANCELED) {
        err_set(&err, ERR_PROVISION_FAILED, "%s: said CANCELED although nobody canceled", h->instance->name);
    } else {
        error_of(h->instance, call_operation_name(c->operation), rc, json_object_get(frame, "fail"), &err);
    }
    circuit_tell_code(m, c, &err);
    call_finish(m, c, PLUGIN_DONE_FAILED, 0, &err, NULL);
}

static int on_done(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    int64_t rc = json_int(frame, "rc", 1000), id = json_int(frame, "id", -1);
    const char *breach = json_str(frame, "breach");
    bool opening = h->phase == HOST_OPENING;

    if (rc == 1000 || id != (opening ? 0 : h->call ? h->call->id : -1) || (h->call && h->call->waits_checkpoint))
        return broke(err, "an answer to no question");
    if (breach)
        return err_set(err, ERR_PLUGIN_PROTOCOL, "called host->%.30s from another thread than the call's, or after the call", breach);
    if (opening) {
        opened(m, h, rc, json_object_get(frame, "fail"));
        return 0;
    }
    h->answered = true;
    if (m->options.measure)
        h->call->usage = json_incref(json_object_get(frame, "usage"));
    verdict(m, h, rc, frame);
    loop_dispatch(m, h->instance);
    return 0;
}

/* What open tells beyond its log has no resource to belong to. */
static int on_nothing(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    (void)m;
    (void)h;
    (void)frame;
    (void)err;
    return 0;
}

static const struct {
    const char *kind;
    unsigned when;
    int (*handle)(struct plugin_manager *, struct host *, const json_t *, struct err *);
} kinds[] = {
    {"sandbox", ON_START, on_sandbox},
    {"ready", ON_START, on_ready},
    {"refused", ON_START, on_refused},
    {"log", ON_OPEN | ON_CALL, on_log},
    {"progress", ON_OPEN | ON_CALL, on_progress},
    {"output", ON_CALL, on_output},
    {"output", ON_OPEN, on_nothing},
    {"secret", ON_CALL, on_secret},
    {"secret", ON_OPEN, on_nothing},
    {"hint", ON_CALL, on_hint},
    {"hint", ON_OPEN, on_nothing},
    {"status", ON_CALL, on_status},
    {"status", ON_OPEN, on_nothing},
    {"state", ON_CALL, on_state},
    {"done", ON_OPEN | ON_CALL, on_done},
};

static unsigned turn_of(const struct host *h)
{
    return h->phase == HOST_STARTING ? ON_START : h->phase == HOST_OPENING ? ON_OPEN : h->phase == HOST_BUSY ? ON_CALL : 0;
}

/* What users may see of a frame. Secret outputs are sealed, and states go back to the plugin alone. */
static void redact(struct plugin_manager *m, json_t *frame, const char *kind)
{
    static const char *const members[] = {"text", "label", "value", "reason", "fail"};

    if (!m->options.redact || str_eq(kind, "secret"))
        return;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        json_change_texts(json_object_get(frame, members[i]), m->options.redact, m->options.redact_ctx);
}

int frames_handle(struct plugin_manager *m, struct host *h, json_t *frame, struct err *err)
{
    const char *kind = json_str(frame, "t");
    bool known = false;

    if (h->phase == HOST_CLOSING || h->phase == HOST_KILLED) /* nothing it says matters any more */
        return 0;
    if (h->call && ++h->call->frames > MAX_CALL_FRAMES)
        return broke(err, "a flood of messages");
    redact(m, frame, kind);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!str_eq(kind, kinds[i].kind))
            continue;
        known = true;
        if (kinds[i].when & turn_of(h))
            return kinds[i].handle(m, h, frame, err);
    }
    return broke(err, known ? "a message out of turn" : "a message of an unknown kind");
}
