/* Owns API keys: making, revoking, listing, and the first start, which makes the admin and his key. */
#include "auth/auth_priv.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/str.h"
#include "observe/filter.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int insert_key(struct store_tx *tx, const struct auth_key_add *x, const char *user_id, struct err *err)
{
    char hash[CRYPTO_SHA256_HEX];

    crypto_sha256_hex(x->key, strlen(x->key), hash);
    return store_exec(tx,
                      "INSERT INTO api_keys (id, user_id, name, prefix, hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                      STORE_ARGS(store_text(x->id), store_text(user_id), store_text(x->name), store_text(x->prefix), store_text(hash),
                                 store_int(x->created_at), x->expires_at ? store_int(x->expires_at) : store_null()),
                      NULL, err);
}

static json_t *key_detail(const struct auth_key_add *x)
{
    json_t *detail = json_object();

    json_set_str(detail, "user", x->user);
    json_set_str(detail, "name", x->name);
    json_set_str(detail, "prefix", x->prefix);
    json_set_time(detail, "expires_at", x->expires_at);
    return detail;
}

static int add_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct auth_key_add *x = ctx;
    CLEANUP(json_put) json_t *detail = key_detail(x);
    struct auth_user user;
    int64_t count;
    bool found;

    if (auth_find_user(tx, origin_org(&x->act.origin), x->user, &user, &found, NULL, 0, err) < 0)
        return -1;
    if (!found || user.disabled_at)
        return err_set(err, ERR_NOT_FOUND, "there is no user \"%s\", or it is disabled", x->user);
    if (store_query_int(tx, "SELECT count(*) FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL", STORE_ARGS(store_text(user.id)), 0,
                        &count, err) < 0)
        return -1;
    if (count >= LIMIT_KEYS_PER_USER)
        return err_set(err, ERR_LIMIT, "\"%s\" has %lld keys, the limit is %d; revoke one first", x->user, (long long)count,
                       LIMIT_KEYS_PER_USER);
    if (insert_key(tx, x, user.id, err) < 0)
        return -1;
    return auth_audit(tx, &x->act, "key.add", x->id, "ok", detail, err);
}

static int check_key_name(const char *name, struct err *err)
{
    size_t len = name ? strlen(name) : 0;

    if (len == 0 || len > LIMIT_NAME_CHARS || !str_is_utf8(name, len) || strpbrk(name, "\r\n\t"))
        return err_set(err, ERR_BAD_NAME, "a key needs a name of 1 to %d bytes on one line", LIMIT_NAME_CHARS);
    return 0;
}

/* What a key makes ends with it at the latest, whomever it is for: else a key that leaked for an hour would be good for ever. A session is
 * no key: behind it stands a password. */
static int check_parent(const struct principal *by, int64_t *expires_at, struct err *err)
{
    if (!by || !by->key_id[0] || !by->expires_at)
        return 0;
    if (*expires_at > by->expires_at)
        return err_set(err, ERR_BAD_VALUE, "the key would outlive the one that makes it; ask for an earlier end, or sign in to make it");
    if (!*expires_at)
        *expires_at = by->expires_at;
    return 0;
}

static void make_key(struct auth_key_add *x, const char *user, const char *name, int64_t expires_at)
{
    snprintf(x->user, sizeof x->user, "%s", user);
    snprintf(x->name, sizeof x->name, "%s", name);
    id_new("k", x->id);
    auth_make_key("inno_", x->key, x->prefix);
    x->created_at = clock_now_us();
    x->expires_at = expires_at;
}

int auth_key_add_init(struct auth_key_add *x, struct auth *auth, const struct auth_origin *origin, const char *user, const char *name,
                      int64_t expires_at, struct err *err)
{
    const struct principal *by = origin->by;

    *x = (struct auth_key_add){.act = {.auth = auth, .origin = *origin, .unit = add_unit}};
    if ((by && auth_require(by, str_eq(by->name, user) ? PERM_OWN_KEYS : PERM_USERS, err) < 0) || auth_check_user_name(user, err) < 0 ||
        check_key_name(name, err) < 0)
        return -1;
    if (expires_at < 0 || (expires_at && expires_at <= clock_now_us()))
        return err_set(err, ERR_BAD_VALUE, "the key would be expired at once");
    if (check_parent(by, &expires_at, err) < 0)
        return -1;
    make_key(x, user, name, expires_at);
    return 0;
}

