/* Owns the parts of a repository that have requests of their own: topics, collaborators, protected branches. What params say is made so,
 * what they do not mention stays. Slot's thread. */
#include "gitea.h"
#include <stdio.h>
#include <string.h>

static char *path_of(const struct gitea_repo *repo, const char *more)
{
    char form[60];

    snprintf(form, sizeof form, "/api/v1/repos/{}/{}%s", more);
    return rest_path(form, repo->owner, repo->name);
}

/* ---- topics ---- */

/* Those of params and the mark; without params.topics those that are there. New reference. */
static json_t *wanted_topics(const struct gitea_work *work, const json_t *there)
{
    const json_t *given = json_object_get(work->params, "topics"), *topic;
    json_t *all = json_array();
    bool has_mark = false;
    size_t i;

    json_array_foreach(given ? given : there, i, topic)
    {
        json_array_append(all, (json_t *)(uintptr_t)topic);
        has_mark = has_mark || strcmp(json_string_value(topic) ? json_string_value(topic) : "", work->mark) == 0;
    }
    if (!has_mark)
        json_array_append_new(all, json_string(work->mark));
    return all;
}

static inno_rc compare_topics(struct gitea_work *work, const struct gitea_repo *repo, json_t *wanted, json_t *actual)
{
    CLEANUP(json_put) json_t *answer = NULL;
    json_t *there;
    inno_rc rc = gitea_read(work, path_of(repo, "/topics"), &answer);

    if (rc != INNO_OK)
        return rc;
    there = json_object_get(answer, "topics");
    if (!json_is_array(there))
        there = NULL;
    json_object_set_new(wanted, "topics", wanted_topics(work, there));
    json_object_set_new(actual, "topics", there ? json_incref(there) : json_array());
    return INNO_OK;
}

inno_rc parts_topics(struct gitea_work *work, const struct gitea_repo *repo, const json_t *topics)
{
    return gitea_send(work, "PUT", path_of(repo, "/topics"), json_pack("{s:O}", "topics", topics), NULL, NULL, NULL);
}

static inno_rc apply_topics(struct gitea_work *work, const struct gitea_repo *repo, const json_t *wanted, const json_t *actual)
{
    (void)actual;
    return parts_topics(work, repo, wanted);
}

/* ---- collaborators ---- */

/* What the user may do as a collaborator. An owner or a site's administrator may everything anyway: then it is as wanted. */
static inno_rc permission_of(struct gitea_work *work, const struct gitea_repo *repo, const json_t *user, json_t *actual)
{
    const char *login = field_text(user, "login", "");
    const json_t *wanted = json_object_get(json_object_get(work->params, "collaborators"), login);
    CLEANUP(json_put) json_t *answer = NULL;
    const char *permission;
    inno_rc rc = gitea_read(work, rest_path("/api/v1/repos/{}/{}/collaborators/{}/permission", repo->owner, repo->name, login), &answer);

    if (rc != INNO_OK)
        return rc;
    permission = field_text(answer, "permission", "none");
    if (wanted && (strcmp(permission, "owner") == 0 || field_bool(user, "is_admin", false)))
        permission = json_string_value(wanted);
    return json_object_set_new(actual, login, json_string(permission)) == 0 ? INNO_OK : GITEA_NO_MEMORY(work);
}

static inno_rc compare_collaborators(struct gitea_work *work, const struct gitea_repo *repo, json_t *wanted, json_t *actual)
{
    CLEANUP(json_put) json_t *users = NULL;
    json_t *there = json_object(), *user;
    inno_rc rc = gitea_list(work, path_of(repo, "/collaborators"), &users);
    size_t i;

    json_array_foreach(users, i, user) if (rc == INNO_OK) rc = permission_of(work, repo, user, there);
    json_object_set_new(actual, "collaborators", there);
    json_object_set(wanted, "collaborators", json_object_get(work->params, "collaborators"));
    return rc;
}

