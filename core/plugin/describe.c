/* Owns what `plugin list` shows of the manager. Any thread; all of it is copied, as the loop uses what instances hold. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "plugin/plugin_priv.h"
#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {
    [PLUGIN_READY] = "ready", [PLUGIN_REFUSED] = "refused",           [PLUGIN_FAILED] = "failed",
    [PLUGIN_STUCK] = "stuck", [PLUGIN_OPEN_CIRCUIT] = "open_circuit", [PLUGIN_DRAINING] = "draining",
};

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static int64_t p99_us(const struct instance *i)
{
    int64_t sorted[DURATIONS];
    size_t count = i->duration_count < DURATIONS ? i->duration_count : DURATIONS;

    if (count == 0)
        return 0;
    memcpy(sorted, i->durations_us, count * sizeof sorted[0]);
    qsort(sorted, count, sizeof sorted[0], by_value);
    return sorted[(count * 99) / 100 < count ? (count * 99) / 100 : count - 1];
}

static json_t *names_of(const json_t *named)
{
    json_t *names = json_array(), *item;
    size_t at;

    json_array_foreach(named, at, item) { json_append_str(names, json_str(item, "name")); }
    return names;
}

static void add_manifest(json_t *to, const struct instance *i)
{
    const json_t *manifest = i->vetted.manifest;

    if (!manifest)
        return;
    json_set_str(to, "plugin", json_str(manifest, "name"));
    json_set_str(to, "version", json_str(manifest, "version"));
    json_set_new(to, "types", json_clone(i->vetted.types));
    json_set_new(to, "step_types", names_of(json_object_get(manifest, "step_types")));
    json_set_str(to, "sha256", i->vetted.sha256);
    json_set_str(to, "signed_by", i->vetted.signed_by[0] ? i->vetted.signed_by : NULL);
    if (json_array_size(i->vetted.warnings))
        json_set_new(to, "warnings", json_clone(i->vetted.warnings));
    json_set_new(to, "permissions", json_clone(json_object_get(manifest, "permissions")));
    json_set_new(to, "grant", json_clone(i->vetted.grant));
    json_set_new(to, "slots", json_clone(json_object_get(manifest, "slots")));
    json_set_new(to, "actions", json_clone(json_object_get(manifest, "actions")));
}

static json_t *describe(const struct instance *i, bool by_groups)
{
    json_t *to = json_object();
    char text[CLOCK_TEXT_BYTES];

    json_set_str(to, "name", i->name);
    json_set_str(to, "version", i->version);
    add_manifest(to, i);
    json_set_str(to, "product", i->product);
    json_set_str(to, "isolation", i->is_inline ? "inline" : "process");
    if (i->weak_known) {
        json_set_str(to, "sandbox", json_array_size(i->weak) ? "weak" : "full");
        if (json_array_size(i->weak))
            json_set_new(to, "sandbox_lacks", json_clone(i->weak));
    }
    json_set_str(to, "limits_by", i->is_inline ? NULL : by_groups ? "cgroup" : "watch");
    json_set_str(to, "state", state_names[i->drains && i->state == PLUGIN_READY ? PLUGIN_DRAINING : i->state]);
    if (i->drains)
        json_set_str(to, "reason", "its entry has left the configuration; it serves the resources that it owns until they are gone");
    if (i->reason[0])
        json_set_str(to, "reason", i->reason);
    circuit_describe(i, to);
    health_describe(i, to);
    json_set_int(to, "hosts", i->host_count);
    json_set_int(to, "calls", i->calls);
    json_set_new(to, "p99_ms", json_real((double)p99_us(i) / 1000.0));
    json_set_int(to, "crashes", i->crashes);
    if (i->recycled)
        json_set_int(to, "recycled", i->recycled);
    if (i->last_crash_us)
        json_set_new(to, "last_crash", json_pack("{s:s,s:s}", "at", clock_format(i->last_crash_us, text), "message", i->last_crash));
    return to;
}

json_t *plugin_describe_all(struct plugin_manager *m)
{
    json_t *list = json_array();

    pthread_mutex_lock(&m->lock);
    for (const struct instance *i = m->instances; i; i = i->next)
        json_array_insert_new(list, 0, describe(i, m->cgroups.memory));
    for (const struct instance *i = m->retired; i; i = i->next)
        if (i->state != PLUGIN_REFUSED) /* it has nothing to end: the one in its place is all there is to tell */
            json_array_append_new(list, describe(i, m->cgroups.memory));
    pthread_mutex_unlock(&m->lock);
    return list;
}

json_t *plugin_warnings(struct plugin_manager *m, const char *instance)
{
    json_t *warnings = NULL;

    pthread_mutex_lock(&m->lock);
    for (const struct instance *i = m->instances; i && !warnings; i = i->next)
        if (str_eq(i->name, instance))
            warnings = json_clone(i->vetted.warnings);
    pthread_mutex_unlock(&m->lock);
    return warnings ? warnings : json_array();
}

json_t *plugin_manifest(struct plugin_manager *m, const char *instance)
{
    json_t *manifest = NULL;

    pthread_mutex_lock(&m->lock);
    for (const struct instance *i = m->instances; i && !manifest; i = i->next)
        if (str_eq(i->name, instance))
            manifest = i->state == PLUGIN_REFUSED ? NULL : json_deep_copy(i->vetted.manifest);
    pthread_mutex_unlock(&m->lock);
    return manifest;
}
