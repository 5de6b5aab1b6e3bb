/* The innominatus provisioner ABI: what a provisioner plugin (a shared object) gives to its host and what it gets from it.
 *
 * Needs libc headers only, compiles as C99, C11 and C++, and can be bound from Rust, Go or Zig. A plugin links against nothing of
 * innominatus: the host hands it a table of functions (struct inno_host). The smallest plugin:
 *
 *     #include <innominatus/helpers.h>
 *
 *     static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
 *     {
 *         (void)self;
 *         host->output(call, "url", inno_get_string(res, "url", "http://localhost"));
 *         return INNO_OK;
 *     }
 *     ... deprovision, get_status and get_hints alike ...
 *     static const char *const types[] = {"greeting", NULL};
 *     static const inno_provisioner plugin = {
 *         INNO_PROVISIONER_HEAD, INNO_SLOT_UPDATE, "greeter", "1.0.0", types, NULL, NULL, provision, deprovision, get_status, get_hints,
 *     };
 *     INNO_PLUGIN(plugin, {"name": "greeter", "version": "1.0.0", "slots": ["update"], "types": [{"name": "greeting"}]})
 *
 *     cc -shared -fPIC -fvisibility=hidden $(pkg-config --cflags innominatus-sdk) greeter.c -o greeter.so
 *
 * Rules that keep this stable
 * - No memory crosses the border with a duty to free. What the host passes in is valid until the slot returns; what the plugin passes to a
 * host function is copied before that function returns. `open`'s self is the plugin's own and released by `close`.
 * - Texts are UTF-8 with a NUL at the end and never NULL when they come from the host ("" when there is none). Spans from the host are
 * followed by a NUL that `len` does not count.
 * - Host functions are called from the thread that runs the slot, while it runs. From another thread, or later, they are a breach of the
 * contract: the call fails and says so. (Threads of the plugin's own are fine; they talk to the slot's thread.)
 * - Calls on one self come one after the other, unless INNO_SLOT_CONCURRENT is claimed.
 * - A plugin runs in a process of its own with no environment, no inherited descriptors, standard output and error captured, and the file
 * system, network and programs that the admin granted; nothing else. exit(), abort() and signals end that process and fail the call, never
 * the server.
 * - Structs grow at the tail only, within a major version. Test newer members with INNO_HAS(table, member) before use.
 *
 * Changelog, newest first (the "since" in the comments below is checked against it by a test)
 * 1.0  frozen: from here on members are appended at the tails only, each with its "since" and a line here, and INNO_ABI_MINOR counts up.
 * What stands in layout.h and in the baseline that the tests compare with (sdk/abi) does not change. First version: provision, deprovision,
 * get_status, get_hints, open, close; plan, health, step and actions (inno_action, INNO_ACTION_CHANGES) at the tail of the plugin's table;
 * log, progress, output, output_json, secret_output, hint, status, state, canceled, cancel_fd, deadline_ms, poll_after, work_dir, data_dir,
 * trace_id, fail, alloc in the host's; secret, with the permission `secrets`; exec, with the permission `exec` and INNO_EXEC_QUIET_OUT,
 * INNO_EXEC_QUIET_ERR, grace_ms, on_line and ctx in inno_exec: a plugin runs programs by it alone.
 */
#ifndef INNOMINATUS_PROVISIONER_H
#define INNOMINATUS_PROVISIONER_H

#include <innominatus/version.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- small types ---- */

/* Bytes with a length, usually JSON (RFC 8259). Borrowed, never freed by the receiver. */
typedef struct inno_span {
    const char *bytes;
    uint64_t len;
} inno_span;

/* What a slot returns: INNO_OK, INNO_PENDING or one of the negative codes. */
typedef int32_t inno_rc;

#define INNO_OK 0
/* The work goes on in the backend. Call host->poll_after() before returning it; the host calls again, with the stored state, after that
 * time. since 1.0 */
#define INNO_PENDING 1

