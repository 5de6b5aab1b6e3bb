/* Owns `policy test` and `policy eval`, policies tried on this machine, and `policy explain`. */
#include "policy/policy.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/paths.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/problem.h"
#include "cli/records.h"
#include "cli/report.h"
#include "cli/source.h"
#include "cli/verbs.h"
#include "config/admin_config.h"
#include "workflow/plan_build.h"
#include "workflow/policy_input.h"
#include <stdio.h>

/* ---- test ---- */

static const char *text_of(const json_t *one, const char *member) { return json_str(one, member) ? json_str(one, member) : "?"; }

/* One entry a case, in files of tests. */
static void print_report(struct cli *c, const char *dir, const json_t *results)
{
    const json_t *cases = json_object_get(results, "cases"), *one;
    struct report_entry *entries = arena_array(&c->arena, json_array_size(cases) + 1, sizeof *entries);
    size_t i;

    json_array_foreach(cases, i, one)
    {
        struct diag_list *found = arena_alloc(&c->arena, sizeof *found);

        *found = diag_list_make(&c->arena, arena_printf(&c->arena, "%s/%s", dir, text_of(one, "file")));
        entries[i] =
            (struct report_entry){arena_printf(&c->arena, "%s: %s", text_of(one, "policy"), text_of(one, "name")), found->file, found};
        if (!json_flag(one, "passed", false))
            diag_add(found, DIAG_ERROR, ERR_CHECK_FAILED, 0, 0, 1, "", NULL, "%s: %s", entries[i].name, text_of(one, "message"));
    }
    if (c->output == OUTPUT_SARIF)
        report_print_sarif(entries, i);
    else
        report_print_junit(c, "policies", entries, i);
}

static void print_cases(struct cli *c, const json_t *results)
{
    const json_t *cases = json_object_get(results, "cases"), *one;
    const char *file = NULL;
    size_t i;

    json_array_foreach(cases, i, one)
    {
        bool passed = json_flag(one, "passed", false);

        if (!str_eq(file, json_str(one, "file")))
            cli_print(c, "%s\n",
                      out_paint(c, STYLE_BOLD, out_clean(&c->arena, json_str(one, "file") ? json_str(one, "file") : "?", false)));
        file = json_str(one, "file");
        cli_print(c, "  %s %s\n", passed ? out_paint(c, STYLE_GREEN, "✓") : out_paint(c, STYLE_RED, "✗"),
                  out_clean(&c->arena, json_str(one, "name") ? json_str(one, "name") : "?", false));
        if (!passed)
            cli_print(c, "      %s\n", out_clean(&c->arena, json_str(one, "message") ? json_str(one, "message") : "", true));
    }
}

static void print_coverage(struct cli *c, const json_t *coverage)
{
    const char *policy;
    json_t *percent;

    cli_print(c, "coverage\n");
    json_object_foreach((json_t *)(uintptr_t)coverage, policy, percent)
        cli_print(c, "  %3lld %%  %s\n", (long long)json_integer_value(percent), out_clean(&c->arena, policy, false));
}

/* Without a directory: ./policies when there is one, else those of the configuration, else those that ship. */
static int choose_dir(struct cli *c, const char **out, struct err *err)
{
    CLEANUP(config_put) struct admin_config *config = NULL;
    struct diag_list diags = diag_list_make(&c->arena, NULL);
    const char *path;

    *out = cli_word(c, 0) ? cli_word(c, 0) : io_exists("policies") ? "policies" : NULL;
    if (*out)
        return 0;
    if (offline_config_path(c, NULL, &path, err) < 0 || config_load(path, &diags, &config, err) < 0)
        return -1;
    if (!config->policies_path)
        return paths_installed("share/innominatus/policies", &c->arena, out, err);
    *out = arena_strdup(&c->arena, config->policies_path);
    return 0;
}

int verb_policy_test(struct cli *c)
{
    CLEANUP(json_put) json_t *results = NULL;
    const char *dir = NULL;
    struct err err = {0};
    int64_t failed;

    if (choose_dir(c, &dir, &err) < 0 || policy_test_dir(dir, args_flag(&c->args, "coverage"), &results, &err) < 0)
        return cli_fail(c, &err);
    failed = json_int(results, "failed", 0);
    if (c->output == OUTPUT_JUNIT || c->output == OUTPUT_SARIF) {
        print_report(c, dir, results);
    } else if (!out_data(c, results)) {
        print_cases(c, results);
        if (args_flag(&c->args, "coverage"))
            print_coverage(c, json_object_get(results, "coverage"));
        cli_print(c, "%lld passed, %lld failed\n", (long long)json_int(results, "passed", 0), (long long)failed);
    }
    if (json_array_size(json_object_get(results, "cases")) == 0) {
        cli_say(c, "no tests in %s: they stand in NAME_test.lua", dir);
        return EXIT_FAILED;
    }
    return failed ? EXIT_FAILED : EXIT_FINE;
}

/* ---- eval ---- */

struct trial {
    struct source source;
    struct score *score;
    struct platform *platform;
    json_t *plan, *input;
    struct diag_list diags, platform_diags;
    const char *config;
};

static void trial_fini(struct trial *t)
{
    json_decref(t->input);
    json_decref(t->plan);
    platform_unref(t->platform);
    score_free(t->score);
    source_fini(&t->source);
}

