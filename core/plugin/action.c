/* Owns the rules of actions: their manifest, their signatures, their arguments. Also part of the plugin host. Any thread; no state. */
#include "plugin/action.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/str.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KNOWN_BYTES 512

static const struct {
    char type;
    const char *name;
} types[] = {{'s', "a text"}, {'i', "a whole number"}, {'b', "true or false"}, {'d', "a number"}, {'j', "JSON"}};

const char *action_type_name(char type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].type == type)
            return types[i].name;
    return "of no known type";
}

static char type_of(const json_t *param)
{
    const char *type = json_str(param, "type");

    return type ? *type : '\0';
}

bool action_value_fits(char type, const json_t *value)
{
    switch (type) {
    case 's': /* as C sees it: a NUL would hide what follows */
        return json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value);
    case 'i':
        return json_is_integer(value);
    case 'b':
        return json_is_boolean(value);
    case 'd':
        return json_is_integer(value) || (json_is_real(value) && isfinite(json_real_value(value)));
    case 'j':
        return value != NULL;
    default:
        return false;
    }
}

/* ---- the manifest ---- */

static int wrong(struct err *err, const json_t *action, const char *what)
{
    return err_set(err, ERR_PLUGIN_REFUSED, "action %s %s", json_str(action, "name"), what);
}

static bool is_name(const char *name, const char *also)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", digits[] = "0123456789";
    size_t len = name ? strlen(name) : 0;

    if (len == 0 || len > LIMIT_NAME_CHARS || !strchr(letters, *name))
        return false;
    for (const char *c = name; *c; c++)
        if (!strchr(letters, *c) && !strchr(digits, *c) && !strchr(also, *c))
            return false;
    return name[len - 1] != '.' && !strstr(name, "..");
}

static bool is_text_or_absent(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return !value || json_is_string(value);
}

static int check_sets(const json_t *action, const json_t *param, struct err *err)
{
    if (!json_object_get(param, "sets"))
        return 0;
    if (!is_name(json_str(param, "sets"), "._-"))
        return wrong(err, action, "has a param whose `sets` is no path to a param of the resource, such as \"replicas\"");
    if (!json_flag(action, "changes", false))
        return wrong(err, action, "sets a param of the resource but does not say \"changes\": true");
    return 0;
}

static int check_param(const json_t *action, const json_t *param, json_t *seen, struct err *err)
{
    const char *type = json_str(param, "type"), *name = json_str(param, "name");
    const json_t *fallback = json_object_get(param, "default"), *example = json_object_get(param, "example");

    if (!is_name(name, "_-") || !type || strlen(type) != 1 || !strchr(ACTION_TYPES, *type))
        return wrong(err, action, "must give its params as {name, type: s, i, b, d or j}");
    if (json_object_get(seen, name))
        return wrong(err, action, "lists a param twice");
    json_object_set_new(seen, name, json_true());
    if (!is_text_or_absent(param, "description"))
        return wrong(err, action, "has a param whose description is no text");
    if (fallback && !action_value_fits(*type, fallback))
        return wrong(err, action, "has a param whose default does not fit its type");
    if (example && !action_value_fits(*type, example))
        return wrong(err, action, "has a param whose example does not fit its type");
    return check_sets(action, param, err);
}

static int check_flags(const json_t *action, struct err *err)
{
    static const char *const flags[] = {"changes", "idempotent"};

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        const json_t *value = json_object_get(action, flags[i]);

        if (value && !json_is_boolean(value))
            return wrong(err, action, "must say true or false for changes and idempotent");
    }
    return is_text_or_absent(action, "description") ? 0 : wrong(err, action, "has a description that is no text");
}

/* The types it is for must be the plugin's own. */
static int check_for(const json_t *manifest, const json_t *action, struct err *err)
{
    const json_t *list = json_object_get(action, "types"), *word, *type;
    size_t i, j;

    if (list && !json_is_array(list))
        return wrong(err, action, "must give its types as a list of names");
    json_array_foreach(list, i, word)
    {
        bool found = false;

        json_array_foreach(json_object_get(manifest, "types"), j, type)
        {
            found = found || (json_is_string(word) && str_eq(json_str(type, "name"), json_string_value(word)));
        }
        if (!found)
            return wrong(err, action, "is for a type that the manifest does not list");
    }
    return 0;
}

/* What may be left out is put in. */
static void complete(const json_t *manifest, json_t *action)
{
    const json_t *type;
    size_t i;

    if (!json_object_get(action, "changes"))
        json_set_flag(action, "changes", false);
    if (!json_object_get(action, "idempotent")) /* whoever only looks may look again */
        json_set_flag(action, "idempotent", !json_flag(action, "changes", false));
    if (!json_object_get(action, "params"))
        json_object_set_new(action, "params", json_array());
    if (json_object_get(action, "types"))
        return;
    json_object_set_new(action, "types", json_array());
    json_array_foreach(json_object_get(manifest, "types"), i, type)
        json_append_str(json_object_get(action, "types"), json_str(type, "name"));
}

