/* Inside core/plugin: an instance's circuit breaker and what its `health` slot said. */
#pragma once
#include "base/err.h"
#include "codec/json.h"
#include "plugin/breaker.h"
#include <stdbool.h>
#include <stdint.h>

struct plugin_manager;
struct plugin_call;
struct instance;

enum health_status { HEALTH_UNKNOWN, HEALTH_OK, HEALTH_BAD };

struct health { /* [lock] */
    enum health_status status;
    int64_t at_us, at_mono_us, latency_us; /* of the last answer */
    bool asking;                           /* a call is on its way */
    char text[400];                        /* BAD: why */
};

/* What call `id` meets. Lock held. 0: it may begin, *out_probe tells whether it decides about an open circuit. -1 with ERR_CIRCUIT_OPEN;
 * *out_ask_health: its `health` slot decides, and health_start() is called with `id` after the lock was given back. */
int circuit_ask(struct instance *i, int64_t id, bool is_health, bool *out_probe, bool *out_ask_health, struct err *err);
/* What a call (id 0: a process without one) came to; `text` is the reason, for people. Takes the lock. */
void circuit_tell(struct plugin_manager *m, struct instance *i, int64_t id, enum breaker_result result, const char *text);
/* The same from the code that a call failed with: of the plugin's own answer. */
void circuit_tell_code(struct plugin_manager *m, const struct plugin_call *c, const struct err *err);
/* True while nothing of the instance may start; `why` and `cap` take the reason. Lock held. */
bool circuit_is_open(const struct instance *i, char *why, size_t cap);
void circuit_describe(const struct instance *i, json_t *to); /* lock held */

/* Calls the instance's `health` slot; `id` 0: a new call. Any thread, no lock held. */
void health_start(struct plugin_manager *m, const char *instance, int64_t id);
void health_describe(const struct instance *i, json_t *to); /* lock held */
