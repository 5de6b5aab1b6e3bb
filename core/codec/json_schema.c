/* Holds JSON values against schemas that plugins wrote: one table of keywords, with the form that each must have in a schema and the rule
 * that it is for values (json_schema_rules.c). Pure. */
#include "base/limits.h"
#include "base/str.h"
#include "codec/json_schema_priv.h"
#include <ctype.h>
#include <regex.h>
#include <string.h>

#define MAX_PATTERN_CHARS 512

/* ---- keywords against the schema ---- */

static int check(const json_t *schema, int depth, struct err *err);

static bool form_type(const json_t *v)
{
    const json_t *one;
    size_t i;

    if (json_is_string(v))
        return json_schema_is_type(json_string_value(v));
    json_array_foreach(v, i, one)
    {
        if (!json_is_string(one) || !form_type(one))
            return false;
    }
    return json_array_size(v) > 0;
}

static bool form_names(const json_t *v)
{
    const json_t *one;
    size_t i;

    json_array_foreach(v, i, one)
    {
        if (!json_is_string(one))
            return false;
    }
    return json_is_array(v);
}

/* No back-references (they may take for ever), no ECMA classes (they mean something else here). */
static bool form_pattern(const json_t *v)
{
    const char *text = json_string_value(v);
    regex_t regex;

    if (!text || strlen(text) > MAX_PATTERN_CHARS)
        return false;
    for (const char *at = strchr(text, '\\'); at; at = at[1] ? strchr(at + 2, '\\') : NULL)
        if (isalnum((unsigned char)at[1]))
            return false;
    if (regcomp(&regex, text, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    regfree(&regex);
    return true;
}

static bool form_any(const json_t *v) { return v != NULL; }
static bool form_values(const json_t *v) { return json_array_size(v) > 0; }
static bool form_count(const json_t *v) { return json_is_integer(v) && json_integer_value(v) >= 0; }
static bool form_factor(const json_t *v) { return json_is_integer(v) && json_integer_value(v) > 0; }
static bool form_schema_or_flag(const json_t *v) { return json_is_object(v) || json_is_boolean(v); }

static bool is_map(const json_t *v) { return json_is_object(v); }
static bool is_array(const json_t *v) { return json_is_array(v); }
static bool is_string(const json_t *v) { return json_is_string(v); }
static bool is_num(const json_t *v) { return json_is_number(v); }
static bool is_boolean(const json_t *v) { return json_is_boolean(v); }

enum inside { NOTHING, A_SCHEMA, SCHEMAS_BY_NAME, SCHEMAS_IN_A_LIST };

static const struct keyword {
    const char *name;
    bool (*form)(const json_t *v);         /* of the keyword's own value */
    enum inside inside;                    /* schemas in it */
    bool (*concerns)(const json_t *value); /* NULL: every kind of value */
    json_schema_rule *hold;                /* NULL: says, does not hold */
} keywords[] = {
    {"type", form_type, NOTHING, NULL, schema_hold_type},
    {"enum", form_values, NOTHING, NULL, schema_hold_enum},
    {"const", form_any, NOTHING, NULL, schema_hold_const},
    {"properties", is_map, SCHEMAS_BY_NAME, is_map, schema_hold_properties},
    {"required", form_names, NOTHING, is_map, schema_hold_required},
    {"additionalProperties", form_schema_or_flag, A_SCHEMA, is_map, schema_hold_additional},
    {"minProperties", form_count, NOTHING, is_map, schema_hold_min_properties},
    {"maxProperties", form_count, NOTHING, is_map, schema_hold_max_properties},
    {"items", is_map, A_SCHEMA, is_array, schema_hold_items},
    {"minItems", form_count, NOTHING, is_array, schema_hold_min_items},
    {"maxItems", form_count, NOTHING, is_array, schema_hold_max_items},
    {"uniqueItems", is_boolean, NOTHING, is_array, schema_hold_unique},
    {"minLength", form_count, NOTHING, is_string, schema_hold_min_length},
    {"maxLength", form_count, NOTHING, is_string, schema_hold_max_length},
    {"pattern", form_pattern, NOTHING, is_string, schema_hold_pattern},
    {"minimum", is_num, NOTHING, is_num, schema_hold_minimum},
    {"maximum", is_num, NOTHING, is_num, schema_hold_maximum},
    {"exclusiveMinimum", is_num, NOTHING, is_num, schema_hold_above},
    {"exclusiveMaximum", is_num, NOTHING, is_num, schema_hold_below},
    {"multipleOf", form_factor, NOTHING, is_num, schema_hold_multiple},
    {"allOf", form_values, SCHEMAS_IN_A_LIST, NULL, schema_hold_all_of},
    {"anyOf", form_values, SCHEMAS_IN_A_LIST, NULL, schema_hold_any_of},
    {"oneOf", form_values, SCHEMAS_IN_A_LIST, NULL, schema_hold_one_of},
    {"not", is_map, A_SCHEMA, NULL, schema_hold_not},
    {"title", form_any, NOTHING, NULL, NULL},
    {"description", form_any, NOTHING, NULL, NULL},
    {"default", form_any, NOTHING, NULL, NULL},
    {"examples", form_any, NOTHING, NULL, NULL},
    {"deprecated", form_any, NOTHING, NULL, NULL},
    {"format", form_any, NOTHING, NULL, NULL},
    {"$schema", form_any, NOTHING, NULL, NULL},
    {"$id", form_any, NOTHING, NULL, NULL},
    {"$comment", form_any, NOTHING, NULL, NULL},
};

static const struct keyword *find_keyword(const char *name)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (str_eq(keywords[i].name, name))
            return &keywords[i];
    return NULL;
}

static int check_inside(const struct keyword *keyword, const json_t *value, int depth, struct err *err)
{
    const char *name;
    const json_t *one;
    size_t i;

    if (keyword->inside == A_SCHEMA && json_is_object(value) && check(value, depth + 1, err) < 0)
        return err_wrap(err, "%s", keyword->name);
    if (keyword->inside == SCHEMAS_BY_NAME)
        json_object_foreach((json_t *)value, name, one)
        {
            if (check(one, depth + 1, err) < 0)
                return err_wrap(err, "%.60s", name);
        }
    if (keyword->inside == SCHEMAS_IN_A_LIST)
        json_array_foreach(value, i, one)
        {
            if (check(one, depth + 1, err) < 0)
                return err_wrap(err, "%s %zu", keyword->name, i);
        }
    return 0;
}

static int check(const json_t *schema, int depth, struct err *err)
{
    const char *name;
    const json_t *value;

    if (depth > LIMIT_JSON_DEPTH)
        return err_set(err, ERR_LIMIT, "the schema is nested deeper than %d", LIMIT_JSON_DEPTH);
    if (!json_is_object(schema))
        return err_set(err, ERR_BAD_VALUE, "a schema must be a map");
    json_object_foreach((json_t *)schema, name, value)
    {
        const struct keyword *keyword = find_keyword(name);

        if (!keyword)
            return err_set(err, ERR_BAD_VALUE, "the schema's keyword \"%.60s\" is not one that can be held against a value", name);
        if (!keyword->form(value))
            return err_set(err, ERR_BAD_VALUE, "the schema's \"%s\" has no value that it may have", name);
        if (check_inside(keyword, value, depth, err) < 0)
            return -1;
    }
    return 0;
}

int json_schema_check(const json_t *schema, struct err *err) { return check(schema, 0, err); }

/* ---- the walk ---- */

static bool is_open(const struct schema_walk *run, const json_t *value)
{
    if (json_is_object(value))
        return json_is_string(json_object_get(value, "$secret"));
    return run->open_placeholders && json_is_string(value) && strstr(json_string_value(value), "${");
}

/* The problems that this value added. */
size_t json_schema_hold(struct schema_walk *run, const json_t *schema, const json_t *value)
{
    size_t before = run->problems;
    const char *name;
    const json_t *rule;

    if (is_open(run, value) || run->depth > LIMIT_JSON_DEPTH)
        return 0;
    run->depth++;
    json_object_foreach((json_t *)schema, name, rule)
    {
        const struct keyword *keyword = find_keyword(name);

        if (keyword && keyword->hold && (!keyword->concerns || keyword->concerns(value)))
            keyword->hold(run, schema, rule, value);
    }
    run->depth--;
    return run->problems - before;
}

size_t json_schema_validate(const json_t *schema, const json_t *value, bool open_placeholders, json_schema_report report, void *ctx)
{
    struct schema_walk run = {.report = report, .ctx = ctx, .path = BUF_INIT(MAX_PATH_BYTES), .open_placeholders = open_placeholders};
    size_t problems = json_schema_hold(&run, schema, value);

    buf_fini(&run.path);
    return problems;
}