static inno_rc apply_collaborators(struct gitea_work *work, const struct gitea_repo *repo, const json_t *wanted, const json_t *actual)
{
    const char *login;
    json_t *value;
    inno_rc rc = INNO_OK;

    json_object_foreach((json_t *)(uintptr_t)wanted, login, value) if (rc == INNO_OK && !json_equal(value, json_object_get(actual, login)))
    {
        rc = gitea_send(work, "PUT", rest_path("/api/v1/repos/{}/{}/collaborators/{}", repo->owner, repo->name, login),
                        json_pack("{s:O}", "permission", value), NULL, NULL, NULL);
        if (rc == INNO_OK)
            work->host->log(work->call, INNO_LOG_INFO, "%s may %s %s", login, json_string_value(value), repo->full);
    }
    json_object_foreach((json_t *)(uintptr_t)actual, login, value) if (rc == INNO_OK && !json_object_get(wanted, login))
    {
        rc = gitea_delete(work, rest_path("/api/v1/repos/{}/{}/collaborators/{}", repo->owner, repo->name, login));
        if (rc == INNO_OK)
            work->host->log(work->call, INNO_LOG_INFO, "%s is no collaborator of %s any more", login, repo->full);
    }
    return rc;
}

/* ---- protected branches ---- */

static json_t *list_of(const json_t *rule, const char *key)
{
    json_t *list = json_object_get(rule, key);

    return list ? json_incref(list) : json_array();
}

/* A rule of params as Gitea writes it; new reference. Nobody pushes unless he is named. */
static json_t *describe_rule(const json_t *rule)
{
    size_t pushers = json_array_size(json_object_get(rule, "pushUsers")) + json_array_size(json_object_get(rule, "pushTeams"));
    size_t mergers = json_array_size(json_object_get(rule, "mergeUsers")) + json_array_size(json_object_get(rule, "mergeTeams"));
    size_t checks = json_array_size(json_object_get(rule, "statusChecks"));

    return json_pack("{s:b,s:b,s:o,s:o,s:b,s:o,s:o,s:b,s:o,s:I,s:b,s:b,s:b,s:b}", "enable_push", pushers > 0, "enable_push_whitelist",
                     pushers > 0, "push_whitelist_usernames", list_of(rule, "pushUsers"), "push_whitelist_teams",
                     list_of(rule, "pushTeams"), "enable_merge_whitelist", mergers > 0, "merge_whitelist_usernames",
                     list_of(rule, "mergeUsers"), "merge_whitelist_teams", list_of(rule, "mergeTeams"), "enable_status_check", checks > 0,
                     "status_check_contexts", list_of(rule, "statusChecks"), "required_approvals",
                     (json_int_t)field_int(rule, "approvals", 0), "block_on_rejected_reviews", field_bool(rule, "blockRejected", false),
                     "dismiss_stale_approvals", field_bool(rule, "dismissStale", false), "block_on_outdated_branch",
                     field_bool(rule, "blockOutdated", false), "require_signed_commits", field_bool(rule, "signedCommits", false));
}

/* The members of `there` that `wanted` has, as `wanted` where they mean the same. New reference. */
static json_t *reduce(const json_t *wanted, const json_t *there)
{
    json_t *reduced = json_object(), *value;
    const char *key;

    json_object_foreach((json_t *)(uintptr_t)wanted, key, value)
    {
        json_t *now = json_object_get(there, key);

        if (tell_same(value, now))
            json_object_set(reduced, key, value);
        else
            json_object_set_new(reduced, key, now ? json_incref(now) : json_null());
    }
    return reduced;
}

static inno_rc compare_protections(struct gitea_work *work, const struct gitea_repo *repo, json_t *wanted, json_t *actual)
{
    const json_t *rules = json_object_get(work->params, "protectedBranches"), *made = json_object_get(work->state, "protected");
    json_t *all = json_object(), *there = json_object(), *rule;
    CLEANUP(json_put) json_t *list = NULL;
    inno_rc rc = gitea_read(work, path_of(repo, "/branch_protections"), &list); /* this one has no pages */
    const char *name;
    size_t i;

    json_object_foreach((json_t *)(uintptr_t)rules, name, rule) json_object_set_new(all, name, describe_rule(rule));
    json_array_foreach(list, i, rule)
    {
        const json_t *one;

        name = field_text(rule, "rule_name", field_text(rule, "branch_name", ""));
        one = json_object_get(all, name);
        if (one)
            json_object_set_new(there, name, reduce(one, rule));
        else if (json_object_get(made, name))
            json_object_set_new(there, name, json_string("ours, and no longer wanted"));
    }
    json_object_set_new(wanted, "protectedBranches", all);
    json_object_set_new(actual, "protectedBranches", there);
    return rc;
}

