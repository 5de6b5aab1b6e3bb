/* Owns `before`: which containers start ahead of which. It names other containers of the file, without a cycle. Any thread; one parse. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "score/score_priv.h"
#include <stdlib.h>
#include <string.h>

#define SHOWN_NAMES 20

struct order {
    struct score_parser *p;
    const struct node *containers;
    struct score_index index;
    struct score_graph graph;
    size_t edge_count;
};

static void report_pair(const struct order *o, const char *container, const struct node_pair *pair, enum err_code code, const char *help,
                        const char *message)
{
    CLEANUP(buf_fini) struct buf path = BUF_INIT(4096);

    buf_printf(&path, "/containers/%s/before/%s", container, pair->key);
    diag_add(o->p->diags, DIAG_ERROR, code, pair->line, pair->column, (int)strlen(pair->key), buf_text(&path), help, "%s", message);
}

static void report_unknown(const struct order *o, const char *container, const struct node_pair *pair)
{
    CLEANUP(buf_fini) struct buf help = BUF_INIT(4096), message = BUF_INIT(400);

    buf_add_text(&help, "containers here: ");
    for (size_t i = 0, shown = 0; i < o->containers->map.count && shown < SHOWN_NAMES; i++)
        if (strcmp(o->containers->map.pairs[i].key, container) != 0)
            buf_printf(&help, "%s%s", shown++ ? ", " : "", o->containers->map.pairs[i].key);
    buf_printf(&message, "before: no container \"%.80s\"", pair->key);
    report_pair(o, container, pair, ERR_UNKNOWN_REFERENCE,
                o->containers->map.count > 1 ? buf_text(&help) : "the file has no other container", buf_text(&message));
}

/* The names under one container's `before`; its edges go behind those already there. */
static void read_before(struct order *o, size_t position)
{
    const struct node_pair *container = &o->containers->map.pairs[position];
    const struct node *before = node_get(container->value, "before");

    o->graph.first[position] = o->edge_count;
    for (size_t i = 0; before && before->kind == NODE_MAP && i < before->map.count; i++) {
        const struct node_pair *pair = &before->map.pairs[i];
        size_t to;

        if (strcmp(pair->key, container->key) == 0)
            report_pair(o, container->key, pair, ERR_CYCLE, "name another container", "before: a container cannot wait for itself");
        else if (score_index_find(&o->index, pair->key, &to))
            o->graph.edges[o->edge_count++] = to;
        else
            report_unknown(o, container->key, pair);
    }
    o->graph.len[position] = o->edge_count - o->graph.first[position];
}

static void report_cycle(void *ctx, const size_t *nodes, size_t count)
{
    const struct order *o = ctx;
    CLEANUP(buf_fini) struct buf path = BUF_INIT(4096), pointer = BUF_INIT(400);
    const struct node_pair *first = &o->containers->map.pairs[nodes[0]];

    for (size_t i = 0; i < count && i < SHOWN_NAMES; i++)
        buf_printf(&path, "%s -> ", o->containers->map.pairs[nodes[i]].key);
    buf_printf(&path, "%s%s", count > SHOWN_NAMES ? "... -> " : "", first->key);
    buf_printf(&pointer, "/containers/%.80s/before", first->key);
    diag_add(o->p->diags, DIAG_ERROR, ERR_CYCLE, first->line, first->column, (int)strlen(first->key), buf_text(&pointer),
             "remove one of the `before` entries", "containers wait for each other in a cycle: %s", buf_text(&path));
}

const size_t *score_check_before(struct score_parser *p)
{
    struct order o = {.p = p, .containers = node_get(p->root, "containers")};
    size_t count, edges = 0, *order;

    o.index = score_index_new(p->arena, o.containers);
    count = o.graph.count = o.index.count;
    for (size_t i = 0; i < count; i++) {
        const struct node *before = node_get(o.containers->map.pairs[i].value, "before");

        edges += before && before->kind == NODE_MAP ? before->map.count : 0;
    }
    o.graph.first = arena_array(p->arena, count, sizeof *o.graph.first);
    o.graph.len = arena_array(p->arena, count, sizeof *o.graph.len);
    o.graph.edges = arena_array(p->arena, edges, sizeof *o.graph.edges);
    order = arena_array(p->arena, count, sizeof *order);
    for (size_t i = 0; i < count; i++)
        read_before(&o, i);
    score_graph_walk(&o.graph, order, report_cycle, &o);
    return order;
}
