/* gitea-repo {owner, name, description, website, private, defaultBranch, template, autoInit, topics, collaborators, protectedBranches,
 * adopt}
 * -> full_name, owner, name, id, clone_url, ssh_url, url, default_branch. A topic marks what is the resource's own. Slot's thread. */
#include "gitea.h"
#include <stdio.h>
#include <string.h>

static const char *const permissions[] = {"read", "write", "admin", NULL};
static const struct field rule[] = {{"approvals", FIELD_INT, .least = 0, .most = 100},
                                    {"pushUsers", FIELD_TEXTS, .least = 1, .most = 40},
                                    {"pushTeams", FIELD_TEXTS, .least = 1, .most = 255},
                                    {"mergeUsers", FIELD_TEXTS, .least = 1, .most = 40},
                                    {"mergeTeams", FIELD_TEXTS, .least = 1, .most = 255},
                                    {"statusChecks", FIELD_TEXTS, .least = 1, .most = 255},
                                    {"blockRejected", FIELD_BOOL},
                                    {"dismissStale", FIELD_BOOL},
                                    {"blockOutdated", FIELD_BOOL},
                                    {"signedCommits", FIELD_BOOL},
                                    {NULL}};
static const struct field fields[] = {
    {"owner", FIELD_TEXT, .least = 1, .most = 40, .letters = GITEA_LETTERS},
    {"name", FIELD_TEXT, .least = 1, .most = 100, .letters = GITEA_LETTERS},
    {"description", FIELD_TEXT, .most = 2048},
    {"website", FIELD_TEXT, .most = 1024},
    {"private", FIELD_BOOL},
    {"defaultBranch", FIELD_TEXT, .least = 1, .most = 100, .letters = GITEA_PATH_LETTERS},
    {"template", FIELD_TEXT, .least = 3, .most = 141, .letters = GITEA_PATH_LETTERS},
    {"autoInit", FIELD_BOOL},
    {"topics", FIELD_TEXTS, .least = 1, .most = 35, .items = 20, .letters = "abcdefghijklmnopqrstuvwxyz0123456789-."},
    {"collaborators", FIELD_TEXT_MAP, .choices = permissions},
    {"protectedBranches", FIELD_OBJECT_MAP, .items = 20, .fields = rule},
    {"adopt", FIELD_BOOL},
    {NULL}};

/* One repository, as it is and as it shall be. */
struct view {
    struct gitea_repo at;
    json_t *repo;            /* NULL: not there */
    json_t *wanted, *actual; /* what is compared, member by member */
    bool ours;
};

static void view_fini(struct view *v)
{
    json_decref(v->repo);
    json_decref(v->wanted);
    json_decref(v->actual);
}

static char *path_of(const struct gitea_repo *at) { return rest_path("/api/v1/repos/{}/{}", at->owner, at->name); }

/* ---- looking ---- */

/* The settings that params say, in Gitea's words; new reference. */
static json_t *describe(const struct gitea_work *work)
{
    static const struct {
        const char *param, *member;
    } members[] = {{"description", "description"}, {"website", "website"}, {"defaultBranch", "default_branch"}};
    json_t *wanted = json_pack("{s:b}", "private", field_bool(work->params, "private", true));

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_t *value = json_object_get(work->params, members[i].param);

        if (value)
            json_object_set(wanted, members[i].member, value);
    }
    return wanted;
}

static bool has_mark(const struct gitea_work *work, const json_t *repo)
{
    const json_t *topic;
    size_t i;

    json_array_foreach(json_object_get(repo, "topics"), i, topic)
    {
        const char *text = json_string_value(topic);

        if (text && strcmp(text, work->mark) == 0)
            return true;
    }
    return false;
}

static void set_place(struct gitea_repo *at, const char *owner, const char *name)
{
    snprintf(at->owner, sizeof at->owner, "%s", owner);
    snprintf(at->name, sizeof at->name, "%s", name);
    snprintf(at->full, sizeof at->full, "%s/%s", at->owner, at->name);
}

/* It was about to be made at this place. */
static bool is_claimed(const struct gitea_work *work, const struct gitea_repo *at)
{
    return field_bool(work->state, "claimed", false) && strcmp(field_text(work->state, "owner", ""), at->owner) == 0 &&
           strcmp(field_text(work->state, "name", ""), at->name) == 0;
}

/* It has the id that was kept, or the mark, or it came after the resource had seen that there is none. */
static bool is_ours(const struct gitea_work *work, const struct view *v)
{
    const json_t *id = json_object_get(work->state, "id");

    return (id && json_equal(id, json_object_get(v->repo, "id"))) || has_mark(work, v->repo) || (!id && is_claimed(work, &v->at));
}

