/* gitea-deploy-key {repository, key, title, readOnly} -> id, title, fingerprint: a public key that may read (or write) one repository. Its
 * title ends with the resource's mark. Gitea's keys cannot be changed, so another key replaces it. Slot's thread. */
#include "gitea.h"
#include <stdio.h>
#include <string.h>

static const struct field fields[] = {
    {"repository", FIELD_TEXT, .required = true, .least = 1, .most = 141, .letters = GITEA_PATH_LETTERS},
    {"key", FIELD_TEXT, .required = true, .least = 20, .most = 16000, .letters = GITEA_LETTERS "+/=@:,() \n"},
    {"title", FIELD_TEXT, .least = 1, .most = 100},
    {"readOnly", FIELD_BOOL},
    {NULL}};

struct key {
    struct gitea_repo repo;
    char title[160];
    json_t *there; /* NULL: none */
};

static void key_fini(struct key *k) { json_decref(k->there); }

/* Type and base64 of a key, without its comment. */
static size_t material(const char *text)
{
    size_t type = strcspn(text, " "), gap = strspn(text + type, " ");

    return type + gap + strcspn(text + type + gap, " \n");
}

static bool same_key(const char *a, const char *b) { return material(a) == material(b) && strncmp(a, b, material(a)) == 0; }

static inno_rc find(struct gitea_work *work, struct key *k)
{
    CLEANUP(json_put) json_t *list = NULL;
    const json_t *id = json_object_get(work->state, "id");
    json_t *item;
    inno_rc rc = place_repository(work, "repository", &k->repo);
    size_t i;

    snprintf(k->title, sizeof k->title, "%.100s %s", field_text(work->params, "title", work->name), work->mark);
    if (rc == INNO_OK)
        rc = gitea_list(work, rest_path("/api/v1/repos/{}/{}/keys", k->repo.owner, k->repo.name), &list);
    json_array_foreach(list, i, item)
    {
        const char *title = field_text(item, "title", ""), *mark = strstr(title, work->mark);

        if (!k->there && ((id && json_equal(id, json_object_get(item, "id"))) || (mark && mark[strlen(work->mark)] == '\0')))
            k->there = json_incref(item);
    }
    return rc;
}

static json_t *describe(const struct gitea_work *work, const struct key *k)
{
    return json_pack("{s:s,s:s,s:b}", "title", k->title, "key", field_text(work->params, "key", ""), "read_only",
                     field_bool(work->params, "readOnly", true));
}

/* The differences; new reference. */
static json_t *compare(const struct gitea_work *work, const struct key *k)
{
    CLEANUP(json_put) json_t *wanted = describe(work, k), *actual = k->there ? json_copy(k->there) : NULL;

    if (actual && same_key(field_text(actual, "key", ""), field_text(wanted, "key", "")))
        json_object_set(actual, "key", json_object_get(wanted, "key"));
    return tell_diff(wanted, actual);
}

static char *path_of(const struct key *k)
{
    char id[24];

    snprintf(id, sizeof id, "%lld", (long long)json_integer_value(json_object_get(k->there, "id")));
    return rest_path("/api/v1/repos/{}/{}/keys/{}", k->repo.owner, k->repo.name, id);
}

static inno_rc create(struct gitea_work *work, struct key *k)
{
    static const int also[] = {404, 422, 0};
    CLEANUP(json_put) json_t *refusal = NULL;
    int status = 0;
    inno_rc rc = gitea_send(work, "POST", rest_path("/api/v1/repos/{}/{}/keys", k->repo.owner, k->repo.name), describe(work, k), also,
                            &status, &refusal);

    if (rc == INNO_OK)
        rc = find(work, k); /* also after a refusal: the answer to an earlier request may have been lost */
    if (rc != INNO_OK)
        return rc;
    if (!k->there)
        return GITEA_FAIL(work, status == 404 ? INNO_NOT_FOUND : INNO_INVALID_RESOURCE, "Gitea refuses the deploy key of %s: %.300s",
                          k->repo.full,
                          field_text(refusal, "message", status == 404 ? "the repository is not there" : "it does not say why"));
    work->host->log(work->call, INNO_LOG_INFO, "added deploy key %s to %s", k->title, k->repo.full);
    return INNO_OK;
}

static inno_rc provision(struct gitea_work *work)
{
    CLEANUP(key_fini) struct key k = {.there = NULL};
    CLEANUP(json_put) json_t *changes = NULL;
    inno_rc rc = find(work, &k);

    if (rc != INNO_OK)
        return rc;
    if (!(changes = compare(work, &k)))
        return GITEA_NO_MEMORY(work);
    if (k.there && json_array_size(changes)) {
        if ((rc = gitea_delete(work, path_of(&k))) != INNO_OK)
            return rc;
        json_put(&k.there);
    }
    if (!k.there && (rc = create(work, &k)) != INNO_OK)
        return rc;
    rc = gitea_state(work, json_pack("{s:s,s:O}", "repository", k.repo.full, "id", json_object_get(k.there, "id")));
    if (rc != INNO_OK)
        return rc;
    work->host->output(work->call, "title", k.title);
    work->host->output(work->call, "fingerprint", field_text(k.there, "fingerprint", ""));
    return tell_json(work->host, work->call, "id", json_incref(json_object_get(k.there, "id")));
}

static inno_rc deprovision(struct gitea_work *work)
{
    CLEANUP(key_fini) struct key k = {.there = NULL};
    inno_rc rc = find(work, &k);

    return rc == INNO_OK && k.there ? gitea_delete(work, path_of(&k)) : rc;
}

static inno_rc status(struct gitea_work *work)
{
    CLEANUP(key_fini) struct key k = {.there = NULL};
    CLEANUP(json_put) json_t *changes = NULL;
    inno_rc rc = find(work, &k);

    if (rc != INNO_OK)
        return rc;
    changes = compare(work, &k);
    if (!tell_defect(work->host, work->call, "deploy key", k.title, k.there, true, changes))
        work->host->status(work->call, INNO_STATE_ACTIVE, NULL);
    return INNO_OK;
}

static inno_rc plan(struct gitea_work *work)
{
    CLEANUP(key_fini) struct key k = {.there = NULL};
    inno_rc rc = find(work, &k);

    return rc == INNO_OK ? tell_changes(work->host, work->call, compare(work, &k)) : rc;
}

static inno_rc hints(struct gitea_work *work)
{
    struct gitea_repo repo;
    char text[500];
    inno_rc rc = place_repository(work, "repository", &repo);

    if (rc != INNO_OK)
        return rc;
    snprintf(text, sizeof text, "%.300s/%s/settings/keys", rest_url(work->self->rest), repo.full);
    work->host->hint(work->call, INNO_HINT_DASHBOARD, "deploy keys", text);
    return INNO_OK;
}

const struct gitea_type gitea_deploy_key = {"gitea-deploy-key", fields, provision, deprovision, status, hints, plan};
