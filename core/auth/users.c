/* Owns users: adding, changing, deleting, listing. The init functions run on HTTP and command-line threads (a password is hashed there),
 * the units on store threads. */
#include "auth/auth_priv.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "observe/filter.h"
#include <stdio.h>
#include <string.h>

#define PASSWORD_LEAST 8

int auth_hash_password(struct auth *auth, const char *password, size_t len, char out[static CRYPTO_PASSWORD_PHC], struct err *err)
{
    if (len < PASSWORD_LEAST || len > LIMIT_PASSWORD_BYTES)
        return err_set(err, ERR_BAD_VALUE, "password: %d to %u bytes are needed, these are %zu", PASSWORD_LEAST, LIMIT_PASSWORD_BYTES, len);
    return crypto_password_hash(&auth->gate, password, len, out, err);
}

/* ---- reading ---- */

int auth_read_user(struct store_rows *rows, int column, struct auth_user *out, struct err *err)
{
    struct auth_user user = {.created_at = store_col_int(rows, column + 4),
                             .last_login_at = store_col_int(rows, column + 5),
                             .disabled_at = store_col_int(rows, column + 6)};
    struct err why;

    if (role_parse(store_col_text(rows, column + 2), &user.role, &why) < 0)
        return err_set(err, ERR_STORE_CORRUPT, "user %s: %s", store_col_text(rows, column), why.msg);
    snprintf(user.id, sizeof user.id, "%s", store_col_text(rows, column));
    snprintf(user.name, sizeof user.name, "%s", store_col_text(rows, column + 1));
    snprintf(user.team, sizeof user.team, "%s", store_col_text(rows, column + 3));
    *out = user;
    return 0;
}

int auth_find_user(struct store_tx *tx, const char *org, const char *name, struct auth_user *out, bool *out_found, char *stored_password,
                   size_t cap, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, "SELECT " USER_COLUMNS ", u.password FROM users u WHERE u.org = $1 AND u.name = $2",
                    STORE_ARGS(store_text(org), store_text(name)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    *out_found = more > 0;
    if (!more)
        return 0;
    if (stored_password)
        snprintf(stored_password, cap, "%s", store_col_text(rows, 7) ? store_col_text(rows, 7) : "");
    return auth_read_user(rows, 0, out, err);
}

static int must_find(struct store_tx *tx, const struct auth_act *act, const char *name, struct auth_user *out, struct err *err)
{
    bool found;

    if (auth_find_user(tx, origin_org(&act->origin), name, out, &found, NULL, 0, err) < 0)
        return -1;
    return found ? 0 : err_set(err, ERR_NOT_FOUND, "there is no user \"%.64s\"", name);
}

/* ---- adding ---- */

static int add_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct auth_user_add *x = ctx;
    CLEANUP(json_put) json_t *detail = json_object();
    struct auth_user other;
    bool taken;

    if (auth_find_user(tx, origin_org(&x->act.origin), x->user.name, &other, &taken, NULL, 0, err) < 0)
        return -1;
    if (taken)
        return err_set(err, ERR_CONFLICT, "there is a user \"%s\" already", x->user.name);
    if (store_exec(tx, "INSERT INTO users (id, org, name, role, team, password, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                   STORE_ARGS(store_text(x->user.id), store_text(origin_org(&x->act.origin)), store_text(x->user.name),
                              store_text(role_name(x->user.role)), store_text(x->user.team),
                              store_text(x->password[0] ? x->password : NULL), store_int(x->user.created_at)),
                   NULL, err) < 0)
        return -1;
    json_set_str(detail, "role", role_name(x->user.role));
    json_set_str(detail, "team", x->user.team);
    return auth_audit(tx, &x->act, "user.add", x->user.name, "ok", detail, err);
}

int auth_user_add_init(struct auth_user_add *x, struct auth *auth, const struct auth_origin *origin, const char *name, const char *role,
                       const char *team, const char *password, size_t password_len, struct err *err)
{
    *x = (struct auth_user_add){.act = {.auth = auth, .origin = *origin, .unit = add_unit}};
    if ((origin->by && auth_require(origin->by, PERM_USERS, err) < 0) || auth_check_user_name(name, err) < 0 ||
        auth_check_team_name(team, err) < 0 || role_parse(role, &x->user.role, err) < 0 ||
        (password && auth_hash_password(auth, password, password_len, x->password, err) < 0))
        return -1;
    id_new("u", x->user.id);
    snprintf(x->user.name, sizeof x->user.name, "%s", name);
    snprintf(x->user.team, sizeof x->user.team, "%s", team);
    x->user.created_at = clock_now_us();
    return 0;
}