/* Gitea 1.22 tells the topics of a repository, among them the mark, only when they are asked for. */
static inno_rc read_topics(struct gitea_work *work, const struct view *v)
{
    CLEANUP(json_put) json_t *answer = NULL;
    inno_rc rc;

    if (!v->repo || json_object_get(v->repo, "topics"))
        return INNO_OK;
    rc = gitea_read(work, rest_path("/api/v1/repos/{}/{}/topics", v->at.owner, v->at.name), &answer);
    if (rc == INNO_OK && json_object_get(answer, "topics"))
        json_object_set(v->repo, "topics", json_object_get(answer, "topics"));
    return rc;
}

/* Reads the repository; the place of what exists stays. */
static inno_rc find(struct gitea_work *work, struct view *v)
{
    const char *owner = field_text(work->state, "owner", NULL), *name = field_text(work->state, "name", NULL);
    inno_rc rc = INNO_OK;

    if (owner && name && json_object_get(work->state, "id"))
        set_place(&v->at, owner, name);
    else
        rc = place_new(work, &v->at);
    if (rc == INNO_OK)
        rc = gitea_read(work, path_of(&v->at), &v->repo);
    if (rc == INNO_OK)
        rc = read_topics(work, v);
    v->ours = v->repo && is_ours(work, v);
    return rc;
}

static inno_rc compare(struct gitea_work *work, struct view *v)
{
    json_t *full = json_object_get(v->repo, "full_name"), *value;
    const char *key;

    v->wanted = describe(work);
    v->actual = json_object();
    if (!v->wanted || !v->actual)
        return GITEA_NO_MEMORY(work);
    json_object_foreach(v->wanted, key, value) json_object_set(v->actual, key, json_object_get(v->repo, key));
    /* Gitea answers for a repository's old name too */
    if (json_string_value(full) && strcasecmp(json_string_value(full), v->at.full) != 0) {
        json_object_set_new(v->wanted, "full_name", json_string(v->at.full));
        json_object_set(v->actual, "full_name", full);
    }
    return parts_compare(work, &v->at, v->wanted, v->actual);
}

/* ---- making ---- */

/* ids of rules that are ours: they go when params do not name them any more. */
static json_t *made_rules(const struct gitea_work *work)
{
    json_t *all = json_object(), *value;
    const char *name;

    json_object_foreach(json_object_get(work->params, "protectedBranches"), name, value) json_object_set_new(all, name, json_true());
    return all;
}

static inno_rc keep(struct gitea_work *work, const struct view *v, bool adopted)
{
    json_t *state = json_pack("{s:s,s:s,s:b,s:b}", "owner", v->at.owner, "name", v->at.name, "claimed", !adopted, "adopted", adopted);
    json_t *rules = made_rules(work), *before = json_object_get(work->state, "protected");

    if (v->repo)
        json_object_set(state, "id", json_object_get(v->repo, "id"));
    json_object_update(rules, before); /* until they are removed */
    if (json_object_size(rules))
        json_object_set(state, "protected", rules);
    json_decref(rules);
    return gitea_state(work, state);
}

static json_t *creation(const struct gitea_work *work, const struct view *v, bool from_template)
{
    const char *branch = field_text(work->params, "defaultBranch", "main");
    json_t *body = json_pack("{s:s,s:b,s:s,s:s}", "name", v->at.name, "private", field_bool(work->params, "private", true), "description",
                             field_text(work->params, "description", ""), "default_branch", branch);

    if (from_template) {
        json_object_set_new(body, "owner", json_string(v->at.owner));
        json_object_set_new(body, "git_content", json_true());
        json_object_set_new(body, "labels", json_true());
    } else {
        json_object_set_new(body, "auto_init", json_boolean(field_bool(work->params, "autoInit", true)));
    }
    return body;
}

static inno_rc post(struct gitea_work *work, const struct view *v, int *status, json_t **answer)
{
    static const int also[] = {400, 404, 409, 422, 0};
    const char *template = field_text(work->params, "template", NULL), *slash = template ? strchr(template, '/') : NULL, *login;
    char owner[GITEA_OWNER_BYTES];
    inno_rc rc;

    if (template) {
        if (!slash || strchr(slash + 1, '/') || (size_t)(slash - template) >= sizeof owner)
            return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "%s.template must be OWNER/NAME of a repository", work->where);
        snprintf(owner, sizeof owner, "%.*s", (int)(slash - template), template);
        return gitea_send(work, "POST", rest_path("/api/v1/repos/{}/{}/generate", owner, slash + 1), creation(work, v, true), also, status,
                          answer);
    }
    if ((rc = gitea_login(work, &login)) != INNO_OK)
        return rc;
    return gitea_send(work, "POST",
                      strcasecmp(login, v->at.owner) == 0 ? rest_path("/api/v1/user/repos")
                                                          : rest_path("/api/v1/orgs/{}/repos", v->at.owner),
                      creation(work, v, false), also, status, answer);
}

