/* Owns what is done to a resource by the actions of its provisioner: `resource action`, and `scale` and `restart` for the containers of an
 * application. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/follow.h"
#include "cli/output.h"
#include "cli/records.h"
#include "cli/verbs.h"
#include "plugin/action.h"
#include <string.h>

static const char *clean(struct cli *c, const char *text) { return out_clean(&c->arena, text ? text : "", false); }

/* ---- which there are ---- */

static int get_actions(struct cli *c, const json_t *resource, json_t **out)
{
    return client_get(c, client_team(c, client_path(c, "/resources/{}/actions", json_str(resource, "id"))), out);
}

/* "replicas=<whole number>", in brackets when it may be left out. */
static const char *params_text(struct cli *c, const json_t *action)
{
    const char *text = "";
    const json_t *param;
    size_t i;

    json_array_foreach(json_object_get(action, "params"), i, param)
    {
        const char *type = json_str(param, "type"), *name = clean(c, json_str(param, "name"));
        const char *what = type ? action_type_name(*type) : "?";
        bool optional = json_object_get(param, "default") != NULL;

        what = str_starts(what, "a ") ? what + 2 : what;
        text = arena_printf(&c->arena, "%s%s%s%s=<%s>%s", text, *text ? " " : "", optional ? "[" : "", name, what, optional ? "]" : "");
    }
    return text;
}

static int list_actions(struct cli *c, const json_t *resource, const json_t *answer)
{
    static const struct out_column columns[] = {{"ACTION", "name", COLUMN_COPY},
                                                {"ARGUMENTS", "arguments", COLUMN_COPY},
                                                {"CHANGES IT", "changes"},
                                                {"DESCRIPTION", "description"},
                                                {0}};
    CLEANUP(json_put) json_t *items = json_array();
    const json_t *action;
    size_t i;

    if (out_data(c, answer))
        return EXIT_FINE;
    json_array_foreach(json_object_get(answer, "items"), i, action)
    {
        json_t *item = json_object();

        json_set_str(item, "name", json_str(action, "name"));
        json_set_str(item, "arguments", params_text(c, action));
        json_set_str(item, "changes", json_flag(action, "changes", false) ? "yes" : "no");
        json_set_str(item, "description", json_str(action, "description"));
        json_array_append_new(items, item);
    }
    out_table(c, columns, items, "its provisioner offers no actions");
    if (json_array_size(items))
        cli_say(c, " Next: innominatus resource action %s NAME KEY=VALUE...", clean(c, json_str(resource, "id")));
    return EXIT_FINE;
}

static int find_action(struct cli *c, const json_t *resource, const json_t *answer, const char *name, const json_t **out)
{
    const json_t *items = json_object_get(answer, "items"), *action;
    const char *names = "";
    size_t i;

    json_array_foreach(items, i, action)
    {
        if (str_eq(json_str(action, "name"), name)) {
            *out = action;
            return EXIT_FINE;
        }
        names = arena_printf(&c->arena, "%s%s%s", names, *names ? ", " : "", clean(c, json_str(action, "name")));
    }
    if (!*names)
        return cli_missing(c, "nothing can be done to %s (%s): its provisioner offers no actions", clean(c, json_str(resource, "name")),
                           clean(c, json_str(resource, "type")));
    return cli_missing(c, "%s (%s) has no action \"%s\"; there are: %s", clean(c, json_str(resource, "name")),
                       clean(c, json_str(resource, "type")), clean(c, name), names);
}

/* ---- doing it ---- */

static void print_answer(struct cli *c, const json_t *resource, const json_t *answer)
{
    CLEANUP(json_put) json_t *one = json_array();
    const json_t *line;
    size_t i;

    json_array_foreach(json_object_get(answer, "logs"), i, line) cli_say(c, "%s", clean(c, json_str(line, "text")));
    if (json_object_size(json_object_get(answer, "outputs")))
        record_members(c, "outputs", json_object_get(answer, "outputs"));
    else if (!json_array_size(json_object_get(answer, "hints")))
        cli_print(c, "%s: done\n", clean(c, json_str(answer, "action")));
    json_array_append_new(one,
                          json_pack("{s:O,s:O}", "name", json_object_get(resource, "name"), "hints", json_object_get(answer, "hints")));
    record_hints(c, "", one);
}

static int after_accepted(struct cli *c, const json_t *resource, const char *action, const json_t *answer)
{
    const char *id = arena_strdup(&c->arena, json_str(answer, "id"));
    bool follow = args_flag(&c->args, "follow");
    int64_t position = json_int(answer, "queue_position", 0);

    if (!id)
        return cli_fail(c, &(struct err){.code = ERR_HTTP_STATUS, .msg = "the server's answer has no deployment id"});
    if (follow || args_flag(&c->args, "wait"))
        return follow_deployment(c, id, follow ? FOLLOW_STEPS : FOLLOW_END);
    if (out_data(c, answer))
        return EXIT_FINE;
    cli_print(c, "%s of %s: %s", clean(c, action), clean(c, json_str(resource, "name")), clean(c, json_str(answer, "state")));
    if (position > 0)
        cli_print(c, ", %lld before it", (long long)position);
    cli_print(c, " · deployment %s\nNext: innominatus logs %s --follow\n", id, id);
    return EXIT_FINE;
}

