/* workload -> manifests, endpoint, namespace: the containers of a Score file as Deployment, Service, ConfigMaps and Secrets. Slot's
 * thread. */
#include "kube_output.h"
#include "kubernetes.h"
#include <stdio.h>

/* A secret's value for the renderer, by the host. */
static int open_secret(void *ctx, const char *reference, char **out, char *why, size_t why_size)
{
    struct k8s_work *work = ctx;
    inno_span span = {NULL, 0};

    if (!INNO_HAS(work->host, secret) || work->host->secret(work->call, reference, &span) != INNO_OK) {
        snprintf(why, why_size, "the server does not give %.100s to this entry (grant: [network, exec, secrets])", reference);
        return -1;
    }
    if (memchr(span.bytes, '\0', (size_t)span.len)) {
        snprintf(why, why_size, "it holds a NUL");
        return -1;
    }
    *out = strndup(span.bytes, (size_t)span.len);
    return *out ? 0 : -1;
}

static const char **texts_of(const json_t *list)
{
    const char **out = calloc(json_array_size(list) + 1, sizeof *out);

    for (size_t i = 0; out && i < json_array_size(list); i++)
        out[i] = json_string_value(json_array_get(list, i));
    return out;
}

static void options_of(struct k8s_work *work, struct kube_options *o, bool opened)
{
    *o = (struct kube_options){.namespace = work->namespace,
                               .application = work->res->application,
                               .environment = work->res->environment,
                               .team = work->res->team,
                               .product = work->res->product,
                               .replicas = 1,
                               .open_secret = opened ? open_secret : NULL,
                               .ctx = work};
}

/* What the platform says about every pod. */
static bool add_platform(const struct k8s_work *work, json_t *objects)
{
    const json_t *config = work->self->config, *secrets = json_object_get(config, "imagePullSecrets"), *name;
    json_t *pod = json_object_get(
        json_object_get(json_object_get(json_array_get(objects, json_array_size(objects) - 1), "spec"), "template"), "spec");
    const char *account = json_string_value(json_object_get(config, "serviceAccount"));
    json_t *list = json_array();
    size_t i;
    int rc = list ? 0 : -1;

    json_array_foreach(secrets, i, name) rc |= json_array_append_new(list, json_pack("{s:O}", "name", name));
    if (json_array_size(list))
        rc |= json_object_set(pod, "imagePullSecrets", list);
    if (account)
        rc |= json_object_set_new(pod, "serviceAccountName", json_string(account));
    json_decref(list);
    return rc == 0;
}

static inno_rc render(struct k8s_work *work, bool opened, json_t **out)
{
    CLEANUP(json_put) json_t *objects = NULL, *warnings = NULL;
    struct kube_options options;
    const char **roots = texts_of(json_object_get(work->self->config, "hostPathRoots"));
    char why[600] = "";
    json_t *warning;
    size_t i;
    int rc = -1;

    options_of(work, &options, opened);
    if (!roots)
        return K8S_NO_MEMORY(work);
    options.host_path_roots = roots;
    if (kube_take_replicas(work->params, &options, why, sizeof why) == 0)
        rc = kube_render_workload(work->params, &options, &objects, &warnings, why, sizeof why);
    options.host_path_roots = NULL;
    free(roots);
    if (rc < 0)
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "%s", why);
    json_array_foreach(warnings, i, warning) if (work->for_real) K8S_LOG(work, WARN, "%s", json_string_value(warning));
    if (!add_platform(work, objects))
        return K8S_NO_MEMORY(work);
    *out = json_incref(objects);
    return INNO_OK;
}

static inno_rc describe(struct k8s_work *work, json_t **out) { return render(work, work->for_real, out); }

/* The manifests show references where the cluster has values. */
static inno_rc outputs(struct k8s_work *work, const json_t *applied)
{
    CLEANUP(json_put) json_t *objects = NULL;
    struct kube_options options;
    inno_rc rc;

    (void)applied;
    work->for_real = false;
    rc = render(work, false, &objects);
    if (rc != INNO_OK)
        return rc;
    options_of(work, &options, false);
    rc = kube_output_manifests(work->host, work->call, work->params, &options, objects);
    if (rc != INNO_OK)
        return rc;
    work->host->output(work->call, "namespace", work->namespace);
    work->host->output(work->call, "name", object_name(json_array_get(objects, json_array_size(objects) - 1)));
    return INNO_OK;
}

static inno_rc hints(struct k8s_work *work)
{
    const char *name = text_at(json_object_get(work->params, "metadata"), "name", work->workload);
    char text[K8S_TEXT_BYTES];

    snprintf(text, sizeof text, "kubectl -n %s get deployment %.253s", work->namespace, name);
    work->host->hint(work->call, INNO_HINT_COMMAND, "see it", text);
    snprintf(text, sizeof text, "kubectl -n %s logs deployment/%.253s --all-containers -f", work->namespace, name);
    work->host->hint(work->call, INNO_HINT_COMMAND, "follow its log", text);
    return INNO_OK;
}

static const char *const kinds[] = {"v1 ConfigMap", "v1 Secret", "v1 Service", "apps/v1 Deployment", NULL};
const struct k8s_type k8s_workload = {"workload", describe, outputs, hints, kinds, false};
