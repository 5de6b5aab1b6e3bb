/* vault-database-role {database, ttl, maxTtl, credentials} -> name, path and, with `credentials`, username and the secret password of a
 * lease. The statements are the admin's (config.databases); a developer picks one of them. A lease is kept beside the secrets, where no
 * application's policy reaches, and given again as long as it lives. Slot's thread. */
#include "vault.h"
#include <stdio.h>
#include <string.h>

static const json_t *database_of(const struct vault_work *work)
{
    const char *name = json_string_value(json_object_get(work->params, "database"));

    return name ? json_object_get(json_object_get(work->self->config, "databases"), name) : NULL;
}

static const char *mount_of(const struct vault_work *work)
{
    const char *mount = json_string_value(json_object_get(database_of(work), "mount"));

    if (!mount)
        mount = json_string_value(json_object_get(work->state, "mount")); /* the entry has forgotten the database */
    return mount ? mount : "database";
}

static char *role_path(const struct vault_work *work) { return rest_path("/v1/{+}/roles/{}", mount_of(work), work->name); }

static void keep_path(const struct vault_work *work, char out[2 * VAULT_NAME_BYTES])
{
    snprintf(out, 2 * VAULT_NAME_BYTES, "%s/.database/%s", work->self->prefix, work->name);
}

static inno_rc copy_statements(struct vault_work *work, const json_t *database, const char *from, json_t *body, const char *to)
{
    json_t *list = json_object_get(database, from);

    if (list && !json_is_array(list))
        return VAULT_FAIL(work, INNO_INVALID_CONFIG, "config.databases: %s must be a list of statements", from);
    return (list ? json_object_set(body, to, list) : json_object_set_new(body, to, json_array())) == 0 ? INNO_OK : VAULT_NO_MEMORY(work);
}

static inno_rc describe(struct vault_work *work, json_t **out)
{
    static const char *const known[] = {"database", "ttl", "maxTtl", "credentials", NULL};
    const json_t *database = database_of(work), *credentials = json_object_get(work->params, "credentials");
    const char *name = json_string_value(json_object_get(work->params, "database")),
               *connection = json_string_value(json_object_get(database, "connection"));
    CLEANUP(json_put) json_t *body = connection ? json_pack("{s:s}", "db_name", connection) : NULL;
    inno_rc rc = params_check(work, known);

    if (rc != INNO_OK)
        return rc;
    if (!database)
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.database: the entry has no database \"%.80s\" in config.databases",
                          name ? name : "");
    if (!body || !json_array_size(json_object_get(database, "creation")))
        return VAULT_FAIL(work, INNO_INVALID_CONFIG, "config.databases.%.80s needs connection and creation", name);
    if (credentials && !json_is_boolean(credentials))
        return VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.credentials must be true or false");
    if ((rc = copy_statements(work, database, "creation", body, "creation_statements")) != INNO_OK ||
        (rc = copy_statements(work, database, "revocation", body, "revocation_statements")) != INNO_OK ||
        (rc = roles_seconds(work, "ttl", body, "default_ttl")) != INNO_OK ||
        (rc = roles_seconds(work, "maxTtl", body, "max_ttl")) != INNO_OK)
        return rc;
    *out = json_incref(body);
    return INNO_OK;
}

/* ---- the lease ---- */

/* *out_ttl: seconds that it still lives; 0: it is over. */
static inno_rc lease_life(struct vault_work *work, const char *lease, int64_t *out_ttl)
{
    CLEANUP(json_put) json_t *body = json_pack("{s:s}", "lease_id", lease), *found = NULL;
    inno_rc rc = api_ask(work, rest_path("/v1/sys/leases/lookup"), body, &found);

    *out_ttl = json_integer_value(json_object_get(found, "ttl"));
    return rc;
}

/* Asks for credentials; they are kept before they are given out. */
static inno_rc take_lease(struct vault_work *work, const char *path, const struct kv_secret *kept, json_t **out)
{
    CLEANUP(free_text) char *creds = rest_path("/v1/{+}/creds/{}", mount_of(work), work->name);
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.path = creds};
    json_t *data;
    int64_t version;
    inno_rc rc;

    if (!creds)
        return VAULT_FAIL(work, INNO_INVALID_CONFIG, "config.databases: the mount is no path");
    if (!kept->owner[0] && (rc = kv_claim(work, path)) != INNO_OK)
        return rc;
    if ((rc = session_call(work, &request, &answer)) != INNO_OK)
        return rc;
    data = json_object_get(answer.json, "data");
    *out = json_pack("{s:O,s:O,s:O}", "username", json_object_get(data, "username"), "password", json_object_get(data, "password"),
                     "lease_id", json_object_get(answer.json, "lease_id"));
    if (!*out)
        return VAULT_FAIL(work, INNO_FAILED, "Vault gave no credentials for the role %s", work->name);
    return kv_write(work, path, *out, kept->version, &version);
}

