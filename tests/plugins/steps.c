/* A plugin that brings step types: `work` may be repeated, `once` may not. config.mode says what a step does. */
#include <innominatus/helpers.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Says everything that a step can say. */
static inno_rc speak(const inno_host *host, inno_call *call, const inno_step *st)
{
    char attempt[16];

    snprintf(attempt, sizeof attempt, "%u", (unsigned)st->attempt);
    host->log(call, INNO_LOG_INFO, "%s says %s", st->name, inno_json_string(host, call, st->config, "word", "nothing"));
    host->progress(call, 40, "nearly half");
    host->progress(call, -1, "somewhere");
    host->output(call, "who", st->application);
    host->output(call, "where", st->environment);
    host->output(call, "workflow", st->workflow);
    host->output(call, "key", st->idempotency_key);
    host->output(call, "variable", inno_json_string(host, call, st->env, "WORD", "none"));
    host->output_json(call, "attempt", inno_span_of(attempt));
    host->output_json(call, "list", inno_span_of("[1, {\"two\": null}]"));
    host->secret_output(call, "token", "t0ps3cret-of-the-step");
    return INNO_OK;
}

static inno_rc wait_for_cancel(const inno_host *host, inno_call *call)
{
    struct pollfd fd = {host->cancel_fd(call), POLLIN, 0};

    host->log(call, INNO_LOG_INFO, "waiting to be canceled");
    while (!host->canceled(call) && host->deadline_ms(call) > 0)
        poll(&fd, 1, 1000);
    host->log(call, INNO_LOG_INFO, "stops in good order");
    return host->canceled(call) ? INNO_CANCELED : INNO_TIMEOUT;
}

/* Ready when it was asked three times; what it counts is its checkpoint. */
static inno_rc take_time(const inno_host *host, inno_call *call, const inno_step *st)
{
    char state[40];
    long count = (long)inno_json_int(st->state, "count", 0) + 1;
    inno_rc rc;

    snprintf(state, sizeof state, "{\"count\": %ld}", count);
    rc = host->state(call, inno_span_of(state));
    if (rc != INNO_OK)
        return rc;
    host->log(call, INNO_LOG_INFO, "asked %ld", count);
    host->poll_after(call, 100);
    if (count < 3)
        return INNO_PENDING;
    host->output_json(call, "asked", inno_span_of("3"));
    return INNO_OK;
}

static inno_rc step(void *self, const inno_host *host, inno_call *call, const inno_step *st)
{
    const char *mode = inno_json_string(host, call, st->config, "mode", "speak");

    (void)self;
    if (strcmp(mode, "wait") == 0)
        return wait_for_cancel(host, call);
    if (strcmp(mode, "pending") == 0)
        return take_time(host, call, st);
    if (strcmp(mode, "crash") == 0) {
        host->log(call, INNO_LOG_ERROR, "about to crash");
        abort();
    }
    if (strcmp(mode, "fail") == 0)
        return host->fail(call, INNO_FAILED, -1, "it cannot be done");
    if (strcmp(mode, "later") == 0 && st->attempt < 3)
        return host->fail(call, INNO_TRANSIENT, -1, "attempt %u is too early", (unsigned)st->attempt);
    return speak(host, call, st);
}

static inno_rc none(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    (void)res;
    return host->fail(call, INNO_UNSUPPORTED, -1, "this plugin has steps only");
}

static const char *const types[] = {NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD, INNO_SLOT_STEP, "steps", "1.0.0", types, NULL, NULL, none, none, none, none, NULL, NULL, step, NULL,
};
INNO_PLUGIN(plugin, {
    "name" : "steps",
    "version" : "1.0.0",
    "slots" : ["step"],
    "step_types" : [ {"name" : "work", "idempotent" : true}, {"name" : "once"} ]
})
