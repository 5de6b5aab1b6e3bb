/* Step types that need nothing but the plan and Lua: delay, lua, validation, policy; and the table of all built-in types. On workers. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "codec/units.h"
#include "config/admin_config.h"
#include "policy/policy.h"
#include "workflow/engine_priv.h"
#include "workflow/policy_input.h"
#include <string.h>

/* ---- delay ---- */

static void run_delay(struct step_work *work)
{
    const char *text = json_str(work->config, "duration");
    struct err err = {0};
    json_t *result;
    int64_t ms = 0;

    if (!text || duration_parse(text, &ms, &err) < 0) {
        if (!text)
            err_set(&err, ERR_MISSING_FIELD, "delay needs config.duration (30s, 5m, 1h)");
        step_fail(work, &err, NULL);
    } else if (!work->checkpoint) {
        step_wait(work, ms, "\"waited\"");
    } else {
        result = json_object();
        json_set_str(result, "duration", text);
        step_complete(work, result);
    }
}

/* ---- lua ---- */

/* Scripts keep a worker busy, so they get at most half of them; the others wait here, in order, for one to end (or to be canceled). */
static void run_lua(struct step_work *work);

static bool lua_enter(struct step_work *work)
{
    struct engine *engine = work->engine;
    int most = engine->workers > 1 ? engine->workers / 2 : 1;
    bool entered;

    pthread_mutex_lock(&engine->lock);
    entered = engine->lua_running < most;
    if (entered) {
        engine->lua_running++;
    } else {
        work->resume = run_lua;
        work->next_queued = NULL;
        *engine->lua_tail = work;
        engine->lua_tail = &work->next_queued;
    }
    pthread_mutex_unlock(&engine->lock);
    return entered;
}

static void lua_leave(struct engine *engine)
{
    struct step_work *next;

    pthread_mutex_lock(&engine->lock);
    engine->lua_running--;
    next = engine->lua_waiting;
    if (next)
        engine->lua_waiting = next->next_queued;
    if (!engine->lua_waiting)
        engine->lua_tail = &engine->lua_waiting;
    pthread_mutex_unlock(&engine->lock);
    if (next)
        engine_resume(next);
}

static void on_line(void *ctx, const char *line) { step_log(ctx, "core", "info", "%s", line); }

/* What the script sees is let go before the work is handed over: counted values are not shared between threads. */
static int evaluate_script(struct step_work *work, json_t **out, struct err *err)
{
    const struct admin_config *config = work->platform->config;
    CLEANUP(json_put) json_t *scope = json_copy(work->scope);
    CLEANUP(json_put) json_t *arguments = json_copy(work->config);
    int64_t wall = config->lua_wall_ms > 0 ? config->lua_wall_ms : LIMIT_LUA_STEP_WALL_MS;
    struct lua_script script = {.source = json_str(work->config, "script"),
                                .name = work->step->name,
                                .scope = scope,
                                .cancel = &work->cancel,
                                .on_line = on_line,
                                .ctx = work};

    json_object_del(arguments, "script");
    json_object_set(scope, "config", arguments);
    json_object_del(scope, "_placed");
    script.limits = (struct policy_limits){.wall_ms = step_remaining_ms(work, wall),
                                           .instructions = INT64_MAX / 2,
                                           .bytes = config->lua_bytes > 0 ? config->lua_bytes : LIMIT_LUA_STEP_BYTES};
    if (!script.source)
        return err_set(err, ERR_MISSING_FIELD, "lua needs config.script");
    return lua_script_run(&script, out, err);
}

static void run_script(struct step_work *work)
{
    json_t *result = NULL;
    struct err err = {0};

    if (evaluate_script(work, &result, &err) < 0)
        step_fail(work, &err, NULL);
    else
        step_complete(work, result);
}

static void run_lua(struct step_work *work)
{
    struct engine *engine = work->engine;
    struct err err = {0};

    if (work->cancel) {
        err_set(&err, ERR_CANCELED, "canceled");
        step_fail(work, &err, NULL);
        return;
    }
    if (!lua_enter(work))
        return;
    run_script(work);
    lua_leave(engine);
}

/* ---- validation ---- */

