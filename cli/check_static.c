/* Owns the rules about the plugin's file. It is read, never run. Main thread. */
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/check.h"
#include "cli/output.h"
#include <string.h>

/* The file's name stands in front of everything already. */
static const char *without_file(const struct check *k, const char *text)
{
    size_t len = strlen(k->file);

    return str_starts(text, k->file) && strncmp(text + len, ": ", 2) == 0 ? text + len + 2 : text;
}

static const char *names(struct check *k, const char *list)
{
    CLEANUP(json_put) json_t *words = json_array();
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(k->parts.manifest, list), i, item)
        json_append_str(words, json_is_string(item) ? json_string_value(item) : json_str(item, "name"));
    return json_array_size(words) ? out_clean(&k->c->arena, out_word(&k->c->arena, words), false) : NULL;
}

static enum verdict file(struct check *k)
{
    if (k->parts.file.code != ERR_NONE)
        return check_say(k, VERDICT_FAIL, "%s", without_file(k, k->parts.file.msg));
    return check_say(k, VERDICT_OK, "a shared object for this machine");
}

static enum verdict manifest(struct check *k)
{
    const json_t *m = k->parts.manifest, *abi = json_object_get(m, "abi");
    const char *types = names(k, "types"), *steps = names(k, "step_types"), *wants = names(k, "permissions"), *slots = names(k, "slots");

    if (k->parts.file.code != ERR_NONE)
        return check_say(k, VERDICT_SKIP, "there is none to read");
    if (k->parts.content.code != ERR_NONE)
        return check_say(k, VERDICT_FAIL, "%s", without_file(k, k->parts.content.msg));
    return check_say(k, VERDICT_OK, "%s %s, ABI %lld.%lld%s%s%s%s%s%s, wants %s", json_str(m, "name"), json_str(m, "version"),
                     (long long)json_int(abi, "major", 0), (long long)json_int(abi, "minor", 0), types ? ", types " : "",
                     types ? types : "", steps ? ", steps " : "", steps ? steps : "", slots ? ", slots " : "", slots ? slots : "",
                     wants ? wants : "no permissions");
}

static enum verdict symbols(struct check *k)
{
    if (k->parts.file.code != ERR_NONE)
        return check_say(k, VERDICT_SKIP, "there are none to read");
    if (k->parts.symbols.code != ERR_NONE)
        return check_say(k, VERDICT_FAIL, "%s", without_file(k, k->parts.symbols.msg));
    return k->parts.content.code != ERR_NONE ? check_say(k, VERDICT_SKIP, "the file is not understood")
                                             : check_say(k, VERDICT_OK, "one exported function");
}

static enum verdict schema(struct check *k)
{
    const json_t *type, *params;
    const char *without = "", *open = "";
    size_t i;

    if (!k->parts.manifest)
        return check_say(k, VERDICT_SKIP, "there is no manifest");
    json_array_foreach(json_object_get(k->parts.manifest, "types"), i, type)
    {
        params = json_object_get(type, "params");
        if (!params)
            without = arena_printf(&k->c->arena, "%s%s%s", without, without[0] ? ", " : "", json_str(type, "name"));
        else if (json_object_get(params, "properties") && !json_object_get(params, "additionalProperties"))
            open = arena_printf(&k->c->arena, "%s%s%s", open, open[0] ? ", " : "", json_str(type, "name"));
    }
    if (without[0])
        return check_say(k, VERDICT_WARN, "no params schema for %s: nobody learns of a typo before it is deployed", without);
    if (open[0])
        return check_say(k, VERDICT_WARN, "params of %s may hold anything else; \"additionalProperties\": false finds typos", open);
    return check_say(k, VERDICT_OK, "every type says which params it takes");
}

const struct check_rule check_static_rules[] = {
    {"file", NULL, false, file},
    {"manifest", NULL, false, manifest},
    {"symbols", NULL, false, symbols},
    {"schema", NULL, false, schema},
    {0},
};
