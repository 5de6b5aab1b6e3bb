/* Where the nodes of a drawn graph go: layers from left to right, few crossings, straight edges. Pure; any thread. */
#pragma once
#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>

struct layout_edge {
    size_t from, to; /* nodes; `from` stands to the left */
    bool light;      /* says less: it is followed, but does not pull */
    /* out: the points of its line between the two nodes, from left to right */
    size_t *bends; /* vertices */
    size_t bend_count;
};

/* Nodes come first, then the bends of edges that pass layers by. */
struct layout_vertex {
    size_t layer, order;
    double y; /* of its middle, in rows: 1.0 is the distance of two nodes */
};

struct layout {
    size_t nodes, vertices, layers;
    struct layout_vertex *at;
    struct layout_edge *edges;
    size_t edge_count;
    double rows; /* height */
};

/* `edges` is filled in; everything lives in the arena. Cycles are broken where they are met. */
void graph_layout(struct layout *layout, size_t nodes, struct layout_edge *edges, size_t edge_count, struct arena *arena);
