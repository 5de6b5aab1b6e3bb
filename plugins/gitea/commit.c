/* Owns commits: what a branch has against what it shall have, and the difference in one commit by the contents API. Slot's thread. */
#include "base64.h"
#include "gitea.h"
#include "yaml_emit.h"
#include <stdio.h>
#include <string.h>

#define TREE_PAGES   200
#define TRIES        16 /* when others commit at the same time: Gitea lets the first of them through */
#define TRIES_ALONE  3  /* when nobody did, and it is refused all the same */
#define PAUSES       3  /* after which they become no longer */
#define MOST_FILES   1000
#define MOST_BYTES   (4u << 20)
#define PATH_BYTES   402
#define EMPTY_DIGITS 40 /* of ids, as long as the repository has none to look at */

void commit_fini(struct gitea_commit *commit)
{
    json_decref(commit->files);
    json_decref(commit->gone);
}

/* ---- params ---- */

/* One file's content: a text as it is, anything else as YAML; a list of objects as documents of one file. NULL: fails. */
static char *render(const json_t *content)
{
    const json_t *item;
    char *all = NULL;
    size_t len = 0, i;

    if (json_is_string(content))
        return strdup(json_string_value(content));
    if (!json_is_array(content))
        return yaml_emit(content);
    json_array_foreach(content, i, item)
    {
        CLEANUP(free_text) char *text = yaml_emit(item);
        char *larger = text ? realloc(all, len + strlen(text) + 5) : NULL;

        if (!larger) {
            free(all);
            return NULL;
        }
        all = larger;
        len += (size_t)snprintf(all + len, strlen(text) + 5, "%s%s", i ? "---\n" : "", text);
    }
    return all ? all : strdup("");
}

static inno_rc add_file(struct gitea_work *work, struct gitea_commit *c, const char *folder, const char *name, const json_t *content)
{
    CLEANUP(free_text) char *text = content ? render(content) : NULL;
    char path[PATH_BYTES + 2];

    snprintf(path, sizeof path, "%.200s%s%.200s", folder, folder[0] ? "/" : "", name);
    if (!name[0] || strlen(name) > 200 || !place_is_file(path))
        return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "%s.files: \"%.100s\" is no path of a file in a repository", work->where, name);
    if (!text)
        return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "%s.files: %.100s has no content, or one that is nested too deeply", work->where,
                          path);
    if (json_object_get(c->files, path))
        return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "%s.files names %.200s twice", work->where, path);
    return json_object_set_new(c->files, path, json_string(text)) == 0 ? INNO_OK : GITEA_NO_MEMORY(work);
}

/* A map of paths to contents, or a list of {path, content} as the manifests of a workload are. */
static inno_rc take_files(struct gitea_work *work, struct gitea_commit *c, const char *folder)
{
    const json_t *files = json_object_get(work->params, "files");
    size_t count = json_is_array(files) ? json_array_size(files) : json_object_size(files), i;
    inno_rc rc = INNO_OK;
    json_t *item;
    const char *path;

    if ((!json_is_array(files) && !json_is_object(files)) || count == 0 || count > MOST_FILES)
        return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "%s.files must have 1 to %d files: {PATH: content}, or a list of {path, content}",
                          work->where, MOST_FILES);
    json_array_foreach(files, i, item) if (rc == INNO_OK) rc =
        add_file(work, c, folder, field_text(item, "path", ""), json_object_get(item, "content"));
    json_object_foreach((json_t *)(uintptr_t)files, path, item) if (rc == INNO_OK) rc = add_file(work, c, folder, path, item);
    return rc;
}

inno_rc commit_take(struct gitea_work *work, struct gitea_commit *out)
{
    const char *folder = field_text(work->params, "path", "");
    inno_rc rc = place_repository(work, "repository", &out->repo);

    out->branch = field_text(work->params, "branch", NULL);
    out->from = field_text(work->params, "from", NULL);
    out->message = field_text(work->params, "message", NULL);
    if (rc == INNO_OK && ((out->branch && !place_is_branch(out->branch)) || (out->from && !place_is_branch(out->from))))
        return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "%s.branch and from must be names of branches", work->where);
    if (rc == INNO_OK && folder[0] && !place_is_file(folder))
        return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "%s.path must be a folder in the repository, such as apps/shop", work->where);
    out->files = json_object();
    return rc == INNO_OK ? take_files(work, out, folder) : rc;
}

