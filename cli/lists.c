/* Owns the verbs that list what a server has: each is a row of what to ask and which columns to show. */
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/verbs.h"

#define LIST_ITEMS 50

struct listing {
    const char *path, *empty;
    const struct out_column *columns;
    const char *word; /* query parameter that the first word becomes; NULL: none */
    const char *const
        *filters; /* flags, handed on as query parameters of the same name ("env" as environment); closed by NULL; NULL: none */
    json_t *(*rows)(struct cli *c, const json_t *items); /* what the table shows; NULL: the items. New reference */
    void (*notes)(struct cli *c, const json_t *items);   /* what stands below the table; NULL: nothing */
    bool paged, team;
};

static const char *add_filters(struct cli *c, const struct listing *l, const char *target)
{
    if (l->word)
        target = client_query(c, target, l->word, cli_word(c, 0));
    for (const char *const *name = l->filters; name && *name; name++)
        target = client_query(c, target, str_eq(*name, "env") ? "environment" : *name, args_text(&c->args, *name));
    return l->team ? client_team(c, target) : target;
}

/* With a filter an empty list does not mean that there is nothing. */
static bool is_filtered(const struct cli *c, const struct listing *l)
{
    bool filtered = (l->word && cli_word(c, 0)) || (l->team && c->team) || args_text(&c->args, "env");

    for (const char *const *name = l->filters; name && *name; name++)
        filtered = filtered || args_text(&c->args, *name);
    return filtered;
}

/* A word that names no application is a slip, not an empty list. One that was deleted has left its deployments. */
static int check_application(struct cli *c, const struct listing *l, const json_t *answer)
{
    CLEANUP(json_put) json_t *history = NULL;
    const char *target;
    struct err err = {0};
    int code;

    if (!str_eq(l->word, "application") || !cli_word(c, 0) || json_array_size(json_object_get(answer, "items")))
        return EXIT_FINE;
    target = client_query(c, client_query(c, client_path(c, "/deployments", NULL), "application", cli_word(c, 0)), "limit", "1");
    if ((code = client_get(c, client_team(c, target), &history)) || json_array_size(json_object_get(history, "items")))
        return code;
    err_set(&err, ERR_NOT_FOUND, "there is no application \"%.80s\"", cli_word(c, 0));
    return cli_fail(c, &err);
}

static int run(struct cli *c, const struct listing *l)
{
    const char *target = add_filters(c, l, client_path(c, l->path, NULL));
    CLEANUP(json_put) json_t *answer = NULL;
    CLEANUP(json_put) json_t *rows = NULL;
    int code = l->paged ? client_list(c, target, args_int(&c->args, "limit", LIST_ITEMS), &answer) : client_get(c, target, &answer);

    if (code || (code = check_application(c, l, answer)) || out_data(c, answer))
        return code;
    rows = l->rows ? l->rows(c, json_object_get(answer, "items")) : json_incref(json_object_get(answer, "items"));
    out_table(c, l->columns, rows, is_filtered(c, l) ? "nothing fits the flags and words given" : l->empty);
    if (l->notes)
        l->notes(c, json_object_get(answer, "items"));
    if (json_str(answer, "next_cursor"))
        cli_say(c, "there is more; --limit N shows more, --limit 0 all of it");
    return EXIT_FINE;
}

/* ---- applications ---- */

static json_t *application_rows(struct cli *c, const json_t *items)
{
    const char *wanted = args_text(&c->args, "env");
    json_t *rows = json_array(), *application, *environment;
    size_t i, j;

    json_array_foreach(items, i, application)
    {
        const json_t *environments = json_object_get(application, "environments");

        if (json_array_size(environments) == 0 && !wanted)
            json_array_append(rows, application);
        json_array_foreach(environments, j, environment)
        {
            json_t *row = json_copy(application);

            json_object_set(row, "in", environment);
            if (!wanted || str_eq(wanted, json_str(environment, "name")))
                json_array_append(rows, row);
            json_decref(row);
        }
    }
    return rows;
}

int verb_list(struct cli *c)
{
    static const struct out_column columns[] = {
        {"APPLICATION", "name", COLUMN_COPY},
        {"ENVIRONMENT", "in.name", COLUMN_COPY},
        {"STATE", "in.state", COLUMN_STATE},
        {"REVISION", "in.revision", COLUMN_RIGHT},
        {"PRODUCT", "product", COLUMN_COPY},
        {"TEAM", "team"},
        {"CHANGED", "in.updated_at", COLUMN_AGO},
        {"DRIFT", "in.drift", .wide = true},
        {"DEPLOYMENT", "in.deployment_id", .wide = true},
        {0},
    };
    static const char *const filters[] = {"product", NULL};

    return run(c, &(struct listing){.path = "/specs",
                                    .columns = columns,
                                    .filters = filters,
                                    .rows = application_rows,
                                    .paged = true,
                                    .team = true,
                                    .empty = "no applications yet; a first one: innominatus deploy FILE"});
}

