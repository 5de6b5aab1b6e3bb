/* Owns writing audit rows, sealing them and listing them. Called inside units of work; the sealer on the store's writer thread (or its
 * leader). */
#include "audit/audit.h"
#include "audit/chain_priv.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "observe/event.h"
#include "observe/filter.h"
#include <string.h>

/* ---- writing ---- */

/* Text as the chain can keep it: UTF-8 of bounded length. What a failed login calls itself must not be able to fail the row about it. */
static struct store_value safe_text(struct arena *arena, const char *text)
{
    size_t len = text ? strnlen(text, LIMIT_AUDIT_TEXT_BYTES + 1) : 0;
    CLEANUP(buf_fini) struct buf out = BUF_INIT(LIMIT_AUDIT_TEXT_BYTES * 4 + 4);

    if (!text || (len <= LIMIT_AUDIT_TEXT_BYTES && str_is_utf8(text, len)))
        return store_text(text);
    for (size_t i = 0; i < len && i < LIMIT_AUDIT_TEXT_BYTES; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c < 0x20 || c >= 0x7f)
            buf_printf(&out, "\\x%02x", c);
        else
            buf_add_char(&out, (char)c);
    }
    if (len > LIMIT_AUDIT_TEXT_BYTES)
        buf_add_text(&out, "...");
    return store_text(arena_strdup(arena, buf_text(&out)));
}

int audit_write(struct store_tx *tx, const struct audit_row *row, struct err *err)
{
    CLEANUP(free_ptr) char *detail = row->detail ? json_canonical(row->detail) : NULL;
    CLEANUP(arena_fini) struct arena arena = {0};
    const char *result = row->result ? row->result : "ok";

    if (!row->action || (strcmp(result, "ok") != 0 && strcmp(result, "denied") != 0 && strcmp(result, "failed") != 0))
        return err_set(err, ERR_INTERNAL, "an audit row needs an action, and ok, denied or failed as its result");
    if (detail && strlen(detail) > LIMIT_AUDIT_BYTES)
        return err_set(err, ERR_LIMIT, "audit row %s: %zu bytes of detail, the limit is %u", row->action, strlen(detail),
                       LIMIT_AUDIT_BYTES);
    return store_exec(tx,
                      "INSERT INTO audit (at, org, actor, team, action, object, environment, result, detail, request_id, source_ip)"
                      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                      STORE_ARGS(store_int(row->at ? row->at : clock_now_us()), safe_text(&arena, row->org ? row->org : ORG_DEFAULT),
                                 safe_text(&arena, row->actor ? row->actor : "system"), safe_text(&arena, row->team),
                                 safe_text(&arena, row->action), safe_text(&arena, row->object), safe_text(&arena, row->environment),
                                 store_text(result), store_text(detail), safe_text(&arena, row->request_id),
                                 safe_text(&arena, row->source_ip)),
                      NULL, err);
}

/* ---- sealing ---- */

int audit_head_read(struct store_tx *tx, struct audit_anchor *out, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct audit_anchor head = {.hash = AUDIT_FIRST_PREV};
    int more;

    if (store_query(tx, "SELECT value FROM meta WHERE key = 'audit_head'", STORE_NO_ARGS, &rows, err) < 0 ||
        (more = store_next(rows, err)) < 0)
        return -1;
    if (more && !audit_head_parse(store_col_text(rows, 0), &head))
        return err_set(err, ERR_STORE_CORRUPT, "meta.audit_head is not \"SEQ HASH\"");
    *out = head;
    return 0;
}

void audit_link_read(struct store_rows *rows, struct audit_link *out)
{
    *out = (struct audit_link){.seq = store_col_int(rows, 0),
                               .at = store_col_int(rows, 1),
                               .prev = store_col_text(rows, AUDIT_FIELDS + 2),
                               .hash = store_col_text(rows, AUDIT_FIELDS + 3)};
    for (int i = 0; i < AUDIT_FIELDS; i++)
        out->fields[i] = store_col_text(rows, i + 2);
}

struct unsealed {
    int64_t id; /* audit.seq */
    char hash[AUDIT_HASH_BYTES];
};

