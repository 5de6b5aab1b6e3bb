/* Evaluating a set at one point. Any thread: each evaluation borrows a state from the set's pool (or makes one) and gives it back; a state
 * that saw an error or ran over budget is closed instead. No lock is held while Lua runs. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/str.h"
#include "policy/set_priv.h"
#include <stdlib.h>
#include <string.h>

#define SET_WALL_FACTOR 10                /* all policies together may take this many times the budget of one */
#define VALUE_BYTES     1024              /* a value looked up for a violation is shown up to this size */
#define SHELLS          128               /* tables of an input that a kept state has ready: plans of some ten workflows */
#define REGION_BYTES    ((size_t)1 << 20) /* of a kept state beside its compiled files; more comes from malloc */
#define REGION_MOST     ((size_t)64 << 20)

/* ---- kits: states with every file compiled ---- */

static int compile_all(lua_State *L)
{
    const struct policy_set *set = lua_touserdata(L, 1);

    env_preload(L);
    for (size_t i = 0; i < set->file_count; i++)
        if (!set->files[i].broken) {
            sandbox_compile(L, set->files[i].text, set->files[i].len, set->files[i].chunk);
            lua_rawseti(L, LUA_REGISTRYINDEX, REG_CHUNKS + (lua_Integer)i);
        }
    frozen_reserve(L, SHELLS);
    lua_gc(L, LUA_GCCOLLECT);
    return 0;
}

/* Compiling has the budget of all files together: each was compiled within its own when the set was loaded. */
static struct policy_limits compile_limits(const struct policy_set *set)
{
    int64_t files = (int64_t)set->file_count + 1;

    return (struct policy_limits){set->limits.wall_ms * files, set->limits.instructions * files, set->limits.bytes * files};
}

/* Room for the compiled files (measured: about 6 times their text) and for what an evaluation makes. */
static size_t region_bytes(const struct policy_set *set)
{
    size_t bytes = REGION_BYTES;

    for (size_t i = 0; i < set->file_count; i++)
        bytes += 16 * set->files[i].len;
    return bytes < REGION_MOST ? bytes : REGION_MOST;
}

static int kit_open(struct kit *kit, const struct policy_set *set, struct err *err)
{
    struct policy_limits limits = compile_limits(set);

    kit->heap = heap_new(region_bytes(set));
    if (sandbox_open(&kit->sb, kit->heap, &limits, SANDBOX_POLICY, err) < 0)
        return -1;
    sandbox_start(&kit->sb);
    return sandbox_protect(&kit->sb, compile_all, (void *)set, ERR_POLICY_FAILED, err);
}

static struct kit *kit_new(const struct policy_set *set, struct err *err)
{
    struct kit *kit = mem_zalloc(sizeof *kit);

    if (kit_open(kit, set, err) < 0) {
        kit_free(kit);
        return NULL;
    }
    kit->sb.limits = set->limits;
    kit->sb.coverage = set->coverage;
    kit->saved = kit->sb;
    kit->keeps = heap_save(kit->heap);
    return kit;
}

void kit_free(struct kit *kit)
{
    sandbox_close(&kit->sb);
    heap_free(kit->heap);
    free(kit);
}

static struct kit *kit_take(struct policy_set *set, struct err *err)
{
    struct kit *kit;

    pthread_mutex_lock(&set->lock);
    kit = set->kept;
    if (kit) {
        set->kept = kit->next;
        set->kept_count--;
    }
    pthread_mutex_unlock(&set->lock);
    return kit ? kit : kit_new(set, err);
}

/* Puts the state back to how it was after compiling, so that nothing of this evaluation is left, and keeps it for the next. */
static void kit_give_back(struct policy_set *set, struct kit *kit)
{
    if (!kit->keeps) {
        kit_free(kit);
        return;
    }
    sandbox_restore(&kit->sb, &kit->saved);
    pthread_mutex_lock(&set->lock);
    if (set->kept_count < LIMIT_POLICY_STATES) {
        kit->next = set->kept;
        set->kept = kit;
        set->kept_count++;
        kit = NULL;
    }
    pthread_mutex_unlock(&set->lock);
    if (kit)
        kit_free(kit);
}

