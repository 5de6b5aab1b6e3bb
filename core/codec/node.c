/* Owns the tree of a document once it is parsed: lookup, and the way from and to JSON. Any thread; nodes are read-only. */
#include "codec/node.h"
#include "base/mem.h"
#include "base/str.h"
#include <stdlib.h>
#include <string.h>

/* Recursion below follows documents and values whose depth their parsers bounded (LIMIT_YAML_DEPTH, LIMIT_JSON_DEPTH). */

static struct node *from_json(const json_t *value, struct arena *arena);

static void map_from_json(struct node *node, const json_t *value, struct arena *arena)
{
    const char *key;
    json_t *item;

    node->kind = NODE_MAP;
    node->map.pairs = arena_array(arena, json_object_size(value), sizeof *node->map.pairs);
    json_object_foreach((json_t *)(uintptr_t)value, key, item)
    {
        node->map.pairs[node->map.count++] = (struct node_pair){.key = arena_strdup(arena, key), .value = from_json(item, arena)};
    }
}

static void list_from_json(struct node *node, const json_t *value, struct arena *arena)
{
    json_t *item;
    size_t i;

    node->kind = NODE_LIST;
    node->list.count = json_array_size(value);
    node->list.items = arena_array(arena, node->list.count, sizeof(struct node *));
    json_array_foreach(value, i, item) node->list.items[i] = from_json(item, arena);
}

static struct node *from_json(const json_t *value, struct arena *arena)
{
    struct node *node = arena_alloc(arena, sizeof *node);

    node->width = 1;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        map_from_json(node, value, arena);
        return node;
    case JSON_ARRAY:
        list_from_json(node, value, arena);
        return node;
    case JSON_STRING:
        node->kind = NODE_STRING;
        node->quoted = true;
        node->text = arena_strdup(arena, json_string_value(value));
        return node;
    case JSON_INTEGER:
        node->kind = NODE_INT;
        node->integer = json_integer_value(value);
        node->text = arena_printf(arena, "%lld", (long long)node->integer);
        return node;
    case JSON_REAL:
        node->kind = NODE_REAL;
        node->real = json_real_value(value);
        node->text = arena_printf(arena, "%.17g", node->real);
        return node;
    case JSON_TRUE:
    case JSON_FALSE:
        node->kind = NODE_BOOL;
        node->boolean = json_is_true(value);
        node->text = node->boolean ? "true" : "false";
        return node;
    case JSON_NULL:
        node->text = "null";
        return node;
    }
    return node;
}

struct node *node_from_json(const json_t *value, struct arena *arena)
{
    return value ? from_json(value, arena) : arena_alloc(arena, sizeof(struct node));
}

json_t *node_to_json(const struct node *node)
{
    json_t *value;

    switch (node->kind) {
    case NODE_NULL:
        return json_null();
    case NODE_BOOL:
        return json_boolean(node->boolean);
    case NODE_INT:
        return json_integer(node->integer);
    case NODE_REAL:
        return json_real(node->real);
    case NODE_STRING:
        return json_string(node->text);
    case NODE_LIST:
        value = json_array();
        for (size_t i = 0; i < node->list.count; i++)
            json_array_append_new(value, node_to_json(node->list.items[i]));
        return value;
    case NODE_MAP:
        value = json_object();
        for (size_t i = 0; i < node->map.count; i++)
            json_object_set_new(value, node->map.pairs[i].key, node_to_json(node->map.pairs[i].value));
        return value;
    }
    return json_null();
}

const char *node_kind_name(enum node_kind kind)
{
    static const char *const names[] = {
        [NODE_NULL] = "nothing",    [NODE_BOOL] = "true or false", [NODE_INT] = "a whole number", [NODE_REAL] = "a number",
        [NODE_STRING] = "a string", [NODE_LIST] = "a list",        [NODE_MAP] = "a map",
    };
    return names[kind];
}

const struct node_pair *node_pair(const struct node *map, const char *key)
{
    if (!map || map->kind != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->map.count; i++)
        if (strcmp(map->map.pairs[i].key, key) == 0)
            return &map->map.pairs[i];
    return NULL;
}

struct node *node_get(const struct node *map, const char *key)
{
    const struct node_pair *pair = node_pair(map, key);

    return pair ? pair->value : NULL;
}

const char *node_str(const struct node *map, const char *key)
{
    const struct node *value = node_get(map, key);

    return value && value->kind == NODE_STRING ? value->text : NULL;
}

/* Takes one token off a JSON pointer (RFC 6901) into `token`; returns what follows. */
static const char *next_token(const char *pointer, char *token)
{
    for (pointer++; *pointer && *pointer != '/'; pointer++) {
        char c = *pointer;

        if (c == '~' && (pointer[1] == '0' || pointer[1] == '1'))
            c = *++pointer == '0' ? '~' : '/';
        *token++ = c;
    }
    *token = '\0';
    return pointer;
}

const struct node *node_locate(const struct node *root, const char *pointer)
{
    char *token = mem_alloc(strlen(pointer) + 1);
    const struct node *at = root;

    while (*pointer == '/') {
        const struct node *next = NULL;
        int64_t index;

        pointer = next_token(pointer, token);
        if (at->kind == NODE_MAP)
            next = node_get(at, token);
        else if (at->kind == NODE_LIST && str_to_int(token, &index) && index >= 0 && (size_t)index < at->list.count)
            next = at->list.items[index];
        if (!next)
            break;
        at = next;
    }
    free(token);
    return at;
}

static const char *find(const char *text, const char *part, size_t len)
{
    while ((text = strchr(text, *part)) && strncmp(text, part, len) != 0)
        text++;
    return text;
}

/* Occurrences of `part` that begin in text[0..before). */
static size_t occurrences(const char *text, size_t before, const char *part, size_t len)
{
    size_t count = 0;

    for (const char *at = text; (at = find(at, part, len)) && (size_t)(at - text) < before; at++)
        count++;
    return count;
}

void node_place(const struct node *node, const char *source, size_t offset, size_t width, int *line, int *column)
{
    char *part;
    const char *at = source, *found;
    size_t skip;

    *line = node->line;
    *column = node->column;
    if (!source || !node->text || node->line < 1 || !width || offset >= strlen(node->text))
        return;
    for (int l = 1; at && l < node->line; l++)
        at = (at = strchr(at, '\n')) ? at + 1 : NULL;
    for (int c = 1; at && *at && c < node->column; c++)
        for (at++; ((unsigned char)*at & 0xc0) == 0x80;)
            at++;
    if (!at)
        return;
    part = mem_strndup(node->text + offset, width);
    width = strlen(part);
    skip = occurrences(node->text, offset, part, width);
    for (found = find(at, part, width); found && skip; skip--)
        found = find(found + 1, part, width);
    free(part);
    if (!found)
        return;
    for (; at < found; at++) {
        if (*at == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)*at & 0xc0) != 0x80) {
            ++*column;
        }
    }
}
