/* Owns the rules of the contract that are tried by calling the plugin (sdk/include/innominatus/provisioner.h says them). Main thread. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/check.h"
#include <string.h>

#define KILLS       3 /* checkpoints after which the host is killed */
#define STOP_US     2000000LL
#define STOP_TRIES  3 /* a machine may be busy: who does not listen fails every time */
#define AT_ONCE     8
#define BREAKS_MOST 3 /* bad params that are told */

#define THING(name)                                                                                                                        \
    CLEANUP(check_thing_fini) struct check_thing name;                                                                                     \
    check_thing_init(k, &(name))
#define CALL(name, op, how, what) CLEANUP(check_call_fini) struct check_call name = {.operation = (op), .change = (how), .thing = (what)}

/* ---- provision ---- */

/* A member in which two objects differ, NULL: none. */
static const char *differs(const json_t *a, const json_t *b)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)a, key, value) if (!json_equal(value, json_object_get(b, key))) return key;
    json_object_foreach((json_t *)(uintptr_t)b, key, value) if (!json_object_get(a, key)) return key;
    return NULL;
}

/* What a further provision of the same thing changed: a text for people, NULL: nothing. */
static const char *second_differs(struct check *k, const struct check_call *first, const struct check_call *second, const json_t *before,
                                  const json_t *after)
{
    const char *key = differs(first->outputs, second->outputs), *path = check_tree_added(k, before, after);

    if (key)
        return arena_printf(&k->c->arena, "output \"%s\" is another one", key);
    if ((key = differs(first->secrets, second->secrets)))
        return arena_printf(&k->c->arena, "secret output \"%s\" is another one", key);
    return path ? arena_printf(&k->c->arena, "a file has come that the first did not make: %s", path) : NULL;
}

static enum verdict provision(struct check *k)
{
    THING(thing);
    CALL(first, PLUGIN_PROVISION, "create", &thing);
    CALL(second, PLUGIN_PROVISION, "create", &thing);
    CLEANUP(json_put) json_t *once = NULL, *twice = NULL;
    struct err err = {0};
    const char *what;
    size_t outputs;

    if (!k->params)
        return check_say(k, VERDICT_SKIP, "no valid params are known: give \"examples\" in the schema, or --params FILE");
    if (check_call_run(k, &first) < 0) {
        k->dead = true;
        return check_say(k, VERDICT_FAIL, "%s", first.err.msg);
    }
    once = check_tree(k);
    if (check_call_run(k, &second) < 0)
        return check_say(k, VERDICT_FAIL, "the second call of the same thing failed: %s", second.err.msg);
    twice = check_tree(k);
    outputs = json_object_size(first.outputs) + json_object_size(first.secrets);
    what = second_differs(k, &first, &second, once, twice);
    if (check_remove(k, &thing, &err) < 0)
        k->dead = true;
    return what ? check_say(k, VERDICT_FAIL, "twice is not the same as once: %s", what)
                : check_say(k, VERDICT_OK, "twice is the same as once, %zu output%s", outputs, outputs == 1 ? "" : "s");
}

/* ---- crash: between what was made and the answer ---- */

/* When it happens: at a checkpoint, before or after its state is durable; at 0 the server dies instead of the host, and loses the answer.
 */
struct moment {
    int checkpoint;
    bool durable;
};

/* Makes a thing with a crash in between. 1: no crash happened; -1: why it is not as it should be is in `out_why`. */
static int make_disturbed(struct check *k, struct check_thing *thing, const struct moment *at, const char **out_why)
{
    CALL(cut, PLUGIN_PROVISION, "create", thing);
    CALL(again, PLUGIN_PROVISION, "create", thing);

    cut.kill_at = at->checkpoint;
    cut.lose_state = !at->durable;
    cut.lose_answer = true;
    check_call_run(k, &cut);
    if (at->checkpoint ? !cut.killed : cut.outcome != PLUGIN_DONE_OK)
        return 1; /* the crash did not happen: it ended before, or failed by itself */
    if (check_call_run(k, &again) == 0)
        return 0;
    *out_why = arena_printf(&k->c->arena, "the call after the crash failed: %s", again.err.msg);
    return -1;
}

