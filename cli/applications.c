/* Owns the verbs about one application: status, logs, manifests, delete, deprovision, cancel. */
#include "cli/applications.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/follow.h"
#include "cli/output.h"
#include "cli/plan.h"
#include "cli/records.h"
#include "cli/verbs.h"
#include <stdio.h>
#include <string.h>

static const char *clean(struct cli *c, const char *text) { return out_clean(&c->arena, text ? text : "", false); }

/* ---- finding ---- */

static int get_application(struct cli *c, const char *name, json_t **out)
{
    const char *target = client_query(c, client_path(c, "/specs/{}", name), "environment", args_text(&c->args, "env"));

    return client_get(c, client_team(c, target), out);
}

static const char *environment_names(struct cli *c, const json_t *environments)
{
    const char *names = "";
    json_t *item;
    size_t i;

    json_array_foreach(environments, i, item) names =
        arena_printf(&c->arena, "%s%s%s", names, i ? ", " : "", clean(c, json_str(item, "name")));
    return names;
}

/* The environment of an application that is meant. 0, or the exit code after a message. */
static int choose_environment(struct cli *c, const json_t *application, const json_t **out)
{
    const json_t *environments = json_object_get(application, "environments"), *item;
    const char *wanted = args_text(&c->args, "env"), *name = clean(c, json_str(application, "name"));
    size_t i;

    json_array_foreach(environments, i, item)
    {
        if (wanted ? str_eq(json_str(item, "name"), wanted) : json_array_size(environments) == 1) {
            *out = item;
            return EXIT_FINE;
        }
    }
    if (wanted || json_array_size(environments) == 0) {
        return cli_missing(c, "%s is not in %s; it is in: %s", name, wanted ? wanted : "any environment",
                           environment_names(c, environments));
    }
    return cli_usage(c, "%s is in several environments; add --env with one of: %s", name, environment_names(c, environments));
}

int application_deployment(struct cli *c, const char *word, json_t **out)
{
    CLEANUP(json_put) json_t *application = NULL;
    const json_t *environment = NULL;
    const char *id = word;
    int code;

    if (!id_is_valid(word, "d")) {
        if ((code = get_application(c, word, &application)) || (code = choose_environment(c, application, &environment)))
            return code;
        id = json_str(environment, "deployment_id");
        if (!id) {
            return cli_missing(c, "%s has no deployment in %s", word, clean(c, json_str(environment, "name")));
        }
    }
    return client_get(c, client_team(c, client_path(c, "/deployments/{}", id)), out);
}

/* ---- status ---- */

static int get_resources(struct cli *c, const char *application, const char *environment, json_t **out)
{
    const char *target = client_query(c, client_path(c, "/resources", NULL), "application", application);

    return client_list(c, client_team(c, client_query(c, target, "environment", environment)), 0, out);
}

/* `drifts`: something of it is not as it was applied. */
static void print_headline(struct cli *c, const json_t *deployment, bool drifts)
{
    const char *state = json_str(deployment, "state"), *kind = json_str(deployment, "kind");
    bool ended = follow_is_final(state), deploys = str_eq(kind, "deploy");
    bool degraded = drifts || json_flag(deployment, "degraded", false);
    const char *shown = !str_eq(state, "completed") || !deploys ? state : degraded ? "degraded" : "active";
    int64_t position = json_int(deployment, "queue_position", 0);

    cli_print(c, "%s · %s · %s%s%s since %s · deployment %s\n", out_paint(c, STYLE_BOLD, clean(c, json_str(deployment, "application"))),
              clean(c, json_str(json_object_get(deployment, "environment"), "name")), deploys ? "" : clean(c, kind), deploys ? "" : " ",
              out_paint(c, out_state_style(shown), clean(c, shown)),
              out_ago(&c->arena, json_str(deployment, ended ? "finished_at" : "created_at"), clock_now_us()),
              clean(c, json_str(deployment, "id")));
    if (position > 0)
        cli_print(c, "  %lld before it in the queue\n", (long long)position);
}

