/* The steps git-commit (files in one commit) and gitea-repo (a repository is there, and as it is said). They see that something is so, and
 * never remove: what is there already is taken as it is. Slot's thread. */
#include "gitea.h"
#include <stdio.h>
#include <string.h>

static inno_rc run_commit(struct gitea_work *work)
{
    CLEANUP(commit_fini) struct gitea_commit commit = {.files = NULL};
    inno_rc rc = commit_take(work, &commit);
    char number[24];

    if (rc == INNO_OK) {
        commit.gone = json_incref(json_object_get(work->params, "remove"));
        rc = commit_run(work, &commit);
    }
    if (rc != INNO_OK)
        return rc;
    snprintf(number, sizeof number, "%zu", commit.created + commit.updated + commit.deleted);
    work->host->output(work->call, "repository", commit.repo.full);
    work->host->output(work->call, "branch", commit.made_branch);
    work->host->output(work->call, "commit", commit.commit);
    work->host->output(work->call, "url", commit.url);
    work->host->output_json(work->call, "changed", inno_span_of(number));
    return INNO_OK;
}

static inno_rc run_repository(struct gitea_work *work) { return gitea_repository.provision(work); }

static inno_rc check_commit(struct gitea_work *work)
{
    /* the type's members but `adopt`, and `remove` */
    CLEANUP(json_put) json_t *rest = json_copy(work->params);
    static const struct field remove[] = {{"remove", FIELD_TEXTS, .least = 1, .most = 400, .items = 1000}, {NULL}};
    json_t *gone = json_object_get(work->params, "remove");
    CLEANUP(json_put) json_t *alone = json_object();
    inno_rc rc;

    if (gone)
        json_object_set(alone, "remove", gone);
    rc = fields_check(work->host, work->call, INNO_INVALID_RESOURCE, work->where, alone, remove);
    json_object_del(rest, "remove");
    return rc == INNO_OK ? fields_check(work->host, work->call, INNO_INVALID_RESOURCE, work->where, rest, gitea_commit.fields) : rc;
}

static inno_rc check_repository(struct gitea_work *work)
{
    return fields_check(work->host, work->call, INNO_INVALID_RESOURCE, work->where, work->params, gitea_repository.fields);
}

static const struct step_type {
    const char *name;
    inno_rc (*check)(struct gitea_work *work);
    inno_rc (*run)(struct gitea_work *work);
} steps[] = {{"git-commit", check_commit, run_commit}, {"gitea-repo", check_repository, run_repository}};

inno_rc gitea_step(struct gitea *self, const inno_host *host, inno_call *call, const inno_step *step)
{
    CLEANUP(json_put) json_t *config = json_loadb(step->config.bytes, (size_t)step->config.len, JSON_REJECT_DUPLICATES, NULL);
    CLEANUP(json_put) json_t *state = json_loadb(step->state.bytes, (size_t)step->state.len, 0, NULL);
    struct gitea_work work = {.self = self,
                              .host = host,
                              .call = call,
                              .scope = {step->team, step->environment, step->application},
                              .name = step->name,
                              .where = "config",
                              .params = config,
                              .state = state,
                              .is_step = true};

    name_mark(&work.scope, "step", step->type, work.mark);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(steps[i].name, step->type) == 0) {
            inno_rc rc = steps[i].check(&work);

            return rc == INNO_OK ? steps[i].run(&work) : rc;
        }
    return host->fail(call, INNO_UNSUPPORTED, -1, "step type \"%.60s\" is neither git-commit nor gitea-repo", step->type);
}
