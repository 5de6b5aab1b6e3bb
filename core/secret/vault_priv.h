/* What the files of the Vault client share. Everything of it is read and changed with `lock` held, requests included. */
#pragma once
#include "secret/vault.h"
#include <pthread.h>

#define VAULT_NEVER INT64_MAX

/* An answer that ends. */
struct vault_lease {
    struct vault_lease *next;
    char *path, *id;
    struct secret data;          /* JSON text of its values */
    int64_t renew_at_us, end_us; /* monotonic */
    bool renewable;
};

struct secret_vault {
    struct net *net;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* the keeper has something else to wait for */
    pthread_t keeper;
    bool has_keeper, stopping;
    json_t *settings;    /* NULL: the environment */
    struct secret token; /* empty: not logged in */
    bool own_token;      /* got by a login: ours to revoke */
    bool renewable;
    int64_t renew_at_us;
    struct vault_lease *leases;
};

/* ---- vault_session.c ---- */

struct vault_question {
    const char *method; /* NULL: GET */
    const char *path;   /* below /v1/, escaped */
    const json_t *body;
    int64_t timeout_ms; /* 0: 10 s */
    bool once;          /* no further attempts */
};
/* Asks with the session's token, logging in first, and once more when the token was refused. *status: of the answer; *out (new reference,
 * may be NULL): its JSON. An answer with any status but 401, 403, 429 and 5xx is a success here. */
int vault_ask(struct secret_vault *vault, const struct vault_question *question, int *status, json_t **out, struct err *err);
/* Renews the token when its time has come. */
void vault_keep_token(struct secret_vault *vault);
/* Forgets the token; revokes one of a login. */
void vault_log_out(struct secret_vault *vault);
/* When half of `seconds` is over. */
int64_t vault_half(int64_t seconds);
/* Path segments, escaped; free it. NULL when one is empty, "." or "..". */
char *vault_escape(const char *path);

/* ---- vault_lease.c ---- */

/* The lease of this path that still lives, or NULL. */
struct vault_lease *vault_lease_find(struct secret_vault *vault, const char *path);
/* Keeps an answer's lease; the keeper is started when there is none. */
struct vault_lease *vault_lease_keep(struct secret_vault *vault, const char *path, const json_t *answer);
void vault_leases_revoke(struct secret_vault *vault);
void vault_keeper_wake(struct secret_vault *vault);
