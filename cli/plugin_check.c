/* Owns `plugin check`: which rules are tried on what, and how their verdicts are shown. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/str.h"
#include "cli/check.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "plugin/grant.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CALL_MS    60000
#define FILE_BYTES (1u << 20)

static const char *const words[] = {[VERDICT_OK] = "ok", [VERDICT_WARN] = "warn", [VERDICT_FAIL] = "FAIL", [VERDICT_SKIP] = "skip"};
static const enum style styles[] = {
    [VERDICT_OK] = STYLE_GREEN, [VERDICT_WARN] = STYLE_YELLOW, [VERDICT_FAIL] = STYLE_RED, [VERDICT_SKIP] = STYLE_DIM};

enum verdict check_say(struct check *k, enum verdict verdict, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    k->detail = arena_vprintf(&k->c->arena, fmt, ap);
    va_end(ap);
    return verdict;
}

/* ---- verdicts ---- */

static bool has_types(const struct check *k) { return json_array_size(json_object_get(k->parts.manifest, "types")) > 1; }

static void tell(struct check *k, const struct check_rule *rule, enum verdict verdict, bool of_type)
{
    struct cli *c = k->c;
    json_t *finding = json_object();

    json_set_str(finding, "rule", rule->name);
    json_set_str(finding, "type", of_type ? k->type : NULL);
    json_set_str(finding, "verdict", verdict == VERDICT_FAIL ? "fail" : words[verdict]);
    json_set_str(finding, "detail", k->detail);
    json_array_append_new(k->findings, finding);
    if (c->output > OUTPUT_WIDE)
        return;
    cli_print(c, " %-12s %s%*s  %s%s%s\n", rule->name, out_paint(c, styles[verdict], words[verdict]), 4 - (int)strlen(words[verdict]), "",
              of_type && has_types(k) ? k->type : "", of_type && has_types(k) ? ": " : "", out_clean(&c->arena, k->detail, false));
    fflush(stdout);
}

static bool claims(const struct check *k, const char *slot)
{
    const json_t *word;
    size_t i;

    json_array_foreach(json_object_get(k->parts.manifest, "slots"), i, word) if (str_eq(json_string_value(word), slot)) return true;
    return false;
}

static void try_rules(struct check *k, const struct check_rule *rules, bool of_type)
{
    for (const struct check_rule *rule = rules; rule->name; rule++) {
        bool blocked = rule->needs_params && (!k->params || k->dead);

        if (rule->slot && !claims(k, rule->slot))
            continue;
        tell(k, rule, blocked ? check_say(k, VERDICT_SKIP, "provision and deprovision must work first") : rule->run(k), of_type);
    }
}

/* ---- what it is tried with ---- */

static int read_object(const char *path, json_t **out, struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(json_put) json_t *value = NULL;
    size_t len;

    if (io_read_file(path, FILE_BYTES, &text, &len, err) < 0 || json_parse(text, len, path, FILE_BYTES, &value, err) < 0)
        return -1;
    if (!json_is_object(value))
        return err_set(err, ERR_WRONG_TYPE, "%s: holds no JSON object", path);
    *out = take_ptr(value);
    return 0;
}

/* The words of --grant, as an entry has them; without any what the manifest wants. */
static int read_grant(struct check *k, json_t **out, struct err *err)
{
    const char *const *words_given = args_list(&k->c->args, "grant", &k->c->arena);
    CLEANUP(json_put) json_t *list = json_array();

    for (const char *const *one = words_given; *one; one++)
        json_append_str(list, *one);
    if (grant_check(list, err) < 0)
        return -1;
    *out = *words_given ? take_ptr(list) : json_clone(json_object_get(k->parts.manifest, "permissions"));
    return 0;
}

static int start(struct check *k, struct err *err)
{
    const char *config_file = args_text(&k->c->args, "config"), *params_file = args_text(&k->c->args, "params");
    CLEANUP(json_put) json_t *config = NULL, *grant = NULL;
    struct plugin_entry entry = {.name = CHECK_INSTANCE,
                                 .path = k->file,
                                 .product = json_str(k->parts.manifest, "product"),
                                 .sha256 = json_str(k->parts.manifest, "sha256")};

    if (read_grant(k, &grant, err) < 0 || (config_file && read_object(config_file, &config, err) < 0) ||
        (params_file && read_object(params_file, &k->given, err) < 0))
        return -1;
    entry.config = config;
    entry.grant = grant;
    if (workbench_open(k->c, &(struct plugin_manager_options){.measure = true}, &k->bench, err) < 0)
        return -1;
    return plugin_add(k->bench.manager, &entry, err);
}

static void choose_type(struct check *k, const json_t *type)
{
    const json_t *given;

    k->type = json_str(type, "name");
    k->schema = json_object_get(type, "params");
    given = json_object_get(k->given, k->type);
    if (!given && !has_types(k))
        given = k->given;
    json_put(&k->params);
    k->params = given ? json_clone(given) : check_params_valid(k->schema);
}

/* ---- all of it ---- */