/* ---- changing and deleting ---- */

/* Locking oneself out of the platform is not undone by anybody. */
static int keep_an_admin(struct store_tx *tx, const struct auth_user *leaving, const char *org, struct err *err)
{
    int64_t others;

    if (leaving->role != ROLE_ADMIN || leaving->disabled_at)
        return 0;
    if (store_query_int(tx, "SELECT count(*) FROM users WHERE org = $1 AND role = 'admin' AND disabled_at IS NULL AND id <> $2",
                        STORE_ARGS(store_text(org), store_text(leaving->id)), 0, &others, err) < 0)
        return -1;
    return others > 0 ? 0 : err_set(err, ERR_CONFLICT, "\"%s\" is the last admin; make another user admin first", leaving->name);
}

static int end_sessions(struct store_tx *tx, const char *user_id, struct err *err)
{
    return store_exec(tx, "DELETE FROM sessions WHERE user_id = $1", STORE_ARGS(store_text(user_id)), NULL, err);
}

/* Applies what is asked for to `user`; tells it in `detail`. */
static int apply_change(const struct auth_user_change *x, struct auth_user *user, json_t *detail, struct err *err)
{
    if (x->role && role_parse(x->role, &user->role, err) < 0)
        return -1;
    if (x->team && auth_check_team_name(x->team, err) < 0)
        return -1;
    if (x->team)
        snprintf(user->team, sizeof user->team, "%s", x->team);
    if (x->disabled >= 0)
        user->disabled_at = !x->disabled ? 0 : user->disabled_at ? user->disabled_at : clock_now_us();
    json_set_str(detail, "role", x->role);
    json_set_str(detail, "team", x->team);
    if (x->disabled >= 0)
        json_set_flag(detail, "disabled", x->disabled);
    if (x->password[0])
        json_set_flag(detail, "password", true);
    return 0;
}

static int may_change(const struct auth_user_change *x, struct err *err)
{
    const struct principal *by = x->act.origin.by;
    bool own_password = by && strcmp(by->name, x->name) == 0 && !x->role && !x->team && x->disabled < 0;

    return by ? auth_require(by, own_password ? PERM_OWN_KEYS : PERM_USERS, err) : 0;
}

static int change_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct auth_user_change *x = ctx;
    CLEANUP(json_put) json_t *detail = json_object();
    const char *org = origin_org(&x->act.origin);
    struct auth_user before, user;

    if (may_change(x, err) < 0 || must_find(tx, &x->act, x->name, &before, err) < 0)
        return -1;
    user = before;
    if (apply_change(x, &user, detail, err) < 0 ||
        ((user.role != ROLE_ADMIN || user.disabled_at) && keep_an_admin(tx, &before, org, err) < 0))
        return -1;
    if (store_exec(tx, "UPDATE users SET role = $2, team = $3, disabled_at = $4, password = COALESCE($5, password) WHERE id = $1",
                   STORE_ARGS(store_text(user.id), store_text(role_name(user.role)), store_text(user.team),
                              user.disabled_at ? store_int(user.disabled_at) : store_null(),
                              store_text(x->password[0] ? x->password : NULL)),
                   NULL, err) < 0)
        return -1;
    if ((x->password[0] || user.disabled_at) && end_sessions(tx, user.id, err) < 0)
        return -1;
    return auth_audit(tx, &x->act, "user.change", user.name, "ok", detail, err);
}

void auth_user_change_init(struct auth_user_change *x, struct auth *auth, const struct auth_origin *origin, const char *name)
{
    *x = (struct auth_user_change){
        .act = {.auth = auth, .origin = *origin, .unit = change_unit, .changes_rights = true}, .name = name, .disabled = -1};
}

int auth_user_change_password(struct auth_user_change *x, const char *password, size_t len, struct err *err)
{
    return auth_hash_password(x->act.auth, password, len, x->password, err);
}

static int delete_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct auth_user_delete *x = ctx;
    struct auth_user user;

    if (must_find(tx, &x->act, x->name, &user, err) < 0 || keep_an_admin(tx, &user, origin_org(&x->act.origin), err) < 0 ||
        end_sessions(tx, user.id, err) < 0 ||
        store_exec(tx, "DELETE FROM api_keys WHERE user_id = $1", STORE_ARGS(store_text(user.id)), NULL, err) < 0 ||
        store_exec(tx, "DELETE FROM users WHERE id = $1", STORE_ARGS(store_text(user.id)), NULL, err) < 0)
        return -1;
    return auth_audit(tx, &x->act, "user.delete", user.name, "ok", NULL, err);
}

