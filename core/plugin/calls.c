/* Owns a call's beginning (the frame) and end (the result, the report, the counters). call_make: any thread; the rest: loop thread,
 * or the thread that serves an inline call. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/secret.h"
#include "base/str.h"
#include "plugin/action.h"
#include "plugin/manifest.h"
#include "plugin/plugin_priv.h"
#include "plugin/protocol.h"
#include <string.h>

static const char *const operation_names[] = {
    [PLUGIN_PROVISION] = "provision",
    [PLUGIN_DEPROVISION] = "deprovision",
    [PLUGIN_GET_STATUS] = "get_status",
    [PLUGIN_GET_HINTS] = "get_hints",
    [PLUGIN_STEP] = "step",
    [PLUGIN_HEALTH] = "health",
    [PLUGIN_PLAN] = "plan",
    [PLUGIN_ACTION] = "action",
    [PLUGIN_OPEN] = "open",
};

/* Slots that a manifest must list before the operation is tried. */
static const char *const needed_slot[] = {
    [PLUGIN_STEP] = "step", [PLUGIN_HEALTH] = "health", [PLUGIN_PLAN] = "plan", [PLUGIN_ACTION] = "actions"};

const char *call_operation_name(enum plugin_operation operation) { return operation_names[operation]; }

#define PLENTY_MS 10000

bool call_has_slot(const struct instance *i, const char *slot)
{
    json_t *item;
    size_t at;

    json_array_foreach(json_object_get(i->vetted.manifest, "slots"), at, item)
    {
        if (str_eq(json_string_value(item), slot))
            return true;
    }
    return false;
}

static int check_request(const struct instance *i, const struct plugin_request *request, struct err *err)
{
    const char *slot = request->operation < sizeof needed_slot / sizeof needed_slot[0] ? needed_slot[request->operation] : NULL;
    const char *type = json_str(request->operation == PLUGIN_STEP ? request->step : request->resource, "type");

    if (slot && !call_has_slot(i, slot))
        return err_set(err, ERR_UNSUPPORTED, "plugin %s has no %s (its manifest does not list the slot)", i->name, slot);
    if (request->operation == PLUGIN_HEALTH || request->operation == PLUGIN_OPEN)
        return 0;
    if (!type)
        return err_set(err, ERR_INTERNAL, "call of plugin %s without a type", i->name);
    if (request->operation == PLUGIN_STEP ? !manifest_has_step(i->vetted.manifest, type) : !manifest_has_type(i->vetted.manifest, type))
        return err_set(err, ERR_UNSUPPORTED, "plugin %s has no type \"%s\"", i->name, type);
    if (request->operation == PLUGIN_PROVISION && str_eq(json_str(request->resource, "operation"), "update") && !call_has_slot(i, "update"))
        return err_set(err, ERR_UNSUPPORTED, "plugin %s cannot change a %s in place", i->name, type);
    return 0;
}

/* A part of the frame. The thread that serves an inline call gets it as values, which are its own. */
static json_t *part(const struct instance *i, const json_t *value)
{
    return i->is_inline ? json_clone(value) : json_incref((json_t *)(uintptr_t)value);
}

/* What is called, and its arguments in the order of the signature. */
static int add_action(const struct instance *i, const struct plugin_request *request, json_t *frame, struct err *err)
{
    const json_t *action = NULL;
    json_t *arguments = NULL;

    if (request->operation != PLUGIN_ACTION)
        return 0;
    if (action_find(i->vetted.manifest, json_str(request->resource, "type"), request->action, &action, err) < 0 ||
        action_take_arguments(action, request->arguments, &arguments, err) < 0)
        return -1;
    json_set_str(frame, "action", request->action);
    json_set_new(frame, "arguments", part(i, arguments));
    json_decref(arguments);
    return 0;
}

static int fill_frame(const struct plugin_call *c, const struct plugin_request *request, json_t *frame, struct err *err)
{
    if (request->resource)
        json_set_new(frame, "resource", part(c->instance, request->resource));
    if (request->step)
        json_set_new(frame, "step", part(c->instance, request->step));
    json_set_str(frame, "trace_id", request->trace_id);
    return add_action(c->instance, request, frame, err);
}

static int make_frame(struct plugin_call *c, const struct plugin_request *request, int64_t ms, struct err *err)
{
    struct arena *before = c->instance->is_inline ? json_use_arena(c->arena = arena_new()) : NULL;
    json_t *frame = json_pack("{s:s,s:I,s:s,s:I}", "t", "call", "id", (json_int_t)c->id, "op", operation_names[request->operation],
                              "deadline_ms", (json_int_t)ms);
    int rc = fill_frame(c, request, frame, err);

    if (c->instance->is_inline) {
        json_use_arena(before);
        c->values = frame;
        return rc;
    }
    if (rc == 0)
        rc = protocol_add(&c->frame, frame, PROTOCOL_CALL_BYTES, err);
    json_decref(frame);
    return rc;
}

struct plugin_call *call_make(struct instance *i, const struct plugin_request *request, int64_t id, struct err *err)
{
    struct plugin_call *c;
    /* The admin's limit holds whatever a step's author would allow. */
    int64_t ms = request->deadline_ms > 0 && request->deadline_ms < i->timeout_ms ? request->deadline_ms : i->timeout_ms;

