/* argocd-repository {url, project, username, password, sshPrivateKey, type, insecure} -> url: how Argo CD gets at a repository. Credentials
 * cannot be read back, so they are written again at each provision. Slot's thread. */
#include "argocd.h"
#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {"git", "helm", NULL};
static const struct field fields[] = {{"url", FIELD_TEXT, .required = true, .least = 8, .most = 500},
                                      {"project", FIELD_TEXT, .required = true, .least = 1, .most = 63},
                                      {"username", FIELD_TEXT, .least = 1, .most = 200},
                                      {"password", FIELD_TEXT, .least = 1, .most = 4000},
                                      {"sshPrivateKey", FIELD_ANY},
                                      {"type", FIELD_TEXT, .choices = kinds},
                                      {"insecure", FIELD_BOOL},
                                      {NULL}};

static const char *url_of(const struct argo_work *work) { return field_text(work->state, "url", field_text(work->params, "url", "")); }

static char *path_of(const struct argo_work *work)
{
    CLEANUP(free_text) char *path = rest_path("/api/v1/repositories/{}", url_of(work));
    CLEANUP(free_text) char *query = rest_path("{}", field_text(work->state, "project", field_text(work->params, "project", "default")));
    size_t len = path && query ? strlen(path) + strlen(query) + 20 : 0;
    char *whole = len ? malloc(len) : NULL;

    if (whole)
        snprintf(whole, len, "%s?appProject=%s", path, query);
    return whole;
}

static json_t *describe(const struct argo_work *work)
{
    return json_pack("{s:s,s:s,s:s,s:b}", "repo", field_text(work->params, "url", ""), "project", field_text(work->params, "project", ""),
                     "type", field_text(work->params, "type", "git"), "insecure", field_bool(work->params, "insecure", false));
}

static json_t *compare(const struct argo_work *work, const json_t *there)
{
    CLEANUP(json_put) json_t *wanted = describe(work), *now = there ? json_copy((json_t *)(uintptr_t)there) : NULL;

    if (now && !json_object_get(now, "insecure"))
        json_object_set_new(now, "insecure", json_false());
    if (now && !field_text(now, "type", "")[0])
        json_object_set_new(now, "type", json_string("git"));
    return tell_diff(wanted, now);
}

static inno_rc provision(struct argo_work *work)
{
    static const char *const secrets[] = {"username", "password", "sshPrivateKey"};
    CLEANUP(json_put) json_t *there = NULL, *changes = NULL;
    json_t *key = json_object_get(work->params, "sshPrivateKey"), *body;
    inno_rc rc = argo_allowed(work, field_text(work->params, "project", ""));

    if (rc == INNO_OK && key && (!json_is_string(key) || !strstr(json_string_value(key), "PRIVATE KEY-----")))
        return ARGO_FAIL(work, INNO_INVALID_RESOURCE, "params.sshPrivateKey must be a private key in PEM");
    if (rc == INNO_OK)
        rc = argo_read(work, path_of(work), &there);
    if (rc == INNO_OK && there && !json_object_get(work->state, "url"))
        return ARGO_FAIL(work, INNO_ALREADY_EXISTS, "Argo CD has credentials for %.200s already that are not this resource's",
                         url_of(work));
    if (rc == INNO_OK) /* from here on what is found at this address is ours */
        rc = tell_state(
            work->host, work->call,
            json_pack("{s:s,s:s}", "url", field_text(work->params, "url", ""), "project", field_text(work->params, "project", "")));
    if (rc != INNO_OK)
        return rc;
    changes = compare(work, there);
    body = describe(work);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (json_object_get(work->params, secrets[i]))
            json_object_set(body, secrets[i], json_object_get(work->params, secrets[i]));
    rc = argo_send(work, "POST", rest_path("/api/v1/repositories?upsert=true"), body, NULL, NULL, NULL);
    if (rc == INNO_OK && json_array_size(changes))
        work->host->log(work->call, INNO_LOG_INFO, "%s credentials for %.200s", there ? "changed" : "added", url_of(work));
    if (rc == INNO_OK)
        work->host->output(work->call, "url", field_text(work->params, "url", ""));
    return rc;
}

static inno_rc deprovision(struct argo_work *work)
{
    return json_object_get(work->state, "url") ? argo_delete(work, path_of(work)) : INNO_OK;
}

static inno_rc status(struct argo_work *work)
{
    CLEANUP(json_put) json_t *there = NULL, *changes = NULL;
    const char *connection, *why;
    char text[400];
    inno_rc rc = argo_read(work, path_of(work), &there);

    if (rc != INNO_OK)
        return rc;
    if (!there || !json_object_get(work->state, "url")) {
        work->host->status(work->call, INNO_STATE_TERMINATED, "the credentials are not there");
        return INNO_OK;
    }
    changes = compare(work, there);
    connection = field_text(json_object_get(there, "connectionState"), "status", "Successful");
    why = field_text(json_object_get(there, "connectionState"), "message", "");
    snprintf(text, sizeof text, "Argo CD cannot get at it: %.300s", why);
    if (json_array_size(changes))
        tell_degraded(work->host, work->call, "repository", url_of(work), changes);
    else
        work->host->status(work->call, strcmp(connection, "Failed") == 0 ? INNO_STATE_DEGRADED : INNO_STATE_ACTIVE,
                           strcmp(connection, "Failed") == 0 ? text : NULL);
    return INNO_OK;
}

static inno_rc plan(struct argo_work *work)
{
    CLEANUP(json_put) json_t *there = NULL;
    inno_rc rc = argo_read(work, path_of(work), &there);

    return rc == INNO_OK ? tell_changes(work->host, work->call, compare(work, there)) : rc;
}

static inno_rc hints(struct argo_work *work)
{
    char url[300];

    snprintf(url, sizeof url, "%.200s/settings/repos", rest_url(work->self->rest));
    work->host->hint(work->call, INNO_HINT_DASHBOARD, "repositories of Argo CD", url);
    return INNO_OK;
}

const struct argo_type argo_repository = {"argocd-repository", fields, provision, deprovision, status, hints, plan};
