/* Who starts before whom: Score's `before` as init containers and native sidecars. Pure; any thread. */
#include "kube_priv.h"
#include <stdlib.h>
#include <string.h>

static struct kube_container *find(struct kube_container *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

/* Reads one `before` entry: the named container becomes what the other needs. Complete wins over started: who has ended has started. */
static int take_before(struct kube_render *r, struct kube_container *list, size_t count, const struct kube_container *of, const char *name,
                       const json_t *entry)
{
    struct kube_place at = {of->name, "before", name};
    const char *ready = json_string_value(json_object_get(entry, "ready"));
    struct kube_container *other = find(list, count, name);

    if (!other)
        return kube_fail(r, &at, "there is no container of that name");
    if (other == of)
        return kube_fail(r, &at, "a container cannot wait for itself");
    if (!ready || (strcmp(ready, "started") != 0 && strcmp(ready, "healthy") != 0 && strcmp(ready, "complete") != 0))
        return kube_fail(r, &at, "ready must be started, healthy or complete");
    if (strcmp(ready, "complete") == 0) {
        other->role = KUBE_INIT;
        return 0;
    }
    if (other->role == KUBE_MAIN)
        other->role = KUBE_SIDECAR;
    if (strcmp(ready, "healthy") == 0) {
        if (!json_object_get(other->spec, "readinessProbe") && !json_object_get(other->spec, "livenessProbe"))
            return kube_fail(r, &at, "\"healthy\" needs a readinessProbe or livenessProbe in container %s", name);
        other->healthy = true;
    }
    return 0;
}

static bool waits_for_unplaced(const struct kube_container *c, struct kube_container *list, size_t count)
{
    const char *name;
    json_t *entry;

    json_object_foreach(json_object_get(c->spec, "before"), name, entry) if (!find(list, count, name)->placed) return true;
    return false;
}

/* Kahn's algorithm; among those that may start, the first by name. */
static int sort_by_start(struct kube_render *r, struct kube_container *list, size_t count)
{
    struct kube_container sorted[KUBE_MAX_CONTAINERS];
    size_t done = 0;

    while (done < count) {
        size_t i = 0;

        while (i < count && (list[i].placed || waits_for_unplaced(&list[i], list, count)))
            i++;
        if (i == count) {
            for (i = 0; list[i].placed; i++)
                ;
            return kube_fail(r, &(struct kube_place){list[i].name, "before", NULL}, "the containers wait for each other in a circle");
        }
        list[i].placed = true;
        sorted[done++] = list[i];
    }
    memcpy(list, sorted, count * sizeof *list);
    return 0;
}

int kube_order_containers(struct kube_render *r, struct kube_container *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *before = json_object_get(list[i].spec, "before");
        size_t names_count;
        const char **names;
        int rc = 0;

        if (!before)
            continue;
        if (!json_is_object(before))
            return kube_fail(r, &(struct kube_place){list[i].name, "before", NULL}, "must be a map");
        names = kube_sorted_keys(r, before, &names_count);
        for (size_t k = 0; names && k < names_count && rc == 0; k++)
            rc = take_before(r, list, count, &list[i], names[k], json_object_get(before, names[k]));
        free(names);
        if (rc < 0)
            return -1;
    }
    return sort_by_start(r, list, count);
}
