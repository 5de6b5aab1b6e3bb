/* Owns the parsing of YAML into nodes: libyaml's events, a stack of our own instead of recursion, and every limit on the way.
 * Any thread; one call works alone. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/node.h"
#include "codec/yaml_priv.h"
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define MAX_ANCHORS        1000
#define MAX_EXPANDED_BYTES (2 * LIMIT_YAML_BYTES)

/* How much a value is when every alias in it is written out. */
struct extent {
    size_t nodes, bytes, height;
};

struct anchor {
    const char *name;
    struct node *node; /* NULL while its collection is still open */
    struct extent extent;
};

/* One open collection. */
struct frame {
    struct node *node;
    struct node_pair *pairs; /* of a map; a list uses the values only */
    size_t count, cap;
    bool has_key; /* pairs[count].key waits for its value */
    struct extent extent;
    size_t anchor; /* index + 1 of the anchor that names it, 0: none */
};

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    struct diag_list *diags;
    struct frame frames[LIMIT_YAML_DEPTH];
    size_t depth;
    struct anchor *anchors;
    size_t anchor_count, alias_count, total_nodes, total_bytes;
    struct node *root;
};

static int column_of(const yaml_mark_t *mark) { return (int)mark->column + 1; }
static int line_of(const yaml_mark_t *mark) { return (int)mark->line + 1; }

static int width_of(const yaml_event_t *event)
{
    if (event->end_mark.line != event->start_mark.line || event->end_mark.column <= event->start_mark.column)
        return 1;
    return (int)(event->end_mark.column - event->start_mark.column);
}

#define FAIL_AT(r, event, code, help, ...)                                                                                                 \
    (diag_add((r)->diags, DIAG_ERROR, code, line_of(&(event)->start_mark), column_of(&(event)->start_mark), width_of(event), NULL, help,   \
              __VA_ARGS__),                                                                                                                \
     -1)

static void report_parser_error(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    bool in_reader = p->error == YAML_READER_ERROR;
    const yaml_mark_t *mark = in_reader ? &p->mark : &p->problem_mark;
    const char *help = NULL;

    if (p->problem && strstr(p->problem, "cannot start any token"))
        help = "YAML is indented with spaces, not tabs; a text that begins with @, ` or % needs quotes";
    else if (p->problem && strstr(p->problem, "mapping values are not allowed"))
        help = "check the indentation, or put quotes around a text that has \": \" in it";
    diag_add(r->diags, DIAG_ERROR, in_reader ? ERR_ENCODING : ERR_SYNTAX, line_of(mark), column_of(mark), 1, NULL, help,
             "cannot be read as YAML: %s%s%s", p->problem ? p->problem : "syntax error", p->context ? " " : "",
             p->context ? p->context : "");
}

static struct node *new_node(struct reader *r, const yaml_event_t *event, enum node_kind kind)
{
    struct node *node = arena_alloc(r->arena, sizeof *node);

    node->kind = kind;
    node->line = line_of(&event->start_mark);
    node->column = column_of(&event->start_mark);
    node->width = width_of(event);
    return node;
}

/* Remembers a named node; the node may still be open. */
static int add_anchor(struct reader *r, const yaml_event_t *event, const yaml_char_t *name, struct node *node, struct extent extent)
{
    if (!name)
        return 0;
    if (r->anchor_count >= MAX_ANCHORS)
        return FAIL_AT(r, event, ERR_LIMIT, NULL, "more than %d anchors", MAX_ANCHORS);
    if (!r->anchors)
        r->anchors = mem_array(MAX_ANCHORS, sizeof *r->anchors);
    r->anchors[r->anchor_count++] = (struct anchor){.name = arena_strdup(r->arena, (const char *)name), .node = node, .extent = extent};
    return 0;
}

static void grow(struct frame *f)
{
    if (f->count >= f->cap) {
        f->cap = f->cap ? f->cap * 2 : 8;
        f->pairs = mem_realloc(f->pairs, f->cap * sizeof *f->pairs);
    }
}

static int check_extent(struct reader *r, const yaml_event_t *event, struct extent extent)
{
    r->total_nodes += extent.nodes;
    r->total_bytes += extent.bytes;
    if (r->total_nodes > LIMIT_YAML_NODES)
        return FAIL_AT(r, event, ERR_LIMIT, NULL, "more than %d values in one document, aliases counted as often as they are used",
                       LIMIT_YAML_NODES);
    if (r->total_bytes > MAX_EXPANDED_BYTES)
        return FAIL_AT(r, event, ERR_LIMIT, NULL, "more than %u bytes of text in one document, aliases counted as often as they are used",
                       MAX_EXPANDED_BYTES);
    if (r->depth + extent.height > LIMIT_YAML_DEPTH)
        return FAIL_AT(r, event, ERR_LIMIT, NULL, "nested deeper than %d levels", LIMIT_YAML_DEPTH);
    return 0;
}

