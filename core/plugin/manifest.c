/* Owns the rules for a manifest's JSON. Any thread; no state. */
#include "plugin/manifest.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "codec/json_schema.h"
#include "plugin/action.h"
#include <ctype.h>
#include <innominatus/provisioner.h>
#include <string.h>

#define MAX_ITEMS 64 /* types, step types, actions */

static const char *const known_slots[] = {"update", "plan", "health", "step", "actions", "concurrent", NULL};
static const char *const known_permissions[] = {"network", "exec", "secrets", NULL};

static int refuse(const char *name, struct err *err, const char *what, const char *detail)
{
    return err_set(err, ERR_PLUGIN_REFUSED, "%s: its manifest %s%s%s", name, what, detail ? ": " : "", detail ? detail : "");
}

static bool one_of(const char *text, const char *const *list)
{
    for (; *list; list++)
        if (str_eq(text, *list))
            return true;
    return false;
}

/* MAJOR.MINOR.PATCH with an optional tail of -, +, dots, letters and digits. */
static bool is_version(const char *text)
{
    size_t at = 0;

    if (strlen(text) > 64)
        return false;
    for (int part = 0; part < 3; part++) {
        size_t digits = strspn(text + at, "0123456789");

        if (digits == 0 || (part < 2 && text[at + digits] != '.'))
            return false;
        at += digits + (part < 2);
    }
    if (text[at] == '\0')
        return true;
    if (text[at] != '-' && text[at] != '+')
        return false;
    for (; text[at]; at++)
        if (!isalnum((unsigned char)text[at]) && !strchr("-+.", text[at]))
            return false;
    return true;
}

/* A list of words out of `known`; absent is the empty list. */
static int take_words(const char *name, const json_t *from, const char *key, const char *const *known, json_t *to, struct err *err)
{
    CLEANUP(json_put) json_t *list = json_array();
    json_t *given = json_object_get(from, key), *item;
    size_t i;

    if (given && !json_is_array(given))
        return refuse(name, err, "must give a list", key);
    json_array_foreach(given, i, item)
    {
        if (!json_is_string(item) || !one_of(json_string_value(item), known)) {
            err_set(err, ERR_PLUGIN_REFUSED, "%s: its manifest lists an unknown word in %s: %.60s", name, key,
                    json_is_string(item) ? json_string_value(item) : "(no text)");
            return -1;
        }
        json_array_append(list, item);
    }
    json_object_set(to, key, list);
    return 0;
}

/* A list of objects with a unique "name" that is a label; words stand for {name: word}. */
static int take_named(const char *name, const json_t *from, const char *key, json_t *to, struct err *err)
{
    CLEANUP(json_put) json_t *list = json_array();
    CLEANUP(json_put) json_t *seen = json_object();
    json_t *given = json_object_get(from, key), *item;
    size_t i;

    if (given && (!json_is_array(given) || json_array_size(given) > MAX_ITEMS))
        return refuse(name, err, "must give a list of at most 64 items", key);
    json_array_foreach(given, i, item)
    {
        CLEANUP(json_put) json_t *object = json_is_string(item) ? json_pack("{s:O}", "name", item) : json_incref(item);
        const char *word = json_str(object, "name");

        if (!json_is_object(object) || !word || !str_is_label(word))
            return refuse(name, err, "has an item without a good name (a-z, 0-9, '-') in", key);
        if (json_object_get(seen, word))
            return refuse(name, err, "lists a name twice", word);
        json_object_set_new(seen, word, json_true());
        json_array_append(list, object);
    }
    json_object_set(to, key, list);
    return 0;
}

static int check_params(const char *name, const json_t *type, struct err *err)
{
    const json_t *params = json_object_get(type, "params");
    struct err why = {0};

    if (!params || json_schema_check(params, &why) == 0)
        return 0;
    return err_set(err, ERR_PLUGIN_REFUSED, "%s: its manifest has params of type %s that cannot be checked: %s", name,
                   json_str(type, "name"), why.msg);
}

