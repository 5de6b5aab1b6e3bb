/* Entry point of the plugin `ansible`: configuration, the step, health, and the manifest. It has no resource types. One thread. */
#include "ansible.h"
#include <stdio.h>
#include <string.h>

static const struct field fields[] = {{"binary", FIELD_TEXT, .least = 1, .most = 1000},
                                      {"playbooks", FIELD_TEXT, .least = 2, .most = 1000},
                                      {"inline", FIELD_BOOL},
                                      {"vars", FIELD_OBJECT},
                                      {"env", FIELD_OBJECT},
                                      {NULL}};

static void close_ansible(void *opaque)
{
    struct ansible *self = opaque;

    free(self->binary);
    free(self->playbooks);
    json_decref(self->vars);
    json_decref(self->env);
    free(self);
}

static inno_rc take_text(const inno_host *host, inno_call *call, const json_t *config, const char *key, char **out)
{
    const char *text = field_text(config, key, NULL);

    if (!text || (*out = strdup(text)))
        return INNO_OK;
    return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
}

static inno_rc open_ansible(const inno_host *host, inno_call *call, inno_span span, void **out)
{
    CLEANUP(json_put) json_t *config = json_loadb(span.bytes, (size_t)span.len, JSON_REJECT_DUPLICATES, NULL);
    struct ansible *self = calloc(1, sizeof *self);
    inno_rc rc;

    if (!self)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    rc = fields_check(host, call, INNO_INVALID_CONFIG, "config", config, fields);
    if (rc == INNO_OK)
        rc = take_text(host, call, config, "binary", &self->binary);
    if (rc == INNO_OK)
        rc = take_text(host, call, config, "playbooks", &self->playbooks);
    if (rc == INNO_OK && self->playbooks && (self->playbooks[0] != '/' || strstr(self->playbooks, "/..")))
        rc = host->fail(call, INNO_INVALID_CONFIG, -1, "config.playbooks must be an absolute directory");
    self->vars = json_incref(json_object_get(config, "vars"));
    self->env = json_incref(json_object_get(config, "env"));
    self->playbooks_only = !field_bool(config, "inline", true);
    if (rc == INNO_OK)
        *out = self;
    else
        close_ansible(self);
    return rc;
}

/* ---- slots ---- */

static inno_rc none(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    return host->fail(call, INNO_UNSUPPORTED, -1, "ansible has no resource types, and so not \"%s\": it runs workflow steps", res->type);
}

static inno_rc health(void *self, const inno_host *host, inno_call *call)
{
    CLEANUP(play_fini) struct play play = {.self = self, .host = host, .call = call};

    return play_version(&play);
}

static inno_rc step(void *self, const inno_host *host, inno_call *call, const inno_step *st)
{
    CLEANUP(json_put) json_t *config = json_loadb(st->config.bytes, (size_t)st->config.len, JSON_REJECT_DUPLICATES, NULL);
    CLEANUP(json_put) json_t *env = json_loadb(st->env.bytes, (size_t)st->env.len, JSON_REJECT_DUPLICATES, NULL);
    CLEANUP(play_fini) struct play play = {.self = self, .host = host, .call = call, .config = config, .env = env};

    if (strcmp(st->type, "ansible") != 0)
        return host->fail(call, INNO_UNSUPPORTED, -1, "step type \"%.60s\" is not ansible", st->type);
    return play_run(&play);
}

/* ---- registration ---- */

static const char *const types[] = {NULL};

static const inno_provisioner ansible = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_HEALTH | INNO_SLOT_STEP,
    "ansible",
    ANSIBLE_VERSION,
    types,
    open_ansible,
    close_ansible,
    none,
    none,
    none,
    none,
    NULL,
    health,
    step,
    NULL,
};

/* clang-format off */
INNO_PLUGIN(ansible, {
    "name": "ansible",
    "version": "1.0.0",
    "description": "playbooks as workflow steps",
    "slots": ["health", "step"],
    "permissions": ["exec"],
    "state_version": 1,
    "types": [],
    "step_types": [{"name": "ansible", "idempotent": false}]
})
/* clang-format on */
