/* Owns the verdict whether a live object is ready. Pure; any thread. */
#include "kubernetes.h"
#include <stdio.h>

static json_int_t number(const json_t *object, const char *key) { return json_integer_value(json_object_get(object, key)); }

static const json_t *condition(const json_t *live, const char *type)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(json_object_get(live, "status"), "conditions"), i,
                       item) if (strcmp(text_at(item, "type", ""), type) == 0) return item;
    return NULL;
}

static bool holds(const json_t *live, const char *type, const char *status)
{
    return strcmp(text_at(condition(live, type), "status", ""), status) == 0;
}

/* Has its controller seen what was applied last? */
static bool is_seen(const json_t *live)
{
    return number(json_object_get(live, "status"), "observedGeneration") >= number(json_object_get(live, "metadata"), "generation");
}

static enum rollout deployment(const json_t *live, char *text)
{
    const json_t *spec = json_object_get(live, "spec"), *status = json_object_get(live, "status");
    json_int_t wanted = json_object_get(spec, "replicas") ? number(spec, "replicas") : 1, updated = number(status, "updatedReplicas"),
               all = number(status, "replicas"), available = number(status, "availableReplicas");

    if (is_seen(live) && strcmp(text_at(condition(live, "Progressing"), "reason", ""), "ProgressDeadlineExceeded") == 0) {
        snprintf(text, K8S_TEXT_BYTES, "it does not get ready within its progress deadline: %.250s",
                 text_at(condition(live, "Progressing"), "message", ""));
        return ROLLOUT_BROKEN;
    }
    if (!is_seen(live))
        snprintf(text, K8S_TEXT_BYTES, "its controller has not seen it yet");
    else if (updated < wanted)
        snprintf(text, K8S_TEXT_BYTES, "%lld of %lld replicas are of this version", (long long)updated, (long long)wanted);
    else if (all > updated)
        snprintf(text, K8S_TEXT_BYTES, "%lld replicas of an older version are still there", (long long)(all - updated));
    else if (available < wanted)
        snprintf(text, K8S_TEXT_BYTES, "%lld of %lld replicas are available", (long long)available, (long long)wanted);
    else
        return ROLLOUT_DONE;
    return ROLLOUT_WAITS;
}

static enum rollout stateful_set(const json_t *live, char *text)
{
    const json_t *spec = json_object_get(live, "spec"), *status = json_object_get(live, "status");
    json_int_t wanted = json_object_get(spec, "replicas") ? number(spec, "replicas") : 1, ready = number(status, "readyReplicas"),
               updated = number(status, "updatedReplicas");

    if (strcmp(text_at(json_object_get(spec, "updateStrategy"), "type", ""), "OnDelete") == 0)
        updated = wanted;
    if (is_seen(live) && updated >= wanted && ready >= wanted)
        return ROLLOUT_DONE;
    snprintf(text, K8S_TEXT_BYTES, "%lld of %lld replicas are ready, %lld of this version", (long long)ready, (long long)wanted,
             (long long)updated);
    return ROLLOUT_WAITS;
}

static enum rollout daemon_set(const json_t *live, char *text)
{
    const json_t *status = json_object_get(live, "status");
    json_int_t wanted = number(status, "desiredNumberScheduled"), updated = number(status, "updatedNumberScheduled"),
               available = number(status, "numberAvailable");

    if (is_seen(live) && updated >= wanted && available >= wanted)
        return ROLLOUT_DONE;
    snprintf(text, K8S_TEXT_BYTES, "%lld of %lld pods are available, %lld of this version", (long long)available, (long long)wanted,
             (long long)updated);
    return ROLLOUT_WAITS;
}

static enum rollout job(const json_t *live, char *text)
{
    const json_t *status = json_object_get(live, "status");

    if (holds(live, "Failed", "True")) {
        snprintf(text, K8S_TEXT_BYTES, "it failed: %.300s", text_at(condition(live, "Failed"), "message", ""));
        return ROLLOUT_BROKEN;
    }
    if (holds(live, "Complete", "True"))
        return ROLLOUT_DONE;
    snprintf(text, K8S_TEXT_BYTES, "%lld pods run, %lld have failed", (long long)number(status, "active"),
             (long long)number(status, "failed"));
    return ROLLOUT_WAITS;
}

/* A claim may wait for the first pod that uses it: that is no reason to wait for it. */
static enum rollout claim(const json_t *live, char *text)
{
    if (strcmp(text_at(json_object_get(live, "status"), "phase", ""), "Lost") != 0)
        return ROLLOUT_DONE;
    snprintf(text, K8S_TEXT_BYTES, "its volume is lost");
    return ROLLOUT_BROKEN;
}

static enum rollout namespace(const json_t *live, char *text) {
    if (strcmp(text_at(json_object_get(live, "status"), "phase", "Active"), "Active") == 0) return ROLLOUT_DONE;
    snprintf(text, K8S_TEXT_BYTES, "it is being removed");
    return ROLLOUT_WAITS;
}

static enum rollout pod(const json_t *live, char *text)
{
    const char *phase = text_at(json_object_get(live, "status"), "phase", "");

    if (holds(live, "Ready", "True") || strcmp(phase, "Succeeded") == 0)
        return ROLLOUT_DONE;
    snprintf(text, K8S_TEXT_BYTES, "it is %.40s", phase[0] ? phase : "new");
    return strcmp(phase, "Failed") == 0 ? ROLLOUT_BROKEN : ROLLOUT_WAITS;
}

static enum rollout definition(const json_t *live, char *text)
{
    if (holds(live, "Established", "True"))
        return ROLLOUT_DONE;
    snprintf(text, K8S_TEXT_BYTES, "it is not established yet");
    return ROLLOUT_WAITS;
}

/* Kinds of operators mostly say it by a condition "Ready"; those that say nothing are ready. */
static enum rollout anything(const json_t *live, char *text)
{
    const json_t *ready = condition(live, "Ready");

    if (!ready || strcmp(text_at(ready, "status", ""), "True") == 0)
        return ROLLOUT_DONE;
    snprintf(text, K8S_TEXT_BYTES, "it is not ready: %.300s", text_at(ready, "message", text_at(ready, "reason", "")));
    return ROLLOUT_WAITS;
}

enum rollout rollout_look(const json_t *live, char text[K8S_TEXT_BYTES])
{
    static const struct {
        const char *kind;
        enum rollout (*look)(const json_t *live, char *text);
    } looks[] = {{"Deployment", deployment},
                 {"StatefulSet", stateful_set},
                 {"DaemonSet", daemon_set},
                 {"Job", job},
                 {"Namespace", namespace},
                 {"PersistentVolumeClaim", claim},
                 {"Pod", pod},
                 {"CustomResourceDefinition", definition}};

    text[0] = '\0';
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (strcmp(looks[i].kind, object_kind(live)) == 0)
            return looks[i].look(live, text);
    return anything(live, text);
}
