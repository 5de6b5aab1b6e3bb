/* Owns the rule about actions. Those whose arguments all have defaults or examples can be called without knowing what they mean: one that
 * only looks changes nothing, gives no secret and stores no state; one that says it is idempotent may come again after a lost answer. Main
 * thread. */
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/check.h"
#include "plugin/action.h"
#include <string.h>

/* {name: example} where there is no default. New reference, NULL when an argument has neither. */
static json_t *arguments_of(const json_t *action)
{
    json_t *arguments = json_object();
    const json_t *param;
    size_t i;

    json_array_foreach(json_object_get(action, "params"), i, param)
    {
        json_t *example = json_object_get(param, "example");

        if (example) {
            json_object_set(arguments, json_str(param, "name"), example);
        } else if (!json_object_get(param, "default")) {
            json_decref(arguments);
            return NULL;
        }
    }
    return arguments;
}

/* What is wrong with one that only looks, NULL: nothing. */
static const char *looks_badly(struct check *k, struct check_thing *thing, const char *name, const json_t *arguments)
{
    CLEANUP(check_call_fini)
    struct check_call call = {.operation = PLUGIN_ACTION, .change = "read", .action = name, .arguments = arguments, .thing = thing};
    CLEANUP(json_put) json_t *before = check_tree(k), *after = NULL;
    const char *path;
    int rc = check_call_run(k, &call);

    after = check_tree(k);
    path = check_tree_changed(k, before, after);
    if (rc < 0 && call.killed)
        return arena_printf(&k->c->arena, "%s: %s", name, call.err.msg);
    if (path)
        return arena_printf(&k->c->arena, "%s changes %s, and does not say that it changes anything", name, path);
    if (call.checkpoints)
        return arena_printf(&k->c->arena, "%s stores a state, and does not say that it changes anything", name);
    if (json_object_size(call.secrets))
        return arena_printf(&k->c->arena, "%s gives a secret, which only one that changes the resource may", name);
    return NULL;
}

/* The answer is lost, and the same request comes again. */
static const char *repeats_badly(struct check *k, struct check_thing *thing, const char *name, const json_t *arguments)
{
    CLEANUP(check_call_fini)
    struct check_call first = {.operation = PLUGIN_ACTION, .change = "update", .action = name, .arguments = arguments, .thing = thing};
    CLEANUP(check_call_fini)
    struct check_call again = {.operation = PLUGIN_ACTION, .change = "update", .action = name, .arguments = arguments, .thing = thing};
    const char *key;
    json_t *value;

    first.lose_answer = true;
    if (check_call_run(k, &first) < 0)
        return first.killed ? arena_printf(&k->c->arena, "%s: %s", name, first.err.msg) : NULL; /* it may need a backend that is not here */
    if (check_call_run(k, &again) < 0)
        return arena_printf(&k->c->arena, "%s says that it is idempotent; after a lost answer it failed: %s", name, again.err.msg);
    json_object_foreach(first.secrets, key, value)
    {
        if (!json_equal(value, json_object_get(again.secrets, key)))
            return arena_printf(&k->c->arena, "%s says that it is idempotent; after a lost answer it gives another \"%s\"", name, key);
    }
    return NULL;
}

static const char *try_one(struct check *k, struct check_thing *thing, const json_t *action, size_t *tried)
{
    const char *name = json_str(action, "name");
    CLEANUP(json_put) json_t *arguments = arguments_of(action);

    if (!arguments)
        return NULL;
    ++*tried;
    if (!json_flag(action, "changes", false))
        return looks_badly(k, thing, name, arguments);
    return json_flag(action, "idempotent", false) ? repeats_badly(k, thing, name, arguments) : NULL;
}

enum verdict check_actions(struct check *k)
{
    CLEANUP(json_put) json_t *list = action_list(k->parts.manifest, k->type);
    CLEANUP(check_thing_fini) struct check_thing thing;
    size_t i, tried = 0, count = json_array_size(list);
    const char *why = NULL;
    const json_t *action;
    struct err err = {0};

    check_thing_init(k, &thing);
    if (!count)
        return check_say(k, VERDICT_OK, "it has none for this type");
    if (check_make(k, &thing, &err) < 0)
        return check_say(k, VERDICT_FAIL, "%s", err.msg);
    json_array_foreach(list, i, action)
    {
        if ((why = try_one(k, &thing, action, &tried)))
            break;
    }
    if (check_remove(k, &thing, &err) < 0 && !why)
        return check_say(k, VERDICT_FAIL, "it cannot be removed afterwards: %s", err.msg);
    if (why)
        return check_say(k, VERDICT_FAIL, "%s", why);
    return tried ? check_say(k, VERDICT_OK, "%zu of %zu tried: they do what they say", tried, count)
                 : check_say(k, VERDICT_SKIP, "none of %zu has a default or an example for all its arguments", count);
}
