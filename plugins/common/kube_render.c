/* Assembles the objects of a workload: service, deployment, and what the other files collected. Pure; any thread. */
#include "kube_render.h"
#include "kube_priv.h"
#include "yaml_emit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An RFC 1123 label of 1 to 63 characters. */
static bool is_label(const char *text)
{
    size_t len = text ? strlen(text) : 0;

    return len >= 1 && len <= 63 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len && text[0] != '-' && text[len - 1] != '-';
}

/* ---- service ---- */

static int render_port(struct kube_render *r, const char *name, const json_t *spec, json_t *ports)
{
    json_int_t port = json_integer_value(json_object_get(spec, "port"));
    const json_t *target_given = json_object_get(spec, "targetPort"), *protocol_given = json_object_get(spec, "protocol");
    json_int_t target = target_given ? json_integer_value(target_given) : port;
    const char *protocol = protocol_given ? json_string_value(protocol_given) : "TCP";
    json_t *other;
    size_t i;

    if (!is_label(name))
        return kube_fail(r, NULL, "service.ports: \"%.80s\" is no name of 1 to 63 lower-case letters, digits and '-'", name);
    if (port < 1 || port > 65535 || target < 1 || target > 65535)
        return kube_fail(r, NULL, "service.ports.%s: port and targetPort must be 1 to 65535", name);
    if (!protocol || (strcmp(protocol, "TCP") != 0 && strcmp(protocol, "UDP") != 0))
        return kube_fail(r, NULL, "service.ports.%s: protocol must be TCP or UDP", name);
    json_array_foreach(ports, i, other) if (json_integer_value(json_object_get(other, "port")) == port &&
                                            strcmp(json_string_value(json_object_get(other, "protocol")), protocol) ==
                                                0) return kube_fail(r, NULL, "service.ports.%s: %s port %d is already \"%s\"", name,
                                                                    protocol, (int)port, json_string_value(json_object_get(other, "name")));
    kube_append(r, ports, json_pack("{ss sI ss sI}", "name", name, "port", port, "protocol", protocol, "targetPort", target));
    return 0;
}

/* out_ports: the Service's ports by name, new reference; empty without a service. */
static int render_ports(struct kube_render *r, json_t **out_ports)
{
    const json_t *spec = json_object_get(json_object_get(r->workload, "service"), "ports");
    CLEANUP(json_put) json_t *ports = json_array();
    size_t count;
    const char **names;
    int rc = 0;

    if (spec && !json_is_object(spec))
        return kube_fail(r, NULL, "service.ports must be a map");
    if (json_object_size(spec) > KUBE_MAX_PORTS)
        return kube_fail(r, NULL, "service.ports: %zu entries; the limit is %d", json_object_size(spec), KUBE_MAX_PORTS);
    names = kube_sorted_keys(r, spec, &count);
    for (size_t i = 0; names && i < count && rc == 0; i++)
        rc = render_port(r, names[i], json_object_get(spec, names[i]), ports);
    free(names);
    if (rc == 0)
        *out_ports = json_incref(ports);
    return rc;
}

static json_t *render_service(struct kube_render *r, json_t *ports)
{
    json_t *service = json_object(), *spec = json_object();

    kube_set(r, service, "apiVersion", json_string("v1"));
    kube_set(r, service, "kind", json_string("Service"));
    kube_set(r, service, "metadata", kube_metadata(r, r->name));
    kube_set(r, service, "spec", spec);
    kube_set(r, spec, "selector", kube_selector(r));
    kube_set(r, spec, "ports", json_incref(ports));
    return service;
}

/* The container's side of the service's ports, without doubles (several service ports may lead to one). */
static json_t *container_ports(struct kube_render *r, const json_t *ports)
{
    json_t *list = json_array(), *port, *other;
    size_t i, k;

    json_array_foreach(ports, i, port)
    {
        const json_t *target = json_object_get(port, "targetPort"), *protocol = json_object_get(port, "protocol");

        json_array_foreach(list, k, other) if (json_equal(json_object_get(other, "containerPort"), target) &&
                                               json_equal(json_object_get(other, "protocol"), protocol)) break;
        if (k == json_array_size(list))
            kube_append(r, list, json_pack("{sO sO}", "containerPort", target, "protocol", protocol));
    }
    return list;
}

/* ---- deployment ---- */

/* The workload's own annotations, sorted; new reference. */
static json_t *copy_annotations(struct kube_render *r)
{
    const json_t *given = json_object_get(json_object_get(r->workload, "metadata"), "annotations");
    json_t *out = json_object();
    size_t count;
    const char **keys = kube_sorted_keys(r, given, &count);

    for (size_t i = 0; keys && i < count; i++)
        if (json_is_string(json_object_get(given, keys[i])))
            kube_set(r, out, keys[i], json_incref(json_object_get(given, keys[i])));
    free(keys);
    return out;
}