/* The same number of files as an undisturbed one leaves. */
static const char *crash_once(struct check *k, const struct moment *at, size_t undisturbed)
{
    THING(thing);
    CLEANUP(json_put) json_t *before = check_tree(k), *after = NULL, *gone = NULL;
    const char *why = NULL, *left;
    struct err err = {0};
    size_t made;
    int rc = make_disturbed(k, &thing, at, &why);

    if (rc != 0) {
        check_remove(k, &thing, &err);
        return why;
    }
    after = check_tree(k);
    made = json_object_size(after) - json_object_size(before);
    if (check_remove(k, &thing, &err) < 0)
        return arena_printf(&k->c->arena, "deprovision after a crash failed: %s", err.msg);
    gone = check_tree(k);
    left = check_tree_added(k, before, gone);
    if (made > undisturbed)
        return arena_printf(&k->c->arena, "a crash leaves %zu files where %zu belong%s%s: it made a second one", made, undisturbed,
                            left ? ", such as " : "", left ? left : "");
    return left ? arena_printf(&k->c->arena, "after a crash deprovision leaves %s: a double that nobody knows", left) : NULL;
}

static const char *moment_text(struct check *k, const struct moment *at)
{
    if (!at->checkpoint)
        return "the answer was lost";
    return arena_printf(&k->c->arena, "killed at host->state no. %d, %s its state was stored", at->checkpoint,
                        at->durable ? "after" : "before");
}

static enum verdict crash(struct check *k)
{
    THING(thing);
    CALL(whole, PLUGIN_PROVISION, "create", &thing);
    CLEANUP(json_put) json_t *before = check_tree(k), *after = NULL;
    const char *why;
    struct err err = {0};
    size_t made;

    if (check_call_run(k, &whole) < 0)
        return check_say(k, VERDICT_FAIL, "%s", whole.err.msg);
    after = check_tree(k);
    made = json_object_size(after) - json_object_size(before);
    if (check_remove(k, &thing, &err) < 0)
        return check_say(k, VERDICT_SKIP, "deprovision does not work");
    for (int n = 0; n <= 2 * whole.checkpoints && n <= 2 * KILLS; n++) {
        struct moment at = {(n + 1) / 2, n % 2 == 0};

        if ((why = crash_once(k, &at, made)))
            return check_say(k, VERDICT_FAIL, "%s (%s)", why, moment_text(k, &at));
    }
    return check_say(k, VERDICT_OK, "no double after a lost answer%s",
                     whole.checkpoints ? " and kills around each host->state" : "; it stores no state with host->state");
}

/* ---- status, hints, plan: they look and change nothing ---- */

static int looks(struct check *k, struct check_call *call, const char **out_why)
{
    CLEANUP(json_put) json_t *before = check_tree(k), *after = NULL;
    const char *path;

    if (check_call_run(k, call) < 0) {
        *out_why = call->err.msg;
        return -1;
    }
    after = check_tree(k);
    path = check_tree_changed(k, before, after);
    if (path)
        *out_why = arena_printf(&k->c->arena, "it changes %s, and should only look", path);
    else if (call->checkpoints)
        *out_why = "it stores a state, and should only look";
    return path || call->checkpoints ? -1 : 0;
}

static const char *status_wrong(struct check *k, struct check_thing *thing, bool is_there, const char *when)
{
    CALL(call, PLUGIN_GET_STATUS, "read", thing);
    const char *why = NULL;

    if (looks(k, &call, &why) < 0)
        return arena_printf(&k->c->arena, "%s: %s", when, why);
    if (is_there == !str_eq(call.status, "terminated"))
        return NULL;
    return arena_printf(&k->c->arena, "%s it says \"%s\"", when, call.status);
}

static enum verdict status(struct check *k)
{
    THING(never);
    THING(thing);
    const char *why = status_wrong(k, &never, false, "of one that never was");
    struct err err = {0};

