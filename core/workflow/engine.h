/* The durable engine: claims ready steps with a lease and a fence, runs them, stores what came of them and what follows in one transaction
 * (engine.md). Threads: one dispatcher that claims and keeps leases, `workers` that run steps (policies, Lua, preparation). Nobody waits
 * for a plugin, a timer or a commit: those come back as callbacks. Idle, nothing runs: the dispatcher sleeps until a commit notifies it or
 * the next timer is due. */
#pragma once
#include "base/err.h"
#include "codec/json.h"
#include "workflow/platform.h"
#include <stdint.h>

struct engine;
struct store;
struct plugin_manager;
struct net;
struct secret_box;

struct engine_options {
    struct store *store;
    struct plugin_manager *plugins;
    struct net *net;
    struct secret_box *secrets;
    struct platform *platform; /* a reference is taken */
    const char *state_dir;     /* manifests are written below it */
    int workers;               /* 0: LIMIT_WORKERS */
    int64_t capacity;          /* tasks; 0: LIMIT_QUEUE_CAPACITY */
    int64_t lease_ms;          /* 0: LEASE_MS */
    int64_t margin_ms; /* side effects stop this long before a lease ends, a reclaim waits this long after it; 0: a fifth of the lease */
};

int engine_new(const struct engine_options *options, struct engine **out, struct err *err);
/* Reclaims what an earlier process left, then starts the threads. */
int engine_start(struct engine *engine, struct err *err);
/* No new step starts; waits at most `ms` for those that run, asks the others to stop and waits until they have (calls are killed after 2
 * s), then ends the engine's threads. What was stopped goes back to the queue. */
void engine_drain(struct engine *engine, int64_t ms);
/* After the plugin manager and the store are gone, so that nothing calls back any more. */
void engine_free(struct engine *engine);

struct store *engine_store(struct engine *engine);
/* The configuration, workflows and policies in force; release with platform_unref. Any thread. */
struct platform *engine_platform(struct engine *engine);
/* Puts another one in force (reload). */
void engine_set_platform(struct engine *engine, struct platform *platform);
