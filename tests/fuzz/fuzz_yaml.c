/* YAML documents: the tree, the places of its nodes, its JSON and the diagnostics. What was read can be written and read again. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "codec/node.h"
#include "fuzz.h"
#include <string.h>

/* Every place lies in the document. */
static void visit(const struct node *node, const char *source)
{
    int line, column;

    FUZZ_CHECK(node->line >= 0 && node->column >= 0);
    node_place(node, source, node->text ? strlen(node->text) / 2 : 0, 1, &line, &column);
    FUZZ_CHECK(line >= 1 && column >= 1);
    if (node->kind == NODE_LIST)
        for (size_t i = 0; i < node->list.count; i++)
            visit(node->list.items[i], source);
    if (node->kind == NODE_MAP)
        for (size_t i = 0; i < node->map.count; i++)
            visit(node->map.pairs[i].value, source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    struct diag_list diags = diag_list_make(&arena, "fuzz.yaml");
    CLEANUP(free_ptr) char *text = strndup((const char *)data, size);
    struct node *root = node_parse_yaml((const char *)data, size, &arena, &diags);
    struct err err = {0};

    FUZZ_CHECK((root == NULL) == (diags.errors > 0));
    diag_sort(&diags);
    diag_render(&diags, text, false, &arena);
    json_decref(diag_to_json(&diags));
    if (root) {
        CLEANUP(json_put) json_t *value = node_to_json(root), *again = NULL;
        CLEANUP(free_ptr) char *canonical = json_canonical(value), *twice = NULL;

        visit(root, text);
        node_locate(root, "/a/0/b");
        FUZZ_CHECK(json_parse(canonical, strlen(canonical), "again", SIZE_MAX / 2, &again, &err) == 0 || err.code == ERR_LIMIT ||
                   err.code == ERR_ENCODING);
        twice = again ? json_canonical(again) : NULL;
        FUZZ_CHECK(!twice || strcmp(canonical, twice) == 0);
        node_from_json(value, &arena);
    }
    return 0;
}
