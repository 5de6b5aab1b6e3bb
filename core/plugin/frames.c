/* Owns the frames of a host: its start, and the ends of its calls (what it says during one: answers.c). Everything is untrusted: a frame of
 * a kind, at a time or of a size that the protocol does not have ends the host. Loop thread. */
#include "base/cleanup.h"
#include "base/str.h"
#include "plugin/plugin_priv.h"
#include "plugin/protocol.h"

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
    answers_refused(m, h->instance, reason, &why);
    if (h->call)
        call_finish(m, h->call, PLUGIN_DONE_FAILED, 0, &why, NULL);
    host_close(m, h);
    loop_dispatch(m, h->instance); /* fails those that wait */
    return 0;
}

/* ---- the end of a call ---- */

static void opened(struct plugin_manager *m, struct host *h, int64_t rc, const json_t *fail)
{
    struct err err = {0};

    if (!answers_opened(m, h->instance, h->call, rc, fail, &err)) {
        if (h->call)
            call_finish(m, h->call, PLUGIN_DONE_FAILED, 0, &err, NULL);
        host_close(m, h);
    } else if (h->call && h->call->operation == PLUGIN_OPEN) { /* nothing more was wanted */
        circuit_tell_code(m, h->call, NULL);
        h->phase_deadline_us = 0;
        h->answered = true;
        call_finish(m, h->call, PLUGIN_DONE_OK, 0, NULL, NULL);
    } else {
        host_give_call(m, h, h->call);
    }
}

static int on_done(struct plugin_manager *m, struct host *h, const json_t *frame, struct err *err)
{
    int64_t rc = json_int(frame, "rc", 1000), id = json_int(frame, "id", -1);
    bool opening = h->phase == HOST_OPENING;

    if (rc == 1000 || id != (opening ? 0 : h->call ? h->call->id : -1) || (h->call && h->call->waits_checkpoint))
        return broke(err, "an answer to no question");
    if (answers_breach(frame, err) < 0)
        return -1;
    if (opening) {
        opened(m, h, rc, json_object_get(frame, "fail"));
        return 0;
    }
    h->answered = true;
    if (m->options.measure)
        h->call->usage = json_incref(json_object_get(frame, "usage"));
    answers_verdict(m, h->call, rc, frame);
    loop_dispatch(m, h->instance);
    return 0;
}

static const struct {
    const char *kind;
    bool starting;
    int (*handle)(struct plugin_manager *, struct host *, const json_t *, struct err *);
} kinds[] = {
    {"sandbox", true, on_sandbox},
    {"ready", true, on_ready},
    {"refused", true, on_refused},
    {"done", false, on_done},
};

int frames_handle(struct plugin_manager *m, struct host *h, json_t *frame, struct err *err)
{
    const char *kind = json_str(frame, "t");
    enum answers_turn turn = h->phase == HOST_OPENING ? ANSWERS_OPEN : h->phase == HOST_BUSY ? ANSWERS_CALL : ANSWERS_NONE;
    int rc;

    if (h->phase == HOST_CLOSING || h->phase == HOST_KILLED) /* nothing it says matters any more */
        return 0;
    rc = answers_take(m, h->call, turn, frame, err);
    if (rc <= 0)
        return rc;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (str_eq(kind, kinds[i].kind))
            return kinds[i].starting == (h->phase == HOST_STARTING) && h->phase != HOST_IDLE ? kinds[i].handle(m, h, frame, err)
                                                                                             : broke(err, "a message out of turn");
    return broke(err, "a message of an unknown kind");
}