    if (why)
        return check_say(k, VERDICT_FAIL, "%s; the contract says terminated", why);
    if (check_make(k, &thing, &err) < 0)
        return check_say(k, VERDICT_FAIL, "%s", err.msg);
    why = status_wrong(k, &thing, true, "of one that is there");
    if (!why)
        why = status_wrong(k, &thing, true, "asked again");
    if (check_remove(k, &thing, &err) < 0)
        return check_say(k, VERDICT_FAIL, "%s", err.msg);
    if (!why)
        why = status_wrong(k, &thing, false, "of one that is gone");
    return why ? check_say(k, VERDICT_FAIL, "%s", why) : check_say(k, VERDICT_OK, "it looks, changes nothing, and knows what is gone");
}

static enum verdict look_at_one(struct check *k, enum plugin_operation operation)
{
    THING(thing);
    CALL(call, operation, "read", &thing);
    const char *why = NULL;
    struct err err = {0};

    if (check_make(k, &thing, &err) < 0)
        return check_say(k, VERDICT_FAIL, "%s", err.msg);
    looks(k, &call, &why);
    check_remove(k, &thing, &err);
    if (why)
        return check_say(k, VERDICT_FAIL, "%s", why);
    if (operation == PLUGIN_GET_HINTS)
        return check_say(k, VERDICT_OK, "%zu hint%s, nothing changed", json_array_size(call.hints),
                         json_array_size(call.hints) == 1 ? "" : "s");
    return check_say(k, VERDICT_OK, "it changes nothing");
}

static enum verdict hints(struct check *k) { return look_at_one(k, PLUGIN_GET_HINTS); }
static enum verdict plan(struct check *k) { return look_at_one(k, PLUGIN_PLAN); }

/* ---- update ---- */

static enum verdict update(struct check *k)
{
    THING(thing);
    CALL(call, PLUGIN_PROVISION, "update", &thing);
    CLEANUP(json_put) json_t *before = NULL, *after = NULL;
    const char *path;
    struct err err = {0};
    int rc;

    if (check_make(k, &thing, &err) < 0)
        return check_say(k, VERDICT_FAIL, "%s", err.msg);
    before = check_tree(k);
    rc = check_call_run(k, &call);
    after = check_tree(k);
    path = check_tree_added(k, before, after);
    check_remove(k, &thing, &err);
    if (rc < 0)
        return check_say(k, VERDICT_FAIL, "an update to the same params failed: %s", call.err.msg);
    return path ? check_say(k, VERDICT_FAIL, "an update to the same params makes something new: %s", path)
                : check_say(k, VERDICT_OK, "an update to the same params makes nothing new");
}

/* ---- deprovision ---- */

static enum verdict deprovision(struct check *k)
{
    THING(never);
    THING(thing);
    CLEANUP(json_put) json_t *before = NULL, *after = NULL;
    const char *path;
    struct err err = {0};

    if (check_remove(k, &never, &err) < 0)
        return check_say(k, VERDICT_FAIL, "of one that never was: %s; the contract says OK", err.msg);
    before = check_tree(k);
    if (check_make(k, &thing, &err) < 0 || check_remove(k, &thing, &err) < 0)
        return check_say(k, VERDICT_FAIL, "%s", err.msg);
    after = check_tree(k);
    if ((path = check_tree_added(k, before, after)))
        return check_say(k, VERDICT_FAIL, "it leaves %s", path);
    if (check_remove(k, &thing, &err) < 0)
        return check_say(k, VERDICT_FAIL, "the second time: %s; the contract says OK", err.msg);
    return check_say(k, VERDICT_OK, "nothing is left, and what is gone or never was is fine");
}

/* ---- params ---- */

/* Why it is not as it should be, NULL: it was refused well. */
static const char *refused_badly(struct check *k, const json_t *params)
{
    THING(thing);
    CALL(call, PLUGIN_PROVISION, "create", &thing);
    struct err err = {0};

    call.params = params;
    if (check_call_run(k, &call) == 0) {
        check_remove(k, &thing, &err);
        return "was accepted";
    }
    if (call.err.code == ERR_INVALID_RESOURCE || call.err.code == ERR_INVALID_CONFIG)
        return NULL;
    return call.killed ? "crashed it" : arena_printf(&k->c->arena, "failed otherwise: %s", call.err.msg);
}

