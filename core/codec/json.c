/* Owns parsing of JSON and the small accessors over jansson. Any thread; a value belongs to one thread at a time. */
#include "codec/json.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/json_priv.h"
#include <stdlib.h>
#include <string.h>

#define SEARCH_DEPTH 512 /* levels json_has_secret follows; deeper values count as secret */

/* jansson takes its memory from us: where there is none the process ends, instead of going on with a document that lacks a member. */
__attribute__((constructor(JSON_MEMORY_FIRST))) static void give_memory(void) { json_set_alloc_funcs(mem_alloc, free); }

/* The deepest nesting of brackets outside strings, before jansson recurses over them. */
static size_t depth_of(const char *text, size_t len)
{
    size_t depth = 0, most = 0;
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        if (quoted) {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                quoted = false;
            continue;
        }
        if (text[i] == '"')
            quoted = true;
        else if (text[i] == '{' || text[i] == '[')
            most = ++depth > most ? depth : most;
        else if ((text[i] == '}' || text[i] == ']') && depth)
            depth--;
    }
    return most;
}

int json_parse(const char *text, size_t len, const char *name, size_t max_bytes, json_t **out, struct err *err)
{
    json_error_t why;
    json_t *value;

    if (len > max_bytes)
        return err_set(err, ERR_LIMIT, "%s: %zu bytes, the limit is %zu", name, len, max_bytes);
    if (!str_is_utf8(text, len))
        return err_set(err, ERR_ENCODING, "%s: not UTF-8 without NUL bytes", name);
    if (depth_of(text, len) > LIMIT_JSON_DEPTH)
        return err_set(err, ERR_LIMIT, "%s: nested deeper than %d levels", name, LIMIT_JSON_DEPTH);
    value = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (!value)
        return err_set(err, json_error_code(&why) == json_error_duplicate_key ? ERR_DUPLICATE_KEY : ERR_SYNTAX, "%s:%d:%d: %s", name,
                       why.line > 0 ? why.line : 1, why.column > 0 ? why.column : 1, why.text);
    *out = value;
    return 0;
}

/* Takes the next key off `path` into `key`, with `\.` undone; returns what follows, NULL at the end. */
static const char *next_key(const char *path, char *key)
{
    for (; *path && *path != '.'; path++) {
        if (*path == '\\' && path[1] == '.')
            path++;
        *key++ = *path;
    }
    *key = '\0';
    return *path ? path + 1 : NULL;
}

json_t *json_at(const json_t *value, const char *path)
{
    char *key = mem_alloc(strlen(path) + 1);
    const json_t *at = value;
    int64_t index;

    while (path && at) {
        path = next_key(path, key);
        if (json_is_array(at))
            at = str_to_int(key, &index) && index >= 0 ? json_array_get(at, (size_t)index) : NULL;
        else
            at = json_object_get(at, key); /* NULL for what is no object */
    }
    free(key);
    return (json_t *)(uintptr_t)at;
}

const char *json_str(const json_t *object, const char *key) { return json_string_value(json_object_get(object, key)); }