static void run_validation(struct step_work *work)
{
    /* Conditions are taken as written: they are Lua, not text to interpolate. */
    const json_t *raw = json_object_get(json_object_get(work->step->plan, "config"), "checks"), *check;
    CLEANUP(buf_fini) struct buf failed = BUF_INIT(sizeof((struct err *)0)->msg);
    struct err err = {0};
    json_t *result;
    size_t i, count = 0;

    json_array_foreach(raw, i, check)
    {
        const json_t *shown = json_array_get(json_object_get(work->config, "checks"), i);
        const char *when = json_str(check, "when"), *message = json_str(shown, "message"), *fix = json_str(shown, "fix");
        bool value = false;

        if (!when) {
            err_set(&err, ERR_MISSING_FIELD, "checks[%zu] has no `when`", i);
            step_fail(work, &err, NULL);
            return;
        }
        if (condition_evaluate(when, work->scope, NULL, &value, &err) < 0) {
            err_wrap(&err, "checks[%zu]", i);
            step_fail(work, &err, NULL);
            return;
        }
        if (value)
            continue;
        step_log(work, "core", "error", "%s%s%s", message ? message : when, fix ? "; fix: " : "", fix ? fix : "");
        buf_printf(&failed, "%s%s%s%s%s", count++ ? "; " : "", message ? message : when, fix ? " (fix: " : "", fix ? fix : "",
                   fix ? ")" : "");
    }
    if (count) {
        err_set(&err, ERR_CHECK_FAILED, "%s", buf_text(&failed));
        step_fail(work, &err, NULL);
        return;
    }
    result = json_object();
    json_set_int(result, "checks", (int64_t)json_array_size(raw));
    json_set_flag(result, "passed", true);
    step_complete(work, result);
}

/* ---- policy ---- */

static bool list_has(const json_t *names, const char *name)
{
    const json_t *item;
    size_t i;

    json_array_foreach(names, i, item) if (str_eq(json_string_value(item), name)) return true;
    return false;
}

/* The first name that no policy has, NULL if all are known. */
static const char *unknown_policy(struct policy_set *set, const json_t *names)
{
    CLEANUP(json_put) json_t *all = policy_set_describe(set);
    const json_t *name, *policy;
    size_t i, j;

    json_array_foreach(names, i, name)
    {
        bool found = false;

        json_array_foreach(all, j, policy) found |= str_eq(json_str(policy, "name"), json_string_value(name));
        if (!found)
            return json_is_string(name) ? json_string_value(name) : "(no text)";
    }
    return NULL;
}

static void run_policy(struct step_work *work)
{
    const json_t *names = json_object_get(work->config, "policies"), *violation;
    struct policy_set *set = work->platform->policies;
    const char *unknown = unknown_policy(set, names);
    CLEANUP(json_put) json_t *input = NULL;
    struct policy_decision decision = {0};
    struct err err = {0};
    json_t *result;
    size_t i;

    if (json_array_size(names) == 0 || unknown) {
        err_set(&err, ERR_BAD_VALUE,
                unknown ? "no policy is called \"%s\"; see `innominatus policy list`" : "policy needs config.policies%s",
                unknown ? unknown : "");
        step_fail(work, &err, NULL);
        return;
    }
    input = policy_input_deployment(work->platform, work->run->plan, NULL, NULL);
    policy_evaluate(set, "deployment", input, &decision);
    json_put(&input); /* it refers to the plan, which may go with the work */
    result = json_object();
    json_set_new(result, "violations", json_array());
    json_array_foreach(decision.violations, i, violation)
    {
        if (!list_has(names, json_str(violation, "policy")))
            continue;
        json_array_append(json_object_get(result, "violations"), (json_t *)violation);
        step_log(work, "core", "warn", "%s: %s", json_str(violation, "policy"), json_str(violation, "message"));
        if (str_eq(json_str(violation, "severity"), "deny") && err.code == ERR_NONE)
            err_set(&err, ERR_DENIED, "%s: %s", json_str(violation, "policy"), json_str(violation, "message"));
    }
    policy_decision_fini(&decision);
    if (err.code == ERR_NONE) {
        step_complete(work, result);
        return;
    }
    json_decref(result);
    step_fail(work, &err, NULL);
}

const struct step_type builtin_step_types[] = {
    {"resource", step_run_resource},
    {"workload", step_run_workload},
    {"lua", run_lua},
    {"delay", run_delay},
    {"http", step_run_http},
    {"validation", run_validation},
    {"policy", run_policy},
    {"tagging", step_run_tagging},
    {"cost-analysis", step_run_cost},
    {"security", step_run_security},
    {"monitoring", step_run_monitoring},
    {"action", step_run_action},
    {0},
};
