/* Owns the rules of overrides. Pure; any thread. */
#include "resource/override.h"
#include "base/str.h"
#include <stdio.h>
#include <string.h>

#define PART_BYTES 128

/* The next part of a dotted path; moves behind it. False at the end. */
static bool next_part(const char **path, char part[static PART_BYTES])
{
    size_t len = strcspn(*path, ".");

    if (len == 0 || len >= PART_BYTES)
        return false;
    snprintf(part, PART_BYTES, "%.*s", (int)len, *path);
    *path += len + ((*path)[len] == '.');
    return true;
}

static void set_at(json_t *params, const char *path, json_t *value)
{
    char part[PART_BYTES];

    while (next_part(&path, part)) {
        json_t *below = json_object_get(params, part);

        if (!*path) {
            json_object_set_new(params, part, json_clone(value));
            return;
        }
        if (!json_is_object(below)) {
            below = json_object();
            json_object_set_new(params, part, below);
        }
        params = below;
    }
}

void override_apply(json_t *params, const json_t *overrides)
{
    const char *path;
    json_t *one;

    json_object_foreach((json_t *)(uintptr_t)overrides, path, one)
    {
        if (json_object_get(one, "value"))
            set_at(params, path, json_object_get(one, "value"));
    }
}

json_t *override_add(const json_t *overrides, const json_t *sets, const char *action, const char *by, int64_t at)
{
    json_t *made = overrides ? json_clone(overrides) : json_object(), *value;
    const char *path;

    json_object_foreach((json_t *)(uintptr_t)sets, path, value)
    {
        json_t *one = json_object();

        json_set_new(one, "value", json_clone(value));
        json_set_str(one, "action", action);
        json_set_str(one, "by", by);
        json_set_time(one, "at", at);
        json_object_set_new(made, path, one);
    }
    return made;
}

json_t *override_left(const json_t *overrides, const json_t *params)
{
    json_t *left = json_object(), *one;
    const char *path;

    json_object_foreach((json_t *)(uintptr_t)overrides, path, one)
    {
        const json_t *said = json_at(params, path);

        if (!said || !json_equal(said, json_object_get(one, "value")))
            json_object_set_new(left, path, json_clone(one));
    }
    if (json_object_size(left))
        return left;
    json_decref(left);
    return NULL;
}

void override_list(json_t *list, const char *resource, const char *type, const json_t *overrides, const json_t *params)
{
    const char *path;
    json_t *one;

    json_object_foreach((json_t *)(uintptr_t)overrides, path, one)
    {
        json_t *item = json_object(), *said = json_at(params, path);

        json_set_str(item, "resource", resource);
        json_set_str(item, "type", type);
        json_set_str(item, "path", path);
        json_set_new(item, "value", json_clone(json_object_get(one, "value")));
        json_set_new(item, "file", said ? json_clone(said) : NULL);
        json_set_str(item, "action", json_str(one, "action"));
        json_set_str(item, "by", json_str(one, "by"));
        json_set_str(item, "at", json_str(one, "at"));
        json_array_append_new(list, item);
    }
}