/* Files are mounted by subPath, which never changes in a running pod: the hash rolls the pods when a ConfigMap or a reference changes. A
 * secret's value is not in it: a hash in the open would help to guess it. */
static int config_hash(struct kube_render *r, char out[17])
{
    uint64_t hash = 0;
    json_t *object;
    size_t i;

    json_array_foreach(r->configs, i, object)
    {
        bool secret = strcmp(json_string_value(json_object_get(object, "kind")), "Secret") == 0;
        CLEANUP(json_put)
        json_t *part = json_pack("[O, O*, O*]", json_object_get(object, "metadata"), secret ? NULL : json_object_get(object, "data"),
                                 json_object_get(object, "binaryData"));
        char *text = part ? json_dumps(part, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

        if (!text)
            return kube_fail(r, NULL, "out of memory");
        hash = hash * UINT64_C(31) + kube_hash(text, strlen(text));
        free(text);
    }
    snprintf(out, 17, "%016llx", (unsigned long long)hash);
    return 0;
}

static int render_pod(struct kube_render *r, struct kube_container *list, size_t count, const json_t *ports, json_t *pod)
{
    CLEANUP(json_put) json_t *init = json_array(), *main_ones = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *container;

        if (kube_render_container(r, &list[i], &container) < 0)
            return -1;
        kube_append(r, list[i].role == KUBE_MAIN ? main_ones : init, container);
    }
    /* Score does not say which container listens; with one main container there is no doubt. */
    if (json_array_size(main_ones) == 1 && json_array_size(ports))
        kube_set(r, json_array_get(main_ones, 0), "ports", container_ports(r, ports));
    /* No token of the cluster and no variables of other services: a portable workload expects neither. */
    kube_set(r, pod, "automountServiceAccountToken", json_false());
    kube_set(r, pod, "enableServiceLinks", json_false());
    if (json_array_size(init))
        kube_set(r, pod, "initContainers", json_incref(init));
    kube_set(r, pod, "containers", json_incref(main_ones));
    if (json_array_size(r->volumes))
        kube_set(r, pod, "volumes", json_incref(r->volumes));
    return 0;
}

static int render_deployment(struct kube_render *r, struct kube_container *list, size_t count, const json_t *ports, json_t **out)
{
    CLEANUP(json_put) json_t *deployment = json_object();
    json_t *metadata = kube_metadata(r, r->name), *spec = json_object(), *template = json_object(), *pod_metadata = json_object(),
           *pod = json_object(), *annotations;
    char hash[17];

    kube_set(r, deployment, "apiVersion", json_string("apps/v1"));
    kube_set(r, deployment, "kind", json_string("Deployment"));
    kube_set(r, deployment, "metadata", metadata);
    kube_set(r, deployment, "spec", spec);
    annotations = copy_annotations(r);
    if (json_object_size(annotations))
        kube_set(r, metadata, "annotations", json_incref(annotations));
    kube_set(r, spec, "replicas", json_integer(r->options->replicas));
    kube_set(r, spec, "selector", json_pack("{so}", "matchLabels", kube_selector(r)));
    kube_set(r, spec, "template", template);
    kube_set(r, template, "metadata", pod_metadata);
    kube_set(r, template, "spec", pod);
    kube_set(r, pod_metadata, "labels", json_incref(json_object_get(metadata, "labels")));
    if (render_pod(r, list, count, ports, pod) < 0 || config_hash(r, hash) < 0) {
        json_decref(annotations);
        return -1;
    }
    /* Two generations of pods must not write the same volume. */
    if (r->writes_volumes)
        kube_set(r, spec, "strategy", json_pack("{ss}", "type", "Recreate"));
    if (json_array_size(r->configs)) {
        json_t *pod_annotations = json_copy(annotations);

        kube_set(r, pod_annotations, "innominatus.dev/config-hash", json_string(hash));
        json_decref(annotations);
        annotations = pod_annotations;
    }
    if (json_object_size(annotations))
        kube_set(r, pod_metadata, "annotations", json_incref(annotations));
    json_decref(annotations);
    *out = json_incref(deployment);
    return 0;
}

/* ---- the whole ---- */

