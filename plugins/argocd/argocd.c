/* Entry point of the provisioner `argocd`: configuration, dispatch by the resource's type, the step, health, and the manifest. One thread.
 */
#include "argocd.h"
#include "kube_render.h"
#include <stdio.h>
#include <string.h>

static const struct argo_type *const types[] = {&argo_project, &argo_repository, &argo_application};

static const struct field fields[] = {{"credentials", FIELD_TEXT, .least = 1, .most = 8000},
                                      {"kubernetes", FIELD_OBJECT},
                                      {"projects", FIELD_TEXTS, .least = 1, .most = 200},
                                      {"sources", FIELD_TEXTS, .least = 1, .most = 500},
                                      {"destinations", FIELD_TEXTS, .least = 1, .most = 500},
                                      REST_FIELDS, /* which rest.h checks itself */
                                      {NULL}};

/* With `kubernetes`, Argo CD's API server is needed for repositories alone, and `url` for links. */
static inno_rc take_config(struct argocd *self, const inno_host *host, inno_call *call, json_t *config)
{
    json_t *cluster = json_object_get(config, "kubernetes");
    inno_rc rc = fields_check(host, call, INNO_INVALID_CONFIG, "config", config, fields);

    if (rc != INNO_OK)
        return rc;
    self->config = json_incref(config);
    if (!cluster && !json_object_get(config, "credentials"))
        return host->fail(call, INNO_INVALID_CONFIG, -1,
                          "config.credentials is missing: give Argo CD's url and credentials, or config.kubernetes");
    if (cluster)
        rc = objects_open(self, host, call, cluster);
    return rc == INNO_OK && json_object_get(config, "credentials")
               ? rest_open_token(host, call, config, "Argo CD", "Bearer", &self->rest, &self->authorization)
               : rc;
}

static void close_argocd(void *opaque)
{
    struct argocd *self = opaque;

    rest_free(self->rest);
    objects_close(self);
    json_decref(self->config);
    wipe_text(&self->authorization);
    free(self);
}

static inno_rc open_argocd(const inno_host *host, inno_call *call, inno_span span, void **out)
{
    CLEANUP(json_put) json_t *config = json_loadb(span.bytes, (size_t)span.len, JSON_REJECT_DUPLICATES, NULL);
    struct argocd *self = calloc(1, sizeof *self);
    inno_rc rc;

    if (!self)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    rc = take_config(self, host, call, config);
    if (rc == INNO_OK)
        *out = self;
    else
        close_argocd(self);
    return rc;
}

/* ---- dispatch ---- */

/* Its mark, and its name: that of before, of params, or one that is made. */
static void name_it(struct argo_work *work, const char *name, const char *org, const char *identity)
{
    const char *given = field_text(work->state, "name", field_text(work->params, "name", NULL));
    char text[500];

    name_mark(&work->scope, org, identity, work->mark);
    snprintf(text, sizeof text, "%.120s-%.120s-%.120s-%.120s", work->scope.team, work->scope.application, work->scope.environment, name);
    if (given && strlen(given) < sizeof work->name)
        snprintf(work->name, sizeof work->name, "%s", given);
    else
        kube_safe_label(text, work->name);
}

static inno_rc dispatch(void *self, const inno_host *host, inno_call *call, const inno_resource *res, size_t slot_offset)
{
    CLEANUP(json_put) json_t *params = json_loadb(res->params.bytes, (size_t)res->params.len, JSON_REJECT_DUPLICATES, NULL);
    CLEANUP(json_put) json_t *state = json_loadb(res->state.bytes, (size_t)res->state.len, 0, NULL);
    struct argo_work work = {.self = self,
                             .host = host,
                             .call = call,
                             .scope = {res->team, res->environment, res->application},
                             .res = res,
                             .params = params,
                             .state = state,
                             .where = "params"};

    if (!json_is_object(params))
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "params must be an object");
    if (!res->uid[0] || !res->name[0])
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "the resource has no name");
    name_it(&work, res->name, res->org, res->uid);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(res->type, types[i]->name) == 0) {
            argo_slot slot = *(const argo_slot *)((const char *)types[i] + slot_offset);
            /* what was once accepted can always be removed */
            inno_rc rc = slot == types[i]->deprovision
                             ? INNO_OK
                             : fields_check(host, call, INNO_INVALID_RESOURCE, "params", params, types[i]->fields);

            return rc == INNO_OK ? slot(&work) : rc;
        }
    return host->fail(call, INNO_UNSUPPORTED, -1, "type \"%.60s\" is none of the provisioner argocd", res->type);
}

#define SLOT(name)                                                                                                                         \
    static inno_rc slot_##name(void *self, const inno_host *host, inno_call *call, const inno_resource *res)                               \
    {                                                                                                                                      \
        return dispatch(self, host, call, res, offsetof(struct argo_type, name));                                                          \
    }
SLOT(provision)
SLOT(deprovision)
SLOT(status)
SLOT(hints)
SLOT(plan)

