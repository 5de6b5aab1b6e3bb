/* Users, keys, sessions. Keys and session tokens have 256 random bits and are stored as SHA-256; passwords as argon2id.
 *
 * Acts that write are structures: an init function checks and prepares them (hashing passwords, so never on a store thread), then either
 *   auth_submit(&x.act, done, ctx)   queues the unit; done is called after the commit on a store thread (HTTP: resume the connection), or
 *   auth_run(&x.act, err)            waits for it (command line, tests).
 * The structure must stay valid until then; its outputs are set when the act succeeded. Every act writes its audit row in its transaction.
 */
#pragma once
#include "auth/role.h"
#include "crypto/password.h"
#include "store/store.h"

#define AUTH_KEY_BYTES   58 /* "inno_" 8 hex digits "_" 43 characters of base64url, and the NUL */
#define AUTH_TOKEN_BYTES 58 /* of a session: "innos" instead of "inno_", the rest alike */

struct auth;

struct auth *auth_new(struct store *store);
void auth_free(struct auth *auth); /* after store_close; NULL is fine */

/* Who acts, for the audit; texts are borrowed until the act is over. `by` NULL: the system itself (bootstrap, local command line), which
 * may everything. */
struct auth_origin {
    const struct principal *by;
    const char *request_id, *source_ip;
};

struct auth_act {
    struct auth *auth;
    struct auth_origin origin;
    store_unit unit;
    bool changes_rights; /* what was believed about keys and users must be looked up again */
    store_done done;     /* the caller's */
    void *done_ctx;
};
void auth_submit(struct auth_act *act, store_done done, void *done_ctx);
int auth_run(struct auth_act *act, struct err *err);

/* ---- requests ---- */

/* The principal of a key or session token. Mostly answered from memory: a key is looked up in the store when it was not within
 * AUTH_CACHE_MS. May read the store on this thread. Errors: ERR_UNAUTHENTICATED (unknown, expired, revoked, user disabled), ERR_STORE. */
int auth_check_bearer(struct auth *auth, const char *token, struct principal *out, struct err *err);
/* For requests that change something and carry the session in a cookie: true when `header` is the session's CSRF token. */
bool auth_check_csrf(const struct principal *p, const char *header);
/* Counts up whenever rights change in this process (a key revoked, a user changed, a session ended): who holds on to a principal checks it
 * anew then. */
uint64_t auth_generation(struct auth *auth);
/* `changed` is called after each such change, on the thread that made it: be short. NULL: nobody any more, and nobody is in it. */
void auth_watch(struct auth *auth, void (*changed)(void *ctx), void *ctx);
/* The CSRF token of a session, which follows from its own token (and not the other way round): shown to pages, who send it back. */
void auth_csrf_token(const char *token, char out[static CRYPTO_SHA256_HEX]);
/* Forgets what was believed; for tests and after a restore. */
void auth_forget(struct auth *auth);
/* Lookups in the store so far; for tests and metrics. */
int64_t auth_lookups(struct auth *auth);

/* ---- first start ---- */

/* When there is no user: creates `admin` (role admin, team platform) with a key, and writes the key to state_dir/admin.key (mode 0600).
 * out_created: whether it did; out_key: the key, to be shown once and wiped. Errors: ERR_IO, ERR_STORE. */
int auth_bootstrap(struct auth *auth, const char *state_dir, char out_key[static AUTH_KEY_BYTES], bool *out_created, struct err *err);
/* For an admin's key that is lost: writes another one to state_dir/admin.key and makes `admin` an admin again, whatever became of him.
 * The keys there were stay. Errors: ERR_IO, ERR_STORE. */
int auth_renew_admin(struct auth *auth, const char *state_dir, struct err *err);

/* ---- users ---- */

struct auth_user {
    char id[ID_BYTES], name[AUTH_NAME_BYTES], team[AUTH_NAME_BYTES];
    enum role role;
    int64_t created_at, last_login_at, disabled_at; /* us; 0: never */
};
json_t *auth_user_json(const struct auth_user *user);

struct auth_user_add {
    struct auth_act act;
    struct auth_user user;              /* out, complete after init */
    char password[CRYPTO_PASSWORD_PHC]; /* "": cannot log in */
};
/* `password` may be NULL. Needs PERM_USERS. Errors: ERR_FORBIDDEN, ERR_BAD_NAME, ERR_BAD_VALUE; of the act: ERR_CONFLICT (name taken). */
int auth_user_add_init(struct auth_user_add *x, struct auth *auth, const struct auth_origin *origin, const char *name, const char *role,
                       const char *team, const char *password, size_t password_len, struct err *err);

struct auth_user_change {
    struct auth_act act;
    const char *name;
    const char *role, *team;            /* NULL: as it is */
    int disabled;                       /* 1, 0, or -1: as it is */
    char password[CRYPTO_PASSWORD_PHC]; /* "": as it is */
};
/* Set the members after init, before the act; role and team are checked in it. A new password or `disabled` ends the user's sessions.
 * Needs PERM_USERS; of oneself a password alone needs PERM_OWN_KEYS. Errors of the act: ERR_NOT_FOUND, ERR_CONFLICT (the last admin),
 * ERR_BAD_VALUE. */
