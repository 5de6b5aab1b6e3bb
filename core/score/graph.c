/* Owns the depth-first walk over references: order and cycles, with a stack of its own, because a file may chain 30,000 resources. Any
 * thread. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "score/score_priv.h"

enum { WHITE, GREY, BLACK };

struct dfs {
    const struct score_graph *graph;
    unsigned char *colour;
    size_t *stack, *next; /* the open path, and for each of its nodes the edge to look at next */
    size_t depth;
    size_t *order, ordered;
    void (*cycle)(void *ctx, const size_t *nodes, size_t count);
    void *ctx;
};

static void enter(struct dfs *d, size_t node)
{
    d->colour[node] = GREY;
    d->stack[d->depth] = node;
    d->next[d->depth++] = 0;
}

static void follow(struct dfs *d, size_t to)
{
    size_t from = d->depth;

    if (d->colour[to] == WHITE) {
        enter(d, to);
    } else if (d->colour[to] == GREY) {
        while (d->stack[from - 1] != to)
            from--;
        d->cycle(d->ctx, d->stack + from - 1, d->depth - from + 1);
    }
}

void score_graph_walk(const struct score_graph *graph, size_t *out_order, void (*cycle)(void *ctx, const size_t *nodes, size_t count),
                      void *ctx)
{
    CLEANUP(free_ptr) unsigned char *colour = mem_array(graph->count + 1, 1);
    CLEANUP(free_ptr) size_t *stack = mem_array(graph->count + 1, sizeof *stack);
    CLEANUP(free_ptr) size_t *next = mem_array(graph->count + 1, sizeof *next);
    struct dfs d = {.graph = graph, .colour = colour, .stack = stack, .next = next, .order = out_order, .cycle = cycle, .ctx = ctx};

    for (size_t start = 0; start < graph->count; start++) {
        if (colour[start] == WHITE)
            enter(&d, start);
        while (d.depth) {
            size_t node = stack[d.depth - 1], edge = next[d.depth - 1]++;

            if (edge < graph->len[node]) {
                follow(&d, graph->edges[graph->first[node] + edge]);
                continue;
            }
            colour[node] = BLACK;
            d.depth--;
            out_order[d.ordered++] = node;
        }
    }
}
