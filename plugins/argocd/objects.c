/* Owns projects and applications as custom resources of the Kubernetes API server that Argo CD runs in: written by server-side apply, read
 * with their status, synced by their operation, removed with what they made by the finalizer. Slot's thread. */
#include "argocd.h"
#include "kubernetes.h"
#include <stdio.h>

#define API       "argoproj.io/v1alpha1"
#define FINALIZER "resources-finalizer.argocd.argoproj.io"
#define NAMESPACE "argocd"

static const struct field fields[] = {K8S_CLUSTER_FIELDS, {"namespace", FIELD_TEXT, .least = 1, .most = 63}, {NULL}};

void objects_close(struct argocd *self)
{
    if (self->cluster)
        cluster_fini(self->cluster);
    free(self->cluster);
    self->cluster = NULL;
}

inno_rc objects_open(struct argocd *self, const inno_host *host, inno_call *call, json_t *config)
{
    inno_rc rc = fields_check(host, call, INNO_INVALID_CONFIG, "config.kubernetes", config, fields);

    if (rc != INNO_OK)
        return rc;
    self->cluster = calloc(1, sizeof *self->cluster);
    if (!self->cluster)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    return cluster_take(self->cluster, host, call, "config.kubernetes", config);
}

/* ---- one object ---- */

static const char *namespace_of(const struct argo_work *work)
{
    return field_text(json_object_get(work->self->config, "kubernetes"), "namespace", NAMESPACE);
}

/* What the functions of plugins/kubernetes take. What the spec says is the resource's, whoever wrote it meanwhile. */
static struct k8s_work work_of(struct argo_work *work)
{
    struct k8s_work made = {.self = work->self->cluster, .host = work->host, .call = work->call, .res = work->res, .force = true};

    snprintf(made.namespace, sizeof made.namespace, "%s", namespace_of(work));
    return made;
}

static json_t *object_named(const struct argo_work *work, const char *kind, const char *name)
{
    return json_pack("{s:s,s:s,s:{s:s,s:s}}", "apiVersion", API, "kind", kind, "metadata", "name", name, "namespace", namespace_of(work));
}

/* Changes what server-side apply does not: by a merge patch, for this version of the object only. Steals `body`. */
static inno_rc patch(struct argo_work *work, const json_t *live, json_t *body)
{
    static const int also[] = {403, 404, 409, 422, 0};
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    CLEANUP(json_put) json_t *taken = body;
    CLEANUP(free_text) char *path = NULL;
    struct k8s_work k = work_of(work);
    struct rest_request request = {.method = "PATCH", .json = taken, .content_type = "application/merge-patch+json", .also = also};
    json_t *metadata;
    char what[K8S_TEXT_BYTES];
    inno_rc rc = object_path(&k, live, "?fieldManager=" K8S_MANAGER, &path);

    if (rc != INNO_OK)
        return rc;
    metadata = json_object_get(taken, "metadata");
    if (!metadata && json_object_set_new(taken, "metadata", metadata = json_object()) != 0)
        return ARGO_NO_MEMORY(work);
    json_object_set(metadata, "resourceVersion", json_object_get(json_object_get(live, "metadata"), "resourceVersion"));
    request.path = path;
    object_say(live, what);
    rc = cluster_call(&k, &request, &answer);
    return rc != INNO_OK || answer.status < 300 ? rc : cluster_fail(&k, &request, &answer, what);
}

inno_rc objects_read(struct argo_work *work, const char *kind, json_t **out)
{
    CLEANUP(json_put) json_t *object = object_named(work, kind, work->name);
    struct k8s_work k = work_of(work);

    return object ? object_get(&k, object, out) : ARGO_NO_MEMORY(work);
}

/* Server-side apply leaves what others have added: `automated` would sync by itself what is not to be. */
static inno_rc take_back(struct argo_work *work, const json_t *spec, const json_t *live)
{
    if (!json_object_get(json_object_get(json_object_get(live, "spec"), "syncPolicy"), "automated") ||
        json_object_get(json_object_get(spec, "syncPolicy"), "automated"))
        return INNO_OK;
    return patch(work, live, json_pack("{s:{s:{s:n}}}", "spec", "syncPolicy", "automated"));
}

