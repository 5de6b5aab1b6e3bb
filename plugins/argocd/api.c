/* Owns requests to Argo CD's API server, and what its answers mean. Slot's thread. */
#include "argocd.h"
#include <stdio.h>
#include <string.h>

static inno_rc request_it(struct argo_work *work, struct rest_request *request, struct rest_answer *out)
{
    /* the API server refuses every request but GET that is not JSON, also one without a body */
    const struct rest_header headers[] = {
        {"Authorization", work->self->authorization},
        {request->method && strcmp(request->method, "DELETE") == 0 ? "Content-Type" : NULL, "application/json"},
        {NULL, NULL}};

    if (!request->path)
        return ARGO_NO_MEMORY(work);
    if (!work->self->rest)
        return ARGO_FAIL(work, INNO_UNSUPPORTED, "%s needs Argo CD's API server: give the entry config.url and config.credentials",
                         work->res ? work->res->type : "this");
    request->headers = headers;
    request->repeatable = true;
    return rest_call(work->self->rest, work->host, work->call, request, out);
}

/* Only other projects have a repository of this address: Argo CD has no code of its own for that. */
static bool is_others(const struct rest_answer *answer)
{
    return strstr(field_text(answer->json, "message", ""), "repository not found for url") != NULL;
}

static inno_rc read_it(struct argo_work *work, char *path, const int *also, json_t **out)
{
    CLEANUP(free_text) char *owned = path;
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.path = owned, .also = also};
    inno_rc rc = request_it(work, &request, &answer);

    if (rc == INNO_OK && answer.status == 500 && !is_others(&answer))
        return rest_fail(work->self->rest, work->host, work->call, &request, &answer);
    *out = rc == INNO_OK && answer.status < 300 ? json_incref(answer.json) : NULL;
    return rc;
}

inno_rc argo_read(struct argo_work *work, char *path, json_t **out)
{
    static const int also[] = {403, 404, 500, 0};

    return read_it(work, path, also, out);
}

inno_rc argo_read_list(struct argo_work *work, char *path, json_t **out)
{
    static const int also[] = {404, 0};

    return read_it(work, path, also, out);
}

/* What of a body may be secret: the credentials of a repository, and what an application gives to helm and the like. New reference. */
static json_t *secrets_of(const json_t *body)
{
    static const char *const open[] = {"repoURL", "path", "chart", "targetRevision", "repo", "project", "type", "metadata", NULL};
    const json_t *source = json_object_get(json_object_get(body, "spec"), "source");
    json_t *secrets = json_copy((json_t *)(uintptr_t)(source ? source : body));

    for (const char *const *key = open; *key; key++)
        json_object_del(secrets, *key);
    return secrets;
}

inno_rc argo_send(struct argo_work *work, const char *method, char *path, json_t *body, const int *also, int *out_status, json_t **out)
{
    CLEANUP(free_text) char *owned = path;
    CLEANUP(json_put) json_t *taken = body, *hidden = secrets_of(body);
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.method = method, .path = owned, .json = taken, .also = also, .hidden = hidden};
    inno_rc rc = taken && hidden ? request_it(work, &request, &answer) : ARGO_NO_MEMORY(work);

    if (rc != INNO_OK)
        return rc;
    if (out_status)
        *out_status = answer.status;
    if (out)
        *out = json_incref(answer.json);
    return INNO_OK;
}

inno_rc argo_delete(struct argo_work *work, char *path)
{
    static const int also[] = {403, 404, 500, 0};
    CLEANUP(free_text) char *owned = path;
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.method = "DELETE", .path = owned, .also = also};
    inno_rc rc = request_it(work, &request, &answer);

    if (rc == INNO_OK && answer.status == 500 && !is_others(&answer))
        return rest_fail(work->self->rest, work->host, work->call, &request, &answer);
    return rc;
}

inno_rc argo_check(struct argo_work *work)
{
    CLEANUP(rest_answer_fini) struct rest_answer version = {0}, user = {0};
    struct rest_request ask_version = {.path = "/api/version"}, ask_user = {.path = "/api/v1/session/userinfo"};
    inno_rc rc = work->self->cluster ? objects_check(work) : INNO_OK;

    if (rc != INNO_OK || !work->self->rest)
        return rc;
    rc = request_it(work, &ask_version, &version);
    if (rc == INNO_OK && !field_text(version.json, "Version", NULL))
        return ARGO_FAIL(work, INNO_INVALID_CONFIG, "%s/api/version says no version: this is no Argo CD", rest_url(work->self->rest));
    if (rc == INNO_OK)
        rc = request_it(work, &ask_user, &user);
    if (rc == INNO_OK && !field_bool(user.json, "loggedIn", false))
        return ARGO_FAIL(work, INNO_UNAUTHORIZED, "Argo CD at %s does not accept the token", rest_url(work->self->rest));
    return rc;
}

void argo_url(const struct argo_work *work, const char *page, const char *plural, char out[300])
{
    const char *url = field_text(work->self->config, "url", NULL);

    if (url || !work->self->cluster)
        snprintf(out, 300, "%.200s/%s/%.63s", url ? url : "", page, work->name);
    else
        objects_url(work, plural, out);
}

bool argo_is_ours(const struct argo_work *work, const json_t *object)
{
    const json_t *metadata = json_object_get(object, "metadata");

    return strcmp(field_text(json_object_get(metadata, "annotations"), ARGO_MARK, ""), work->mark) == 0;
}

inno_rc argo_allowed(struct argo_work *work, const char *project)
{
    static const char *const fallback[] = {"{team}", "{team}-*", NULL};
    const json_t *projects = json_object_get(work->self->config, "projects"), *item;
    char pattern[300];
    size_t i;

    json_array_foreach(projects, i, item)
    {
        if (json_is_string(item) && name_expand(&work->scope, json_string_value(item), pattern, sizeof pattern) &&
            name_matches(pattern, project))
            return INNO_OK;
    }
    for (const char *const *form = fallback; !projects && *form; form++)
        if (name_expand(&work->scope, *form, pattern, sizeof pattern) && name_matches(pattern, project))
            return INNO_OK;
    return ARGO_FAIL(work, INNO_INVALID_RESOURCE,
                     "the project \"%.60s\" is none that team %.60s may use; the admin lists them as `projects` in the entry's config",
                     project, work->scope.team);
}

static json_t *reduce(const json_t *wanted, const json_t *there, int depth)
{
    json_t *made, *value;
    const char *key;

    if (!json_is_object(wanted) || !json_is_object(there) || depth > 16)
        return tell_same(wanted, there) ? json_deep_copy(wanted) : json_deep_copy(there);
    made = json_object();
    json_object_foreach((json_t *)(uintptr_t)wanted, key, value)
    {
        const json_t *now = json_object_get(there, key);

        if (now)
            json_object_set_new(made, key, reduce(value, now, depth + 1));
    }
    return made;
}

json_t *argo_reduce(const json_t *wanted, const json_t *there) { return reduce(wanted, there, 0); }
