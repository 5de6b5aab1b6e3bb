/* Owns `validate`: checking Score files on this machine, without a server. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "cli/about.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/source.h"
#include "cli/verbs.h"
#include "config/admin_config.h"
#include "workflow/catalog.h"
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

/* ---- beside Score ---- */

/* The same at the same place? */
static bool is_told(const struct diag_list *diags, const struct diag *d)
{
    for (size_t i = 0; i < diags->count; i++)
        if (diags->items[i].code == d->code && diags->items[i].line == d->line && diags->items[i].column == d->column)
            return true;
    return false;
}

/* The file's own workflows, as a server would read them. Which step types there are is the server's to know: here that is a warning. */
static void check_workflows(struct cli *c, const struct node *root, struct diag_list *diags)
{
    const struct node *map = root && root->kind == NODE_MAP ? node_get(root, "workflows") : NULL;
    struct diag_list found = diag_list_make(&c->arena, diags->file);
    CLEANUP(config_put) struct admin_config *config = NULL;
    CLEANUP(json_put) json_t *hold = json_array();
    CLEANUP(json_put) json_t *provisioners = json_object();
    struct workflow_def *defs;
    struct err err = {0};
    size_t count;

    if (!map || map->kind != NODE_MAP || config_default(NULL, &config, &err) < 0)
        return;
    workflow_parse_application(map, config, provisioners, &c->arena, hold, &found, &defs, &count);
    for (size_t i = 0; i < found.count; i++) {
        const struct diag *d = &found.items[i];

        if (!is_told(diags, d))
            diag_add(diags, d->code == ERR_STEP_TYPE ? DIAG_WARNING : d->severity, d->code, d->line, d->column, d->width, d->path,
                     d->suggestion, "%s", d->message);
    }
    diag_sort(diags);
}

/* The command that checks what this file seems to be, when it is no Score file. */
static const char *other_command(const struct node *root)
{
    static const char *const sections[] = {"workflowPolicies", "provisioners", "productProvisioners", "environments",
                                           "resourceDefinitions"};
    const char *kind = root && root->kind == NODE_MAP ? node_str(root, "kind") : NULL;

    if (!root || root->kind != NODE_MAP || node_get(root, "containers"))
        return NULL;
    if (str_eq(kind, "ProductWorkflow"))
        return "validate-product-workflow";
    if (str_eq(kind, "PlatformWorkflow"))
        return "admin validate"; /* it reads the whole of an admin-config.yaml with its workflows */
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (node_get(root, sections[i]))
            return "admin validate";
    return NULL;
}

/* ---- one file ---- */

static void print_summary(struct cli *c, const struct diag_list *diags)
{
    char code[16];

    size_t first = 0; /* a warning may stand before the first error */

    while (first + 1 < diags->count && diags->items[first].severity != DIAG_ERROR)
        first++;
    if (diags->errors && !args_flag(&c->args, "explain"))
        cli_print(c, "%zu error%s. `innominatus explain %s` tells more.\n", diags->errors, diags->errors == 1 ? "" : "s",
                  err_name(diags->items[first].code, code));
}

/* Reads and checks one file; what was found is in the entry's list, also when the file could not be read. Returns its exit code. */
static int validate_one(struct cli *c, const char *file, struct report_entry *out)
{
    CLEANUP(source_fini) struct source s = {0};
    CLEANUP(score_put) struct score *score = NULL;
    struct diag_list *diags = arena_alloc(&c->arena, sizeof *diags);
    struct score_options options = {.strict = args_flag(&c->args, "strict")};
    struct err err = {0};
    struct diag_list ignored = diag_list_make(&c->arena, file);
    const struct node *root;
    bool valid;

    *diags = diag_list_make(&c->arena, str_eq(file, "-") ? "standard input" : file);
    *out = (struct report_entry){.name = diags->file, .found = diags};
    if (source_read(c, file, &s, &err) < 0) {
        diag_add(diags, DIAG_ERROR, err.code, 0, 0, 1, "", NULL, "%s", err.msg);
        return cli_fail(c, &err);
    }
    options.filename = s.name;
    options.files = source_score_files(c, &s);
    valid = score_parse(s.text, s.len, &options, &c->arena, diags, &score) == 0;
    root = node_parse_yaml(s.text, s.len, &c->arena, &ignored);
    if (!options.strict)
        check_workflows(c, root, diags);
    if (valid && score->resource_count > LIMIT_STEPS_PER_WORKFLOW) /* every plan of it would be refused */
        diag_add(diags, DIAG_ERROR, ERR_LIMIT, 0, 0, 1, "/resources", "split the application into several Score files",
                 "%zu resources; the limit is %d", score->resource_count, LIMIT_STEPS_PER_WORKFLOW);
    valid = valid && !diags->errors;
    if (c->output > OUTPUT_WIDE)
        return valid ? EXIT_FINE : EXIT_INVALID;
    cli_print(c, "%s", diag_render(diags, s.text, c->colour_out, &c->arena));
    print_summary(c, diags);
    if (!valid && other_command(root))
        cli_say(c, "%s is no Score file; `innominatus %s %s` checks it", s.name, other_command(root),
                str_eq(node_str(root, "kind"), "PlatformWorkflow") ? "ADMIN-CONFIG" : s.name);
    if (valid)
        cli_print(c, "%s: valid%s\n", s.name, diags->warnings ? ", with warnings" : "");
    if (valid && args_flag(&c->args, "explain"))
        explain_file(c, score, &s);
    if (args_flag(&c->args, "explain"))
        explain_codes(c, diags);
    return valid ? EXIT_FINE : EXIT_INVALID;
}

/* ---- the verb ---- */

static int worse(int a, int b) { return a == EXIT_FINE || (a == EXIT_INVALID && b != EXIT_FINE) ? b : a; }

int verb_validate(struct cli *c)
{
    struct report_entry *entries = arena_array(&c->arena, c->args.word_count, sizeof *entries);
    int code = EXIT_FINE;

    for (size_t i = 0; i < c->args.word_count; i++)
        code = worse(code, validate_one(c, cli_word(c, i), &entries[i]));
    report_print(c, "validate", entries, c->args.word_count);
    return code;
}