static int attach_key(struct reader *r, const yaml_event_t *event, struct frame *f, const struct node *node)
{
    if (node->kind == NODE_MAP || node->kind == NODE_LIST)
        return FAIL_AT(r, event, ERR_SYNTAX, "a key is a text", "%s cannot be a key", node_kind_name(node->kind));
    if (!node->quoted && strcmp(node->text, "<<") == 0)
        return FAIL_AT(r, event, ERR_SYNTAX, "write the fields out, or use an alias for the whole value",
                       "merge keys (\"<<\") are not part of YAML 1.2");
    f->pairs[f->count] =
        (struct node_pair){.key = node->text, .line = line_of(&event->start_mark), .column = column_of(&event->start_mark)};
    f->has_key = true;
    return 0;
}

/* Hangs a node into the open collection, or makes it the root. */
static int attach(struct reader *r, const yaml_event_t *event, struct node *node, struct extent extent)
{
    struct frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;

    if (check_extent(r, event, extent) < 0)
        return -1;
    if (!f) {
        r->root = node;
        return 0;
    }
    grow(f);
    f->extent.nodes += extent.nodes;
    f->extent.bytes += extent.bytes;
    if (f->extent.height < extent.height + 1)
        f->extent.height = extent.height + 1;
    if (f->node->kind == NODE_MAP && !f->has_key)
        return attach_key(r, event, f, node);
    f->pairs[f->count++].value = node;
    f->has_key = false;
    return 0;
}

static int by_key(const void *a, const void *b)
{
    const struct node_pair *const *x = a, *const *y = b;
    int order = strcmp((*x)->key, (*y)->key);

    return order ? order : (*x > *y) - (*x < *y);
}

/* Reports every key that stands twice: sorted first, so that a map with 100,000 keys costs no 10^10 comparisons. */
static void find_duplicates(struct reader *r, const struct node *map)
{
    CLEANUP(free_ptr) const struct node_pair **sorted = mem_array(map->map.count + 1, sizeof *sorted);

    for (size_t i = 0; i < map->map.count; i++)
        sorted[i] = &map->map.pairs[i];
    qsort(sorted, map->map.count, sizeof *sorted, by_key);
    for (size_t i = 1; i < map->map.count; i++)
        if (strcmp(sorted[i]->key, sorted[i - 1]->key) == 0)
            diag_add(r->diags, DIAG_ERROR, ERR_DUPLICATE_KEY, sorted[i]->line, sorted[i]->column, 1, NULL, "keep one of the two",
                     "the key \"%.80s\" stands twice, first in line %d", sorted[i]->key, sorted[i - 1]->line);
}

static int open_collection(struct reader *r, const yaml_event_t *event, enum node_kind kind, const yaml_char_t *tag, const char *core_tag,
                           const yaml_char_t *anchor)
{
    struct frame *f;

    if (tag && strcmp((const char *)tag, core_tag) != 0 && strcmp((const char *)tag, "!") != 0)
        return FAIL_AT(r, event, ERR_SYNTAX, "remove the tag", "the tag %.80s is not one of YAML's core tags for %s", (const char *)tag,
                       node_kind_name(kind));
    if (r->depth >= LIMIT_YAML_DEPTH)
        return FAIL_AT(r, event, ERR_LIMIT, NULL, "nested deeper than %d levels", LIMIT_YAML_DEPTH);
    f = &r->frames[r->depth++];
    *f = (struct frame){.node = new_node(r, event, kind), .extent = {.nodes = 1}};
    f->node->width = 1;
    if (add_anchor(r, event, anchor, NULL, f->extent) < 0)
        return -1;
    f->anchor = anchor ? r->anchor_count : 0;
    return 0;
}

static int close_collection(struct reader *r, const yaml_event_t *event)
{
    struct frame f = r->frames[--r->depth];
    struct node *node = f.node;

    r->frames[r->depth].pairs = NULL;
    if (node->kind == NODE_MAP) {
        node->map.pairs = arena_array(r->arena, f.count, sizeof *node->map.pairs);
        node->map.count = f.count;
        if (f.count)
            memcpy(node->map.pairs, f.pairs, f.count * sizeof *f.pairs);
        find_duplicates(r, node);
    } else {
        node->list.items = arena_array(r->arena, f.count, sizeof(struct node *));
        node->list.count = f.count;
        for (size_t i = 0; i < f.count; i++)
            node->list.items[i] = f.pairs[i].value;
    }
    free(f.pairs);
    if (f.anchor) {
        r->anchors[f.anchor - 1].node = node;
        r->anchors[f.anchor - 1].extent = f.extent;
    }
    r->total_nodes -= f.extent.nodes - 1; /* its children are counted already; attach() counts the whole again */
    r->total_bytes -= f.extent.bytes;
    return attach(r, event, node, f.extent);
}

