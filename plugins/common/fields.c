/* Owns the check of objects by tables of their members. Slot's thread. */
#include "fields.h"
#include <stdio.h>
#include <string.h>

#define TEXT_BYTES  1000
#define LIST_ITEMS  64
#define PLACE_BYTES 300
#define MAX_DEPTH   8

struct check {
    const inno_host *host;
    inno_call *call;
    inno_rc code;
};

static inno_rc check_object(const struct check *c, const char *place, const json_t *object, const struct field *fields, int depth);

static bool is_choice(const struct field *f, const char *text)
{
    for (const char *const *choice = f->choices; choice && *choice; choice++)
        if (strcmp(*choice, text) == 0)
            return true;
    return !f->choices;
}

static void join(char *out, size_t cap, const char *const *texts)
{
    size_t used = 0;

    out[0] = '\0';
    for (; *texts && used < cap; texts++)
        used += (size_t)snprintf(out + used, cap - used, "%s%s", used ? ", " : "", *texts);
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

static inno_rc check_text(const struct check *c, const char *place, const json_t *value, const struct field *f)
{
    int64_t most = f->most ? f->most : TEXT_BYTES;
    const char *text = json_string_value(value);
    char words[300];

    if (!text)
        return c->host->fail(c->call, c->code, -1, "%s must be a text", place);
    if ((int64_t)strlen(text) < f->least || (int64_t)strlen(text) > most)
        return c->host->fail(c->call, c->code, -1, "%s must have %lld to %lld bytes", place, (long long)f->least, (long long)most);
    if (!is_choice(f, text)) {
        join(words, sizeof words, f->choices);
        return c->host->fail(c->call, c->code, -1, "%s is \"%.60s\"; it may be %s", place, text, words);
    }
    if (f->letters && strspn(text, f->letters) != strlen(text))
        return c->host->fail(c->call, c->code, -1, "%s is \"%.100s\"; it may have %s", place, text, f->letters);
    if (!f->letters && !f->choices && !f->free && has_control(text))
        return c->host->fail(c->call, c->code, -1, "%s has a control character", place);
    return INNO_OK;
}

static inno_rc check_number(const struct check *c, const char *place, const json_t *value, const struct field *f)
{
    json_int_t number = json_integer_value(value);

    if (json_is_integer(value) && number >= f->least && number <= f->most)
        return INNO_OK;
    return c->host->fail(c->call, c->code, -1, "%s must be a number from %lld to %lld", place, (long long)f->least, (long long)f->most);
}

static inno_rc check_item(const struct check *c, const char *place, const json_t *value, const struct field *f, int depth)
{
    if (f->kind == FIELD_TEXTS || f->kind == FIELD_TEXT_MAP)
        return check_text(c, place, value, f);
    return check_object(c, place, value, f->fields, depth + 1);
}

static inno_rc check_items(const struct check *c, const char *place, const json_t *value, const struct field *f, int depth)
{
    size_t most = f->items ? (size_t)f->items : LIST_ITEMS, i;
    bool is_map = f->kind == FIELD_TEXT_MAP || f->kind == FIELD_OBJECT_MAP;
    char inner[PLACE_BYTES];
    inno_rc rc = INNO_OK;
    json_t *item;
    const char *key;

    if (is_map ? !json_is_object(value) : !json_is_array(value))
        return c->host->fail(c->call, c->code, -1, "%s must be a %s", place, is_map ? "map" : "list");
    if ((is_map ? json_object_size(value) : json_array_size(value)) > most)
        return c->host->fail(c->call, c->code, -1, "%s has more than %zu items", place, most);
    json_array_foreach(value, i, item)
    {
        snprintf(inner, sizeof inner, "%.200s.%zu", place, i);
        if (rc == INNO_OK)
            rc = check_item(c, inner, item, f, depth);
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, item)
    {
        snprintf(inner, sizeof inner, "%.200s.%.80s", place, key);
        if (rc == INNO_OK)
            rc = check_item(c, inner, item, f, depth);
    }
    return rc;
}

static inno_rc check_field(const struct check *c, const char *place, const json_t *value, const struct field *f, int depth)
{
    switch (f->kind) {
    case FIELD_ANY:
        return INNO_OK;
    case FIELD_TEXT:
        return check_text(c, place, value, f);
    case FIELD_INT:
        return check_number(c, place, value, f);
    case FIELD_BOOL:
        return json_is_boolean(value) ? INNO_OK : c->host->fail(c->call, c->code, -1, "%s must be true or false", place);
    case FIELD_OBJECT:
        return check_object(c, place, value, f->fields, depth + 1);
    default:
        return check_items(c, place, value, f, depth);
    }
}

static inno_rc check_object(const struct check *c, const char *place, const json_t *object, const struct field *fields, int depth)
{
    char inner[PLACE_BYTES];
    const char *key;
    json_t *value;
    inno_rc rc;

    if (!json_is_object(object) || depth > MAX_DEPTH)
        return c->host->fail(c->call, c->code, -1, "%s must be an object", place);
    for (const struct field *f = fields; f && f->name; f++)
        if (f->required && !json_object_get(object, f->name))
            return c->host->fail(c->call, c->code, -1, "%s.%s is missing", place, f->name);
    if (!fields)
        return INNO_OK;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        const struct field *f = fields;

        while (f->name && strcmp(f->name, key) != 0)
            f++;
        snprintf(inner, sizeof inner, "%.200s.%.80s", place, key);
        if (!f->name)
            return c->host->fail(c->call, c->code, -1, "%s is unknown", inner);
        if ((rc = check_field(c, inner, value, f, depth)) != INNO_OK)
            return rc;
    }
    return INNO_OK;
}

inno_rc fields_check(const inno_host *host, inno_call *call, inno_rc code, const char *where, const json_t *object,
                     const struct field *fields)
{
    const struct check c = {host, call, code};

    return check_object(&c, where, object, fields, 0);
}

/* ---- reading ---- */

const char *field_text(const json_t *object, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : fallback;
}

bool field_bool(const json_t *object, const char *key, bool fallback)
{
    const json_t *value = json_object_get(object, key);

    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

int64_t field_int(const json_t *object, const char *key, int64_t fallback)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value) ? (int64_t)json_integer_value(value) : fallback;
}
