/* Entry point of the provisioner `kubernetes`: configuration, dispatch by the resource's type, health, steps, and the manifest. One thread.
 */
#include "kubernetes.h"
#include "kube_render.h"
#include "random_text.h"
#include "sha256.h"
#include <stdio.h>

static const struct k8s_type *const types[] = {&k8s_workload, &k8s_namespace, &k8s_route, &k8s_volume, &k8s_config};

/* ---- configuration ---- */

static const struct field config_fields[] = {K8S_CLUSTER_FIELDS,
                                             {"namespace", FIELD_TEXT, .least = 1, .most = 253},
                                             {"createNamespaces", FIELD_BOOL},
                                             {"quotas", FIELD_OBJECT_MAP, .items = 10000},
                                             {"containerDefaults", FIELD_OBJECT},
                                             {"force", FIELD_BOOL},
                                             {"adopt", FIELD_BOOL},
                                             {"hostPathRoots", FIELD_TEXTS, .least = 1},
                                             {"imagePullSecrets", FIELD_TEXTS, .least = 1, .most = 253},
                                             {"serviceAccount", FIELD_TEXT, .least = 1, .most = 253},
                                             {"hosts", FIELD_TEXTS, .least = 1, .most = 253},
                                             {"domain", FIELD_TEXT, .least = 1, .most = 200},
                                             {"ingressClass", FIELD_TEXT, .least = 1, .most = 253},
                                             {"tls", FIELD_BOOL},
                                             {"tlsSecret", FIELD_TEXT, .least = 1, .most = 253},
                                             {"routeAnnotations", FIELD_TEXT_MAP, .most = 100000, .free = true},
                                             {"storageClass", FIELD_TEXT, .least = 1, .most = 253},
                                             {"manifests", FIELD_TEXT, .least = 1, .most = 4000},
                                             {"charts", FIELD_TEXT, .least = 1, .most = 4000},
                                             {"kubectl", FIELD_TEXT, .least = 1, .most = 4000},
                                             {"helm", FIELD_TEXT, .least = 1, .most = 4000},
                                             {NULL}};

static inno_rc check_config(struct kubernetes *self, const inno_host *host, inno_call *call, json_t *config)
{
    inno_rc rc = fields_check(host, call, INNO_INVALID_CONFIG, "config", config, config_fields);
    const json_t *item;
    size_t i;

    if (rc != INNO_OK)
        return rc;
    json_array_foreach(json_object_get(config, "hostPathRoots"), i, item) if (json_string_value(item)[0] != '/') return host->fail(
        call, INNO_INVALID_CONFIG, -1, "config.hostPathRoots must be absolute directories");
    return cluster_take(self, host, call, "config", config);
}

static void kubernetes_close(void *opaque)
{
    struct kubernetes *self = opaque;

    cluster_fini(self);
    explicit_bzero(self->salt, sizeof self->salt);
    free(self);
}

static inno_rc kubernetes_open(const inno_host *host, inno_call *call, inno_span span, void **out)
{
    CLEANUP(json_put) json_t *config = json_loadb(span.bytes, (size_t)span.len, JSON_REJECT_DUPLICATES, NULL);
    struct kubernetes *self = calloc(1, sizeof *self);
    inno_rc rc = INNO_OK;

    if (!self)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    if (random_text(self->salt, sizeof self->salt - 1) != 0)
        rc = host->fail(call, INNO_TRANSIENT, -1, "there are no random numbers");
    if (rc == INNO_OK)
        rc = check_config(self, host, call, config);
    if (rc == INNO_OK)
        *out = self;
    else
        kubernetes_close(self);
    return rc;
}

/* ---- whose, where, which ---- */

static void hash_owner(const char *const *identity, size_t count, char out[K8S_OWNER_BYTES])
{
    char hex[65];

    sha256_texts(identity, count, hex);
    memcpy(out, hex, K8S_OWNER_BYTES - 1);
    out[K8S_OWNER_BYTES - 1] = '\0';
}

/* The part of the uid that Score gives: "WORKLOAD.NAME", or the id that workloads share. */
static void name_it(struct k8s_work *work)
{
    const char *hash = strchr(work->res->uid, '#'), *own = hash ? hash + 1 : work->res->name, *dot = strchr(own, '.');
    char label[64];

    if (hash && params_is_name(own) && strlen(own) < 200) {
        snprintf(work->name, sizeof work->name, "%s", own);
    } else { /* never two uids with one name */
        kube_safe_label(work->res->uid, label);
        snprintf(work->name, sizeof work->name, "%s", label);
    }
    if (hash && dot)
        snprintf(work->workload, sizeof work->workload, "%.*s", (int)(dot - own < 200 ? dot - own : 200), own);
    else
        snprintf(work->workload, sizeof work->workload, "%.200s",
                 strcmp(work->res->type, "workload") == 0 && hash ? own : work->res->application);
}

/* A workload is who its name says, as everything of it is called by that name. */
static void own_it(struct k8s_work *work)
{
    const inno_resource *res = work->res;
    const char *name = text_at(json_object_get(work->params, "metadata"), "name", work->workload);
    const char *const identity[] = {res->org, res->team, res->environment, res->type, work->type == &k8s_workload ? name : res->uid};

    hash_owner(identity, sizeof identity / sizeof *identity, work->owner);
}