    if (check_request(i, request, err) < 0)
        return NULL;
    c = mem_zalloc(sizeof *c);
    *c = (struct plugin_call){.instance = i,
                              .events = request->events,
                              .ctx = request->ctx,
                              .operation = request->operation,
                              .id = id,
                              .started_us = clock_mono_us(),
                              .frame = BUF_INIT(PROTOCOL_CALL_BYTES + 16),
                              .outputs = json_object(),
                              .secrets = json_object(),
                              .hints = json_array()};
    if (request->read_only)
        c->events.checkpoint = NULL;
    c->deadline_us = c->started_us + ms * US_PER_MS;
    c->full_time = ms >= i->timeout_ms || ms >= PLENTY_MS;
    if (make_frame(c, request, ms, err) < 0) {
        call_free(c);
        return NULL;
    }
    return c;
}

int plugin_call_pid(const struct plugin_call *call) { return call->host ? (int)call->host->pid : 0; }

void call_free(struct plugin_call *c)
{
    if (c->frame.data)
        secret_wipe(c->frame.data, c->frame.len);
    buf_fini(&c->frame);
    if (c->arena) {
        arena_wipe(c->arena); /* params may hold opened secrets */
        arena_free(c->arena);
    }
    json_decref(c->outputs);
    json_decref(c->secrets);
    json_decref(c->hints);
    json_decref(c->usage);
    free(c->state);
    free(c->status);
    free(c->status_text);
    for (size_t n = 0; n < LAST_LOGS; n++)
        free(c->last_logs[n]);
    free(c);
}

void call_keep_log(struct plugin_call *c, const char *text)
{
    char **slot = &c->last_logs[c->log_count++ % LAST_LOGS];
    size_t len = strnlen(text, 1000);

    while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80) /* never within a character */
        len--;
    free(*slot);
    *slot = mem_strndup(text, len);
}

/* The last lines that the plugin logged, then what its process printed last. */
static json_t *last_logs(const struct plugin_call *c)
{
    json_t *logs = json_array();
    size_t first = c->log_count > LAST_LOGS ? c->log_count - LAST_LOGS : 0;

    for (size_t n = first; n < c->log_count; n++)
        json_append_str(logs, c->last_logs[n % LAST_LOGS]);
    if (c->host && c->host->output_len) {
        CLEANUP(free_ptr) char *printed = mem_strndup(c->host->last_output, c->host->output_len);

        for (char *line = printed, *end; line && *line; line = end ? end + 1 : NULL) {
            if ((end = strchr(line, '\n')))
                *end = '\0';
            if (*line && str_is_utf8(line, strlen(line)))
                json_append_str(logs, line);
        }
    }
    return logs;
}

static json_t *report_of(const struct plugin_manager *m, const struct plugin_call *c, const char *signal)
{
    json_t *report = json_object(), *plugin = json_object();

    json_set_str(plugin, "name", json_str(c->instance->vetted.manifest, "name"));
    json_set_str(plugin, "version", json_str(c->instance->vetted.manifest, "version"));
    json_set_str(plugin, "instance", c->instance->name);
    json_set_new(report, "plugin", plugin);
    json_set_str(report, "operation", operation_names[c->operation]);
    json_set_str(report, "signal", signal);
    json_set_new(report, "last_logs", last_logs(c));
    if (m->options.redact) /* what the process printed did not come in frames */
        json_change_texts(json_object_get(report, "last_logs"), m->options.redact, m->options.redact_ctx);
    return report;
}

static void unlist(struct plugin_manager *m, struct plugin_call *c)
{
    struct instance *i = c->instance;

    pthread_mutex_lock(&m->lock);
    for (struct plugin_call **at = &m->calls; *at; at = &(*at)->all_next)
        if (*at == c) {
            *at = c->all_next;
            break;
        }
    i->pending--;
    i->calls++;
    i->durations_us[i->duration_count++ % DURATIONS] = clock_mono_us() - c->started_us;
    pthread_mutex_unlock(&m->lock);
}

static void count(const struct plugin_call *c, enum plugin_outcome outcome, const struct err *err)
{
    const char *how = !err                              ? (outcome == PLUGIN_DONE_PENDING ? "pending" : "ok")
                      : err->code == ERR_PLUGIN_CRASHED ? "crashed"
                      : err->code == ERR_PLUGIN_TIMEOUT ? "timeout"
                      : err->code == ERR_CANCELED       ? "canceled"
                                                        : "failed";

    metric_count(METRIC_PLUGIN_CALLS, c->instance->name, operation_names[c->operation], how);
    metric_observe(metric_of(METRIC_PLUGIN_DURATION, c->instance->name, operation_names[c->operation], NULL),
                   clock_mono_us() - c->started_us);
}

void call_finish(struct plugin_manager *m, struct plugin_call *c, enum plugin_outcome outcome, int64_t poll_ms, const struct err *err,
                 const char *signal)
{
    struct plugin_result result = {.outcome = outcome,
                                   .poll_after_ms = poll_ms,
                                   .outputs = c->outputs,
                                   .secrets = c->secrets,
                                   .hints = c->hints,
                                   .usage = c->usage,
                                   .status = c->status ? c->status : "",
                                   .status_text = c->status_text ? c->status_text : "",
                                   .state = c->state};
    CLEANUP(json_put) json_t *report = NULL;

    if (err) {
        result.outcome = PLUGIN_DONE_FAILED;
        result.err = *err;
        result.report = report = report_of(m, c, signal);
    }
    count(c, outcome, err);
    if (c->probe) /* it came to nothing, unless its verdict was told already */
        circuit_tell(m, c->instance, c->id, BREAKER_NOTHING, NULL);
    unlist(m, c);
    if (c->host && c->host->answered) /* before `done`: whoever waits for it may use the host at once */
        host_give_call(m, c->host, NULL);
    else if (c->instance->is_inline)
        inline_rest(m, c);
    else if (c->host)
        c->host->call = NULL;
    if (c->events.done)
        c->events.done(c->ctx, &result);
    call_free(c);
}
