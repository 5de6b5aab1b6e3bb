/* A plugin with actions of every kind and every type of argument, for the tests of the manager and of the server: each answers with what it
 * was given. */
#include "fine.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ACTION(name, ...)                                                                                                                  \
    static inno_rc name(void *self, const inno_host *host, inno_call *call, const inno_resource *res __VA_OPT__(, ) __VA_ARGS__)
#define NOTHING_OF(x) (void)(x)

static void tell_int(const inno_host *host, inno_call *call, const char *key, int64_t value)
{
    char text[32];

    snprintf(text, sizeof text, "%lld", (long long)value);
    host->output_json(call, key, inno_span_of(text));
}

static void tell_double(const inno_host *host, inno_call *call, const char *key, double value)
{
    char text[64];

    snprintf(text, sizeof text, "%.17g", value);
    host->output_json(call, key, inno_span_of(text));
}

static void tell_bool(const inno_host *host, inno_call *call, const char *key, int32_t value)
{
    host->output_json(call, key, inno_span_of(value ? "true" : "false"));
}

/* ---- those that only look ---- */

ACTION(every, const char *s, int64_t i, int32_t b, double d, const inno_span *j)
{
    NOTHING_OF(self);
    host->log(call, INNO_LOG_INFO, "acting on %s", res->name);
    host->output(call, "s", s);
    tell_int(host, call, "i", i);
    tell_bool(host, call, "b", b);
    tell_double(host, call, "d", d);
    host->output_json(call, "j", *j);
    tell_int(host, call, "operation", res->operation);
    host->hint(call, INNO_HINT_DOCS, "about", "https://example.com/every");
    return INNO_OK;
}

/* More than fits into registers, of mixed kinds. */
ACTION(many, int64_t a, double b, int64_t c, double d, int64_t e, double f, int64_t g, double h, const char *i, double j, int64_t k,
       double l, int64_t m, double n, const inno_span *o, double p)
{
    NOTHING_OF(self);
    NOTHING_OF(res);
    tell_int(host, call, "whole", a + c + e + g + k + m);
    tell_double(host, call, "real", b + d + f + h + j + l + n + p);
    host->output(call, "text", i);
    host->output_json(call, "json", *o);
    return INNO_OK;
}

ACTION(talks, int64_t lines)
{
    NOTHING_OF(self);
    NOTHING_OF(res);
    for (int64_t i = 0; i < lines; i++)
        host->log(call, INNO_LOG_INFO, "line %lld", (long long)i);
    return INNO_OK;
}

ACTION(none)
{
    NOTHING_OF(self);
    host->output(call, "params", res->params.bytes);
    return INNO_OK;
}

ACTION(fails, int64_t code)
{
    NOTHING_OF(self);
    NOTHING_OF(res);
    return host->fail(call, (inno_rc)code, -1, "asked to fail with %lld", (long long)code);
}

ACTION(waits)
{
    struct pollfd fd = {host->cancel_fd(call), POLLIN, 0};

    NOTHING_OF(self);
    NOTHING_OF(res);
    host->log(call, INNO_LOG_INFO, "waiting");
    while (!host->canceled(call) && host->deadline_ms(call) > 0)
        poll(&fd, 1, 1000);
    return host->canceled(call) ? INNO_CANCELED : INNO_TIMEOUT;
}

ACTION(crashes)
{
    NOTHING_OF(self);
    NOTHING_OF(res);
    host->log(call, INNO_LOG_INFO, "about to crash");
    *(volatile int *)0 = 1; /* NOLINT: that is the point */
    return INNO_OK;
}

ACTION(whispers)
{
    NOTHING_OF(self);
    NOTHING_OF(res);
    host->secret_output(call, "password", "hunter2");
    return INNO_OK;
}

/* ---- those that change ---- */

ACTION(scale, int64_t replicas)
{
    NOTHING_OF(self);
    if (replicas < 0)
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "replicas must not be negative");
    if (replicas == 13)
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "13 brings bad luck");
    host->log(call, INNO_LOG_INFO, "scaling %s to %lld", res->name, (long long)replicas);
    tell_int(host, call, "replicas", replicas);
    host->output_json(call, "wanted", res->params);
    host->output_json(call, "before", res->prior_params);
    return INNO_OK;
}