static inno_rc have_lease(struct vault_work *work, json_t **out)
{
    CLEANUP(kv_fini) struct kv_secret kept = {0};
    CLEANUP(json_put) json_t *body = NULL, *renewed = NULL;
    char path[2 * VAULT_NAME_BYTES];
    const char *lease;
    int64_t ttl = 0;
    inno_rc rc;

    keep_path(work, path);
    if ((rc = kv_read(work, path, &kept)) != INNO_OK)
        return rc;
    lease = json_string_value(json_object_get(kept.data, "lease_id"));
    if (lease && (rc = lease_life(work, lease, &ttl)) != INNO_OK)
        return rc;
    if (ttl <= 0)
        return take_lease(work, path, &kept, out);
    body = json_pack("{s:s}", "lease_id", lease);
    *out = json_incref(kept.data);
    return api_ask(work, rest_path("/v1/sys/leases/renew"), body, &renewed); /* one that cannot be renewed lives on until its end */
}

static inno_rc finish(struct vault_work *work)
{
    CLEANUP(json_put) json_t *lease = NULL;
    char path[2 * VAULT_NAME_BYTES];
    inno_rc rc =
        tell_state(work->host, work->call, json_pack("{s:s,s:s,s:s}", "name", work->name, "path", work->path, "mount", mount_of(work)));

    if (rc != INNO_OK)
        return rc;
    snprintf(path, sizeof path, "%s/creds/%s", mount_of(work), work->name);
    work->host->output(work->call, "path", path);
    if (!json_is_true(json_object_get(work->params, "credentials")))
        return INNO_OK;
    if ((rc = have_lease(work, &lease)) != INNO_OK)
        return rc;
    work->host->output(work->call, "username", json_string_value(json_object_get(lease, "username")));
    work->host->secret_output(work->call, "password", json_string_value(json_object_get(lease, "password")));
    return INNO_OK;
}

static inno_rc look(struct vault_work *work, const char **out_defect)
{
    CLEANUP(kv_fini) struct kv_secret kept = {0};
    char path[2 * VAULT_NAME_BYTES];
    const char *lease;
    int64_t ttl = 0;
    inno_rc rc = INNO_OK;

    if (!json_is_true(json_object_get(work->params, "credentials")))
        return rc;
    keep_path(work, path);
    if ((rc = kv_read(work, path, &kept)) != INNO_OK)
        return rc;
    lease = json_string_value(json_object_get(kept.data, "lease_id"));
    if (lease)
        rc = lease_life(work, lease, &ttl);
    *out_defect = ttl > 0 ? NULL : "the lease of its credentials is over; deploy again for new ones";
    return rc;
}

static inno_rc clear(struct vault_work *work)
{
    CLEANUP(kv_fini) struct kv_secret kept = {0};
    CLEANUP(json_put) json_t *body = NULL, *ignored = NULL;
    char path[2 * VAULT_NAME_BYTES];
    const char *lease;
    inno_rc rc;

    keep_path(work, path);
    if ((rc = kv_read(work, path, &kept)) != INNO_OK || !kept.exists)
        return rc;
    lease = json_string_value(json_object_get(kept.data, "lease_id"));
    body = json_pack("{s:s,s:b}", "lease_id", lease ? lease : "", "sync", 1);
    if (lease && (rc = api_ask(work, rest_path("/v1/sys/leases/revoke"), body, &ignored)) != INNO_OK)
        return rc;
    return kv_delete(work, path);
}

static const struct document kind = {"database role", describe, role_path, finish, look, clear};

static inno_rc hints(struct vault_work *work)
{
    char text[2 * VAULT_NAME_BYTES];

    snprintf(text, sizeof text, "vault read %s/creds/%s", mount_of(work), work->name);
    work->host->hint(work->call, INNO_HINT_COMMAND, "get credentials", text);
    return INNO_OK;
}

const struct vault_type vault_database_role = {
    "vault-database-role", document_provision, document_deprovision, document_status, hints, document_plan, &kind};