/* The closed set of failures. Only TRANSIENT and TIMEOUT are retried. An unknown negative is FAILED. since 1.0 */
#define INNO_INVALID_CONFIG   (-1)  /* the entry's config in admin-config.yaml is wrong */
#define INNO_INVALID_RESOURCE (-2)  /* the resource's params are wrong */
#define INNO_NOT_FOUND        (-3)  /* the backend does not know it (deprovision says INNO_OK instead) */
#define INNO_ALREADY_EXISTS   (-4)  /* the backend has something of that name that is not ours */
#define INNO_UNAUTHORIZED     (-5)  /* the backend refused the credentials */
#define INNO_TRANSIENT        (-6)  /* try again later */
#define INNO_TIMEOUT          (-7)  /* out of time */
#define INNO_CANCELED         (-8)  /* stopped because host->canceled() said so */
#define INNO_UNSUPPORTED      (-9)  /* cannot be done by this plugin; say what is missing */
#define INNO_FAILED           (-10) /* everything else */

/* inno_resource.operation. since 1.0 */
#define INNO_OP_CREATE 1u
#define INNO_OP_UPDATE 2u /* params differ from prior_params; only with INNO_SLOT_UPDATE */
#define INNO_OP_REPAIR 3u /* it drifted: bring it back to params */
#define INNO_OP_DELETE 4u
#define INNO_OP_READ   5u /* get_status, get_hints, plan */
#define INNO_OP_ACTION 6u /* a function of `actions` */

/* inno_provisioner.slots: what the plugin claims, the same as "slots" in its manifest. since 1.0 */
#define INNO_SLOT_UPDATE     (UINT64_C(1) << 0) /* "update": provision can change what exists */
#define INNO_SLOT_PLAN       (UINT64_C(1) << 1) /* "plan" */
#define INNO_SLOT_HEALTH     (UINT64_C(1) << 2) /* "health" */
#define INNO_SLOT_STEP       (UINT64_C(1) << 3) /* "step" */
#define INNO_SLOT_ACTIONS    (UINT64_C(1) << 4) /* "actions" */
#define INNO_SLOT_CONCURRENT (UINT64_C(1) << 5) /* "concurrent": calls on one self may overlap */

/* host->log levels. since 1.0 */
#define INNO_LOG_DEBUG 0
#define INNO_LOG_INFO  1
#define INNO_LOG_WARN  2
#define INNO_LOG_ERROR 3

/* host->status states. since 1.0 */
#define INNO_STATE_REQUESTED    "requested"
#define INNO_STATE_PROVISIONING "provisioning"
#define INNO_STATE_ACTIVE       "active"
#define INNO_STATE_SCALING      "scaling"
#define INNO_STATE_UPDATING     "updating"
#define INNO_STATE_DEGRADED     "degraded"
#define INNO_STATE_TERMINATING  "terminating"
#define INNO_STATE_TERMINATED   "terminated"
#define INNO_STATE_FAILED       "failed"
#define INNO_STATE_ORPHANED     "orphaned"

/* host->hint kinds. since 1.0 */
#define INNO_HINT_URL               "url"
#define INNO_HINT_DASHBOARD         "dashboard"
#define INNO_HINT_COMMAND           "command"
#define INNO_HINT_CONNECTION_STRING "connection_string"
#define INNO_HINT_GIT_CLONE         "git_clone"
#define INNO_HINT_API_ENDPOINT      "api_endpoint"
#define INNO_HINT_DOCS              "docs"

/* The limits of one call; the host enforces them and the server again. since 1.0 */
#define INNO_MAX_LOG_LINE_BYTES (16u * 1024u)
#define INNO_MAX_OUTPUTS_BYTES  (256u * 1024u)
#define INNO_MAX_STATE_BYTES    (1024u * 1024u)
#define INNO_MAX_ACTION_PARAMS  16u /* arguments of one action */

/* One call in progress. Opaque; valid until the slot returns. */
typedef struct inno_call inno_call;

/* ---- what the host offers ---- */

/* inno_exec.flags. since 1.0 */
#define INNO_EXEC_QUIET_OUT 1u /* standard output is captured, but not shown in the step's log: it may hold secrets, or is for programs */
#define INNO_EXEC_QUIET_ERR 2u /* the same for standard error */