int application_print(struct cli *c, const json_t *deployment)
{
    static const struct out_column columns[] = {{"RESOURCE", "name", COLUMN_COPY},
                                                {"TYPE", "type"},
                                                {"STATE", "state", COLUMN_STATE},
                                                {"PROVISIONER", "provisioner.name"},
                                                {"CHANGED", "updated_at", COLUMN_AGO},
                                                {"KEY", "uid", .wide = true},
                                                {0}};
    CLEANUP(json_put) json_t *answer = NULL;
    const json_t *items;
    int code;

    if ((code =
             get_resources(c, json_str(deployment, "application"), json_str(json_object_get(deployment, "environment"), "name"), &answer)))
        return code;
    items = json_object_get(answer, "items");
    print_headline(c, deployment, drift_count(items) > 0);
    if ((code = follow_print_workflows(c, deployment)))
        return code;
    cli_print(c, "\n");
    out_table(c, columns, items, "no resources");
    if (json_array_size(items))
        cli_print(c, "\n");
    drift_print_brief(c, "  ", items);
    record_overrides(c, "  ", items);
    record_hints(c, "  ", items);
    follow_print_next(c, deployment);
    return EXIT_FINE;
}

static int status_data(struct cli *c, json_t *application, json_t *deployment)
{
    CLEANUP(json_put) json_t *resources = NULL;
    int code =
        get_resources(c, json_str(deployment, "application"), json_str(json_object_get(deployment, "environment"), "name"), &resources);

    if (code)
        return code;
    json_object_set(application, "deployment", deployment);
    json_object_set(application, "resources", json_object_get(resources, "items"));
    out_data(c, application);
    return EXIT_FINE;
}

static int status_of_deployment(struct cli *c, const char *id)
{
    CLEANUP(json_put) json_t *deployment = NULL;
    int code = client_get(c, client_team(c, client_path(c, "/deployments/{}", id)), &deployment);

    if (code || out_data(c, deployment))
        return code;
    return application_print(c, deployment);
}

static void print_environments(struct cli *c, const json_t *application)
{
    static const struct out_column columns[] = {{"ENVIRONMENT", "name", COLUMN_COPY},
                                                {"TYPE", "type"},
                                                {"STATE", "state", COLUMN_STATE},
                                                {"REVISION", "revision", COLUMN_RIGHT},
                                                {"CHANGED", "updated_at", COLUMN_AGO},
                                                {"DEPLOYMENT", "deployment_id", COLUMN_COPY},
                                                {0}};

    cli_print(c, "%s · team %s\n\n", out_paint(c, STYLE_BOLD, clean(c, json_str(application, "name"))),
              clean(c, json_str(application, "team")));
    out_table(c, columns, json_object_get(application, "environments"), "in no environment");
}

int verb_status(struct cli *c)
{
    CLEANUP(json_put) json_t *application = NULL;
    CLEANUP(json_put) json_t *deployment = NULL;
    const json_t *environment = NULL;
    const char *word = cli_word(c, 0);
    bool drift = args_flag(&c->args, "drift");
    int code;

    if (!word)
        return drift ? application_drift(c, NULL) : verb_list(c);
    if (id_is_valid(word, "d"))
        return drift ? cli_usage(c, "--drift is about an application, not about a deployment") : status_of_deployment(c, word);
    if ((code = get_application(c, word, &application)))
        return code;
    if (drift)
        return application_drift(c, word);
    if (!args_text(&c->args, "env") && json_array_size(json_object_get(application, "environments")) > 1) {
        if (!out_data(c, application))
            print_environments(c, application);
        return EXIT_FINE;
    }
    if ((code = choose_environment(c, application, &environment)) ||
        (code = client_get(c, client_team(c, client_path(c, "/deployments/{}", json_str(environment, "deployment_id"))), &deployment)))
        return code;
    if (c->output > OUTPUT_WIDE)
        return status_data(c, application, deployment);
    return application_print(c, deployment);
}

/* ---- manifests ---- */