int verb_deployments(struct cli *c)
{
    static const struct out_column columns[] = {
        {"DEPLOYMENT", "id", COLUMN_COPY},
        {"APPLICATION", "application", COLUMN_COPY},
        {"ENVIRONMENT", "environment.name", COLUMN_COPY},
        {"KIND", "kind"},
        {"STATE", "state", COLUMN_STATE},
        {"BY", "created_by"},
        {"SINCE", "created_at", COLUMN_AGO},
        {"TEAM", "team", .wide = true},
        {"REVISION", "revision", COLUMN_RIGHT, true},
        {"ERROR", "error.message", .wide = true},
        {0},
    };
    static const char *const filters[] = {"env", "state", NULL};

    return run(c, &(struct listing){.path = "/deployments",
                                    .columns = columns,
                                    .word = "application",
                                    .filters = filters,
                                    .paged = true,
                                    .team = true,
                                    .empty = "no deployments"});
}

int verb_environments(struct cli *c)
{
    static const struct out_column columns[] = {{"ENVIRONMENT", "name", COLUMN_COPY},
                                                {"TYPE", "type"},
                                                {"TTL", "ttl"},
                                                {"APPROVAL", "require_approval"},
                                                {"PROTECTED", "protected"},
                                                {"TEAMS", "teams"},
                                                {"APPLICATIONS", "applications"},
                                                {0}};

    return run(c, &(struct listing){.path = "/environments", .columns = columns, .team = true, .empty = "no environments"});
}

int verb_list_workflows(struct cli *c)
{
    static const struct out_column columns[] = {
        {"WORKFLOW", "id", COLUMN_COPY},
        {"NAME", "name", COLUMN_COPY},
        {"TIER", "tier"},
        {"PHASE", "phase"},
        {"STATE", "state", COLUMN_STATE},
        {"APPLICATION", "application", COLUMN_COPY},
        {"ENVIRONMENT", "environment", COLUMN_COPY},
        {"STARTED", "started_at", COLUMN_AGO},
        {"DEPLOYMENT", "deployment_id", .wide = true},
        {0},
    };
    static const char *const filters[] = {"env", "state", "tier", NULL};

    return run(c, &(struct listing){.path = "/workflows",
                                    .columns = columns,
                                    .word = "application",
                                    .filters = filters,
                                    .paged = true,
                                    .team = true,
                                    .empty = "no workflow has run yet"});
}

int verb_list_resources(struct cli *c)
{
    static const struct out_column columns[] = {
        {"RESOURCE", "id", COLUMN_COPY},
        {"NAME", "name", COLUMN_COPY},
        {"TYPE", "type"},
        {"STATE", "state", COLUMN_STATE},
        {"APPLICATION", "application", COLUMN_COPY},
        {"ENVIRONMENT", "environment", COLUMN_COPY},
        {"PROVISIONER", "provisioner.name"},
        {"CHANGED", "updated_at", COLUMN_AGO},
        {"HEALTH", "health", .wide = true},
        {"PROTECTED", "protected", .wide = true},
        {"KEY", "uid", .wide = true},
        {0},
    };
    static const char *const filters[] = {"env", "type", "state", NULL};

    return run(c, &(struct listing){.path = "/resources",
                                    .columns = columns,
                                    .word = "application",
                                    .filters = filters,
                                    .paged = true,
                                    .team = true,
                                    .empty = "no resources"});
}

/* ---- queue ---- */

int verb_queue_list(struct cli *c)
{
    static const struct out_column columns[] = {
        {"TASK", "id", COLUMN_COPY},
        {"STATE", "state", COLUMN_STATE},
        {"PRIORITY", "priority"},
        {"APPLICATION", "application", COLUMN_COPY},
        {"ENVIRONMENT", "environment", COLUMN_COPY},
        {"ATTEMPT", "attempt", COLUMN_RIGHT},
        {"WAITING", "created_at", COLUMN_AGO},
        {"DEPLOYMENT", "deployment_id", .wide = true},
        {"STEP", "step_id", .wide = true},
        {"ERROR", "error.message", .wide = true},
        {0},
    };
    static const char *const filters[] = {"env", "state", "application", NULL};

    return run(
        c, &(struct listing){
               .path = "/queue/tasks", .columns = columns, .filters = filters, .paged = true, .team = true, .empty = "the queue is empty"});
}

/* ---- platform ---- */