/* A program to run by host->exec. Zero it, set struct_size and argv. since 1.0 */
typedef struct inno_exec {
    uint32_t struct_size;
    uint32_t flags;            /* INNO_EXEC_x */
    const char *const *argv;   /* NULL-terminated; argv[0] is a name found among the granted programs and in PATH, or an absolute path */
    const char *const *env;    /* NULL-terminated "NAME=value", beside (or instead of) PATH, HOME, TMPDIR and LANG; NULL: only those */
    const char *cwd;           /* NULL: work_dir */
    inno_span input;           /* standard input; without bytes it is empty */
    int64_t timeout_ms;        /* 0: the call's deadline */
    uint64_t max_output_bytes; /* of each of the two outputs, up to 64 MiB; 0: 1 MiB; more is cut and `truncated` set */
    int64_t grace_ms;          /* between SIGINT and SIGKILL when it has to stop; 0: 5 s, at most 10 s */
    /* Called for every line as it comes, without its end and followed by a NUL, instead of the log; at most 1 MiB, longer ones come in
     * parts. `stream` is 1 for standard output, 2 for standard error. May be NULL. May call any host function but exec. */
    void (*on_line)(void *ctx, int32_t stream, const char *text, uint64_t len);
    void *ctx;
} inno_exec;

/* What became of it. Zero it, set struct_size. The spans live as long as the call. */
typedef struct inno_exec_result {
    uint32_t struct_size;
    int32_t exit_code; /* -1 when it ended by a signal */
    int32_t signal;
    uint32_t truncated; /* 1: output was cut */
    inno_span out;      /* standard output, any bytes, followed by a NUL */
    inno_span err;      /* standard error */
} inno_exec_result;

/* The host's functions. Tables of the same major version only grow; struct_size is the host's size of it.
 * "never waits": a one-way message. All are called from the slot's thread. */
typedef struct inno_host {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor;
    uint64_t magic; /* INNO_HOST_MAGIC */

    /* Writes a line to the step's log (printf-style; at most 16 KiB a line, then cut). Never a secret. Never waits. since 1.0 */
    void (*log)(inno_call *call, int32_t level, const char *format, ...);
    /* Says how far the work is, 0 to 100 (-1: unknown), and what it does now. Never waits. since 1.0 */
    void (*progress)(inno_call *call, int32_t percent, const char *text);
    /* Sets an output of the resource: a text. The last call for a key wins. Invalid UTF-8 fails the call. Never waits. since 1.0 */
    void (*output)(inno_call *call, const char *key, const char *text);
    /* The same with a JSON value of any type. Invalid JSON fails the call. Never waits. since 1.0 */
    void (*output_json)(inno_call *call, const char *key, inno_span json);
    /* Sets an output that is sealed at once, redacted in logs and never shown in clear. Never waits. since 1.0 */
    void (*secret_output)(inno_call *call, const char *key, const char *text);
    /* Adds a hint for the developer; kind is one of INNO_HINT_x. Never waits. since 1.0 */
    void (*hint)(inno_call *call, const char *kind, const char *label, const char *value);
    /* Tells the resource's state (INNO_STATE_x) and why; get_status must call it before it returns INNO_OK. `text` may be NULL. Never
     * waits. since 1.0 */
    void (*status)(inno_call *call, const char *state, const char *text);
    /* Checkpoint: keeps `json` (an object) as the resource's state. Returns when the server has made it durable, so an identifier that was
     * obtained before a crash is never lost: call it after the backend gave the identifier and before anything else. INNO_OK, or
     * INNO_TRANSIENT when it could not be stored (return that), or INNO_CANCELED. Waits. since 1.0 */
    inno_rc (*state)(inno_call *call, inno_span json);
    /* 1 when the call should stop soon (return INNO_CANCELED), 0 otherwise. A memory read; ask often. since 1.0 */
    int32_t (*canceled)(inno_call *call);
    /* A descriptor that becomes readable at cancel, for poll(2); -1 when there is none. Do not read or close it. since 1.0 */
    int32_t (*cancel_fd)(inno_call *call);
    /* Milliseconds until the call's deadline, 0 when it has passed. since 1.0 */
    int64_t (*deadline_ms)(inno_call *call);
    /* With INNO_PENDING: when to be called again, at least 100 ms. Never waits. since 1.0 */
    void (*poll_after)(inno_call *call, int64_t ms);
    /* A private directory of this call, empty at its start and wiped at its end. since 1.0 */
    const char *(*work_dir)(inno_call *call);
    /* The private directory of this plugin's admin-config entry; it stays. since 1.0 */
    const char *(*data_dir)(inno_call *call);
    /* W3C trace id (32 hex digits) for the backend's logs, "" when there is none. since 1.0 */
    const char *(*trace_id)(inno_call *call);
    /* Says why the call fails: `code` is one of the negative codes, `retryable` 1, 0 or -1 (as the code says). Returns `code`, so write
     * `return host->fail(call, INNO_TRANSIENT, -1, "no answer from %s", url);`. The last call wins. Never a secret. Never waits. since 1.0
     */
    inno_rc (*fail)(inno_call *call, inno_rc code, int32_t retryable, const char *format, ...);
    /* Zeroed memory, aligned for any type, that the host frees when the slot returns. NULL when out of memory. since 1.0 */
    void *(*alloc)(inno_call *call, uint64_t bytes);

    /* Opens a secret by its reference (`{"$secret": reference}` in params); the span lives as long as the call. Most params come
     * with their secrets opened; those of type workload keep references, so that what is rendered from them can. Only references that stand
     * in this call's params: else INNO_NOT_FOUND. Needs the permission `secrets`: else INNO_UNAUTHORIZED. since 1.0 */
    inno_rc (*secret)(inno_call *call, const char *reference, inno_span *out);
    /* Runs a program and waits for its end: without a shell, in a session of its own, with no descriptor but its three, confined as the
     * plugin is. Its output is captured and, line by line as it comes, written to the step's log. When the call is to stop or `timeout_ms`
     * is over, its whole process group gets SIGINT and, after `grace_ms`, SIGKILL; whatever it started and left is killed at its end. One
     * at a time. Needs the permission `exec`; this is the only way to a program: fork and execve are refused in the plugin's own process.
     * INNO_OK: it ran; look at exit_code and signal. INNO_CANCELED, INNO_TIMEOUT: it was stopped; `out` is filled in too.
     * INNO_UNAUTHORIZED: not granted. INNO_UNSUPPORTED: there is no such program. INNO_FAILED: bad arguments. All but INNO_OK have said why
     * by host->fail. Waits. since 1.0 */
    inno_rc (*exec)(inno_call *call, const inno_exec *command, inno_exec_result *out);
} inno_host;

