/* vault-kubernetes-role {serviceAccounts, namespaces, policies, audience, tokenTtl, tokenMaxTtl, cidrs} -> name, mount: which pods get a
 * token with which policies. Slot's thread. */
#include "vault.h"
#include <stdio.h>
#include <string.h>

static const char *mount_of(const struct vault_work *work)
{
    const char *mount = json_string_value(json_object_get(work->self->config, "kubernetesMount"));

    return mount ? mount : "kubernetes";
}

static char *role_path(const struct vault_work *work) { return rest_path("/v1/auth/{+}/role/{}", mount_of(work), work->name); }

/* Names of Kubernetes objects: no stars, so that no role opens to every pod of a cluster. */
static inno_rc take_names(struct vault_work *work, const char *param, json_t *body, const char *key)
{
    json_t *list = json_object_get(work->params, param), *item;
    size_t i;

    if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > 64)
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.%s must list 1 to 64 names", param);
    json_array_foreach(list, i, item)
    {
        const char *name = json_string_value(item);
        size_t len = name ? strlen(name) : 0;

        if (len < 1 || len > 253 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != len)
            return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.%s.%zu must be the name of a Kubernetes object; \"*\" is not given",
                              param, i);
    }
    return json_object_set(body, key, list) == 0 ? INNO_OK : VAULT_NO_MEMORY(work);
}

static inno_rc describe(struct vault_work *work, json_t **out)
{
    static const char *const known[] = {"serviceAccounts", "namespaces", "policies", "audience", "tokenTtl", "tokenMaxTtl", "cidrs", NULL};
    json_t *audience = json_object_get(work->params, "audience");
    CLEANUP(json_put) json_t *body = json_object();
    inno_rc rc = params_check(work, known);

    if (rc == INNO_OK)
        rc = roles_tokens(work, body);
    if (rc == INNO_OK)
        rc = take_names(work, "serviceAccounts", body, "bound_service_account_names");
    if (rc == INNO_OK)
        rc = take_names(work, "namespaces", body, "bound_service_account_namespaces");
    if (rc != INNO_OK)
        return rc;
    if (audience && !json_is_string(audience))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.audience must be a text");
    /* said even when there is none: Vault keeps what a write leaves out */
    if (json_object_set_new(body, "audience", audience ? json_incref(audience) : json_string("")) != 0)
        return VAULT_NO_MEMORY(work);
    *out = json_incref(body);
    return INNO_OK;
}

static inno_rc finish(struct vault_work *work)
{
    work->host->output(work->call, "mount", mount_of(work));
    return INNO_OK;
}

static const struct document kind = {"Kubernetes auth role", describe, role_path, finish, NULL, NULL};

static inno_rc hints(struct vault_work *work)
{
    char text[2 * VAULT_NAME_BYTES];

    snprintf(text, sizeof text, "%s/v1/auth/%s/login", rest_url(work->self->rest), mount_of(work));
    work->host->hint(work->call, INNO_HINT_API_ENDPOINT, "log in with the service account's token", text);
    return INNO_OK;
}

const struct vault_type vault_kubernetes_role = {
    "vault-kubernetes-role", document_provision, document_deprovision, document_status, hints, document_plan, &kind};
