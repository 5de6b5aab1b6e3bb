/* Owns what server-side apply alone cannot do: it takes away the fields that we have set, and leaves what the server had added beside them
 * (the port of a probe goes, its scheme stays; a strategy becomes Recreate, its rollingUpdate stays), which is then invalid. Such an object
 * is replaced, and what the replacement says about the owner of its fields is taken back, so that later applies can take fields away.
 * Slot's thread. */
#include "kubernetes.h"

static bool has_pods(const json_t *object)
{
    static const char *const kinds[] = {"Deployment", "StatefulSet", "DaemonSet"};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i], object_kind(object)) == 0)
            return true;
    return false;
}

/* The live object with our spec; what others have said beside it stays. New reference. */
static json_t *merged(const json_t *live, const json_t *object)
{
    static const char *const maps[] = {"labels", "annotations"};
    json_t *body = json_deep_copy(live), *metadata = json_object_get(body, "metadata");

    for (size_t i = 0; i < 2; i++) {
        json_t *own = json_object_get(json_object_get(object, "metadata"), maps[i]), *all = json_object_get(metadata, maps[i]);

        if (own && all)
            json_object_update(all, own);
        else if (own)
            json_object_set(metadata, maps[i], own);
    }
    json_object_del(metadata, "managedFields");
    json_object_del(body, "status");
    json_object_set(body, "spec", json_object_get(object, "spec"));
    return body;
}

inno_rc replace_object(struct k8s_work *work, const json_t *object, bool dry, bool *out_done, json_t **out)
{
    static const int also[] = {403, 409, 422, 0};
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    CLEANUP(json_put) json_t *live = NULL, *body = NULL;
    CLEANUP(free_text) char *path = NULL;
    struct rest_request request = {.method = "PUT", .also = also};
    char what[K8S_TEXT_BYTES];
    inno_rc rc;

    *out_done = false;
    if (!has_pods(object))
        return INNO_OK;
    if ((rc = object_get(work, object, &live)) != INNO_OK || !live)
        return rc;
    body = merged(live, object);
    rc = object_path(work, object, dry ? "?fieldManager=" K8S_MANAGER "&dryRun=All" : "?fieldManager=" K8S_MANAGER, &path);
    if (rc != INNO_OK || !body)
        return rc != INNO_OK ? rc : K8S_NO_MEMORY(work);
    request.path = path;
    request.json = body;
    rc = cluster_call(work, &request, &answer);
    if (rc != INNO_OK || answer.status == 422) /* it is invalid in itself: the apply's own words say so */
        return rc;
    object_say(object, what);
    if (answer.status >= 300)
        return cluster_fail(work, &request, &answer, what);
    if (!dry)
        K8S_LOG(work, INFO, "replaced %s: fields that the server had added stood in the way", what);
    *out_done = true;
    if (dry && out)
        *out = json_incref(answer.json);
    return INNO_OK;
}

/* The entries but for those of our updates; NULL when there is none of them. New reference. */
static json_t *without_updates(const json_t *managed)
{
    json_t *kept = json_array(), *entry;
    size_t i;

    json_array_foreach(managed, i, entry) if (strcmp(text_at(entry, "manager", ""), K8S_MANAGER) != 0 ||
                                              strcmp(text_at(entry, "operation", ""), "Update") != 0) json_array_append(kept, entry);
    if (json_array_size(kept) < json_array_size(managed) && json_array_size(kept))
        return kept;
    json_decref(kept);
    return NULL;
}

bool replace_owns(const json_t *live)
{
    CLEANUP(json_put) json_t *kept = without_updates(json_object_get(json_object_get(live, "metadata"), "managedFields"));

    return kept != NULL;
}

inno_rc replace_disown(struct k8s_work *work, const json_t *live)
{
    static const int also[] = {409, 0}; /* changed meanwhile: the next apply sees it again */
    const json_t *metadata = json_object_get(live, "metadata");
    CLEANUP(json_put) json_t *kept = without_updates(json_object_get(metadata, "managedFields")), *body = NULL;
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    CLEANUP(free_text) char *path = NULL;
    struct rest_request request = {.method = "PATCH", .content_type = "application/merge-patch+json", .also = also, .repeatable = true};
    inno_rc rc;

    if (!kept)
        return INNO_OK;
    body = json_pack("{s:{s:O, s:s}}", "metadata", "managedFields", kept, "resourceVersion", text_at(metadata, "resourceVersion", ""));
    rc = object_path(work, live, "", &path);
    if (rc != INNO_OK || !body)
        return rc != INNO_OK ? rc : K8S_NO_MEMORY(work);
    request.path = path;
    request.json = body;
    return cluster_call(work, &request, &answer);
}
