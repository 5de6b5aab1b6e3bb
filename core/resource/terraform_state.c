/* Owns the states of Terraform: documents, versions, locks. Called by the api's own threads; units run on store threads. */
#include "resource/terraform_state.h"
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "secret/secret_store.h"
#include <stdio.h>
#include <string.h>

#define WHERE_STATE   "org = $1 AND team = $2 AND name = $3"
#define STATE_ARGS(s) store_text((s)->org), store_text((s)->team), store_text((s)->name)
#define PLACE_BYTES   512
#define NEWEST_OF(table)                                                                                                                   \
    " = (SELECT max(n.version) FROM terraform_states n WHERE n.org = " table ".org AND n.team = " table ".team AND n.name = " table ".nam" \
    "e)"

static int check_name(const char *name, struct err *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t len = strlen(name);

    if (len && len <= LIMIT_TERRAFORM_NAME && name[0] != '.' && strspn(name, allowed) == len)
        return 0;
    return err_set(err, ERR_BAD_NAME, "\"%.60s\" is no name of a state: 1 to %d letters, digits, '.', '_' and '-', not beginning with '.'",
                   name, LIMIT_TERRAFORM_NAME);
}

/* What a sealed document is bound to: it does not open as that of another state. */
static const char *place_of(const struct terraform_state *s, char out[static PLACE_BYTES])
{
    snprintf(out, PLACE_BYTES, "terraform:%s/%s/%s", s->org, s->team, s->name);
    return out;
}

/* ---- reading ---- */

struct reading {
    const struct terraform_state *state;
    int64_t version;
    struct secret *out;
};