/* Reads up to LIMIT_SEAL_BATCH rows without a number and computes their links; `head` moves along. */
static int link_rows(struct store_tx *tx, struct arena *arena, struct audit_anchor *head, struct unsealed **out, size_t *out_count,
                     struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct unsealed *all = arena_array(arena, LIMIT_SEAL_BATCH, sizeof *all);
    size_t count = 0;
    int more;

    if (store_query(tx, "SELECT " AUDIT_COLUMNS ", seq FROM audit WHERE number IS NULL ORDER BY seq LIMIT $1",
                    STORE_ARGS(store_int(LIMIT_SEAL_BATCH)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0 && count < LIMIT_SEAL_BATCH) {
        struct audit_link link;

        audit_link_read(rows, &link);
        link.seq = ++head->seq;
        audit_link_hash(&link, head->hash, all[count].hash);
        all[count].id = store_col_int(rows, AUDIT_FIELDS + 4);
        memcpy(head->hash, all[count++].hash, sizeof head->hash);
    }
    *out = all;
    *out_count = count;
    return more;
}

static int seal_audit(struct store_tx *tx, size_t *out_count, struct err *err)
{
    CLEANUP(arena_fini) struct arena arena = {0};
    struct audit_anchor before, head;
    struct unsealed *rows;
    const char *prev;
    size_t count;

    if (audit_head_read(tx, &before, err) < 0)
        return -1;
    head = before;
    if (link_rows(tx, &arena, &head, &rows, &count, err) < 0)
        return -1;
    prev = before.hash;
    for (size_t i = 0; i < count; i++) {
        if (store_exec(
                tx, "UPDATE audit SET number = $2, prev = $3, hash = $4 WHERE seq = $1",
                STORE_ARGS(store_int(rows[i].id), store_int(before.seq + 1 + (int64_t)i), store_text(prev), store_text(rows[i].hash)), NULL,
                err) < 0)
            return -1;
        prev = rows[i].hash;
    }
    if (count &&
        store_exec(tx, "INSERT INTO meta (key, value) VALUES ('audit_head', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                   STORE_ARGS(store_text(arena_printf(&arena, "%lld %s", (long long)head.seq, head.hash))), NULL, err) < 0)
        return -1;
    *out_count = count;
    return 0;
}

int audit_seal(struct store_tx *tx, void *unused, struct err *err)
{
    int64_t events;
    size_t rows;

    (void)unused;
    /* Two who seal at once (a leader that lost its connection and the next one) must not give the same numbers: the second waits on this
     * row. */
    if (store_exec(tx, "INSERT INTO meta (key, value) VALUES ('sealer', '1') ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                   STORE_NO_ARGS, NULL, err) < 0)
        return -1;
    if (event_number(tx, LIMIT_SEAL_BATCH, &events, err) < 0 || seal_audit(tx, &rows, err) < 0)
        return -1;
    if (events >= LIMIT_SEAL_BATCH || rows == LIMIT_SEAL_BATCH)
        store_seal_again(tx);
    return events > 0 ? store_notify(tx, "events", err) : 0;
}

void audit_install_sealer(struct store *store) { store_set_sealer(store, audit_seal, NULL); }

/* ---- listing ---- */

json_t *audit_link_json(const struct audit_link *link)
{
    json_t *out = json_object();

    if (link->seq)
        json_set_int(out, "seq", link->seq);
    json_set_time(out, "at", link->at);
    for (int i = 0; i < AUDIT_FIELDS; i++) {
        json_t *detail = NULL;
        struct err ignored; /* shown as text instead: a broken row must stay visible */

        if (i == AUDIT_DETAIL && link->fields[i] &&
            json_parse(link->fields[i], strlen(link->fields[i]), "detail", LIMIT_AUDIT_BYTES, &detail, &ignored) == 0)
            json_set_new(out, audit_field_names[i], detail);
        else
            json_set_str(out, audit_field_names[i], link->fields[i]);
    }
    json_set_str(out, "prev", link->prev);
    json_set_str(out, "hash", link->hash);
    return out;
}

static int build(const struct audit_filter *f, int limit, struct filter *w, struct err *err)
{
    bool family = f->action && str_ends(f->action, ".");
    int64_t from = 0;

    if (f->cursor && (!str_to_int(f->cursor, &from) || from < 1))
        return err_set(err, ERR_REQUEST, "cursor: not one that this list gave");
    filter_init(w, "SELECT " AUDIT_COLUMNS ", seq FROM audit");
    filter_text(w, "org = ?", f->org ? f->org : ORG_DEFAULT);
    filter_text(w, "team = ?", f->team);
    filter_text(w, "actor = ?", f->actor);
    filter_text(w, "object = ?", f->object);
    filter_text(w, "environment = ?", f->environment);
    filter_text(w, "result = ?", f->result);
    filter_text(w, "request_id = ?", f->request_id);
    filter_text(w, family ? "substr(action, 1, length(CAST(? AS TEXT))) = CAST(? AS TEXT)" : "action = ?", f->action);
    if (f->since)
        filter_int(w, "at >= ?", f->since);
    if (f->until)
        filter_int(w, "at < ?", f->until);
    if (f->cursor)
        filter_int(w, f->oldest_first ? "seq > ?" : "seq < ?", from);
    filter_tail(w, f->oldest_first ? "ORDER BY seq LIMIT ?" : "ORDER BY seq DESC LIMIT ?", limit + 1);
    return 0;
}

int audit_list(struct store_tx *tx, const struct audit_filter *filter, json_t **out_items, char **out_cursor, struct err *err)
{
    int limit = filter->limit > 0 && filter->limit <= LIMIT_PAGE_ITEMS ? filter->limit : DEFAULT_PAGE_ITEMS, more;
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *items = json_array();
    struct filter where;
    int64_t last = 0;
    bool another = false;

    if (build(filter, limit, &where, err) < 0 || store_query(tx, where.sql, where.args, where.count, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        struct audit_link link;

        if ((another = json_array_size(items) == (size_t)limit))
            break;
        audit_link_read(rows, &link);
        last = store_col_int(rows, AUDIT_FIELDS + 4);
        json_array_append_new(items, audit_link_json(&link));
    }
    if (more < 0)
        return -1;
    *out_cursor = another ? mem_printf("%lld", (long long)last) : NULL;
    *out_items = take_ptr(items);
    return 0;
}

struct read_ctx {
    const struct audit_filter *filter;
    json_t *items;
    char *cursor;
};

static int read_unit(struct store_tx *tx, void *arg, struct err *err)
{
    struct read_ctx *ctx = arg;

    json_put(&ctx->items);
    free_ptr(&ctx->cursor);
    ctx->cursor = NULL;
    return audit_list(tx, ctx->filter, &ctx->items, &ctx->cursor, err);
}

int audit_read(struct store *store, const struct audit_filter *filter, json_t **out_items, char **out_cursor, struct err *err)
{
    struct read_ctx ctx = {.filter = filter};

    if (store_read(store, read_unit, &ctx, err) < 0) {
        json_put(&ctx.items);
        free_ptr(&ctx.cursor);
        return -1;
    }
    *out_items = ctx.items;
    *out_cursor = ctx.cursor;
    return 0;
}
