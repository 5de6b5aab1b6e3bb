/* Provisioner plugins: inspection without execution, vetting, host processes, calls. Only directory that includes dlfcn.h (plugin-host),
 * libelf and the SDK. One long-lived thread (the plugin loop) forks and watches every host; callers hand it calls and get a callback, so no
 * worker waits for a plugin. */
#pragma once
#include "base/err.h"
#include "codec/json.h"
#include <stdbool.h>
#include <stdint.h>

/* ---- static inspection (libelf; never executes) ---- */

/* out: {name, version, abi: {major, minor}, types: [{name, stateful, immutable: [..], params: schema}], slots: [..], permissions: [..],
 * step_types: [{name, idempotent}], actions: [..], state_version, sha256, exports: [..]}. Errors: ERR_PLUGIN_REFUSED with the reason. */
int plugin_inspect_file(const char *path, json_t **out, struct err *err);

/* The same part by part, for whoever tells all that is wrong with a file. */
struct plugin_examination {
    json_t *manifest;   /* as plugin_inspect_file's; NULL when it could not be read */
    struct err file;    /* it is no shared object of this machine; nothing else was looked at */
    struct err content; /* of its sections and manifest */
    struct err symbols; /* of what it exports */
};
void plugin_examination_fini(struct plugin_examination *e);
/* Errors: the file cannot be read. */
int plugin_examine_file(const char *path, struct plugin_examination *out, struct err *err);

/* ---- the manager ---- */

struct plugin_manager;

/* What becomes of a file whose signature is missing or not good: REQUIRE refuses it, WARN adds a warning; OFF adds one only when the entry
 * names a key. */
enum plugin_signature_policy { PLUGIN_SIGNATURE_OFF, PLUGIN_SIGNATURE_WARN, PLUGIN_SIGNATURE_REQUIRE };

/* One admin-config entry = one instance = its own processes. Texts are copied. */
struct plugin_entry {
    const char *name;                 /* of the entry */
    const char *path;                 /* the .so */
    const char *plugin;               /* short name of a bundled plugin ("local"), NULL for a file */
    const char *version;              /* exact, NULL: any (bundled) */
    const char *sha256;               /* pinned hex; NULL only for bundled plugins (hash embedded at build time) */
    const char *product;              /* NULL: platform */
    const json_t *types;              /* list of names, NULL: all of the manifest */
    const json_t *config;             /* handed to open(); secret references are opened by the caller before (see open_config) */
    const json_t *grant;              /* list of permissions */
    int64_t memory_bytes, timeout_ms; /* 0: defaults */
    int max_hosts;
    int processes, cpu_percent; /* of one host with all that it starts, where control groups are delegated; 0: default, no limit */
    const char *isolation;      /* "process", "inline"; NULL: process */

    /* Whom the admin trusts; not looked at for bundled plugins, but for `revoked`. */
    enum plugin_signature_policy signature_policy;
    const char *signature_key;    /* name of the key that must have signed it; NULL: it is unsigned */
    const char *signature_public; /* that key as base64; NULL: trustedKeys has no such key */
    const char *signature_file;   /* NULL: the file's path with ".sig" */
    const json_t *revoked;        /* sha256 hashes in hex of files that are never loaded; NULL: none */
};

enum plugin_state { PLUGIN_READY, PLUGIN_REFUSED, PLUGIN_FAILED, PLUGIN_STUCK, PLUGIN_OPEN_CIRCUIT, PLUGIN_DRAINING };

/* SHA-256 of a bundled plugin's file, embedded at build time (cmake/plugin.cmake generates `plugin_bundled_hashes`); a NULL name closes a
 * table. */
struct plugin_bundled_hash {
    const char *name;   /* "local" */
    const char *sha256; /* hex */
};
extern const struct plugin_bundled_hash plugin_bundled_hashes[]; /* library inno_bundled */