void auth_user_change_init(struct auth_user_change *x, struct auth *auth, const struct auth_origin *origin, const char *name);
int auth_user_change_password(struct auth_user_change *x, const char *password, size_t len, struct err *err);

struct auth_user_delete {
    struct auth_act act;
    const char *name;
};
/* Removes the user with keys and sessions. Needs PERM_USERS. Errors of the act: ERR_NOT_FOUND, ERR_CONFLICT (the last admin). */
int auth_user_delete_init(struct auth_user_delete *x, struct auth *auth, const struct auth_origin *origin, const char *name,
                          struct err *err);

/* Users by name, {id, name, role, team, created_at, last_login_at}. `team` NULL: all. out_cursor: fresh text or NULL at the end. Reads on
 * this thread. */
int auth_list_users(struct auth *auth, const char *org, const char *team, const char *cursor, int limit, json_t **out_items,
                    char **out_cursor, struct err *err);
/* One user as in that list, NULL when there is none; inside a unit, and in a read of its own. */
int auth_user_tx(struct store_tx *tx, const char *org, const char *name, json_t **out, struct err *err);
int auth_read_one_user(struct auth *auth, const char *org, const char *name, json_t **out, struct err *err);
/* Names of the teams that have users, sorted: ["platform", "shop"]. Reads on this thread. */
int auth_list_teams(struct auth *auth, const char *org, json_t **out_names, struct err *err);

/* ---- keys ---- */

struct auth_key_add {
    struct auth_act act;
    char user[AUTH_NAME_BYTES], name[AUTH_NAME_BYTES];
    char id[ID_BYTES], prefix[16];
    int64_t created_at, expires_at;
    char key[AUTH_KEY_BYTES]; /* out: show it once, then wipe it */
};
/* A key for `user`. expires_at: us, 0 never. One's own needs PERM_OWN_KEYS, another's PERM_USERS. When a key makes it that expires, this
 * one ends no later: 0 means at the same time. Errors: ERR_FORBIDDEN, ERR_BAD_VALUE; of the act: ERR_NOT_FOUND (user), ERR_LIMIT
 * (LIMIT_KEYS_PER_USER). */
int auth_key_add_init(struct auth_key_add *x, struct auth *auth, const struct auth_origin *origin, const char *user, const char *name,
                      int64_t expires_at, struct err *err);
/* {id, name, prefix, created_at, expires_at, key}. */
json_t *auth_key_add_json(const struct auth_key_add *x);

struct auth_key_revoke {
    struct auth_act act;
    const char *key; /* id or prefix */
};
/* One's own, or anybody's with PERM_USERS; to others the key does not exist. Effective at once in this process, in others within
 * AUTH_CACHE_MS. Errors of the act: ERR_NOT_FOUND. */
void auth_key_revoke_init(struct auth_key_revoke *x, struct auth *auth, const struct auth_origin *origin, const char *key);

/* Keys that are not revoked, newest first: {id, name, prefix, created_at, expires_at, last_used_at, user}. `user` NULL: everybody's. Reads
 * on this thread. */
int auth_list_keys(struct auth *auth, const char *org, const char *user, json_t **out_items, struct err *err);

/* ---- sessions ---- */

/* Three parts, so that nobody waits where he must not:
 *   auth_login_init; submit (counts the attempt, reads the user); auth_login_verify (some 30 ms of CPU, waits for its turn: not on a store
 * thread); submit (session and audit row); auth_login_result. auth_login does it all, waiting. */
struct auth_login {
    struct auth_act act;
    char name[AUTH_NAME_BYTES]; /* "" when what was sent can be no name */
    char as_sent[AUTH_NAME_BYTES + 8];
    const char *password;
    size_t password_len;
    char user_id[ID_BYTES], stored[CRYPTO_PASSWORD_PHC * 2], fresh[CRYPTO_PASSWORD_PHC];
    char replaces[CRYPTO_SHA256_HEX]; /* hash of a session that ends with this login, "": none */
    bool limited, matched;
    int64_t retry_after_ms;       /* out, when limited */
    char token[AUTH_TOKEN_BYTES]; /* out: for the cookie or as a bearer; wipe it */
    char csrf[CRYPTO_SHA256_HEX]; /* out: for the page */
    int64_t expires_at;           /* out: us */
    struct principal principal;   /* out */
};
void auth_login_init(struct auth_login *x, struct auth *auth, const struct auth_origin *origin, const char *name, const char *password,
                     size_t password_len);
/* The session that the client came with ends when it logs in anew. NULL is fine. */
void auth_login_replaces(struct auth_login *x, const char *token);
/* After the first part. Errors: ERR_CRYPTO. Does nothing when the attempt was one too many. */
int auth_login_verify(struct auth_login *x, struct err *err);
/* After the last part: 0, ERR_UNAUTHENTICATED (user or password is wrong; which one is not said), ERR_RATE. */
int auth_login_result(const struct auth_login *x, struct err *err);
int auth_login(struct auth_login *x, struct err *err);

struct auth_logout {
    struct auth_act act;
    char hash[CRYPTO_SHA256_HEX];
};
/* Ends the session of that token; one that is over already is fine. */
void auth_logout_init(struct auth_logout *x, struct auth *auth, const struct auth_origin *origin, const char *token);