/* The same input that a server would make for a first deployment; a real one also sees the resources that run. */
static int make_input(struct cli *c, struct trial *t, struct err *err)
{
    const char *team = c->team ? c->team : t->score->team ? t->score->team : "local";
    struct plan_request request = {.config = t->platform->config,
                                   .catalog = t->platform->catalog,
                                   .provisioners = t->platform->provisioners,
                                   .kind = "deploy",
                                   .org = "default",
                                   .team = team,
                                   .score = t->score};
    struct config_wish wish = {.requested = args_text(&c->args, "env"), .file_type = t->score->environment_type};
    CLEANUP(json_put) json_t *user = json_pack("{s:s, s:s, s:s}", "name", "local", "role", "user", "team", team);
    CLEANUP(json_put) json_t *none = json_array();

    if (config_select_environment(t->platform->config, &wish, &c->arena, &t->diags, &request.environment, err) < 0 ||
        plan_build(&request, &c->arena, &t->diags, &t->plan, err) < 0)
        return -1;
    t->input = policy_input_deployment(t->platform, t->plan, user, none);
    return 0;
}

static int load_trial(struct cli *c, struct trial *t, struct err *err)
{
    struct score_options options = {0};

    if (source_read(c, cli_word(c, 1), &t->source, err) < 0)
        return -1;
    t->diags = diag_list_make(&c->arena, t->source.name);
    options.filename = t->source.name;
    options.files = source_score_files(c, &t->source);
    if (score_parse(t->source.text, t->source.len, &options, &c->arena, &t->diags, &t->score) < 0)
        return diag_to_err(&t->diags, err);
    t->platform_diags = diag_list_make(&c->arena, NULL);
    if (offline_config_path(c, NULL, &t->config, err) < 0 ||
        offline_platform(c, t->config, NULL, &t->platform_diags, &t->platform, err) < 0)
        return -1;
    return make_input(c, t, err);
}

static int print_decision(struct cli *c, const struct policy_decision *decision)
{
    CLEANUP(json_put) json_t *shown = json_object();

    json_set_flag(shown, "denied", decision->denied);
    json_object_set(shown, "policies", decision->policies);
    json_object_set(shown, "violations", decision->violations);
    if (out_data(c, shown))
        return 0;
    if (decision->denied)
        cli_print(c, "%s\n", out_paint(c, STYLE_RED, "denied"));
    else
        cli_print(c, "%s\n",
                  json_array_size(decision->violations) ? out_paint(c, STYLE_YELLOW, "passed, with findings")
                                                        : out_paint(c, STYLE_GREEN, "passed"));
    cli_print(c, "%s", problem_violations(c, decision->violations));
    return 0;
}

/* Denials are exit 4; a policy that cannot be evaluated, or that is too expensive, is exit 1 with its code. */
static int decide(struct cli *c, const struct policy_decision *decision)
{
    char code[16];

    print_decision(c, decision);
    if (!decision->denied)
        return EXIT_FINE;
    if (decision->code == ERR_DENIED || decision->code == ERR_NONE)
        return EXIT_DENIED;
    cli_say(c, "error[%s]: %s", err_name(decision->code, code), err_title(decision->code)); /* what and where stands above */
    return EXIT_FAILED;
}

int verb_policy_eval(struct cli *c)
{
    CLEANUP(policy_decision_fini) struct policy_decision decision = {0};
    CLEANUP(trial_fini) struct trial t = {0};
    struct err err = {0};

    if (load_trial(c, &t, &err) < 0) {
        if (!t.diags.errors)
            return cli_fail(c, &err);
        fputs(diag_render(&t.diags, t.source.text, c->colour_err, &c->arena), stderr);
        if (t.platform_diags.errors) /* a plugin that is refused, say, is why its type is not served */
            fputs(diag_render(&t.platform_diags, NULL, c->colour_err, &c->arena), stderr);
        if (t.config)
            cli_say(c, "planned with %s; --admin-config names another one", t.config);
        return EXIT_INVALID;
    }
    if (args_flag(&c->args, "show-input")) {
        json_dumpf(t.input, stdout, JSON_INDENT(2));
        cli_print(c, "\n");
        return EXIT_FINE;
    }
    if (policy_eval_file(cli_word(c, 0), t.input, NULL, &decision, &err) < 0) {
        cli_fail(c, &err);
        return err.code == ERR_NOT_FOUND ? EXIT_MISSING : EXIT_FAILED;
    }
    return decide(c, &decision);
}

/* ---- explain ---- */

static const json_t *find_policy(const json_t *items, const char *name)
{
    const json_t *item;
    size_t i;

    json_array_foreach(items, i, item) if (str_eq(json_str(item, "name"), name)) return item;
    return NULL;
}

int verb_policy_explain(struct cli *c)
{
    static const struct record_field fields[] = {
        {"policy", "name"}, {"about", "description"}, {"looks at", "on"}, {"severity", "severity"}, {"mode", "mode"},
        {"file", "file"},   {"tests", "tests"},       {"error", "error"}, {"sha256", "sha256"},     {0},
    };
    CLEANUP(json_put) json_t *answer = NULL;
    const json_t *policy;
    int code = client_get(c, client_path(c, "/policies", NULL), &answer);

    if (code)
        return code;
    policy = find_policy(json_object_get(answer, "items"), cli_word(c, 0));
    if (!policy) {
        return cli_missing(c, "there is no policy \"%.80s\"; `innominatus policy list` shows those in force", cli_word(c, 0));
    }
    if (!out_data(c, policy))
        record_print(c, fields, policy);
    return EXIT_FINE;
}