/* ---- what is there ---- */

/* Paths and ids of the files of a commit: {path: id}. New reference. */
static inno_rc read_tree(struct gitea_work *work, const struct gitea_repo *repo, const char *id, json_t **out)
{
    CLEANUP(json_put) json_t *tree = json_object();

    for (int number = 1; number <= TREE_PAGES; number++) {
        CLEANUP(json_put) json_t *page = NULL;
        char form[120];
        json_t *entry;
        inno_rc rc;
        size_t i;

        snprintf(form, sizeof form, "/api/v1/repos/{}/{}/git/trees/{}?recursive=true&per_page=1000&page=%d", number);
        if ((rc = gitea_read(work, rest_path(form, repo->owner, repo->name, id), &page)) != INNO_OK)
            return rc;
        json_array_foreach(json_object_get(page, "tree"), i, entry) if (strcmp(field_text(entry, "type", ""), "blob") == 0)
            json_object_set(tree, field_text(entry, "path", ""), json_object_get(entry, "sha"));
        if (!field_bool(page, "truncated", false)) {
            *out = json_incref(tree);
            return INNO_OK;
        }
    }
    return GITEA_FAIL(work, INNO_FAILED, "the repository %s has too many files", repo->full);
}

/* The branch to commit to, where it stands, and its files. */
static inno_rc read_branch(struct gitea_work *work, struct gitea_commit *c, bool *out_exists, json_t **tree)
{
    CLEANUP(json_put) json_t *repo = NULL, *branch = NULL;
    inno_rc rc = gitea_read(work, rest_path("/api/v1/repos/{}/{}", c->repo.owner, c->repo.name), &repo);

    if (rc == INNO_OK && !repo)
        return GITEA_FAIL(work, INNO_NOT_FOUND, "Gitea has no repository %s, or the token may not read it", c->repo.full);
    if (rc != INNO_OK)
        return rc;
    snprintf(c->made_branch, sizeof c->made_branch, "%s", c->branch ? c->branch : field_text(repo, "default_branch", "main"));
    c->commit[0] = '\0';
    rc = gitea_read(work, rest_path("/api/v1/repos/{}/{}/branches/{+}", c->repo.owner, c->repo.name, c->made_branch), &branch);
    if (rc != INNO_OK)
        return rc;
    *out_exists = branch != NULL;
    if (branch) {
        snprintf(c->commit, sizeof c->commit, "%s", field_text(json_object_get(branch, "commit"), "id", ""));
        return read_tree(work, &c->repo, c->commit, tree);
    }
    *tree = json_object();
    if (!field_bool(repo, "empty", false) && !c->from)
        return GITEA_FAIL(work, INNO_NOT_FOUND, "%s has no branch %s; make it, or say in %s.from where it begins", c->repo.full,
                          c->made_branch, work->where);
    if (!field_bool(repo, "empty", false) && c->from) {
        json_put(&branch);
        rc = gitea_read(work, rest_path("/api/v1/repos/{}/{}/branches/{+}", c->repo.owner, c->repo.name, c->from), &branch);
        if (rc == INNO_OK && !branch)
            return GITEA_FAIL(work, INNO_NOT_FOUND, "%s has no branch %s, where %s shall begin", c->repo.full, c->from, c->made_branch);
        json_put(tree);
        return rc == INNO_OK ? read_tree(work, &c->repo, field_text(json_object_get(branch, "commit"), "id", ""), tree) : rc;
    }
    c->from = NULL; /* the first commit of all */
    return INNO_OK;
}

/* ---- the difference ---- */

static bool add_change(json_t *list, const char *operation, const char *path, json_t *content, const json_t *id)
{
    json_t *change = json_pack("{s:s,s:s}", "operation", operation, "path", path);

    if (content)
        json_object_set_new(change, "content", content);
    if (id)
        json_object_set(change, "sha", (json_t *)(uintptr_t)id);
    return json_array_append_new(list, change) == 0;
}