static int read_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    const struct reading *r = ctx;
    char place[PLACE_BYTES];
    const void *sealed;
    size_t len;
    int more;

    if (store_query(tx,
                    "SELECT sealed FROM terraform_states WHERE " WHERE_STATE
                    " AND (version = CAST($4 AS BIGINT) OR CAST($4 AS BIGINT) = 0) ORDER BY version DESC LIMIT 1",
                    STORE_ARGS(STATE_ARGS(r->state), store_int(r->version)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if ((!more || store_col_null(rows, 0)) && r->version)
        return err_set(err, ERR_NOT_FOUND, "there is no version %lld of state %s", (long long)r->version, r->state->name);
    if (!more || store_col_null(rows, 0))
        return err_set(err, ERR_NOT_FOUND, "there is no state %s", r->state->name);
    sealed = store_col_blob(rows, 0, &len);
    return secret_unseal(r->state->secrets, place_of(r->state, place), sealed, len, r->out, err);
}

int terraform_state_read(const struct terraform_state *state, int64_t version, struct secret *out, struct err *err)
{
    struct reading r = {.state = state, .version = version, .out = out};

    return check_name(state->name, err) < 0 ? -1 : store_read(state->store, read_unit, &r, err);
}

/* ---- locks ---- */

/* One act on a state; what its unit finds out is written anew each time that it runs. */
struct act {
    const struct terraform_state *state;
    const char *lock_id; /* NULL: none */
    const json_t *info;  /* lock */
    const char *sha256;  /* write; NULL: delete */
    const unsigned char *sealed;
    size_t sealed_len, len;
    int64_t serial;
    const char *lineage;
    json_t *holder; /* who has the lock instead */
};

/* out_id: "" when nobody holds it. */
static int read_lock(struct store_tx *tx, struct act *act, char out_id[static LIMIT_TERRAFORM_NAME + 1], struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    const char *info;
    int more;

    json_put(&act->holder);
    out_id[0] = '\0';
    if (store_query(tx, "SELECT id, info FROM terraform_locks WHERE " WHERE_STATE, STORE_ARGS(STATE_ARGS(act->state)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (!more)
        return 0;
    snprintf(out_id, LIMIT_TERRAFORM_NAME + 1, "%s", store_col_text(rows, 0));
    info = store_col_text(rows, 1);
    return json_parse(info, strlen(info), "lock", LIMIT_TERRAFORM_LOCK_BYTES, &act->holder, err);
}

static int refuse_locked(const struct act *act, const char *id, struct err *err)
{
    const char *who = json_str(act->holder, "Who"), *operation = json_str(act->holder, "Operation");

    return err_set(err, ERR_LOCKED, "state %s is locked by %.100s (%.60s, lock %.60s)", act->state->name, who ? who : "somebody",
                   operation ? operation : "unknown operation", id);
}

/* The caller holds the lock, or nobody does. */
static int check_lock(struct store_tx *tx, struct act *act, struct err *err)
{
    char id[LIMIT_TERRAFORM_NAME + 1];

    if (read_lock(tx, act, id, err) < 0)
        return -1;
    return id[0] && !str_eq(id, act->lock_id ? act->lock_id : "") ? refuse_locked(act, id, err) : 0;
}

static int record(struct store_tx *tx, const struct act *act, const char *action, int64_t version, struct err *err)
{
    CLEANUP(json_put) json_t *detail = json_object();

    if (version)
        json_set_int(detail, "version", version);
    json_set_str(detail, "sha256", act->sha256);
    if (act->holder)
        json_object_set(detail, "lock", act->holder);
    return audit_write(tx,
                       &(struct audit_row){.org = act->state->org,
                                           .actor = act->state->actor,
                                           .team = act->state->team,
                                           .action = action,
                                           .object = act->state->name,
                                           .detail = detail,
                                           .request_id = act->state->request_id,
                                           .source_ip = act->state->source_ip},
                       err);
}

static int lock_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct act *act = ctx;
    CLEANUP(free_ptr) char *info = json_text(act->info);
    char id[LIMIT_TERRAFORM_NAME + 1];

    if (read_lock(tx, act, id, err) < 0)
        return -1;
    if (id[0])
        return str_eq(id, act->lock_id) ? 0 : refuse_locked(act, id, err);
    return store_exec(tx,
                      "INSERT INTO terraform_locks (org, team, name, id, info, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                      STORE_ARGS(STATE_ARGS(act->state), store_text(act->lock_id), store_text(info), store_text(act->state->actor),
                                 store_int(clock_now_us())),
                      NULL, err);
}

static int unlock_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct act *act = ctx;
    char id[LIMIT_TERRAFORM_NAME + 1];

    if (read_lock(tx, act, id, err) < 0)
        return -1;
    if (!id[0])
        return 0;
    if (act->lock_id && !str_eq(id, act->lock_id))
        return refuse_locked(act, id, err);
    if (store_exec(tx, "DELETE FROM terraform_locks WHERE " WHERE_STATE, STORE_ARGS(STATE_ARGS(act->state)), NULL, err) < 0)
        return -1;
    return act->lock_id ? 0 : record(tx, act, "terraform.force_unlock", 0, err);
}

/* Runs a unit; who holds the lock is handed out when that is why it was refused. */
static int run(struct act *act, store_unit unit, json_t **out_holder, struct err *err)
{
    int rc;

    if (check_name(act->state->name, err) < 0)
        return -1;
    rc = store_write_wait(act->state->store, unit, act, err);
    if (rc < 0 && act->holder && out_holder && err->code == ERR_LOCKED)
        *out_holder = json_incref(act->holder);
    json_put(&act->holder);
    return rc;
}

int terraform_state_lock(const struct terraform_state *state, const json_t *info, json_t **out_holder, struct err *err)
{
    struct act act = {.state = state, .info = info, .lock_id = json_str(info, "ID")};

    if (!act.lock_id || !act.lock_id[0])
        return err_set(err, ERR_MISSING_FIELD, "a lock needs a text \"ID\"");
    if (strlen(act.lock_id) > LIMIT_TERRAFORM_NAME || json_text_most(info) > LIMIT_TERRAFORM_LOCK_BYTES)
        return err_set(err, ERR_LIMIT, "a lock's ID has at most %d bytes, all of it %u", LIMIT_TERRAFORM_NAME, LIMIT_TERRAFORM_LOCK_BYTES);
    return run(&act, lock_unit, out_holder, err);
}

int terraform_state_unlock(const struct terraform_state *state, const char *lock_id, json_t **out_holder, struct err *err)
{
    struct act act = {.state = state, .lock_id = lock_id};

    return run(&act, unlock_unit, out_holder, err);
}

/* ---- writing ---- */

struct newest {
    int64_t version;
    char sha256[CRYPTO_SHA256_HEX]; /* "" of a deletion, and when there is none */
};

static int read_newest(struct store_tx *tx, const struct act *act, struct newest *out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    *out = (struct newest){0};
    if (store_query(tx, "SELECT version, sha256 FROM terraform_states WHERE " WHERE_STATE " ORDER BY version DESC LIMIT 1",
                    STORE_ARGS(STATE_ARGS(act->state)), &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (more) {
        out->version = store_col_int(rows, 0);
        snprintf(out->sha256, sizeof out->sha256, "%s", store_col_text(rows, 1));
    }
    return 0;
}

static int add_version(struct store_tx *tx, const struct act *act, int64_t version, struct err *err)
{
    if (store_exec(
            tx,
            "INSERT INTO terraform_states (org, team, name, version, serial, lineage, bytes, sha256, sealed, created_by, created_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            STORE_ARGS(STATE_ARGS(act->state), store_int(version), act->sealed ? store_int(act->serial) : store_null(),
                       store_text(act->lineage), store_int((int64_t)act->len), store_text(act->sha256 ? act->sha256 : ""),
                       act->sealed ? store_blob(act->sealed, act->sealed_len) : store_null(), store_text(act->state->actor),
                       store_int(clock_now_us())),
            NULL, err) < 0)
        return -1;
    return store_exec(tx, "DELETE FROM terraform_states WHERE " WHERE_STATE " AND version <= $4",
                      STORE_ARGS(STATE_ARGS(act->state), store_int(version - LIMIT_TERRAFORM_VERSIONS)), NULL, err);
}

static int write_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct act *act = ctx;
    struct newest newest;

    if (check_lock(tx, act, err) < 0 || read_newest(tx, act, &newest, err) < 0)
        return -1;
    if (str_eq(newest.sha256, act->sha256)) /* a request that was sent again */
        return 0;
    return add_version(tx, act, newest.version + 1, err) < 0 ? -1 : record(tx, act, "terraform.write", newest.version + 1, err);
}

static int delete_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct act *act = ctx;
    struct newest newest;

    if (check_lock(tx, act, err) < 0 || read_newest(tx, act, &newest, err) < 0)
        return -1;
    if (!newest.sha256[0])
        return 0;
    return add_version(tx, act, newest.version + 1, err) < 0 ? -1 : record(tx, act, "terraform.delete", newest.version + 1, err);
}

int terraform_state_write(const struct terraform_state *state, const char *lock_id, const char *text, size_t len, json_t **out_holder,
                          struct err *err)
{
    CLEANUP(json_put) json_t *document = NULL;
    CLEANUP(free_ptr) unsigned char *sealed = NULL;
    struct act act = {.state = state, .lock_id = lock_id, .len = len};
    char place[PLACE_BYTES], sha256[CRYPTO_SHA256_HEX];

    if (len > LIMIT_TERRAFORM_BYTES)
        return err_set(err, ERR_TOO_LARGE, "a state has at most %u bytes, not %zu", LIMIT_TERRAFORM_BYTES, len);
    if (json_parse(text, len, "state", LIMIT_TERRAFORM_BYTES, &document, err) < 0)
        return -1;
    if (!json_is_object(document))
        return err_set(err, ERR_WRONG_TYPE, "a state is a JSON object");
    act.serial = json_int(document, "serial", 0);
    act.lineage = json_str(document, "lineage");
    act.sha256 = crypto_sha256_hex(text, len, sha256);
    if (secret_seal(state->secrets, place_of(state, place), text, len, &sealed, &act.sealed_len, err) < 0)
        return -1;
    act.sealed = sealed;
    return run(&act, write_unit, out_holder, err);
}

int terraform_state_delete(const struct terraform_state *state, const char *lock_id, json_t **out_holder, struct err *err)
{
    struct act act = {.state = state, .lock_id = lock_id};

    return run(&act, delete_unit, out_holder, err);
}

/* ---- lists ---- */

#define COLUMNS "s.name, s.team, s.version, s.serial, s.lineage, s.bytes, s.sha256, s.created_at, s.created_by"

static int read_row(struct store_rows *rows, int at, json_t *out, struct err *err)
{
    read_set_text(out, "name", rows, at);
    read_set_text(out, "team", rows, at + 1);
    read_set_int(out, "version", rows, at + 2);
    if (!store_col_null(rows, at + 3))
        read_set_int(out, "serial", rows, at + 3);
    read_set_text(out, "lineage", rows, at + 4);
    read_set_int(out, "bytes", rows, at + 5);
    if (store_col_text(rows, at + 6)[0])
        read_set_text(out, "sha256", rows, at + 6);
    read_set_time(out, "updated_at", rows, at + 7);
    read_set_text(out, "updated_by", rows, at + 8);
    return read_set_json(out, "lock", rows, at + 9, err);
}

static const struct read_field fields[] = {{"name", "s.name", false}, {"updated_at", "s.created_at", true}, {0}};

static const struct read_list states = {
    .columns = COLUMNS ", l.info",
    .from = "terraform_states s LEFT JOIN terraform_locks l ON l.org = s.org AND l.team = s.team AND l.name = s.name",
    .org = "s.org",
    .team = "s.team",
    .where = "s.sealed IS NOT NULL AND s.version" NEWEST_OF("s"),
    .id = "(s.team || '/' || s.name)",
    .at = "s.created_at",
    .fields = fields,
    .row = read_row,
};

int terraform_state_list(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items,
                         char **out_cursor, struct err *err)
{
    return read_list_run(store, &states, scope, page, out_items, out_cursor, err);
}

struct history {
    const struct terraform_state *state;
    json_t *items;
};

static int versions_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct history *h = ctx;
    int more;

    json_put(&h->items);
    h->items = json_array();
    if (store_query(tx, "SELECT " COLUMNS ", NULL FROM terraform_states s WHERE " WHERE_STATE " ORDER BY s.version DESC",
                    STORE_ARGS(STATE_ARGS(h->state)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        json_t *item = json_object();

        json_array_append_new(h->items, item);
        if (read_row(rows, 0, item, err) < 0)
            return -1;
        if (!json_object_get(item, "sha256"))
            json_set_flag(item, "deleted", true);
    }
    return more;
}

int terraform_state_versions(const struct terraform_state *state, json_t **out_items, struct err *err)
{
    struct history h = {.state = state};

    if (check_name(state->name, err) < 0)
        return -1;
    if (store_read(state->store, versions_unit, &h, err) < 0) {
        json_put(&h.items);
        return -1;
    }
    *out_items = h.items;
    return 0;
}
