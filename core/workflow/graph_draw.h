/* A graph ({nodes, edges} of read_graph.h) in the words of Graphviz and Mermaid, and drawn as SVG. Names are whatever users have written:
 * everything is escaped for the form it goes into. Pure; any thread. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "codec/json.h"

#define GRAPH_NODES 1000 /* that can be drawn */

/* Errors: ERR_LIMIT: more than GRAPH_NODES nodes. */
int graph_dot(const json_t *graph, struct buf *out, struct err *err);
int graph_mermaid(const json_t *graph, struct buf *out, struct err *err);
/* Left to right in layers, with a colour for each state. One document without scripts, styles or references to elsewhere. */
int graph_svg(const json_t *graph, struct buf *out, struct err *err);
