/* Owns the walk over a Score document that finds every text with placeholders or files, and the index of names. Works on documents that are
 * not valid: what has the wrong kind is skipped (the schema reported it). Any thread. */
#include "base/cleanup.h"
#include "score/score_priv.h"
#include <stdlib.h>
#include <string.h>

#define MAX_PATH_BYTES (64u << 10)

struct walk {
    score_visit visit;
    void *ctx;
    struct buf path;
    size_t owner;
};

static size_t push(struct walk *w, const char *token)
{
    size_t before = w->path.len;

    buf_add_char(&w->path, '/');
    for (; *token; token++) {
        if (*token == '~' || *token == '/')
            buf_add_text(&w->path, *token == '~' ? "~0" : "~1");
        else
            buf_add_char(&w->path, *token);
    }
    return before;
}

static void pop(struct walk *w, size_t before)
{
    w->path.len = before;
    if (w->path.data)
        w->path.data[before] = '\0';
}

static void visit_text(struct walk *w, enum score_place place, const struct node *node, const char *key, const char *param, bool expand)
{
    size_t before = push(w, key);

    if (node && node->kind == NODE_STRING)
        w->visit(w->ctx, &(struct score_text){place, node, buf_text(&w->path), param, w->owner, expand});
    pop(w, before);
}

/* Calls `inside` for each entry of a map, or each item of a list. */
static void each(struct walk *w, const struct node *parent, const char *key,
                 void (*inside)(struct walk *w, const char *name, const struct node *value))
{
    const struct node *node = node_get(parent, key);
    size_t before = push(w, key), entry;
    char index[32];

    for (size_t i = 0; node && node->kind == NODE_MAP && i < node->map.count; i++) {
        entry = push(w, node->map.pairs[i].key);
        inside(w, node->map.pairs[i].key, node->map.pairs[i].value);
        pop(w, entry);
    }
    for (size_t i = 0; node && node->kind == NODE_LIST && i < node->list.count; i++) {
        snprintf(index, sizeof index, "%zu", i);
        entry = push(w, index);
        inside(w, index, node->list.items[i]);
        pop(w, entry);
    }
    pop(w, before);
}

static void walk_variable(struct walk *w, const char *name, const struct node *value)
{
    (void)name;
    if (value->kind == NODE_STRING)
        w->visit(w->ctx, &(struct score_text){PLACE_VARIABLE, value, buf_text(&w->path), NULL, 0, true});
}

static void walk_file(struct walk *w, const char *name, const struct node *file)
{
    const struct node *raw = node_get(file, "noExpand");
    bool expand = !(raw && raw->kind == NODE_BOOL && raw->boolean);

    (void)name;
    visit_text(w, PLACE_CONTENT, node_get(file, "content"), "content", NULL, expand);
    visit_text(w, PLACE_SOURCE, node_get(file, "source"), "source", NULL, expand);
}

static void walk_volume(struct walk *w, const char *name, const struct node *volume)
{
    (void)name;
    visit_text(w, PLACE_VOLUME, node_get(volume, "source"), "source", NULL, true);
}

static void walk_container(struct walk *w, const char *name, const struct node *container)
{
    (void)name;
    each(w, container, "variables", walk_variable);
    each(w, container, "files", walk_file);
    each(w, container, "volumes", walk_volume);
}

/* Recursion: the document's depth, which the parser bounded. */
static void walk_value(struct walk *w, const char *name, const struct node *value, const char *param)
{
    size_t before;
    char index[32];

    if (value->kind == NODE_STRING)
        visit_text(w, PLACE_PARAM, value, name, param, true);
    before = push(w, name);
    for (size_t i = 0; value->kind == NODE_MAP && i < value->map.count; i++)
        walk_value(w, value->map.pairs[i].key, value->map.pairs[i].value, NULL);
    for (size_t i = 0; value->kind == NODE_LIST && i < value->list.count; i++) {
        snprintf(index, sizeof index, "%zu", i);
        walk_value(w, index, value->list.items[i], NULL);
    }
    pop(w, before);
}

static void walk_params(struct walk *w, const struct node *resource, const char *word)
{
    const struct node *params = node_get(resource, word);
    size_t before = push(w, word);

    for (size_t i = 0; params && params->kind == NODE_MAP && i < params->map.count; i++)
        walk_value(w, params->map.pairs[i].key, params->map.pairs[i].value, params->map.pairs[i].key);
    pop(w, before);
}

static void walk_resource(struct walk *w, const char *name, const struct node *resource)
{
    (void)name;
    walk_params(w, resource, "params");
    walk_params(w, resource, "properties");
    w->owner++;
}

void score_walk(const struct node *root, score_visit visit, void *ctx)
{
    struct walk w = {.visit = visit, .ctx = ctx, .path = BUF_INIT(MAX_PATH_BYTES)};

    each(&w, root, "containers", walk_container);
    each(&w, root, "resources", walk_resource);
    buf_fini(&w.path);
}

static int by_name(const void *a, const void *b)
{
    const struct score_index_entry *x = a, *y = b;

    return strcmp(x->name, y->name);
}

struct score_index score_index_new(struct arena *arena, const struct node *map)
{
    struct score_index index = {0};

    if (!map || map->kind != NODE_MAP || !map->map.count)
        return index;
    index.entries = arena_array(arena, map->map.count, sizeof *index.entries);
    for (size_t i = 0; i < map->map.count; i++)
        index.entries[index.count++] = (struct score_index_entry){map->map.pairs[i].key, i};
    qsort(index.entries, index.count, sizeof *index.entries, by_name);
    return index;
}

bool score_index_find(const struct score_index *index, const char *name, size_t *out_position)
{
    struct score_index_entry key = {.name = name};
    const struct score_index_entry *found = index->count ? bsearch(&key, index->entries, index->count, sizeof key, by_name) : NULL;

    if (found)
        *out_position = found->position;
    return found;
}
