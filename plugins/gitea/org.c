/* gitea-org {name, fullName, description, website, location, visibility, adopt} -> name, id, url: an organisation. One that still has
 * repositories is not removed. Slot's thread. */
#include "gitea.h"
#include <stdio.h>
#include <string.h>

static const char *const visibilities[] = {"public", "limited", "private", NULL};
static const struct field fields[] = {{"name", FIELD_TEXT, .least = 1, .most = 40, .letters = GITEA_LETTERS},
                                      {"fullName", FIELD_TEXT, .most = 100},
                                      {"description", FIELD_TEXT, .most = 255},
                                      {"website", FIELD_TEXT, .most = 255},
                                      {"location", FIELD_TEXT, .most = 50},
                                      {"visibility", FIELD_TEXT, .choices = visibilities},
                                      {"adopt", FIELD_BOOL},
                                      {NULL}};

static const struct {
    const char *param, *member;
} members[] = {{"fullName", "full_name"}, {"description", "description"}, {"website", "website"}, {"location", "location"}};

/* What params say; new reference. */
static json_t *describe(const struct gitea_work *work)
{
    json_t *wanted = json_pack("{s:s}", "visibility", field_text(work->params, "visibility", "private"));

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_t *value = json_object_get(work->params, members[i].param);

        if (value)
            json_object_set(wanted, members[i].member, value);
    }
    return wanted;
}

static char *path_of(const char *name) { return rest_path("/api/v1/orgs/{}", name); }

/* The name of what exists stays. */
static inno_rc find(struct gitea_work *work, char name[GITEA_OWNER_BYTES], json_t **out)
{
    const char *kept = field_text(work->state, "name", NULL);
    inno_rc rc = INNO_OK;

    if (kept && strlen(kept) < GITEA_OWNER_BYTES && json_object_get(work->state, "id"))
        memcpy(name, kept, strlen(kept) + 1);
    else
        rc = place_org(work, name);
    return rc == INNO_OK ? gitea_read(work, path_of(name), out) : rc;
}

/* Made by this resource: it has the id that was kept, or it came after the resource had seen that there is none. */
static bool is_ours(const struct gitea_work *work, const json_t *org)
{
    const json_t *id = json_object_get(work->state, "id");

    if (id)
        return json_equal(id, json_object_get(org, "id"));
    return field_bool(work->state, "claimed", false) && strcmp(field_text(work->state, "name", ""), field_text(org, "name", "")) == 0;
}

static inno_rc keep(struct gitea_work *work, const char *name, const json_t *org, bool adopted)
{
    json_t *state = json_pack("{s:s,s:b,s:b}", "name", name, "claimed", !adopted, "adopted", adopted);

    if (org)
        json_object_set(state, "id", json_object_get(org, "id"));
    return gitea_state(work, state);
}

static inno_rc create(struct gitea_work *work, const char *name, json_t *wanted, json_t **out)
{
    static const int also[] = {409, 422, 0};
    CLEANUP(json_put) json_t *refusal = NULL;
    json_t *body = json_copy(wanted);
    inno_rc rc = keep(work, name, NULL, false);
    int status = 0;

    json_object_set_new(body, "username", json_string(name));
    if (rc != INNO_OK) {
        json_decref(body);
        return rc;
    }
    rc = gitea_send(work, "POST", rest_path("/api/v1/orgs"), body, also, &status, &refusal);
    if (rc == INNO_OK)
        rc = gitea_read(work, path_of(name), out); /* also when it was there: an answer may have been lost */
    if (rc == INNO_OK && !*out)
        return GITEA_FAIL(work, status < 300 ? INNO_TRANSIENT : INNO_INVALID_RESOURCE, "Gitea did not make the organisation %s: %.300s",
                          name, field_text(refusal, "message", "it is not there"));
    if (rc == INNO_OK)
        work->host->log(work->call, INNO_LOG_INFO, "made organisation %s", name);
    return rc;
}

/* Gitea empties the texts that a PATCH does not mention: those that params leave alone go with it as they are. */
static json_t *body_of(const json_t *wanted, const json_t *org)
{
    json_t *body = json_copy((json_t *)(uintptr_t)wanted);

    for (size_t i = 0; body && i < sizeof members / sizeof *members; i++)
        if (!json_object_get(body, members[i].member) && json_object_get(org, members[i].member))
            json_object_set(body, members[i].member, json_object_get(org, members[i].member));
    return body;
}

