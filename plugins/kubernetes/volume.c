/* volume {size, mode, storageClass, accessModes} -> source, name, namespace: a PersistentVolumeClaim. Slot's thread. */
#include "compare.h"
#include "kubernetes.h"
#include <stdio.h>

static const char *const access_modes[] = {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod", NULL};
static const struct field table[] = {{"size", FIELD_TEXT, .least = 1, .most = 40},
                                     {"mode", FIELD_TEXT, .least = 3, .most = 4},
                                     {"storageClass", FIELD_TEXT, .least = 1, .most = 253},
                                     {"accessModes", FIELD_TEXTS, .choices = access_modes},
                                     {NULL}};

static bool is_mode(const char *mode) { return strspn(mode, "01234567") == strlen(mode) && (strlen(mode) == 3 || mode[0] == '0'); }

static inno_rc check(struct k8s_work *work)
{
    const json_t *list = json_object_get(work->params, "accessModes");
    const char *class = json_string_value(json_object_get(work->params, "storageClass")), *size = field_text(work->params, "size", "1Gi"),
               *mode = json_string_value(json_object_get(work->params, "mode"));
    inno_rc rc = params_check(work, "params", table);
    double number, same;

    if (rc != INNO_OK)
        return rc;
    if (!compare_quantities(size, size, &number, &same) || number <= 0)
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.size must be a quantity such as \"10Gi\", as a text");
    if (list && !json_array_size(list))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.accessModes must not be empty");
    if (class && !params_is_name(class))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.storageClass \"%.100s\" is no name", class);
    if (mode && !is_mode(mode))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "params.mode must be three octal digits such as \"0755\"");
    return INNO_OK;
}

static inno_rc describe(struct k8s_work *work, json_t **out)
{
    const json_t *modes = json_object_get(work->params, "accessModes");
    const char *class = text_at(work->params, "storageClass", text_at(work->self->config, "storageClass", ""));
    inno_rc rc = check(work);
    json_t *spec;

    if (rc != INNO_OK)
        return rc;
    if (json_object_get(work->params, "mode") && work->for_real)
        K8S_LOG(work, INFO, "params.mode is for directories; a volume of the cluster has the mode that its storage class gives");
    spec = json_pack("{s:o, s:{s:{s:s}}}", "accessModes", modes ? json_deep_copy(modes) : json_pack("[s]", "ReadWriteOnce"), "resources",
                     "requests", "storage", text_at(work->params, "size", "1Gi"));
    if (spec && class[0])
        json_object_set_new(spec, "storageClassName", json_string(class));
    *out = json_pack("[{s:s, s:s, s:{s:s}, s:o}]", "apiVersion", "v1", "kind", "PersistentVolumeClaim", "metadata", "name", work->name,
                     "spec", spec);
    return *out ? INNO_OK : K8S_NO_MEMORY(work);
}

static inno_rc outputs(struct k8s_work *work, const json_t *objects)
{
    (void)objects;
    work->host->output(work->call, "source", work->name); /* what a workload's volume names */
    work->host->output(work->call, "name", work->name);
    work->host->output(work->call, "namespace", work->namespace);
    return INNO_OK;
}

static inno_rc hints(struct k8s_work *work)
{
    char text[K8S_TEXT_BYTES];

    snprintf(text, sizeof text, "kubectl -n %s describe pvc %.253s", work->namespace, work->name);
    work->host->hint(work->call, INNO_HINT_COMMAND, "look at it", text);
    return INNO_OK;
}

static const char *const kinds[] = {"v1 PersistentVolumeClaim", NULL};
const struct k8s_type k8s_volume = {"volume", describe, outputs, hints, kinds, false};
