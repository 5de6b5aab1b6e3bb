/* Owns the meaning of what a plugin says during a call, whoever brings it: frames of a host (frames.c, on the plugin loop) or the thread
 * that runs the call inside the server (inline.c). Everything is untrusted: what the contract does not have ends whoever said it. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "plugin/plugin_priv.h"
#include <innominatus/provisioner.h>
#include <string.h>

static int broke(struct err *err, const char *what) { return err_set(err, ERR_PLUGIN_PROTOCOL, "the plugin's host sent %s", what); }

static int on_log(struct plugin_manager *m, struct plugin_call *c, const json_t *frame, struct err *err)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    const char *level = json_str(frame, "level"), *text = json_str(frame, "text");
    bool known = false;

    (void)m;
    for (size_t i = 0; level && i < sizeof levels / sizeof levels[0]; i++)
        known = known || str_eq(level, levels[i]);
    if (!text || !known || strlen(text) > LIMIT_LOG_LINE_BYTES)
        return broke(err, "a bad log line");
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

static int on_progress(struct plugin_manager *m, struct plugin_call *c, const json_t *frame, struct err *err)
{
    int64_t percent = json_int(frame, "percent", -2);
    const char *text = json_str(frame, "text");

    (void)m;
    if (percent < -1 || percent > 100 || !text)
        return broke(err, "bad progress");
    if (c->events.progress)
        c->events.progress(c->ctx, (int)percent, text);
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

static int on_output(struct plugin_manager *m, struct plugin_call *c, const json_t *frame, struct err *err)
{
    const char *key = json_str(frame, "key");
    json_t *value = json_object_get(frame, "value");

    (void)m;
    if (count_output(c, key, value, err) < 0)
        return -1;
    json_object_del(c->secrets, key);
    json_object_set(c->outputs, key, value);
    return 0;
}

static int on_secret(struct plugin_manager *m, struct plugin_call *c, const json_t *frame, struct err *err)
{
    const char *key = json_str(frame, "key");
    json_t *value = json_object_get(frame, "value");

    (void)m;
    if (!json_is_string(value))
        return broke(err, "a bad secret output");
    if (count_output(c, key, value, err) < 0)
        return -1;
    if (c->events.secret)
        c->events.secret(c->ctx, json_string_value(value));
    json_object_del(c->outputs, key);
    json_object_set(c->secrets, key, value);
    return 0;
}

static int on_hint(struct plugin_manager *m, struct plugin_call *c, const json_t *frame, struct err *err)
{
    const char *kind = json_str(frame, "kind"), *label = json_str(frame, "label"), *value = json_str(frame, "value");

    (void)m;
    if (!kind || !label || !value || strlen(kind) > 32 || strlen(label) > LIMIT_LOG_LINE_BYTES || strlen(value) > LIMIT_LOG_LINE_BYTES)
        return broke(err, "a bad hint");
    if (json_array_size(c->hints) >= LIMIT_HINTS)
        return broke(err, "more hints than the limit");
    json_array_append_new(c->hints, json_pack("{s:s,s:s,s:s}", "kind", kind, "label", label, "value", value));
    return 0;
}

static int on_status(struct plugin_manager *m, struct plugin_call *c, const json_t *frame, struct err *err)
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
    free(c->status);
    c->status = mem_strdup(state);
    free(c->status_text);
    c->status_text = mem_strdup(text);
    if (*text) {
        call_keep_log(c, text);
        if (c->events.log)
            c->events.log(c->ctx, "info", text);
    }
    return 0;
}

static int on_state(struct plugin_manager *m, struct plugin_call *c, const json_t *frame, struct err *err)
{
    json_t *state = json_object_get(frame, "state");
    CLEANUP(free_ptr) char *text = json_is_object(state) ? json_text(state) : NULL;

    if (!text || strlen(text) > LIMIT_STATE_BYTES + 4096 || c->waits_checkpoint)
        return broke(err, "a bad state");
    free(c->state);
    c->state = take_ptr(text);
    c->waits_checkpoint = true;
    if (c->events.checkpoint) {
        c->events.checkpoint(c->ctx, c, c->state);
        return 0;
    }
    plugin_checkpointed(m, c, false);
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

bool answers_opened(struct plugin_manager *m, struct instance *i, const struct plugin_call *c, int64_t rc, const json_t *fail,
                    struct err *err)
{
    if (rc != 0) {
        error_of(i, "open", rc, fail, err);
        if (c)
            circuit_tell_code(m, c, err);
    }
    pthread_mutex_lock(&m->lock);
    if (i->circuit.state == BREAKER_CLOSED && i->state != PLUGIN_REFUSED) { /* else the circuit has its own reason */
        i->state = rc == 0 ? PLUGIN_READY : PLUGIN_FAILED;
        snprintf(i->reason, sizeof i->reason, "%s", rc == 0 ? "" : err->msg);
    }
    pthread_mutex_unlock(&m->lock);
    return rc == 0;
}