/* ---- dispatch ---- */

static inno_rc provision(struct k8s_work *work)
{
    CLEANUP(json_put) json_t *objects = NULL;
    inno_rc rc;

    work->for_real = true;
    work->force = work->force || work->res->operation == INNO_OP_REPAIR; /* what drifted was set by others */
    rc = work->type->describe(work, &objects);
    if (rc == INNO_OK)
        rc = set_provision(work, objects, work->type->kinds, true);
    return rc == INNO_OK ? work->type->outputs(work, objects) : rc;
}

static inno_rc deprovision(struct k8s_work *work) { return set_deprovision(work, work->type->kinds); }

/* Describes what shall be, and looks. */
static inno_rc look(struct k8s_work *work, bool plan)
{
    CLEANUP(json_put) json_t *objects = NULL;
    inno_rc rc = work->type->describe(work, &objects);

    if (rc == INNO_OK)
        rc = set_mark(work, objects);
    if (rc != INNO_OK)
        return rc;
    return plan ? set_plan(work, objects, work->type->kinds) : set_status(work, objects);
}

static inno_rc status(struct k8s_work *work) { return look(work, false); }
static inno_rc plan(struct k8s_work *work) { return look(work, true); }
static inno_rc hints(struct k8s_work *work) { return work->type->hints(work); }

static inno_rc prepare(struct k8s_work *work)
{
    const inno_resource *res = work->res;

    if (!json_is_object(work->params))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "params must be an object");
    if (!work->state)
        return K8S_NO_MEMORY(work);
    if (!res->uid[0] || strlen(res->uid) > 250 || !res->name[0])
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "the resource has no name, or one that is too long");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(res->type, types[i]->name) == 0)
            work->type = types[i];
    if (!work->type)
        return K8S_FAIL(work, INNO_UNSUPPORTED, "type \"%s\" is none of the provisioner kubernetes", res->type);
    work->force = json_is_true(json_object_get(work->self->config, "force"));
    name_it(work);
    own_it(work);
    return place_name(work, res->team, res->environment, res->application, res->product);
}

inno_rc k8s_with(void *self, const inno_host *host, inno_call *call, const inno_resource *res, const void *asked,
                 inno_rc (*slot)(struct k8s_work *work))
{
    CLEANUP(json_put) json_t *params = json_loadb(res->params.bytes, (size_t)res->params.len, JSON_REJECT_DUPLICATES, NULL);
    CLEANUP(json_put) json_t *state = json_loadb(res->state.bytes, (size_t)res->state.len, 0, NULL);
    struct k8s_work work = {.self = self, .host = host, .call = call, .res = res, .params = params, .asked = asked};
    inno_rc rc;

    if (!json_is_object(state)) {
        json_decref(state);
        state = json_object();
    }
    work.state = state;
    rc = prepare(&work);
    return rc == INNO_OK ? slot(&work) : rc;
}

inno_rc kubernetes_provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return k8s_with(self, host, call, res, NULL, provision);
}

static inno_rc kubernetes_deprovision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return k8s_with(self, host, call, res, NULL, deprovision);
}

static inno_rc kubernetes_get_status(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return k8s_with(self, host, call, res, NULL, status);
}

static inno_rc kubernetes_get_hints(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return k8s_with(self, host, call, res, NULL, hints);
}

static inno_rc kubernetes_plan(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return k8s_with(self, host, call, res, NULL, plan);
}

/* ---- health and steps ---- */

static inno_rc kubernetes_health(void *self, const inno_host *host, inno_call *call)
{
    struct k8s_work work = {.self = self, .host = host, .call = call};
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.path = "/api"}; /* only who is known may see it */

    return cluster_call(&work, &request, &answer);
}

static const struct {
    const char *type;
    inno_rc (*run)(struct k8s_work *work);
} steps[] = {{"kubernetes", step_kubernetes}, {"kustomize", step_kustomize}, {"helm", step_helm}};

static inno_rc run_step(struct k8s_work *work)
{
    const inno_step *step = work->step;
    const char *set = text_at(work->params, "set", step->name), *namespace = json_string_value(json_object_get(work->params, "namespace"));
    const char *const identity[] = {step->team, step->environment, step->application, "step", set};
    inno_rc rc = place_name(work, step->team, step->environment, step->application, step->product);

    if (rc != INNO_OK)
        return rc;
    if (namespace && (strlen(namespace) > 63 || !params_is_name(namespace) || strchr(namespace, '.')))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "config.namespace \"%.100s\" is no name of a namespace", namespace);
    if (namespace)
        snprintf(work->namespace, sizeof work->namespace, "%s", namespace);
    hash_owner(identity, sizeof identity / sizeof *identity, work->owner);
    work->force = json_is_true(json_object_get(work->params, "force")) || json_is_true(json_object_get(work->self->config, "force"));
    work->for_real = true;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(steps[i].type, step->type) == 0)
            return steps[i].run(work);
    return K8S_FAIL(work, INNO_UNSUPPORTED, "step type \"%.60s\" is none of kubernetes, kustomize and helm", step->type);
}

