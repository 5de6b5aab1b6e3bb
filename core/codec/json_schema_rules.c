/* What each keyword of a JSON Schema asks of a value. Pure; called by the walk of json_schema.c. */
#include "base/cleanup.h"
#include "base/str.h"
#include "codec/json_schema_priv.h"
#include <regex.h>
#include <stdlib.h>
#include <string.h>

static void problem(struct schema_walk *run, enum err_code code, const char *help, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static void problem(struct schema_walk *run, enum err_code code, const char *help, const char *fmt, ...)
{
    char text[400];
    va_list ap;

    run->problems++;
    if (!run->report)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    run->report(run->ctx, code, buf_text(&run->path), help, text);
}

/* ---- types ---- */

/* Also 3.0 is a whole number (JSON Schema, 6.1.1). */
static bool whole_of(const json_t *value, int64_t *out)
{
    double real = json_number_value(value);

    if (json_is_integer(value)) {
        *out = json_integer_value(value);
        return true;
    }
    if (!json_is_real(value) || !(real > -9e18 && real < 9e18))
        return false;
    *out = (int64_t)real;
    return !((double)*out < real) && !((double)*out > real);
}

static bool is_whole(const json_t *v)
{
    int64_t ignored;

    return whole_of(v, &ignored);
}
static bool is_object(const json_t *v) { return json_is_object(v); }
static bool is_array(const json_t *v) { return json_is_array(v); }
static bool is_string(const json_t *v) { return json_is_string(v); }
static bool is_number(const json_t *v) { return json_is_number(v); }
static bool is_boolean(const json_t *v) { return json_is_boolean(v); }
static bool is_null(const json_t *v) { return json_is_null(v); }

static const struct {
    const char *name, *article;
    bool (*is)(const json_t *value);
} types[] = {
    {"object", "a map", is_object},    {"array", "a list", is_array},
    {"string", "a text", is_string},   {"integer", "a whole number", is_whole},
    {"number", "a number", is_number}, {"boolean", "true or false", is_boolean},
    {"null", "null", is_null},
};

static size_t type_index(const char *name)
{
    size_t i = 0;

    while (i < sizeof types / sizeof *types && !str_eq(types[i].name, name))
        i++;
    return i;
}

static bool has_type(const json_t *value, const char *name)
{
    size_t i = type_index(name);

    return i < sizeof types / sizeof *types && types[i].is(value);
}

/* ---- keywords against a value ---- */

void schema_hold_type(struct schema_walk *run, const json_t *schema, const json_t *wanted, const json_t *value)
{
    CLEANUP(buf_fini) struct buf names = BUF_INIT(MAX_TEXT_BYTES);
    const json_t *one;
    size_t i;

    (void)schema;
    if (json_is_string(wanted)) {
        if (!has_type(value, json_string_value(wanted)))
            problem(run, ERR_WRONG_TYPE, NULL, "is not %s", types[type_index(json_string_value(wanted))].article);
        return;
    }
    json_array_foreach(wanted, i, one)
    {
        if (has_type(value, json_string_value(one)))
            return;
        buf_printf(&names, "%s%s", i ? " or " : "", types[type_index(json_string_value(one))].article);
    }
    problem(run, ERR_WRONG_TYPE, NULL, "is not %s", buf_text(&names));
}

void schema_hold_enum(struct schema_walk *run, const json_t *schema, const json_t *values, const json_t *value)
{
    CLEANUP(buf_fini) struct buf names = BUF_INIT(MAX_TEXT_BYTES);
    const json_t *one;
    size_t i;

    (void)schema;
    json_array_foreach(values, i, one)
    {
        CLEANUP(free_ptr) char *text = NULL;

        if (json_equal(one, value))
            return;
        text = json_is_string(one) ? NULL : json_dump_text(one, JSON_COMPACT | JSON_ENCODE_ANY);
        buf_printf(&names, "%s%s", i ? ", " : "", text ? text : json_string_value(one));
    }
    problem(run, ERR_BAD_VALUE, NULL, "is none of %.300s", buf_text(&names));
}

void schema_hold_const(struct schema_walk *run, const json_t *schema, const json_t *wanted, const json_t *value)
{
    CLEANUP(free_ptr) char *text = json_dump_text(wanted, JSON_COMPACT | JSON_ENCODE_ANY);

    (void)schema;
    if (!json_equal(wanted, value))
        problem(run, ERR_BAD_VALUE, NULL, "is not %.300s", text ? text : "?");
}

/* Into one member: key or index is put behind the path. JSON pointers escape '~' and '/' (RFC 6901). */
static void hold_inside(struct schema_walk *run, const json_t *schema, const char *key, size_t index, const json_t *value)
{
    size_t len = run->path.len;

    buf_add_char(&run->path, '/');
    for (; key && *key; key++)
        if (*key == '~' || *key == '/')
            buf_add_text(&run->path, *key == '~' ? "~0" : "~1");
        else
            buf_add_char(&run->path, *key);
    if (!key)
        buf_printf(&run->path, "%zu", index);
    json_schema_hold(run, schema, value);
    run->path.len = len;
    if (run->path.data)
        run->path.data[len] = '\0';
}

void schema_hold_properties(struct schema_walk *run, const json_t *schema, const json_t *properties, const json_t *value)
{
    const char *key;
    const json_t *inner;

    (void)schema;
    json_object_foreach((json_t *)properties, key, inner)
    {
        const json_t *member = json_object_get(value, key);

        if (member)
            hold_inside(run, inner, key, 0, member);
    }
}

static const char *near_property(const json_t *properties, const char *key)
{
    CLEANUP(free_ptr) const char **names = calloc(json_object_size(properties) + 1, sizeof *names);
    const char *name;
    const json_t *inner;
    size_t count = 0;

    if (!names)
        return NULL;
    json_object_foreach((json_t *)properties, name, inner) names[count++] = name;
    return str_closest(key, names);
}

static void unknown_property(struct schema_walk *run, const json_t *properties, const char *key)
{
    const char *near = near_property(properties, key), *name;
    CLEANUP(buf_fini) struct buf help = BUF_INIT(MAX_TEXT_BYTES);
    const json_t *inner;
    bool first = true;

    if (near)
        buf_printf(&help, "did you mean \"%s\"?", near);
    else
        json_object_foreach((json_t *)properties, name, inner)
        {
            buf_printf(&help, "%s%s", first ? "known: " : ", ", name);
            first = false;
        }
    problem(run, ERR_UNKNOWN_FIELD, help.len ? buf_text(&help) : NULL, "has no field \"%.60s\"", key);
}

void schema_hold_additional(struct schema_walk *run, const json_t *schema, const json_t *rule, const json_t *value)
{
    const json_t *properties = json_object_get(schema, "properties"), *member;
    const char *key;

    if (json_is_true(rule))
        return;
    json_object_foreach((json_t *)value, key, member)
    {
        if (json_object_get(properties, key))
            continue;
        if (json_is_object(rule))
            hold_inside(run, rule, key, 0, member);
        else
            unknown_property(run, properties, key);
    }
}

void schema_hold_required(struct schema_walk *run, const json_t *schema, const json_t *names, const json_t *value)
{
    const json_t *name;
    size_t i;

    (void)schema;
    json_array_foreach(names, i, name)
    {
        if (!json_object_get(value, json_string_value(name)))
            problem(run, ERR_MISSING_FIELD, NULL, "needs \"%s\"", json_string_value(name));
    }
}

void schema_hold_items(struct schema_walk *run, const json_t *schema, const json_t *inner, const json_t *value)
{
    const json_t *item;
    size_t i;

    (void)schema;
    json_array_foreach(value, i, item) hold_inside(run, inner, NULL, i, item);
}

void schema_hold_unique(struct schema_walk *run, const json_t *schema, const json_t *rule, const json_t *value)
{
    (void)schema;
    if (!json_is_true(rule))
        return;
    for (size_t i = 0; i < json_array_size(value); i++)
        for (size_t j = 0; j < i; j++)
            if (json_equal(json_array_get(value, i), json_array_get(value, j))) {
                problem(run, ERR_BAD_VALUE, NULL, "has the same item twice (%zu and %zu)", j, i);
                return;
            }
}

/* "at least 1 item": what is counted depends on the keyword's name. */
static void hold_count(struct schema_walk *run, size_t count, const char *what, bool least, const json_t *limit)
{
    json_int_t wanted = json_integer_value(limit);

    if (least ? (json_int_t)count < wanted : (json_int_t)count > wanted)
        problem(run, ERR_BAD_VALUE, NULL, "has %zu %s%s, %s %lld", count, what, count == 1 ? "" : "s",
                least ? "needs at least" : "may have at most", (long long)wanted);
}

static size_t characters(const json_t *text)
{
    const char *at = json_string_value(text);
    size_t count = 0, len = json_string_length(text);

    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)at[i] & 0xc0) != 0x80;
    return count;
}