static inno_rc create(struct gitea_work *work, struct view *v)
{
    CLEANUP(json_put) json_t *answer = NULL;
    const char *says;
    int status = 0;
    inno_rc rc = keep(work, v, false); /* from here on what is found under this name is ours */

    if (rc == INNO_OK)
        rc = post(work, v, &status, &answer);
    if (rc == INNO_OK)
        rc = gitea_read(work, path_of(&v->at), &v->repo); /* also after a refusal: the answer to an earlier request may have been lost */
    if (rc != INNO_OK)
        return rc;
    says = field_text(answer, "message", "it does not say why");
    if (!v->repo && status == 404)
        return GITEA_FAIL(work, INNO_NOT_FOUND, "Gitea cannot make %s: %s is not there, or the token may not use it (%.200s)", v->at.full,
                          json_object_get(work->params, "template") ? "its template or its owner" : "its owner", says);
    if (!v->repo)
        return GITEA_FAIL(work, status < 300 ? INNO_TRANSIENT : INNO_INVALID_RESOURCE, "Gitea did not make the repository %s: %.300s",
                          v->at.full, says);
    work->host->log(work->call, INNO_LOG_INFO, "made repository %s", v->at.full);
    return INNO_OK;
}

/* A branch that shall be the default one and is not there begins where the present one is. */
static inno_rc have_branch(struct gitea_work *work, const struct view *v, const char *branch)
{
    static const int also[] = {409, 422, 0};
    CLEANUP(json_put) json_t *there = NULL;
    inno_rc rc;

    if (field_bool(v->repo, "empty", false))
        return INNO_OK; /* then it is only a name */
    rc = gitea_read(work, rest_path("/api/v1/repos/{}/{}/branches/{+}", v->at.owner, v->at.name, branch), &there);
    if (rc != INNO_OK || there)
        return rc;
    return gitea_send(work, "POST", rest_path("/api/v1/repos/{}/{}/branches", v->at.owner, v->at.name),
                      json_pack("{s:s,s:s}", "new_branch_name", branch, "old_branch_name", field_text(v->repo, "default_branch", "main")),
                      also, NULL, NULL);
}

/* One PATCH for the settings that differ. */
static inno_rc apply_settings(struct gitea_work *work, const struct view *v, const json_t *changes)
{
    static const char *const settings[] = {"description", "website", "private", "default_branch"};
    json_t *body = json_object();
    const json_t *change;
    inno_rc rc = INNO_OK;
    size_t i;

    json_array_foreach(changes, i, change) for (size_t k = 0; k < sizeof settings / sizeof *settings;
                                                k++) if (strcmp(settings[k], field_text(change, "path", "")) == 0)
        json_object_set(body, settings[k], json_object_get(change, "to"));
    if (json_object_get(body, "default_branch"))
        rc = have_branch(work, v, field_text(body, "default_branch", ""));
    if (rc != INNO_OK || json_object_size(body) == 0) {
        json_decref(body);
        return rc;
    }
    rc = gitea_send(work, "PATCH", path_of(&v->at), body, NULL, NULL, NULL);
    if (rc == INNO_OK)
        work->host->log(work->call, INNO_LOG_INFO, "changed settings of %s", v->at.full);
    return rc;
}

static inno_rc apply(struct gitea_work *work, struct view *v)
{
    CLEANUP(json_put) json_t *changes = NULL;
    const json_t *change;
    inno_rc rc = compare(work, v);
    size_t i;

    if (rc == INNO_OK && json_object_get(v->wanted, "full_name"))
        return GITEA_FAIL(work, INNO_FAILED,
                          "the repository %s was renamed to %.140s by hand; give it its name back, or let the resource go", v->at.full,
                          field_text(v->actual, "full_name", "?"));
    if (rc == INNO_OK && !(changes = tell_diff(v->wanted, v->actual)))
        return GITEA_NO_MEMORY(work);
    if (rc == INNO_OK)
        rc = apply_settings(work, v, changes);
    json_array_foreach(changes, i, change) if (rc == INNO_OK) rc =
        parts_apply(work, &v->at, field_text(change, "path", ""), v->wanted, v->actual);
    return rc;
}

