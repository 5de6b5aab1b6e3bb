/* Workflow files of the platform and of products (the first byte chooses), and the `workflows:` of a Score file. */
#include "base/cleanup.h"
#include "config/admin_config.h"
#include "fuzz.h"
#include "workflow/catalog.h"
#include <string.h>

static struct admin_config *config;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    FUZZ_CHECK(config_default(NULL, &config, &err) == 0);
    return 0;
}

static void check(const struct workflow_def *def)
{
    FUZZ_CHECK(def->name && def->title);
    if (!def->broken)
        FUZZ_CHECK(json_is_array(def->steps) && json_is_array(def->parameters) && json_array_size(def->steps) > 0);
}

static void parse_file(const char *text, size_t len, const char *product)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    CLEANUP(json_put) json_t *hold = json_array();
    struct diag_list diags = diag_list_make(&arena, "workflows/x.yaml");
    struct workflow_source source = {.text = text, .file = "workflows/x.yaml", .product = product, .len = len, .config = config};
    struct workflow_def def = {0};
    int rc = workflow_parse(&source, &arena, hold, &diags, &def);

    FUZZ_CHECK((rc < 0) == (diags.errors > 0));
    diag_sort(&diags);
    diag_render(&diags, NULL, false, &arena);
    if (rc == 0)
        check(&def);
}

static void parse_application(const char *text, size_t len)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    CLEANUP(json_put) json_t *hold = json_array();
    struct diag_list diags = diag_list_make(&arena, "score.yaml");
    struct node *root = node_parse_yaml(text, len, &arena, &diags);
    struct workflow_def *defs = NULL;
    size_t count = 0;

    if (!root || workflow_parse_application(root, config, NULL, &arena, hold, &diags, &defs, &count) < 0)
        return;
    for (size_t i = 0; i < count; i++)
        check(&defs[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + 1;

    if (size == 0)
        return 0;
    switch (data[0] % 3) {
    case 0:
        parse_file(text, size - 1, NULL);
        break;
    case 1:
        parse_file(text, size - 1, "ecommerce");
        break;
    default:
        parse_application(text, size - 1);
    }
    return 0;
}
