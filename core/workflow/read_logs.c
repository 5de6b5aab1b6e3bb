/* Owns the reading of step logs, page by page behind a sequence number, so that a reader can follow. Any thread. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "observe/filter.h"
#include "workflow/read_deployments.h"
#include "workflow/read_priv.h"

struct log_reading {
    const struct read_scope *scope;
    const struct read_log_query *query;
    struct read_log_page page;
};

/* Whether the scope has it, and whether it has ended. */
static int find(struct store_tx *tx, struct log_reading *r, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    bool workflow = r->query->workflow_id != NULL;
    struct filter f;
    int more;

    filter_init(&f, workflow ? "SELECT w.state FROM workflow_runs w JOIN deployments d ON d.id = w.deployment_id"
                             : "SELECT d.state FROM deployments d");
    filter_text(&f, workflow ? "w.id = ?" : "d.id = ?", workflow ? r->query->workflow_id : r->query->deployment_id);
    filter_text(&f, "d.org = ?", r->scope->org);
    filter_text(&f, "d.team = ?", r->scope->team);
    if (store_query(tx, f.sql, f.args, f.count, &rows, err) < 0 || (more = store_next(rows, err)) < 0)
        return -1;
    r->page.found = more > 0;
    r->page.ended = more > 0 && read_state_is_final(store_col_text(rows, 0));
    return 0;
}

static void build(struct filter *f, const struct read_log_query *q, bool tail, int limit)
{
    filter_init(f, "SELECT seq, at, step_id, step, stream, level, text FROM step_logs");
    filter_text(f, "deployment_id = ?", q->deployment_id);
    filter_text(f, "workflow_id = ?", q->workflow_id);
    filter_text(f, "step = ?", q->step);
    filter_text(f, "stream = ?", q->stream);
    filter_text(f, "level = ?", q->level);
    filter_int(f, "seq > ?", q->after);
    filter_tail(f, tail ? "ORDER BY seq DESC LIMIT ?" : "ORDER BY seq LIMIT ?", limit);
}

static int logs_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct log_reading *r = ctx;
    const struct read_log_query *q = r->query;
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int limit = q->limit > 0 && q->limit <= LIMIT_LOG_PAGE ? q->limit : LIMIT_LOG_PAGE;
    bool tail = q->tail > 0 && q->after == 0;
    struct filter f;
    int more;

    json_put(&r->page.items);
    r->page = (struct read_log_page){.last = q->after};
    if (find(tx, r, err) < 0)
        return -1;
    r->page.items = json_array();
    if (!r->page.found)
        return 0;
    if (tail && q->tail < limit)
        limit = (int)q->tail;
    build(&f, q, tail, limit);
    if (store_query(tx, f.sql, f.args, f.count, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        json_t *line = json_object();
        int64_t seq = store_col_int(rows, 0);

        json_set_int(line, "seq", seq);
        read_set_time(line, "at", rows, 1);
        read_set_text(line, "step_id", rows, 2);
        read_set_text(line, "step", rows, 3);
        read_set_text(line, "stream", rows, 4);
        read_set_text(line, "level", rows, 5);
        read_set_text(line, "text", rows, 6);
        r->page.last = seq > r->page.last ? seq : r->page.last;
        if (tail)
            json_array_insert_new(r->page.items, 0, line);
        else
            json_array_append_new(r->page.items, line);
    }
    r->page.more = !tail && json_array_size(r->page.items) == (size_t)limit;
    return more;
}

int read_logs(struct store *store, const struct read_scope *scope, const struct read_log_query *query, struct read_log_page *out,
              struct err *err)
{
    struct log_reading r = {.scope = scope, .query = query};

    if (store_read(store, logs_unit, &r, err) < 0) {
        json_put(&r.page.items);
        return -1;
    }
    json_put(&out->items);
    *out = r.page;
    return 0;
}
