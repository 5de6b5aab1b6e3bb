/* Lua: the admin's policies, `when` conditions and `lua` steps, each inside the sandbox of docs/sandbox.md. The only directory that
 * includes lua.h. Every evaluation ends in bounded time and memory, whatever it holds. */
#pragma once
#include "base/arena.h"
#include "codec/diag.h"
#include "codec/json.h"
#include <stdatomic.h>

struct policy_limits {
    int64_t wall_ms; /* 0 in any member: the default of limits.h */
    int64_t instructions;
    int64_t bytes;
};

/* ---- conditions and scripts: a fresh state each ---- */

/* Evaluates a Lua expression (the older forms are translated, interfaces.md: Conditions) against `scope`, an object whose members are the
 * globals. Missing names are nil. out_value: truthiness. Errors: ERR_CONDITION, ERR_POLICY_BUDGET. Any thread. */
int condition_evaluate(const char *expression, const json_t *scope, const struct policy_limits *limits, bool *out_value, struct err *err);
/* Compiles only, for validation. Also says how the expression reads in Lua (arena text, NULL when it already was Lua). */
int condition_check(const char *expression, struct arena *arena, const char **out_translated, struct err *err);

/* Runs a script (the `lua` step): globals are the members of `scope`, which has the table `config` too; what it returns (a table or
 * nothing) is the result. `log` lines written with print() go to on_line. A secret ({"$secret":..}) is opaque in Lua: it can be passed on,
 * not read. `cancel` may be NULL; when it turns true the script is stopped with ERR_CANCELED. out: new reference (object; empty when
 * nothing came back). */
struct lua_script {
    const char *source, *name; /* name for messages: "step migrate" */
    const json_t *scope;
    struct policy_limits limits;
    atomic_bool *cancel;
    void (*on_line)(void *ctx, const char *line); /* any bytes but NUL, as the script wrote them: not always UTF-8 */
    void *ctx;
};
int lua_script_run(const struct lua_script *script, json_t **out, struct err *err);

/* ---- policy sets: reference-counted, immutable after load ---- */

struct policy_set;

enum policy_severity { POLICY_DENY, POLICY_WARN, POLICY_INFO };

struct policy_set_options {
    const char *dir;         /* the admin's policies, NULL: only the shipped ones */
    const char *mode;        /* "enforce" (default), "warn", "off": of the admin's policies; the shipped ones obey overrides alone */
    const json_t *overrides; /* {name: "warn" | "off" | "deny"}; borrowed during the call */
    struct policy_limits limits;
};

/* Loads the shipped policies (embedded), then those of `dir` (*.lua without *_test.lua, by name). Broken files are diagnostics, and a set
 * with errors is still made: the broken policy denies everything at its point, saying why (fail closed). Errors only when `dir` cannot be
 * read. */
int policy_set_load(const struct policy_set_options *options, struct diag_list *diags, struct policy_set **out, struct err *err);
/* Whether any policy looks at a point: without one, nobody needs to make the input. */
bool policy_set_has(const struct policy_set *set, const char *point);
struct policy_set *policy_set_ref(struct policy_set *set);
void policy_set_unref(struct policy_set *set);
/* [{name, on, severity, mode, description, file, sha256, tests, coverage}] (objects.md: policy). New reference. */
json_t *policy_set_describe(const struct policy_set *set);

/* What a set decided at one point. A policy denies deletions, deprovisioning and compensation (`kind` of the input or of its `deployment`)
 * only when its `applies_to` names them; otherwise it warns about them. Each policy has the whole budget; all together have ten times its
 * wall clock. */
struct policy_decision {
    bool denied;
    json_t *violations; /* [{policy, severity, path, value, message, fix, source}], owned; never NULL after an evaluation */
    json_t *policies;   /* [{name, decision: passed|warned|denied|error, violations: count}], owned */
    enum err_code code; /* ERR_NONE, ERR_DENIED, ERR_POLICY_BUDGET or ERR_POLICY_FAILED: why it was denied */
};
void policy_decision_fini(struct policy_decision *d);

/* Evaluates all policies of a point ("deployment", "workflow", "step", "resource", "plugin") against `input` (interfaces.md: Policies).
 * A failing or over-budget policy denies (fail closed) unless its mode is warn. Any thread; evaluations do not wait for each other beyond a
 * pool of states. */
void policy_evaluate(struct policy_set *set, const char *point, const json_t *input, struct policy_decision *out);

/* Makes the problem a user reads from a denial: code, and a message that names the first policy, path, message and fix. Returns -1. */
int policy_decision_to_err(const struct policy_decision *d, struct err *err);

/* `innominatus policy test [DIR]`: runs name_test.lua files. out: {cases: [{file, name, policy, passed, message}], coverage: {policy:
 * percent}, passed, failed}. */
int policy_test_dir(const char *dir, bool coverage, json_t **out, struct err *err);
/* `policy eval FILE`: one policy file against an input. */
int policy_eval_file(const char *file, const json_t *input, const struct policy_limits *limits, struct policy_decision *out,
                     struct err *err);
