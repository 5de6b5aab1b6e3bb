/* Owns ${...}: cutting a text into literals and references, and putting it together again. Any thread; no state. */
#include "codec/interpolate.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TOTAL_BYTES (4u * LIMIT_EXPANDED_BYTES) /* of all texts of one value */
#define MAX_DEPTH       512
#define TEMPLATE        "template:"
#define SHOWN           80 /* bytes of a placeholder in a message */

void interp_part_fini(struct interp_part *part)
{
    free(part->memory);
    part->memory = NULL;
}

/* Splits the path in place at its dots; `\.` becomes a dot. */
static int split(char *path, struct interp_part *out, struct err *err)
{
    char *to = path;

    out->parts[out->count++] = path;
    for (const char *from = path; *from; from++) {
        if (*from == '\\' && from[1] == '.') {
            *to++ = *++from;
        } else if (*from == '.') {
            *to++ = '\0';
            if (out->count == INTERP_MAX_PARTS)
                return err_set(err, ERR_PLACEHOLDER, "${%.*s}: more than %d keys", SHOWN, out->text, INTERP_MAX_PARTS);
            out->parts[out->count++] = to;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    for (size_t i = 0; i < out->count; i++)
        if (!*out->parts[i])
            return err_set(err, ERR_PLACEHOLDER, "${%.*s}: an empty key; write \\. for a dot inside a key", SHOWN, out->text);
    return 0;
}

/* Reads what stands between the braces. */
static int parse_reference(enum interp_mode mode, const char *inside, size_t len, struct interp_part *out, struct err *err)
{
    char *path, *fallback;

    if (!len)
        return err_set(err, ERR_PLACEHOLDER, "${} is empty");
    if (memchr(inside, '{', len))
        return err_set(err, ERR_PLACEHOLDER, "${%.*s}: braces cannot be nested", (int)(len < SHOWN ? len : SHOWN), inside);
    if (isspace((unsigned char)inside[0]) || isspace((unsigned char)inside[len - 1]))
        return err_set(err, ERR_PLACEHOLDER, "${%.*s}: no spaces at the ends", (int)(len < SHOWN ? len : SHOWN), inside);
    out->memory = mem_alloc(2 * (len + 1));
    memcpy(out->memory, inside, len);
    out->memory[len] = '\0';
    path = out->memory + len + 1;
    memcpy(path, out->memory, len + 1);
    out->text = out->memory;
    fallback = mode == INTERP_WORKFLOW ? strstr(path, ":-") : NULL;
    if (fallback) {
        *fallback = '\0';
        out->fallback = fallback + 2;
    }
    return split(path, out, err);
}

int interp_next(enum interp_mode mode, const char *text, size_t *at, struct interp_part *out, struct err *err)
{
    const char *from = text + *at, *end;

    *out = (struct interp_part){.literal = from, .offset = *at};
    if (!*from)
        return 0;
    if (*from != '$' || (from[1] != '{' && from[1] != '$')) { /* a run without placeholders; a lone $ begins one too */
        out->width = out->len = 1 + strcspn(from + 1, "$");
        *at += out->width;
        return 1;
    }
    if (from[1] == '$') {
        out->len = 1;
        out->width = 2;
        *at += 2;
        return 1;
    }
    end = strchr(from, '}');
    out->width = end ? (size_t)(end - from) + 1 : strlen(from);
    *at += out->width;
    if (!end)
        return err_set(err, ERR_PLACEHOLDER, "%.*s has no closing brace", SHOWN, from);
    if (parse_reference(mode, from + 2, (size_t)(end - from) - 2, out, err) < 0) {
        interp_part_fini(out);
        return -1;
    }
    return 1;
}

/* ---- putting together ---- */

struct builder {
    const struct interp *in;
    const char *source;
    struct buf text; /* while no secret is part of it: the text; afterwards the template's body */
    bool is_template;
    size_t pieces;
    json_t *only; /* the value of the only piece, when that is a placeholder */
    struct err first;
    bool failed;
};

static void fini_builder(struct builder *b)
{
    buf_fini(&b->text);
    json_put(&b->only);
}

static void add_error(struct builder *b, size_t offset, size_t width, const struct err *err)
{
    if (b->in->on_error)
        b->in->on_error(b->in->ctx, b->source, offset, width, err);
    if (!b->failed)
        b->first = *err;
    b->failed = true;
}

static void add_escaped(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        buf_add(out, "$$", text[i] == '$' ? 2 : 0), buf_add(out, text + i, text[i] != '$');
}

/* From now on the text is a template: what there is gets its dollars escaped. */
static void become_template(struct builder *b)
{
    struct buf plain = b->text;

    if (b->is_template)
        return;
    b->is_template = true;
    b->text = BUF_INIT(LIMIT_EXPANDED_BYTES);
    add_escaped(&b->text, buf_text(&plain), plain.len);
    buf_fini(&plain);
}

static void add_text(struct builder *b, const char *text, size_t len)
{
    if (b->is_template)
        add_escaped(&b->text, text, len);
    else
        buf_add(&b->text, text, len);
}

static int add_secret(struct builder *b, const char *reference, struct err *err)
{
    if (strpbrk(reference, "{}") && !str_starts(reference, TEMPLATE))
        return err_set(err, ERR_PLACEHOLDER, "a secret reference with braces cannot be part of a text");
    become_template(b);
    if (str_starts(reference, TEMPLATE)) { /* a template inside a template: its body goes in as it is */
        buf_add_text(&b->text, reference + strlen(TEMPLATE));
    } else {
        buf_add_text(&b->text, "${");
        buf_add_text(&b->text, reference);
        buf_add_text(&b->text, "}");
    }
    return 0;
}

static int add_value(struct builder *b, const struct interp_part *part, const json_t *value, struct err *err)
{
    const char *reference = json_secret_ref(value);

    if (reference)
        return add_secret(b, reference, err);
    if (json_is_string(value)) {
        add_text(b, json_string_value(value), json_string_length(value));
        return 0;
    }
    if (json_has_secret(value))
        return err_set(err, ERR_PLACEHOLDER, "${%.*s} has a secret inside and cannot be written as text; refer to the secret itself", SHOWN,
                       part->text);
    CLEANUP(free_ptr) char *text = json_text(value);
    add_text(b, text, strlen(text));
    return 0;
}

/* The reference's value, or its default. New reference. */
static int resolve(const struct builder *b, const struct interp_part *part, json_t **out, struct err *err)
{
    struct err why = {0};
    json_t *value = NULL;
    int rc = b->in->resolve(b->in->ctx, part->parts, part->count, part->text, &value, &why);

    if (part->fallback && ((rc < 0 && why.code == ERR_UNKNOWN_REFERENCE) || (rc == 0 && json_is_null(value)))) {
        json_put(&value);
        value = json_string(part->fallback);
        rc = 0;
    }
    if (rc < 0) {
        *err = why;
        return -1;
    }
    *out = value;
    return 0;
}

static int add_reference(struct builder *b, const struct interp_part *part, struct err *err)
{
    CLEANUP(json_put) json_t *value = NULL;

    if (resolve(b, part, &value, err) < 0)
        return -1;
    if (b->pieces == 1 && !b->source[part->width]) { /* the whole text is this placeholder */
        if (b->in->mode == INTERP_WORKFLOW || json_secret_ref(value)) {
            b->only = take_ptr(value);
            return 0;
        }
    }
    return add_value(b, part, value, err);
}

static int finish(struct builder *b, json_t **out, struct err *err)
{
    CLEANUP(buf_fini) struct buf reference = BUF_INIT(2 * LIMIT_EXPANDED_BYTES);

    if (b->text.overflow) {
        struct err why = {0};

        err_set(&why, ERR_LIMIT, "an expanded text would have more than %u bytes", LIMIT_EXPANDED_BYTES);
        add_error(b, 0, 1, &why);
    }
    if (b->failed) {
        *err = b->first;
        return -1;
    }
    if (b->only) {
        *out = take_ptr(b->only);
        return 0;
    }
    if (b->is_template) {
        buf_add_text(&reference, TEMPLATE);
        buf_add(&reference, buf_text(&b->text), b->text.len);
        *out = json_secret_new(buf_text(&reference));
        return 0;
    }
    *out = json_string(buf_text(&b->text));
    return 0;
}

int interp_text(const struct interp *in, const char *text, json_t **out, struct err *err)
{
    CLEANUP(fini_builder) struct builder b = {.in = in, .source = text, .text = BUF_INIT(LIMIT_EXPANDED_BYTES)};
    size_t at = 0;
    int more;

    for (;;) {
        CLEANUP(interp_part_fini) struct interp_part part;
        struct err why = {0};

        more = interp_next(in->mode, text, &at, &part, &why);
        if (more == 0)
            break;
        b.pieces++;
        if (more > 0 && !part.count)
            add_text(&b, part.literal, part.len);
        else if (more < 0 || add_reference(&b, &part, &why) < 0)
            add_error(&b, part.offset, part.width, &why);
        if (b.failed && !in->on_error)
            break;
    }
    return finish(&b, out, err);
}

/* ---- whole values ---- */

struct walk {
    const struct interp *in;
    size_t bytes;
    struct err first;
    bool failed;
};

static json_t *walk_value(struct walk *w, const json_t *value, unsigned depth);

static json_t *walk_text(struct walk *w, const char *text)
{
    json_t *out = NULL;
    struct err why = {0};

    if (interp_text(w->in, text, &out, &why) == 0) {
        w->bytes += json_string_length(out);
        if (w->bytes <= MAX_TOTAL_BYTES)
            return out;
        json_put(&out);
        err_set(&why, ERR_LIMIT, "the expanded texts have more than %u bytes together", MAX_TOTAL_BYTES);
    }
    if (!w->failed)
        w->first = why;
    w->failed = true;
    return json_null();
}

static json_t *walk_object(struct walk *w, const json_t *value, unsigned depth)
{
    json_t *out = json_object(), *item;
    const char *key;

    json_object_foreach((json_t *)(uintptr_t)value, key, item)
    {
        if (w->failed && !w->in->on_error)
            break;
        json_object_set_new(out, key, walk_value(w, item, depth + 1));
    }
    return out;
}

static json_t *walk_value(struct walk *w, const json_t *value, unsigned depth)
{
    json_t *out, *item;
    size_t i;

    if (depth > MAX_DEPTH && !w->failed) {
        w->failed = true;
        err_set(&w->first, ERR_LIMIT, "a value is nested deeper than %d levels", MAX_DEPTH);
    }
    if (depth > MAX_DEPTH)
        return json_null();
    if (json_is_string(value))
        return walk_text(w, json_string_value(value));
    if (json_is_object(value) && !json_secret_ref(value))
        return walk_object(w, value, depth);
    if (!json_is_array(value))
        return json_incref((json_t *)(uintptr_t)value);
    out = json_array();
    json_array_foreach(value, i, item)
    {
        if (w->failed && !w->in->on_error)
            break;
        json_array_append_new(out, walk_value(w, item, depth + 1));
    }
    return out;
}

int interp_value(const struct interp *in, const json_t *value, json_t **out, struct err *err)
{
    struct walk w = {.in = in};
    json_t *result = walk_value(&w, value, 0);

    if (w.failed) {
        json_put(&result);
        *err = w.first;
        return -1;
    }
    *out = result;
    return 0;
}

int interp_scan(enum interp_mode mode, const char *text, interp_visit visit, void *ctx, struct err *err)
{
    size_t at = 0;
    int more;

    for (;;) {
        CLEANUP(interp_part_fini) struct interp_part part;

        more = interp_next(mode, text, &at, &part, err);
        if (more <= 0)
            return more;
        if (part.count && visit(ctx, part.parts, part.count, part.text, part.offset, err) < 0)
            return -1;
    }
}

static int scan_value(enum interp_mode mode, const json_t *value, interp_visit visit, void *ctx, unsigned depth, struct err *err)
{
    const char *key;
    json_t *item;
    size_t i;

    if (depth > MAX_DEPTH)
        return err_set(err, ERR_LIMIT, "a value is nested deeper than %d levels", MAX_DEPTH);
    if (json_is_string(value))
        return interp_scan(mode, json_string_value(value), visit, ctx, err);
    if (json_secret_ref(value))
        return 0;
    json_object_foreach((json_t *)(uintptr_t)value, key, item)
    {
        if (scan_value(mode, item, visit, ctx, depth + 1, err) < 0)
            return -1;
    }
    json_array_foreach(value, i, item)
    {
        if (scan_value(mode, item, visit, ctx, depth + 1, err) < 0)
            return -1;
    }
    return 0;
}

int interp_scan_value(enum interp_mode mode, const json_t *value, interp_visit visit, void *ctx, struct err *err)
{
    return scan_value(mode, value, visit, ctx, 0, err);
}