static inno_rc provision(struct gitea_work *work)
{
    CLEANUP(json_put) json_t *org = NULL, *wanted = describe(work), *changes = NULL;
    bool adopted = field_bool(work->state, "adopted", false);
    char name[GITEA_OWNER_BYTES], url[300];
    inno_rc rc = find(work, name, &org);

    if (rc != INNO_OK)
        return rc;
    if (org && !is_ours(work, org)) {
        if (!field_bool(work->params, "adopt", false))
            return GITEA_FAIL(work, INNO_ALREADY_EXISTS,
                              "the organisation %s is there already and is not this resource's; take another name, or set params.adopt",
                              name);
        adopted = true;
    }
    if (!org && (rc = create(work, name, wanted, &org)) != INNO_OK)
        return rc;
    if ((rc = keep(work, name, org, adopted)) != INNO_OK)
        return rc;
    if (!(changes = tell_diff(wanted, org)))
        return GITEA_NO_MEMORY(work);
    if (json_array_size(changes)) {
        if ((rc = gitea_send(work, "PATCH", path_of(name), body_of(wanted, org), NULL, NULL, NULL)) != INNO_OK)
            return rc;
        work->host->log(work->call, INNO_LOG_INFO, "changed organisation %s", name);
    }
    snprintf(url, sizeof url, "%.240s/%s", rest_url(work->self->rest), name);
    work->host->output(work->call, "name", name);
    work->host->output(work->call, "url", url);
    return tell_json(work->host, work->call, "id", json_incref(json_object_get(org, "id")));
}

static inno_rc deprovision(struct gitea_work *work)
{
    CLEANUP(json_put) json_t *org = NULL, *repos = NULL;
    char name[GITEA_OWNER_BYTES];
    inno_rc rc = find(work, name, &org);

    if (rc != INNO_OK || !org)
        return rc;
    if (!is_ours(work, org) || field_bool(work->state, "adopted", false)) {
        work->host->log(work->call, INNO_LOG_WARN, "the organisation %s was there before and stays", name);
        return INNO_OK;
    }
    if ((rc = gitea_list(work, rest_path("/api/v1/orgs/{}/repos", name), &repos)) != INNO_OK)
        return rc;
    if (json_array_size(repos))
        return GITEA_FAIL(work, INNO_FAILED, "the organisation %s still has %zu repositor%s, such as %.100s; remove them first", name,
                          json_array_size(repos), json_array_size(repos) == 1 ? "y" : "ies",
                          field_text(json_array_get(repos, 0), "name", "?"));
    return gitea_delete(work, path_of(name));
}

static inno_rc status(struct gitea_work *work)
{
    CLEANUP(json_put) json_t *org = NULL, *wanted = describe(work), *changes = NULL;
    char name[GITEA_OWNER_BYTES];
    inno_rc rc = find(work, name, &org);

    if (rc != INNO_OK)
        return rc;
    changes = tell_diff(wanted, org);
    if (!tell_defect(work->host, work->call, "organisation", name, org, is_ours(work, org), changes))
        work->host->status(work->call, INNO_STATE_ACTIVE, NULL);
    return INNO_OK;
}

static inno_rc plan(struct gitea_work *work)
{
    CLEANUP(json_put) json_t *org = NULL, *wanted = describe(work);
    char name[GITEA_OWNER_BYTES];
    inno_rc rc = find(work, name, &org);

    return rc == INNO_OK ? tell_changes(work->host, work->call, tell_diff(wanted, org)) : rc;
}

static inno_rc hints(struct gitea_work *work)
{
    char name[GITEA_OWNER_BYTES], text[300];
    const char *kept = field_text(work->state, "name", NULL);
    inno_rc rc = kept ? INNO_OK : place_org(work, name);

    if (rc != INNO_OK)
        return rc;
    snprintf(text, sizeof text, "%.240s/%s", rest_url(work->self->rest), kept ? kept : name);
    work->host->hint(work->call, INNO_HINT_URL, "in Gitea", text);
    snprintf(text, sizeof text, "%.240s/org/%s/dashboard", rest_url(work->self->rest), kept ? kept : name);
    work->host->hint(work->call, INNO_HINT_DASHBOARD, "its activity", text);
    return INNO_OK;
}

const struct gitea_type gitea_org = {"gitea-org", fields, provision, deprovision, status, hints, plan};