json_t *auth_key_add_json(const struct auth_key_add *x)
{
    json_t *out = json_object();

    json_set_str(out, "id", x->id);
    json_set_str(out, "name", x->name);
    json_set_str(out, "user", x->user);
    json_set_str(out, "prefix", x->prefix);
    json_set_time(out, "created_at", x->created_at);
    json_set_time(out, "expires_at", x->expires_at);
    json_set_str(out, "key", x->key);
    return out;
}

/* ---- revoking ---- */

static int find_key(struct store_tx *tx, const struct auth_key_revoke *x, char id[static ID_BYTES], char owner[static AUTH_NAME_BYTES],
                    struct err *err)
{
    const struct principal *by = x->act.origin.by;
    bool everybody = !by || auth_may(by, PERM_USERS);
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct filter where;
    int more;

    filter_init(&where, "SELECT k.id, u.name FROM api_keys k JOIN users u ON u.id = k.user_id");
    filter_text(&where, "u.org = ?", origin_org(&x->act.origin));
    filter_text(&where, "(k.id = ? OR k.prefix = ?)", x->key ? x->key : "");
    filter_text(&where, "k.user_id = ?", everybody ? NULL : by->user_id);
    filter_plain(&where, "k.revoked_at IS NULL");
    filter_tail(&where, "LIMIT ?", 1);
    if (store_query(tx, where.sql, where.args, where.count, &rows, err) < 0 || (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "there is no such key, or it was revoked already");
    snprintf(id, ID_BYTES, "%s", store_col_text(rows, 0));
    snprintf(owner, AUTH_NAME_BYTES, "%s", store_col_text(rows, 1));
    return 0;
}

static int revoke_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct auth_key_revoke *x = ctx;
    CLEANUP(json_put) json_t *detail = json_object();
    char id[ID_BYTES], owner[AUTH_NAME_BYTES];

    if (find_key(tx, x, id, owner, err) < 0 || store_exec(tx, "UPDATE api_keys SET revoked_at = $2 WHERE id = $1",
                                                          STORE_ARGS(store_text(id), store_int(clock_now_us())), NULL, err) < 0)
        return -1;
    json_set_str(detail, "user", owner);
    return auth_audit(tx, &x->act, "key.revoke", id, "ok", detail, err);
}

void auth_key_revoke_init(struct auth_key_revoke *x, struct auth *auth, const struct auth_origin *origin, const char *key)
{
    *x = (struct auth_key_revoke){.act = {.auth = auth, .origin = *origin, .unit = revoke_unit, .changes_rights = true}, .key = key};
}

/* ---- listing ---- */

struct list {
    const char *org, *user;
    json_t *items;
};

static json_t *row_to_json(struct store_rows *rows)
{
    json_t *out = json_object();

    json_set_str(out, "id", store_col_text(rows, 0));
    json_set_str(out, "name", store_col_text(rows, 1));
    json_set_str(out, "prefix", store_col_text(rows, 2));
    json_set_time(out, "created_at", store_col_int(rows, 3));
    json_set_time(out, "expires_at", store_col_int(rows, 4));
    json_set_time(out, "last_used_at", store_col_int(rows, 5));
    json_set_str(out, "user", store_col_text(rows, 6));
    return out;
}