static inno_rc health(void *self, const inno_host *host, inno_call *call)
{
    struct argo_work work = {.self = self, .host = host, .call = call, .where = "config"};

    return argo_check(&work);
}

/* argocd-app: the application is there, as it is said, synced and healthy. One of the same name is the same over deployments. */
static inno_rc step(void *self, const inno_host *host, inno_call *call, const inno_step *st)
{
    CLEANUP(json_put) json_t *config = json_loadb(st->config.bytes, (size_t)st->config.len, JSON_REJECT_DUPLICATES, NULL);
    CLEANUP(json_put) json_t *state = json_loadb(st->state.bytes, (size_t)st->state.len, 0, NULL);
    struct argo_work work = {.self = self,
                             .host = host,
                             .call = call,
                             .scope = {st->team, st->environment, st->application},
                             .params = config,
                             .state = state,
                             .where = "config",
                             .is_step = true};
    inno_rc rc;

    if (strcmp(st->type, "argocd-app") != 0)
        return host->fail(call, INNO_UNSUPPORTED, -1, "step type \"%.60s\" is not argocd-app", st->type);
    rc = fields_check(host, call, INNO_INVALID_RESOURCE, "config", config, argo_application.fields);
    name_it(&work, st->name, "step", st->name);
    return rc == INNO_OK ? application_ensure(&work) : rc;
}

/* ---- registration ---- */

static const char *const type_names[] = {"argocd-project", "argocd-repository", "argocd-app", NULL};

static const inno_provisioner argocd = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_PLAN | INNO_SLOT_HEALTH | INNO_SLOT_STEP,
    "argocd",
    ARGO_VERSION,
    type_names,
    open_argocd,
    close_argocd,
    slot_provision,
    slot_deprovision,
    slot_status,
    slot_hints,
    slot_plan,
    health,
    step,
    NULL,
};

/* clang-format off */
INNO_PLUGIN(argocd, {
    "name": "argocd",
    "version": "1.0.0",
    "description": "projects, repository credentials and applications in Argo CD",
    "slots": ["update", "plan", "health", "step"],
    "permissions": ["network"],
    "state_version": 1,
    "types": [
        {"name": "argocd-project", "stateful": false, "immutable": ["name"], "description": "where from and where to a team may deploy",
         "params": {"type": "object", "additionalProperties": false, "required": ["sources", "destinations"], "properties": {
             "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$", "maxLength": 63},
             "description": {"type": "string", "maxLength": 255},
             "sources": {"type": "array", "maxItems": 64, "items": {"type": "string"}},
             "destinations": {"type": "array", "maxItems": 64, "items": {"type": "object", "additionalProperties": false, "required": ["namespace"],
                 "properties": {"server": {"type": "string"}, "namespace": {"type": "string", "maxLength": 63}}}}}}},
        {"name": "argocd-repository", "stateful": false, "immutable": ["url", "project"], "description": "how Argo CD gets at a repository",
         "params": {"type": "object", "additionalProperties": false, "required": ["url", "project"], "properties": {
             "url": {"type": "string", "minLength": 8, "maxLength": 500},
             "project": {"type": "string", "minLength": 1, "maxLength": 63},
             "username": {"type": "string", "minLength": 1, "maxLength": 200},
             "password": {"type": "string", "minLength": 1, "maxLength": 4000},
             "sshPrivateKey": {"type": "string", "pattern": "PRIVATE KEY-----"},
             "type": {"enum": ["git", "helm"]},
             "insecure": {"type": "boolean"}}}},
        {"name": "argocd-app", "stateful": false, "immutable": ["name"], "description": "an application, synced and healthy",
         "params": {"type": "object", "additionalProperties": false, "required": ["project", "repoURL", "namespace"], "properties": {
             "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$", "maxLength": 63},
             "project": {"type": "string", "minLength": 1, "maxLength": 63},
             "repoURL": {"type": "string", "minLength": 1, "maxLength": 500},
             "path": {"type": "string", "minLength": 1, "maxLength": 300},
             "revision": {"type": "string", "minLength": 1, "maxLength": 200},
             "chart": {"type": "string", "minLength": 1, "maxLength": 200},
             "helm": {"type": "object"}, "kustomize": {"type": "object"}, "directory": {"type": "object"},
             "server": {"type": "string", "minLength": 1, "maxLength": 300},
             "cluster": {"type": "string", "minLength": 1, "maxLength": 100},
             "namespace": {"type": "string", "pattern": "^[a-z0-9-]+$", "maxLength": 63},
             "automated": {"type": "boolean"}, "prune": {"type": "boolean"}, "selfHeal": {"type": "boolean"},
             "syncOptions": {"type": "array", "maxItems": 64, "items": {"type": "string"}},
             "sync": {"type": "boolean"},
             "wait": {"type": "string", "pattern": "^([0-9]+(ms|s|m|h|d))+$", "maxLength": 20}}}}
    ],
    "step_types": [{"name": "argocd-app", "idempotent": true}]
})
/* clang-format on */
