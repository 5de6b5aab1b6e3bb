/* Owns the rules about the plugin as a whole: that it loads, tells the truth, opens. Main thread. */
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/check.h"

static const char *reason(struct check *k, const char *state)
{
    CLEANUP(json_put) json_t *all = plugin_describe_all(k->bench.manager);
    const json_t *about = json_array_get(all, 0);

    return str_eq(json_str(about, "state"), state) ? arena_strdup(&k->c->arena, check_reason(json_str(about, "reason"))) : NULL;
}

/* The host loads the plugin and compares its table with the manifest before it calls anything of it. */
static enum verdict table(struct check *k)
{
    CLEANUP(check_thing_fini) struct check_thing thing = {.state = NULL};
    CLEANUP(check_call_fini) struct check_call call = {.operation = k->type ? PLUGIN_GET_STATUS : PLUGIN_HEALTH, .change = "read"};
    const char *why;

    check_thing_init(k, &thing);
    call.thing = k->type ? &thing : NULL;
    check_call_run(k, &call);
    if ((why = reason(k, "refused"))) {
        k->dead = true;
        return check_say(k, VERDICT_FAIL, "%s", why);
    }
    return check_say(k, VERDICT_OK, "the loaded table says what the manifest says");
}

static enum verdict open_it(struct check *k)
{
    CLEANUP(check_thing_fini) struct check_thing thing = {.state = NULL};
    CLEANUP(check_call_fini) struct check_call call = {.operation = k->type ? PLUGIN_GET_STATUS : PLUGIN_HEALTH, .change = "read"};
    const char *why;

    if (k->dead)
        return check_say(k, VERDICT_SKIP, "the plugin does not load");
    check_thing_init(k, &thing);
    call.thing = k->type ? &thing : NULL;
    check_call_run(k, &call);
    why = reason(k, "failed");
    k->dead = why || call.killed || call.err.code == ERR_PLUGIN_PROTOCOL;
    if (why)
        return check_say(k, VERDICT_FAIL, "%s%s", why,
                         args_text(&k->c->args, "config") ? "" : "; --config FILE gives it an entry's config");
    if (k->dead)
        return check_say(k, VERDICT_FAIL, "%s", call.err.msg);
    return check_say(k, VERDICT_OK, "a host starts with it");
}

static enum verdict health(struct check *k)
{
    CLEANUP(check_call_fini) struct check_call call = {.operation = PLUGIN_HEALTH};

    if (k->dead)
        return check_say(k, VERDICT_SKIP, "the plugin does not start");
    if (check_call_run(k, &call) == 0)
        return check_say(k, VERDICT_OK, "its backend can be reached");
    return check_say(k, VERDICT_FAIL, "%s", call.err.msg);
}

const struct check_rule check_host_rules[] = {
    {"table", NULL, false, table},
    {"open", NULL, false, open_it},
    {"health", "health", false, health},
    {0},
};
