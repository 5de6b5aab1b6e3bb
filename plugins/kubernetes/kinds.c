/* Owns the paths of kinds: what every server has is written down, the rest is asked for once (discovery). Slot's thread. */
#include "kubernetes.h"
#include <stdio.h>

static const struct {
    const char *api_version, *kind, *plural;
    bool namespaced;
} known[] = {
    {"v1", "ConfigMap", "configmaps", true},
    {"v1", "Secret", "secrets", true},
    {"v1", "Service", "services", true},
    {"v1", "ServiceAccount", "serviceaccounts", true},
    {"v1", "PersistentVolumeClaim", "persistentvolumeclaims", true},
    {"v1", "Pod", "pods", true},
    {"v1", "ResourceQuota", "resourcequotas", true},
    {"v1", "LimitRange", "limitranges", true},
    {"v1", "Namespace", "namespaces", false},
    {"apps/v1", "Deployment", "deployments", true},
    {"apps/v1", "ReplicaSet", "replicasets", true},
    {"apps/v1", "StatefulSet", "statefulsets", true},
    {"apps/v1", "DaemonSet", "daemonsets", true},
    {"batch/v1", "Job", "jobs", true},
    {"networking.k8s.io/v1", "Ingress", "ingresses", true},
    {"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true},
    {"rbac.authorization.k8s.io/v1", "Role", "roles", true},
    {"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true},
};

static bool is_name(const char *text, size_t most)
{
    size_t len = strlen(text);

    return len >= 1 && len <= most && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == len &&
           text[0] != '.';
}

/* "/api/v1" or "/apis/GROUP/VERSION". */
static bool make_prefix(const char *api_version, char out[300])
{
    const char *slash = strchr(api_version, '/');
    char group[200];

    if (!slash) {
        snprintf(out, 300, "/api/%.60s", api_version);
        return is_name(api_version, 60);
    }
    snprintf(group, sizeof group, "%.*s", (int)(slash - api_version < 199 ? slash - api_version : 199), api_version);
    snprintf(out, 300, "/apis/%.199s/%.60s", group, slash + 1);
    return is_name(group, 190) && is_name(slash + 1, 60);
}

/* The server's list of an API version's kinds goes into the table. */
static inno_rc discover(struct k8s_work *work, const char *api_version, const char *prefix, const json_t **out)
{
    static const int also[] = {404, 0};
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.path = prefix, .also = also};
    CLEANUP(json_put) json_t *kinds = json_object();
    const json_t *item;
    size_t i;
    inno_rc rc = cluster_call(work, &request, &answer);

    if (rc != INNO_OK)
        return rc;
    json_array_foreach(json_object_get(answer.json, "resources"), i, item)
    {
        const char *name = text_at(item, "name", "");

        if (is_name(name, 99) && text_at(item, "kind", "")[0]) /* not "deployments/scale" */
            json_object_set_new(kinds, text_at(item, "kind", ""),
                                json_pack("{s:s, s:b}", "plural", name, "namespaced", json_is_true(json_object_get(item, "namespaced"))));
    }
    if (answer.status == 200)
        json_object_set(work->self->kinds, api_version, kinds);
    *out = answer.status == 200 ? json_object_get(work->self->kinds, api_version) : NULL;
    return INNO_OK;
}

inno_rc kinds_find(struct k8s_work *work, const char *api_version, const char *kind, struct k8s_kind *out)
{
    const json_t *kinds = json_object_get(work->self->kinds, api_version), *found;
    inno_rc rc;

    if (!make_prefix(api_version, out->prefix))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "apiVersion \"%.100s\" is none", api_version);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].api_version, api_version) == 0 && strcmp(known[i].kind, kind) == 0) {
            snprintf(out->plural, sizeof out->plural, "%s", known[i].plural);
            out->namespaced = known[i].namespaced;
            return INNO_OK;
        }
    if (!json_object_get(kinds, kind) && (rc = discover(work, api_version, out->prefix, &kinds)) != INNO_OK)
        return rc;
    found = json_object_get(kinds, kind);
    if (!found)
        return K8S_FAIL(work, INNO_NOT_FOUND, "Kubernetes at %s has no kind %.100s in %.100s; is its custom resource definition installed?",
                        work->self->access.url, kind, api_version);
    snprintf(out->plural, sizeof out->plural, "%s", text_at(found, "plural", ""));
    out->namespaced = json_is_true(json_object_get(found, "namespaced"));
    return INNO_OK;
}
