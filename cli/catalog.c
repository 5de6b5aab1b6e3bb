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
    static const struct out_column columns[] = {
        {"PRODUCT", "product", COLUMN_COPY}, {"ALLOWED", "allowed"}, {"WORKFLOWS", "workflows"}, {0}};
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
        {"PRODUCT", "product", COLUMN_COPY},
        {"WORKFLOW", "name", COLUMN_COPY},
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

/* The other forms are the server's own words. */
static int print_drawn(struct cli *c, const char *target, const char *format)
{
    CLEANUP(free_ptr) char *text = NULL;
    int code =
        client_do(c, &(struct client_call){.method = "GET", .target = client_query(c, target, "format", format), .text = &text}, NULL);

    if (!code)
        fputs(text, stdout);
    return code;
}

/* All pages of the graph in one. */
static int get_graph(struct cli *c, const char *target, json_t **out)
{
    CLEANUP(json_put) json_t *all = json_pack("{s:[],s:[]}", "nodes", "edges");
    const char *cursor = NULL;

    do {
        CLEANUP(json_put) json_t *page = NULL;
        int code = client_get(c, client_query(c, target, "cursor", cursor), &page);

        if (code)
            return code;
        json_array_extend(json_object_get(all, "nodes"), json_object_get(page, "nodes"));
        json_array_extend(json_object_get(all, "edges"), json_object_get(page, "edges"));
        cursor = arena_strdup(&c->arena, json_str(page, "next_cursor"));
    } while (cursor);
    *out = take_ptr(all);
    return EXIT_FINE;
}

int verb_graph_export(struct cli *c)
{
    const char *format = args_text(&c->args, "format"), *target = client_path(c, "/graph/{}", cli_word(c, 0));
    CLEANUP(json_put) json_t *graph = NULL;
    int code;

    target = client_team(c, client_query(c, target, "environment", args_text(&c->args, "env")));
    if (format && !str_eq(format, "json"))
        return print_drawn(c, target, format);
    code = get_graph(c, target, &graph);
    if (code)
        return code;
    if (c->output == OUTPUT_YAML) {
        out_data(c, graph);
    } else {
        json_dumpf(graph, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    return EXIT_FINE;
}

/* The nodes with their states, as a table. */
int verb_graph_status(struct cli *c)
{
    static const struct out_column columns[] = {
        {"TYPE", "type"}, {"NAME", "name", COLUMN_COPY}, {"STATE", "state", COLUMN_STATE}, {"ID", "id", COLUMN_COPY, true}, {0}};
    const char *target = client_query(c, client_path(c, "/graph/{}", cli_word(c, 0)), "environment", args_text(&c->args, "env"));
    CLEANUP(json_put) json_t *graph = NULL;
    int code = get_graph(c, client_team(c, target), &graph);

    if (!code && !out_data(c, json_object_get(graph, "nodes")))
        out_table(c, columns, json_object_get(graph, "nodes"), "an empty graph");
    return code;
}