void answers_refused(struct plugin_manager *m, struct instance *i, const char *reason, struct err *why)
{
    err_set(why, ERR_PLUGIN_REFUSED, "plugin %s: %s", i->name, reason);
    pthread_mutex_lock(&m->lock);
    i->state = PLUGIN_REFUSED;
    snprintf(i->reason, sizeof i->reason, "%s", why->msg);
    pthread_mutex_unlock(&m->lock);
}

void answers_verdict(struct plugin_manager *m, struct plugin_call *c, int64_t rc, const json_t *frame)
{
    struct err err = {0};
    bool wanted;

    pthread_mutex_lock(&m->lock);
    wanted = c->cancel_wanted;
    pthread_mutex_unlock(&m->lock);
    if (rc == INNO_OK && c->operation == PLUGIN_GET_STATUS && !c->status) {
        err_set(&err, ERR_PLUGIN_PROTOCOL, "%s: get_status returned OK without calling host->status", c->instance->name);
    } else if (rc == INNO_OK || (rc == INNO_PENDING && !wanted && !c->timed_out)) {
        circuit_tell_code(m, c, NULL);
        call_finish(m, c, rc == INNO_OK ? PLUGIN_DONE_OK : PLUGIN_DONE_PENDING, json_int(frame, "poll_ms", 1000), NULL, NULL);
        return;
    } else if (rc > INNO_PENDING) {
        err_set(&err, ERR_PLUGIN_PROTOCOL, "%s: %s returned %lld, which is no code", c->instance->name, call_operation_name(c->operation),
                (long long)rc);
    } else if (wanted && (rc == INNO_CANCELED || rc == INNO_PENDING)) {
        err_set(&err, ERR_CANCELED, "%s: canceled", c->instance->name);
    } else if (c->timed_out && (rc == INNO_CANCELED || rc == INNO_PENDING)) {
        err_set(&err, ERR_PLUGIN_TIMEOUT, "%s: %s was not ready in time and stopped when asked", c->instance->name,
                call_operation_name(c->operation));
    } else if (rc == INNO_CANCELED) {
        err_set(&err, ERR_PROVISION_FAILED, "%s: said CANCELED although nobody canceled", c->instance->name);
    } else {
        error_of(c->instance, call_operation_name(c->operation), rc, json_object_get(frame, "fail"), &err);
    }
    circuit_tell_code(m, c, &err);
    call_finish(m, c, PLUGIN_DONE_FAILED, 0, &err, NULL);
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

int answers_breach(const json_t *done, struct err *err)
{
    const char *breach = json_str(done, "breach");

    return !breach ? 0
                   : err_set(err, ERR_PLUGIN_PROTOCOL, "called host->%.30s from another thread than the call's, or after the call", breach);
}

static const struct {
    const char *kind;
    enum answers_turn since;
    bool in_open; /* what open tells beyond its log has no resource to belong to, and is let go */
    int (*handle)(struct plugin_manager *, struct plugin_call *, const json_t *, struct err *);
} kinds[] = {
    {"log", ANSWERS_OPEN, true, on_log},        {"progress", ANSWERS_OPEN, true, on_progress}, {"output", ANSWERS_OPEN, false, on_output},
    {"secret", ANSWERS_OPEN, false, on_secret}, {"hint", ANSWERS_OPEN, false, on_hint},        {"status", ANSWERS_OPEN, false, on_status},
    {"state", ANSWERS_CALL, false, on_state},
};

int answers_take(struct plugin_manager *m, struct plugin_call *c, enum answers_turn turn, json_t *frame, struct err *err)
{
    const char *kind = json_str(frame, "t");

    if (c && ++c->frames > MAX_CALL_FRAMES)
        return broke(err, "a flood of messages");
    redact(m, frame, kind);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!str_eq(kind, kinds[i].kind))
            continue;
        if (turn < kinds[i].since)
            return broke(err, "a message out of turn");
        return c && (turn == ANSWERS_CALL || kinds[i].in_open) ? kinds[i].handle(m, c, frame, err) : 0;
    }
    return 1;
}
