/* The bundled provisioner `terraform`: stacks of Terraform or OpenTofu modules, as resources of type `terraform` and as workflow steps. The
 * tool runs by host->exec; everything that it keeps lies below the entry's data directory, unless its state is in an HTTP backend. */
#pragma once
#include "files.h"

#define TF_VERSION       "1.0.0"
#define TF_MODULE_BYTES  (64LL << 20)
#define TF_KEY_BYTES     64
#define TF_PROBLEM_BYTES 900
#define TF_LOCKS         "locks" /* file in the data directory */
#define TF_GRACE_MS      10000   /* Terraform needs its time to write the state */

/* One process of one admin-config entry. Texts may be NULL. */
struct tf_settings {
    char data_dir[FILES_PATH_BYTES / 4];
    char *binary, *mirror, *modules, *lock_timeout;
    char *address, *lock_address, *unlock_address, *username, *password; /* of the HTTP state backend; address NULL: local state */
    json_t *variables, *env;                                             /* objects; NULL: none */
    int64_t parallelism;                                                 /* 0: the tool's */
    bool modules_only;                                                   /* nothing inline */
    char tool[FILES_PATH_BYTES / 4];                                     /* the one that was found; "" before */
};

/* One call about one stack. */
struct tf_stack {
    struct tf_settings *self;
    const inno_host *host;
    inno_call *call;
    char key[TF_KEY_BYTES];          /* its name in a backend: unique over teams, environments and applications */
    char home[FILES_PATH_BYTES / 2]; /* where it is kept */
    char dir[FILES_PATH_BYTES / 2];  /* where it is worked on: home, or a scratch directory */
    char look[FILES_PATH_BYTES / 2]; /* directory with a copy of module/ that a call may write into; "": dir */
    int64_t lock_byte;
    const json_t *spec;             /* module or inline, variables */
    const json_t *env;              /* of a step */
    inno_rc wrong;                  /* what a mistake in spec is called */
    int lock;                       /* held while the stack is worked on; -1: not */
    bool was_interrupted;           /* an earlier run was killed, and may have left its lock in the backend */
    int64_t add, change, drop;      /* of the last plan */
    int64_t done;                   /* resources that the running apply has finished */
    int64_t drifted;                /* resources that the last refresh found changed */
    char drift[300];                /* their names */
    char problem[TF_PROBLEM_BYTES]; /* the first thing that the running command called an error */
    bool shows_progress;
};

/* ---- settings.c ---- */

/* Reads the entry's config. */
inno_rc tf_take_config(struct tf_settings *self, const inno_host *host, inno_call *call, const json_t *config);
void tf_settings_free(struct tf_settings *self);

/* ---- stack.c: what lies in the stack's directory ---- */

/* Names the stack by its parts (team and environment first) and takes its lock: waits for it, or goes on without it (s->lock -1). */
inno_rc tf_stack_open(struct tf_stack *s, const char *const *identity, size_t count, const char *name, bool wait);
void tf_stack_close(struct tf_stack *s);
/* DIR/NAME. */
void tf_path(const struct tf_stack *s, const char *name, char out[FILES_PATH_BYTES]);
bool tf_has(const struct tf_stack *s, const char *name);
/* Writes the module, the backend's and the tool's configuration and, into work_dir, the variables. */
inno_rc tf_prepare(struct tf_stack *s);
/* The variables alone, for a module that is there. */
inno_rc tf_write_variables(struct tf_stack *s);
/* From here on everything but the state is written to a scratch directory of the call, and no lock is taken: a look. */
void tf_use_scratch(struct tf_stack *s);
/* Refuses a member of spec that is none of `known` (NULL-terminated). */
/* Refuses an inline module where the entry takes modules alone. */
/* From now on a copy of module/ that goes with the call is used in its place: looking changes nothing. */
inno_rc tf_use_copy(struct tf_stack *s);
inno_rc tf_check_inline(struct tf_stack *s);
inno_rc tf_check_keys(struct tf_stack *s, const char *const *known, const char *what);
/* Removes a plan that needs no apply. */
void tf_drop_plan(struct tf_stack *s);
/* Removes all that is kept of the stack. */
inno_rc tf_forget(struct tf_stack *s);
/* SHA-256 of a file of the stack; "" when it cannot be read. */
void tf_file_hash(const struct tf_stack *s, const char *name, char out[65]);

/* ---- command.c: one run of the tool ---- */

#define TF_SHOW   0u /* text, for the log */
#define TF_UI     1u /* -json: one object a line, of which the log gets the messages */
#define TF_SILENT 2u /* standard output is for this plugin alone */

/* Runs the tool in the stack's module (in work_dir when there is none). Exit codes are for the caller, but for a signal, which fails. */
inno_rc tf_run(struct tf_stack *s, const char *const *args, uint32_t how, inno_exec_result *out);
/* One line about a diagnostic of the tool's JSON; true when it is an error. */
bool tf_describe(const json_t *diagnostic, char out[TF_PROBLEM_BYTES]);
/* Fails the call for a command that ended badly, with the tool's own words and the code that they mean. */
inno_rc tf_failed(struct tf_stack *s, const char *what, const inno_exec_result *result);

/* ---- operations.c ---- */

inno_rc tf_init(struct tf_stack *s);
/* Plans into DIR/plan; counts it. `changes`: a list of {address, actions}, new reference, when not NULL. */
inno_rc tf_plan(struct tf_stack *s, bool destroy, bool *out_any, json_t **changes);
/* Applies exactly DIR/plan, and removes it. */
inno_rc tf_apply(struct tf_stack *s);
/* Tells the module's outputs: typed, sensitive ones as secrets. */
inno_rc tf_outputs(struct tf_stack *s);
/* Looks for drift without changing anything; s->drifted and s->drift tell. */
inno_rc tf_refresh(struct tf_stack *s, bool *out_any);
/* Does a backend hold anything of the stack? */
inno_rc tf_has_state(struct tf_stack *s, bool *out);

/* ---- step.c ---- */
inno_rc tf_step(struct tf_settings *self, const inno_host *host, inno_call *call, const inno_step *step);