/* When the circuit of an instance opens, and for how long at first; doubled for each time in a row. 0: the defaults. */
struct plugin_breaker_options {
    int crashes, failures;                  /* in a row: of processes; of calls whose backend did not answer (TRANSIENT, TIMEOUT). 5, 10 */
    int64_t crash_open_ms, failure_open_ms; /* 30 s, 5 s */
};

struct plugin_manager_options {
    const char *host_path;   /* libexec/innominatus/plugin-host */
    const char *bundled_dir; /* lib/innominatus/plugins */
    const char *data_dir;    /* STATE/plugins: each instance gets its own directory below */
    const char *run_dir;     /* STATE/run: private work directories, wiped */
    /* Asks the policies at point `plugin`; called during plugin_add, plugin_prepare and plugin_ask_again on the caller's thread. May be
     * NULL. `input`: {plugin: {name, plugin, version, path, product, bundled, types, permissions (wanted), grant, isolation, signed_by,
     * sha256}, manifest, product, sha256}. Adds texts to `warnings`. Returns -1 with err to refuse. */
    int (*vet)(void *ctx, json_t *input, json_t *warnings, struct err *err);
    void *vet_ctx;
    bool any_owner; /* files may belong to anybody: for somebody who only looks, and is not the server's user */
    /* Takes the admin's secrets, which open() is given, out of whatever plugins say. Any thread. May be NULL. */
    void (*redact)(void *ctx, char *text, size_t cap);
    void *redact_ctx;
    /* An instance's state has changed by itself: "open_circuit" with the reason, "ready" again, "stuck". On the plugin loop or a thread
     * of an inline instance: be short. May be NULL. */
    void (*changed)(void *ctx, const char *instance, const char *state, const char *reason);
    void *changed_ctx;
    struct plugin_breaker_options breaker;
    /* Delegated directory of the cgroup tree in which hosts get groups of their own; NULL or "": none (plugin_find_cgroup). This process
     * moves into a group below it. */
    const char *cgroup_dir;
    bool measure;     /* hosts tell what they use, after each call (plugin_result.usage) */
    int64_t idle_ms;  /* hosts idle this long are reaped; 0: 60 s */
    int64_t grace_ms; /* between asking a call or a host to stop and killing it; 0: 2 s, and 12 s for a call with `exec` */
    const struct plugin_bundled_hash *bundled; /* hashes of bundled_dir's files; NULL: no bundled plugins. Must outlive the manager. */
};

int plugin_manager_new(const struct plugin_manager_options *options, struct plugin_manager **out, struct err *err);
/* Stops all hosts (they are gone when this returns), fails calls in flight with ERR_SHUTDOWN. */
void plugin_manager_free(struct plugin_manager *m);

/* Vets an entry (open once, owner and mode, sha256 of those bytes, manifest, grants, policy) and keeps the very bytes in a sealed memfd.
 * Hosts start at first need. A refused entry is kept with its reason. Returns -1 with the reason when refused. Not on the plugin loop. */
int plugin_add(struct plugin_manager *m, const struct plugin_entry *entry, struct err *err);
/* Lists an entry that could not even be opened (its secrets are missing, say) as refused. */
void plugin_add_refused(struct plugin_manager *m, const struct plugin_entry *entry, const struct err *why);
/* Takes an instance out: new calls are refused, running ones end, then its hosts go (it is listed as draining until then). ERR_NOT_FOUND.
 * plugin_add with the name of a present instance does the same to the old one and puts the new one in its place. */
int plugin_remove(struct plugin_manager *m, const char *instance, struct err *err);

/* ---- in two steps, for a reload: what is bad is found before anything changes ---- */
struct instance;
/* True when an instance of that name was made from an equal entry and was not refused: nothing would change. */
bool plugin_is_current(struct plugin_manager *m, const struct plugin_entry *entry);
/* True when it was made from an equal entry and was refused. */
bool plugin_is_refused(struct plugin_manager *m, const struct plugin_entry *entry);
/* Vets an entry as plugin_add does; what runs is not touched. The result goes to plugin_put or plugin_forget. -1: refused. */
int plugin_prepare(struct plugin_manager *m, const struct plugin_entry *entry, struct instance **out, struct err *err);
/* Asks the policies once more about an instance that was not refused: they may be others now. Texts are added to `warnings`. -1: refused,
 * with the reason; it stays as it is. 0 when there is no such instance. */