static int check_action(const json_t *manifest, json_t *action, struct err *err)
{
    CLEANUP(json_put) json_t *seen = json_object();
    const json_t *params = json_object_get(action, "params"), *param;
    size_t i;

    if (check_flags(action, err) < 0 || check_for(manifest, action, err) < 0)
        return -1;
    if (params && (!json_is_array(params) || json_array_size(params) > LIMIT_ACTION_PARAMS))
        return err_set(err, ERR_PLUGIN_REFUSED, "action %s must give a list of at most %d params", json_str(action, "name"),
                       LIMIT_ACTION_PARAMS);
    json_array_foreach(params, i, param)
    {
        if (check_param(action, param, seen, err) < 0)
            return -1;
    }
    complete(manifest, action);
    return 0;
}

int action_check_manifest(json_t *manifest, struct err *err)
{
    json_t *actions = json_object_get(manifest, "actions"), *action, *slot;
    bool claimed = false;
    size_t i;

    json_array_foreach(actions, i, action)
    {
        if (check_action(manifest, action, err) < 0)
            return -1;
    }
    json_array_foreach(json_object_get(manifest, "slots"), i, slot) { claimed = claimed || str_eq(json_string_value(slot), "actions"); }
    if (claimed != (json_array_size(actions) > 0))
        return err_set(err, ERR_PLUGIN_REFUSED, "%s",
                       claimed ? "the slot \"actions\" is listed, but no action" : "actions are listed, but not the slot \"actions\"");
    return 0;
}

/* ---- finding ---- */

static bool is_for(const json_t *action, const char *type)
{
    const json_t *word;
    size_t i;

    json_array_foreach(json_object_get(action, "types"), i, word)
    {
        if (str_eq(json_string_value(word), type))
            return true;
    }
    return false;
}

json_t *action_list(const json_t *manifest, const char *type)
{
    json_t *list = json_array(), *action;
    size_t i;

    json_array_foreach(json_object_get(manifest, "actions"), i, action)
    {
        if (is_for(action, type))
            json_array_append(list, action);
    }
    return list;
}

/* Adds a name to a list for people. */
static void add_name(struct buf *b, const char *name) { buf_printf(b, "%s%s", b->len ? ", " : "", name); }

int action_find(const json_t *manifest, const char *type, const char *name, const json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *list = action_list(manifest, type);
    CLEANUP(buf_fini) struct buf names = BUF_INIT(KNOWN_BYTES);
    const json_t *action;
    size_t i;

    json_array_foreach(list, i, action)
    {
        if (str_eq(json_str(action, "name"), name)) {
            *out = action; /* lives in the manifest */
            return 0;
        }
        add_name(&names, json_str(action, "name"));
    }
    if (!names.len)
        return err_set(err, ERR_ACTION, "no action \"%.63s\": %s offers none for type %s", name ? name : "", json_str(manifest, "name"),
                       type);
    return err_set(err, ERR_ACTION, "no action \"%.63s\" for type %s; there are: %s", name ? name : "", type, buf_text(&names));
}

void action_signature(const json_t *action, char out[static LIMIT_ACTION_PARAMS + 1])
{
    const json_t *param;
    size_t i, count = 0;

    json_array_foreach(json_object_get(action, "params"), i, param)
    {
        if (count < LIMIT_ACTION_PARAMS)
            out[count++] = type_of(param);
    }
    out[count] = '\0';
}

/* ---- arguments ---- */

/* "replicas (a whole number), reason (a text, optional)" */
static void describe_params(const json_t *action, struct buf *b)
{
    const json_t *param;
    size_t i;

    json_array_foreach(json_object_get(action, "params"), i, param)
    {
        buf_printf(b, "%s%s (%s%s)", b->len ? ", " : "", json_str(param, "name"), action_type_name(type_of(param)),
                   json_object_get(param, "default") ? ", optional" : "");
    }
    if (!b->len)
        buf_printf(b, "none");
}

