/* Owns `validate`: checking Score files on this machine, without a server. */
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/about.h"
#include "cli/output.h"
#include "cli/source.h"
#include "cli/verbs.h"
#include <stdio.h>

/* ---- what a valid file means ---- */

static void explain_resource(struct cli *c, const struct score_resource *r)
{
    const char *needs = "";

    for (size_t i = 0; i < r->depends_count; i++)
        needs = arena_printf(&c->arena, "%s%s%s", needs, i ? ", " : "", r->depends_on[i]);
    cli_print(c, "    %-12s %-16s %s%s%s\n", r->name, r->type, r->uid, needs[0] ? "  after " : "", needs);
}

static void explain_file(struct cli *c, const struct score *score, const struct source *s)
{
    cli_print(c, "  workload %s of application %s%s%s\n", score->name, score->application, score->product ? ", product " : "",
              score->product ? score->product : "");
    cli_print(c, "  containers, as they start:");
    for (size_t i = 0; i < score->container_count; i++)
        cli_print(c, "%s %s", i ? "," : "", score->start_order[i]);
    cli_print(c, "\n");
    if (score->resource_count)
        cli_print(c, "  resources (name, type, key):\n");
    for (size_t i = 0; i < score->resource_count; i++)
        explain_resource(c, &score->resources[i]);
    for (size_t i = 0; i < s->file_count; i++)
        cli_print(c, "  file %s, %zu bytes, goes along\n", out_clean(&c->arena, s->files[i].path, false), s->files[i].len);
    if (score->workflows)
        cli_print(c, "  own workflows: %zu (an extension of Score)\n", json_object_size(score->workflows));
}

static void explain_codes(struct cli *c, const struct diag_list *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        size_t j = 0;

        while (j < i && diags->items[j].code != diags->items[i].code)
            j++;
        if (j < i)
            continue;
        cli_print(c, "\n");
        about_explain(c, diags->items[i].code);
    }
}

/* ---- one file ---- */

static void print_summary(struct cli *c, const struct diag_list *diags)
{
    char code[16];

    if (diags->errors && !args_flag(&c->args, "explain"))
        cli_print(c, "%zu error%s. `innominatus explain %s` tells more.\n", diags->errors, diags->errors == 1 ? "" : "s",
                  err_name(diags->items[0].code, code));
}

/* Appends what was found to `results`. */
static void validate_one(struct cli *c, const struct source *s, json_t *results)
{
    struct diag_list diags = diag_list_make(&c->arena, s->name);
    struct score_options options = {.strict = args_flag(&c->args, "strict"), .filename = s->name, .files = source_score_files(c, s)};
    CLEANUP(score_put) struct score *score = NULL;
    bool valid = score_parse(s->text, s->len, &options, &c->arena, &diags, &score) == 0, text = c->output <= OUTPUT_WIDE;
    json_t *result = json_object();

    json_set_str(result, "file", s->name);
    json_set_flag(result, "valid", valid);
    json_set_new(result, "errors", diag_to_json(&diags));
    json_array_append_new(results, result);
    if (!text)
        return;
    cli_print(c, "%s", diag_render(&diags, s->text, c->colour_out, &c->arena));
    print_summary(c, &diags);
    if (valid)
        cli_print(c, "%s: valid%s\n", s->name, diags.warnings ? ", with warnings" : "");
    if (valid && args_flag(&c->args, "explain"))
        explain_file(c, score, s);
    if (args_flag(&c->args, "explain"))
        explain_codes(c, &diags);
}

/* ---- SARIF 2.1.0 ---- */

static json_t *sarif_result(const json_t *error, const char *file)
{
    const char *severity = json_str(error, "severity"), *suggestion = json_str(error, "suggestion"), *message = json_str(error, "message");
    int64_t line = json_int(error, "line", 0), column = json_int(error, "column", 0);
    json_t *region = line > 0 ? json_pack("{s:I, s:I}", "startLine", (json_int_t)line, "startColumn", (json_int_t)column) : json_object();
    CLEANUP(free_ptr) char *text = NULL;

    if (asprintf(&text, "%s%s%s", message ? message : "", suggestion ? "; help: " : "", suggestion ? suggestion : "") < 0)
        text = NULL;
    return json_pack("{s:s?, s:s, s:{s:s}, s:[{s:{s:{s:s}, s:o}}]}", "ruleId", json_str(error, "code"), "level",
                     str_eq(severity, "info") ? "note"
                     : severity               ? severity
                                              : "error",
                     "message", "text", text ? text : "", "locations", "physicalLocation", "artifactLocation", "uri", file, "region",
                     region);
}

static json_t *sarif_of(const json_t *results)
{
    json_t *found = json_array(), *file, *error;
    size_t i, j;

    json_array_foreach(results, i, file) json_array_foreach(json_object_get(file, "errors"), j, error)
        json_array_append_new(found, sarif_result(error, json_str(file, "file")));
    return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s}}, s:o}]}", "$schema", "https://json.schemastore.org/sarif-2.1.0.json", "version",
                     "2.1.0", "runs", "tool", "driver", "name", "innominatus", "version", INNOMINATUS_VERSION, "results", found);
}

/* ---- the verb ---- */

static void print_results(struct cli *c, const json_t *results)
{
    CLEANUP(json_put) json_t *sarif = NULL;

    if (c->output == OUTPUT_SARIF) {
        sarif = sarif_of(results);
        json_dumpf(sarif, stdout, JSON_INDENT(2));
        putchar('\n');
    } else {
        out_data(c, json_array_size(results) == 1 ? json_array_get(results, 0) : results);
    }
}

static int worse(int a, int b) { return a == EXIT_FINE || (a == EXIT_INVALID && b != EXIT_FINE) ? b : a; }

int verb_validate(struct cli *c)
{
    CLEANUP(json_put) json_t *results = json_array();
    int code = EXIT_FINE;

    for (size_t i = 0; i < c->args.word_count; i++) {
        CLEANUP(source_fini) struct source s = {0};
        struct err err = {0};

        if (source_read(c, cli_word(c, i), &s, &err) < 0) {
            code = worse(code, cli_fail(c, &err));
            continue;
        }
        validate_one(c, &s, results);
        if (!json_flag(json_array_get(results, json_array_size(results) - 1), "valid", false))
            code = worse(code, EXIT_INVALID);
    }
    print_results(c, results);
    return code;
}
