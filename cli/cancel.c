/* Owns `cancel`: of one deployment, or of those of an application that have not ended. */
#include "base/cleanup.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/applications.h"
#include "cli/client.h"
#include "cli/follow.h"
#include "cli/output.h"
#include "cli/verbs.h"

#define LOOK_AT 200 /* of an application's deployments, the newest: what is older has ended */

static const char *clean(struct cli *c, const char *text) { return out_clean(&c->arena, text ? text : "", false); }

/* Appends what has not ended yet, the oldest (which runs, the others wait for it) first. */
static int find_unfinished(struct cli *c, const json_t *deployment, json_t *unfinished)
{
    const char *target = client_query(c, client_path(c, "/deployments", NULL), "application", json_str(deployment, "application"));
    CLEANUP(json_put) json_t *answer = NULL;
    json_t *item;
    size_t i;
    int code;

    target = client_query(c, target, "environment", json_str(json_object_get(deployment, "environment"), "name"));
    if ((code = client_list(c, client_team(c, target), LOOK_AT, &answer)))
        return code;
    json_array_foreach(json_object_get(answer, "items"), i, item) if (!follow_is_final(json_str(item, "state")))
        json_array_insert(unfinished, 0, item);
    return EXIT_FINE;
}

static int cancel_one(struct cli *c, const json_t *deployment, json_t *answers)
{
    CLEANUP(json_put) json_t *answer = NULL;
    const char *id = json_str(deployment, "id");
    int code = client_do(c, &(struct client_call){.method = "POST", .target = client_team(c, client_path(c, "/deployments/{}/cancel", id))},
                         &answer);

    if (code)
        return code;
    if (c->output <= OUTPUT_WIDE)
        cli_print(c, "%s: %s\n", clean(c, id), clean(c, json_str(answer, "state")));
    json_array_append(answers, answer);
    return EXIT_FINE;
}

static void say_rest(struct cli *c, const json_t *unfinished, size_t done)
{
    size_t left = json_array_size(unfinished) - done;

    if (left)
        cli_say(c, "%zu more of %s %s not ended: %s%s; --all cancels every one", left,
                clean(c, json_str(json_array_get(unfinished, 0), "application")), left == 1 ? "has" : "have",
                clean(c, json_str(json_array_get(unfinished, done), "id")), left > 1 ? ", ..." : "");
}

static int cancel_some(struct cli *c, const json_t *unfinished, bool all)
{
    size_t count = json_array_size(unfinished), wanted = all ? count : 1;
    const json_t *first = json_array_get(unfinished, 0);
    CLEANUP(json_put) json_t *answers = json_array();
    int code = wanted > 1 ? cli_confirm(c, "Cancel %zu deployments of %s?", wanted, clean(c, json_str(first, "application")))
                          : cli_confirm(c, "Cancel deployment %s of %s?", clean(c, json_str(first, "id")),
                                        clean(c, json_str(first, "application")));

    /* The last ones first: what waits must not begin because the one before it has gone. */
    for (size_t i = wanted; !code && i > 0; i--)
        code = cancel_one(c, json_array_get(unfinished, i - 1), answers);
    if (code)
        return code;
    if (c->output > OUTPUT_WIDE)
        out_data(c, all ? answers : json_array_get(answers, 0));
    say_rest(c, unfinished, wanted);
    return EXIT_FINE;
}

int verb_cancel(struct cli *c)
{
    CLEANUP(json_put) json_t *deployment = NULL;
    CLEANUP(json_put) json_t *unfinished = json_array();
    bool all = args_flag(&c->args, "all");
    int code = application_deployment(c, cli_word(c, 0), &deployment);

    if (code)
        return code;
    if (id_is_valid(cli_word(c, 0), "d") && all)
        return cli_usage(c, "--all is for an application: innominatus cancel %s --all", clean(c, json_str(deployment, "application")));
    if (!id_is_valid(cli_word(c, 0), "d") && (code = find_unfinished(c, deployment, unfinished)))
        return code;
    if (json_array_size(unfinished) == 0 && follow_is_final(json_str(deployment, "state"))) { /* nothing to ask about: the server says so */
        CLEANUP(json_put) json_t *answers = json_array();

        return cancel_one(c, deployment, answers);
    }
    if (json_array_size(unfinished) == 0)
        json_array_append(unfinished, deployment);
    return cancel_some(c, unfinished, all);
}