int verb_manifests(struct cli *c)
{
    CLEANUP(json_put) json_t *deployment = NULL;
    CLEANUP(json_put) json_t *answer = NULL;
    json_t *item;
    size_t i;
    int code = application_deployment(c, cli_word(c, 0), &deployment);

    if (code)
        return code;
    code = client_get(c, client_team(c, client_path(c, "/deployments/{}/manifests", json_str(deployment, "id"))), &answer);
    if (code || (c->output == OUTPUT_JSON && out_data(c, answer)))
        return code;
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        const char *content = json_str(item, "content");

        cli_print(c, "---\n# %s\n%s%s", clean(c, json_str(item, "path")), out_clean(&c->arena, content ? content : "", true),
                  content && str_ends(content, "\n") ? "" : "\n");
    }
    if (json_array_size(json_object_get(answer, "items")) == 0)
        cli_say(c, "no manifests: the workload has not been deployed yet, or its provisioner renders none");
    return EXIT_FINE;
}

/* ---- leaving ---- */

/* What goes, for the question; data that would be lost by name. */
static int describe_loss(struct cli *c, const char *application, const char *environment, const char **out)
{
    CLEANUP(json_put) json_t *answer = NULL;
    const char *stateful = "";
    size_t i, count = 0;
    json_t *item;
    int code = get_resources(c, application, environment, &answer);

    if (code)
        return code;
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        count++;
        if (json_flag(item, "stateful", false))
            stateful = arena_printf(&c->arena, "%s%s%s (%s)", stateful, stateful[0] ? ", " : "", clean(c, json_str(item, "name")),
                                    clean(c, json_str(item, "type")));
    }
    *out = arena_printf(&c->arena, "%zu resource%s%s%s", count, count == 1 ? "" : "s", stateful[0] ? "; lost with their data: " : "",
                        stateful);
    return EXIT_FINE;
}

static const char *leave_target(struct cli *c, const char *name, const char *environment, bool keep)
{
    const char *const *allow = args_list(&c->args, "allow-remove", &c->arena);
    const char *target = client_query(c, client_path(c, "/specs/{}", name), "environment", environment);

    for (; *allow; allow++)
        target = client_query(c, target, "allowRemove", *allow);
    if (keep)
        target = client_query(c, target, "keepApplication", "true");
    if (args_flag(&c->args, "dry-run"))
        target = client_query(c, target, "dryRun", "true");
    return client_team(c, target);
}

static int leave(struct cli *c, bool keep)
{
    const char *name = cli_word(c, 0), *place, *loss = "";
    CLEANUP(json_put) json_t *application = NULL;
    CLEANUP(json_put) json_t *answer = NULL;
    const json_t *environment = NULL;
    bool dry = args_flag(&c->args, "dry-run");
    int code;

    if ((code = get_application(c, name, &application)) || (code = choose_environment(c, application, &environment)))
        return code;
    place = json_str(environment, "name");
    if (!dry && ((code = describe_loss(c, name, place, &loss)) ||
                 (code = cli_confirm(c, "%s %s in %s? This removes %s.", keep ? "Deprovision" : "Delete", name, place, loss))))
        return code;
    code = client_do(c, &(struct client_call){.method = "DELETE", .target = leave_target(c, name, place, keep), .creates = !dry}, &answer);
    if (code)
        return code;
    if (dry)
        return plan_print(c, answer, NULL, NULL);
    if (args_flag(&c->args, "follow") || args_flag(&c->args, "wait"))
        return follow_deployment(c, arena_strdup(&c->arena, json_str(answer, "id")),
                                 args_flag(&c->args, "follow") ? FOLLOW_STEPS : FOLLOW_END);
    if (!out_data(c, answer))
        cli_print(c, "%s %s in %s: %s · deployment %s\nNext: innominatus logs %s --follow\n", keep ? "deprovisioning" : "deleting",
                  clean(c, name), clean(c, place), clean(c, json_str(answer, "state")), clean(c, json_str(answer, "id")),
                  clean(c, json_str(answer, "id")));
    return EXIT_FINE;
}

int verb_delete(struct cli *c) { return leave(c, false); }
int verb_deprovision(struct cli *c) { return leave(c, true); }