/* ---- what a call is about ---- */

/* A resource, host-owned and read-only. Texts are never NULL; spans hold JSON objects ("{}" when there is none). since 1.0 */
typedef struct inno_resource {
    uint32_t struct_size;
    uint32_t operation;     /* INNO_OP_x */
    const char *id;         /* of the resource, r-... */
    const char *uid;        /* stable name of the thing: application, environment and resource; the same over replacements */
    const char *type;       /* one of the plugin's types */
    const char *class_name; /* Score's `class`, "default" when none */
    const char *name;       /* in the Score file */
    const char *application;
    const char *environment; /* its name */
    const char *environment_type;
    const char *team;
    const char *product; /* "" for none */
    const char *org;
    int64_t generation;          /* grows with every replacement */
    const char *idempotency_key; /* hash of (uid, generation, operation): the same over retries and restarts; of an action that changes: of
                                    the request */
    inno_span params;            /* what the developer wants */
    inno_span prior_params;      /* UPDATE, REPAIR, DELETE: what was provisioned last */
    inno_span state;             /* what host->state kept last */
    inno_span outputs;           /* of the last success; secrets are not in it */
    const inno_host *host;       /* for helpers.h */
    inno_call *call;
} inno_resource;

/* A workflow step of a type that the plugin's manifest lists under "step_types". since 1.0 */
typedef struct inno_step {
    uint32_t struct_size;
    uint32_t attempt; /* 1 at first */
    const char *type;
    const char *name;
    const char *workflow;
    const char *application;
    const char *environment;
    const char *environment_type;
    const char *team;
    const char *product;
    const char *idempotency_key; /* the same over retries and restarts */
    inno_span config;            /* the step's config, interpolated */
    inno_span env;               /* {NAME: value} */
    inno_span state;             /* what host->state kept last */
    const inno_host *host;       /* for helpers.h */
    inno_call *call;
} inno_step;

/* inno_action.flags. since 1.0 */
#define INNO_ACTION_CHANGES 1u /* it changes the resource: it runs as a deployment, under the application's lock. The others only look */

