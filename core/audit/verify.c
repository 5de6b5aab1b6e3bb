/* Owns verification and export of the chain, over the store (one snapshot, row after row) and over an export (line after line).
 * Called from the API's and the command line's threads. */
#include "audit/audit.h"
#include "audit/chain_priv.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include <string.h>

#define LINE_BYTES (LIMIT_AUDIT_BYTES * 2 + 16384) /* the longest row as JSON */

/* ---- over the store ---- */

struct verify_ctx {
    const struct audit_anchor *anchor;
    struct audit_walk walk;
};

static int walk_store(struct store_tx *tx, struct audit_walk *walk, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    if (store_query(tx, "SELECT " AUDIT_COLUMNS " FROM audit WHERE number IS NOT NULL ORDER BY number", STORE_NO_ARGS, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        struct audit_link link;

        audit_link_read(rows, &link);
        audit_walk_link(walk, &link);
    }
    return more;
}

static int verify_unit(struct store_tx *tx, void *arg, struct err *err)
{
    struct verify_ctx *ctx = arg;
    struct audit_anchor head = {0};
    struct err unread = {0};
    bool head_known;

    audit_report_fini(&ctx->walk.report);
    audit_walk_init(&ctx->walk, ctx->anchor, true);
    /* A head that was overwritten with garbage is a finding, not a failure to verify. */
    head_known = audit_head_read(tx, &head, &unread) == 0;
    if (!head_known && unread.code != ERR_STORE_CORRUPT) {
        *err = unread;
        return -1;
    }
    if (store_query_int(tx, "SELECT count(*) FROM audit WHERE number IS NULL", STORE_NO_ARGS, 0, &ctx->walk.report.unsealed, err) < 0 ||
        walk_store(tx, &ctx->walk, err) < 0)
        return -1;
    audit_walk_end(&ctx->walk, head_known ? &head : NULL);
    if (!head_known)
        audit_walk_problem(&ctx->walk, ctx->walk.report.last, "is the last row, but the stored head cannot be read: it was changed");
    return 0;
}

int audit_verify(struct store *store, const struct audit_anchor *anchor, struct audit_report *out, struct err *err)
{
    struct verify_ctx ctx = {.anchor = anchor};

    if (store_read(store, verify_unit, &ctx, err) < 0) {
        audit_report_fini(&ctx.walk.report);
        return -1;
    }
    audit_report_fini(out);
    *out = ctx.walk.report;
    return 0;
}

/* ---- export ---- */

struct export_ctx {
    int (*line)(void *ctx, const char *text, struct err *err);
    void *ctx;
};

static int export_unit(struct store_tx *tx, void *arg, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    struct export_ctx *ctx = arg;
    struct audit_anchor head;
    char last[160];
    int more;

    if (audit_head_read(tx, &head, err) < 0 ||
        store_query(tx, "SELECT " AUDIT_COLUMNS " FROM audit WHERE number IS NOT NULL AND number <= $1 ORDER BY number",
                    STORE_ARGS(store_int(head.seq)), &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        struct audit_link link;
        CLEANUP(json_put) json_t *item = NULL;
        CLEANUP(free_ptr) char *text = NULL;

        audit_link_read(rows, &link);
        item = audit_link_json(&link);
        text = json_text(item);
        if (ctx->line(ctx->ctx, text, err) < 0)
            return -1;
    }
    if (more < 0)
        return -1;
    snprintf(last, sizeof last, "{\"head\":{\"seq\":%lld,\"hash\":\"%s\"}}", (long long)head.seq, head.hash);
    return ctx->line(ctx->ctx, last, err);
}

int audit_export(struct store *store, int (*line)(void *ctx, const char *text, struct err *err), void *ctx, struct err *err)
{
    return store_read(store, export_unit, &(struct export_ctx){.line = line, .ctx = ctx}, err);
}

/* ---- over an export ---- */

struct export_walk {
    struct audit_walk walk;
    struct audit_anchor head;
    bool head_known;
};

/* The link in `item`; *out_detail holds the canonical detail. False with what is wrong in `err`. */
static bool link_parse(const json_t *item, struct audit_link *out, char **out_detail, struct err *err)
{
    const char *at = json_str(item, "at");
    const json_t *detail = json_object_get(item, audit_field_names[AUDIT_DETAIL]);

    *out = (struct audit_link){.seq = json_int(item, "seq", 0), .prev = json_str(item, "prev"), .hash = json_str(item, "hash")};
    for (int i = 0; i < AUDIT_FIELDS; i++)
        out->fields[i] = json_str(item, audit_field_names[i]);
    if (detail)
        out->fields[AUDIT_DETAIL] = *out_detail = json_canonical(detail);
    return at ? clock_parse(at, &out->at, err) == 0 : err_set(err, ERR_MISSING_FIELD, "at is missing") == 0;
}

static void walk_item(struct export_walk *export, const json_t *item)
{
    CLEANUP(free_ptr) char *detail = NULL;
    const json_t *head = json_object_get(item, "head");
    struct audit_link link;
    struct err why;

    if (json_is_object(head) && !json_object_get(item, "action")) {
        export->head.seq = json_int(head, "seq", -1);
        snprintf(export->head.hash, sizeof export->head.hash, "%s", json_str(head, "hash") ? json_str(head, "hash") : "");
        export->head_known = export->head.seq >= 0;
        return;
    }
    if (json_int(item, "seq", 0) < 1) {
        export->walk.report.unsealed++;
        return;
    }
    if (!link_parse(item, &link, &detail, &why))
        audit_walk_problem(&export->walk, link.seq, "has no time that can be read: %s", why.msg);
    audit_walk_link(&export->walk, &link);
}

static void walk_array(struct export_walk *export, const json_t *items)
{
    size_t count = json_array_size(items);
    bool newest_first =
        count > 1 && json_int(json_array_get(items, 0), "seq", INT64_MAX) > json_int(json_array_get(items, count - 1), "seq", 0);

    for (size_t i = 0; i < count; i++)
        walk_item(export, json_array_get(items, newest_first ? count - 1 - i : i));
}

/* The next line without its end into `line`: 1, 0 at the end of the stream, -1 on failure. */
static int next_line(FILE *in, const char *name, struct buf *line, struct err *err)
{
    int c;

    buf_reset(line);
    while ((c = getc(in)) != EOF && c != '\n')
        buf_add_char(line, (char)c);
    if (ferror(in))
        return err_set(err, ERR_IO, "%s: cannot be read", name);
    if (line->overflow)
        return err_set(err, ERR_TOO_LARGE, "%s: a line of more than %u bytes", name, (unsigned)LIMIT_AUDIT_EXPORT_BYTES);
    while (line->len > 0 && strchr("\r \t", line->data[line->len - 1]))
        line->data[--line->len] = '\0';
    return c != EOF || line->len > 0;
}

/* True when the first line is a whole row or head by itself: JSON lines. Else the stream is one document. */
static bool is_row(const struct buf *line)
{
    CLEANUP(json_put) json_t *item = NULL;
    struct err ignored;

    return line->len <= LINE_BYTES && json_parse(line->data, line->len, "line", LINE_BYTES, &item, &ignored) == 0 &&
           (json_object_get(item, "action") || json_object_get(item, "head"));
}

static int read_lines(struct export_walk *export, FILE *in, const char *name, struct buf *line, struct err *err)
{
    int more = 1;

    for (int64_t number = 1; more > 0; number++) {
        CLEANUP(json_put) json_t *item = NULL;
        char where[160];

        snprintf(where, sizeof where, "%.120s, line %lld", name, (long long)number);
        if (line->len && json_parse(line->data, line->len, where, LINE_BYTES, &item, err) < 0)
            return -1;
        if (item)
            walk_item(export, item);
        more = next_line(in, name, line, err);
    }
    return more;
}

/* The whole stream as one JSON document; `all` holds its first line. */
static int read_document(struct export_walk *export, FILE *in, const char *name, struct buf *all, struct err *err)
{
    CLEANUP(json_put) json_t *document = NULL;
    const json_t *items;
    char chunk[16384];
    size_t got;

    buf_add_char(all, '\n');
    while (!all->overflow && (got = fread(chunk, 1, sizeof chunk, in)) > 0)
        buf_add(all, chunk, got);
    if (ferror(in))
        return err_set(err, ERR_IO, "%s: cannot be read", name);
    if (all->overflow)
        return err_set(err, ERR_TOO_LARGE, "%s: one JSON document of more than %u bytes; export it as JSON lines", name,
                       (unsigned)LIMIT_AUDIT_EXPORT_BYTES);
    if (json_parse(buf_text(all), all->len, name, LIMIT_AUDIT_EXPORT_BYTES, &document, err) < 0)
        return -1;
    items = json_is_array(document) ? document : json_object_get(document, "items");
    if (!json_is_array(items))
        return err_set(err, ERR_SYNTAX, "%s: neither JSON lines, nor a list of audit rows, nor {\"items\": [...]}", name);
    walk_array(export, items);
    return 0;
}

int audit_verify_export(FILE *in, const char *name, const struct audit_anchor *anchor, struct audit_report *out, struct err *err)
{
    CLEANUP(buf_fini) struct buf line = BUF_INIT(LIMIT_AUDIT_EXPORT_BYTES);
    struct export_walk export = {0};
    int more, result;

    while ((more = next_line(in, name, &line, err)) > 0 && line.len == 0)
        ;
    if (more <= 0)
        return more < 0 ? -1 : err_set(err, ERR_SYNTAX, "%s: empty; an export of no rows still has its head", name);
    audit_walk_init(&export.walk, anchor, false);
    result = is_row(&line) ? read_lines(&export, in, name, &line, err) : read_document(&export, in, name, &line, err);
    if (result < 0) {
        audit_report_fini(&export.walk.report);
        return -1;
    }
    audit_walk_end(&export.walk, export.head_known ? &export.head : NULL);
    audit_report_fini(out);
    *out = export.walk.report;
    return 0;
}