static enum verdict params(struct check *k)
{
    CLEANUP(json_put) json_t *bad = k->schema ? check_params_bad(k->schema, k->params) : NULL;
    const char *told = "", *why;
    const json_t *one;
    size_t i, broken = 0;

    if (!k->schema)
        return check_say(k, VERDICT_SKIP, "the manifest has no params schema for it");
    json_array_foreach(bad, i, one)
    {
        if (!(why = refused_badly(k, json_object_get(one, "params"))))
            continue;
        if (broken++ < BREAKS_MOST)
            told = arena_printf(&k->c->arena, "%s%s{%s} %s", told, told[0] ? ", " : "", json_str(one, "why"), why);
    }
    return broken ? check_say(k, VERDICT_FAIL, "%zu of %zu bad params are not refused with INVALID_RESOURCE: %s", broken, i, told)
                  : check_say(k, VERDICT_OK, "%zu bad params are refused with INVALID_RESOURCE", i);
}

/* ---- cancel ---- */

static enum verdict cancel(struct check *k)
{
    const char *why = "";

    for (int try = 0; try < STOP_TRIES; try++) {
        THING(thing);
        CALL(call, PLUGIN_PROVISION, "create", &thing);
        struct err err = {0};

        call.cancel = true;
        check_call_run(k, &call);
        check_remove(k, &thing, &err);
        if (!call.stopped_us)
            return check_say(k, VERDICT_OK, "it ends before it could be asked to stop");
        if (call.stopped_us < STOP_US && !call.killed)
            return check_say(k, VERDICT_OK, "it answers after %lld ms", (long long)(call.stopped_us / 1000));
        why = call.stopped_us < STOP_US ? call.err.msg : "it does not stop within 2 s: look at host->canceled, poll on host->cancel_fd";
    }
    return check_say(k, VERDICT_FAIL, "%s", why);
}

/* ---- at once ---- */

static enum verdict parallel(struct check *k)
{
    struct check_thing things[AT_ONCE];
    struct check_call make[AT_ONCE], undo[AT_ONCE];
    CLEANUP(json_put) json_t *before = check_tree(k), *after = NULL;
    struct err err = {0}, ignored = {0};
    const char *path;
    size_t good;

    for (size_t i = 0; i < AT_ONCE; i++) {
        check_thing_init(k, &things[i]);
        make[i] = (struct check_call){.operation = PLUGIN_PROVISION, .change = "create", .thing = &things[i]};
        undo[i] = (struct check_call){.operation = PLUGIN_DEPROVISION, .change = "delete", .thing = &things[i]};
    }
    good = check_call_many(k, make, AT_ONCE, &err);
    if (check_call_many(k, undo, AT_ONCE, good == AT_ONCE ? &err : &ignored) < AT_ONCE && good == AT_ONCE)
        good = 0;
    for (size_t i = 0; i < AT_ONCE; i++) {
        check_call_fini(&make[i]);
        check_call_fini(&undo[i]);
        check_thing_fini(&things[i]);
    }
    after = check_tree(k);
    path = check_tree_added(k, before, after);
    if (good < AT_ONCE)
        return check_say(k, VERDICT_FAIL, "%d things at once do not work: %s", AT_ONCE, err.msg);
    return path ? check_say(k, VERDICT_FAIL, "%d things at once leave %s", AT_ONCE, path)
                : check_say(k, VERDICT_OK, "%d things at once are made and removed", AT_ONCE);
}

const struct check_rule check_type_rules[] = {
    {"provision", NULL, false, provision},
    {"crash", NULL, true, crash},
    {"status", NULL, true, status},
    {"hints", NULL, true, hints},
    {"update", "update", true, update},
    {"plan", "plan", true, plan},
    {"deprovision", NULL, true, deprovision},
    {"params", NULL, true, params},
    {"cancel", NULL, true, cancel},
    {"actions", "actions", true, check_actions},
    {"parallel", NULL, true, parallel},
    {"usage", NULL, true, check_usage},
    {0},
};
