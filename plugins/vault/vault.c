/* Entry point of the provisioner `vault`: configuration, dispatch by the resource's type, health, and the manifest. One thread. */
#include "vault.h"
#include "names.h"
#include <stdio.h>
#include <string.h>

static const struct vault_type *const types[] = {&vault_secret,  &vault_kv_secret,       &vault_policy,
                                                 &vault_approle, &vault_kubernetes_role, &vault_database_role};

/* ---- configuration ---- */

static bool is_known(const char *key)
{
    static const char *const known[] = {"namespace",   "credentials", "auth",         "mount",           "prefix",    "policies",
                                        "policyPaths", "policyGlobs", "approleMount", "kubernetesMount", "databases", NULL};

    for (const char *const *name = known; *name; name++)
        if (strcmp(*name, key) == 0)
            return true;
    for (const char *const *name = rest_setting_names; *name; name++)
        if (strcmp(*name, key) == 0)
            return true;
    return false;
}

static inno_rc check_config(const inno_host *host, inno_call *call, const json_t *config)
{
    static const char *const texts[] = {"namespace", "mount", "prefix", "approleMount", "kubernetesMount"}, *const lists[] = {
                                                                                                                "policies", "policyPaths",
                                                                                                                "policyGlobs"};
    const json_t *databases = json_object_get(config, "databases");
    const char *key;
    json_t *value;

    if (!json_is_object(config))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config must be an object");
    json_object_foreach((json_t *)(uintptr_t)config, key, value) if (!is_known(key)) return host->fail(
        call, INNO_INVALID_CONFIG, -1, "config.%.80s is unknown; see the README of the provisioner vault", key);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if ((value = json_object_get(config, texts[i])) && (!json_is_string(value) || !json_string_length(value)))
            return host->fail(call, INNO_INVALID_CONFIG, -1, "config.%s must be a text", texts[i]);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if ((value = json_object_get(config, lists[i])) && !json_is_array(value))
            return host->fail(call, INNO_INVALID_CONFIG, -1, "config.%s must be a list of texts", lists[i]);
    if (databases && !json_is_object(databases))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.databases must be a map of {connection, mount, creation, revocation}");
    return INNO_OK;
}

static char *text_or(const json_t *config, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(config, key));

    return strdup(text ? text : fallback);
}

static inno_rc take_names(struct vault *self, const inno_host *host, inno_call *call, const json_t *config)
{
    self->mount = text_or(config, "mount", "secret");
    self->prefix = text_or(config, "prefix", "innominatus");
    self->namespace = text_or(config, "namespace", "");
    if (!self->mount || !self->prefix || !self->namespace)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    if (!self->namespace[0])
        free_text(&self->namespace);
    if (strlen(self->prefix) > 40 || strspn(self->prefix, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(self->prefix))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.prefix must have 1 to 40 of a-z, 0-9 and '-'");
    if (strlen(self->mount) > 100)
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.mount is longer than 100 characters");
    return INNO_OK;
}

static void vault_close(void *opaque)
{
    struct vault *self = opaque;

    session_fini(self);
    rest_free(self->rest);
    json_decref(self->config);
    free(self->mount);
    free(self->prefix);
    free(self->namespace);
    free(self);
}

static inno_rc vault_open(const inno_host *host, inno_call *call, inno_span span, void **out)
{
    CLEANUP(json_put) json_t *config = json_loadb(span.bytes, span.len, JSON_REJECT_DUPLICATES, NULL);
    struct vault *self = calloc(1, sizeof *self);
    struct rest_settings settings;
    inno_rc rc;

    if (!self)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    rc = check_config(host, call, config);
    self->config = json_incref(config);
    if (rc == INNO_OK)
        rc = rest_take_settings(host, call, "config", config, "Vault", &settings);
    if (rc == INNO_OK)
        rc = rest_new(host, call, &settings, &self->rest);
    if (rc == INNO_OK)
        rc = take_names(self, host, call, config);
    if (rc == INNO_OK)
        rc = session_take(self, host, call, config);
    if (rc != INNO_OK)
        vault_close(self);
    else
        *out = self;
    return rc;
}

/* ---- dispatch ---- */

/* What the resource is called in Vault; a name that was given once stays. */
static void name_it(struct vault_work *work)
{
    const inno_resource *res = work->res;
    const char *path = json_string_value(json_object_get(work->state, "path")),
               *name = json_string_value(json_object_get(work->state, "name"));
    char team[81], environment[81], application[81], own[81];

    name_part(res->team, team);
    name_part(res->environment, environment);
    name_part(res->application, application);
    name_part(res->name, own);
    snprintf(work->path, sizeof work->path, "%s/%s/%s/%s/%s", work->self->prefix, team, environment, application, own);
    snprintf(work->name, sizeof work->name, "%s.%s.%s.%s.%s", work->self->prefix, team, environment, application, own);
    if (path && name && strlen(path) < sizeof work->path && strlen(name) < sizeof work->name) {
        memcpy(work->path, path, strlen(path) + 1);
        memcpy(work->name, name, strlen(name) + 1);
    }
}

static inno_rc dispatch(void *self, const inno_host *host, inno_call *call, const inno_resource *res, size_t slot_offset)
{
    CLEANUP(json_put) json_t *params = json_loadb(res->params.bytes, res->params.len, JSON_REJECT_DUPLICATES, NULL);
    CLEANUP(json_put) json_t *state = json_loadb(res->state.bytes, res->state.len, 0, NULL);
    struct vault_work work = {.self = self, .host = host, .call = call, .res = res, .params = params, .state = state};

    if (!json_is_object(params))
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "params must be an object");
    if (!res->uid[0] || strlen(res->uid) > 250 || !res->name[0])
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "the resource has no name, or one that is too long");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(res->type, types[i]->name) == 0) {
            vault_slot slot = *(const vault_slot *)((const char *)types[i] + slot_offset);

            work.document = types[i]->document;
            name_it(&work);
            return slot(&work);
        }
    return host->fail(call, INNO_UNSUPPORTED, -1, "type \"%s\" is none of the provisioner vault", res->type);
}

