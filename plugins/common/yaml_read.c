/* YAML to JSON by libyaml's events and a stack of our own, so that nothing recurses. Pure; any thread. */
#include "yaml_read.h"
#include "tidy.h"
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <yaml.h>

#define MAX_ANCHORS 1000
#define CORE_TAG    "tag:yaml.org,2002:"

/* One open collection. */
struct frame {
    json_t *value;
    char *key;    /* of a map: waits for its value */
    char *anchor; /* NULL: none */
};

struct reader {
    yaml_parser_t parser;
    struct frame frames[YAML_READ_DEPTH];
    size_t depth, nodes, copied; /* copied: bytes of texts */
    json_t *anchors;             /* {name: value}; of the document */
    json_t *documents;
    char *why;
    size_t why_size;
};

static int fail(struct reader *r, const yaml_mark_t *mark, const char *text, const char *more)
{
    snprintf(r->why, r->why_size, "line %zu: %s%s%.80s", mark->line + 1, text, more ? " " : "", more ? more : "");
    return -1;
}

static int out_of_memory(struct reader *r)
{
    snprintf(r->why, r->why_size, "out of memory");
    return -1;
}

/* ---- scalars ---- */

static bool is_word(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static json_t *integer(const char *text, int base)
{
    char *end;
    long long value;

    errno = 0;
    value = strtoll(text, &end, base);
    return errno || *end ? NULL : json_integer(value);
}

/* A plain number, NULL when it is none. */
static json_t *number(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');
    size_t len = strlen(at);
    char *end;
    double value;

    if (!len || strspn(at, "0123456789.eE+-xoabcdfABCDF") != len || (*at != '.' && (*at < '0' || *at > '9')))
        return NULL;
    if (at[0] == '0' && at[1] == 'o')
        return integer(at + 2, 8);
    if (at[0] == '0' && at[1] == 'x')
        return integer(at, 16);
    if (strspn(at, "0123456789") == len)
        return integer(text, at[0] == '0' && strspn(at, "01234567") == len ? 8 : 10);
    if (strpbrk(at, "xoabcdfABCDF"))
        return NULL;
    value = strtod(text, &end);
    return *end || !isfinite(value) || end == text ? NULL : json_real(value);
}

static json_t *plain(const char *text, size_t len)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL}, *const trues[] = {"true", "True", "TRUE", NULL},
                             *const falses[] = {"false", "False", "FALSE", NULL};
    json_t *value;

    if (is_word(text, nulls))
        return json_null();
    if (is_word(text, trues))
        return json_true();
    if (is_word(text, falses))
        return json_false();
    value = number(text);
    return value ? value : json_stringn(text, len);
}

static json_t *scalar(struct reader *r, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value, *tag = (const char *)event->data.scalar.tag;
    size_t len = event->data.scalar.length;
    bool is_text = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || (tag && strcmp(tag, CORE_TAG "str") == 0);
    json_t *value;

    if (memchr(text, '\0', len)) {
        fail(r, &event->start_mark, "a text with a NUL character", NULL);
        return NULL;
    }
    if (tag && strncmp(tag, CORE_TAG, strlen(CORE_TAG)) != 0 && strcmp(tag, "!") != 0) {
        fail(r, &event->start_mark, "unknown tag", tag);
        return NULL;
    }
    value = is_text ? json_stringn(text, len) : plain(text, len);
    if (!value)
        fail(r, &event->start_mark, "a text that is no UTF-8", NULL);
    return value;
}

/* ---- collections ---- */

static int count_nodes(struct reader *r, const yaml_event_t *event, size_t nodes)
{
    r->nodes += nodes;
    return r->nodes > YAML_READ_NODES ? fail(r, &event->start_mark, "the text holds too many values", NULL) : 0;
}

/* How many values there are, up to the limit. The depth is bounded: nothing deeper than the stack is ever made. */
static size_t nodes_of(const json_t *value, size_t most)
{
    size_t count = 1, i;
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)(uintptr_t)value, key, member) if (count <= most) count += nodes_of(member, most - count);
    json_array_foreach(value, i, member) if (count <= most) count += nodes_of(member, most - count);
    return count;
}

/* Bytes of its texts and keys, up to somewhat more than the limit. */
static size_t bytes_of(const json_t *value, size_t most)
{
    size_t bytes = json_string_length(value), i;
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)(uintptr_t)value, key, member) if (bytes <= most) bytes += strlen(key) + bytes_of(member, most - bytes);
    json_array_foreach(value, i, member) if (bytes <= most) bytes += bytes_of(member, most - bytes);
    return bytes;
}

static size_t height_of(const json_t *value)
{
    size_t height = 0, i, h;
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)(uintptr_t)value, key, member) if ((h = height_of(member)) > height) height = h;
    json_array_foreach(value, i, member) if ((h = height_of(member)) > height) height = h;
    return height + 1;
}

static int take_key(struct reader *r, const yaml_event_t *event, struct frame *f)
{
    const char *text = (const char *)event->data.scalar.value;

    if (event->type != YAML_SCALAR_EVENT)
        return fail(r, &event->start_mark, "a key must be a text", NULL);
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strcmp(text, "<<") == 0)
        return fail(r, &event->start_mark, "merge keys (<<) are not understood; write the fields out", NULL);
    if (strlen(text) != event->data.scalar.length)
        return fail(r, &event->start_mark, "a key with a NUL character", NULL);
    if (json_object_get(f->value, text))
        return fail(r, &event->start_mark, "this key stands twice:", text);
    f->key = strdup(text);
    return f->key ? 0 : out_of_memory(r);
}

