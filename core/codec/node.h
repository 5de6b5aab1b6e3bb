/* A document as a tree whose every node knows its line and column: what YAML and JSON are parsed into before a schema looks at them.
 * Nodes live in the arena of the parse and are read-only afterwards. */
#pragma once
#include "base/arena.h"
#include "codec/diag.h"
#include "codec/json.h"

enum node_kind { NODE_NULL, NODE_BOOL, NODE_INT, NODE_REAL, NODE_STRING, NODE_LIST, NODE_MAP };

struct node_pair {
    const char *key;
    int line, column; /* of the key */
    struct node *value;
};

struct node {
    enum node_kind kind;
    int line, column; /* from 1; 0 when the document came as a JSON object without text */
    int width;        /* characters of a scalar as written */
    const char *text; /* scalars: the text as written (unquoted content for strings) */
    bool quoted;      /* a scalar in quotes or a block scalar: always a string */
    union {
        bool boolean;
        int64_t integer;
        double real;
        struct {
            struct node **items;
            size_t count;
        } list;
        struct {
            struct node_pair *pairs;
            size_t count;
        } map;
    };
};

/* Parses exactly one YAML document (YAML 1.2 core schema types; JSON is YAML). Limits of limits.h on size, depth, nodes and aliases;
 * duplicate keys, other tags than the core's, several documents and invalid UTF-8 are diagnostics with their place. Returns the root, NULL
 * when diags->errors grew. An empty document is a NODE_NULL. */
struct node *node_parse_yaml(const char *text, size_t len, struct arena *arena, struct diag_list *diags);

/* The same tree from a JSON value, without positions. */
struct node *node_from_json(const json_t *value, struct arena *arena);

/* Plain JSON of a node. New reference. */
json_t *node_to_json(const struct node *node);

const char *node_kind_name(enum node_kind kind);                            /* "a string", "a list" ... for messages */
const struct node_pair *node_pair(const struct node *map, const char *key); /* NULL if absent or `map` is no map (or NULL) */
struct node *node_get(const struct node *map, const char *key);             /* the value, NULL if absent */
const char *node_str(const struct node *map, const char *key);              /* text of a string member, NULL if absent or no string */
/* The node at a JSON pointer ("/containers/web/image"), the deepest existing one on the way if the rest is missing. Never NULL. */
const struct node *node_locate(const struct node *root, const char *pointer);

/* The line and column of `width` bytes at `offset` in a scalar's text, as they stand in the source (quotes, block scalars and folding
 * included): how a placeholder inside a long text gets its own place. Falls back to the node's place. `source` NUL-terminated or NULL. */
void node_place(const struct node *node, const char *source, size_t offset, size_t width, int *line, int *column);