inno_rc objects_put(struct argo_work *work, const char *kind, json_t *spec)
{
    CLEANUP(json_put) json_t *object = object_named(work, kind, work->name), *live = NULL;
    json_t *metadata = json_object_get(object, "metadata");
    struct k8s_work k = work_of(work);
    inno_rc rc;

    json_object_set_new(metadata, "annotations", json_pack("{s:s}", ARGO_MARK, work->mark));
    json_object_set_new(metadata, "finalizers", json_pack("[s]", FINALIZER));
    if (!object || json_object_set(object, "spec", spec) != 0)
        return ARGO_NO_MEMORY(work);
    rc = object_apply(&k, object, false, &live);
    return rc == INNO_OK ? take_back(work, spec, live) : rc;
}

inno_rc objects_sync(struct argo_work *work, bool prune)
{
    CLEANUP(json_put) json_t *live = NULL, *sync = json_pack("{s:b}", "prune", prune);
    inno_rc rc = objects_read(work, ARGO_APPLICATION, &live);
    json_t *options = json_object_get(json_object_get(json_object_get(live, "spec"), "syncPolicy"), "syncOptions");
    const char *phase = field_text(json_object_get(json_object_get(live, "status"), "operationState"), "phase", "");

    if (rc != INNO_OK)
        return rc;
    if (!live || !sync)
        return ARGO_FAIL(work, INNO_TRANSIENT, "the application %s is gone again", work->name);
    if (json_is_object(json_object_get(live, "operation")) || strcmp(phase, "Running") == 0)
        return INNO_OK; /* as for the API server: one that is under way will do */
    if (options)
        json_object_set(sync, "syncOptions", options);
    return patch(work, live, json_pack("{s:{s:{s:s},s:O}}", "operation", "initiatedBy", "username", K8S_MANAGER, "sync", sync));
}

/* With the finalizer Argo CD removes what the application made before it lets it go, and keeps a project that is still used; somebody may
 * have taken it away. */
static inno_rc have_finalizer(struct argo_work *work, const json_t *live)
{
    json_t *finalizers = json_object_get(json_object_get(live, "metadata"), "finalizers"), *item, *all;
    size_t i;

    json_array_foreach(finalizers, i, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), FINALIZER) == 0)
            return INNO_OK;
    }
    all = finalizers ? json_copy(finalizers) : json_array();
    json_array_append_new(all, json_string(FINALIZER));
    return patch(work, live, json_pack("{s:{s:o}}", "metadata", "finalizers", all));
}

inno_rc objects_delete(struct argo_work *work, const json_t *live)
{
    struct k8s_work k = work_of(work);
    inno_rc rc = INNO_OK;

    if (!json_object_get(json_object_get(live, "metadata"), "deletionTimestamp")) {
        rc = have_finalizer(work, live);
        if (rc == INNO_OK)
            rc = object_delete(&k, live);
    }
    if (rc != INNO_OK)
        return rc;
    work->host->poll_after(work->call, K8S_POLL_GONE_MS);
    return INNO_PENDING;
}

/* The kinds are there, and the user may read them: one that nobody has is asked for. */
inno_rc objects_check(struct argo_work *work)
{
    CLEANUP(json_put) json_t *object = object_named(work, ARGO_APPLICATION, "innominatus-health"), *there = NULL;
    struct k8s_work k = work_of(work);

    return object ? object_get(&k, object, &there) : ARGO_NO_MEMORY(work);
}

void objects_url(const struct argo_work *work, const char *plural, char out[300])
{
    snprintf(out, 300, "%.100s/apis/" API "/namespaces/%.63s/%s/%.63s", work->self->cluster->access.url, namespace_of(work), plural,
             work->name);
}
