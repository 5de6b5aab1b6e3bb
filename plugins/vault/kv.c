/* Owns version 2 of Vault's key-value engine: data and metadata of one path, written with check-and-set. Slot's thread. */
#include "vault.h"
#include <stdio.h>
#include <string.h>

#define MARK "innominatus-uid"

void kv_fini(struct kv_secret *secret)
{
    json_decref(secret->data);
    *secret = (struct kv_secret){0};
}

static char *api_path(const struct vault_work *work, const char *half, const char *path)
{
    return rest_path("/v1/{+}/{}/{+}", work->self->mount, half, path);
}

static inno_rc read_data(struct vault_work *work, const char *path, int64_t version, json_t **out)
{
    CLEANUP(free_text) char *plain = api_path(work, "data", path);
    CLEANUP(json_put) json_t *answer = NULL;
    size_t cap = plain ? strlen(plain) + 40 : 0;
    char *versioned = plain ? malloc(cap) : NULL;
    inno_rc rc;

    *out = NULL;
    if (plain && !versioned)
        return VAULT_NO_MEMORY(work);
    if (versioned)
        snprintf(versioned, cap, "%s?version=%lld", plain, (long long)version);
    rc = api_read(work, versioned, &answer);
    if (rc == INNO_OK && json_is_object(json_object_get(answer, "data")))
        *out = json_incref(json_object_get(answer, "data"));
    return rc;
}

inno_rc kv_read_version(struct vault_work *work, const char *path, int64_t version, json_t **out)
{
    return read_data(work, path, version, out);
}

inno_rc kv_read(struct vault_work *work, const char *path, struct kv_secret *out)
{
    CLEANUP(json_put) json_t *meta = NULL;
    struct kv_secret found = {0};
    const char *owner;
    inno_rc rc = api_read(work, api_path(work, "metadata", path), &meta);

    if (rc == INNO_OK && meta) {
        owner = json_string_value(json_object_get(json_object_get(meta, "custom_metadata"), MARK));
        snprintf(found.owner, sizeof found.owner, "%s", owner ? owner : "");
        found.version = json_integer_value(json_object_get(meta, "current_version"));
        found.exists = true;
        if (found.version > 0)
            rc = read_data(work, path, found.version, &found.data);
    }
    if (rc == INNO_OK)
        *out = found;
    return rc;
}

inno_rc kv_claim(struct vault_work *work, const char *path)
{
    char uid[256]; /* a value of custom metadata has 512 bytes at most */
    CLEANUP(json_put) json_t *body = NULL;

    snprintf(uid, sizeof uid, "%s", work->res->uid);
    body = json_pack("{s:{s:s,s:s}}", "custom_metadata", "managed-by", "innominatus", MARK, uid);
    return api_write(work, "POST", api_path(work, "metadata", path), body, false, NULL);
}

inno_rc kv_write(struct vault_work *work, const char *path, const json_t *data, int64_t version, int64_t *out_version)
{
    static const int also[] = {400, 0};
    CLEANUP(json_put) json_t *body = json_pack("{s:O,s:{s:I}}", "data", data, "options", "cas", (json_int_t)version);
    CLEANUP(free_text) char *target = api_path(work, "data", path);
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.method = "POST", .path = target, .json = body, .also = also, .secret_body = true, .repeatable = true};
    char message[300];
    inno_rc rc;

    if (!body || !target)
        return VAULT_NO_MEMORY(work);
    if ((rc = session_call(work, &request, &answer)) != INNO_OK)
        return rc;
    if (answer.status == 400) {
        rest_message(&answer, message, sizeof message);
        if (!strstr(message, "check-and-set"))
            return rest_fail(work->self->rest, work->host, work->call, &request, &answer);
        /* another writer, or an attempt of ours whose answer was lost: the next provision reads what is there */
        return VAULT_FAIL(work, INNO_TRANSIENT, "%s/%s was written by somebody else meanwhile (check-and-set after version %lld)",
                          work->self->mount, path, (long long)version);
    }
    *out_version = json_integer_value(json_object_get(json_object_get(answer.json, "data"), "version"));
    return INNO_OK;
}

inno_rc kv_delete(struct vault_work *work, const char *path) { return api_delete(work, api_path(work, "metadata", path)); }