/* A named act on a resource (scale, restart, logs). The host checks a request's arguments against `signature` and calls
 *
 *   inno_rc function(void *self, const inno_host *host, inno_call *call, const inno_resource *res, arguments...)
 *
 * with one argument a letter: s const char *, i int64_t, b int32_t (1 or 0), d double, j const inno_span * (JSON). Texts and spans are
 * never NULL and live as long as the call. A function whose parameters are not what the signature says is the one lie that nobody can see:
 * keep the two side by side. What it gives out (output, output_json) is the action's answer. One that changes the resource may do all that
 * provision may: outputs and secret outputs replace those of the same name, state is kept, INNO_PENDING calls it again; it may be called
 * again after a crash with the same idempotency_key. One that only looks may give no secret and keep no state. since 1.0 */
typedef struct inno_action {
    uint32_t struct_size;
    uint32_t flags; /* INNO_ACTION_x; the same as "changes" in the manifest */
    const char *name;
    const char *description;   /* may be NULL; the manifest's is shown */
    const char *signature;     /* at most INNO_MAX_ACTION_PARAMS letters; "" for none */
    const char *const *params; /* the arguments' names, NULL-terminated; may be NULL when there are none */
    void (*function)(void);    /* INNO_ACTION_FUNCTION(f) */
} inno_action;

/* Begins a static inno_action: static const inno_action scale_action = {INNO_ACTION_HEAD(INNO_ACTION_CHANGES), "scale", "...", "i", names,
 * INNO_ACTION_FUNCTION(scale)}; */
#define INNO_ACTION_HEAD(flags)        (uint32_t)sizeof(inno_action), (flags)
#define INNO_ACTION_FUNCTION(function) ((void (*)(void))(function))

/* ---- the plugin's table ---- */

/* Returned by inno_plugin_v1. A static const object of the plugin. The first four members are frozen for ever: they guard the rest. */
typedef struct inno_provisioner {
    uint32_t struct_size; /* sizeof(inno_provisioner) of the header that the plugin was built with */
    uint16_t abi_major, abi_minor;
    uint64_t magic; /* INNO_PROVISIONER_MAGIC */

    uint64_t slots;   /* INNO_SLOT_x */
    const char *name; /* name, version and types must equal the manifest's; else the plugin is refused */
    const char *version;
    const char *const *types; /* NULL-terminated */

    /* Called once in each process before any other slot. `config` is the entry's config as a JSON object, secrets opened; copy what is
     * needed later. Sets *out_self (may stay NULL). On failure say why by host->fail; the process is ended. MAY be NULL. since 1.0 */
    inno_rc (*open)(const inno_host *host, inno_call *call, inno_span config, void **out_self);
    /* Called before the process ends in good order; not after a crash or kill, so keep nothing that needs it. MAY be NULL. since 1.0 */
    void (*close)(void *self);

    /* Makes the resource be as params say. MUST exist and MUST be idempotent: after a crash it is called again with the same
     * idempotency_key and the last checkpointed state, and must find what it made instead of making another. Outputs and hints go out by
     * the host table. since 1.0 */
    inno_rc (*provision)(void *self, const inno_host *host, inno_call *call, const inno_resource *res);
    /* Removes the resource. MUST exist; INNO_OK when it is gone already. since 1.0 */
    inno_rc (*deprovision)(void *self, const inno_host *host, inno_call *call, const inno_resource *res);
    /* Says by host->status how the resource is. MUST exist; changes nothing. A resource that is gone is INNO_OK with INNO_STATE_TERMINATED.
     * since 1.0 */
    inno_rc (*get_status)(void *self, const inno_host *host, inno_call *call, const inno_resource *res);
    /* Gives hints by host->hint; none is fine. MUST exist; changes nothing. since 1.0 */
    inno_rc (*get_hints)(void *self, const inno_host *host, inno_call *call, const inno_resource *res);

    /* The tail: MAY be NULL; each needs its bit in `slots`. */

    /* Says by host->output_json("changes", [...]) what provision would change, without changing it. since 1.0 */
    inno_rc (*plan)(void *self, const inno_host *host, inno_call *call, const inno_resource *res);
    /* Is the backend reachable and are the credentials good? since 1.0 */
    inno_rc (*health)(void *self, const inno_host *host, inno_call *call);
    /* Runs a workflow step; results go out by host->output and output_json. since 1.0 */
    inno_rc (*step)(void *self, const inno_host *host, inno_call *call, const inno_step *step);
    /* NULL-terminated array of POINTERS, each struct with its own struct_size. since 1.0 */
    const inno_action *const *actions;
} inno_provisioner;