inno_rc commit_look(struct gitea_work *work, struct gitea_commit *c, json_t **out, bool *out_exists)
{
    CLEANUP(json_put) json_t *tree = NULL, *list = json_array();
    inno_rc rc = read_branch(work, c, out_exists, &tree);
    bool good = list != NULL;
    const char *path;
    json_t *value;
    size_t i;

    if (rc != INNO_OK)
        return rc;
    c->created = c->updated = c->deleted = 0;
    json_object_foreach(c->files, path, value)
    {
        const json_t *there = json_object_get(tree, path);
        const char *text = json_string_value(value), *id = json_string_value(there);
        size_t len = json_string_length(value);
        char mine[65];

        blob_id(text, len, id ? strlen(id) : EMPTY_DIGITS, mine);
        if (id && strcmp(id, mine) == 0)
            continue;
        good = good && add_change(list, id ? "update" : "create", path, base64_text(text, len), there);
        *(id ? &c->updated : &c->created) += 1;
    }
    json_array_foreach(c->gone, i, value)
    {
        const json_t *there = json_object_get(tree, json_string_value(value));

        if (!there || json_object_get(c->files, json_string_value(value)))
            continue;
        good = good && add_change(list, "delete", json_string_value(value), NULL, there);
        c->deleted++;
    }
    *out = good ? json_incref(list) : NULL;
    return good ? INNO_OK : GITEA_NO_MEMORY(work);
}

/* ---- committing ---- */

static json_t *body_of(const struct gitea_work *work, const struct gitea_commit *c, bool exists, json_t *changes)
{
    const json_t *author = json_object_get(work->self->config, "author");
    char made[600];
    json_t *body;

    snprintf(made, sizeof made, "%s%.200s in %.200s\n\nBy innominatus for team %.100s.", json_object_size(c->files) ? "" : "Remove ",
             work->scope.application, work->scope.environment, work->scope.team);
    body = json_pack("{s:s,s:O}", "message", c->message ? c->message : made, "files", changes);
    if (exists || !c->from) {
        json_object_set_new(body, "branch", json_string(c->made_branch));
    } else {
        json_object_set_new(body, "branch", json_string(c->from));
        json_object_set_new(body, "new_branch", json_string(c->made_branch));
    }
    if (author) {
        json_object_set(body, "author", (json_t *)(uintptr_t)author);
        json_object_set(body, "committer", (json_t *)(uintptr_t)author);
    }
    return body;
}

/* *out_again: it was refused in a way that somebody else's commit, or this one's own lost answer, explains. */
static inno_rc post(struct gitea_work *work, struct gitea_commit *c, bool exists, json_t *changes, int *out_status, char *why, size_t cap)
{
    static const int also[] = {403, 404, 409, 422, 500, 0};
    CLEANUP(json_put) json_t *answer = NULL;
    inno_rc rc = gitea_send(work, "POST", rest_path("/api/v1/repos/{}/{}/contents", c->repo.owner, c->repo.name),
                            body_of(work, c, exists, changes), also, out_status, &answer);
    const json_t *commit = json_object_get(answer, "commit");

    if (rc != INNO_OK)
        return rc;
    snprintf(why, cap, "%s", field_text(answer, "message", "it does not say why"));
    if (*out_status == 403)
        return GITEA_FAIL(work, INNO_UNAUTHORIZED,
                          "Gitea does not let the token's user commit to %s of %s (403: %.200s): a protected branch takes commits only of "
                          "those that its rule names",
                          c->made_branch, c->repo.full, why);
    if (*out_status < 300) {
        snprintf(c->commit, sizeof c->commit, "%s", field_text(commit, "sha", ""));
        work->host->log(work->call, INNO_LOG_INFO, "committed %zu new, %zu changed and %zu removed files to %s of %s: %.12s", c->created,
                        c->updated, c->deleted, c->made_branch, c->repo.full, c->commit);
    }
    return INNO_OK;
}

static void name_url(const struct gitea_work *work, struct gitea_commit *c)
{
    snprintf(c->url, sizeof c->url, "%.300s/%s/commit/%s", rest_url(work->self->rest), c->repo.full, c->commit);
}

/* What was tried so far. */
struct tries {
    json_t *changes;
    int count, alone; /* all; those in which nobody else committed */
    int status;       /* of the last refusal */
    char head[72], why[400];
};

