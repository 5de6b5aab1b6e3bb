/* namespace {quota, labels} -> namespace, name: one of the application's own, beside that of its team. Slot's thread. */
#include "compare.h"
#include "kube_render.h"
#include "kubernetes.h"
#include <stdio.h>

static const struct field table[] = {{"quota", FIELD_OBJECT}, {"labels", FIELD_TEXT_MAP, .most = 63}, {NULL}};

/* Team, environment and resource in one label. */
static void name_of(const struct k8s_work *work, char out[64])
{
    char text[700];

    snprintf(text, sizeof text, "%.63s-%.253s", work->namespace, work->name);
    for (char *c = text; *c; c++)
        if (*c == '.')
            *c = '-';
    kube_safe_label(text, out);
}

/* Is the label's key of a domain by which clusters decide what a namespace may do? */
static bool is_reserved(const char *key)
{
    static const char *const domains[] = {"kubernetes.io", "k8s.io", "openshift.io", "innominatus.dev"};
    size_t len = strcspn(key, "/");

    if (!key[len] || strncmp(key, "app.kubernetes.io/", 18) == 0)
        return false;
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
        size_t end = strlen(domains[i]);

        if (len >= end && strncmp(key + len - end, domains[i], end) == 0 && (len == end || key[len - end - 1] == '.'))
            return true;
    }
    return false;
}

static inno_rc check_labels(struct k8s_work *work)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_object_get(work->params, "labels"), key, value)
    {
        if (is_reserved(key))
            return K8S_FAIL(work, INNO_INVALID_RESOURCE,
                            "params.labels: %.100s is the cluster's own to say, as it decides what a namespace may do", key);
    }
    return INNO_OK;
}

/* Nobody gets more than the platform gives the team. */
static inno_rc check_quota(struct k8s_work *work, const json_t *quota)
{
    const json_t *most = place_quota(work, work->res->team);
    const char *key;
    json_t *value;
    double asked, given;

    json_object_foreach((json_t *)(uintptr_t)quota, key, value)
    {
        const char *text = json_string_value(value), *limit = json_string_value(json_object_get(most, key));

        if (!text || !compare_quantities(text, limit ? limit : text, &asked, &given))
            return K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.quota.%.80s must be a quantity such as \"10\" or \"4Gi\", as a text", key);
        if (limit && asked > given)
            return K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.quota.%.80s: %.40s is more than the %.40s that team %.80s may have", key,
                            text, limit, work->res->team);
    }
    return INNO_OK;
}

/* What the team has, with what the resource says. New reference; NULL when there is none. */
static json_t *make_quota(const struct k8s_work *work)
{
    const json_t *most = place_quota(work, work->res->team), *own = json_object_get(work->params, "quota");
    json_t *hard = json_object();

    json_object_update(hard, (json_t *)(uintptr_t)most);
    json_object_update(hard, (json_t *)(uintptr_t)own);
    if (json_object_size(hard))
        return hard;
    json_decref(hard);
    return NULL;
}

static inno_rc describe(struct k8s_work *work, json_t **out)
{
    CLEANUP(json_put) json_t *objects = json_array(), *quota = NULL, *labels = NULL;
    inno_rc rc = params_check(work, "params", table);
    char name[64];

    if (rc == INNO_OK)
        rc = check_labels(work);
    if (rc == INNO_OK)
        rc = check_quota(work, json_object_get(work->params, "quota"));
    if (rc != INNO_OK)
        return rc;
    name_of(work, name);
    snprintf(work->listed, sizeof work->listed, "%s", name); /* a quota that params no longer say */
    quota = make_quota(work);
    labels = json_object_get(work->params, "labels") ? json_copy(json_object_get(work->params, "labels")) : json_object();
    if (json_array_append_new(objects, json_pack("{s:s, s:s, s:{s:s, s:O, s:{s:s, s:s}}}", "apiVersion", "v1", "kind", "Namespace",
                                                 "metadata", "name", name, "labels", labels, "annotations", "innominatus.dev/team",
                                                 work->res->team, "innominatus.dev/environment", work->res->environment)) != 0)
        return K8S_NO_MEMORY(work);
    if (quota &&
        json_array_append_new(objects, json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:O}}", "apiVersion", "v1", "kind", "ResourceQuota",
                                                 "metadata", "name", "innominatus", "namespace", name, "spec", "hard", quota)) != 0)
        return K8S_NO_MEMORY(work);
    *out = json_incref(objects);
    return INNO_OK;
}

static inno_rc outputs(struct k8s_work *work, const json_t *objects)
{
    work->host->output(work->call, "name", object_name(json_array_get(objects, 0)));
    work->host->output(work->call, "namespace", object_name(json_array_get(objects, 0)));
    return INNO_OK;
}

static inno_rc hints(struct k8s_work *work)
{
    char name[64], text[K8S_TEXT_BYTES];

    name_of(work, name);
    snprintf(text, sizeof text, "kubectl -n %s get all", name);
    work->host->hint(work->call, INNO_HINT_COMMAND, "look inside", text);
    return INNO_OK;
}

static const char *const kinds[] = {"v1 Namespace", "v1 ResourceQuota", NULL};
const struct k8s_type k8s_namespace = {"namespace", describe, outputs, hints, kinds, true};