#define COUNTER(name, expression, what, least)                                                                                             \
    void name(struct schema_walk *run, const json_t *schema, const json_t *limit, const json_t *value)                                     \
    {                                                                                                                                      \
        (void)schema;                                                                                                                      \
        hold_count(run, expression, what, least, limit);                                                                                   \
    }
COUNTER(schema_hold_min_length, characters(value), "character", true)
COUNTER(schema_hold_max_length, characters(value), "character", false)
COUNTER(schema_hold_min_items, json_array_size(value), "item", true)
COUNTER(schema_hold_max_items, json_array_size(value), "item", false)
COUNTER(schema_hold_min_properties, json_object_size(value), "field", true)
COUNTER(schema_hold_max_properties, json_object_size(value), "field", false)

void schema_hold_pattern(struct schema_walk *run, const json_t *schema, const json_t *pattern, const json_t *value)
{
    const json_t *one = json_array_get(json_object_get(schema, "examples"), 0);
    char example[120] = "";
    regex_t regex;
    bool fits;

    one = one ? one : json_object_get(schema, "default");
    if (json_is_string(one) && json_string_length(one) < 80)
        snprintf(example, sizeof example, "such as %s", json_string_value(one));
    if (json_string_length(value) > MAX_MATCHED_BYTES || strlen(json_string_value(value)) != json_string_length(value)) {
        problem(run, ERR_BAD_VALUE, NULL, "is too long a text or has a NUL in it");
        return;
    }
    if (regcomp(&regex, json_string_value(pattern), REG_EXTENDED | REG_NOSUB) != 0) {
        problem(run, ERR_BAD_VALUE, NULL, "cannot be looked at: its pattern is none");
        return;
    }
    fits = regexec(&regex, json_string_value(value), 0, NULL, 0) == 0;
    regfree(&regex);
    if (!fits)
        problem(run, ERR_BAD_VALUE, example[0] ? example : NULL, "does not match %.200s", json_string_value(pattern));
}

