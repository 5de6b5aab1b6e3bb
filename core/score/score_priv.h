/* Inside core/score: the state of one parse, shared by its passes. */
#pragma once
#include "base/buf.h"
#include "codec/interpolate.h"
#include "codec/schema.h"
#include "score/score.h"

extern const struct schema_type score_schema; /* schema.c */

struct score_parser {
    const struct score_options *options; /* never NULL */
    struct arena *arena;
    struct diag_list *diags;
    const char *source; /* NUL-terminated text, NULL for JSON */
    const struct node *root;
    const char **file_paths; /* normalised paths of options->files; NULL entries leave the directory */
};

/* walk.c: every text that placeholders or files concern, in the order of the document. */
enum score_place { PLACE_VARIABLE, PLACE_CONTENT, PLACE_SOURCE, PLACE_VOLUME, PLACE_PARAM };

struct score_text {
    enum score_place place;
    const struct node *node; /* a string */
    const char *path;        /* JSON pointer */
    const char *key;         /* of a text directly under params; NULL otherwise */
    size_t owner;            /* PLACE_PARAM: position of the resource */
    bool expand;             /* placeholders in it count */
};
typedef void (*score_visit)(void *ctx, const struct score_text *text);
void score_walk(const struct node *root, score_visit visit, void *ctx);

/* walk.c: an index from names to positions, sorted once: files with tens of thousands of names cost no quadratic time. */
struct score_index {
    struct score_index_entry {
        const char *name;
        size_t position;
    } * entries;
    size_t count;
};
struct score_index score_index_new(struct arena *arena, const struct node *map); /* of a map's keys; empty for what is no map */
bool score_index_find(const struct score_index *index, const char *name, size_t *out_position);

/* graph.c: a depth-first walk without recursion. The `len[i]` successors of node i stand at edges[first[i]]. Writes an order in which
 * successors come first. Calls `cycle` once for each cycle met, with its nodes in order. */
struct score_graph {
    size_t count;
    size_t *edges, *first, *len;
};
void score_graph_walk(const struct score_graph *graph, size_t *out_order, void (*cycle)(void *ctx, const size_t *nodes, size_t count),
                      void *ctx);

/* refs.c: placeholders everywhere, references between resources. Reports into p->diags; the graph is in the arena. */
struct score_graph score_check_references(struct score_parser *p);

/* before.c: `before` of the containers. The order (positions of containers) is in the arena. */
const size_t *score_check_before(struct score_parser *p);

/* normal.c: the document as JSON, older forms rewritten. New reference. */
json_t *score_normalise(const struct node *root);

/* files.c */
void score_prepare_files(struct score_parser *p);            /* fills file_paths */
void score_check_files(struct score_parser *p);              /* paths inside the directory, uploaded files present and usable */
void score_take_files(struct score_parser *p, json_t *spec); /* puts the uploaded files into the normalised spec */
const struct score_file *score_find_file(const struct score_parser *p, const char *path);
