/* Owns the way of Kubernetes' events into the log: each once, and none that was there before. Slot's thread. */
#include "kubernetes.h"
#include <stdio.h>

#define MAX_SEEN 200

static bool is_below(const char *name, const char *owner)
{
    size_t len = strlen(owner);

    return strncmp(name, owner, len) == 0 && name[len] == '-';
}

/* Is it about one of the objects, or about what their controllers made of them? */
static bool is_about(const json_t *involved, const json_t *objects)
{
    const char *kind = text_at(involved, "kind", ""), *name = text_at(involved, "name", "");
    bool made = strcmp(kind, "Pod") == 0 || strcmp(kind, "ReplicaSet") == 0 || strcmp(kind, "Job") == 0;
    const json_t *object;
    size_t i;

    json_array_foreach(objects, i, object) if ((strcmp(object_kind(object), kind) == 0 && strcmp(object_name(object), name) == 0) ||
                                               (made && is_below(name, object_name(object)))) return true;
    return false;
}

static void say(struct k8s_work *work, const json_t *event, json_int_t count)
{
    const json_t *involved = json_object_get(event, "involvedObject");
    char times[40] = "";

    if (count > 1)
        snprintf(times, sizeof times, " (%lld times)", (long long)count);
    work->host->log(work->call, strcmp(text_at(event, "type", ""), "Warning") == 0 ? INNO_LOG_WARN : INNO_LOG_INFO,
                    "%.60s %.253s: %.100s: %.2000s%s", text_at(involved, "kind", "?"), text_at(involved, "name", "?"),
                    text_at(event, "reason", ""), text_at(event, "message", ""), times);
}

static json_int_t count_of(const json_t *event)
{
    json_int_t count = json_integer_value(json_object_get(event, "count")),
               series = json_integer_value(json_object_get(json_object_get(event, "series"), "count"));

    count = series > count ? series : count;
    return count > 0 ? count : 1;
}

void events_tell(struct k8s_work *work, const json_t *objects, json_t *seen, bool silent)
{
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    CLEANUP(free_text) char *path = rest_path("/api/v1/namespaces/{}/events?limit=500", work->namespace);
    static const int also[] = {403, 404, 500, 502, 503, 504, 0};
    struct rest_request request = {.path = path, .also = also};
    const json_t *event;
    size_t i;

    if (!path || cluster_call(work, &request, &answer) != INNO_OK || answer.status != 200)
        return; /* they are a service, nothing depends on them */
    json_array_foreach(json_object_get(answer.json, "items"), i, event)
    {
        const char *uid = text_at(json_object_get(event, "metadata"), "uid", "");
        json_int_t count = count_of(event);

        if (!uid[0] || json_integer_value(json_object_get(seen, uid)) >= count ||
            !is_about(json_object_get(event, "involvedObject"), objects) ||
            (json_object_size(seen) >= MAX_SEEN && !json_object_get(seen, uid)))
            continue;
        json_object_set_new(seen, uid, json_integer(count));
        if (!silent)
            say(work, event, count);
    }
}
