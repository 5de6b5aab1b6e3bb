/* Owns the check of keys and tokens, and how acts are run. auth_check_bearer is on the path of every request: HTTP threads call it, and
 * mostly the cache answers. */
#include "auth/auth.h"
#include "auth/auth_priv.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/str.h"
#include "crypto/encode.h"
#include "crypto/random.h"
#include <stdio.h>
#include <string.h>

struct auth *auth_new(struct store *store)
{
    struct auth *auth = mem_zalloc(sizeof *auth);

    auth->store = store;
    auth_cache_init(&auth->cache);
    crypto_gate_init(&auth->gate, CRYPTO_PASSWORD_AT_ONCE);
    pthread_mutex_init(&auth->watch_lock, NULL);
    return auth;
}

void auth_free(struct auth *auth)
{
    if (!auth)
        return;
    crypto_gate_fini(&auth->gate);
    pthread_mutex_destroy(&auth->watch_lock);
    auth_cache_fini(&auth->cache);
    free(auth);
}

uint64_t auth_generation(struct auth *auth) { return auth_cache_generation(&auth->cache); }

void auth_watch(struct auth *auth, void (*changed)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&auth->watch_lock);
    auth->changed = changed;
    auth->changed_ctx = ctx;
    pthread_mutex_unlock(&auth->watch_lock);
}

void auth_forget(struct auth *auth)
{
    auth_cache_clear(&auth->cache);
    pthread_mutex_lock(&auth->watch_lock);
    if (auth->changed)
        auth->changed(auth->changed_ctx);
    pthread_mutex_unlock(&auth->watch_lock);
}
int64_t auth_lookups(struct auth *auth) { return atomic_load(&auth->lookups); }

/* ---- acts ---- */

/* Whoever looked a key up before this commit must not keep what he found, so the cache is cleared after it, and before anybody is told. */
static void act_done(void *ctx, const struct err *result)
{
    struct auth_act *act = ctx;

    if (act->changes_rights && result->code == ERR_NONE)
        auth_forget(act->auth);
    act->done(act->done_ctx, result);
}

static int run_unit(struct store_tx *tx, void *ctx, struct err *err) { return ((struct auth_act *)ctx)->unit(tx, ctx, err); }

void auth_submit(struct auth_act *act, store_done done, void *done_ctx)
{
    act->done = done;
    act->done_ctx = done_ctx;
    store_write(act->auth->store, run_unit, act, act_done);
}

int auth_run(struct auth_act *act, struct err *err)
{
    if (store_write_wait(act->auth->store, run_unit, act, err) < 0)
        return -1;
    if (act->changes_rights)
        auth_forget(act->auth);
    return 0;
}

int auth_audit(struct store_tx *tx, const struct auth_act *act, const char *action, const char *object, const char *result,
               const json_t *detail, struct err *err)
{
    const struct principal *by = act->origin.by;

    return audit_write(tx,
                       &(struct audit_row){.org = origin_org(&act->origin),
                                           .actor = by ? by->name : NULL,
                                           .team = by ? by->team : NULL,
                                           .action = action,
                                           .object = object,
                                           .result = result,
                                           .detail = detail,
                                           .request_id = act->origin.request_id,
                                           .source_ip = act->origin.source_ip},
                       err);
}

/* ---- keys and tokens ---- */

#define KEY_CHARS    (AUTH_KEY_BYTES - 1)
#define LEAD_CHARS   5
#define PREFIX_CHARS 8

void auth_make_key(const char *lead, char out[static AUTH_KEY_BYTES], char *out_prefix)
{
    char token[CRYPTO_TOKEN_BYTES], prefix[PREFIX_CHARS + 1];
    unsigned char random[PREFIX_CHARS / 2];

    crypto_random(random, sizeof random);
    crypto_hex(random, sizeof random, prefix);
    snprintf(out, AUTH_KEY_BYTES, "%s%s_%s", lead, prefix, crypto_token(token));
    if (out_prefix)
        memcpy(out_prefix, prefix, sizeof prefix);
    secret_wipe(token, sizeof token);
}

bool auth_key_hash(const char *text, unsigned char out[static CRYPTO_SHA256_BYTES])
{
    if (!text || strnlen(text, KEY_CHARS + 1) != KEY_CHARS || !str_starts(text, "inno") || text[LEAD_CHARS + PREFIX_CHARS] != '_')
        return false;
    crypto_sha256(text, KEY_CHARS, out);
    return true;
}

/* ---- the check ---- */

struct lookup {
    char hash[CRYPTO_SHA256_HEX];
    bool session, found;
    struct auth_entry entry;
};

#define FIND_KEY                                                                                                                           \
    "SELECT " USER_COLUMNS ", u.org, k.id, '', k.expires_at, k.last_used_at FROM api_keys k JOIN users u ON u.id = k.user_id"              \
    " WHERE k.hash = $1 AND k.revoked_at IS NULL AND u.disabled_at IS NULL"