static int take_alias(struct reader *r, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;

    if (++r->alias_count > LIMIT_YAML_ALIASES)
        return FAIL_AT(r, event, ERR_LIMIT, NULL, "more than %d aliases in one document", LIMIT_YAML_ALIASES);
    for (size_t i = r->anchor_count; i-- > 0;) {
        const struct anchor *a = &r->anchors[i];

        if (strcmp(a->name, name) != 0)
            continue;
        if (!a->node)
            return FAIL_AT(r, event, ERR_SYNTAX, NULL, "the alias *%.80s stands inside its own anchor", name);
        return attach(r, event, a->node, a->extent);
    }
    return FAIL_AT(r, event, ERR_SYNTAX, NULL, "the alias *%.80s has no anchor before it", name);
}

static int take_scalar(struct reader *r, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value, *tag = (const char *)event->data.scalar.tag;
    size_t len = event->data.scalar.length;
    struct node *node = new_node(r, event, NODE_STRING);
    struct extent extent = {.nodes = 1, .bytes = len};
    const char *problem;

    if (memchr(text, '\0', len))
        return FAIL_AT(r, event, ERR_ENCODING, "remove the \\0", "a text with a NUL character");
    node->text = arena_strndup(r->arena, text, len);
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    problem = yaml_resolve_scalar(node, tag);
    if (problem)
        return FAIL_AT(r, event, tag ? ERR_SYNTAX : ERR_BAD_VALUE, tag ? "remove the tag" : "put quotes around it if it is meant as a text",
                       "%.80s %s", tag ? tag : node->text, problem);
    if (add_anchor(r, event, event->data.scalar.anchor, node, extent) < 0)
        return -1;
    return attach(r, event, node, extent);
}

/* One event. 1: the stream is at its end. */
static int take_event(struct reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (r->root)
            return FAIL_AT(r, event, ERR_SYNTAX, "split the file", "a second document begins here; only one is allowed");
        return 0;
    case YAML_SCALAR_EVENT:
        return take_scalar(r, event);
    case YAML_ALIAS_EVENT:
        return take_alias(r, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(r, event, NODE_LIST, event->data.sequence_start.tag, YAML_SEQ_TAG, event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        return open_collection(r, event, NODE_MAP, event->data.mapping_start.tag, YAML_MAP_TAG, event->data.mapping_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_collection(r, event);
    case YAML_STREAM_END_EVENT:
        return 1;
    default:
        return 0;
    }
}

static int read_events(struct reader *r)
{
    int rc = 0;

    while (rc == 0) {
        yaml_event_t event;

        if (!yaml_parser_parse(&r->parser, &event)) {
            report_parser_error(r);
            return -1;
        }
        rc = take_event(r, &event);
        yaml_event_delete(&event);
    }
    return rc < 0 ? -1 : 0;
}

/* Reports the first byte that is no UTF-8, or NUL, with its place. */
static void report_encoding(const char *text, size_t len, struct diag_list *diags)
{
    int line = 1, column = 1;
    size_t at = 0, step;

    while (at < len) {
        for (step = 1; step <= 4 && step <= len - at && !str_is_utf8(text + at, step); step++)
            ;
        if (step > 4 || step > len - at)
            break;
        column++;
        if (text[at] == '\n') {
            line++;
            column = 1;
        }
        at += step;
    }
    diag_add(diags, DIAG_ERROR, ERR_ENCODING, line, column, 1, NULL, "save the document as UTF-8 without NUL bytes",
             "byte 0x%02x is not valid here", at < len ? (unsigned)(unsigned char)text[at] : 0);
}

static void fini_reader(struct reader *r)
{
    yaml_parser_delete(&r->parser);
    for (size_t i = 0; i < LIMIT_YAML_DEPTH; i++)
        free(r->frames[i].pairs);
    free(r->anchors);
}

struct node *node_parse_yaml(const char *text, size_t len, struct arena *arena, struct diag_list *diags)
{
    size_t errors_before = diags->errors;
    CLEANUP(fini_reader) struct reader r = {.arena = arena, .diags = diags};

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark, as Windows editors write it */
        text += 3;
        len -= 3;
    }
    if (len > LIMIT_YAML_BYTES) {
        diag_add(diags, DIAG_ERROR, ERR_LIMIT, 1, 1, 1, NULL, NULL, "%zu bytes of YAML, the limit is %u", len, LIMIT_YAML_BYTES);
        return NULL;
    }
    if (!str_is_utf8(text, len)) {
        report_encoding(text, len, diags);
        return NULL;
    }
    if (!yaml_parser_initialize(&r.parser))
        mem_die(sizeof r.parser);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    if (read_events(&r) < 0 || diags->errors > errors_before)
        return NULL;
    if (r.root)
        return r.root;
    r.root = arena_alloc(arena, sizeof *r.root);
    *r.root = (struct node){.kind = NODE_NULL, .line = 1, .column = 1, .width = 1, .text = ""};
    return r.root;
}