/* The first time it says that it is not ready, and keeps what it knows. */
ACTION(rotate, const char *reason)
{
    NOTHING_OF(self);
    if (!inno_json_has(res->state, "rotating")) {
        inno_rc rc = host->state(call, inno_span_of("{\"rotating\":true}"));

        host->poll_after(call, 100);
        return rc < 0 ? rc : INNO_PENDING;
    }
    host->log(call, INNO_LOG_INFO, "rotated because of %s", reason);
    host->secret_output(call, "password", "correct horse");
    host->output(call, "key", res->idempotency_key);
    return INNO_OK;
}

/* Does not come to its end the first time that this request is made: somebody has to end the process. */
ACTION(hold, int64_t level)
{
    struct pollfd fd = {host->cancel_fd(call), POLLIN, 0};
    char path[700];
    FILE *file;

    NOTHING_OF(self);
    snprintf(path, sizeof path, "%s/held-%.64s", host->data_dir(call), res->idempotency_key);
    if (access(path, F_OK) == 0) {
        host->log(call, INNO_LOG_INFO, "called again");
        tell_int(host, call, "level", level);
        return INNO_OK;
    }
    file = fopen(path, "w");
    if (!file || fclose(file) != 0)
        return host->fail(call, INNO_FAILED, 0, "cannot write %s", path);
    host->log(call, INNO_LOG_INFO, "holding");
    while (!host->canceled(call) && host->deadline_ms(call) > 0)
        poll(&fd, 1, 1000);
    return host->canceled(call) ? INNO_CANCELED : INNO_TIMEOUT;
}

/* ---- the resource ---- */

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    NOTHING_OF(self);
    if (inno_get_bool(res, "refuse", 0))
        return host->fail(call, INNO_FAILED, 0, "asked to refuse");
    tell_int(host, call, "replicas", inno_get_int(res, "replicas", 1));
    host->secret_output(call, "password", "hunter2");
    return INNO_OK;
}

/* The file `unwell` in its data directory is what somebody did behind everybody's back. */
static inno_rc get_status(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    char path[700];

    NOTHING_OF(self);
    NOTHING_OF(res);
    snprintf(path, sizeof path, "%s/unwell", host->data_dir(call));
    if (access(path, F_OK) == 0)
        host->status(call, INNO_STATE_DEGRADED, "somebody has been here");
    else
        host->status(call, INNO_STATE_ACTIVE, NULL);
    return INNO_OK;
}

/* A change from what was applied last to what is wanted, and what it knows of the password. */
static inno_rc plan(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    char text[300];
    int64_t wanted = inno_get_int(res, "replicas", 1), there = inno_json_int(res->prior_params, "replicas", 0);

    NOTHING_OF(self);
    host->secret_output(call, "password", "hunter2 is it");
    if (wanted == there)
        snprintf(text, sizeof text, "[]");
    else
        snprintf(text, sizeof text,
                 "[{\"path\": \"/replicas\", \"from\": %lld, \"to\": %lld}, {\"path\": \"/password\", \"to\": \"hunter2 is it\"}]",
                 (long long)there, (long long)wanted);
    host->output_json(call, "changes", inno_span_of(text));
    return INNO_OK;
}

static inno_rc get_hints(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    NOTHING_OF(self);
    host->hint(call, INNO_HINT_COMMAND, "look", res->name);
    return INNO_OK;
}

/* ---- registration ---- */

