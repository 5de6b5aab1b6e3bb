/* Owns params that are made out of a schema: good ones to try a plugin with, and bad ones that it must refuse. Pure. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/check.h"
#include "codec/json_schema.h"
#include <string.h>

#define MAX_BAD   48
#define MAX_DEPTH 8

static bool fits(const json_t *schema, const json_t *value) { return json_schema_validate(schema, value, false, NULL, NULL) == 0; }

/* ---- good ones ---- */

static json_t *derive(const json_t *schema, int depth);

static bool is_required(const json_t *schema, const char *name)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(schema, "required"), i, item) if (str_eq(json_string_value(item), name)) return true;
    return false;
}

static json_t *said(const json_t *schema)
{
    const json_t *value = json_array_get(json_object_get(schema, "examples"), 0);

    if (!value)
        value = json_object_get(schema, "default");
    if (!value)
        value = json_object_get(schema, "const");
    if (!value)
        value = json_array_get(json_object_get(schema, "enum"), 0);
    return json_clone(value);
}

/* Values that people mean, and those at the schema's own edges; the first that fits is taken. */
static json_t *guess(const json_t *schema)
{
    static const char *const texts[] = {
        "example",           "a",    "aaaaaaaa",   "1", "1Gi", "10m", "0755", "1.0.0", "a-b", "A", "example.com", "a@example.com",
        "http://localhost/", "/tmp", "2026-01-01", ""};
    static const char *const edges[] = {"minimum", "maximum", "multipleOf"};
    CLEANUP(json_put) json_t *list = json_array();
    const json_t *value;
    size_t i;

    for (i = 0; i < sizeof texts / sizeof *texts; i++)
        json_append_str(list, texts[i]);
    for (i = 0; i < sizeof edges / sizeof *edges; i++)
        if (json_is_number(json_object_get(schema, edges[i])))
            json_array_append_new(list, json_clone(json_object_get(schema, edges[i])));
    json_array_append_new(list, json_integer(json_int(schema, "exclusiveMinimum", 0) + 1));
    json_array_append_new(list, json_integer(json_int(schema, "exclusiveMaximum", 0) - 1));
    for (i = 0; i < 3; i++)
        json_array_append_new(list, json_integer((json_int_t)i));
    json_array_append_new(list, json_true());
    json_array_append_new(list, json_pack("[s]", "example"));
    json_array_append_new(list, json_array());
    json_array_append_new(list, json_object());
    if (json_int(schema, "minLength", 0) > 0 && json_int(schema, "minLength", 0) < 4096) {
        CLEANUP(free_ptr) char *text = mem_zalloc((size_t)json_int(schema, "minLength", 0) + 1);

        memset(text, 'a', (size_t)json_int(schema, "minLength", 0));
        json_append_str(list, text);
    }
    json_array_foreach(list, i, value) if (fits(schema, value)) return json_clone(value);
    return NULL;
}

static json_t *derive_object(const json_t *schema, int depth)
{
    json_t *made = json_object(), *property;
    const char *name;

    json_object_foreach(json_object_get(schema, "properties"), name, property)
    {
        bool is_said = json_object_get(property, "examples") || json_object_get(property, "default");

        if (is_required(schema, name) || is_said)
            json_set_new(made, name, derive(property, depth + 1));
    }
    return made;
}

static json_t *derive_array(const json_t *schema, int depth)
{
    json_t *made = json_array();

    for (int64_t i = 0; i < json_int(schema, "minItems", 0) && i < 64; i++) {
        json_t *item = json_object_get(schema, "items") ? derive(json_object_get(schema, "items"), depth + 1) : json_string("example");

        if (item)
            json_array_append_new(made, item);
    }
    return made;
}

static json_t *derive(const json_t *schema, int depth)
{
    const char *type = json_str(schema, "type");
    json_t *value = said(schema);

    if (value || depth > MAX_DEPTH)
        return value;
    if (str_eq(type, "object") || json_object_get(schema, "properties") || (!type && depth == 0))
        value = derive_object(schema, depth);
    else if (str_eq(type, "array"))
        value = derive_array(schema, depth);
    if (value && fits(schema, value))
        return value;
    json_decref(value);
    return guess(schema);
}