static int list_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct list *l = ctx;
    struct filter where;
    int more;

    json_put(&l->items);
    l->items = json_array();
    filter_init(&where, "SELECT k.id, k.name, k.prefix, k.created_at, k.expires_at, k.last_used_at, u.name FROM api_keys k JOIN users u ON "
                        "u.id = k.user_id");
    filter_text(&where, "u.org = ?", l->org);
    filter_text(&where, "u.name = ?", l->user);
    filter_plain(&where, "k.revoked_at IS NULL");
    filter_tail(&where, "ORDER BY k.id DESC LIMIT ?", 1000);
    if (store_query(tx, where.sql, where.args, where.count, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        json_array_append_new(l->items, row_to_json(rows));
    return more;
}

int auth_list_keys(struct auth *auth, const char *org, const char *user, json_t **out_items, struct err *err)
{
    struct list l = {.org = org ? org : ORG_DEFAULT, .user = user};

    if (store_read(auth->store, list_unit, &l, err) < 0) {
        json_put(&l.items);
        return -1;
    }
    *out_items = l.items;
    return 0;
}

/* ---- the first start ---- */

struct bootstrap {
    struct auth_key_add add;
    bool renew, created;
};

static int count_users(struct store_tx *tx, void *ctx, struct err *err)
{
    return store_query_int(tx, "SELECT count(*) FROM users", STORE_NO_ARGS, 0, ctx, err);
}

static int insert_admin(struct store_tx *tx, const struct auth_key_add *add, const char *id, struct err *err)
{
    return store_exec(tx, "INSERT INTO users (id, org, name, role, team, created_at) VALUES ($1, $2, $3, 'admin', 'platform', $4)",
                      STORE_ARGS(store_text(id), store_text(ORG_DEFAULT), store_text(add->user), store_int(add->created_at)), NULL, err);
}

static int make_admin(struct store_tx *tx, const char *id, struct err *err)
{
    return store_exec(tx, "UPDATE users SET role = 'admin', disabled_at = NULL WHERE id = $1", STORE_ARGS(store_text(id)), NULL, err);
}

/* Another key for the admin, who is made again when he is gone, disabled or no admin any more: who owns the state directory asks for it. */
static int renew_admin(struct store_tx *tx, struct bootstrap *b, const json_t *detail, struct err *err)
{
    char id[ID_BYTES];
    struct auth_user user;
    bool found;

    if (auth_find_user(tx, ORG_DEFAULT, b->add.user, &user, &found, NULL, 0, err) < 0)
        return -1;
    if (found)
        snprintf(id, sizeof id, "%s", user.id);
    else
        id_new("u", id);
    if ((found ? make_admin(tx, id, err) : insert_admin(tx, &b->add, id, err)) < 0 || insert_key(tx, &b->add, id, err) < 0 ||
        auth_audit(tx, &b->add.act, "key.renew", b->add.id, "ok", detail, err) < 0)
        return -1;
    b->created = true;
    return 0;
}

static int bootstrap_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct bootstrap *b = ctx;
    CLEANUP(json_put) json_t *detail = key_detail(&b->add);
    char id[ID_BYTES];
    int64_t users;

    b->created = false;
    if (b->renew)
        return renew_admin(tx, b, detail, err);
    if (count_users(tx, &users, err) < 0)
        return -1;
    if (users > 0)
        return 0;
    id_new("u", id);
    if (insert_admin(tx, &b->add, id, err) < 0 || insert_key(tx, &b->add, id, err) < 0 ||
        auth_audit(tx, &b->add.act, "bootstrap", b->add.user, "ok", detail, err) < 0)
        return -1;
    b->created = true;
    return 0;
}

/* The file comes first: a crash in between leaves a key that nobody knows, and the next start writes another one over it. */
static int write_and_create(struct bootstrap *b, const char *path, struct err *err)
{
    char line[AUTH_KEY_BYTES + 1];
    int result;

    snprintf(line, sizeof line, "%s\n", b->add.key);
    result = io_write_atomic(path, line, strlen(line), 0600, err);
    secret_wipe(line, sizeof line);
    if (result < 0)
        return err_wrap(err, "the admin's key cannot be written");
    result = store_write_wait(b->add.act.auth->store, bootstrap_unit, b, err);
    if (result < 0 || !b->created) /* another server on the same database was faster: this key opens nothing */
        unlink(path);
    return result;
}

int auth_bootstrap(struct auth *auth, const char *state_dir, char out_key[static AUTH_KEY_BYTES], bool *out_created, struct err *err)
{
    CLEANUP(free_ptr) char *path = mem_printf("%s/admin.key", state_dir);
    struct bootstrap b = {.add = {.act = {.auth = auth}}};
    int64_t users;
    int result;

    if (store_read(auth->store, count_users, &users, err) < 0)
        return -1;
    if (users > 0) {
        *out_created = false;
        return 0;
    }
    make_key(&b.add, "admin", "first start", 0);
    result = write_and_create(&b, path, err);
    if (result == 0 && b.created)
        memcpy(out_key, b.add.key, AUTH_KEY_BYTES);
    if (result == 0)
        *out_created = b.created;
    secret_wipe(&b, sizeof b);
    return result;
}

int auth_renew_admin(struct auth *auth, const char *state_dir, struct err *err)
{
    CLEANUP(free_ptr) char *path = mem_printf("%s/admin.key", state_dir);
    struct bootstrap b = {.add = {.act = {.auth = auth}}, .renew = true};
    int result;

    make_key(&b.add, "admin", "renewed", 0);
    result = write_and_create(&b, path, err);
    secret_wipe(&b, sizeof b);
    return result;
}