static const char *const every_params[] = {"s", "i", "b", "d", "j", NULL};
static const char *const many_params[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", NULL};
static const char *const code_params[] = {"code", NULL}, *const scale_params[] = {"replicas", NULL},
                         *const talks_params[] = {"lines", NULL}, *const rotate_params[] = {"reason", NULL},
                         *const hold_params[] = {"level", NULL};

#define F(f) INNO_ACTION_FUNCTION(f)
static const inno_action every_action = {INNO_ACTION_HEAD(0), "every", "one of each", "sibdj", every_params, F(every)};
static const inno_action many_action = {INNO_ACTION_HEAD(0), "many", NULL, "ididididsdididjd", many_params, F(many)};
static const inno_action none_action = {INNO_ACTION_HEAD(0), "none", NULL, "", NULL, F(none)};
static const inno_action talks_action = {INNO_ACTION_HEAD(0), "talks", NULL, "i", talks_params, F(talks)};
static const inno_action fails_action = {INNO_ACTION_HEAD(0), "fails", NULL, "i", code_params, F(fails)};
static const inno_action waits_action = {INNO_ACTION_HEAD(0), "waits", NULL, "", NULL, F(waits)};
static const inno_action crashes_action = {INNO_ACTION_HEAD(0), "crashes", NULL, "", NULL, F(crashes)};
static const inno_action whispers_action = {INNO_ACTION_HEAD(0), "whispers", NULL, "", NULL, F(whispers)};
static const inno_action scale_action = {INNO_ACTION_HEAD(INNO_ACTION_CHANGES), "scale", NULL, "i", scale_params, F(scale)};
static const inno_action rotate_action = {INNO_ACTION_HEAD(INNO_ACTION_CHANGES), "rotate", NULL, "s", rotate_params, F(rotate)};
static const inno_action hold_action = {INNO_ACTION_HEAD(INNO_ACTION_CHANGES), "hold", NULL, "i", hold_params, F(hold)};
static const inno_action once_action = {INNO_ACTION_HEAD(INNO_ACTION_CHANGES), "hold-once", NULL, "i", hold_params, F(hold)};
/* Built with a later header: its struct has a tail that this host does not know. */
static const struct {
    inno_action known;
    void *tail[4];
} later_action = {{(uint32_t)sizeof(inno_action) + 4 * (uint32_t)sizeof(void *), 0, "later", NULL, "", NULL, F(none)}, {NULL}};
static const inno_action *const actions[] = {
    &every_action, &many_action,   &none_action, &fails_action, &waits_action,       &crashes_action, &whispers_action,
    &scale_action, &rotate_action, &hold_action, &once_action,  &later_action.known, &talks_action,   NULL};

static const char *const types[] = {"actor", "bystander", NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_PLAN | INNO_SLOT_ACTIONS,
    "acts",
    "1.0.0",
    types,
    NULL,
    NULL,
    provision,
    fine,
    get_status,
    get_hints,
    plan,
    NULL,
    NULL,
    actions,
};

/* clang-format off */
INNO_PLUGIN(plugin, {
    "name": "acts", "version": "1.0.0", "slots": ["update", "plan", "actions"],
    "types": [
        {"name": "actor", "params": {"type": "object", "properties": {"replicas": {"type": "integer", "minimum": 0, "maximum": 100}}}},
        {"name": "bystander"}
    ],
    "actions": [
        {"name": "every", "description": "one of each", "types": ["actor"], "params": [
            {"name": "s", "type": "s", "description": "a word"}, {"name": "i", "type": "i", "default": -7}, {"name": "b", "type": "b", "default": true},
            {"name": "d", "type": "d", "default": 0.5}, {"name": "j", "type": "j", "default": {"a": [1, null]}}]},
        {"name": "many", "types": ["actor"], "params": [
            {"name": "a", "type": "i"}, {"name": "b", "type": "d"}, {"name": "c", "type": "i"}, {"name": "d", "type": "d"},
            {"name": "e", "type": "i"}, {"name": "f", "type": "d"}, {"name": "g", "type": "i"}, {"name": "h", "type": "d"},
            {"name": "i", "type": "s"}, {"name": "j", "type": "d"}, {"name": "k", "type": "i"}, {"name": "l", "type": "d"},
            {"name": "m", "type": "i"}, {"name": "n", "type": "d"}, {"name": "o", "type": "j"}, {"name": "p", "type": "d"}]},
        {"name": "none"},
        {"name": "fails", "types": ["actor"], "params": [{"name": "code", "type": "i"}]},
        {"name": "waits", "types": ["actor"]},
        {"name": "crashes", "types": ["actor"]},
        {"name": "whispers", "types": ["actor"]},
        {"name": "scale", "description": "so many of it", "types": ["actor"], "changes": true, "idempotent": true,
         "params": [{"name": "replicas", "type": "i", "description": "how many", "sets": "replicas"}]},
        {"name": "rotate", "description": "another password", "types": ["actor"], "changes": true,
         "params": [{"name": "reason", "type": "s", "default": "hygiene"}]},
        {"name": "hold", "types": ["actor"], "changes": true, "idempotent": true, "params": [{"name": "level", "type": "i", "sets": "level"}]},
        {"name": "hold-once", "types": ["actor"], "changes": true, "params": [{"name": "level", "type": "i", "sets": "level"}]},
        {"name": "later", "types": ["actor"]},
        {"name": "talks", "types": ["actor"], "params": [{"name": "lines", "type": "i"}]}
    ]
})
