/* argocd-project {name, description, sources, destinations} -> name, url: which repositories a team may deploy from, and where to. What the
 * entry's config does not list is refused: a project is a right. Slot's thread. */
#include "argocd.h"
#include <stdio.h>
#include <string.h>

static const struct field destination[] = {
    {"server", FIELD_TEXT, .least = 1, .most = 300}, {"namespace", FIELD_TEXT, .required = true, .least = 1, .most = 63}, {NULL}};
static const struct field fields[] = {{"name", FIELD_TEXT, .least = 1, .most = 63, .letters = "abcdefghijklmnopqrstuvwxyz0123456789-"},
                                      {"description", FIELD_TEXT, .most = 255},
                                      {"sources", FIELD_TEXTS, .required = true, .least = 1, .most = 500},
                                      {"destinations", FIELD_OBJECTS, .required = true, .fields = destination},
                                      {NULL}};

static bool is_listed(const struct argo_work *work, const char *list, const char *const *fallback, const char *text)
{
    const json_t *given = json_object_get(work->self->config, list), *item;
    char pattern[500];
    size_t i;

    json_array_foreach(given, i, item)
    {
        if (json_is_string(item) && name_expand(&work->scope, json_string_value(item), pattern, sizeof pattern) &&
            name_matches(pattern, text))
            return true;
    }
    for (; !given && *fallback; fallback++)
        if (name_expand(&work->scope, *fallback, pattern, sizeof pattern) && name_matches(pattern, text))
            return true;
    return false;
}

static inno_rc describe(struct argo_work *work, json_t **out)
{
    static const char *const any[] = {"*", NULL}, *const own[] = {"*/{team}", "*/{team}-*", NULL};
    const json_t *sources = json_object_get(work->params, "sources"), *item;
    json_t *destinations = json_array();
    size_t i;

    *out = json_pack("{s:s,s:O,s:o}", "description", field_text(work->params, "description", ""), "sourceRepos", sources, "destinations",
                     destinations);
    json_array_foreach(sources, i, item) if (!is_listed(work, "sources", any, json_string_value(item))) return ARGO_FAIL(
        work, INNO_INVALID_RESOURCE, "params.sources: \"%.200s\" is not listed as `sources` in the entry's config",
        json_string_value(item));
    json_array_foreach(json_object_get(work->params, "destinations"), i, item)
    {
        const char *server = field_text(item, "server", "https://kubernetes.default.svc"), *namespace = field_text(item, "namespace", "");
        char text[400];

        snprintf(text, sizeof text, "%s/%s", server, namespace);
        if (strchr(server, '*') || !is_listed(work, "destinations", own, text))
            return ARGO_FAIL(work, INNO_INVALID_RESOURCE,
                             "params.destinations: \"%.380s\" is not listed as `destinations` in the entry's config", text);
        json_array_append_new(destinations, json_pack("{s:s,s:s}", "server", server, "namespace", namespace));
    }
    return *out ? INNO_OK : ARGO_NO_MEMORY(work);
}

static char *path_of(const struct argo_work *work) { return rest_path("/api/v1/projects/{}", work->name); }

static inno_rc read_it(struct argo_work *work, json_t **out)
{
    return work->self->cluster ? objects_read(work, ARGO_PROJECT, out) : argo_read(work, path_of(work), out);
}

static inno_rc put_it(struct argo_work *work, json_t *spec)
{
    json_t *project;

    if (work->self->cluster)
        return objects_put(work, ARGO_PROJECT, spec);
    project = json_pack("{s:{s:s,s:{s:s}},s:O}", "metadata", "name", work->name, "annotations", ARGO_MARK, work->mark, "spec", spec);
    return argo_send(work, "POST", rest_path("/api/v1/projects"), json_pack("{s:o,s:b}", "project", project, "upsert", 1), NULL, NULL,
                     NULL);
}

static inno_rc look(struct argo_work *work, json_t **wanted, json_t **there, json_t **changes)
{
    CLEANUP(json_put) json_t *now = NULL;
    inno_rc rc = argo_allowed(work, work->name);

    if (rc == INNO_OK)
        rc = describe(work, wanted);
    if (rc == INNO_OK)
        rc = read_it(work, there);
    if (rc != INNO_OK)
        return rc;
    now = *there ? argo_reduce(*wanted, json_object_get(*there, "spec")) : NULL;
    if (now && !json_object_get(now, "description"))
        json_object_set_new(now, "description", json_string(""));
    *changes = tell_diff(*wanted, now);
    return *changes ? INNO_OK : ARGO_NO_MEMORY(work);
}

static inno_rc provision(struct argo_work *work)
{
    CLEANUP(json_put) json_t *wanted = NULL, *there = NULL, *changes = NULL;
    char url[300];
    inno_rc rc = look(work, &wanted, &there, &changes);

    if (rc == INNO_OK && there && !argo_is_ours(work, there))
        return ARGO_FAIL(work, INNO_ALREADY_EXISTS, "the project %s is there already and is not this resource's", work->name);
    if (rc == INNO_OK)
        rc = tell_state(work->host, work->call, json_pack("{s:s}", "name", work->name));
    if (rc == INNO_OK && (!there || json_array_size(changes))) {
        rc = put_it(work, wanted);
        if (rc == INNO_OK)
            work->host->log(work->call, INNO_LOG_INFO, "%s project %s", there ? "changed" : "made", work->name);
    }
    if (rc != INNO_OK)
        return rc;
    argo_url(work, "settings/projects", "appprojects", url);
    work->host->output(work->call, "name", work->name);
    work->host->output(work->call, "url", url);
    return INNO_OK;
}

static inno_rc deprovision(struct argo_work *work)
{
    CLEANUP(json_put) json_t *there = NULL;
    inno_rc rc = read_it(work, &there);

    if (rc != INNO_OK || !there)
        return rc;
    if (argo_is_ours(work, there))
        return work->self->cluster ? objects_delete(work, there) : argo_delete(work, path_of(work));
    work->host->log(work->call, INNO_LOG_WARN, "the project %s is not this resource's and stays", work->name);
    return INNO_OK;
}

static inno_rc status(struct argo_work *work)
{
    CLEANUP(json_put) json_t *wanted = NULL, *there = NULL, *changes = NULL;
    inno_rc rc = look(work, &wanted, &there, &changes);

    if (rc != INNO_OK)
        return rc;
    if (!tell_defect(work->host, work->call, "project", work->name, there, argo_is_ours(work, there), changes))
        work->host->status(work->call, INNO_STATE_ACTIVE, NULL);
    return INNO_OK;
}

static inno_rc plan(struct argo_work *work)
{
    CLEANUP(json_put) json_t *wanted = NULL, *there = NULL;
    json_t *changes = NULL;
    inno_rc rc = look(work, &wanted, &there, &changes);

    return rc == INNO_OK ? tell_changes(work->host, work->call, changes) : rc;
}

static inno_rc hints(struct argo_work *work)
{
    char url[300];

    argo_url(work, "settings/projects", "appprojects", url);
    work->host->hint(work->call, INNO_HINT_DASHBOARD, "in Argo CD", url);
    return INNO_OK;
}

const struct argo_type argo_project = {"argocd-project", fields, provision, deprovision, status, hints, plan};