/* ---- one evaluation ---- */

struct run {
    struct policy_set *set;
    const json_t *input;
    struct policy_decision *out;
    struct kit *kit; /* NULL: none at the moment */
    int64_t until;   /* of the whole evaluation, monotonic */
    bool advice;     /* a deletion: policies advise unless they say applies_to */
    const char *kind;
};

struct call {
    const struct policy *policy;
    const struct policy_file *file;
    json_t *results; /* what check returned, as JSON, in a list */
};

static int set_input(lua_State *L)
{
    frozen_push(L, lua_touserdata(L, 1));
    lua_rawseti(L, LUA_REGISTRYINDEX, REG_INPUT);
    return 0;
}

/* Re-runs the chunk with a fresh _ENV, which also resets its file-level locals, and calls the policy's check. */
static int run_check(lua_State *L)
{
    struct call *call = lua_touserdata(L, 1);
    struct value_reader reader = {.root = call->results, .what = "answer of check", .max = LIMIT_LUA_RESULT_BYTES};

    lua_rawgeti(L, LUA_REGISTRYINDEX, REG_CHUNKS + (lua_Integer)call->policy->file);
    env_push(L);
    lua_setupvalue(L, -2, 1);
    lua_call(L, 0, 1);
    if (call->policy->index) {
        luaL_checktype(L, -1, LUA_TTABLE);
        lua_rawgeti(L, -1, call->policy->index);
    }
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_getfield(L, -1, "check");
    lua_rawgeti(L, LUA_REGISTRYINDEX, REG_INPUT);
    lua_call(L, 1, 1);
    if (lua_toboolean(L, -1))
        value_read(L, -1, &reader);
    return 0;
}

static void drop_kit(struct run *run)
{
    kit_free(run->kit);
    run->kit = NULL;
}

static int ready_kit(struct run *run, struct err *err)
{
    if (run->kit)
        return 0;
    run->kit = kit_take(run->set, err);
    if (!run->kit)
        return -1;
    sandbox_start(&run->kit->sb);
    if (sandbox_protect(&run->kit->sb, set_input, (void *)run->input, ERR_POLICY_FAILED, err) == 0)
        return 0;
    drop_kit(run);
    return -1;
}

static int ask(struct run *run, struct call *call, struct err *err)
{
    if (call->file->broken)
        return err_set(err, ERR_POLICY_FAILED, "the file is broken: %s", call->file->broken);
    if (clock_mono_us() > run->until)
        return err_set(err, ERR_POLICY_BUDGET, "over budget: the policies before it took %d times %lld ms", SET_WALL_FACTOR,
                       (long long)run->set->limits.wall_ms);
    if (ready_kit(run, err) < 0)
        return -1;
    sandbox_start(&run->kit->sb);
    if (sandbox_protect(&run->kit->sb, run_check, call, ERR_POLICY_FAILED, err) == 0)
        return 0;
    drop_kit(run); /* dropped after any error: nothing of it may be seen by the next evaluation */
    return -1;
}

/* ---- violations ---- */

static const char *severity_name(enum policy_action action)
{
    return action == ACTION_DENY ? "deny" : action == ACTION_WARN ? "warn" : "info";
}

/* The value at a JSON pointer, looked for in the input and in its spec; NULL when there is none or it is large. */
static json_t *value_at(const json_t *input, const char *path)
{
    const json_t *roots[] = {input, json_object_get(input, "spec")};

    for (size_t i = 0; i < 2 && *path == '/'; i++) {
        const json_t *at = roots[i];
        const char *part = path;

        while (at && *part == '/') {
            CLEANUP(free_ptr) char *key = mem_strndup(part + 1, strcspn(part + 1, "/"));
            int64_t index;

            at = json_is_array(at) && str_to_int(key, &index) && index >= 0 ? json_array_get(at, (size_t)index) : json_object_get(at, key);
            part += 1 + strlen(key);
        }
        if (at) {
            CLEANUP(free_ptr) char *text = json_text(at);

            return text && strlen(text) <= VALUE_BYTES ? json_deep_copy(at) : NULL;
        }
    }
    return NULL;
}

