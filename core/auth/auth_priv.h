/* What the parts of core/auth share. */
#pragma once
#include "audit/audit.h"
#include "auth/auth.h"
#include "auth/cache.h"
#include <stdatomic.h>

struct auth {
    struct store *store;
    struct auth_cache cache;
    struct crypto_gate gate; /* of passwords */
    _Atomic int64_t lookups;
    pthread_mutex_t watch_lock;
    void (*changed)(void *ctx);
    void *changed_ctx;
};

static inline const char *origin_org(const struct auth_origin *origin) { return origin->by ? origin->by->org : ORG_DEFAULT; }

/* The audit row of an act on a user or key; detail is borrowed. */
int auth_audit(struct store_tx *tx, const struct auth_act *act, const char *action, const char *object, const char *result,
               const json_t *detail, struct err *err);

/* "inno_" or "innos", then 8 hex digits, "_" and 43 characters. out_prefix (may be NULL): the 8 digits. */
void auth_make_key(const char *lead, char out[static AUTH_KEY_BYTES], char *out_prefix);
/* The hash under which a key or token is stored; false when the text cannot be one. */
bool auth_key_hash(const char *text, unsigned char out[static CRYPTO_SHA256_BYTES]);

/* Finds a user; *out_found false when there is none. `stored_password` (may be NULL) has room for `cap` bytes. */
int auth_find_user(struct store_tx *tx, const char *org, const char *name, struct auth_user *out, bool *out_found, char *stored_password,
                   size_t cap, struct err *err);
/* Errors: ERR_BAD_VALUE (length), ERR_CRYPTO. */
int auth_hash_password(struct auth *auth, const char *password, size_t len, char out[static CRYPTO_PASSWORD_PHC], struct err *err);

#define USER_COLUMNS "u.id, u.name, u.role, u.team, u.created_at, u.last_login_at, u.disabled_at"
/* Reads USER_COLUMNS from `column` on. Errors: ERR_STORE_CORRUPT. */
int auth_read_user(struct store_rows *rows, int column, struct auth_user *out, struct err *err);