static void tries_fini(struct tries *t) { json_decref(t->changes); }

/* After a refusal: may the commit be tried again, now that the branch was looked at? */
static inno_rc go_on(struct gitea_work *work, const struct gitea_commit *c, struct tries *t, const json_t *changes)
{
    bool same = json_equal(t->changes, changes), passing = t->status == 500;

    t->alone += strcmp(t->head, c->commit) == 0;
    if (t->count <= TRIES && t->alone <= TRIES_ALONE && (passing || !same))
        return INNO_OK;
    return GITEA_FAIL(work, passing || t->count > TRIES ? INNO_TRANSIENT : INNO_INVALID_RESOURCE,
                      "Gitea refuses the commit to %s of %s (%d): %s", c->made_branch, c->repo.full, t->status, t->why);
}

inno_rc commit_run(struct gitea_work *work, struct gitea_commit *c)
{
    CLEANUP(tries_fini) struct tries t = {.changes = NULL};

    for (t.count = 1;; t.count++) {
        CLEANUP(json_put) json_t *changes = NULL;
        bool exists = false;
        inno_rc rc = commit_look(work, c, &changes, &exists);

        if (rc == INNO_OK && json_array_size(changes) && t.count > 1)
            rc = go_on(work, c, &t, changes);
        snprintf(t.head, sizeof t.head, "%s", c->commit);
        if (rc == INNO_OK && json_array_size(changes))
            rc = post(work, c, exists, changes, &t.status, t.why, sizeof t.why);
        if (rc != INNO_OK)
            return rc;
        if (json_array_size(changes) == 0 || t.status < 300) {
            name_url(work, c);
            return INNO_OK;
        }
        json_put(&t.changes);
        t.changes = json_incref(changes);
        if (rest_back_off(work->host, work->call, t.count < PAUSES ? t.count : PAUSES))
            return GITEA_FAIL(work, INNO_CANCELED, "the commit to %s of %s: stopped", c->made_branch, c->repo.full);
    }
}

/* ---- slots of what keeps files in a branch ---- */

static inno_rc keep(struct gitea_work *work, const struct gitea_commit *c, const json_t *also)
{
    json_t *paths = json_array(), *state, *value;
    const char *path;
    size_t i;

    json_object_foreach(c->files, path, value) json_array_append_new(paths, json_string(path));
    json_array_foreach(also, i, value) if (!json_object_get(c->files, json_string_value(value))) json_array_append(paths, value);
    state = json_pack("{s:s,s:s,s:o}", "repository", c->repo.full, "branch", c->made_branch, "files", paths);
    if (c->commit[0])
        json_object_set_new(state, "commit", json_string(c->commit));
    return gitea_state(work, state);
}

/* The commit that made them is kept while nothing changes. */
static void keep_commit(const struct gitea_work *work, struct gitea_commit *c)
{
    const char *kept = field_text(work->state, "commit", NULL);

    if (kept && c->created + c->updated + c->deleted == 0)
        snprintf(c->commit, sizeof c->commit, "%s", kept);
    name_url(work, c);
}

/* A file with other content that this resource did not write. */
static inno_rc refuse_foreign(struct gitea_work *work, const struct gitea_commit *c, const json_t *changes)
{
    const json_t *change, *ours;
    size_t i, k;

    json_array_foreach(changes, i, change)
    {
        bool found = strcmp(field_text(change, "operation", ""), "update") != 0 || field_bool(work->params, "adopt", false);

        json_array_foreach(c->gone, k, ours) found = found || json_equal(ours, json_object_get(change, "path"));
        if (!found)
            return GITEA_FAIL(work, INNO_ALREADY_EXISTS,
                              "%s of %s is there already with other content and is not this resource's; take another path, or set "
                              "params.adopt",
                              field_text(change, "path", ""), c->repo.full);
    }
    return INNO_OK;
}

