/* Owns the reading of sections by table: a member's key, its kind, and where it goes. Called while a configuration is loaded, by one
 * thread. */
#include "base/mem.h"
#include "codec/units.h"
#include "config/config_priv.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

config_names config_read_names(struct config_read *r, const struct node *list)
{
    const char **names;
    size_t count = 0;

    if (!list || list->kind != NODE_LIST)
        return NULL;
    names = arena_array(r->arena, list->list.count + 1, sizeof *names);
    for (size_t i = 0; i < list->list.count; i++)
        if (list->list.items[i]->kind == NODE_STRING)
            names[count++] = list->list.items[i]->text;
    return names;
}

const json_t *config_hold(struct config_owner *owner, json_t *value)
{
    json_array_append_new(owner->held, value);
    return value;
}

static void report(struct config_read *r, enum diag_severity severity, enum err_code code, const struct node *at, const char *key,
                   const char *suggestion, const char *text)
{
    char *path = mem_printf("%s%s%s", r->at, key ? "/" : "", key ? key : "");

    diag_add(r->diags, severity, code, at ? at->line : 0, at ? at->column : 0, at ? at->width : 1, path, suggestion, "%s", text);
    free(path);
}

void config_problem(struct config_read *r, enum err_code code, const struct node *at, const char *key, const char *suggestion,
                    const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    report(r, DIAG_ERROR, code, at, key, suggestion, arena_vprintf(r->arena, fmt, ap));
    va_end(ap);
}

void config_warn(struct config_read *r, enum err_code code, const struct node *at, const char *key, const char *suggestion,
                 const char *text)
{
    report(r, DIAG_WARNING, code, at, key, suggestion, text);
}

/* `path` as it stands, or below the directory of the file. */
static const char *absolute(struct config_read *r, const char *path)
{
    if (path[0] == '/' || !r->dir)
        return path;
    while (path[0] == '.' && path[1] == '/')
        path += 2;
    return strcmp(path, ".") == 0 ? r->dir : arena_printf(r->arena, "%s/%s", r->dir, path);
}

static const struct config_pair *read_pairs(struct config_read *r, const struct node *map)
{
    struct config_pair *pairs = arena_array(r->arena, map->map.count + 1, sizeof *pairs);
    size_t count = 0;

    for (size_t i = 0; i < map->map.count; i++)
        if (map->map.pairs[i].value->kind == NODE_STRING)
            pairs[count++] = (struct config_pair){map->map.pairs[i].key, map->map.pairs[i].value->text};
    return pairs;
}

static void fill_number(const struct node *value, const struct config_field *field, void *to)
{
    struct err ignored;

    switch (field->kind) {
    case KIND_INT32:
        if (value->kind == NODE_INT && value->integer >= 0 && value->integer <= 1000000)
            *(int *)to = (int)value->integer;
        return;
    case KIND_INT:
        if (value->kind == NODE_INT)
            *(int64_t *)to = value->integer;
        return;
    case KIND_REAL:
        if (value->kind == NODE_INT || value->kind == NODE_REAL)
            *(double *)to = value->kind == NODE_INT ? (double)value->integer : value->real;
        return;
    case KIND_DURATION:
        if (value->text)
            duration_parse(value->text, to, &ignored);
        return;
    case KIND_BYTES:
        if (value->text)
            bytes_parse(value->text, to, &ignored);
        return;
    default:
        return;
    }
}

static void fill_one(struct config_read *r, const struct node *value, const struct config_field *field, void *to)
{
    switch (field->kind) {
    case KIND_TEXT:
        if (value->kind == NODE_STRING || value->kind == NODE_INT || value->kind == NODE_REAL)
            *(const char **)to = value->text;
        return;
    case KIND_PATH:
        if (value->kind == NODE_STRING)
            *(const char **)to = absolute(r, value->text);
        return;
    case KIND_BOOL:
        if (value->kind == NODE_BOOL)
            *(bool *)to = value->boolean;
        return;
    case KIND_NAMES:
        if (value->kind == NODE_LIST)
            *(config_names *)to = config_read_names(r, value);
        return;
    case KIND_OBJECT:
        if (value->kind == NODE_MAP)
            *(const json_t **)to = config_hold(r->owner, node_to_json(value));
        return;
    case KIND_PAIRS:
        if (value->kind == NODE_MAP)
            *(const struct config_pair **)to = read_pairs(r, value);
        return;
    default:
        fill_number(value, field, to);
    }
}

void config_fill(struct config_read *r, const struct node *map, const struct config_field *fields, void *into)
{
    for (; fields->key; fields++) {
        const struct node *value = node_get(map, fields->key);

        if (value)
            fill_one(r, value, fields, (char *)into + fields->offset);
    }
}
