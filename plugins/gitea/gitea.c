/* Entry point of the provisioner `gitea`: configuration, dispatch by the resource's type, health, and the manifest. One thread. */
#include "gitea.h"
#include <string.h>

static const struct gitea_type *const types[] = {&gitea_org,     &gitea_repository, &gitea_deploy_key,
                                                 &gitea_webhook, &gitea_commit,     &gitea_workload};

/* ---- configuration ---- */

static const struct field author[] = {{"name", FIELD_TEXT, .required = true, .least = 1, .most = 100},
                                      {"email", FIELD_TEXT, .required = true, .least = 3, .most = 254},
                                      {NULL}};
static const struct field manifests[] = {{"repository", FIELD_TEXT, .required = true, .least = 1, .most = 200},
                                         {"branch", FIELD_TEXT, .least = 1, .most = 200, .letters = GITEA_PATH_LETTERS},
                                         {"from", FIELD_TEXT, .least = 1, .most = 200, .letters = GITEA_PATH_LETTERS},
                                         {"path", FIELD_TEXT, .most = 200},
                                         {"namespace", FIELD_TEXT, .least = 1, .most = 200},
                                         {"adopt", FIELD_BOOL},
                                         {NULL}};
static const struct field fields[] = {{"credentials", FIELD_TEXT, .required = true, .least = 1, .most = 4000},
                                      {"owner", FIELD_TEXT, .least = 1, .most = 200},
                                      {"owners", FIELD_TEXTS, .least = 1, .most = 200},
                                      {"author", FIELD_OBJECT, .fields = author},
                                      {"manifests", FIELD_OBJECT, .fields = manifests},
                                      REST_FIELDS, /* which rest.h checks itself */
                                      {NULL}};

static inno_rc take_config(struct gitea *self, const inno_host *host, inno_call *call, json_t *config)
{
    inno_rc rc = fields_check(host, call, INNO_INVALID_CONFIG, "config", config, fields);

    if (rc == INNO_OK)
        self->config = json_incref(config);
    return rc == INNO_OK ? rest_open_token(host, call, config, "Gitea", "token", &self->rest, &self->authorization) : rc;
}

static void close_gitea(void *opaque)
{
    struct gitea *self = opaque;

    rest_free(self->rest);
    json_decref(self->config);
    wipe_text(&self->authorization);
    free(self);
}

static inno_rc open_gitea(const inno_host *host, inno_call *call, inno_span span, void **out)
{
    CLEANUP(json_put) json_t *config = json_loadb(span.bytes, (size_t)span.len, JSON_REJECT_DUPLICATES, NULL);
    struct gitea *self = calloc(1, sizeof *self);
    inno_rc rc;

    if (!self)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    rc = take_config(self, host, call, config);
    if (rc == INNO_OK)
        *out = self;
    else
        close_gitea(self);
    return rc;
}

/* ---- dispatch ---- */

static inno_rc dispatch(void *self, const inno_host *host, inno_call *call, const inno_resource *res, size_t slot_offset)
{
    CLEANUP(json_put) json_t *params = json_loadb(res->params.bytes, (size_t)res->params.len, JSON_REJECT_DUPLICATES, NULL);
    CLEANUP(json_put) json_t *state = json_loadb(res->state.bytes, (size_t)res->state.len, 0, NULL);
    struct gitea_work work = {.self = self,
                              .host = host,
                              .call = call,
                              .scope = {res->team, res->environment, res->application},
                              .name = res->name,
                              .where = "params",
                              .res = res,
                              .params = params,
                              .state = state};

    if (!json_is_object(params))
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "params must be an object");
    if (!res->uid[0] || !res->name[0])
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "the resource has no name");
    name_mark(&work.scope, res->org, res->uid, work.mark);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(res->type, types[i]->name) == 0) {
            gitea_slot slot = *(const gitea_slot *)((const char *)types[i] + slot_offset);
            /* what was once accepted can always be removed */
            bool checks = types[i]->fields && slot != types[i]->deprovision;
            inno_rc rc = checks ? fields_check(host, call, INNO_INVALID_RESOURCE, "params", params, types[i]->fields) : INNO_OK;

            return rc == INNO_OK ? slot(&work) : rc;
        }
    return host->fail(call, INNO_UNSUPPORTED, -1, "type \"%.60s\" is none of the provisioner gitea", res->type);
}

#define SLOT(name)                                                                                                                         \
    static inno_rc slot_##name(void *self, const inno_host *host, inno_call *call, const inno_resource *res)                               \
    {                                                                                                                                      \
        return dispatch(self, host, call, res, offsetof(struct gitea_type, name));                                                         \
    }
SLOT(provision)
SLOT(deprovision)
SLOT(status)
SLOT(hints)
SLOT(plan)

static inno_rc health(void *self, const inno_host *host, inno_call *call)
{
    struct gitea_work work = {.self = self, .host = host, .call = call, .where = "config"};

    return gitea_check(&work);
}

static inno_rc step(void *self, const inno_host *host, inno_call *call, const inno_step *st) { return gitea_step(self, host, call, st); }

/* ---- registration ---- */

static const char *const type_names[] = {"gitea-org", "gitea-repo", "gitea-deploy-key", "gitea-webhook", "git-commit", "workload", NULL};

