/* Owns the verbs about products and their workflows, and the graph. */
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include <stdio.h>

static int get_products(struct cli *c, json_t **out) { return client_get(c, client_path(c, "/workflows/products", NULL), out); }

int verb_list_products(struct cli *c)
{
    static const struct out_column columns[] = {{"PRODUCT", "product"}, {"ALLOWED", "allowed"}, {"WORKFLOWS", "workflows"}, {0}};
    CLEANUP(json_put) json_t *answer = NULL;
    int code = get_products(c, &answer);

    if (!code && !out_data(c, answer))
        out_table(c, columns, json_object_get(answer, "products"), "no products; their workflows stand in workflows/products/PRODUCT/");
    return code;
}

/* Appends the product's workflows, each with the product's name. */
static void add_workflows(const json_t *product, json_t *rows)
{
    json_t *workflow;
    size_t i;

    json_array_foreach(json_object_get(product, "workflows"), i, workflow)
    {
        json_t *row = json_copy(workflow);

        json_object_set(row, "product", json_object_get(product, "product"));
        json_array_append_new(rows, row);
    }
}

static int one_product(struct cli *c, json_t *rows, json_t **out)
{
    CLEANUP(json_put) json_t *answer = NULL;
    int code = client_get(c, client_path(c, "/workflows/products/{}", cli_word(c, 0)), &answer);

    if (!code)
        add_workflows(answer, rows);
    *out = take_ptr(answer);
    return code;
}

static int every_product(struct cli *c, json_t *rows, json_t **out)
{
    CLEANUP(json_put) json_t *answer = NULL;
    int code = get_products(c, &answer);
    json_t *product;
    size_t i;

    json_array_foreach(json_object_get(answer, "products"), i, product) add_workflows(product, rows);
    *out = take_ptr(answer);
    return code;
}

int verb_list_product_workflows(struct cli *c)
{
    static const struct out_column columns[] = {
        {"PRODUCT", "product"},
        {"WORKFLOW", "name"},
        {"PHASE", "metadata.phase"},
        {"TRIGGERS", "triggers"},
        {"STEPS", "step_count", COLUMN_RIGHT},
        {"ALLOWED", "allowed"},
        {"REASON", "reason"},
        {"VERSION", "metadata.version", .wide = true},
        {"OWNER", "metadata.owner", .wide = true},
        {"FILE", "file", .wide = true},
        {"DESCRIPTION", "metadata.description", .wide = true},
        {0},
    };
    CLEANUP(json_put) json_t *answer = NULL;
    CLEANUP(json_put) json_t *rows = json_array();
    int code = cli_word(c, 0) ? one_product(c, rows, &answer) : every_product(c, rows, &answer);

    if (!code && !out_data(c, answer))
        out_table(c, columns, rows, "no product workflows");
    return code;
}

/* ---- graph ---- */

/* A text inside the quotes of dot and mermaid. */
static const char *quoted(struct cli *c, const char *text)
{
    char *clean = arena_strdup(&c->arena, out_clean(&c->arena, text ? text : "", false));

    for (char *at = clean; *at; at++)
        if (*at == '"' || *at == '\\' || *at == '`')
            *at = '\'';
    return clean;
}

static const char *label(struct cli *c, const json_t *node)
{
    const char *state = json_str(node, "state"), *type = json_str(node, "type");

    return quoted(c, arena_printf(&c->arena, "%s %s%s%s", type ? type : "", json_str(node, "name") ? json_str(node, "name") : "",
                                  state ? ": " : "", state ? state : ""));
}

static void print_dot(struct cli *c, const json_t *graph)
{
    json_t *item;
    size_t i;

    cli_print(c, "digraph application {\n  rankdir=LR;\n  node [shape=box];\n");
    json_array_foreach(json_object_get(graph, "nodes"), i, item)
        cli_print(c, "  \"%s\" [label=\"%s\"];\n", quoted(c, json_str(item, "id")), label(c, item));
    json_array_foreach(json_object_get(graph, "edges"), i, item)
        cli_print(c, "  \"%s\" -> \"%s\" [label=\"%s\"];\n", quoted(c, json_str(item, "from")), quoted(c, json_str(item, "to")),
                  quoted(c, json_str(item, "type")));
    cli_print(c, "}\n");
}

/* Mermaid's ids are words: the place of the node in the list. */
static size_t place_of(const json_t *nodes, const char *id)
{
    json_t *node;
    size_t i;

    json_array_foreach(nodes, i, node) if (str_eq(json_str(node, "id"), id)) return i;
    return json_array_size(nodes);
}

static void print_mermaid(struct cli *c, const json_t *graph)
{
    const json_t *nodes = json_object_get(graph, "nodes");
    json_t *item;
    size_t i;

    cli_print(c, "graph LR\n");
    json_array_foreach(nodes, i, item) cli_print(c, "  n%zu[\"%s\"]\n", i, label(c, item));
    json_array_foreach(json_object_get(graph, "edges"), i, item)
        cli_print(c, "  n%zu -->|%s| n%zu\n", place_of(nodes, json_str(item, "from")), quoted(c, json_str(item, "type")),
                  place_of(nodes, json_str(item, "to")));
}

int verb_graph_export(struct cli *c)
{
    const char *format = args_text(&c->args, "format"), *target = client_path(c, "/graph/{}", cli_word(c, 0));
    CLEANUP(json_put) json_t *graph = NULL;
    int code;

    if (str_eq(format, "svg")) {
        cli_say(c, "svg is not available in this release; Graphviz draws it: innominatus graph-export %s --format dot | dot -Tsvg",
                cli_word(c, 0));
        return EXIT_FAILED;
    }
    code = client_get(c, client_team(c, client_query(c, target, "environment", args_text(&c->args, "env"))), &graph);
    if (code)
        return code;
    if (str_eq(format, "dot")) {
        print_dot(c, graph);
    } else if (str_eq(format, "mermaid")) {
        print_mermaid(c, graph);
    } else if (c->output != OUTPUT_YAML) {
        json_dumpf(graph, stdout, JSON_INDENT(2));
        putchar('\n');
    } else {
        out_data(c, graph);
    }
    return EXIT_FINE;
}
