/* A server without HTTP: store, secrets, plugins, engine and a configuration of the test's own, in a fresh directory. */
#pragma once
#include "auth/auth.h"
#include "base/arena.h"
#include "codec/json.h"
#include "plugin/plugin.h"
#include "store/store.h"
#include "workflow/deploy.h"
#include "workflow/engine.h"

struct rig {
    struct arena arena;
    const char *database; /* URL */
    const char *dir;      /* configuration and workflows: write files here before rig_start */
    const char *state;
    bool is_peer;
    int workers;
    int64_t lease_ms, margin_ms, capacity; /* 0: a lease that a busy machine does not miss; the engine's own */
    struct plugin_breaker_options breaker;
    int64_t wait_ms; /* how long a test waits before it fails: a guard against hanging, not a measure */
    struct store *store;
    struct secret_box *secrets;
    struct hub *hub;
    struct net *net;
    struct plugin_manager *plugins;
    struct engine *engine;
    struct principal user; /* dev, role user, team shop */
};

/* Makes the directory. `config` is the text of admin-config.yaml, NULL: the local provisioner and no workflow; @PROBE@ in it becomes the
 * entry of the tests' own provisioner (probe.c). */
void rig_init(struct rig *rig, const char *config);
/* Another server on the database and the configuration of `rig` (PostgreSQL); with a state directory of its own. */
void rig_init_peer(struct rig *peer, const struct rig *rig);
void rig_configure(struct rig *rig, const char *config); /* for the next rig_start */
/* Why this program's database is not to be had, NULL when it is. */
const char *rig_missing(void);
/* rig_init, or skips the running test; the rig was zeroed before. */
#define RIG_INIT(rig, config)                                                                                                              \
    do {                                                                                                                                   \
        if (rig_missing()) {                                                                                                               \
            test_skip(rig_missing());                                                                                                      \
            return;                                                                                                                        \
        }                                                                                                                                  \
        rig_init(rig, config);                                                                                                             \
    } while (0)
/* Writes a file below rig->dir ("workflows/platform/x.yaml"). */
void rig_write(struct rig *rig, const char *path, const char *text);
void rig_start(struct rig *rig);
/* Before rig_start: the leases of a process that has died are over (PostgreSQL; the only server of an SQLite database knows). */
void rig_end_leases(struct rig *rig);
void rig_stop(struct rig *rig);                    /* as SIGTERM does; rig_start starts it again on the same files */
void rig_stop_within(struct rig *rig, int64_t ms); /* with that long for the drain */
void rig_fini(struct rig *rig);

struct rig_deploy {
    const char *score, *team, *environment, *parameters, *allow_remove, *allow_replace; /* the last three: JSON texts */
    bool force, supersede;
};
/* Accepts a deployment; its id (arena), NULL with err when it was refused. A denial has code ERR_DENIED. */
const char *rig_accept(struct rig *rig, const struct rig_deploy *what, struct err *err);
const char *rig_delete(struct rig *rig, const char *application, bool keep, struct err *err);
void rig_cancel(struct rig *rig, const char *id, struct err *err);
/* A deployment of kind `resource` on the live resource with that name. */
const char *rig_act(struct rig *rig, const char *name, const char *operation, const char *arguments, struct err *err);
/* Waits until a deployment has ended; its state (arena). */
const char *rig_wait(struct rig *rig, const char *id);
/* Accepts and waits; fails the test when it is refused. */
const char *rig_deploy(struct rig *rig, const char *score);
/* Waits until a query (one text column) answers `wanted`; fails the test after a minute. */
void rig_expect(struct rig *rig, const char *sql, const char *wanted);
/* The first column of the first row as text (arena), "" when there is none. */
const char *rig_text(struct rig *rig, const char *sql);
/* The same of a database that no server has open. */
const char *rig_text_closed(struct rig *rig, const char *sql);

/* Changes the database behind the engine's back: nobody is notified. */
void rig_exec(struct rig *rig, const char *sql);
/* The same, and the engine looks what is due. */
void rig_exec_tasks(struct rig *rig, const char *sql);
/* Whether an event is stored within `ms` from now. Asks nothing of the database. */
bool rig_stored_lately(struct rig *rig, int64_t ms);
unsigned rig_failures(void); /* failed assertions so far */

/* How many calls of the probe, as it noted them itself, start with `prefix`: "create db ", "step mark ". */
int rig_calls(struct rig *rig, const char *prefix);
void rig_expect_calls(struct rig *rig, const char *prefix, int wanted); /* waits for them */

/* Starts the rig in a process of its own with these failpoints armed, runs the scenario and stops it. True when a failpoint has killed it;
 * rig_start then takes its steps over at once, unless the rig has a lease of its own. The rig is not started before. */
bool rig_dies(struct rig *rig, const char *failpoints, void (*scenario)(struct rig *rig));
/* Remembers, over the death of the process, that a deployment was accepted; and waits for all those to end in the state `wanted`. Returns
 * how many. */
void rig_acknowledged(struct rig *rig, const char *id);
int rig_wait_acknowledged(struct rig *rig, const char *wanted);
