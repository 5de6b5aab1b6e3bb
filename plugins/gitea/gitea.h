/* The bundled provisioner `gitea`: organisations, repositories, deploy keys, webhooks and commits in Gitea (and Forgejo, which speaks the
 * same API). What a Score file names lies with the owners that the admin's entry allows for the team; what is there already and is not the
 * resource's own is neither changed nor removed, unless the developer says `adopt`. */
#pragma once
#include "fields.h"
#include "names.h"
#include "rest.h"
#include "tell.h"
#include "tidy.h"
#include <innominatus/helpers.h>
#include <stdbool.h>

#define GITEA_VERSION     "1.0.0"
#define GITEA_NAME_BYTES  101 /* a repository's; owners have at most 40 */
#define GITEA_OWNER_BYTES 41

/* Letters of names, and of texts that name a repository, a branch or a file. */
#define GITEA_LETTERS      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
#define GITEA_PATH_LETTERS GITEA_LETTERS "/"

/* One process of one admin-config entry. */
struct gitea {
    struct rest *rest;
    char *authorization; /* the header's value */
    json_t *config;
    char login[GITEA_OWNER_BYTES]; /* of the token; "" before it is known, or when the token may not ask */
    bool knows_login;
};

struct gitea_repo {
    char owner[GITEA_OWNER_BYTES], name[GITEA_NAME_BYTES];
    char full[GITEA_OWNER_BYTES + GITEA_NAME_BYTES]; /* OWNER/NAME */
};

/* One call about a resource or a step. */
struct gitea_work {
    struct gitea *self;
    const inno_host *host;
    inno_call *call;
    struct name_scope scope;
    const char *name;         /* of the resource or step */
    const char *where;        /* "params" or "config", for messages */
    const inno_resource *res; /* NULL in steps and health */
    json_t *params, *state;
    char mark[NAME_MARK_BYTES]; /* inno-0123456789abcdef: on what is the resource's own */
    bool is_step;
    bool is_trusted; /* params come from the entry's config: every owner is allowed */
};

typedef inno_rc (*gitea_slot)(struct gitea_work *work);

struct gitea_type {
    const char *name;
    const struct field *fields;
    gitea_slot provision, deprovision, status, hints, plan;
};
extern const struct gitea_type gitea_org, gitea_repository, gitea_deploy_key, gitea_webhook, gitea_commit, gitea_workload;

#define GITEA_FAIL(work, code, ...) (work)->host->fail((work)->call, code, -1, __VA_ARGS__)
#define GITEA_NO_MEMORY(work)       GITEA_FAIL(work, INNO_TRANSIENT, "out of memory")

/* ---- api.c: what all types ask for. Paths come from rest_path and are freed; NULL is out of memory or no name. ---- */

/* *out: new reference; NULL when it is not there (404). */
inno_rc gitea_read(struct gitea_work *work, char *path, json_t **out);
/* All pages of a list; a list that is not there is empty. `path` has no query. */
inno_rc gitea_list(struct gitea_work *work, char *path, json_t **out);
/* Sends `body` (stolen; NULL: out of memory). Statuses in `also` (ends with 0; NULL: none) are no failure. *out_status and *out (new
 * reference) may be NULL. It is sent again when its answer was lost: what was done then must be seen as done. */
inno_rc gitea_send(struct gitea_work *work, const char *method, char *path, json_t *body, const int *also, int *out_status, json_t **out);
inno_rc gitea_delete(struct gitea_work *work, char *path); /* gone already is fine */
/* Whose the token is; "" when it may not ask. */
inno_rc gitea_login(struct gitea_work *work, const char **out);
/* Version and token. */
inno_rc gitea_check(struct gitea_work *work);
inno_rc gitea_state(struct gitea_work *work, json_t *state); /* host->state; steals it */

/* ---- place.c: names that the entry allows ---- */

/* Takes params[key] ("NAME" or "OWNER/NAME"); an absent one fails. */
inno_rc place_repository(struct gitea_work *work, const char *key, struct gitea_repo *out);
/* The place of a new repository: params.owner and params.name, or those that are made of the entry's and the resource's names. */
inno_rc place_new(struct gitea_work *work, struct gitea_repo *out);
/* An organisation's name: params.name, or one that is made. */
inno_rc place_org(struct gitea_work *work, char out[GITEA_OWNER_BYTES]);
/* May the team use what is the owner's? Fails when not. */
inno_rc place_allowed(struct gitea_work *work, const char *owner);
/* A path below the repository's root that means the same to everybody. */
bool place_is_file(const char *path);
bool place_is_branch(const char *name);

/* ---- parts.c: what belongs to a repository and has a request of its own ---- */

/* Adds to `wanted` and `actual` the members that params say: topics, collaborators, protectedBranches. */
inno_rc parts_compare(struct gitea_work *work, const struct gitea_repo *repo, json_t *wanted, json_t *actual);
/* Makes the member be as `wanted` says. */
inno_rc parts_apply(struct gitea_work *work, const struct gitea_repo *repo, const char *member, const json_t *wanted, const json_t *actual);
/* Writes the repository's topics. */
inno_rc parts_topics(struct gitea_work *work, const struct gitea_repo *repo, const json_t *topics);

/* ---- commit.c: files of a branch, in one commit ---- */

struct gitea_commit {
    struct gitea_repo repo;
    const char *branch;  /* NULL: the default branch */
    const char *from;    /* the branch that a missing one starts at; NULL: it must be there */
    const char *message; /* NULL: one that is made */
    json_t *files;       /* {path: text} */
    json_t *gone;        /* [path]: removed when they are there; NULL: none */
    /* results */
    char made_branch[256], commit[72], url[600];
    size_t created, updated, deleted;
};
/* Reads params repository, branch, from, message, path and files. */
inno_rc commit_take(struct gitea_work *work, struct gitea_commit *out);
void commit_fini(struct gitea_commit *commit);
/* What is to be done: [{operation, path, content, sha}] (new reference), and the branch's commit ("" when it has none).
 * *out_exists: the branch is there. */
inno_rc commit_look(struct gitea_work *work, struct gitea_commit *commit, json_t **out, bool *out_exists);
/* Commits what is to be done; nothing when nothing is. Tries again when somebody else commits at the same time. */
inno_rc commit_run(struct gitea_work *work, struct gitea_commit *commit);
/* The three slots of what keeps files in a branch: they are committed, compared, removed. */
inno_rc commit_provision(struct gitea_work *work, struct gitea_commit *commit);
inno_rc commit_status(struct gitea_work *work, struct gitea_commit *commit);
inno_rc commit_plan(struct gitea_work *work, struct gitea_commit *commit);
inno_rc commit_deprovision(struct gitea_work *work);
inno_rc commit_hints(struct gitea_work *work);

/* blob.c: the id that git gives a file's content, in a repository of ids of `digits` hex digits (40 or 64). */
void blob_id(const char *content, size_t len, size_t digits, char out[65]);

/* ---- step.c ---- */
inno_rc gitea_step(struct gitea *self, const inno_host *host, inno_call *call, const inno_step *step);
