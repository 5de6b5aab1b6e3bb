/* Owns the layers of a drawn graph (after Sugiyama): ranks by longest path, bends for edges that pass layers by, fewer crossings by
 * barycentres, places by least squares. Pure; any thread. */
#include "workflow/graph_layout.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SWEEPS     12
#define MOST_BENDS 20000 /* beyond it long edges go straight */
#define BEND_GAP   0.35  /* rows that a bend keeps free */
#define NONE       SIZE_MAX

/* ---- ranks ---- */

struct ranking {
    struct layout *layout;
    size_t *waits; /* edges into a node that has no layer yet */
    bool *done;
};

/* The next node that nothing unranked stands before; on a cycle, the first one. */
static size_t next_node(const struct ranking *r)
{
    size_t fallback = NONE;

    for (size_t i = 0; i < r->layout->nodes; i++) {
        if (r->done[i])
            continue;
        if (!r->waits[i])
            return i;
        if (fallback == NONE)
            fallback = i;
    }
    return fallback;
}

static void rank_node(struct ranking *r, size_t node)
{
    struct layout *layout = r->layout;

    r->done[node] = true;
    for (size_t i = 0; i < layout->edge_count; i++) {
        struct layout_edge *e = &layout->edges[i];

        if (e->from != node || r->done[e->to])
            continue;
        r->waits[e->to]--;
        if (layout->at[e->to].layer <= layout->at[node].layer)
            layout->at[e->to].layer = layout->at[node].layer + 1;
    }
}

/* Who has nobody before it stands right before the first that needs it. */
static void pull_sources(struct layout *layout)
{
    for (size_t i = 0; i < layout->nodes; i++) {
        size_t first = NONE;
        bool source = true;

        for (size_t j = 0; j < layout->edge_count; j++) {
            source = source && layout->edges[j].to != i;
            if (layout->edges[j].from == i && layout->at[layout->edges[j].to].layer < first)
                first = layout->at[layout->edges[j].to].layer;
        }
        if (source && first != NONE && first > 0)
            layout->at[i].layer = first - 1;
    }
}

static void find_ranks(struct layout *layout, struct arena *arena)
{
    struct ranking r = {layout, arena_array(arena, layout->nodes + 1, sizeof(size_t)), arena_array(arena, layout->nodes + 1, sizeof(bool))};

    for (size_t i = 0; i < layout->edge_count; i++)
        r.waits[layout->edges[i].to]++;
    for (size_t i = 0; i < layout->nodes; i++)
        rank_node(&r, next_node(&r));
    pull_sources(layout);
    for (size_t i = 0; i < layout->nodes; i++)
        if (layout->at[i].layer + 1 > layout->layers)
            layout->layers = layout->at[i].layer + 1;
}

/* ---- bends ---- */

static size_t span(const struct layout *layout, const struct layout_edge *e)
{
    size_t from = layout->at[e->from].layer, to = layout->at[e->to].layer;

    return to > from + 1 ? to - from - 1 : 0;
}

static void add_bends(struct layout *layout, struct arena *arena)
{
    size_t total = 0;
    struct layout_vertex *at;

    for (size_t i = 0; i < layout->edge_count; i++)
        total += span(layout, &layout->edges[i]);
    layout->vertices = layout->nodes;
    if (total > MOST_BENDS)
        return;
    at = arena_array(arena, layout->nodes + total + 1, sizeof *at);
    memcpy(at, layout->at, layout->nodes * sizeof *at);
    layout->at = at;
    for (size_t i = 0; i < layout->edge_count; i++) {
        struct layout_edge *e = &layout->edges[i];

        e->bend_count = span(layout, e);
        e->bends = arena_array(arena, e->bend_count + 1, sizeof *e->bends);
        for (size_t b = 0; b < e->bend_count; b++) {
            e->bends[b] = layout->vertices;
            at[layout->vertices++].layer = at[e->from].layer + b + 1;
        }
    }
}

/* ---- order and places ---- */

/* A part of an edge between two neighbouring layers. */
struct link {
    size_t left, right;
    double weight;
};

struct placing {
    struct layout *layout;
    struct link *links;
    size_t link_count;
    size_t **layers; /* vertices of each, in order */
    size_t *counts;
    double *sum, *weight; /* of each vertex, while a layer is worked on */
};

static void add_link(struct placing *p, size_t left, size_t right, double weight)
{
    p->links[p->link_count++] = (struct link){left, right, weight};
}

static void make_links(struct placing *p, struct arena *arena)
{
    struct layout *layout = p->layout;
    size_t total = layout->edge_count;

    for (size_t i = 0; i < layout->edge_count; i++)
        total += layout->edges[i].bend_count;
    p->links = arena_array(arena, total + 1, sizeof *p->links);
    for (size_t i = 0; i < layout->edge_count; i++) {
        const struct layout_edge *e = &layout->edges[i];
        size_t before = e->from;

        if (layout->at[e->from].layer >= layout->at[e->to].layer) /* of a broken cycle */
            continue;
        for (size_t b = 0; b < e->bend_count; b++) {
            add_link(p, before, e->bends[b], e->light ? 0.2 : 2);
            before = e->bends[b];
        }
        if (layout->at[before].layer + 1 == layout->at[e->to].layer)
            add_link(p, before, e->to, e->light ? 0.1 : 1);
    }
}