/* Hangs a value, which is taken over, into the open collection or the list of documents. */
static int attach(struct reader *r, const yaml_event_t *event, json_t *value)
{
    struct frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;
    int rc;

    if (!value)
        return -1;
    if (count_nodes(r, event, 1) < 0) {
        json_decref(value);
        return -1;
    }
    if (!f)
        rc = json_is_null(value) ? 0 : json_array_append_new(r->documents, value);
    else if (json_is_array(f->value))
        rc = json_array_append_new(f->value, value);
    else {
        rc = json_object_set_new(f->value, f->key, value);
        free_text(&f->key);
    }
    return rc == 0 ? 0 : fail(r, &event->start_mark, "a text that is no UTF-8", NULL);
}

static int remember(struct reader *r, const yaml_event_t *event, const char *name, json_t *value)
{
    if (!name)
        return 0;
    if (json_object_size(r->anchors) >= MAX_ANCHORS)
        return fail(r, &event->start_mark, "too many anchors", NULL);
    return json_object_set(r->anchors, name, value) == 0 ? 0 : out_of_memory(r);
}

static int open_collection(struct reader *r, const yaml_event_t *event, json_t *value, const yaml_char_t *tag, const yaml_char_t *anchor)
{
    CLEANUP(json_put) json_t *owned = value;
    struct frame *f;

    if (!owned)
        return out_of_memory(r);
    if (tag && strncmp((const char *)tag, CORE_TAG, strlen(CORE_TAG)) != 0)
        return fail(r, &event->start_mark, "unknown tag", (const char *)tag);
    if (r->depth >= YAML_READ_DEPTH)
        return fail(r, &event->start_mark, "nested too deeply", NULL);
    f = &r->frames[r->depth++];
    *f = (struct frame){.value = json_incref(owned), .anchor = anchor ? strdup((const char *)anchor) : NULL};
    return 0;
}

static int close_collection(struct reader *r, const yaml_event_t *event)
{
    struct frame f = r->frames[--r->depth];
    CLEANUP(json_put) json_t *value = f.value;
    CLEANUP(free_text) char *anchor = f.anchor;

    if (remember(r, event, anchor, value) < 0)
        return -1;
    return attach(r, event, json_incref(value));
}

static int take_alias(struct reader *r, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    json_t *named = json_object_get(r->anchors, name);

    if (!named)
        return fail(r, &event->start_mark, "an alias without an anchor before it:", name);
    if (height_of(named) + r->depth > YAML_READ_DEPTH)
        return fail(r, &event->start_mark, "nested too deeply", NULL);
    if (count_nodes(r, event, nodes_of(named, YAML_READ_NODES)) < 0)
        return -1;
    r->copied += bytes_of(named, YAML_READ_BYTES);
    if (r->copied > YAML_READ_BYTES)
        return fail(r, &event->start_mark, "the aliases stand for more than 8 MiB of text", NULL);
    return attach(r, event, json_deep_copy(named));
}

static int take_scalar(struct reader *r, const yaml_event_t *event)
{
    struct frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;
    json_t *value;

    if (f && json_is_object(f->value) && !f->key)
        return take_key(r, event, f);
    value = scalar(r, event);
    if (value && remember(r, event, (const char *)event->data.scalar.anchor, value) < 0) {
        json_decref(value);
        return -1;
    }
    return attach(r, event, value);
}

/* ---- the stream ---- */

/* One event. 1: the stream is at its end. */
static int take_event(struct reader *r, const yaml_event_t *event)
{
    struct frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;
    bool begins = event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_ALIAS_EVENT;

    if (begins && f && json_is_object(f->value) && !f->key)
        return fail(r, &event->start_mark, "a key must be a text", NULL);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        json_object_clear(r->anchors);
        return 0;
    case YAML_SCALAR_EVENT:
        return take_scalar(r, event);
    case YAML_ALIAS_EVENT:
        return take_alias(r, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(r, event, json_array(), event->data.sequence_start.tag, event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        return open_collection(r, event, json_object(), event->data.mapping_start.tag, event->data.mapping_start.anchor);
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
            const yaml_mark_t *mark = r->parser.error == YAML_READER_ERROR ? &r->parser.mark : &r->parser.problem_mark;

            return fail(r, mark, "this is no YAML:", r->parser.problem);
        }
        rc = take_event(r, &event);
        yaml_event_delete(&event);
    }
    return rc < 0 ? -1 : 0;
}

static void reader_fini(struct reader *r)
{
    yaml_parser_delete(&r->parser);
    while (r->depth) {
        struct frame *f = &r->frames[--r->depth];

        json_decref(f->value);
        free(f->key);
        free(f->anchor);
    }
    json_decref(r->anchors);
    json_decref(r->documents);
}

json_t *yaml_read(const char *text, size_t len, char *why, size_t why_size)
{
    CLEANUP(reader_fini) struct reader r = {.anchors = json_object(), .documents = json_array(), .why = why, .why_size = why_size};

    if (len > YAML_READ_BYTES) {
        snprintf(why, why_size, "%zu bytes of YAML; the limit is %u", len, YAML_READ_BYTES);
        return NULL;
    }
    if (!yaml_parser_initialize(&r.parser) || !r.anchors || !r.documents) {
        out_of_memory(&r);
        return NULL;
    }
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    return read_events(&r) < 0 ? NULL : json_incref(r.documents);
}
