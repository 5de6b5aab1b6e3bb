/* Owns the verbs that do something with a single task of the queue. */
#include "base/cleanup.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/prompt.h"
#include "cli/verbs.h"

static int act(struct cli *c, const char *path, const char *done)
{
    CLEANUP(json_put) json_t *answer = NULL;
    const char *target = client_team(c, client_path(c, path, cli_word(c, 0)));
    int code = client_do(c, &(struct client_call){.method = "POST", .target = target}, &answer);

    if (code || out_data(c, answer))
        return code;
    cli_print(c, "task %s %s\n", cli_word(c, 0), done);
    if (json_str(answer, "deployment_id"))
        cli_say(c, " Next: innominatus watch %s", out_clean(&c->arena, json_str(answer, "deployment_id"), false));
    return EXIT_FINE;
}

int verb_queue_cancel(struct cli *c)
{
    int code = cli_confirm(c, "Take task %s and its deployment out of the queue?", cli_word(c, 0));

    return code ? code : act(c, "/queue/tasks/{}/cancel", "and its deployment are canceled");
}

int verb_queue_requeue(struct cli *c) { return act(c, "/queue/tasks/{}/requeue", "is tried once more"); }

int verb_queue_discard(struct cli *c)
{
    int code = cli_confirm(c, "Take task %s off the dead-letter list? It can then not be requeued.", cli_word(c, 0));

    return code ? code : act(c, "/queue/tasks/{}/discard", "is off the dead-letter list");
}