static inno_rc vault_provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return dispatch(self, host, call, res, offsetof(struct vault_type, provision));
}

static inno_rc vault_deprovision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return dispatch(self, host, call, res, offsetof(struct vault_type, deprovision));
}

static inno_rc vault_get_status(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return dispatch(self, host, call, res, offsetof(struct vault_type, status));
}

static inno_rc vault_get_hints(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return dispatch(self, host, call, res, offsetof(struct vault_type, hints));
}

static inno_rc vault_plan(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return dispatch(self, host, call, res, offsetof(struct vault_type, plan));
}

/* ---- health and steps ---- */

static inno_rc vault_health(void *opaque, const inno_host *host, inno_call *call)
{
    static const int also[] = {429, 472, 473, 501, 503, 0}; /* standby, replicas, uninitialised, sealed: the body says it */
    struct vault_work work = {.self = opaque, .host = host, .call = call};
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.path = "/v1/sys/health?standbyok=true&perfstandbyok=true", .also = also};
    inno_rc rc = rest_call(work.self->rest, host, call, &request, &answer);

    if (rc != INNO_OK)
        return rc;
    if (json_is_false(json_object_get(answer.json, "initialized")))
        return host->fail(call, INNO_TRANSIENT, -1, "Vault at %s is not initialised", rest_url(work.self->rest));
    if (json_is_true(json_object_get(answer.json, "sealed")))
        return host->fail(call, INNO_TRANSIENT, -1, "Vault at %s is sealed", rest_url(work.self->rest));
    return session_check(&work);
}

static inno_rc vault_step(void *self, const inno_host *host, inno_call *call, const inno_step *step)
{
    struct vault_work work = {.self = self, .host = host, .call = call};

    if (strcmp(step->type, "vault-setup") != 0)
        return host->fail(call, INNO_UNSUPPORTED, -1, "step type \"%s\" is not vault-setup", step->type);
    return setup_run(&work, step);
}

/* ---- registration ---- */

static const char *const type_names[] = {
    "secret", "vault-secret", "vault-policy", "vault-approle", "vault-kubernetes-role", "vault-database-role", NULL};

static const inno_provisioner vault = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_PLAN | INNO_SLOT_HEALTH | INNO_SLOT_STEP,
    "vault",
    VAULT_VERSION,
    type_names,
    vault_open,
    vault_close,
    vault_provision,
    vault_deprovision,
    vault_get_status,
    vault_get_hints,
    vault_plan,
    vault_health,
    vault_step,
    NULL,
};

/* clang-format off */
INNO_PLUGIN(vault, {
    "name": "vault",
    "version": "1.0.0",
    "slots": ["update", "plan", "health", "step"],
    "permissions": ["network"],
    "state_version": 1,
    "types": [
        {"name": "secret", "stateful": false, "description": "random texts in Vault, made once",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "keys": {"type": "array", "minItems": 1, "maxItems": 64, "items": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,63}$"}},
             "length": {"type": "integer", "minimum": 8, "maximum": 1024}}}},
        {"name": "vault-secret", "stateful": true, "description": "a secret in Vault: given data, random texts, or both",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "data": {"type": "object"},
             "keys": {"type": "array", "minItems": 1, "maxItems": 64, "items": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,63}$"}},
             "length": {"type": "integer", "minimum": 8, "maximum": 1024}}}},
        {"name": "vault-policy", "stateful": false, "description": "what a token may do in Vault",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "secrets": {"type": "array", "maxItems": 64},
             "rules": {"type": "array", "maxItems": 64, "items": {"type": "object"}}}}},
        {"name": "vault-approle", "stateful": false, "description": "a role id and secret id to log in to Vault with",
         "params": {"type": "object", "additionalProperties": false, "required": ["policies"], "properties": {
             "policies": {"type": "array", "minItems": 1, "maxItems": 64, "items": {"type": "string"}},
             "tokenTtl": {"type": "string"}, "tokenMaxTtl": {"type": "string"},
             "cidrs": {"type": "array", "items": {"type": "string"}},
             "secretIdTtl": {"type": "string"}, "secretIdUses": {"type": "integer", "minimum": 0, "maximum": 1000000}}}},
        {"name": "vault-kubernetes-role", "stateful": false, "description": "which pods may log in to Vault",
         "params": {"type": "object", "additionalProperties": false, "required": ["serviceAccounts", "namespaces", "policies"], "properties": {
             "serviceAccounts": {"type": "array", "minItems": 1, "maxItems": 64, "items": {"type": "string"}},
             "namespaces": {"type": "array", "minItems": 1, "maxItems": 64, "items": {"type": "string"}},
             "policies": {"type": "array", "minItems": 1, "maxItems": 64, "items": {"type": "string"}},
             "audience": {"type": "string"},
             "tokenTtl": {"type": "string"}, "tokenMaxTtl": {"type": "string"},
             "cidrs": {"type": "array", "items": {"type": "string"}}}}},
        {"name": "vault-database-role", "stateful": false, "immutable": ["database"], "description": "database credentials that Vault makes and ends",
         "params": {"type": "object", "additionalProperties": false, "required": ["database"], "properties": {
             "database": {"type": "string"}, "ttl": {"type": "string"}, "maxTtl": {"type": "string"}, "credentials": {"type": "boolean"}}}}
    ],
    "step_types": [{"name": "vault-setup", "idempotent": true}]
})
/* clang-format on */
