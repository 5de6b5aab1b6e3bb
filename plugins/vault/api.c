/* Owns reading and writing objects behind paths of Vault's API. Slot's thread. */
#include "vault.h"
#include <stdio.h>
#include <string.h>

static inno_rc no_path(const struct vault_work *work)
{
    return VAULT_FAIL(work, INNO_INVALID_CONFIG, "a mount or name in the entry's config is no path; it has an empty part or \"..\"");
}

inno_rc api_read(struct vault_work *work, char *path, json_t **out)
{
    static const int also[] = {404, 0};
    CLEANUP(free_text) char *owned = path;
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.path = owned, .also = also};
    inno_rc rc;

    *out = NULL;
    if (!path)
        return no_path(work);
    rc = session_call(work, &request, &answer);
    if (rc == INNO_OK && answer.status < 300)
        *out = json_incref(json_object_get(answer.json, "data"));
    return rc;
}

static inno_rc write_it(struct vault_work *work, struct rest_request *request, json_t **out)
{
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    inno_rc rc;

    if (out)
        *out = NULL;
    if (!request->path)
        return no_path(work);
    rc = session_call(work, request, &answer);
    if (rc == INNO_OK && out && answer.status < 300)
        *out = json_incref(json_object_get(answer.json, "data"));
    return rc;
}

inno_rc api_write(struct vault_work *work, const char *method, char *path, const json_t *body, bool secret, json_t **out)
{
    CLEANUP(free_text) char *owned = path;
    struct rest_request request = {.method = method, .path = owned, .json = body, .secret_body = secret, .repeatable = true};

    return body ? write_it(work, &request, out) : VAULT_NO_MEMORY(work);
}

inno_rc api_ask(struct vault_work *work, char *path, const json_t *body, json_t **out)
{
    static const int also[] = {400, 404, 0};
    CLEANUP(free_text) char *owned = path;
    struct rest_request request = {.method = "POST", .path = owned, .json = body, .also = also, .secret_body = true, .repeatable = true};

    return body ? write_it(work, &request, out) : VAULT_NO_MEMORY(work);
}

inno_rc api_delete(struct vault_work *work, char *path)
{
    static const int also[] = {404, 0};
    CLEANUP(free_text) char *owned = path;
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.method = "DELETE", .path = owned, .also = also};

    return path ? session_call(work, &request, &answer) : no_path(work);
}

inno_rc params_check(struct vault_work *work, const char *const *known)
{
    const char *key = unknown_member(work->params, known);

    return !key ? INNO_OK : VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.%.80s is unknown for type %s", key, work->res->type);
}