static inno_rc kubernetes_step(void *self, const inno_host *host, inno_call *call, const inno_step *step)
{
    CLEANUP(json_put) json_t *config = json_loadb(step->config.bytes, (size_t)step->config.len, JSON_REJECT_DUPLICATES, NULL);
    CLEANUP(json_put) json_t *state = json_loadb(step->state.bytes, (size_t)step->state.len, 0, NULL);
    struct k8s_work work = {.self = self, .host = host, .call = call, .step = step, .params = config};

    if (!json_is_object(config))
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "config must be a map");
    if (!json_is_object(state)) {
        json_decref(state);
        state = json_object();
    }
    work.state = state;
    return state ? run_step(&work) : host->fail(call, INNO_TRANSIENT, -1, "out of memory");
}

/* ---- registration ---- */

static const char *const type_names[] = {"workload", "namespace", "route", "volume", "config", NULL};

static const inno_provisioner kubernetes = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_PLAN | INNO_SLOT_HEALTH | INNO_SLOT_STEP | INNO_SLOT_ACTIONS,
    "kubernetes",
    K8S_VERSION,
    type_names,
    kubernetes_open,
    kubernetes_close,
    kubernetes_provision,
    kubernetes_deprovision,
    kubernetes_get_status,
    kubernetes_get_hints,
    kubernetes_plan,
    kubernetes_health,
    kubernetes_step,
    kubernetes_actions,
};

/* clang-format off */
INNO_PLUGIN(kubernetes, {
    "name": "kubernetes",
    "version": "1.0.0",
    "description": "workloads, routes, volumes and namespaces on a Kubernetes cluster",
    "slots": ["update", "plan", "health", "step", "actions"],
    "permissions": ["network", "exec", "secrets"],
    "state_version": 1,
    "types": [
        {"name": "workload", "stateful": false, "description": "runs the containers of a Score file",
         "params": {"type": "object", "examples": [{"apiVersion": "score.dev/v1b1", "metadata": {"name": "example"},
             "containers": {"web": {"image": "registry.example.com/web:1.0"}}}]}},
        {"name": "namespace", "stateful": true, "description": "a namespace of the application's own, with a quota",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "quota": {"type": "object"}, "labels": {"type": "object", "additionalProperties": {"type": "string"}}}}},
        {"name": "route", "stateful": false, "description": "an Ingress that leads to the workload's service",
         "params": {"type": "object", "additionalProperties": false, "examples": [{"host": "example.com"}], "properties": {
             "host": {"type": "string", "minLength": 1, "maxLength": 253, "pattern": "^([*][.])?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"},
             "path": {"type": "string", "minLength": 1, "maxLength": 1000, "pattern": "^/"},
             "port": {"type": "integer", "minimum": 1, "maximum": 65535},
             "service": {"type": "string", "minLength": 1, "maxLength": 63, "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"}}}},
        {"name": "volume", "stateful": true, "immutable": ["storageClass", "accessModes"], "description": "a PersistentVolumeClaim",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "size": {"type": "string", "pattern": "^[0-9]+([.][0-9]+)?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$"},
             "mode": {"type": "string", "pattern": "^0?[0-7]{3}$"},
             "storageClass": {"type": "string", "pattern": "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", "maxLength": 253},
             "accessModes": {"type": "array", "minItems": 1, "maxItems": 4, "items": {"type": "string",
                 "enum": ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]}}}}},
        {"name": "config", "stateful": false, "description": "a ConfigMap, a Secret, or both",
         "params": {"type": "object", "additionalProperties": false, "examples": [{"data": {"greeting": "hello"}, "secretData": {"key": "value"}}],
             "properties": {"data": {"type": "object", "additionalProperties": {"type": "string"}},
             "secretData": {"type": "object", "additionalProperties": {"type": "string"}}}}}
    ],
    "step_types": [{"name": "kubernetes", "idempotent": true}, {"name": "kustomize", "idempotent": true}, {"name": "helm", "idempotent": true}],
    "actions": [
        {"name": "scale", "types": ["workload"], "changes": true, "idempotent": true, "description": "run so many replicas",
         "params": [{"name": "replicas", "type": "i", "description": "0 to 1000; 0 is none at all", "example": 2, "sets": "replicas"}]},
        {"name": "restart", "types": ["workload"], "changes": true, "idempotent": true, "description": "replace the pods, as a new version would"},
        {"name": "logs", "types": ["workload"], "description": "the last lines of its pods' logs",
         "params": [{"name": "lines", "type": "i", "description": "of each pod", "default": 100},
                    {"name": "container", "type": "s", "description": "the first one, if empty", "default": ""}]},
        {"name": "exec", "types": ["workload"], "changes": true, "description": "run a command in a running pod, by kubectl",
         "params": [{"name": "command", "type": "j", "description": "a list of words; no shell takes them apart"},
                    {"name": "container", "type": "s", "description": "the first one, if empty", "default": ""}]}
    ]
})
/* clang-format on */