/* Sentences would push the columns apart: why an entry is as it is stands below the table. */
static void print_plugin_notes(struct cli *c, const json_t *items)
{
    const json_t *item;
    size_t i;

    json_array_foreach(items, i, item)
    {
        const char *reason = json_str(item, "reason"), *retry = json_str(item, "retry_at"),
                   *crash = json_string_value(json_at(item, "last_crash.message"));
        const char *name = out_clean(&c->arena, json_str(item, "name"), false);
        const json_t *health = json_object_get(item, "health");

        if (reason)
            cli_print(c, "  %s is %s: %s%s%s\n", name, out_clean(&c->arena, json_str(item, "state"), false),
                      out_clean(&c->arena, reason, false), retry ? "; it is tried again at " : "", retry ? retry : "");
        else if (str_eq(json_str(health, "status"), "failed")) /* it is called all the same */
            cli_print(c, "  %s is unhealthy: %s\n", name, out_clean(&c->arena, json_str(health, "message"), false));
        if (crash && !reason)
            cli_print(c, "  %s: its last crash: %s\n", name, out_clean(&c->arena, crash, false));
    }
}

static json_t *plugin_rows(struct cli *c, const json_t *items)
{
    json_t *rows = json_deep_copy(items), *item;
    size_t i;

    json_array_foreach(rows, i, item) json_set_str(
        item, "p99_ms",
        json_int(item, "calls", 0) ? arena_printf(&c->arena, "%.0f ms", json_number_value(json_object_get(item, "p99_ms"))) : "-");
    return rows;
}

int verb_plugin_list(struct cli *c)
{
    static const struct out_column columns[] = {
        {"NAME", "name", COLUMN_COPY},
        {"VERSION", "version"},
        {"TYPES", "types"},
        {"ISOLATION", "isolation"},
        {"STATE", "state", COLUMN_STATE},
        {"CALLS", "calls", COLUMN_RIGHT},
        {"P99", "p99_ms", COLUMN_RIGHT},
        {"CRASHES", "crashes", COLUMN_RIGHT},
        {"PRODUCT", "product", .wide = true},
        {"STEPS", "step_types", .wide = true},
        {"SHA256", "sha256", .wide = true},
        {0},
    };

    return run(c, &(struct listing){.path = "/plugins",
                                    .columns = columns,
                                    .rows = plugin_rows,
                                    .notes = print_plugin_notes,
                                    .empty = "no provisioner entries in admin-config.yaml"});
}

int verb_policy_list(struct cli *c)
{
    static const struct out_column columns[] = {
        {"POLICY", "name", COLUMN_COPY},  {"ON", "on"},
        {"SEVERITY", "severity"},         {"MODE", "mode"},
        {"TESTS", "tests", COLUMN_RIGHT}, {"COVERAGE", "coverage", COLUMN_RIGHT},
        {"DESCRIPTION", "description"},   {"FILE", "file", .wide = true},
        {"ERROR", "error", .wide = true}, {0},
    };

    return run(c, &(struct listing){.path = "/policies", .columns = columns, .empty = "no policies"});
}

int verb_policy_violations(struct cli *c)
{
    static const struct out_column columns[] = {
        {"SINCE", "at", COLUMN_AGO},
        {"POLICY", "policy", COLUMN_COPY},
        {"SEVERITY", "severity"},
        {"APPLICATION", "application", COLUMN_COPY},
        {"ENVIRONMENT", "environment", COLUMN_COPY},
        {"BY", "actor"},
        {"PATH", "path"},
        {"MESSAGE", "message"},
        {"FIX", "fix", .wide = true},
        {"SOURCE", "source", .wide = true},
        {0},
    };
    static const char *const filters[] = {"policy", "severity", "application", "env", NULL};

    return run(
        c,
        &(struct listing){
            .path = "/policies/violations", .columns = columns, .filters = filters, .paged = true, .team = true, .empty = "no violations"});
}

int verb_audit_list(struct cli *c)
{
    static const struct out_column columns[] = {
        {"SEQ", "seq", COLUMN_RIGHT},
        {"AT", "at"},
        {"ACTOR", "actor"},
        {"ACTION", "action"},
        {"OBJECT", "object"},
        {"ENVIRONMENT", "environment", COLUMN_COPY},
        {"RESULT", "result"},
        {"TEAM", "team", .wide = true},
        {"FROM", "source_ip", .wide = true},
        {"REQUEST", "request_id", .wide = true},
        {0},
    };
    static const char *const filters[] = {"actor", "action", "object", "result", "since", "until", NULL};

    return run(c, &(struct listing){
                      .path = "/audit", .columns = columns, .filters = filters, .paged = true, .team = true, .empty = "no audit rows"});
}

int verb_admin_list_users(struct cli *c)
{
    static const struct out_column columns[] = {{"NAME", "name", COLUMN_COPY},
                                                {"ROLE", "role"},
                                                {"TEAM", "team"},
                                                {"LAST LOGIN", "last_login_at", COLUMN_AGO},
                                                {"CREATED", "created_at", COLUMN_AGO},
                                                {"ID", "id", COLUMN_COPY, true},
                                                {0}};

    return run(c, &(struct listing){.path = "/users", .columns = columns, .paged = true, .team = true, .empty = "no users"});
}