static int collect_containers(struct kube_render *r, struct kube_container *list, size_t *out_count)
{
    const json_t *containers = json_object_get(r->workload, "containers");
    size_t count;
    const char **names;
    int rc = 0;

    if (!json_is_object(containers) || json_object_size(containers) == 0)
        return kube_fail(r, NULL, "the workload has no containers");
    if (json_object_size(containers) > KUBE_MAX_CONTAINERS)
        return kube_fail(r, NULL, "containers: %zu entries; the limit is %d", json_object_size(containers), KUBE_MAX_CONTAINERS);
    names = kube_sorted_keys(r, containers, &count);
    for (size_t i = 0; names && i < count && rc == 0; i++) {
        /* the name itself points into the workload, so the list of names may go */
        list[i] = (struct kube_container){.name = names[i], .spec = json_object_get(containers, names[i])};
        if (!is_label(names[i]))
            rc = kube_fail(r, NULL, "containers: \"%.80s\" is no name of 1 to 63 lower-case letters, digits and '-'", names[i]);
        else if (!json_is_object(list[i].spec))
            rc = kube_fail(r, NULL, "containers.%s: must be an object", names[i]);
    }
    free(names);
    *out_count = count;
    return rc;
}

static int render_objects(struct kube_render *r, json_t *objects)
{
    struct kube_container list[KUBE_MAX_CONTAINERS];
    CLEANUP(json_put) json_t *ports = NULL, *deployment = NULL;
    size_t count = 0;

    r->name = json_string_value(json_object_get(json_object_get(r->workload, "metadata"), "name"));
    if (!is_label(r->name))
        return kube_fail(r, NULL, "metadata.name must be 1 to 63 lower-case letters, digits and '-'");
    if (r->options->replicas < 0 || r->options->replicas > KUBE_MAX_REPLICAS)
        return kube_fail(r, NULL, "replicas must be 0 to %d", KUBE_MAX_REPLICAS);
    if (collect_containers(r, list, &count) < 0 || render_ports(r, &ports) < 0 || kube_order_containers(r, list, count) < 0 ||
        render_deployment(r, list, count, ports, &deployment) < 0)
        return -1;
    if (json_array_extend(objects, r->configs) < 0)
        r->out_of_memory = true;
    if (json_array_size(ports))
        kube_append(r, objects, render_service(r, ports));
    kube_append(r, objects, json_incref(deployment));
    return r->out_of_memory ? kube_fail(r, NULL, "out of memory") : 0;
}

int kube_render_workload(const json_t *workload, const struct kube_options *options, json_t **out_objects, json_t **out_warnings, char *why,
                         size_t why_size)
{
    CLEANUP(json_put) json_t *objects = json_array(), *warnings = json_array(), *configs = json_array(), *volumes = json_array();
    struct kube_render r = {.workload = workload,
                            .options = options,
                            .why = why,
                            .why_size = why_size,
                            .warnings = warnings,
                            .configs = configs,
                            .volumes = volumes};

    if (render_objects(&r, objects) < 0)
        return -1;
    *out_objects = json_incref(objects);
    *out_warnings = json_incref(warnings);
    return 0;
}

/* "NAME-KIND.yaml", never longer than what the server takes as a file's name. */
static void manifest_path(const char *name, const char *kind, char out[128])
{
    char short_name[64];
    size_t at;

    kube_safe_label(name, short_name);
    snprintf(out, 128, "%.100s-%s.yaml", strlen(name) <= 100 ? name : short_name, kind);
    for (at = strlen(out) - strlen(kind) - 5; out[at]; at++)
        out[at] = (char)(out[at] >= 'A' && out[at] <= 'Z' ? out[at] - 'A' + 'a' : out[at]);
}

json_t *kube_manifests(const json_t *objects)
{
    CLEANUP(json_put) json_t *list = json_array();
    json_t *object;
    size_t i;

    json_array_foreach(objects, i, object)
    {
        char path[128], *text = yaml_emit(object);
        json_t *content = text ? json_string(text) : NULL;

        free(text);
        manifest_path(json_string_value(json_object_get(json_object_get(object, "metadata"), "name")),
                      json_string_value(json_object_get(object, "kind")), path);
        if (!content || json_array_append_new(list, json_pack("{ss so}", "path", path, "content", content)) < 0)
            return NULL;
    }
    return json_incref(list);
}

void kube_endpoint(const json_t *workload, const struct kube_options *options, char *out, size_t size)
{
    const json_t *ports = json_object_get(json_object_get(workload, "service"), "ports");
    const char *name, *first = NULL;
    json_t *port;
    bool namespaced = options->namespace && options->namespace[0];

    json_object_foreach((json_t *)(uintptr_t)ports, name, port) if (!first || strcmp(name, first) < 0) first = name;
    out[0] = '\0';
    if (first)
        snprintf(out, size, "%s%s%s:%lld", json_string_value(json_object_get(json_object_get(workload, "metadata"), "name")),
                 namespaced ? "." : "", namespaced ? options->namespace : "",
                 (long long)json_integer_value(json_object_get(json_object_get(ports, first), "port")));
}
