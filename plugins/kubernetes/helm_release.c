/* What helm has written of a release: one Secret a revision, whose labels say its number and state. A run that was killed leaves one that
 * is "pending", and no later run of helm does anything until it is gone. Slot's thread. */
#include "kubernetes.h"
#include <stdio.h>

static int64_t number_of(const json_t *secret) { return strtoll(object_label(secret, "version"), NULL, 10); }

/* *out: the newest revision, new reference; NULL when there is none. */
static inno_rc newest(struct k8s_work *work, const char *release, json_t **out)
{
    CLEANUP(json_put) json_t *all = NULL;
    const json_t *item, *last = NULL;
    char selector[200];
    size_t i;
    inno_rc rc;

    snprintf(selector, sizeof selector, "labelSelector=owner%%3Dhelm%%2Cname%%3D%.60s", release);
    rc = object_list(work, "v1", "Secret", work->namespace, selector, &all);
    if (rc != INNO_OK)
        return rc;
    json_array_foreach(all, i, item) if (!last || number_of(item) > number_of(last)) last = item;
    *out = last ? json_incref((json_t *)(uintptr_t)last) : NULL;
    return INNO_OK;
}

/* Is it what an earlier attempt of this step was writing when it was killed? */
static bool is_ours(const struct k8s_work *work, const char *release, const json_t *revision)
{
    const json_t *mark = json_object_get(work->state, "helm");

    return strncmp(object_label(revision, "status"), "pending-", 8) == 0 && strcmp(text_at(mark, "release", ""), release) == 0 &&
           strcmp(text_at(mark, "in", ""), work->namespace) == 0 &&
           json_integer_value(json_object_get(mark, "revision")) == number_of(revision);
}

/* At once: in the foreground it would be there until the cluster's collector has passed, and helm would find it. */
static inno_rc forget(struct k8s_work *work, const json_t *revision)
{
    static const int also[] = {404, 409, 0};
    CLEANUP(json_put)
    json_t *body = json_pack("{s:s, s:s, s:s, s:{s:s}}", "apiVersion", "v1", "kind", "DeleteOptions", "propagationPolicy", "Background",
                             "preconditions", "uid", text_at(json_object_get(revision, "metadata"), "uid", ""));
    CLEANUP(free_text) char *path = rest_path("/api/v1/namespaces/{}/secrets/{}", work->namespace, object_name(revision));
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.method = "DELETE", .path = path, .json = body, .also = also};

    return path && body ? cluster_call(work, &request, &answer) : K8S_NO_MEMORY(work);
}

inno_rc helm_release_begin(struct k8s_work *work, const char *release)
{
    CLEANUP(json_put) json_t *last = NULL;
    int64_t next = 1;
    inno_rc rc = newest(work, release, &last);

    if (rc != INNO_OK)
        return rc;
    if (last)
        next = number_of(last) + 1;
    if (last && is_ours(work, release, last)) {
        next--;
        K8S_LOG(work, WARN, "helm was killed while it wrote revision %lld of %s; that is forgotten, and begun again", (long long)next,
                release);
        rc = forget(work, last);
    }
    return rc == INNO_OK ? set_keep(work, "helm", json_pack("{s:s, s:s, s:I}", "release", release, "in", work->namespace, "revision", next))
                         : rc;
}

inno_rc helm_release_end(struct k8s_work *work) { return set_keep(work, "helm", json_null()); }

void helm_release_tell(struct k8s_work *work, const char *release)
{
    CLEANUP(json_put) json_t *last = NULL;
    char text[32];

    if (newest(work, release, &last) != INNO_OK || !last) {
        K8S_LOG(work, WARN, "what helm has written of %s cannot be read: there are no outputs revision and status", release);
        return;
    }
    snprintf(text, sizeof text, "%lld", (long long)number_of(last));
    work->host->output_json(work->call, "revision", inno_span_of(text));
    work->host->output(work->call, "status", object_label(last, "status"));
}