static char *rule_path(const struct gitea_repo *repo, const char *name)
{
    return rest_path("/api/v1/repos/{}/{}/branch_protections/{}", repo->owner, repo->name, name);
}

static inno_rc apply_rule(struct gitea_work *work, const struct gitea_repo *repo, const char *name, const json_t *rule, bool is_there)
{
    static const int also[] = {403, 409, 422, 0}; /* says so when it is there: an answer was lost */
    json_t *body = json_copy((json_t *)(uintptr_t)rule);
    CLEANUP(json_put) json_t *refusal = NULL;
    int status = 0;
    inno_rc rc;

    if (is_there)
        return gitea_send(work, "PATCH", rule_path(repo, name), body, NULL, NULL, NULL);
    json_object_set_new(body, "rule_name", json_string(name));
    rc = gitea_send(work, "POST", path_of(repo, "/branch_protections"), body, also, &status, &refusal);
    if (rc != INNO_OK || status < 300)
        return rc;
    if (!strstr(field_text(refusal, "message", ""), "already exist"))
        return GITEA_FAIL(work, status == 403 ? INNO_UNAUTHORIZED : INNO_INVALID_RESOURCE, "Gitea refuses to protect %.100s of %s: %.300s",
                          name, repo->full, field_text(refusal, "message", "it does not say why"));
    return gitea_send(work, "PATCH", rule_path(repo, name), json_copy((json_t *)(uintptr_t)rule), NULL, NULL, NULL);
}

static inno_rc apply_protections(struct gitea_work *work, const struct gitea_repo *repo, const json_t *wanted, const json_t *actual)
{
    const char *name;
    json_t *rule;
    inno_rc rc = INNO_OK;

    json_object_foreach((json_t *)(uintptr_t)wanted, name, rule)
    {
        const json_t *now = json_object_get(actual, name);

        if (rc == INNO_OK && !json_equal(rule, now))
            rc = apply_rule(work, repo, name, rule, now != NULL);
    }
    json_object_foreach((json_t *)(uintptr_t)actual, name, rule) if (rc == INNO_OK && !json_object_get(wanted, name)) rc =
        gitea_delete(work, rule_path(repo, name));
    return rc;
}

/* ---- all ---- */

static const struct part {
    const char *member;
    bool always; /* also without the param */
    inno_rc (*compare)(struct gitea_work *work, const struct gitea_repo *repo, json_t *wanted, json_t *actual);
    inno_rc (*apply)(struct gitea_work *work, const struct gitea_repo *repo, const json_t *wanted, const json_t *actual);
} parts[] = {{"topics", true, compare_topics, apply_topics},
             {"collaborators", false, compare_collaborators, apply_collaborators},
             {"protectedBranches", false, compare_protections, apply_protections}};

inno_rc parts_compare(struct gitea_work *work, const struct gitea_repo *repo, json_t *wanted, json_t *actual)
{
    inno_rc rc = INNO_OK;

    for (size_t i = 0; rc == INNO_OK && i < sizeof parts / sizeof *parts; i++) {
        bool was_ours = strcmp(parts[i].member, "protectedBranches") == 0 && json_object_get(work->state, "protected");

        if (parts[i].always || was_ours || json_object_get(work->params, parts[i].member))
            rc = parts[i].compare(work, repo, wanted, actual);
    }
    return rc;
}

inno_rc parts_apply(struct gitea_work *work, const struct gitea_repo *repo, const char *member, const json_t *wanted, const json_t *actual)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].member, member) == 0)
            return parts[i].apply(work, repo, json_object_get(wanted, member), json_object_get(actual, member));
    return INNO_OK;
}
