/* config {data, secretData} -> name, secret, namespace: a ConfigMap, a Secret, or both. Slot's thread. */
#include "base64.h"
#include "kube_render.h"
#include "kubernetes.h"
#include <stdio.h>

static const struct field table[] = {{"data", FIELD_TEXT_MAP, .most = KUBE_MAX_CONFIG_BYTES, .items = 10000, .free = true},
                                     {"secretData", FIELD_TEXT_MAP, .most = KUBE_MAX_CONFIG_BYTES, .items = 10000, .free = true},
                                     {NULL}};

static inno_rc check_keys(struct k8s_work *work, const char *param)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    const char *key;
    json_t *value;
    size_t bytes = 0;

    json_object_foreach(json_object_get(work->params, param), key, value)
    {
        size_t len = strlen(key);

        if (!len || len > 253 || strspn(key, allowed) != len || strcmp(key, ".") == 0 || strncmp(key, "..", 2) == 0)
            return K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.%s: \"%.80s\" is no key of at most 253 letters, digits, '-', '_' and '.'",
                            param, key);
        bytes += json_string_length(value) + len;
    }
    return bytes <= KUBE_MAX_CONFIG_BYTES
               ? INNO_OK
               : K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.%s takes %zu bytes; the limit is %u", param, bytes, KUBE_MAX_CONFIG_BYTES);
}

static json_t *make(const struct k8s_work *work, const char *kind, json_t *data)
{
    return json_pack("{s:s, s:s, s:{s:s}, s:o}", "apiVersion", "v1", "kind", kind, "metadata", "name", work->name, "data", data);
}

static json_t *encoded(const json_t *texts)
{
    json_t *out = json_object(), *value;
    const char *key;

    json_object_foreach((json_t *)(uintptr_t)texts, key, value)
        json_object_set_new(out, key, base64_text(json_string_value(value), json_string_length(value)));
    return out;
}

static inno_rc describe(struct k8s_work *work, json_t **out)
{
    json_t *data = json_object_get(work->params, "data"), *secret = json_object_get(work->params, "secretData");
    CLEANUP(json_put) json_t *objects = json_array();
    inno_rc rc = params_check(work, "params", table);

    if (rc == INNO_OK)
        rc = check_keys(work, "data");
    if (rc == INNO_OK)
        rc = check_keys(work, "secretData");
    if (rc != INNO_OK)
        return rc;
    if (!json_object_size(data) && !json_object_size(secret))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.data or params.secretData must have something in it");
    if (json_object_size(data) && json_array_append_new(objects, make(work, "ConfigMap", json_incref(data))) != 0)
        return K8S_NO_MEMORY(work);
    if (json_object_size(secret)) {
        json_t *object = make(work, "Secret", encoded(secret));

        json_object_set_new(object, "type", json_string("Opaque"));
        if (json_array_append_new(objects, object) != 0)
            return K8S_NO_MEMORY(work);
    }
    *out = json_incref(objects);
    return INNO_OK;
}

static inno_rc outputs(struct k8s_work *work, const json_t *objects)
{
    const json_t *object;
    size_t i;

    json_array_foreach(objects, i, object)
        work->host->output(work->call, strcmp(object_kind(object), "Secret") == 0 ? "secret" : "name", object_name(object));
    work->host->output(work->call, "namespace", work->namespace);
    return INNO_OK;
}

static inno_rc hints(struct k8s_work *work)
{
    char text[K8S_TEXT_BYTES];

    if (json_object_size(json_object_get(work->params, "data"))) {
        snprintf(text, sizeof text, "kubectl -n %s get configmap %.253s -o yaml", work->namespace, work->name);
        work->host->hint(work->call, INNO_HINT_COMMAND, "read it", text);
    }
    return INNO_OK;
}

static const char *const kinds[] = {"v1 ConfigMap", "v1 Secret", NULL};
const struct k8s_type k8s_config = {"config", describe, outputs, hints, kinds, false};
