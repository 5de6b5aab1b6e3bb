/* Owns reading, writing and comparing objects behind paths of Vault's API. Slot's thread. */
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

/* ---- comparing ---- */

static bool holds(const json_t *list, const json_t *wanted)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) if (json_equal(item, wanted)) return true;
    return false;
}

static bool same(const json_t *wanted, const json_t *actual)
{
    const json_t *item;
    size_t i;

    if (!json_is_array(wanted) || !json_is_array(actual))
        return json_equal(wanted, actual) || (json_is_array(wanted) && json_array_size(wanted) == 0 && (!actual || json_is_null(actual)));
    json_array_foreach(wanted, i, item) if (!holds(actual, item)) return false;
    json_array_foreach(actual, i, item) if (!holds(wanted, item)) return false;
    return true;
}

json_t *api_diff(const json_t *wanted, const json_t *actual)
{
    json_t *changes = json_array(), *value;
    const char *key;

    json_object_foreach((json_t *)(uintptr_t)wanted, key, value)
    {
        json_t *now = json_object_get(actual, key);
        json_t *change = NULL;

        if (same(value, now))
            continue;
        change = json_pack("{s:s,s:o,s:O}", "path", key, "from", now ? json_incref(now) : json_null(), "to", value);
        if (json_array_append_new(changes, change) != 0) {
            json_decref(changes);
            return NULL;
        }
    }
    return changes;
}

/* ---- telling ---- */

inno_rc api_changes(struct vault_work *work, json_t *changes)
{
    CLEANUP(json_put) json_t *owned = changes;
    CLEANUP(free_text) char *text = owned ? json_dumps(owned, JSON_COMPACT) : NULL;

    if (!text)
        return VAULT_NO_MEMORY(work);
    work->host->output_json(work->call, "changes", inno_span_of(text));
    return INNO_OK;
}

inno_rc api_state(struct vault_work *work, json_t *state)
{
    CLEANUP(json_put) json_t *owned = state;
    CLEANUP(free_text) char *text = owned ? json_dumps(owned, JSON_COMPACT) : NULL;
    inno_rc rc;

    if (!text)
        return VAULT_NO_MEMORY(work);
    rc = work->host->state(work->call, inno_span_of(text));
    return rc == INNO_OK ? rc : VAULT_FAIL(work, rc, "the state could not be kept");
}

inno_rc params_check(struct vault_work *work, const char *const *known)
{
    const char *key = unknown_member(work->params, known);

    return !key ? INNO_OK : VAULT_FAIL(work, INNO_INVALID_RESOURCE, "params.%.80s is unknown for type %s", key, work->res->type);
}