static int check_types(const char *name, const json_t *out, struct err *err)
{
    json_t *types = json_object_get(out, "types"), *type, *item;
    size_t i, j;

    if (json_array_size(types) == 0 && json_array_size(json_object_get(out, "step_types")) == 0)
        return refuse(name, err, "lists neither types nor step_types", NULL);
    json_array_foreach(types, i, type)
    {
        json_t *immutable = json_object_get(type, "immutable"), *params = json_object_get(type, "params"),
               *stateful = json_object_get(type, "stateful");

        if ((immutable && !json_is_array(immutable)) || (params && !json_is_object(params)) || (stateful && !json_is_boolean(stateful)))
            return refuse(name, err, "must give types as {name, stateful: true or false, immutable: [name], params: {schema}}",
                          json_str(type, "name"));
        if (check_params(name, type, err) < 0)
            return -1;
        json_array_foreach(immutable, j, item)
        {
            if (!json_is_string(item))
                return refuse(name, err, "must list names in immutable of type", json_str(type, "name"));
        }
    }
    return 0;
}

static int check_actions(const char *name, json_t *out, struct err *err)
{
    struct err why = {0};

    return action_check_manifest(out, &why) == 0 ? 0 : refuse(name, err, "cannot be used", why.msg);
}

static int take_abi(const char *name, const json_t *section, json_t *to, struct err *err)
{
    const json_t *abi = json_object_get(section, "abi");
    int64_t major = json_int(abi, "major", -1), minor = json_int(abi, "minor", -1);

    if (major < 0 || minor < 0)
        return refuse(name, err, "has no ABI version", NULL);
    if (major != INNO_ABI_MAJOR)
        return err_set(err, ERR_PLUGIN_REFUSED,
                       "%s: built for plugin ABI %lld.%lld, this server runs %d.x; build it with this server's SDK", name, (long long)major,
                       (long long)minor, INNO_ABI_MAJOR);
    json_object_set_new(to, "abi", json_pack("{s:I,s:I}", "major", (json_int_t)major, "minor", (json_int_t)minor));
    return 0;
}

int manifest_parse(const char *name, const char *bytes, size_t len, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *section = NULL;
    CLEANUP(json_put) json_t *made = json_object();
    struct err why = {0};
    const json_t *plugin;
    const char *text;

    while (len > 0 && bytes[len - 1] == '\0')
        len--;
    if (json_parse(bytes, len, "manifest", LIMIT_MANIFEST_BYTES, &section, &why) < 0)
        return refuse(name, err, "cannot be read", why.msg);
    plugin = json_object_get(section, "plugin");
    if (!json_is_object(plugin))
        return refuse(name, err, "has no plugin object", NULL);
    if (take_abi(name, section, made, err) < 0)
        return -1;
    text = json_str(plugin, "name");
    if (!text || !str_is_label(text))
        return refuse(name, err, "has no good name (2 to 63 of a-z, 0-9, '-')", NULL);
    json_set_str(made, "name", text);
    text = json_str(plugin, "version");
    if (!text || !is_version(text))
        return refuse(name, err, "has no semantic version such as 1.0.0", NULL);
    json_set_str(made, "version", text);
    json_set_str(made, "description", json_str(plugin, "description"));
    json_set_str(made, "product", json_str(plugin, "product"));
    if (take_named(name, plugin, "types", made, err) < 0 || take_named(name, plugin, "step_types", made, err) < 0 ||
        take_named(name, plugin, "actions", made, err) < 0 || take_words(name, plugin, "slots", known_slots, made, err) < 0 ||
        take_words(name, plugin, "permissions", known_permissions, made, err) < 0)
        return -1;
    json_set_int(made, "state_version", json_int(plugin, "state_version", 1));
    if (check_types(name, made, err) < 0 || check_actions(name, made, err) < 0)
        return -1;
    *out = json_incref(made);
    return 0;
}

static bool lists(const json_t *named, const char *word)
{
    json_t *item;
    size_t i;

    json_array_foreach(named, i, item)
    {
        if (str_eq(json_str(item, "name"), word))
            return true;
    }
    return false;
}

bool manifest_has_type(const json_t *manifest, const char *type) { return lists(json_object_get(manifest, "types"), type); }
bool manifest_has_step(const json_t *manifest, const char *type) { return lists(json_object_get(manifest, "step_types"), type); }
