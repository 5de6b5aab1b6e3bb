/* Owns sessions: login in three parts, logout. A login takes the same time for users that exist and those that do not, and says the same.
 * Units run on store threads; auth_login_verify, which computes, does not. */
#include "auth/auth_priv.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/str.h"
#include <stdio.h>
#include <string.h>

#define WINDOW_US        (LOGIN_WINDOW_MS * US_PER_MS)
#define ADDRESS_ATTEMPTS (10 * LIMIT_LOGIN_ATTEMPTS) /* one address, whatever the names: against trying one password on many users */

/* Whose attempts are counted: the name at the address, and the address. */
struct who {
    char user[AUTH_NAME_BYTES + 80], address[80];
};

static struct who who_of(const struct auth_login *x)
{
    const char *ip = x->act.origin.source_ip && str_is_utf8(x->act.origin.source_ip, strlen(x->act.origin.source_ip))
                         ? x->act.origin.source_ip
                         : "local";
    struct who who;

    snprintf(who.address, sizeof who.address, "@%.64s", ip);
    snprintf(who.user, sizeof who.user, "%s%s", x->name[0] ? x->name : "?", who.address);
    return who;
}

/* How many attempts are in the window, and how long until the oldest leaves it. Those of another hour to come are from before the clock was
 * set back; a little ahead may be another server's clock. */
static int count_attempts(struct store_tx *tx, const char *who, int64_t now, int64_t *out_count, int64_t *out_wait_ms, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;

    if (store_query(tx, "SELECT count(*), MIN(at) FROM login_attempts WHERE who = $1 AND at > $2 AND at <= $3",
                    STORE_ARGS(store_text(who), store_int(now - WINDOW_US), store_int(now + WINDOW_US)), &rows, err) < 0 ||
        store_next(rows, err) < 0)
        return -1;
    *out_count = store_col_int(rows, 0);
    *out_wait_ms = (store_col_int(rows, 1) + WINDOW_US - now) / US_PER_MS + 1;
    return 0;
}

static int add_attempt(struct store_tx *tx, const char *who, int64_t now, struct err *err)
{
    return store_exec(tx, "INSERT INTO login_attempts (who, at) VALUES ($1, $2)", STORE_ARGS(store_text(who), store_int(now)), NULL, err);
}

/* Counted before the password is looked at, so that attempts side by side count, too. One too many is an answer and not a failure of the
 * unit. */
static int begin_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct auth_login *x = ctx;
    int64_t now = clock_now_us(), by_user, by_address, wait_user, wait_address;
    struct who who = who_of(x);
    struct auth_user user;
    bool found;

    x->limited = false;
    x->stored[0] = x->user_id[0] = '\0';
    if (count_attempts(tx, who.user, now, &by_user, &wait_user, err) < 0 ||
        count_attempts(tx, who.address, now, &by_address, &wait_address, err) < 0)
        return -1;
    if (by_user >= LIMIT_LOGIN_ATTEMPTS || by_address >= ADDRESS_ATTEMPTS) {
        x->limited = true;
        x->retry_after_ms = by_user >= LIMIT_LOGIN_ATTEMPTS ? wait_user : wait_address;
        return 0;
    }
    if (store_exec(tx, "DELETE FROM login_attempts WHERE at <= $1 OR at > $2",
                   STORE_ARGS(store_int(now - WINDOW_US), store_int(now + WINDOW_US)), NULL, err) < 0 ||
        add_attempt(tx, who.user, now, err) < 0 || add_attempt(tx, who.address, now, err) < 0 ||
        auth_find_user(tx, ORG_DEFAULT, x->name, &user, &found, x->stored, sizeof x->stored, err) < 0)
        return -1;
    if (found && !user.disabled_at)
        memcpy(x->user_id, user.id, sizeof x->user_id);
    else
        x->stored[0] = '\0';
    return 0;
}

static int open_session(struct store_tx *tx, struct auth_login *x, const struct auth_user *user, struct err *err)
{
    struct principal *p = &x->principal;
    struct who who = who_of(x);
    char hash[CRYPTO_SHA256_HEX], csrf_hash[CRYPTO_SHA256_HEX];
    int64_t now = clock_now_us();

    crypto_sha256_hex(x->token, strlen(x->token), hash);
    crypto_sha256_hex(x->csrf, strlen(x->csrf), csrf_hash);
    x->expires_at = now + SESSION_MS * US_PER_MS;
    *p = (struct principal){.role = user->role, .org = ORG_DEFAULT, .expires_at = x->expires_at};
    memcpy(p->user_id, user->id, sizeof p->user_id);
    memcpy(p->name, user->name, sizeof p->name);
    memcpy(p->team, user->team, sizeof p->team);
    memcpy(p->csrf_hash, csrf_hash, sizeof p->csrf_hash);
    if (x->replaces[0] && store_exec(tx, "DELETE FROM sessions WHERE hash = $1", STORE_ARGS(store_text(x->replaces)), NULL, err) < 0)
        return -1;
    /* Sessions that are over go, and the oldest ones of a user who has too many. */
    if (store_exec(tx,
                   "DELETE FROM sessions WHERE expires_at <= $1 OR (user_id = $2 AND hash NOT IN"
                   " (SELECT hash FROM sessions WHERE user_id = $2 ORDER BY created_at DESC LIMIT $3))",
                   STORE_ARGS(store_int(now), store_text(user->id), store_int(LIMIT_SESSIONS_PER_USER - 1)), NULL, err) < 0 ||
        store_exec(tx, "INSERT INTO sessions (hash, user_id, csrf_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
                   STORE_ARGS(store_text(hash), store_text(user->id), store_text(csrf_hash), store_int(now), store_int(x->expires_at)),
                   NULL, err) < 0 ||
        store_exec(tx, "UPDATE users SET last_login_at = $2, password = COALESCE($3, password) WHERE id = $1",
                   STORE_ARGS(store_text(user->id), store_int(now), store_text(x->fresh[0] ? x->fresh : NULL)), NULL, err) < 0)
        return -1;
    return store_exec(tx, "DELETE FROM login_attempts WHERE who = $1", STORE_ARGS(store_text(who.user)), NULL, err);
}

