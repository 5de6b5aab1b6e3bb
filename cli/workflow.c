/* Owns `validate-product-workflow`: workflow files checked on this machine, as a server would when it loads them. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "codec/node.h"
#include "workflow/catalog.h"
#include <string.h>

#define WORKFLOW_BYTES (1u << 20)

/* The product that a file belongs to: --product, metadata.product, or the directory it lies in. */
static const char *product_of(struct cli *c, const char *file, const char *text, size_t len)
{
    struct diag_list ignored = diag_list_make(&c->arena, file);
    const struct node *root = node_parse_yaml(text, len, &c->arena, &ignored);
    const struct node *said = root && root->kind == NODE_MAP ? node_get(node_get(root, "metadata"), "product") : NULL;
    const char *flag = args_text(&c->args, "product"), *slash = strrchr(file, '/'), *before = slash;

    if (flag)
        return flag;
    if (said && said->kind == NODE_STRING)
        return said->text;
    while (before && before > file && before[-1] != '/')
        before--;
    return before && before < slash ? arena_strndup(&c->arena, before, (size_t)(slash - before)) : "product";
}

static int check_one(struct cli *c, const struct platform *platform, const char *file, struct report_entry *out)
{
    struct diag_list *diags = arena_alloc(&c->arena, sizeof *diags);
    CLEANUP(json_put) json_t *hold = json_array();
    CLEANUP(free_ptr) char *text = NULL;
    struct workflow_def def;
    struct err err = {0};
    size_t len = 0;

    *diags = diag_list_make(&c->arena, file);
    *out = (struct report_entry){.name = file, .found = diags};
    if (io_read_file(file, WORKFLOW_BYTES, &text, &len, &err) < 0) {
        diag_add(diags, DIAG_ERROR, err.code, 0, 0, 1, "", NULL, "%s", err.msg);
        return cli_fail(c, &err);
    }
    workflow_parse(&(struct workflow_source){.text = text,
                                             .len = len,
                                             .file = file,
                                             .product = product_of(c, file, text, len),
                                             .config = platform->config,
                                             .provisioners = platform->provisioners},
                   &c->arena, hold, diags, &def);
    if (c->output <= OUTPUT_WIDE) {
        cli_print(c, "%s", diag_render(diags, text, c->colour_out, &c->arena));
        cli_print(c, "%s: %s, %zu error%s, %zu warning%s\n", file, diags->errors ? "not valid" : "valid", diags->errors,
                  diags->errors == 1 ? "" : "s", diags->warnings, diags->warnings == 1 ? "" : "s");
    }
    return diags->errors ? EXIT_INVALID : EXIT_FINE;
}

int verb_validate_product_workflow(struct cli *c)
{
    struct report_entry *entries = arena_array(&c->arena, c->args.word_count, sizeof *entries);
    struct diag_list ignored = diag_list_make(&c->arena, NULL);
    CLEANUP(platform_put) struct platform *platform = NULL;
    const char *config = NULL;
    struct err err = {0};
    int code = EXIT_FINE;

    if (offline_config_path(c, NULL, &config, &err) < 0 || offline_platform(c, config, NULL, &ignored, &platform, &err) < 0)
        return cli_fail(c, &err);
    for (size_t i = 0; i < c->args.word_count; i++) {
        int one = check_one(c, platform, cli_word(c, i), &entries[i]);

        code = code == EXIT_FINE || (code == EXIT_INVALID && one) ? one : code;
    }
    report_print(c, "workflows", entries, c->args.word_count);
    return code;
}