/* ---- registration ---- */

#define INNO_PROVISIONER_MAGIC UINT64_C(0x31764f4e4e494f50) /* "POINNOv1" in memory */
#define INNO_HOST_MAGIC        UINT64_C(0x3176484f4e4e4948) /* "HINNOHv1" */

/* The first four members of a static inno_provisioner. */
#define INNO_PROVISIONER_HEAD (uint32_t)sizeof(inno_provisioner), INNO_ABI_MAJOR, INNO_ABI_MINOR, INNO_PROVISIONER_MAGIC

/* True when `table` (inno_host, inno_provisioner, ...) has `member` and it is set. */
#define INNO_HAS(table, member)                                                                                                            \
    ((table)->struct_size >= (uint32_t)((const char *)&(table)->member - (const char *)(table)) + (uint32_t)sizeof((table)->member) &&     \
     (table)->member != NULL)

#ifdef __cplusplus
#define INNO_EXTERN_C extern "C"
#else
#define INNO_EXTERN_C extern
#endif
#define INNO_EXPORT           __attribute__((visibility("default")))
#define INNO_MANIFEST_SECTION ".innominatus.manifest"
#define INNO_STRING_(...)     #__VA_ARGS__
#define INNO_NUMBER_(x)       INNO_STRING_(x)

/* Keeps the manifest through -ffunction-sections, --gc-sections and link-time optimisation. */
#if defined(__has_attribute)
#if __has_attribute(retain)
#define INNO_KEPT_ __attribute__((section(INNO_MANIFEST_SECTION), used, retain, aligned(1)))
#endif
#endif
#ifndef INNO_KEPT_
#define INNO_KEPT_ __attribute__((section(INNO_MANIFEST_SECTION), used, aligned(1)))
#endif

// clang-format off
/* INNO_PLUGIN(vtable, {JSON}) stands once in a plugin, at file level, without a semicolon. It defines the one exported function and puts
 * the manifest, written as plain JSON, into an ELF section that the server reads without running the plugin:
 *
 *   name, version  as in the table; name: lower-case letters, digits and '-'; version: semantic
 *   types          [{name, stateful, immutable: [param], params: JSON schema, description}]
 *   slots          ["update", "plan", "health", "step", "actions", "concurrent"]
 *   permissions    ["network", "exec", "secrets"]: what it needs; the admin grants them (exec may be narrowed to single programs)
 *   step_types     [{name, idempotent}]
 *   actions        [{name, description, changes: true when it changes the resource, idempotent: true when it may be repeated after a crash,
 *                  types: [those it is for; all], params: [{name, type: "s|i|b|d|j", description, default (makes it optional), example, sets}]}]
 *                  sets: "replicas" says that the argument becomes the resource's param of that name (a dotted path), which then holds
 *                  against the Score file until somebody resets it. While the action runs, res->params has it already
 *   state_version  number; a change makes the server call provision again
 */
// clang-format on
#define INNO_PLUGIN(vtable, ...) INNO_PLUGIN_TEXT(vtable, #__VA_ARGS__)

/* The same with the JSON as a string literal. */
#define INNO_PLUGIN_TEXT(vtable, json)                                                                                                     \
    static const char inno_manifest_v1[] INNO_KEPT_ =                                                                                      \
        "{\"abi\":{\"major\":" INNO_NUMBER_(INNO_ABI_MAJOR) ",\"minor\":" INNO_NUMBER_(INNO_ABI_MINOR) "},\"plugin\":" json "}";           \
    INNO_EXTERN_C INNO_EXPORT const inno_provisioner *inno_plugin_v1(void);                                                                \
    INNO_EXTERN_C INNO_EXPORT const inno_provisioner *inno_plugin_v1(void) { return &(vtable); }

#ifdef __cplusplus
}
#endif

#include <innominatus/layout.h>

#endif