int auth_user_delete_init(struct auth_user_delete *x, struct auth *auth, const struct auth_origin *origin, const char *name,
                          struct err *err)
{
    *x = (struct auth_user_delete){.act = {.auth = auth, .origin = *origin, .unit = delete_unit, .changes_rights = true}, .name = name};
    return origin->by ? auth_require(origin->by, PERM_USERS, err) : 0;
}

/* ---- listing ---- */

json_t *auth_user_json(const struct auth_user *user)
{
    json_t *out = json_object();

    json_set_str(out, "id", user->id);
    json_set_str(out, "name", user->name);
    json_set_str(out, "role", role_name(user->role));
    json_set_str(out, "team", user->team);
    json_set_time(out, "created_at", user->created_at);
    json_set_time(out, "last_login_at", user->last_login_at);
    json_set_time(out, "disabled_at", user->disabled_at);
    return out;
}

struct list {
    const char *org, *team, *cursor;
    int limit;
    json_t *items;
    char next[AUTH_NAME_BYTES];
};

static int list_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct list *l = ctx;
    struct filter where;
    struct auth_user user = {0};
    int more;

    json_put(&l->items);
    l->items = json_array();
    l->next[0] = '\0';
    filter_init(&where, "SELECT " USER_COLUMNS " FROM users u");
    filter_text(&where, "u.org = ?", l->org);
    filter_text(&where, "u.team = ?", l->team);
    filter_text(&where, "u.name > ?", l->cursor);
    filter_tail(&where, "ORDER BY u.name LIMIT ?", l->limit + 1);
    if (store_query(tx, where.sql, where.args, where.count, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        if (json_array_size(l->items) == (size_t)l->limit) {
            memcpy(l->next, user.name, sizeof l->next);
            break;
        }
        if (auth_read_user(rows, 0, &user, err) < 0)
            return -1;
        json_array_append_new(l->items, auth_user_json(&user));
    }
    return more < 0 ? -1 : 0;
}

int auth_list_users(struct auth *auth, const char *org, const char *team, const char *cursor, int limit, json_t **out_items,
                    char **out_cursor, struct err *err)
{
    struct list l = {.org = org ? org : ORG_DEFAULT,
                     .team = team,
                     .cursor = cursor,
                     .limit = limit > 0 && limit <= LIMIT_PAGE_ITEMS ? limit : DEFAULT_PAGE_ITEMS};

    if (cursor && auth_check_user_name(cursor, err) < 0)
        return err_set(err, ERR_REQUEST, "cursor: not one that this list gave");
    if (store_read(auth->store, list_unit, &l, err) < 0) {
        json_put(&l.items);
        return -1;
    }
    *out_items = l.items;
    *out_cursor = l.next[0] ? mem_strdup(l.next) : NULL;
    return 0;
}

static int teams_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct list *l = ctx;
    int more;

    json_put(&l->items);
    l->items = json_array();
    if (store_query(tx, "SELECT DISTINCT team FROM users WHERE org = $1 ORDER BY team", STORE_ARGS(store_text(l->org)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        json_append_str(l->items, store_col_text(rows, 0));
    return more;
}

int auth_list_teams(struct auth *auth, const char *org, json_t **out_names, struct err *err)
{
    struct list l = {.org = org ? org : ORG_DEFAULT};

    if (store_read(auth->store, teams_unit, &l, err) < 0) {
        json_put(&l.items);
        return -1;
    }
    *out_names = l.items;
    return 0;
}

/* ---- one ---- */

int auth_user_tx(struct store_tx *tx, const char *org, const char *name, json_t **out, struct err *err)
{
    struct auth_user user;
    bool found;

    if (auth_find_user(tx, org, name, &user, &found, NULL, 0, err) < 0)
        return -1;
    *out = found ? auth_user_json(&user) : NULL;
    return 0;
}

struct one {
    const char *org, *name;
    json_t *user;
};

static int one_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct one *one = ctx;

    json_put(&one->user);
    return auth_user_tx(tx, one->org, one->name, &one->user, err);
}

int auth_read_one_user(struct auth *auth, const char *org, const char *name, json_t **out, struct err *err)
{
    struct one one = {.org = org ? org : ORG_DEFAULT, .name = name};

    if (store_read(auth->store, one_unit, &one, err) < 0)
        return -1;
    *out = one.user;
    return 0;
}