/* arguments: {name: value} as typed; checked here, where they are read, and again by the server. */
static int act(struct cli *c, const json_t *resource, const json_t *action, const json_t *arguments)
{
    CLEANUP(json_put) json_t *checked = NULL;
    CLEANUP(json_put) json_t *answer = NULL;
    CLEANUP(json_put) json_t *body = json_object();
    const char *name = json_str(action, "name");
    struct client_call call = {.method = "POST", .body = body, .creates = true, .timeout_ms = 120000};
    struct err err = {0};
    int code;

    if (action_take_arguments(action, arguments, &checked, &err) < 0)
        return cli_fail(c, &err);
    json_object_set(body, "arguments", (json_t *)(uintptr_t)arguments);
    call.target = client_path(c, arena_printf(&c->arena, "/resources/%s/actions/{}", json_str(resource, "id")), name);
    call.target = client_team(c, call.target);
    if ((code = client_do(c, &call, &answer)))
        return code;
    if (json_object_get(answer, "task_id"))
        return after_accepted(c, resource, name, answer);
    if (!out_data(c, answer))
        print_answer(c, resource, answer);
    return EXIT_FINE;
}

/* KEY=VALUE words from the third on. */
static int read_arguments(struct cli *c, const json_t *action, json_t *to)
{
    struct err err = {0};
    const char *word;

    for (size_t i = 2; (word = cli_word(c, i)); i++) {
        const char *equals = strchr(word, '='), *key;
        json_t *value = NULL;

        if (!equals || equals == word)
            return cli_usage(c, "\"%.60s\": write KEY=VALUE; arguments of %s: %s", word, clean(c, json_str(action, "name")),
                             params_text(c, action));
        key = arena_strndup(&c->arena, word, (size_t)(equals - word));
        if (json_object_get(to, key))
            return cli_usage(c, "argument \"%s\" is given twice", key);
        if (action_parse_argument(action, key, equals + 1, &value, &err) < 0)
            return cli_fail(c, &err);
        json_object_set_new(to, key, value);
    }
    return EXIT_FINE;
}

int verb_resource_action(struct cli *c)
{
    CLEANUP(json_put) json_t *resource = NULL;
    CLEANUP(json_put) json_t *answer = NULL;
    CLEANUP(json_put) json_t *arguments = json_object();
    const json_t *action = NULL;
    int code = record_find_resource(c, cli_word(c, 0), &resource);

    if (code || (code = get_actions(c, resource, &answer)))
        return code;
    if (!cli_word(c, 1))
        return list_actions(c, resource, answer);
    if ((code = find_action(c, resource, answer, cli_word(c, 1), &action)) || (code = read_arguments(c, action, arguments)))
        return code;
    return act(c, resource, action, arguments);
}

/* ---- the containers of an application ---- */

static int find_workload(struct cli *c, const char *application, json_t **out)
{
    const char *target = client_query(c, client_path(c, "/resources", NULL), "type", "workload");
    CLEANUP(json_put) json_t *answer = NULL;
    const json_t *items;
    int code;

    target = client_query(c, client_query(c, target, "application", application), "environment", args_text(&c->args, "env"));
    if ((code = client_get(c, client_team(c, target), &answer)))
        return code;
    items = json_object_get(answer, "items");
    if (json_array_size(items) > 1)
        return cli_usage(c,
                         "%s has %zu sets of containers; add --env, or `innominatus resource action ID` with an id of `innominatus "
                         "list-resources %s --type workload`",
                         application, json_array_size(items), application);
    if (!json_array_size(items))
        return cli_missing(c, "there is no application \"%s\" with containers here", application);
    *out = json_incref(json_array_get(items, 0));
    return EXIT_FINE;
}

static int act_on_workload(struct cli *c, const char *name, const json_t *arguments)
{
    CLEANUP(json_put) json_t *workload = NULL;
    CLEANUP(json_put) json_t *answer = NULL;
    const json_t *action = NULL;
    int code;

    if ((code = find_workload(c, cli_word(c, 0), &workload)) || (code = get_actions(c, workload, &answer)) ||
        (code = find_action(c, workload, answer, name, &action)))
        return code;
    return act(c, workload, action, arguments);
}

int verb_scale(struct cli *c)
{
    CLEANUP(json_put) json_t *arguments = json_object();
    int64_t replicas;

    if (!str_to_int(cli_word(c, 1), &replicas) || replicas < 0)
        return cli_usage(c, "\"%.60s\" is no number of replicas", cli_word(c, 1));
    json_set_int(arguments, "replicas", replicas);
    return act_on_workload(c, "scale", arguments);
}

int verb_restart(struct cli *c)
{
    CLEANUP(json_put) json_t *arguments = json_object();

    return act_on_workload(c, "restart", arguments);
}