/* What was given, without the content of texts: it may be a secret. */
static void describe_value(const json_t *value, struct buf *b)
{
    if (json_is_integer(value))
        buf_printf(b, "the number %lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        buf_printf(b, "the number %.17g", json_real_value(value));
    else
        buf_printf(b, "%s",
                   json_is_true(value)     ? "true"
                   : json_is_false(value)  ? "false"
                   : json_is_null(value)   ? "null"
                   : json_is_string(value) ? "a text"
                   : json_is_array(value)  ? "a list"
                                           : "an object");
}

static int refuse(const json_t *action, struct err *err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static int refuse(const json_t *action, struct err *err, const char *fmt, ...)
{
    CLEANUP(buf_fini) struct buf text = BUF_INIT(KNOWN_BYTES);
    CLEANUP(buf_fini) struct buf known = BUF_INIT(KNOWN_BYTES);
    va_list ap;

    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    describe_params(action, &known);
    return err_set(err, ERR_ARGUMENTS, "action %s: %s; its arguments: %s", json_str(action, "name"), buf_text(&text), buf_text(&known));
}

const json_t *action_named(const json_t *list, const char *name)
{
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
    {
        if (str_eq(json_str(one, "name"), name))
            return one;
    }
    return NULL;
}

static int unknown_argument(const json_t *action, const char *name, struct err *err)
{
    const char *names[LIMIT_ACTION_PARAMS + 1] = {0}, *near;
    const json_t *param;
    size_t i;

    json_array_foreach(json_object_get(action, "params"), i, param)
    {
        if (i < LIMIT_ACTION_PARAMS)
            names[i] = json_str(param, "name");
    }
    near = str_closest(name, names);
    return refuse(action, err, "unknown argument \"%.63s\"%s%s%s", name, near ? ", did you mean \"" : "", near ? near : "",
                  near ? "\"?" : "");
}

static int check_known(const json_t *action, const json_t *arguments, struct err *err)
{
    const char *key;
    json_t *value;

    if (arguments && !json_is_object(arguments))
        return refuse(action, err, "the arguments must be an object {name: value}");
    json_object_foreach((json_t *)(uintptr_t)arguments, key, value)
    {
        if (!action_named(json_object_get(action, "params"), key))
            return unknown_argument(action, key, err);
    }
    return 0;
}

static int misfit(const json_t *action, const json_t *param, const json_t *value, struct err *err)
{
    CLEANUP(buf_fini) struct buf given = BUF_INIT(128);

    describe_value(value, &given);
    return refuse(action, err, "argument \"%s\" must be %s, %s was given", json_str(param, "name"), action_type_name(type_of(param)),
                  buf_text(&given));
}

static int check_size(const json_t *action, const json_t *arguments, struct err *err)
{
    if (arguments && json_text_most(arguments) > LIMIT_ACTION_BYTES)
        return refuse(action, err, "the arguments are larger than %u bytes", LIMIT_ACTION_BYTES);
    return 0;
}

int action_take_arguments(const json_t *action, const json_t *arguments, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *list = json_array();
    const json_t *param;
    size_t i;

    if (check_known(action, arguments, err) < 0 || check_size(action, arguments, err) < 0)
        return -1;
    json_array_foreach(json_object_get(action, "params"), i, param)
    {
        const char *name = json_str(param, "name");
        json_t *value = json_object_get(arguments, name);

        if (!value)
            value = json_object_get(param, "default");
        if (!value)
            return refuse(action, err, "argument \"%s\" is missing; it must be %s", name, action_type_name(type_of(param)));
        if (!action_value_fits(type_of(param), value))
            return misfit(action, param, value, err);
        json_array_append_new(list, json_clone(value));
    }
    *out = take_ptr(list);
    return 0;
}

int action_check_template(const json_t *action, const json_t *arguments, struct err *err)
{
    const json_t *param;
    size_t i;

    if (check_known(action, arguments, err) < 0)
        return -1;
    json_array_foreach(json_object_get(action, "params"), i, param)
    {
        const json_t *value = json_object_get(arguments, json_str(param, "name"));

        if (!value && !json_object_get(param, "default"))
            return refuse(action, err, "argument \"%s\" is missing; it must be %s", json_str(param, "name"),
                          action_type_name(type_of(param)));
        if (value && !(json_is_string(value) && strstr(json_string_value(value), "${")) && !action_value_fits(type_of(param), value))
            return misfit(action, param, value, err);
    }
    return 0;
}

/* ---- what was typed ---- */

static json_t *number_of(const char *text)
{
    int64_t whole;
    char *end;
    double value;

    if (str_to_int(text, &whole))
        return json_integer(whole);
    if (!*text || strspn(text, "0123456789+-.eE") != strlen(text))
        return NULL;
    errno = 0;
    value = strtod(text, &end);
    return *end || errno || !isfinite(value) ? NULL : json_real(value);
}

static json_t *value_of(char type, const char *text)
{
    struct err ignored = {0};
    json_t *value = NULL;
    int64_t whole;

    switch (type) {
    case 's':
        return json_string(text);
    case 'i':
        return str_to_int(text, &whole) ? json_integer(whole) : NULL;
    case 'b':
        return str_eq(text, "true") ? json_true() : str_eq(text, "false") ? json_false() : NULL;
    case 'd':
        return number_of(text);
    default:
        return json_parse(text, strlen(text), "argument", LIMIT_ACTION_BYTES, &value, &ignored) == 0 ? value : NULL;
    }
}

int action_parse_argument(const json_t *action, const char *key, const char *text, json_t **out, struct err *err)
{
    const json_t *param = action_named(json_object_get(action, "params"), key);
    json_t *value;

    if (!param)
        return unknown_argument(action, key, err);
    value = value_of(type_of(param), text);
    if (!value)
        return refuse(action, err, "argument \"%s\" must be %s, \"%.60s\" was given", key, action_type_name(type_of(param)), text);
    *out = value;
    return 0;
}

json_t *action_sets(const json_t *action, const json_t *arguments)
{
    json_t *sets = json_object();
    const json_t *param;
    size_t i;

    json_array_foreach(json_object_get(action, "params"), i, param)
    {
        const char *path = json_str(param, "sets");

        if (path && json_array_get(arguments, i))
            json_object_set_new(sets, path, json_clone(json_array_get(arguments, i)));
    }
    return sets;
}