void schema_hold_minimum(struct schema_walk *run, const json_t *schema, const json_t *limit, const json_t *value)
{
    (void)schema;
    if (json_number_value(value) < json_number_value(limit))
        problem(run, ERR_BAD_VALUE, NULL, "is less than %g", json_number_value(limit));
}

void schema_hold_maximum(struct schema_walk *run, const json_t *schema, const json_t *limit, const json_t *value)
{
    (void)schema;
    if (json_number_value(value) > json_number_value(limit))
        problem(run, ERR_BAD_VALUE, NULL, "is more than %g", json_number_value(limit));
}

void schema_hold_above(struct schema_walk *run, const json_t *schema, const json_t *limit, const json_t *value)
{
    (void)schema;
    if (json_number_value(value) <= json_number_value(limit))
        problem(run, ERR_BAD_VALUE, NULL, "is not more than %g", json_number_value(limit));
}

void schema_hold_below(struct schema_walk *run, const json_t *schema, const json_t *limit, const json_t *value)
{
    (void)schema;
    if (json_number_value(value) >= json_number_value(limit))
        problem(run, ERR_BAD_VALUE, NULL, "is not less than %g", json_number_value(limit));
}

void schema_hold_multiple(struct schema_walk *run, const json_t *schema, const json_t *of, const json_t *value)
{
    int64_t whole = 0;

    (void)schema;
    if (!whole_of(value, &whole) || whole % json_integer_value(of) != 0)
        problem(run, ERR_BAD_VALUE, NULL, "is no multiple of %lld", (long long)json_integer_value(of));
}

/* How many of the schemas does it fit? Says nothing. */
static size_t fitting(const struct schema_walk *run, const json_t *schemas, const json_t *value)
{
    const json_t *one;
    size_t i, count = 0;

    json_array_foreach(schemas, i, one)
    {
        struct schema_walk quiet = {.path = BUF_INIT(MAX_PATH_BYTES), .open_placeholders = run->open_placeholders, .depth = run->depth};

        count += json_schema_hold(&quiet, one, value) == 0;
        buf_fini(&quiet.path);
    }
    return count;
}

void schema_hold_all_of(struct schema_walk *run, const json_t *schema, const json_t *schemas, const json_t *value)
{
    const json_t *one;
    size_t i;

    (void)schema;
    json_array_foreach(schemas, i, one) json_schema_hold(run, one, value);
}

void schema_hold_any_of(struct schema_walk *run, const json_t *schema, const json_t *schemas, const json_t *value)
{
    (void)schema;
    if (fitting(run, schemas, value) == 0)
        problem(run, ERR_BAD_VALUE, NULL, "fits none of the %zu forms that are allowed", json_array_size(schemas));
}

void schema_hold_one_of(struct schema_walk *run, const json_t *schema, const json_t *schemas, const json_t *value)
{
    size_t count = fitting(run, schemas, value);

    (void)schema;
    if (count != 1)
        problem(run, ERR_BAD_VALUE, NULL, "fits %zu of the %zu forms of which it must be exactly one", count, json_array_size(schemas));
}

void schema_hold_not(struct schema_walk *run, const json_t *schema, const json_t *inner, const json_t *value)
{
    struct schema_walk quiet = {.path = BUF_INIT(MAX_PATH_BYTES), .open_placeholders = run->open_placeholders, .depth = run->depth};

    (void)schema;
    if (json_schema_hold(&quiet, inner, value) == 0)
        problem(run, ERR_BAD_VALUE, NULL, "has a form that is not allowed");
    buf_fini(&quiet.path);
}

bool json_schema_is_type(const char *name) { return type_index(name) < sizeof types / sizeof *types; }