static int finish_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct auth_login *x = ctx;
    char stored[sizeof x->stored] = "";
    struct auth_user user;
    bool found;

    x->principal = (struct principal){0};
    if (x->limited)
        return 0;
    if (auth_find_user(tx, ORG_DEFAULT, x->name, &user, &found, stored, sizeof stored, err) < 0)
        return -1;
    /* The user may have been disabled, or got another password, while the old one was verified. */
    if (!x->matched || !found || user.disabled_at || strcmp(stored, x->stored) != 0)
        return audit_write(tx,
                           &(struct audit_row){.actor = x->as_sent,
                                               .action = "login",
                                               .object = x->as_sent,
                                               .result = "failed",
                                               .request_id = x->act.origin.request_id,
                                               .source_ip = x->act.origin.source_ip},
                           err);
    if (open_session(tx, x, &user, err) < 0)
        return -1;
    return audit_write(tx,
                       &(struct audit_row){.actor = user.name,
                                           .team = user.team,
                                           .action = "login",
                                           .object = user.name,
                                           .request_id = x->act.origin.request_id,
                                           .source_ip = x->act.origin.source_ip},
                       err);
}

void auth_login_init(struct auth_login *x, struct auth *auth, const struct auth_origin *origin, const char *name, const char *password,
                     size_t password_len)
{
    struct err ignored;

    *x = (struct auth_login){.act = {.auth = auth, .origin = *origin, .unit = begin_unit},
                             .password = password ? password : "",
                             .password_len = password ? password_len : 0};
    x->act.origin.by = NULL;
    snprintf(x->as_sent, sizeof x->as_sent, "%s", name ? name : "");
    if (auth_check_user_name(name, &ignored) == 0)
        snprintf(x->name, sizeof x->name, "%s", name);
}

void auth_login_replaces(struct auth_login *x, const char *token)
{
    if (!token || !token[0])
        return;
    crypto_sha256_hex(token, strlen(token), x->replaces);
    x->act.changes_rights = true;
}

int auth_login_verify(struct auth_login *x, struct err *err)
{
    struct crypto_gate *gate = &x->act.auth->gate;

    x->act.unit = finish_unit;
    x->matched = false;
    if (x->limited)
        return 0;
    if (!x->stored[0] || x->password_len > LIMIT_PASSWORD_BYTES) {
        crypto_password_burn(gate, x->password, x->password_len);
        return 0;
    }
    if (crypto_password_verify(gate, x->stored, x->password, x->password_len, &x->matched, err) < 0)
        return -1;
    if (x->matched && crypto_password_needs_rehash(x->stored) &&
        crypto_password_hash(gate, x->password, x->password_len, x->fresh, err) < 0)
        return -1;
    auth_make_key("innos", x->token, NULL);
    auth_csrf_token(x->token, x->csrf);
    return 0;
}

int auth_login_result(const struct auth_login *x, struct err *err)
{
    if (x->limited)
        return err_set(err, ERR_RATE, "too many attempts to log in; try again in %lld seconds",
                       (long long)((x->retry_after_ms + 999) / 1000));
    if (!x->principal.user_id[0])
        return err_set(err, ERR_UNAUTHENTICATED, "the user or the password is wrong");
    return 0;
}

int auth_login(struct auth_login *x, struct err *err)
{
    if (auth_run(&x->act, err) < 0 || auth_login_verify(x, err) < 0 || auth_run(&x->act, err) < 0)
        return -1;
    return auth_login_result(x, err);
}

/* ---- logout ---- */

static int logout_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct auth_logout *x = ctx;
    int64_t ended;

    if (store_exec(tx, "DELETE FROM sessions WHERE hash = $1", STORE_ARGS(store_text(x->hash)), &ended, err) < 0)
        return -1;
    return ended ? auth_audit(tx, &x->act, "logout", x->act.origin.by ? x->act.origin.by->name : NULL, "ok", NULL, err) : 0;
}

void auth_logout_init(struct auth_logout *x, struct auth *auth, const struct auth_origin *origin, const char *token)
{
    *x = (struct auth_logout){.act = {.auth = auth, .origin = *origin, .unit = logout_unit, .changes_rights = true}};
    crypto_sha256_hex(token ? token : "", token ? strlen(token) : 0, x->hash);
}
