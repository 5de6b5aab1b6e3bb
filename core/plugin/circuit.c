/* Owns the circuit breaker of instances (the moves are breaker.c's) and the calls of `health`, which feed it. Any thread; what is told of
 * calls comes from the plugin loop, or the thread of an inline call. */
#include "plugin/circuit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/str.h"
#include "plugin/plugin_priv.h"
#include <string.h>

#define HEALTH_DEADLINE_MS 10000
#define PROBE_ROUND_MS     500 /* until a call that met a probe on its way asks again */

static const struct breaker_limits defaults = {.crashes = 5,
                                               .away = 10,
                                               .crash_us = 30 * US_PER_SEC,
                                               .most_crash_us = 600 * US_PER_SEC,
                                               .away_us = 5 * US_PER_SEC,
                                               .most_us = 300 * US_PER_SEC};

void circuit_limits(const struct plugin_breaker_options *options, struct breaker_limits *out)
{
    *out = defaults;
    if (options->crashes > 0)
        out->crashes = options->crashes;
    if (options->failures > 0)
        out->away = options->failures;
    if (options->crash_open_ms > 0)
        out->crash_us = options->crash_open_ms * US_PER_MS;
    if (options->failure_open_ms > 0)
        out->away_us = options->failure_open_ms * US_PER_MS;
    if (out->crash_us > out->most_crash_us)
        out->most_crash_us = out->crash_us;
    if (out->away_us > out->most_us)
        out->most_us = out->away_us;
}

/* ---- asking ---- */

bool circuit_is_open(const struct instance *i, char *why, size_t cap)
{
    int64_t now = clock_mono_us(), left = breaker_wait_us(&i->circuit, now);
    char when[CLOCK_TEXT_BYTES];

    if (i->circuit.state == BREAKER_CLOSED)
        return false;
    if (i->circuit.state == BREAKER_HALF_OPEN)
        snprintf(why, cap, "it is being tried again now, after %s", i->reason);
    else
        snprintf(why, cap, "it is not called again for %lld s (until %s): %s", (long long)((left + US_PER_SEC - 1) / US_PER_SEC),
                 clock_format(clock_now_us() + left, when), i->reason);
    return i->circuit.state == BREAKER_OPEN;
}

int circuit_ask(struct instance *i, int64_t id, bool is_health, bool *out_probe, bool *out_ask_health, struct err *err)
{
    enum breaker_gate gate = breaker_ask(&i->circuit, id, clock_mono_us());
    char why[900];

    *out_probe = gate == BREAKER_PROBE;
    *out_ask_health = gate == BREAKER_PROBE && !is_health && call_has_slot(i, "health");
    if (gate == BREAKER_PASS || (gate == BREAKER_PROBE && !*out_ask_health))
        return 0;
    circuit_is_open(i, why, sizeof why);
    return err_set(err, ERR_CIRCUIT_OPEN, "plugin %s: %s", i->name, why);
}

int64_t plugin_retry_after_ms(struct plugin_manager *m, const char *instance)
{
    const struct instance *i;
    int64_t wait = 0;

    pthread_mutex_lock(&m->lock);
    if ((i = manager_find(m, instance)))
        wait = breaker_wait_us(&i->circuit, clock_mono_us());
    pthread_mutex_unlock(&m->lock);
    return wait < 0 ? PROBE_ROUND_MS : (wait + US_PER_MS - 1) / US_PER_MS;
}

/* ---- telling ---- */

/* After a move from `before`; lock held. */
static void show(struct instance *i, enum breaker_state before, enum breaker_result result, const char *text)
{
    const struct breaker *b = &i->circuit;

    if (b->state == BREAKER_OPEN && before != BREAKER_OPEN) {
        if (result != BREAKER_NOTHING)
            snprintf(i->reason, sizeof i->reason, "%d %s in a row; the last: %.400s", result == BREAKER_CRASH ? b->crashes : b->away,
                     result == BREAKER_CRASH ? "crashes" : "failed calls of its backend", text ? text : "");
        if (i->state == PLUGIN_READY || i->state == PLUGIN_FAILED)
            i->state = PLUGIN_OPEN_CIRCUIT;
    } else if (b->state == BREAKER_CLOSED && before != BREAKER_CLOSED && i->state == PLUGIN_OPEN_CIRCUIT) {
        i->state = PLUGIN_READY;
        i->reason[0] = '\0';
    }
}

void circuit_tell(struct plugin_manager *m, struct instance *i, int64_t id, enum breaker_result result, const char *text)
{
    enum breaker_state before, after;
    char reason[sizeof i->reason];
    bool removed;

    pthread_mutex_lock(&m->lock);
    removed = i->removed;
    before = i->circuit.state;
    breaker_tell(&i->circuit, &m->limits, id, result, clock_mono_us());
    after = i->circuit.state;
    show(i, before, result, text);
    memcpy(reason, i->reason, sizeof reason);
    pthread_mutex_unlock(&m->lock);
    if (after == before || (after == BREAKER_OPEN && result == BREAKER_NOTHING))
        return;
    if (after == BREAKER_OPEN)
        metric_count(METRIC_PLUGIN_OPENINGS, i->name, NULL, NULL);
    if (m->options.changed && !removed)
        m->options.changed(m->options.changed_ctx, i->name, after == BREAKER_OPEN ? "open_circuit" : "ready",
                           after == BREAKER_OPEN ? reason : "");
}