#define FIND_SESSION                                                                                                                       \
    "SELECT " USER_COLUMNS ", u.org, '', s.csrf_hash, s.expires_at, s.last_used_at FROM sessions s JOIN users u ON u.id = s.user_id"       \
    " WHERE s.hash = $1 AND u.disabled_at IS NULL"

static void copy_text(char *to, size_t cap, const char *text) { snprintf(to, cap, "%s", text ? text : ""); }

static int lookup_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct lookup *l = ctx;
    struct principal *p = &l->entry.principal;
    struct auth_user user;
    int more;

    if (store_query(tx, l->session ? FIND_SESSION : FIND_KEY, STORE_ARGS(store_text(l->hash)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    l->found = more > 0;
    if (!more)
        return 0;
    if (auth_read_user(rows, 0, &user, err) < 0)
        return -1;
    *p = (struct principal){.role = user.role, .expires_at = store_col_int(rows, 10)};
    copy_text(p->user_id, sizeof p->user_id, user.id);
    copy_text(p->name, sizeof p->name, user.name);
    copy_text(p->team, sizeof p->team, user.team);
    copy_text(p->org, sizeof p->org, store_col_text(rows, 7));
    copy_text(p->key_id, sizeof p->key_id, store_col_text(rows, 8));
    copy_text(p->csrf_hash, sizeof p->csrf_hash, store_col_text(rows, 9));
    l->entry.touched_at = store_col_int(rows, 11);
    return 0;
}

/* Writing last_used_at is nobody's act: it is queued and forgotten. */
struct touch {
    char key[CRYPTO_SHA256_HEX]; /* the hash */
    bool session;
    int64_t now;
};

static int touch_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct touch *t = ctx;

    return store_exec(
        tx, t->session ? "UPDATE sessions SET last_used_at = $2 WHERE hash = $1" : "UPDATE api_keys SET last_used_at = $2 WHERE hash = $1",
        STORE_ARGS(store_text(t->key), store_int(t->now)), NULL, err);
}

static void touch_done(void *ctx, const struct err *result)
{
    (void)result; /* one minute later it is tried again */
    free(ctx);
}

static void touch(struct auth *auth, const unsigned char *digest, bool session)
{
    struct touch *t = mem_zalloc(sizeof *t);

    crypto_hex(digest, CRYPTO_SHA256_BYTES, t->key);
    t->session = session;
    t->now = clock_now_us();
    store_write(auth->store, touch_unit, t, touch_done);
}

static int look_up(struct auth *auth, const unsigned char *digest, bool session, struct lookup *l, struct err *err)
{
    uint64_t generation = auth_cache_generation(&auth->cache);
    int64_t now = clock_now_us();

    *l = (struct lookup){.session = session};
    memcpy(l->entry.digest, digest, CRYPTO_SHA256_BYTES);
    crypto_hex(digest, CRYPTO_SHA256_BYTES, l->hash);
    atomic_fetch_add(&auth->lookups, 1);
    if (store_read(auth->store, lookup_unit, l, err) < 0)
        return -1;
    if (!l->found)
        return err_set(err, ERR_UNAUTHENTICATED, "the %s is unknown or was revoked", session ? "session" : "key");
    if (l->entry.principal.expires_at && l->entry.principal.expires_at <= now)
        return err_set(err, ERR_UNAUTHENTICATED, "the %s has expired", session ? "session" : "key");
    if (now - l->entry.touched_at >= AUTH_TOUCH_MS * US_PER_MS) {
        l->entry.touched_at = now;
        touch(auth, digest, session);
    }
    auth_cache_add(&auth->cache, generation, &l->entry);
    return 0;
}

int auth_check_bearer(struct auth *auth, const char *token, struct principal *out, struct err *err)
{
    unsigned char digest[CRYPTO_SHA256_BYTES];
    struct lookup l;
    bool due = false, session;

    if (!auth_key_hash(token, digest))
        return err_set(err, ERR_UNAUTHENTICATED, token && *token ? "this is no key of innominatus" : "a key is needed");
    session = token[LEAD_CHARS - 1] == 's';
    if (auth_cache_find(&auth->cache, digest, out, &due)) {
        if (due)
            touch(auth, digest, session);
        return 0;
    }
    if (look_up(auth, digest, session, &l, err) < 0)
        return -1;
    *out = l.entry.principal;
    return 0;
}

void auth_csrf_token(const char *token, char out[static CRYPTO_SHA256_HEX])
{
    char text[sizeof "csrf:" + AUTH_TOKEN_BYTES];

    snprintf(text, sizeof text, "csrf:%s", token);
    crypto_sha256_hex(text, strlen(text), out);
    secret_wipe(text, sizeof text);
}

bool auth_check_csrf(const struct principal *p, const char *header)
{
    char hash[CRYPTO_SHA256_HEX];

    if (!header || !p->csrf_hash[0])
        return false;
    crypto_sha256_hex(header, strlen(header), hash);
    return crypto_equal(hash, p->csrf_hash, sizeof hash);
}
