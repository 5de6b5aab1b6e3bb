/* Owns `deploy` and `plan`: the Score file with what it names, sent to the server. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/follow.h"
#include "cli/output.h"
#include "cli/plan.h"
#include "cli/problem.h"
#include "cli/source.h"
#include "cli/verbs.h"
#include "codec/node.h"
#include <stdio.h>
#include <string.h>

#define PROPERTY_CHARS 512

/* ---- the request ---- */

/* --param NAME=VALUE ... */
static int add_parameters(struct cli *c, json_t *body, struct err *err)
{
    const char *const *list = args_list(&c->args, "param", &c->arena);
    json_t *parameters = json_object();

    for (; *list; list++) {
        const char *equals = strchr(*list, '=');

        if (!equals || equals == *list) {
            json_decref(parameters);
            return err_set(err, ERR_USAGE, "--param \"%.60s\": write NAME=VALUE", *list);
        }
        json_set_str(parameters, arena_strndup(&c->arena, *list, (size_t)(equals - *list)), equals + 1);
    }
    if (json_object_size(parameters))
        json_set_new(body, "parameters", parameters);
    else
        json_decref(parameters);
    return 0;
}

static int read_override(struct cli *c, const char *file, json_t *overrides, struct err *err)
{
    struct diag_list diags = diag_list_make(&c->arena, file);
    CLEANUP(free_ptr) char *text = NULL;
    const struct node *root;
    size_t len = 0;

    if (io_read_file(file, LIMIT_SCORE_BYTES, &text, &len, err) < 0)
        return err_wrap(err, "--override-file");
    root = node_parse_yaml(text, len, &c->arena, &diags);
    if (!root)
        return diag_to_err(&diags, err);
    if (root->kind != NODE_MAP)
        return err_set(err, ERR_WRONG_TYPE, "%s: an override file holds a part of a Score file, not %s", file, node_kind_name(root->kind));
    json_array_append_new(overrides, node_to_json(root));
    return 0;
}

/* Takes the next name of a dotted path; `\.` is a dot in a name. NULL at the end. */
static char *next_name(struct cli *c, const char **path)
{
    const char *at = *path;
    char *name = arena_array(&c->arena, strlen(at) + 1, 1), *to = name;

    if (!*at)
        return NULL;
    for (; *at && *at != '.'; at++) {
        at += at[0] == '\\' && at[1] == '.';
        *to++ = *at;
    }
    *path = at + (*at == '.');
    return name;
}

/* {"a": {"b": value}} for "a.b". Steals the value. */
static json_t *nested(struct cli *c, const char *path, json_t *value)
{
    const char *name = next_name(c, &path);
    json_t *outer;

    if (!name)
        return value;
    outer = json_object();
    json_set_new(outer, name, nested(c, path, value));
    return outer;
}

/* containers.web.image=x becomes {"containers": {"web": {"image": "x"}}}. The value is read as YAML. */
static int add_property(struct cli *c, const char *property, json_t *overrides, struct err *err)
{
    const char *equals = strchr(property, '=');
    struct diag_list diags = diag_list_make(&c->arena, "--property");
    const struct node *node = equals ? node_parse_yaml(equals + 1, strlen(equals + 1), &c->arena, &diags) : NULL;

    if (!equals || equals == property || !node || equals - property > PROPERTY_CHARS)
        return err_set(err, ERR_USAGE, "--property \"%.80s\": write PATH=VALUE, for example containers.web.image=shop:2", property);
    json_array_append_new(overrides, nested(c, arena_strndup(&c->arena, property, (size_t)(equals - property)), node_to_json(node)));
    return 0;
}

static int add_overrides(struct cli *c, json_t *body, struct err *err)
{
    const char *const *files = args_list(&c->args, "override-file", &c->arena), *const *properties =
                                                                                    args_list(&c->args, "property", &c->arena);
    json_t *overrides = json_array();

    for (; *files; files++)
        if (read_override(c, *files, overrides, err) < 0)
            break;
    for (; !*files && *properties; properties++)
        if (add_property(c, *properties, overrides, err) < 0)
            break;
    if (*files || *properties || !json_array_size(overrides)) {
        json_decref(overrides);
        return *files || *properties ? -1 : 0;
    }
    json_set_new(body, "overrides", overrides);
    return 0;
}

static int make_body(struct cli *c, const struct source *s, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *body = json_object();
    json_t *text = json_stringn(s->text, s->len);

    if (!text)
        return err_set(err, ERR_ENCODING, "%s is not UTF-8, or has NUL bytes", s->name);
    json_set_new(body, "spec", text);
    json_set_new(body, "files", source_json_files(s));
    json_set_str(body, "image", args_text(&c->args, "image"));
    if (add_parameters(c, body, err) < 0 || add_overrides(c, body, err) < 0)
        return -1;
    *out = take_ptr(body);
    return 0;
}

