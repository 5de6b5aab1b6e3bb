/* Owns the normalised spec: one way to write each thing, whatever older form the file used. Any thread; no state. */
#include "base/cleanup.h"
#include "score/score_priv.h"
#include <string.h>

static void rename_key(json_t *object, const char *from, const char *to)
{
    json_t *value = json_object_get(object, from);

    if (!value)
        return;
    json_object_set(object, to, value);
    json_object_del(object, from);
}

/* 80.0 becomes 80: the specification's "integer" allows both. */
static void make_integer(json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (json_is_real(value)) /* the schema let only whole ones pass */
        json_set_int(object, key, (int64_t)json_real_value(value));
}

/* A list of entries with `target` becomes a map from target to entry. */
static void make_map(json_t *container, const char *key)
{
    json_t *list = json_object_get(container, key), *map, *item;
    size_t i;

    if (!json_is_array(list))
        return;
    map = json_object();
    json_array_foreach(list, i, item)
    {
        CLEANUP(json_put) json_t *entry = json_copy(item);

        json_object_del(entry, "target");
        json_object_set(map, json_str(item, "target"), entry);
    }
    json_object_set_new(container, key, map);
}

static void normalise_container(json_t *container)
{
    const char *key;
    json_t *volume;

    make_map(container, "files");
    make_map(container, "volumes");
    json_object_foreach(json_object_get(container, "volumes"), key, volume) rename_key(volume, "read_only", "readOnly");
    make_integer(json_at(container, "livenessProbe.httpGet"), "port");
    make_integer(json_at(container, "readinessProbe.httpGet"), "port");
}

json_t *score_normalise(const struct node *root)
{
    json_t *spec = node_to_json(root), *item;
    const char *key;

    json_object_foreach(json_object_get(spec, "containers"), key, item) normalise_container(item);
    json_object_foreach(json_at(spec, "service.ports"), key, item)
    {
        make_integer(item, "port");
        make_integer(item, "targetPort");
    }
    json_object_foreach(json_object_get(spec, "resources"), key, item)
    {
        rename_key(item, "properties", "params");
        if (!json_object_get(item, "params"))
            json_set_new(item, "params", json_object());
    }
    return spec;
}
