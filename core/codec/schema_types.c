/* Owns the ready-made types and checks of schema.h, and the way from a table to a JSON Schema. Any thread; no state. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "codec/schema.h"
#include "codec/units.h"
#include <stdio.h>
#include <string.h>

#define MAX_NESTING 64 /* types inside types in one table */

static void report_unit(struct schema_run *run, const struct node *value, const struct err *why, const char *noun, const char *fallback)
{
    const char *name = schema_name(run);
    char hint[128];
    const char *help = why->code == ERR_QUANTITY ? quantity_hint(value->text, hint) : NULL;

    schema_report(run, value, why->code, help ? help : fallback, "%s%s\"%.80s\" is no %s", name, *name ? " " : "", value->text, noun);
}

void schema_check_duration(struct schema_run *run, const struct node *value)
{
    struct err why = {0};
    int64_t ms;

    if (value->kind == NODE_STRING && duration_parse(value->text, &ms, &why) < 0)
        report_unit(run, value, &why, "duration", "write 30s, 5m, 1h30m or 24h");
}

void schema_check_bytes(struct schema_run *run, const struct node *value)
{
    struct err why = {0};
    int64_t bytes;

    if (value->kind == NODE_STRING && bytes_parse(value->text, &bytes, &why) < 0)
        report_unit(run, value, &why, "size", "write 64MiB, 1.5Gi or 500M");
}

const struct schema_type schema_anything = {.kinds = SCHEMA_ANY};
const struct schema_type schema_string = {.kinds = SCHEMA_STRING};
const struct schema_type schema_text = {.kinds = SCHEMA_STRING, .min_chars = 1};
const struct schema_type schema_bool = {.kinds = SCHEMA_BOOL};
const struct schema_type schema_strings = {.kinds = SCHEMA_LIST, .items = &schema_string};
const struct schema_type schema_string_map = {.kinds = SCHEMA_MAP, .each = &schema_string};
const struct schema_type schema_free_map = {.kinds = SCHEMA_MAP};
const struct schema_type schema_duration = {
    .kinds = SCHEMA_STRING, .what = "a duration", .help = "write 30s, 5m, 1h30m or 24h", .check = schema_check_duration};
const struct schema_type schema_bytes = {
    .kinds = SCHEMA_STRING, .what = "a size", .help = "write 64MiB, 1.5Gi or 500M", .check = schema_check_bytes};
const struct schema_type schema_label = {.kinds = SCHEMA_STRING,
                                         .what = "a name",
                                         .help = "use 2 to 63 of a-z, 0-9 and '-', not '-' at the ends",
                                         .matches = str_is_label,
                                         .code = ERR_BAD_NAME};

/* ---- JSON Schema ---- */

/* The types that are being written, innermost last: one that meets itself becomes a definition. */
struct writer {
    const struct schema_type *open[MAX_NESTING];
    int names[MAX_NESTING]; /* number of its definition, 0: none needed so far */
    size_t depth;
    int last_name;
    json_t *defs;
};

static json_t *write_type(struct writer *w, const struct schema_type *type);

static json_t *reference(int name)
{
    char text[48];

    snprintf(text, sizeof text, "#/$defs/type%d", name);
    return json_pack("{s:s}", "$ref", text);
}

static void write_kinds(json_t *out, unsigned kinds)
{
    static const struct {
        unsigned mask;
        const char *name;
    } names[] = {{SCHEMA_STRING, "string"}, {1u << NODE_REAL, "number"}, {SCHEMA_INT | SCHEMA_INTEGRAL, "integer"},
                 {SCHEMA_BOOL, "boolean"},  {SCHEMA_LIST, "array"},      {SCHEMA_MAP, "object"},
                 {SCHEMA_NULL, "null"}};
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((kinds & names[i].mask) && !(names[i].mask == (SCHEMA_INT | SCHEMA_INTEGRAL) && (kinds & (1u << NODE_REAL))))
            json_append_str(list, names[i].name);
    if (json_array_size(list) == 1)
        json_object_set(out, "type", json_array_get(list, 0));
    else if (json_array_size(list) > 1)
        json_object_set(out, "type", list);
    json_decref(list);
}