int plugin_ask_again(struct plugin_manager *m, const struct plugin_entry *entry, json_t *warnings, struct err *err);
/* Starts a process of a prepared instance beside those of the one in force: it loads the plugin and runs `open`. Waits for it, at most 30
 * s. -1: with what failed; when that may pass (err_is_retryable) it can be put in force all the same. Not on the plugin loop. */
int plugin_warm(struct plugin_manager *m, struct instance *prepared, struct err *err);
/* Puts it in force; one of its name is retired: its calls end on its own hosts, new ones go to new hosts. */
void plugin_put(struct plugin_manager *m, struct instance *prepared);
void plugin_forget(struct instance *prepared);
/* Its manifest, borrowed. */
const json_t *plugin_prepared_manifest(const struct instance *prepared);
/* What the admin should know of it (texts). Borrowed. */
const json_t *plugin_prepared_warnings(const struct instance *prepared);
/* Its entry is gone, but resources of it are still there: it goes on serving calls and is listed as draining, until plugin_remove. */
int plugin_drain(struct plugin_manager *m, const char *instance, struct err *err);
/* Those that drain although their file is among `hashes` (sha256 in hex, closed by NULL; NULL: none) serve no longer. Their names; new
 * reference. */
json_t *plugin_remove_revoked(struct plugin_manager *m, const char *const *hashes);
/* Names of those that drain so. New reference. */
json_t *plugin_draining(struct plugin_manager *m);

/* Lists instances as objects.md's plugin. New reference. */
json_t *plugin_describe_all(struct plugin_manager *m);
/* Manifest of an instance (as plugin_inspect_file). New reference; NULL if unknown or refused. */
json_t *plugin_manifest(struct plugin_manager *m, const char *instance);
/* What the vetting of an instance warned about: texts. New reference. */
json_t *plugin_warnings(struct plugin_manager *m, const char *instance);

/* Vets an entry as plugin_add does, for somebody who runs nothing. out_manifest: new reference. Texts are added to `warnings`. `options`:
 * bundled_dir, bundled, vet, vet_ctx and any_owner count. */
int plugin_vet_entry(const struct plugin_manager_options *options, const struct plugin_entry *entry, json_t **out_manifest,
                     json_t *warnings, struct err *err);

/* ---- calls ---- */

enum plugin_operation {
    PLUGIN_PROVISION,
    PLUGIN_DEPROVISION,
    PLUGIN_GET_STATUS,
    PLUGIN_GET_HINTS,
    PLUGIN_STEP,
    PLUGIN_HEALTH,
    PLUGIN_PLAN,
    PLUGIN_ACTION,
    PLUGIN_OPEN /* only inside the manager: a process is started, and that is all */
};

struct plugin_call;

enum plugin_outcome { PLUGIN_DONE_OK, PLUGIN_DONE_PENDING, PLUGIN_DONE_FAILED };

struct plugin_result {
    enum plugin_outcome outcome;
    int64_t poll_after_ms;   /* PENDING */
    json_t *outputs;         /* {key: value}; borrowed: incref to keep. Secret outputs are in `secrets` and not here. */
    json_t *secrets;         /* {key: text}: secret outputs in clear; seal at once */
    json_t *hints;           /* [{kind, label, value}] */
    const char *status;      /* GET_STATUS: resource state name; "" otherwise */
    const char *status_text; /* what was said with it, "" */
    const char *state;       /* last state given by host->state or by the result, NULL: unchanged */
    const json_t *usage;     /* with options.measure: {heap, descriptors, threads, children}, of the host after the call; else NULL */
    struct err err; /* FAILED: code from the SDK's code; ERR_PLUGIN_CRASHED, ERR_PLUGIN_TIMEOUT, ERR_PLUGIN_PROTOCOL, ERR_CANCELED */
    json_t *report; /* FAILED: {plugin: {name, version}, operation, signal, last_logs: [text]}; borrowed */
};

