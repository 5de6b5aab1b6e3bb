/* git-commit {repository, branch, from, path, files, message, adopt} -> repository, branch, commit, url: files in a branch of a repository.
 * Those that params do not name any more are removed. Slot's thread. */
#include "gitea.h"
#include <stdio.h>

static const struct field fields[] = {{"repository", FIELD_TEXT, .required = true, .least = 1, .most = 141, .letters = GITEA_PATH_LETTERS},
                                      {"branch", FIELD_TEXT, .least = 1, .most = 200, .letters = GITEA_PATH_LETTERS},
                                      {"from", FIELD_TEXT, .least = 1, .most = 200, .letters = GITEA_PATH_LETTERS},
                                      {"path", FIELD_TEXT, .least = 1, .most = 200},
                                      {"files", FIELD_ANY, .required = true},
                                      {"message", FIELD_TEXT, .least = 1, .most = 2000},
                                      {"adopt", FIELD_BOOL},
                                      {NULL}};

static inno_rc with_commit(struct gitea_work *work, inno_rc (*slot)(struct gitea_work *work, struct gitea_commit *commit))
{
    CLEANUP(commit_fini) struct gitea_commit commit = {.files = NULL};
    inno_rc rc = commit_take(work, &commit);

    return rc == INNO_OK ? slot(work, &commit) : rc;
}

static inno_rc provision(struct gitea_work *work) { return with_commit(work, commit_provision); }
static inno_rc status(struct gitea_work *work) { return with_commit(work, commit_status); }
static inno_rc plan(struct gitea_work *work) { return with_commit(work, commit_plan); }

inno_rc commit_hints(struct gitea_work *work)
{
    const char *full = field_text(work->state, "repository", NULL), *branch = field_text(work->state, "branch", "");
    char text[900];

    if (!full)
        return INNO_OK;
    snprintf(text, sizeof text, "%.300s/%.141s/src/branch/%.200s", rest_url(work->self->rest), full, branch);
    work->host->hint(work->call, INNO_HINT_URL, "its files", text);
    snprintf(text, sizeof text, "%.300s/%.141s.git", rest_url(work->self->rest), full);
    work->host->hint(work->call, INNO_HINT_GIT_CLONE, "over HTTP", text);
    snprintf(text, sizeof text, "%.300s/%.141s/commits/branch/%.200s", rest_url(work->self->rest), full, branch);
    work->host->hint(work->call, INNO_HINT_DASHBOARD, "its commits", text);
    return INNO_OK;
}

const struct gitea_type gitea_commit = {"git-commit", fields, provision, commit_deprovision, status, commit_hints, plan};