static json_t *write_names(const char *const *names)
{
    json_t *list = json_array();

    for (; *names; names++)
        json_append_str(list, *names);
    return list;
}

static void write_scalar(json_t *out, const struct schema_type *type)
{
    if (type->what || type->help) {
        char text[400];

        snprintf(text, sizeof text, "%s%s%s", type->what ? type->what : "", type->what && type->help ? ": " : "",
                 type->help ? type->help : "");
        json_set_str(out, "description", text);
    }
    if (type->values)
        json_set_new(out, "enum", write_names(type->values));
    if (type->min_chars)
        json_set_int(out, "minLength", (int64_t)type->min_chars);
    if (type->max_chars)
        json_set_int(out, "maxLength", (int64_t)type->max_chars);
    if (type->min < type->max) {
        json_set_int(out, "minimum", type->min);
        json_set_int(out, "maximum", type->max);
    }
}

static void write_groups(json_t *out, const struct schema_group *groups)
{
    static const char *const words[] = {[SCHEMA_ONE_OF] = "oneOf", [SCHEMA_ANY_OF] = "anyOf"};
    json_t *all = json_array();

    for (; groups && groups->rule != SCHEMA_NO_RULE; groups++) {
        json_t *choices = json_array();

        for (const char *const *name = groups->names; *name; name++)
            json_array_append_new(choices, json_pack("{s:[s]}", "required", *name));
        if (groups->rule == SCHEMA_AT_MOST_ONE) /* one of them, or none */
            json_array_append_new(all, json_pack("{s:[{s:o},{s:{s:O}}]}", "oneOf", "oneOf", choices, "not", "anyOf", choices));
        else
            json_array_append_new(all, json_pack("{s:o}", words[groups->rule], choices));
    }
    if (json_array_size(all))
        json_object_set(out, "allOf", all);
    json_decref(all);
}

static void write_fields(struct writer *w, json_t *out, const struct schema_type *type)
{
    json_t *properties = json_object(), *required = json_array();

    for (const struct schema_field *f = type->fields; f && f->name; f++) {
        json_t *field = write_type(w, f->type);

        json_set_str(field, "description", f->about);
        if (f->flags & (SCHEMA_DEPRECATED | SCHEMA_RENAMED))
            json_set_flag(field, "deprecated", true);
        json_set_new(properties, f->name, field);
        if (f->flags & SCHEMA_REQUIRED)
            json_append_str(required, f->name);
    }
    if (type->fields)
        json_object_set(out, "properties", properties);
    if (json_array_size(required))
        json_object_set(out, "required", required);
    json_decref(properties);
    json_decref(required);
    if (type->each)
        json_set_new(out, "additionalProperties", write_type(w, type->each));
    else if (type->fields && !type->open)
        json_set_flag(out, "additionalProperties", false);
    if (type->key)
        json_set_new(out, "propertyNames", write_type(w, type->key));
    write_groups(out, type->groups);
}

static json_t *write_type(struct writer *w, const struct schema_type *type)
{
    json_t *out;
    size_t at;

    for (size_t i = 0; i < w->depth; i++)
        if (w->open[i] == type) {
            if (!w->names[i])
                w->names[i] = ++w->last_name;
            return reference(w->names[i]);
        }
    out = json_object();
    if (w->depth == MAX_NESTING)
        return out;
    at = w->depth++;
    w->open[at] = type;
    w->names[at] = 0;
    write_kinds(out, type->kinds);
    write_scalar(out, type);
    if (type->items)
        json_set_new(out, "items", write_type(w, type->items));
    write_fields(w, out, type);
    w->depth--;
    if (w->names[at]) {
        char name[32];

        snprintf(name, sizeof name, "type%d", w->names[at]);
        json_set_new(w->defs, name, out);
        return reference(w->names[at]);
    }
    return out;
}

json_t *schema_to_json(const struct schema_type *type, const char *id, const char *title)
{
    struct writer w = {.defs = json_object()};
    json_t *out = json_object(), *body;

    json_set_str(out, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_set_str(out, "$id", id);
    json_set_str(out, "title", title);
    body = write_type(&w, type);
    json_object_update(out, body);
    json_decref(body);
    if (json_object_size(w.defs))
        json_object_set(out, "$defs", w.defs);
    json_decref(w.defs);
    return out;
}