/* A text member of what check returned, `fallback` when it has none. */
static const char *text_of(const json_t *answer, const char *key, const char *fallback)
{
    const char *text = json_is_object(answer) ? json_str(answer, key) : NULL;

    return text && *text ? text : fallback;
}

static void add_violation(const struct run *run, const struct policy *policy, enum policy_action action, const json_t *answer)
{
    const struct policy_file *file = &run->set->files[policy->file];
    CLEANUP(free_ptr) char *source = mem_printf("%s:%d", file->name, policy->line > 0 ? policy->line : 1);
    const char *path = text_of(answer, "path", "/");
    json_t *violation = json_object(), *value = json_is_object(answer) ? json_incref(json_object_get(answer, "value")) : NULL;

    json_set_str(violation, "policy", policy->name);
    json_set_str(violation, "severity", severity_name(action));
    json_set_str(violation, "path", path);
    json_set_new(violation, "value", value ? value : value_at(run->input, path));
    json_set_str(violation, "message",
                 json_is_string(answer) ? json_string_value(answer) : text_of(answer, "message", policy->description));
    json_set_str(violation, "fix", text_of(answer, "fix", "change what the policy checks, or ask the platform team"));
    json_set_str(violation, "source", text_of(answer, "source", source));
    json_array_append_new(run->out->violations, violation);
}

/* What check may return: true, a text, a violation, or a list of these. */
static int check_answer(const json_t *answer, bool in_list, struct err *err)
{
    static const char *const texts[] = {"message", "path", "fix", "source"};

    if (json_is_true(answer) || json_is_string(answer))
        return 0;
    if (json_is_array(answer) && !in_list) {
        for (size_t i = 0; i < json_array_size(answer); i++)
            if (check_answer(json_array_get(answer, i), true, err) < 0)
                return -1;
        return 0;
    }
    if (!json_is_object(answer))
        return err_set(err, ERR_POLICY_FAILED, "check returned neither nil, false, true, a violation nor a list of violations");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const json_t *member = json_object_get(answer, texts[i]);

        if (member && !json_is_string(member))
            return err_set(err, ERR_POLICY_FAILED, "check returned a violation whose %s is not a text", texts[i]);
    }
    return 0;
}

static size_t add_answers(const struct run *run, const struct policy *policy, enum policy_action action, const json_t *answer)
{
    size_t count = json_is_array(answer) ? json_array_size(answer) : 1;

    if (json_is_object(answer) && json_object_size(answer) == 0)
        return 0; /* an empty table: a list of none */
    for (size_t i = 0; i < count && i < LIMIT_POLICY_VIOLATIONS; i++)
        add_violation(run, policy, action, json_is_array(answer) ? json_array_get(answer, i) : answer);
    return count;
}

static void add_failure(const struct run *run, const struct policy *policy, enum policy_action action, const struct err *err)
{
    CLEANUP(json_put) json_t *answer = json_object();
    CLEANUP(free_ptr) char *message = mem_printf("the policy could not be evaluated: %s", err->msg);

    json_set_str(answer, "message", message);
    json_set_str(answer, "fix", err_remedy(err->code == ERR_POLICY_BUDGET ? ERR_POLICY_BUDGET : ERR_POLICY_FAILED));
    add_violation(run, policy, action, answer);
}

/* ---- deciding ---- */

/* Why it was denied: a rule that speaks comes before one that could not. */
static void deny(struct policy_decision *out, enum err_code code)
{
    out->denied = true;
    if (out->code == ERR_NONE || code == ERR_DENIED)
        out->code = code;
}

static void note(struct policy_decision *out, const char *name, const char *decision, size_t violations)
{
    json_t *about = json_object();

    json_set_str(about, "name", name);
    json_set_str(about, "decision", decision);
    json_set_int(about, "violations", (int64_t)violations);
    json_array_append_new(out->policies, about);
}