static void make_layers(struct placing *p, struct arena *arena)
{
    struct layout *layout = p->layout;

    p->counts = arena_array(arena, layout->layers + 1, sizeof *p->counts);
    p->layers = arena_array(arena, layout->layers + 1, sizeof *p->layers);
    for (size_t i = 0; i < layout->vertices; i++)
        layout->at[i].order = p->counts[layout->at[i].layer]++;
    for (size_t i = 0; i < layout->layers; i++)
        p->layers[i] = arena_array(arena, p->counts[i] + 1, sizeof **p->layers);
    for (size_t i = 0; i < layout->vertices; i++) {
        p->layers[layout->at[i].layer][layout->at[i].order] = i;
        layout->at[i].y = (double)layout->at[i].order;
    }
}

/* The mean place of a layer's neighbours to one side, or to both; a vertex without any stays where it is. */
static void find_means(struct placing *p, size_t layer, bool from_left, bool from_right)
{
    struct layout_vertex *at = p->layout->at;

    for (size_t i = 0; i < p->counts[layer]; i++)
        p->sum[p->layers[layer][i]] = p->weight[p->layers[layer][i]] = 0;
    for (size_t i = 0; i < p->link_count; i++) {
        const struct link *l = &p->links[i];

        if (from_left && at[l->right].layer == layer) {
            p->sum[l->right] += l->weight * at[l->left].y;
            p->weight[l->right] += l->weight;
        }
        if (from_right && at[l->left].layer == layer) {
            p->sum[l->left] += l->weight * at[l->right].y;
            p->weight[l->left] += l->weight;
        }
    }
    for (size_t i = 0; i < p->counts[layer]; i++) {
        size_t v = p->layers[layer][i];

        p->sum[v] = p->weight[v] > 0 ? p->sum[v] / p->weight[v] : at[v].y;
    }
}

static bool is_bend(const struct placing *p, size_t vertex) { return vertex >= p->layout->nodes; }

static double gap(const struct placing *p, size_t above, size_t below)
{
    return is_bend(p, above) && is_bend(p, below) ? BEND_GAP : is_bend(p, above) || is_bend(p, below) ? (1 + BEND_GAP) / 2 : 1;
}

/* Insertion sort: stable, and nearly sorted input is cheap. */
static void sort_layer(struct placing *p, size_t layer)
{
    size_t *order = p->layers[layer];

    for (size_t i = 1; i < p->counts[layer]; i++) {
        size_t v = order[i], j = i;

        for (; j > 0 && p->sum[order[j - 1]] > p->sum[v] + 1e-9; j--)
            order[j] = order[j - 1];
        order[j] = v;
    }
}

/* Places near the wanted ones, in order and apart: pools of neighbours that would overlap move together to their mean. */
static void place_layer(struct placing *p, size_t layer)
{
    struct layout_vertex *at = p->layout->at;
    size_t count = p->counts[layer], pools = 0;
    const size_t *order = p->layers[layer];
    double *offset = malloc((count + 1) * sizeof *offset), *mean = malloc((count + 1) * sizeof *mean), below = 0;
    size_t *size = malloc((count + 1) * sizeof *size), next = 0;

    if (!offset || !mean || !size)
        abort();
    for (size_t i = 0; i < count; i++) {
        below += i ? gap(p, order[i - 1], order[i]) : 0;
        offset[i] = below;
        mean[pools] = p->sum[order[i]] - below;
        size[pools++] = 1;
        while (pools > 1 && mean[pools - 2] > mean[pools - 1]) {
            double both = (double)(size[pools - 2] + size[pools - 1]);

            mean[pools - 2] = (mean[pools - 2] * (double)size[pools - 2] + mean[pools - 1] * (double)size[pools - 1]) / both;
            size[pools - 2] += size[pools - 1];
            pools--;
        }
    }
    for (size_t pool = 0; pool < pools; pool++)
        for (size_t i = 0; i < size[pool]; i++, next++)
            at[order[next]].y = mean[pool] + offset[next];
    free(offset);
    free(mean);
    free(size);
}

static void sweep(struct placing *p, bool to_right, bool sorts, bool both)
{
    for (size_t i = 0; i < p->layout->layers; i++) {
        size_t layer = to_right ? i : p->layout->layers - 1 - i;

        find_means(p, layer, to_right || both, !to_right || both);
        if (sorts)
            sort_layer(p, layer);
        place_layer(p, layer);
    }
}

static void to_origin(struct layout *layout)
{
    double least = 0, most = 0;

    for (size_t i = 0; i < layout->vertices; i++) {
        least = i == 0 || layout->at[i].y < least ? layout->at[i].y : least;
        most = i == 0 || layout->at[i].y > most ? layout->at[i].y : most;
    }
    for (size_t i = 0; i < layout->vertices; i++)
        layout->at[i].y -= least;
    layout->rows = most - least + 1;
}

void graph_layout(struct layout *layout, size_t nodes, struct layout_edge *edges, size_t edge_count, struct arena *arena)
{
    struct placing p = {.layout = layout};

    *layout = (struct layout){.nodes = nodes, .edges = edges, .edge_count = edge_count};
    layout->at = arena_array(arena, nodes + 1, sizeof *layout->at);
    find_ranks(layout, arena);
    add_bends(layout, arena);
    make_links(&p, arena);
    make_layers(&p, arena);
    p.sum = arena_array(arena, layout->vertices + 1, sizeof *p.sum);
    p.weight = arena_array(arena, layout->vertices + 1, sizeof *p.weight);
    for (int i = 0; i < SWEEPS; i++)
        sweep(&p, i % 2 == 0, true, false);
    for (int i = 0; i < SWEEPS; i++)
        sweep(&p, i % 2 == 0, false, true);
    to_origin(layout);
}
