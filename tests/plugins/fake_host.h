/* A host in the test's own process: loads a plugin file with dlopen and keeps what it says. One thread, one call at a time. */
#pragma once
#include "codec/json.h"
#include <innominatus/provisioner.h>

struct inno_call {
    json_t *outputs, *secrets; /* objects */
    json_t *hints, *logs;      /* lists */
    json_t *state;             /* as given last; NULL: not given */
    char status[40], status_text[400];
    inno_rc failed; /* code of host->fail, 0 when it was not called */
    char failure[1000];
    int canceled;
    int cancel_after;         /* host->canceled says yes after so many questions; 0: never */
    int64_t deadline_ms;      /* what host->deadline_ms says; it does not run down */
    int64_t next_deadline_ms; /* of the next call; 0: a minute */
    const char *data_dir;
    void *memory[1000];
    size_t memory_count;
    int64_t poll_ms; /* of host->poll_after; 0: not called */
    const struct fake_plugin *plugin;
};

struct fake_plugin {
    void *handle;
    const inno_provisioner *vtable;
    void *self;
    struct inno_call call; /* of the last slot; what it holds lives until the next one */
    char data_dir[300];
    /* Set by a test after fake_open, used by every call: what host->secret gives ({reference: text}, borrowed), what host->exec does. */
    json_t *references;
    inno_rc (*exec)(const inno_exec *command, inno_exec_result *out);
    const char *step_state; /* JSON text that steps are given, NULL: none */
};

/* Loads lib/innominatus/plugins/NAME.so of the build and opens it with `config` (JSON text) and a data directory. The test stops when it
 * cannot. fake_open_file takes any path. Returns what open() returned. */
inno_rc fake_open(struct fake_plugin *p, const char *name, const char *data_dir, const char *config);
inno_rc fake_open_file(struct fake_plugin *p, const char *path, const char *data_dir, const char *config);
void fake_close(struct fake_plugin *p);

/* For code of plugins that is tested without one: the host's functions, and a fresh call in p->call. fake_close ends it. */
extern const inno_host fake_host;
void fake_begin(struct fake_plugin *p);

enum fake_slot { FAKE_PROVISION, FAKE_DEPROVISION, FAKE_STATUS, FAKE_HINTS, FAKE_PLAN };

/* What a call is about; absent texts are "default", "shop", ... as fake_host.c says. */
struct fake_resource {
    uint32_t operation; /* 0: what the slot is for */
    const char *type, *uid, *name, *team, *environment, *application, *params, *prior_params, *state;
    int64_t generation;
};

inno_rc fake_run(struct fake_plugin *p, enum fake_slot slot, const struct fake_resource *about);
/* Runs an action: `invoke` casts its function and calls it. NOT_FOUND when the plugin has none of that name. */
typedef inno_rc (*fake_invoke)(void (*function)(void), void *self, inno_call *call, const inno_resource *res, void *ctx);
inno_rc fake_action(struct fake_plugin *p, const char *name, const struct fake_resource *about, fake_invoke invoke, void *ctx);
inno_rc fake_health(struct fake_plugin *p);
inno_rc fake_step(struct fake_plugin *p, const char *type, const char *team, const char *config);
/* Arms the next call: canceled from the start, after `questions` questions, or with this deadline. Each call resets it. */
void fake_next_cancel(struct fake_plugin *p, int questions);
void fake_next_deadline(struct fake_plugin *p, int64_t ms);

/* Text of an output; "" when it is absent. */
const char *fake_output(const struct fake_plugin *p, const char *key);
const char *fake_secret(const struct fake_plugin *p, const char *key);
/* Value of the first hint of a kind; "" when there is none. */
const char *fake_hint(const struct fake_plugin *p, const char *kind);