static bool is_wanted(struct check *k, const char *type)
{
    const char *const *list = args_list(&k->c->args, "type", &k->c->arena);

    for (const char *const *one = list; *one; one++)
        if (str_eq(*one, type))
            return true;
    return !*list;
}

/* A --type that the plugin does not have would be kept by trying nothing. */
static int check_wanted(struct check *k, struct err *err)
{
    const char *const *list = args_list(&k->c->args, "type", &k->c->arena);
    const char *names = "";
    const json_t *type;
    size_t i;

    json_array_foreach(json_object_get(k->parts.manifest, "types"), i, type) names =
        arena_printf(&k->c->arena, "%s%s%s", names, i ? ", " : "", json_str(type, "name"));
    for (; *list; list++) {
        bool found = false;

        json_array_foreach(json_object_get(k->parts.manifest, "types"), i, type) found = found || str_eq(json_str(type, "name"), *list);
        if (!found)
            return err_set(err, ERR_USAGE, "--type %.80s: the plugin has no such type; it has: %s", *list, names);
    }
    return 0;
}

static void try_types(struct check *k)
{
    const json_t *type;
    size_t i;

    json_array_foreach(json_object_get(k->parts.manifest, "types"), i, type)
    {
        if (!is_wanted(k, json_str(type, "name")))
            continue;
        k->dead = false;
        choose_type(k, type);
        try_rules(k, check_type_rules, true);
    }
}

static int try_all(struct check *k, struct err *err)
{
    const json_t *first;

    try_rules(k, check_static_rules, false);
    if (k->parts.file.code != ERR_NONE || k->parts.content.code != ERR_NONE || k->parts.symbols.code != ERR_NONE)
        return 0;
    if (check_wanted(k, err) < 0 || start(k, err) < 0)
        return -1;
    first = json_array_get(json_object_get(k->parts.manifest, "types"), 0);
    if (!first && !claims(k, "health"))
        return 0; /* nothing of it can be called without a meaning */
    if (first)
        choose_type(k, first);
    try_rules(k, check_host_rules, false);
    if (args_flag(&k->c->args, "conformance") && !k->dead)
        try_types(k);
    return 0;
}

static size_t count(const struct check *k, const char *verdict)
{
    const json_t *one;
    size_t found = 0, i;

    json_array_foreach(k->findings, i, one) found += str_eq(json_str(one, "verdict"), verdict);
    return found;
}

static void print_report(struct check *k)
{
    struct cli *c = k->c;
    struct report_entry *entries = arena_array(&c->arena, json_array_size(k->findings) + 1, sizeof *entries);
    const json_t *one;
    size_t i;

    json_array_foreach(k->findings, i, one)
    {
        struct diag_list *found = arena_alloc(&c->arena, sizeof *found);
        const char *type = json_str(one, "type"), *verdict = json_str(one, "verdict");

        *found = diag_list_make(&c->arena, k->file);
        entries[i] = (struct report_entry){arena_printf(&c->arena, "%s%s%s", json_str(one, "rule"), type ? " " : "", type ? type : ""),
                                           k->file, found};
        if (!str_eq(verdict, "ok"))
            diag_add(found, str_eq(verdict, "fail") ? DIAG_ERROR : DIAG_WARNING, ERR_CHECK_FAILED, 0, 0, 1, "", NULL, "%s%s",
                     str_eq(verdict, "skip") ? "not tried: " : "", json_str(one, "detail"));
    }
    report_print_junit(c, "plugin check", entries, i);
}

static void print_end(struct check *k)
{
    size_t all = json_array_size(k->findings), failed = count(k, "fail"), skipped = count(k, "skip");
    CLEANUP(json_put) json_t *result = json_object();

    json_set_str(result, "file", k->file);
    json_set_flag(result, "conformance", args_flag(&k->c->args, "conformance"));
    json_set_flag(result, "passed", failed == 0);
    json_set_int(result, "rules", (int64_t)all);
    json_set_int(result, "broken", (int64_t)failed);
    json_object_set(result, "findings", k->findings);
    if (k->c->output == OUTPUT_JUNIT) {
        print_report(k);
        return;
    }
    if (out_data(k->c, result))
        return;
    if (failed)
        cli_print(k->c, "%zu of %zu rules broken", failed, all);
    else
        cli_print(k->c, "%zu rules kept", all - skipped);
    cli_print(k->c, skipped ? ", %zu not tried\n" : "\n", skipped);
    if (!failed && !args_flag(&k->c->args, "conformance"))
        cli_say(k->c, "--conformance tries the contract by calling it");
}

static void check_fini(struct check *k)
{
    workbench_close(&k->bench);
    plugin_examination_fini(&k->parts);
    json_put(&k->given);
    json_put(&k->params);
    json_put(&k->findings);
}

int verb_plugin_check(struct cli *c)
{
    CLEANUP(check_fini) struct check k = {.c = c, .call_ms = CALL_MS, .findings = json_array()};
    struct err err = {0};

    k.file = cli_word(c, 0);
    if (plugin_examine_file(k.file, &k.parts, &err) < 0 || try_all(&k, &err) < 0)
        return cli_fail(c, &err);
    print_end(&k);
    return count(&k, "fail") ? EXIT_FAILED : EXIT_FINE;
}
