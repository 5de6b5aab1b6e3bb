/* `plugin check`: the rules of the provisioner contract, tried on a plugin in a real, sandboxed host without a server. One command, its
 * main thread; calls end on the plugin loop. */
#pragma once
#include "cli/command.h"
#include "cli/workbench.h"

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_FAIL, VERDICT_SKIP };

#define CHECK_INSTANCE "checked"

struct check {
    struct cli *c;
    const char *file;
    struct plugin_examination parts;
    struct workbench bench;
    json_t *given;   /* params by type, of --params; NULL: none */
    int64_t call_ms; /* for a call with all its polls */
    unsigned serial; /* of the things that were made */

    /* of the type that is tried */
    const char *type;
    const json_t *schema; /* NULL: the manifest has none */
    json_t *params;       /* valid ones; NULL: none are known */
    bool dead;            /* provision does not work, so what builds on it is not tried */

    const char *detail; /* of the verdict that is given */
    json_t *findings;   /* [{rule, type, verdict, detail}] */
};

/* One rule. `slot`: only for plugins that list it; needs_params: only when valid params are known and provision works. */
struct check_rule {
    const char *name, *slot;
    bool needs_params;
    enum verdict (*run)(struct check *k);
};

extern const struct check_rule check_static_rules[]; /* of the file; nothing is run */
extern const struct check_rule check_host_rules[];   /* of the plugin as a whole */
extern const struct check_rule check_type_rules[];   /* of each type; the first is `provision` */

/* Keeps the text and returns the verdict. */
enum verdict check_say(struct check *k, enum verdict verdict, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* ---- check_calls.c ---- */

/* A resource in the eyes of the plugin. */
struct check_thing {
    char uid[48], id[48], name[32], key[48];
    char *state; /* last stored; NULL: none */
    json_t *outputs, *secrets;
};
void check_thing_init(struct check *k, struct check_thing *thing); /* one that never was */
void check_thing_fini(struct check_thing *thing);

struct check_call {
    enum plugin_operation operation;
    const char *change;      /* create, update, delete, read */
    const char *action;      /* PLUGIN_ACTION: its name */
    const json_t *arguments; /* PLUGIN_ACTION: {name: value}; NULL: the defaults */
    struct check_thing *thing;
    const json_t *params; /* NULL: the valid ones */
    int kill_at;          /* the host is killed at this checkpoint, once it is durable; 0: it is not */
    bool lose_state;      /* at kill_at: before the state is stored */
    bool lose_answer;     /* what came with the answer is forgotten, as if the server had died then; checkpoints stay */
    bool cancel;          /* asked to stop at its first sign of life, at the latest after a tenth of a second */

    /* results */
    enum plugin_outcome outcome;
    struct err err;
    char status[32];
    int checkpoints, pid;
    json_t *outputs, *secrets, *hints, *usage;
    bool killed;        /* by a signal: crashed, or made to stop */
    int64_t stopped_us; /* from asking it to stop to its end */
};
/* Runs it to its end, polls included. Returns 0 when it succeeded, -1 when not (call->err says why). check_call_fini() afterwards. */
int check_call_run(struct check *k, struct check_call *call);
void check_call_fini(struct check_call *call);

/* Several at once, each with its own thing; none may poll. How many succeeded; *first_err is of one that did not. */
size_t check_call_many(struct check *k, struct check_call *calls, size_t count, struct err *first_err);

/* An error's text without the name of the instance. */
const char *check_reason(const char *text);

/* provision (create) and deprovision of a thing. 0 or -1 with the reason. */
int check_make(struct check *k, struct check_thing *thing, struct err *err);
int check_remove(struct check *k, struct check_thing *thing, struct err *err);

/* ---- check_usage.c: what a host uses while it goes on and on ---- */
enum verdict check_usage(struct check *k);

/* ---- check_actions.c: actions whose arguments all have defaults ---- */
enum verdict check_actions(struct check *k);

/* ---- check_tree.c: what a plugin keeps in its data directory ---- */

/* {path: "kind size mtime"}. New reference. */
json_t *check_tree(struct check *k);
/* A path that is in one and not in the other, or has changed; NULL: none. Arena text. */
const char *check_tree_added(struct check *k, const json_t *before, const json_t *after);
const char *check_tree_changed(struct check *k, const json_t *before, const json_t *after);

/* ---- check_params.c: params out of a schema; pure ---- */

/* Params that the schema takes: its example, or its required members with examples, defaults or guesses. New reference; NULL: none were
 * found. */
json_t *check_params_valid(const json_t *schema);
/* [{why, params}] that the schema refuses, each with one thing wrong. New reference. */
json_t *check_params_bad(const json_t *schema, const json_t *valid);