void circuit_tell_code(struct plugin_manager *m, const struct plugin_call *c, const struct err *err)
{
    enum breaker_result result = BREAKER_GOOD;

    if (err && (err->code == ERR_TRANSIENT || err->code == ERR_TIMEOUT || err->code == ERR_PLUGIN_TIMEOUT))
        result = err->code == ERR_TRANSIENT || c->full_time ? BREAKER_AWAY : BREAKER_NOTHING;
    else if (err && err->code == ERR_CANCELED)
        result = BREAKER_NOTHING;
    circuit_tell(m, c->instance, c->id, result, err ? err->msg : NULL);
}

void circuit_describe(const struct instance *i, json_t *to)
{
    const struct breaker *b = &i->circuit;
    int64_t left = breaker_wait_us(b, clock_mono_us());
    json_t *circuit = json_object();

    json_set_str(circuit, "state", breaker_state_name(b->state));
    json_set_int(circuit, "crashes", b->crashes);
    json_set_int(circuit, "failures", b->away);
    json_set_int(circuit, "openings", b->openings);
    if (b->state == BREAKER_OPEN) {
        json_set_time(circuit, "retry_at", clock_now_us() + left);
        json_set_time(to, "retry_at", clock_now_us() + left);
    }
    json_set_new(to, "circuit", circuit);
}

/* ---- health ---- */

struct asked {
    struct plugin_manager *m;
    int64_t began_us;
    char instance[];
};

static void keep(struct asked *asked, const struct err *err)
{
    struct plugin_manager *m = asked->m;
    struct instance *i;

    pthread_mutex_lock(&m->lock);
    if ((i = manager_find(m, asked->instance))) {
        i->health.asking = false;
        if (!err || (err->code != ERR_SHUTDOWN && err->code != ERR_CANCELED)) {
            i->health.status = err ? HEALTH_BAD : HEALTH_OK;
            i->health.at_us = clock_now_us();
            i->health.at_mono_us = clock_mono_us();
            i->health.latency_us = i->health.at_mono_us - asked->began_us;
            snprintf(i->health.text, sizeof i->health.text, "%.390s", err ? err->msg : "");
        }
    }
    pthread_mutex_unlock(&m->lock);
    free(asked);
}

static void on_health(void *ctx, const struct plugin_result *result)
{
    keep(ctx, result->outcome == PLUGIN_DONE_FAILED ? &result->err : NULL);
}

void health_start(struct plugin_manager *m, const char *instance, int64_t id)
{
    struct asked *asked = mem_zalloc(sizeof *asked + strlen(instance) + 1);
    struct plugin_request request = {
        .instance = instance, .operation = PLUGIN_HEALTH, .deadline_ms = HEALTH_DEADLINE_MS, .events.done = on_health, .ctx = asked};
    struct err err = {0};

    asked->m = m;
    asked->began_us = clock_mono_us();
    memcpy(asked->instance, instance, strlen(instance) + 1);
    if (manager_start_call(m, &request, id, NULL, &err) < 0)
        keep(asked, &err);
}

void plugin_check_health(struct plugin_manager *m, const char *instance, int64_t max_age_ms)
{
    CLEANUP(json_put) json_t *names = json_array();
    json_t *name;
    size_t at;

    pthread_mutex_lock(&m->lock);
    for (struct instance *i = m->instances; i; i = i->next) {
        bool fresh = i->health.status != HEALTH_UNKNOWN && clock_mono_us() - i->health.at_mono_us < max_age_ms * US_PER_MS;

        if ((instance && !str_eq(i->name, instance)) || fresh || i->health.asking || !call_has_slot(i, "health") ||
            (i->state != PLUGIN_READY && i->state != PLUGIN_FAILED))
            continue;
        i->health.asking = true;
        json_append_str(names, i->name);
    }
    pthread_mutex_unlock(&m->lock);
    json_array_foreach(names, at, name) health_start(m, json_string_value(name), 0);
}

void health_describe(const struct instance *i, json_t *to)
{
    static const char *const names[] = {[HEALTH_UNKNOWN] = "unknown", [HEALTH_OK] = "ok", [HEALTH_BAD] = "failed"};
    const struct health *h = &i->health;
    json_t *health;

    if (!call_has_slot(i, "health"))
        return;
    health = json_object();
    json_set_str(health, "status", names[h->status]);
    if (h->status != HEALTH_UNKNOWN) {
        json_set_time(health, "checked_at", h->at_us);
        json_set_int(health, "latency_ms", (h->latency_us + US_PER_MS / 2) / US_PER_MS);
    }
    if (h->status == HEALTH_BAD)
        json_set_str(health, "message", h->text);
    json_set_new(to, "health", health);
}