static inno_rc say_outputs(struct gitea_work *work, const struct view *v)
{
    static const struct {
        const char *output, *member;
    } texts[] = {{"clone_url", "clone_url"}, {"ssh_url", "ssh_url"}, {"url", "html_url"}};
    const inno_host *host = work->host;

    host->output(work->call, "full_name", v->at.full);
    host->output(work->call, "owner", v->at.owner);
    host->output(work->call, "name", v->at.name);
    host->output(work->call, "default_branch", field_text(work->params, "defaultBranch", field_text(v->repo, "default_branch", "main")));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        host->output(work->call, texts[i].output, field_text(v->repo, texts[i].member, ""));
    return tell_json(host, work->call, "id", json_incref(json_object_get(v->repo, "id")));
}

/* ---- slots ---- */

static inno_rc provision(struct gitea_work *work)
{
    CLEANUP(view_fini) struct view v = {.repo = NULL};
    bool adopted = field_bool(work->state, "adopted", false);
    inno_rc rc = find(work, &v);

    if (rc != INNO_OK)
        return rc;
    if (v.repo && !v.ours) {
        if (!work->is_step && !field_bool(work->params, "adopt", false))
            return GITEA_FAIL(work, INNO_ALREADY_EXISTS,
                              "the repository %s is there already and is not this resource's; take another name, or set params.adopt",
                              v.at.full);
        adopted = true;
    }
    if (!v.repo && (rc = create(work, &v)) != INNO_OK)
        return rc;
    rc = keep(work, &v, adopted);
    if (rc == INNO_OK)
        rc = apply(work, &v);
    return rc == INNO_OK ? say_outputs(work, &v) : rc;
}

/* What was there before stays, without the mark. */
static inno_rc release(struct gitea_work *work, const struct view *v)
{
    CLEANUP(json_put) json_t *topics = json_array();
    const json_t *topic;
    size_t i;

    if (!has_mark(work, v->repo))
        return INNO_OK;
    json_array_foreach(json_object_get(v->repo, "topics"), i, topic) if (strcmp(json_string_value(topic), work->mark) != 0)
        json_array_append(topics, (json_t *)(uintptr_t)topic);
    return parts_topics(work, &v->at, topics);
}

static inno_rc deprovision(struct gitea_work *work)
{
    CLEANUP(view_fini) struct view v = {.repo = NULL};
    inno_rc rc = find(work, &v);
    bool adopted = field_bool(work->state, "adopted", false);

    if (rc != INNO_OK || !v.repo)
        return rc;
    if (!v.ours || adopted) {
        work->host->log(work->call, INNO_LOG_WARN, "the repository %s was there before and stays", v.at.full);
        return v.ours ? release(work, &v) : INNO_OK;
    }
    return gitea_delete(work, path_of(&v.at));
}

static inno_rc status(struct gitea_work *work)
{
    CLEANUP(view_fini) struct view v = {.repo = NULL};
    CLEANUP(json_put) json_t *changes = NULL;
    inno_rc rc = find(work, &v);

    if (rc == INNO_OK && v.ours)
        rc = compare(work, &v);
    if (rc != INNO_OK)
        return rc;
    changes = v.ours ? tell_diff(v.wanted, v.actual) : NULL;
    if (tell_defect(work->host, work->call, "repository", v.at.full, v.repo, v.ours, changes))
        return INNO_OK;
    if (field_bool(v.repo, "archived", false))
        work->host->status(work->call, INNO_STATE_DEGRADED, "the repository is archived");
    else
        work->host->status(work->call, INNO_STATE_ACTIVE, NULL);
    return INNO_OK;
}

static inno_rc plan(struct gitea_work *work)
{
    CLEANUP(view_fini) struct view v = {.repo = NULL};
    inno_rc rc = find(work, &v);

    if (rc == INNO_OK)
        rc = compare(work, &v);
    return rc == INNO_OK ? tell_changes(work->host, work->call, tell_diff(v.wanted, v.repo ? v.actual : NULL)) : rc;
}

static inno_rc hints(struct gitea_work *work)
{
    CLEANUP(json_put) json_t *outputs = json_loadb(work->res->outputs.bytes, work->res->outputs.len, 0, NULL);
    const char *url = field_text(outputs, "url", ""), *clone = field_text(outputs, "clone_url", "");
    char text[600];

    if (!url[0] || !clone[0])
        return INNO_OK;
    work->host->hint(work->call, INNO_HINT_GIT_CLONE, "over HTTP", clone);
    if (field_text(outputs, "ssh_url", "")[0])
        work->host->hint(work->call, INNO_HINT_GIT_CLONE, "over SSH", field_text(outputs, "ssh_url", ""));
    work->host->hint(work->call, INNO_HINT_URL, "in Gitea", url);
    snprintf(text, sizeof text, "%.580s/activity", url);
    work->host->hint(work->call, INNO_HINT_DASHBOARD, "its activity", text);
    return INNO_OK;
}

const struct gitea_type gitea_repository = {"gitea-repo", fields, provision, deprovision, status, hints, plan};
