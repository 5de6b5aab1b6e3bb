/* Graphs in the words of Graphviz and Mermaid and drawn: as the golden files have them, and laid out as they should be. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "test.h"
#include "workflow/graph_draw.h"
#include "workflow/graph_layout.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN TEST_SOURCE_DIR "/tests/unit/workflow/golden/graph"

typedef int (*writer)(const json_t *graph, struct buf *out, struct err *err);

static void expect_golden(writer write, const char *suffix)
{
    CLEANUP(json_put) json_t *graph = json_load_file(GOLDEN ".json", 0, NULL);
    CLEANUP(free_ptr) char *path = mem_printf("%s.%s", GOLDEN, suffix), *wanted = NULL;
    CLEANUP(buf_fini) struct buf out = BUF_INIT(1u << 20);
    struct err err;

    CU_ASSERT_PTR_NOT_NULL_FATAL(graph);
    ASSERT_OK(write(graph, &out, &err), err);
    if (getenv("INNO_WRITE_GOLDEN"))
        ASSERT_OK(io_write_atomic(path, out.data, out.len, 0644, &err), err);
    ASSERT_OK(io_read_file(path, 1u << 20, &wanted, NULL, &err), err);
    ASSERT_TEXT(buf_text(&out), wanted);
}

static void test_dot(void) { expect_golden(graph_dot, "dot"); }
static void test_mermaid(void) { expect_golden(graph_mermaid, "mermaid"); }
static void test_svg(void) { expect_golden(graph_svg, "svg"); }

static json_t *many(size_t count)
{
    json_t *nodes = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(nodes, json_pack("{s:o,s:s,s:s}", "id", json_sprintf("step:%zu", i), "type", "step", "name", "x"));
    return json_pack("{s:o,s:[]}", "nodes", nodes, "edges");
}

static void test_limit(void)
{
    static const writer writers[] = {graph_dot, graph_mermaid, graph_svg};
    CLEANUP(json_put) json_t *most = many(GRAPH_NODES), *more = many(GRAPH_NODES + 1), *none = many(0);
    struct err err;

    for (size_t i = 0; i < 3; i++) {
        CLEANUP(buf_fini) struct buf out = BUF_INIT(4u << 20);

        ASSERT_OK(writers[i](most, &out, &err), err);
        CU_ASSERT_FALSE(out.overflow);
        ASSERT_FAILS(writers[i](more, &out, &err), err, ERR_LIMIT);
        ASSERT_OK(writers[i](none, &out, &err), err);
    }
}

/* Nodes of a layer are apart, and every edge but those of a broken cycle goes to the right, over a bend in each layer between. */
static void check_layout(const struct layout *layout, bool acyclic)
{
    for (size_t a = 0; a < layout->nodes; a++)
        for (size_t b = a + 1; b < layout->nodes; b++)
            CU_ASSERT_TRUE(layout->at[a].layer != layout->at[b].layer || fabs(layout->at[a].y - layout->at[b].y) > 0.999);
    for (size_t i = 0; i < layout->edge_count; i++) {
        const struct layout_edge *e = &layout->edges[i];

        if (acyclic)
            CU_ASSERT_TRUE(layout->at[e->from].layer < layout->at[e->to].layer);
        for (size_t b = 0; b < e->bend_count; b++)
            CU_ASSERT_EQUAL(layout->at[e->bends[b]].layer, layout->at[e->from].layer + b + 1);
    }
    for (size_t i = 0; i < layout->vertices; i++)
        CU_ASSERT_TRUE(layout->at[i].y >= -1e-9 && layout->at[i].y <= layout->rows);
}

static void test_layout(void)
{
    unsigned seed = 42;

    for (size_t round = 0; round < 60; round++) {
        CLEANUP(arena_fini) struct arena arena = {0};
        size_t nodes = 1 + (size_t)rand_r(&seed) % 40, count = (size_t)rand_r(&seed) % 80, made = 0;
        struct layout_edge *edges = arena_array(&arena, count + 1, sizeof *edges);
        bool acyclic = round % 2 == 0;
        struct layout layout;

        for (size_t i = 0; i < count; i++) {
            size_t from = (size_t)rand_r(&seed) % nodes, to = (size_t)rand_r(&seed) % nodes;

            if (from != to)
                edges[made++] = (struct layout_edge){
                    .from = acyclic && from > to ? to : from, .to = acyclic && from > to ? from : to, .light = i % 3 == 0};
        }
        graph_layout(&layout, nodes, edges, made, &arena);
        check_layout(&layout, acyclic);
    }
}

const struct test_case tests[] = {{"a graph in DOT has its names escaped", test_dot},
                                  {"a graph in Mermaid has its names escaped", test_mermaid},
                                  {"a drawn graph has its names escaped and cut", test_svg},
                                  {"graphs beyond the limit are refused, and one without nodes is drawn", test_limit},
                                  {"nodes do not lie upon each other and edges go to the right, cycles or not", test_layout},
                                  {0}};