static const char *joined(struct cli *c, const char *flag)
{
    const char *const *list = args_list(&c->args, flag, &c->arena);
    const char *all = NULL;

    for (; *list; list++)
        all = all ? arena_printf(&c->arena, "%s,%s", all, *list) : *list;
    return all;
}

static const char *add_queries(struct cli *c, const char *target, const struct source *s)
{
    static const char *const flags[] = {"supersede", "force", "strict", "reset"};

    target = client_query(c, target, "environment", args_text(&c->args, "env"));
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (args_flag(&c->args, flags[i]))
            target = client_query(c, target, flags[i], "true");
    target = client_query(c, target, "allowRemove", joined(c, "allow-remove"));
    target = client_query(c, target, "allowReplace", joined(c, "allow-replace"));
    return client_team(c, client_query(c, target, "filename", s->name));
}

static int send(struct cli *c, const struct source *s, const char *path, bool creates, json_t **out)
{
    CLEANUP(json_put) json_t *body = NULL;
    struct err err = {0};

    if (make_body(c, s, &body, &err) < 0)
        return cli_fail(c, &err);
    return client_do(c,
                     &(struct client_call){.method = "POST",
                                           .target = add_queries(c, client_path(c, path, NULL), s),
                                           .body = body,
                                           .creates = creates,
                                           .source = json_object_get(body, "overrides") ? NULL : s->text,
                                           .source_name = s->name},
                     out);
}

/* ---- plan ---- */

static int plan_source(struct cli *c, const struct source *s)
{
    CLEANUP(json_put) json_t *plan = NULL;
    int code = send(c, s, "/specs/plan", false, &plan);

    return code ? code : plan_print(c, plan, s->text, s->name);
}

/* ---- deploy ---- */

/* What the plan and the policies warn of. */
static void print_warnings(struct cli *c, const json_t *answer, const struct source *s)
{
    const json_t *warnings = json_object_get(answer, "warnings"), *one;
    size_t i;

    if (json_array_size(warnings))
        problem_print_errors(c, warnings, s->text, s->name);
    json_array_foreach(json_object_get(answer, "violations"), i, one)
    {
        const char *severity = json_str(one, "severity"), *policy = json_str(one, "policy"), *message = json_str(one, "message");
        const char *fix = json_str(one, "fix");

        cli_say(c, "%s: policy %s: %s%s%s", str_eq(severity, "info") ? "note" : "warning", policy ? policy : "?", message ? message : "",
                fix ? "; fix: " : "", fix ? fix : "");
    }
}

static void print_accepted(struct cli *c, const json_t *answer, const struct source *s)
{
    const char *id = json_str(answer, "id"), *application = json_str(answer, "application"), *environment = json_str(answer, "environment");
    int64_t position = json_int(answer, "queue_position", 0);

    print_warnings(c, answer, s);
    if (out_data(c, answer))
        return;
    cli_print(c, "%s in %s: %s", out_clean(&c->arena, application ? application : "?", false),
              out_clean(&c->arena, environment ? environment : "?", false),
              out_clean(&c->arena, json_str(answer, "state") ? json_str(answer, "state") : "accepted", false));
    if (position > 0)
        cli_print(c, ", %lld before it", (long long)position);
    cli_print(c, " · deployment %s\nNext: innominatus logs %s --follow · innominatus status %s\n", id, id, application);
}

static int after_accepted(struct cli *c, const json_t *answer, const struct source *s)
{
    bool follow = args_flag(&c->args, "follow"), wait = args_flag(&c->args, "wait");
    const char *id = arena_strdup(&c->arena, json_str(answer, "id"));

    if (!id)
        return cli_fail(c, &(struct err){.code = ERR_HTTP_STATUS, .msg = "the server's answer has no deployment id"});
    if (!follow && !wait) {
        print_accepted(c, answer, s);
        return EXIT_FINE;
    }
    print_warnings(c, answer, s);
    if (follow && c->output <= OUTPUT_WIDE) {
        cli_print(c, " Deploying %s to %s · deployment %s\n", s->name, out_clean(&c->arena, json_str(answer, "environment"), false), id);
        fflush(stdout); /* the first workflow may take its time */
    }
    return follow_deployment(c, id, follow ? FOLLOW_STEPS : FOLLOW_END);
}

static int run(struct cli *c, bool plan_only)
{
    CLEANUP(source_fini) struct source s = {0};
    CLEANUP(json_put) json_t *answer = NULL;
    struct err err = {0};
    int code;

    if (source_read(c, cli_word(c, 0), &s, &err) < 0)
        return cli_fail(c, &err);
    if (plan_only || args_flag(&c->args, "dry-run"))
        return plan_source(c, &s);
    code = send(c, &s, "/specs", true, &answer);
    return code ? code : after_accepted(c, answer, &s);
}

int verb_plan(struct cli *c) { return run(c, true); }
int verb_deploy(struct cli *c) { return run(c, false); }
