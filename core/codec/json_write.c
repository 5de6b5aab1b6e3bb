/* Owns writing JSON as text without spaces: the same bytes as jansson's json_dumps but for shorter real numbers. jansson looks every value
 * up in a table of its parents and formats each piece by snprintf; ours are trees of bounded depth. Pure; any thread. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "codec/json.h"
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 512
#define KEYS_INLINE 16
#define WHOLE_MOST  1e15 /* larger ones are written with an exponent */

struct out {
    char *data;
    size_t len, cap;
    bool sorted;
};

static void write_value(struct out *out, const json_t *value);

static char *reserve(struct out *out, size_t bytes)
{
    if (out->cap - out->len < bytes) {
        out->cap = 2 * out->cap + bytes; /* of what is in memory already: it does not overflow */
        out->data = mem_realloc(out->data, out->cap);
    }
    return out->data + out->len;
}

static void add(struct out *out, const char *bytes, size_t len)
{
    memcpy(reserve(out, len), bytes, len);
    out->len += len;
}

static void add_char(struct out *out, char c)
{
    *reserve(out, 1) = c;
    out->len++;
}

/* ---- texts ---- */

static void add_escape(struct out *out, unsigned char c)
{
    static const char short_ones[] = "\"\"\\\\\bb\ff\nn\rr\tt", hex[] = "0123456789ABCDEF";
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

    for (const char *at = short_ones; *at; at += 2)
        if ((unsigned char)*at == c) {
            text[1] = at[1];
            add(out, text, 2);
            return;
        }
    add(out, text, sizeof text);
}

static void write_text(struct out *out, const char *text, size_t len)
{
    const char *end = text + len, *plain = text;

    add_char(out, '"');
    for (const char *c = text; c < end; c++) {
        if ((unsigned char)*c >= 0x20 && *c != '"' && *c != '\\')
            continue;
        add(out, plain, (size_t)(c - plain));
        add_escape(out, (unsigned char)*c);
        plain = c + 1;
    }
    add(out, plain, (size_t)(end - plain));
    add_char(out, '"');
}

/* ---- numbers ---- */

static void write_integer(struct out *out, json_int_t value)
{
    char text[24], *at = text + sizeof text;
    unsigned long long left = value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value;

    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (value < 0)
        *--at = '-';
    add(out, at, (size_t)(text + sizeof text - at));
}

char *json_dump_text(const json_t *value, size_t flags)
{
    size_t len = json_dumpb(value, NULL, 0, flags);
    char *text;

    if (!len)
        return NULL;
    text = mem_alloc(len + 1);
    json_dumpb(value, text, len, flags);
    text[len] = '\0';
    return text;
}

/* With the fewest digits that are read back as the same number (0.6, not 0.59999999999999998). */
static void write_fraction(struct out *out, const json_t *value)
{
    static const size_t digits[] = {15, 16, 17};

    for (size_t i = 0; i < sizeof digits / sizeof *digits; i++) {
        CLEANUP(free_ptr) char *text = json_dump_text(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits[i]));
        double back;

        if (!text)
            mem_die(0);
        back = strtod(text, NULL);
        if (digits[i] < 17 && (back < json_real_value(value) || back > json_real_value(value)))
            continue;
        add(out, text, strlen(text));
        return;
    }
}

/* Fractions are rare, so jansson writes them. */
static void write_real(struct out *out, const json_t *value)
{
    double real = json_real_value(value);

    if (real < 1 || real >= WHOLE_MOST || (double)(json_int_t)real < real) {
        write_fraction(out, value);
        return;
    }
    write_integer(out, (json_int_t)real);
    add(out, ".0", 2);
}

/* ---- objects and arrays ---- */

struct member {
    const char *key;
    size_t len;
    const json_t *value;
};

static int by_key(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->key, y->key, len);

    return order ? order : x->len < y->len ? -1 : x->len > y->len;
}

static void write_member(struct out *out, const struct member *member, bool first)
{
    if (!first)
        add_char(out, ',');
    write_text(out, member->key, member->len);
    add_char(out, ':');
    write_value(out, member->value);
}

static struct member member_at(void *iter)
{
    return (struct member){json_object_iter_key(iter), json_object_iter_key_len(iter), json_object_iter_value(iter)};
}

static void write_sorted(struct out *out, json_t *object)
{
    struct member few[KEYS_INLINE];
    size_t count = json_object_size(object), at = 0;
    CLEANUP(free_ptr) struct member *many = count > KEYS_INLINE ? mem_array(count, sizeof *many) : NULL;
    struct member *members = many ? many : few;

    for (void *iter = json_object_iter(object); iter; iter = json_object_iter_next(object, iter))
        members[at++] = member_at(iter);
    qsort(members, count, sizeof *members, by_key);
    for (at = 0; at < count; at++)
        write_member(out, &members[at], at == 0);
}

static void write_object(struct out *out, json_t *object)
{
    bool first = true;

    add_char(out, '{');
    if (out->sorted)
        write_sorted(out, object);
    else
        for (void *iter = json_object_iter(object); iter; iter = json_object_iter_next(object, iter)) {
            struct member member = member_at(iter);

            write_member(out, &member, first);
            first = false;
        }
    add_char(out, '}');
}

static void write_array(struct out *out, const json_t *array)
{
    add_char(out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i)
            add_char(out, ',');
        write_value(out, json_array_get(array, i));
    }
    add_char(out, ']');
}

static void write_value(struct out *out, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        write_object(out, (json_t *)(uintptr_t)value);
        break;
    case JSON_ARRAY:
        write_array(out, value);
        break;
    case JSON_STRING:
        write_text(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        write_integer(out, json_integer_value(value));
        break;
    case JSON_REAL:
        write_real(out, value);
        break;
    case JSON_TRUE:
        add(out, "true", 4);
        break;
    case JSON_FALSE:
        add(out, "false", 5);
        break;
    case JSON_NULL:
        add(out, "null", 4);
        break;
    }
}

static char *write_all(const json_t *value, bool sorted)
{
    struct out out = {.data = mem_alloc(FIRST_BYTES), .cap = FIRST_BYTES, .sorted = sorted};

    if (value)
        write_value(&out, value);
    else
        add(&out, "null", 4);
    add_char(&out, '\0');
    return out.data;
}

char *json_canonical(const json_t *value) { return write_all(value, true); }
char *json_text(const json_t *value) { return write_all(value, false); }

/* ---- how much it would be ---- */

#define MOST_NUMBER_BYTES 32
#define MOST_ESCAPE_BYTES 6

static size_t most_of_text(const char *text, size_t len)
{
    size_t bytes = len + 2;

    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == '"' || text[i] == '\\' || text[i] == 0x7f)
            bytes += MOST_ESCAPE_BYTES - 1;
    return bytes;
}

size_t json_text_most(const json_t *value)
{
    size_t bytes = 2, i;
    const char *key;
    const json_t *inner;

    switch (json_typeof(value)) {
    case JSON_OBJECT:
        json_object_foreach((json_t *)(uintptr_t)value, key, inner) bytes += most_of_text(key, strlen(key)) + 2 + json_text_most(inner);
        return bytes;
    case JSON_ARRAY:
        json_array_foreach(value, i, inner) bytes += 1 + json_text_most(inner);
        return bytes;
    case JSON_STRING:
        return most_of_text(json_string_value(value), json_string_length(value));
    default:
        return MOST_NUMBER_BYTES;
    }
}
