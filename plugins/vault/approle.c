/* vault-approle {policies, tokenTtl, tokenMaxTtl, cidrs, secretIdTtl, secretIdUses} -> name, mount, role_id and the secret secret_id. Vault
 * shows a secret id only once, so it is made here, kept in the key-value engine where no application's policy reaches, and registered: a
 * second provision gives the same one as long as it is good. Slot's thread. */
#include "random_text.h"
#include "vault.h"
#include <stdio.h>
#include <string.h>

#define SECRET_ID_LENGTH 40

static const char *mount_of(const struct vault_work *work)
{
    const char *mount = json_string_value(json_object_get(work->self->config, "approleMount"));

    return mount ? mount : "approle";
}

static char *role_path(const struct vault_work *work) { return rest_path("/v1/auth/{+}/role/{}", mount_of(work), work->name); }

static char *below_role(const struct vault_work *work, const char *what)
{
    return rest_path("/v1/auth/{+}/role/{}/{+}", mount_of(work), work->name, what);
}

static void keep_path(const struct vault_work *work, char out[2 * VAULT_NAME_BYTES])
{
    snprintf(out, 2 * VAULT_NAME_BYTES, "%s/.approle/%s", work->self->prefix, work->name);
}

static inno_rc describe(struct vault_work *work, json_t **out)
{
    static const char *const known[] = {"policies", "tokenTtl", "tokenMaxTtl", "cidrs", "secretIdTtl", "secretIdUses", NULL};
    const json_t *uses = json_object_get(work->params, "secretIdUses");
    CLEANUP(json_put) json_t *body = json_pack("{s:b}", "bind_secret_id", 1);
    inno_rc rc = params_check(work, known);

    if (!body)
        return VAULT_NO_MEMORY(work);
    if (rc == INNO_OK)
        rc = roles_tokens(work, body);
    if (rc == INNO_OK)
        rc = roles_seconds(work, "secretIdTtl", body, "secret_id_ttl");
    if (rc != INNO_OK)
        return rc;
    if (uses && (!json_is_integer(uses) || json_integer_value(uses) < 0 || json_integer_value(uses) > 1000000))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.secretIdUses must be a number from 0 (any) to 1000000");
    if (json_object_set_new(body, "secret_id_num_uses", json_integer(json_integer_value(uses))) != 0)
        return VAULT_NO_MEMORY(work);
    *out = json_incref(body);
    return INNO_OK;
}

/* *out: does the role know this secret id, and is it good? */
static inno_rc is_good(struct vault_work *work, const char *secret_id, bool *out)
{
    CLEANUP(json_put) json_t *body = json_pack("{s:s}", "secret_id", secret_id), *found = NULL;
    inno_rc rc = api_ask(work, below_role(work, "secret-id/lookup"), body, &found);

    *out = json_is_object(found) && json_object_size(found) > 0;
    return rc;
}

/* A new secret id: kept first, so that it is never registered and lost. */
static inno_rc make_secret_id(struct vault_work *work, const char *path, const struct kv_secret *kept, char out[SECRET_ID_LENGTH + 1])
{
    CLEANUP(json_put) json_t *data = NULL, *body = NULL;
    int64_t version;
    inno_rc rc;

    if (random_text(out, SECRET_ID_LENGTH) != 0 || !(data = json_pack("{s:s}", "secret_id", out)))
        return VAULT_NO_MEMORY(work);
    if (!kept->owner[0] && (rc = kv_claim(work, path)) != INNO_OK)
        return rc;
    if ((rc = kv_write(work, path, data, kept->version, &version)) != INNO_OK)
        return rc;
    body = json_pack("{s:s}", "secret_id", out);
    return api_write(work, "POST", below_role(work, "custom-secret-id"), body, true, NULL);
}

static inno_rc finish(struct vault_work *work)
{
    CLEANUP(kv_fini) struct kv_secret kept = {0};
    CLEANUP(json_put) json_t *role = NULL;
    char path[2 * VAULT_NAME_BYTES], fresh[SECRET_ID_LENGTH + 1];
    const char *secret_id;
    bool good = false;
    inno_rc rc = api_read(work, below_role(work, "role-id"), &role);

    keep_path(work, path);
    if (rc == INNO_OK && !role)
        return VAULT_FAIL(work, INNO_TRANSIENT, "the role %s went away while it was being made", work->name);
    if (rc != INNO_OK || (rc = kv_read(work, path, &kept)) != INNO_OK)
        return rc;
    secret_id = json_string_value(json_object_get(kept.data, "secret_id"));
    if (secret_id && (rc = is_good(work, secret_id, &good)) != INNO_OK)
        return rc;
    if (!good && (rc = make_secret_id(work, path, &kept, fresh)) != INNO_OK)
        return rc;
    work->host->output(work->call, "mount", mount_of(work));
    work->host->output(work->call, "role_id", json_string_value(json_object_get(role, "role_id")));
    work->host->secret_output(work->call, "secret_id", good ? secret_id : fresh);
    explicit_bzero(fresh, sizeof fresh);
    return INNO_OK;
}

static inno_rc look(struct vault_work *work, const char **out_defect)
{
    CLEANUP(kv_fini) struct kv_secret kept = {0};
    char path[2 * VAULT_NAME_BYTES];
    const char *secret_id;
    bool good = false;
    inno_rc rc;

    keep_path(work, path);
    if ((rc = kv_read(work, path, &kept)) != INNO_OK)
        return rc;
    secret_id = json_string_value(json_object_get(kept.data, "secret_id"));
    if (secret_id && (rc = is_good(work, secret_id, &good)) != INNO_OK)
        return rc;
    *out_defect = good ? NULL : "its secret id is gone: used up, expired or destroyed by hand";
    return INNO_OK;
}

static inno_rc clear(struct vault_work *work)
{
    char path[2 * VAULT_NAME_BYTES];

    keep_path(work, path);
    return kv_delete(work, path); /* the role takes its secret ids with it */
}

static const struct document kind = {"AppRole role", describe, role_path, finish, look, clear};

static inno_rc hints(struct vault_work *work)
{
    char text[2 * VAULT_NAME_BYTES];

    snprintf(text, sizeof text, "%s/v1/auth/%s/login", rest_url(work->self->rest), mount_of(work));
    work->host->hint(work->call, INNO_HINT_API_ENDPOINT, "log in with role_id and secret_id", text);
    return INNO_OK;
}

const struct vault_type vault_approle = {
    "vault-approle", document_provision, document_deprovision, document_status, hints, document_plan, &kind};