/* Callbacks run on the plugin loop, those of an inline instance on the thread that runs the call: those of one call never at the same time.
 * Be short, never block, never call back into the manager except plugin_cancel and plugin_checkpointed. */
struct plugin_call_events {
    void (*log)(void *ctx, const char *level, const char *text); /* at most LIMIT_STEP_LOG_BYTES, then a marker */
    void (*progress)(void *ctx, int percent, const char *text);
    /* The plugin waits in host->state until plugin_checkpointed is called. `state` is borrowed. NULL: host->state fails, as nothing would
     * be durable. */
    void (*checkpoint)(void *ctx, struct plugin_call *call, const char *state_json);
    /* Exactly once, last. */
    void (*done)(void *ctx, const struct plugin_result *result);
    /* A secret output has come, in clear: whoever redacts the log knows it from here on. May be NULL. */
    void (*secret)(void *ctx, const char *text);
};

struct plugin_request {
    const char *instance;
    enum plugin_operation operation;
    const json_t *resource;  /* {operation, uid, id, type, class, name, application, environment, environment_type, team, product, org,
                                generation, idempotency_key, params, prior_params, state, outputs, secrets: {reference: text}, for
                                host->secret}; secrets already opened; wiped after sending */
    const json_t *step;      /* PLUGIN_STEP: {type, name, config, idempotency_key, ...} */
    const char *action;      /* PLUGIN_ACTION: its name; `resource` says of what */
    const json_t *arguments; /* PLUGIN_ACTION: {name: value}, secrets opened; checked against the manifest. NULL: none */
    bool read_only;          /* host->state fails, whatever events.checkpoint is */
    const char *trace_id;
    int64_t deadline_ms; /* for the whole call, from now; 0 or longer than the entry's timeout: that */
    struct plugin_call_events events;
    void *ctx;
};

/* Starts a call; copies what it needs. Returns -1 (done is not called) when the instance is unknown or refused, or its circuit is open
 * (ERR_CIRCUIT_OPEN: try again after plugin_retry_after_ms). Any thread. */
int plugin_call_start(struct plugin_manager *m, const struct plugin_request *request, struct plugin_call **out, struct err *err);
/* Milliseconds until an instance whose circuit is open may be called again; 0: now. Any thread. */
int64_t plugin_retry_after_ms(struct plugin_manager *m, const char *instance);
/* Has instances (NULL: all) that have the slot say how they are (`health` in plugin_describe_all), unless they said so in the last
 * max_age_ms. Does not wait for the answers. Any thread. */
void plugin_check_health(struct plugin_manager *m, const char *instance, int64_t max_age_ms);
/* Asks the call to stop; killed after 2 s if it does not. done still comes, with ERR_CANCELED, or OK when it was
 * ready before it noticed. Safe until done was called. */
void plugin_cancel(struct plugin_manager *m, struct plugin_call *call);
/* The process that serves a call; 0: none yet. Only inside its callbacks. For those who try what a crash does. */
int plugin_call_pid(const struct plugin_call *call);
/* Lets host->state return. Any thread, from a callback too. */
void plugin_checkpointed(struct plugin_manager *m, struct plugin_call *call, bool durable);

/* The delegated control group of this process, for plugin_manager_options.cgroup_dir. False: there is none, and `out` says why. */
bool plugin_find_cgroup(char *out, size_t cap);

/* Makes this process unreadable for its children and core dumps (PR_SET_DUMPABLE 0), and the next parent of whatever hosts leave behind
 * (PR_SET_CHILD_SUBREAPER): from here on a manager kills every child of the process that is no host of its own when a host with `exec` has
 * ended. Call once at start of the server, before any plugin runs. */
int plugin_harden_server(struct err *err);