static void count_one(const char *name, const char *decision, enum err_code code)
{
    if (str_eq(decision, "denied"))
        metric_count(METRIC_POLICY_DENIALS, name, NULL, NULL);
    else if (str_eq(decision, "warned"))
        metric_count(METRIC_POLICY_WARNINGS, name, NULL, NULL);
    else if (str_eq(decision, "error"))
        metric_count(code == ERR_POLICY_BUDGET ? METRIC_POLICY_BUDGET : METRIC_POLICY_FAILURES, name, NULL, NULL);
}

static void evaluate_one(struct run *run, const struct policy *policy)
{
    CLEANUP(json_put) json_t *results = json_array();
    struct call call = {.policy = policy, .file = &run->set->files[policy->file], .results = results};
    enum policy_action action = policy->action == ACTION_DENY && run->advice && !policy->applies_to ? ACTION_WARN : policy->action;
    const char *decision;
    struct err err = {0};
    size_t count;

    if (ask(run, &call, &err) < 0 || (json_array_size(results) && check_answer(json_array_get(results, 0), false, &err) < 0)) {
        add_failure(run, policy, action, &err);
        if (action == ACTION_DENY)
            deny(run->out, err.code == ERR_POLICY_BUDGET ? ERR_POLICY_BUDGET : ERR_POLICY_FAILED);
        note(run->out, policy->name, "error", 1);
        count_one(policy->name, "error", err.code);
        return;
    }
    count = json_array_size(results) ? add_answers(run, policy, action, json_array_get(results, 0)) : 0;
    if (count && action == ACTION_DENY)
        deny(run->out, ERR_DENIED);
    decision = !count || action == ACTION_INFO ? "passed" : action == ACTION_DENY ? "denied" : "warned";
    note(run->out, policy->name, decision, count);
    count_one(policy->name, decision, ERR_NONE);
}

static bool applies(const struct run *run, const struct policy *policy, const struct evaluation *which)
{
    if (policy->action == ACTION_OFF || (which->policy && !str_eq(which->policy, policy->name)))
        return false;
    if (which->point && policy->on && !str_eq(which->point, policy->on))
        return false;
    if (!policy->applies_to)
        return true;
    for (const char *const *kind = policy->applies_to; *kind; kind++)
        if (str_eq(*kind, run->kind))
            return true;
    return false;
}

/* The kind of deployment that an input is about: deploy when it does not say. */
static const char *kind_of(const json_t *input)
{
    const json_t *deployment = json_object_get(input, "deployment");
    const char *kind = deployment ? json_str(deployment, "kind") : json_str(input, "kind");

    return kind ? kind : "deploy";
}

void policy_evaluate_some(struct policy_set *set, const struct evaluation *which, const json_t *input, struct policy_decision *out)
{
    struct run run = {.set = set, .input = input, .out = out, .kind = kind_of(input)};

    *out = (struct policy_decision){.violations = json_array(), .policies = json_array()};
    run.until = clock_mono_us() + SET_WALL_FACTOR * set->limits.wall_ms * US_PER_MS;
    run.advice = str_eq(run.kind, "delete") || str_eq(run.kind, "deprovision") || str_eq(run.kind, "compensate");
    for (size_t i = 0; i < set->policy_count; i++)
        if (applies(&run, &set->policies[i], which))
            evaluate_one(&run, &set->policies[i]);
    if (run.kit)
        kit_give_back(set, run.kit);
}

void policy_evaluate(struct policy_set *set, const char *point, const json_t *input, struct policy_decision *out)
{
    struct evaluation which = {.point = point};
    int64_t begun = clock_mono_us();
    const char *result;

    policy_evaluate_some(set, &which, input, out);
    result = out->denied ? (out->code == ERR_DENIED ? "denied" : "failed") : json_array_size(out->violations) ? "warned" : "passed";
    metric_count(METRIC_POLICY_EVALUATIONS, point, result, NULL);
    metric_observe(metric_of(METRIC_POLICY_DURATION, point, NULL, NULL), clock_mono_us() - begun);
}

bool policy_set_has(const struct policy_set *set, const char *point)
{
    for (size_t i = 0; i < set->policy_count; i++) {
        const struct policy *policy = &set->policies[i];

        if (policy->action != ACTION_OFF && (!policy->on || strcmp(policy->on, point) == 0))
            return true;
    }
    return false;
}