static const inno_provisioner gitea = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_PLAN | INNO_SLOT_HEALTH | INNO_SLOT_STEP,
    "gitea",
    GITEA_VERSION,
    type_names,
    open_gitea,
    close_gitea,
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
INNO_PLUGIN(gitea, {
    "name": "gitea",
    "version": "1.0.0",
    "description": "organisations, repositories, keys, webhooks and commits in Gitea and Forgejo",
    "slots": ["update", "plan", "health", "step"],
    "permissions": ["network"],
    "state_version": 1,
    "types": [
        {"name": "gitea-org", "stateful": true, "immutable": ["name"], "description": "an organisation",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "name": {"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9_.-]*$", "maxLength": 40},
             "fullName": {"type": "string", "maxLength": 100},
             "description": {"type": "string", "maxLength": 255},
             "website": {"type": "string", "maxLength": 255},
             "location": {"type": "string", "maxLength": 50},
             "visibility": {"enum": ["public", "limited", "private"]},
             "adopt": {"type": "boolean"}}}},
        {"name": "gitea-repo", "stateful": true, "immutable": ["owner", "name", "template"], "description": "a repository",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "owner": {"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9_.-]*$", "maxLength": 40},
             "name": {"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9_.-]*$", "maxLength": 100},
             "description": {"type": "string", "maxLength": 2048},
             "website": {"type": "string", "maxLength": 1024},
             "private": {"type": "boolean"},
             "defaultBranch": {"type": "string", "pattern": "^[A-Za-z0-9_.][A-Za-z0-9_./-]*$", "maxLength": 100},
             "template": {"type": "string", "pattern": "^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", "maxLength": 141},
             "autoInit": {"type": "boolean"},
             "topics": {"type": "array", "maxItems": 20, "items": {"type": "string", "pattern": "^[a-z0-9][a-z0-9.-]{0,34}$"}},
             "collaborators": {"type": "object", "additionalProperties": {"enum": ["read", "write", "admin"]}},
             "protectedBranches": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": false, "properties": {
                 "approvals": {"type": "integer", "minimum": 0, "maximum": 100},
                 "pushUsers": {"type": "array", "items": {"type": "string"}},
                 "pushTeams": {"type": "array", "items": {"type": "string"}},
                 "mergeUsers": {"type": "array", "items": {"type": "string"}},
                 "mergeTeams": {"type": "array", "items": {"type": "string"}},
                 "statusChecks": {"type": "array", "items": {"type": "string"}},
                 "blockRejected": {"type": "boolean"}, "dismissStale": {"type": "boolean"},
                 "blockOutdated": {"type": "boolean"}, "signedCommits": {"type": "boolean"}}}},
             "adopt": {"type": "boolean"}}}},
        {"name": "gitea-deploy-key", "stateful": false, "immutable": ["repository"], "description": "a public key that may use one repository",
         "params": {"type": "object", "additionalProperties": false, "required": ["repository", "key"], "properties": {
             "repository": {"type": "string", "pattern": "^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?$", "maxLength": 141},
             "key": {"type": "string", "minLength": 20, "maxLength": 16000},
             "title": {"type": "string", "minLength": 1, "maxLength": 100},
             "readOnly": {"type": "boolean"}}}},
        {"name": "gitea-webhook", "stateful": false, "immutable": ["repository", "org", "type"], "description": "calls of another system",
         "params": {"type": "object", "additionalProperties": false, "required": ["url"], "properties": {
             "repository": {"type": "string", "pattern": "^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?$", "maxLength": 141},
             "org": {"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9_.-]*$", "maxLength": 40},
             "url": {"type": "string", "pattern": "^https?://", "maxLength": 1000},
             "events": {"type": "array", "maxItems": 30, "items": {"type": "string", "pattern": "^[a-z_]{1,60}$"}},
             "secret": {"type": "string", "minLength": 1, "maxLength": 1000},
             "contentType": {"enum": ["json", "form"]},
             "branchFilter": {"type": "string", "maxLength": 255},
             "authorization": {"type": "string", "minLength": 1, "maxLength": 2000},
             "active": {"type": "boolean"},
             "type": {"enum": ["gitea", "gogs", "slack", "discord", "dingtalk", "telegram", "msteams", "feishu", "matrix", "wechatwork", "packagist"]},
             "adopt": {"type": "boolean"}}}},
        {"name": "git-commit", "stateful": false, "immutable": ["repository", "branch"], "description": "files in a branch, in one commit",
         "params": {"type": "object", "additionalProperties": false, "required": ["repository", "files"], "properties": {
             "repository": {"type": "string", "pattern": "^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?$", "maxLength": 141},
             "branch": {"type": "string", "pattern": "^[A-Za-z0-9_.][A-Za-z0-9_./-]*$", "maxLength": 200},
             "from": {"type": "string", "pattern": "^[A-Za-z0-9_.][A-Za-z0-9_./-]*$", "maxLength": 200},
             "path": {"type": "string", "pattern": "^[^/]", "maxLength": 200},
             "files": {"type": ["object", "array"]},
             "message": {"type": "string", "minLength": 1, "maxLength": 2000},
             "adopt": {"type": "boolean"}}}},
        {"name": "workload", "stateful": false, "description": "manifests of the containers, committed for Argo CD or Flux",
         "params": {"type": "object", "examples": [{"apiVersion": "score.dev/v1b1", "metadata": {"name": "example"},
             "containers": {"web": {"image": "registry.example.com/web:1.0"}}}]}}
    ],
    "step_types": [{"name": "git-commit", "idempotent": false}, {"name": "gitea-repo", "idempotent": true}]
})
/* clang-format on */
