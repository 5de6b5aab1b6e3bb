/* The bundled provisioner `vault`: secrets, policies, roles and database credentials in HashiCorp Vault or OpenBao. What a developer's
 * resource becomes lies below one prefix and the resource's own team, environment and application; nothing in a Score file names a path,
 * policy or statement outside of that, unless the admin's entry lists it. */
#pragma once
#include "rest.h"
#include "tell.h"
#include "tidy.h"
#include <innominatus/helpers.h>
#include <stdbool.h>

#define VAULT_VERSION    "1.0.0"
#define VAULT_NAME_BYTES 512

enum vault_login { VAULT_TOKEN, VAULT_APPROLE, VAULT_KUBERNETES };

/* One process of one admin-config entry. */
struct vault {
    struct rest *rest;
    char *namespace; /* NULL: none */
    char *mount;     /* of the KV version 2 engine */
    char *prefix;    /* of all names */
    json_t *config;  /* what the types look up: policies, policyPaths, databases, mounts of auth methods */
    enum vault_login login;
    char *auth_mount; /* of the login */
    char *token;      /* of now; NULL: not logged in */
    bool known;       /* its life is known */
    bool renewable;
    int64_t renew_at_ms; /* monotonic; INT64_MAX: never */
};

/* One call. res is NULL in health and steps. */
struct vault_work {
    struct vault *self;
    const inno_host *host;
    inno_call *call;
    const inno_resource *res;
    const struct document *document; /* of the type */
    json_t *params, *state;
    char path[VAULT_NAME_BYTES]; /* PREFIX/TEAM/ENVIRONMENT/APPLICATION/NAME: a secret's path below its mount */
    char name[VAULT_NAME_BYTES]; /* the same with dots: of a policy or role */
};

typedef inno_rc (*vault_slot)(struct vault_work *work);

struct vault_type {
    const char *name;
    vault_slot provision, deprovision, status, hints, plan;
    const struct document *document; /* of the types whose slots are document.c's; else NULL */
};
extern const struct vault_type vault_secret, vault_kv_secret, vault_policy, vault_approle, vault_kubernetes_role, vault_database_role;

#define VAULT_FAIL(work, code, ...) (work)->host->fail((work)->call, code, -1, __VA_ARGS__)
#define VAULT_NO_MEMORY(work)       VAULT_FAIL(work, INNO_TRANSIENT, "out of memory")

/* ---- session.c: logged in, renewed, in the namespace ---- */

/* Reads `credentials` or `auth`. */
inno_rc session_take(struct vault *self, const inno_host *host, inno_call *call, const json_t *config);
void session_fini(struct vault *self);
/* rest_call with token and namespace; logs in, renews, and logs in once more when the token was refused. */
inno_rc session_call(struct vault_work *work, struct rest_request *request, struct rest_answer *out);
/* Looks whether the token is good. */
inno_rc session_check(struct vault_work *work);

/* ---- api.c: what all types ask for. Paths come from rest_path and are freed; NULL fails. ---- */

/* *out: new reference of the answer's `data`; NULL when it is not there (404). */
inno_rc api_read(struct vault_work *work, char *path, json_t **out);
/* `body`: borrowed. secret: nothing of it shows in messages. *out (may be NULL): new reference of `data`, NULL when there is none. */
inno_rc api_write(struct vault_work *work, const char *method, char *path, const json_t *body, bool secret, json_t **out);
/* The same where being refused (400, 404) is an answer: *out is then NULL. */
inno_rc api_ask(struct vault_work *work, char *path, const json_t *body, json_t **out);
inno_rc api_delete(struct vault_work *work, char *path); /* gone already is fine */

/* ---- kv.c: version 2 of the key-value engine ---- */

struct kv_secret {
    json_t *data;    /* NULL: no version that can be read */
    char owner[300]; /* uid of the resource that made it; "" when nobody of ours did */
    int64_t version; /* current one; 0: none */
    bool exists;
};
void kv_fini(struct kv_secret *secret);
/* Reads owner and current version. `path` is below the mount. */
inno_rc kv_read(struct vault_work *work, const char *path, struct kv_secret *out);
/* Data of an older version; *out NULL when it cannot be read any more. */
inno_rc kv_read_version(struct vault_work *work, const char *path, int64_t version, json_t **out);
/* Marks the path as the resource's, before its first version. */
inno_rc kv_claim(struct vault_work *work, const char *path);
/* Writes a version after `version` with check-and-set: somebody else's write in between is TRANSIENT. */
inno_rc kv_write(struct vault_work *work, const char *path, const json_t *data, int64_t version, int64_t *out_version);
/* Removes all versions and the mark. */
inno_rc kv_delete(struct vault_work *work, const char *path);

/* ---- document.c: types that are one object behind one path of the API ---- */

struct document {
    const char *what;                                           /* "role", for messages */
    inno_rc (*describe)(struct vault_work *work, json_t **out); /* what it shall be */
    char *(*path)(const struct vault_work *work);
    inno_rc (*finish)(struct vault_work *work);                        /* after it is written: outputs. May be NULL. */
    inno_rc (*look)(struct vault_work *work, const char **out_defect); /* more that may be wrong. May be NULL. */
    inno_rc (*clear)(struct vault_work *work);                         /* before it is removed. May be NULL. */
};
inno_rc document_provision(struct vault_work *work);
inno_rc document_deprovision(struct vault_work *work);
inno_rc document_status(struct vault_work *work);
inno_rc document_plan(struct vault_work *work);

/* Members of `params` that roles share, as Vault's: policies, tokenTtl, tokenMaxTtl, cidrs. Policies are the team's own ones, and those
 * that the entry's config lists. */
inno_rc roles_tokens(struct vault_work *work, json_t *body);
/* A duration of params in seconds into body[key]; absent: 0. */
inno_rc roles_seconds(struct vault_work *work, const char *param, json_t *body, const char *key);
/* Texts of config.NAME with {team}, {environment} and {application} replaced: does one match `text`? "*" matches any characters. */
bool roles_listed(const struct vault_work *work, const char *list, const char *text);

/* Refuses a member of params that is none of `known` (NULL-terminated). */
inno_rc params_check(struct vault_work *work, const char *const *known);

/* Runs a step of type vault-setup. */
inno_rc setup_run(struct vault_work *work, const inno_step *step);