int64_t json_int(const json_t *object, const char *key, int64_t fallback)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool json_flag(const json_t *object, const char *key, bool fallback)
{
    const json_t *value = json_object_get(object, key);

    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

/* A JSON string of any text: bytes that are no UTF-8 (a message cut inside a character, a tool's output) become '?'. */
static json_t *new_string(const char *text)
{
    json_t *value = json_string(text);

    if (value)
        return value;
    CLEANUP(free_ptr) char *copy = mem_strdup(text);
    for (size_t at = 0, left = strlen(copy), len; left; at += len, left -= len) {
        for (len = 1; len < 4 && len < left && !str_is_utf8(copy + at, len); len++)
            ;
        if (!str_is_utf8(copy + at, len)) {
            len = 1;
            copy[at] = '?';
        }
    }
    return json_string(copy);
}

void json_set_new(json_t *object, const char *key, json_t *value)
{
    if (value)
        json_object_set_new(object, key, value);
}

void json_set_str(json_t *object, const char *key, const char *value)
{
    if (value)
        json_object_set_new(object, key, new_string(value));
}

void json_set_int(json_t *object, const char *key, int64_t value) { json_object_set_new(object, key, json_integer(value)); }
void json_set_flag(json_t *object, const char *key, bool value) { json_object_set_new(object, key, json_boolean(value)); }

void json_set_time(json_t *object, const char *key, int64_t us)
{
    char text[CLOCK_TEXT_BYTES];

    if (us)
        json_object_set_new(object, key, json_string(clock_format(us, text)));
}

void json_append_str(json_t *array, const char *value)
{
    if (value)
        json_array_append_new(array, new_string(value));
}

const char *json_secret_ref(const json_t *value) { return json_object_size(value) == 1 ? json_str(value, "$secret") : NULL; }

json_t *json_secret_new(const char *reference) { return json_pack("{s:s}", "$secret", reference); }

static bool has_secret(const json_t *value, unsigned depth)
{
    const char *key;
    json_t *item;
    size_t i;

    if (depth > SEARCH_DEPTH || json_secret_ref(value))
        return true;
    json_object_foreach((json_t *)(uintptr_t)value, key, item) if (has_secret(item, depth + 1)) return true;
    json_array_foreach(value, i, item) if (has_secret(item, depth + 1)) return true;
    return false;
}

bool json_has_secret(const json_t *value) { return has_secret(value, 0); }

json_t *err_to_json(const struct err *err)
{
    json_t *object = json_object();
    char code[16];

    json_set_str(object, "code", err_name(err->code, code));
    json_set_str(object, "class", err_class(err->code));
    json_set_str(object, "message", err->msg);
    json_set_str(object, "remedy", err_remedy(err->code));
    return object;
}

/* ---- copies ---- */

static json_t *clone_object(json_t *object)
{
    json_t *copy = json_object();

    for (void *iter = json_object_iter(object); iter; iter = json_object_iter_next(object, iter))
        json_object_setn_new_nocheck(copy, json_object_iter_key(iter), json_object_iter_key_len(iter),
                                     json_clone(json_object_iter_value(iter)));
    return copy;
}

static json_t *clone_array(const json_t *array)
{
    json_t *copy = json_array();

    for (size_t i = 0; i < json_array_size(array); i++)
        json_array_append_new(copy, json_clone(json_array_get(array, i)));
    return copy;
}

json_t *json_clone(const json_t *value)
{
    if (!value)
        return NULL;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return clone_object((json_t *)(uintptr_t)value);
    case JSON_ARRAY:
        return clone_array(value);
    case JSON_STRING:
        return json_stringn_nocheck(json_string_value(value), json_string_length(value));
    case JSON_INTEGER:
        return json_integer(json_integer_value(value));
    case JSON_REAL:
        return json_real(json_real_value(value));
    default:
        return json_copy((json_t *)(uintptr_t)value); /* true, false, null: jansson has one of each */
    }
}

/* ---- frozen documents ---- */

#define UNCOUNTED ((size_t)-1) /* what jansson gives its own true, false and null */

static bool is_singleton(const json_t *value) { return json_is_boolean(value) || json_is_null(value); }

static void set_counts(json_t *value, size_t count)
{
    const char *key;
    json_t *item;
    size_t i;

    if (is_singleton(value) || value->refcount == count)
        return; /* a node may stand in several places */
    value->refcount = count;
    if (json_is_object(value))
        json_object_foreach(value, key, item) set_counts(item, count);
    json_array_foreach(value, i, item) set_counts(item, count);
}

/* Counts each node once for each place that it stands in; all counts were 0. */
static void count_again(json_t *value)
{
    const char *key;
    json_t *item;
    size_t i;

    if (is_singleton(value) || value->refcount++ > 0)
        return;
    if (json_is_object(value))
        json_object_foreach(value, key, item) count_again(item);
    json_array_foreach(value, i, item) count_again(item);
}

void json_freeze_in_place(json_t *value) { set_counts(value, UNCOUNTED); }

json_t *json_freeze(const json_t *value)
{
    json_t *copy = json_clone(value);

    if (copy)
        json_freeze_in_place(copy);
    return copy;
}

void json_frozen_free(json_t *frozen)
{
    if (!frozen)
        return;
    set_counts(frozen, 0);
    count_again(frozen);
    json_decref(frozen);
}