inno_rc commit_provision(struct gitea_work *work, struct gitea_commit *c)
{
    CLEANUP(json_put) json_t *changes = NULL;
    bool exists;
    inno_rc rc;

    c->gone = json_incref(json_object_get(work->state, "files"));
    rc = commit_look(work, c, &changes, &exists);
    if (rc == INNO_OK)
        rc = refuse_foreign(work, c, changes);
    if (rc != INNO_OK)
        return rc;
    keep_commit(work, c);
    if (json_array_size(changes)) {
        rc = keep(work, c, c->gone); /* what is about to be there is ours */
        if (rc == INNO_OK)
            rc = commit_run(work, c);
    }
    if (rc == INNO_OK)
        rc = keep(work, c, NULL);
    if (rc != INNO_OK)
        return rc;
    work->host->output(work->call, "repository", c->repo.full);
    work->host->output(work->call, "branch", c->made_branch);
    work->host->output(work->call, "commit", c->commit);
    work->host->output(work->call, "url", c->url);
    return INNO_OK;
}

static json_t *paths_of(const json_t *changes)
{
    json_t *list = json_array();
    const json_t *change;
    size_t i;

    json_array_foreach(changes, i, change)
    {
        const char *operation = field_text(change, "operation", "");

        json_array_append_new(list, json_pack("{s:O,s:s?,s:s?}", "path", json_object_get(change, "path"), "from",
                                              strcmp(operation, "create") == 0 ? NULL : "(a file)", "to",
                                              strcmp(operation, "delete") == 0 ? NULL : "(a file)"));
    }
    return list;
}

inno_rc commit_status(struct gitea_work *work, struct gitea_commit *c)
{
    CLEANUP(json_put) json_t *changes = NULL, *repo = NULL;
    char text[600];
    bool exists;
    inno_rc rc = gitea_read(work, rest_path("/api/v1/repos/{}/{}", c->repo.owner, c->repo.name), &repo);

    if (rc == INNO_OK && (!repo || !work->state || !json_object_get(work->state, "files"))) {
        work->host->status(work->call, INNO_STATE_TERMINATED, repo ? "nothing was committed" : "the repository is not there");
        return INNO_OK;
    }
    c->gone = json_incref(json_object_get(work->state, "files"));
    if (rc == INNO_OK)
        rc = commit_look(work, c, &changes, &exists);
    if (rc != INNO_OK)
        return rc;
    snprintf(text, sizeof text, "%.200s of %.140s: %.200s%s", field_text(json_array_get(changes, 0), "path", ""), c->repo.full,
             c->updated   ? "was changed by hand"
             : c->created ? "is not there"
                          : "is still there",
             json_array_size(changes) > 1 ? ", and more" : "");
    if (c->created == json_object_size(c->files) && !c->deleted)
        work->host->status(work->call, INNO_STATE_TERMINATED, "none of its files is there");
    else if (json_array_size(changes))
        work->host->status(work->call, INNO_STATE_DEGRADED, text);
    else
        work->host->status(work->call, INNO_STATE_ACTIVE, NULL);
    return INNO_OK;
}

inno_rc commit_plan(struct gitea_work *work, struct gitea_commit *c)
{
    CLEANUP(json_put) json_t *changes = NULL;
    bool exists;
    inno_rc rc;

    c->gone = json_incref(json_object_get(work->state, "files"));
    rc = commit_look(work, c, &changes, &exists);
    return rc == INNO_OK ? tell_changes(work->host, work->call, paths_of(changes)) : rc;
}

/* What is kept in the state goes; a repository or branch that is gone has nothing left of it. */
inno_rc commit_deprovision(struct gitea_work *work)
{
    CLEANUP(commit_fini) struct gitea_commit c = {.files = json_object(), .gone = json_incref(json_object_get(work->state, "files"))};
    CLEANUP(json_put) json_t *branch = NULL;
    const char *full = field_text(work->state, "repository", ""), *slash = strchr(full, '/');
    inno_rc rc;

    if (!slash || !c.gone || strlen(full) >= sizeof c.repo.full)
        return INNO_OK;
    snprintf(c.repo.owner, sizeof c.repo.owner, "%.*s", (int)(slash - full), full);
    snprintf(c.repo.name, sizeof c.repo.name, "%s", slash + 1);
    snprintf(c.repo.full, sizeof c.repo.full, "%s", full);
    c.branch = field_text(work->state, "branch", "main");
    rc = gitea_read(work, rest_path("/api/v1/repos/{}/{}/branches/{+}", c.repo.owner, c.repo.name, c.branch), &branch);
    return rc == INNO_OK && branch ? commit_run(work, &c) : rc;
}