json_t *check_params_valid(const json_t *schema)
{
    json_t *made = schema ? derive(schema, 0) : json_object();

    if (json_is_object(made) && (!schema || fits(schema, made)))
        return made;
    json_decref(made);
    return NULL;
}

/* ---- bad ones ---- */

struct bad {
    const json_t *schema, *valid;
    json_t *list;
};

/* Takes the params over. */
static void add(struct bad *b, json_t *params, char *why)
{
    CLEANUP(free_ptr) char *owned = why;
    CLEANUP(json_put) json_t *taken = params;

    if (json_array_size(b->list) < MAX_BAD && !fits(b->schema, taken))
        json_array_append_new(b->list, json_pack("{s:s, s:O}", "why", owned, "params", taken));
}

/* One member set to the value, which is taken over. */
static void try_value(struct bad *b, const char *name, json_t *value)
{
    json_t *params = json_clone(b->valid);
    CLEANUP(free_ptr) char *text = json_text(value);

    json_object_set_new(params, name, value);
    add(b, params, mem_printf("%s: %.60s%s", name, text, strlen(text) > 60 ? "..." : ""));
}

static void try_types(struct bad *b, const char *name, const json_t *property)
{
    json_t *const values[] = {json_integer(42),  json_string("wrong"),         json_true(),
                              json_pack("[[]]"), json_pack("{s:{}}", "wrong"), json_real(1.5)};
    size_t found = 0;

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (found < 2 && !fits(property, values[i])) {
            found++;
            try_value(b, name, json_incref(values[i]));
        }
        json_decref(values[i]);
    }
}

/* Just outside of what the schema allows. */
static void try_edges(struct bad *b, const char *name, const json_t *property)
{
    const json_t *least = json_object_get(property, "minimum"), *most = json_object_get(property, "maximum");
    int64_t length = json_int(property, "maxLength", -1), items = json_int(property, "maxItems", -1);

    if (json_is_number(least))
        try_value(b, name, json_is_integer(least) ? json_integer(json_integer_value(least) - 1) : json_real(json_number_value(least) - 1));
    if (json_is_number(most))
        try_value(b, name, json_is_integer(most) ? json_integer(json_integer_value(most) + 1) : json_real(json_number_value(most) + 1));
    if (length >= 0 && length < 65536) {
        CLEANUP(free_ptr) char *text = mem_zalloc((size_t)length + 2);

        memset(text, 'a', (size_t)length + 1);
        try_value(b, name, json_string(text));
    }
    if (items >= 0 && items < 1024) {
        json_t *list = json_array();

        for (int64_t i = 0; i <= items; i++)
            json_array_append_new(list, json_sprintf("a%d", (int)i));
        try_value(b, name, list);
    }
    if (json_object_get(property, "pattern") || json_object_get(property, "enum")) {
        try_value(b, name, json_string("\n no such value \n"));
        try_value(b, name, json_string(""));
    }
    if (json_int(property, "minLength", 0) > 0)
        try_value(b, name, json_string(""));
    if (json_int(property, "minItems", 0) > 0)
        try_value(b, name, json_array());
}

json_t *check_params_bad(const json_t *schema, const json_t *valid)
{
    struct bad b = {schema, valid, json_array()};
    json_t *property, *item;
    const char *name;
    size_t i;

    json_object_foreach(json_object_get(schema, "properties"), name, property)
    {
        try_types(&b, name, property);
        try_edges(&b, name, property);
    }
    json_array_foreach(json_object_get(schema, "required"), i, item)
    {
        json_t *params = json_clone(valid);

        json_object_del(params, json_string_value(item));
        add(&b, params, mem_printf("no %s", json_string_value(item)));
    }
    try_value(&b, "no-such-param", json_integer(1));
    add(&b, json_array(), mem_strdup("a list in place of an object"));
    return b.list;
}
