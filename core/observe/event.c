/* Owns the events: writing them in the act's transaction, numbering them, listing them by number. Called inside units of work, on any
 * thread that runs one. */
#include "observe/event.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "observe/filter.h"
#include <stdio.h>
#include <string.h>

/* The last number in use; meta remembers it even when retention has removed every event. */
int event_head(struct store_tx *tx, int64_t *out, struct err *err)
{
    return store_query_int(tx,
                           "SELECT max(head) FROM (SELECT CAST(value AS BIGINT) AS head FROM meta WHERE key = 'events_head' UNION ALL "
                           "SELECT max(number) FROM events WHERE number IS NOT NULL) AS heads",
                           STORE_NO_ARGS, 0, out, err);
}

/* Gives numbers to `most` events that have none. */
static int number_rows(struct store_tx *tx, int64_t most, struct err *err)
{
    int64_t *counter = store_tx_counter(tx), head, changed = 0;

    if (event_head(tx, &head, err) < 0 ||
        store_exec(
            tx,
            "UPDATE events SET number = fresh.given FROM (SELECT seq AS id, CAST($1 AS BIGINT) + row_number() OVER (ORDER BY seq) AS given"
            " FROM events WHERE number IS NULL ORDER BY seq LIMIT $2) AS fresh WHERE events.seq = fresh.id",
            STORE_ARGS(store_int(head), store_int(most)), &changed, err) < 0)
        return -1;
    if (counter && changed)
        *counter = 0; /* the numbers have moved on */
    return 0;
}

/* Where this process alone writes, one unit after the other, the order of the units is the order of their commits: an event gets its number
 * as it is written. Elsewhere the sealer gives it. */
static int next_number(struct store_tx *tx, int64_t *counter, struct store_value *out, struct err *err)
{
    int64_t head;

    if (counter && !*counter) { /* those without a number that an earlier release left come first */
        if (number_rows(tx, INT64_MAX, err) < 0 || event_head(tx, &head, err) < 0)
            return -1;
        *counter = head + 1;
    }
    *out = counter ? store_int(*counter) : store_null();
    return 0;
}

int event_write(struct store_tx *tx, const struct event *event, struct err *err)
{
    CLEANUP(free_ptr) char *data = event->data ? json_text(event->data) : NULL;
    int64_t *counter = store_tx_counter(tx);
    struct store_value number;

    if (data && strlen(data) > LIMIT_EVENT_BYTES)
        return err_set(err, ERR_LIMIT, "event %s: %zu bytes of data, the limit is %u", event->type, strlen(data), LIMIT_EVENT_BYTES);
    if (next_number(tx, counter, &number, err) < 0 ||
        store_exec(tx,
                   "INSERT INTO events (type, at, org, team, deployment_id, workflow_id, step_id, step, resource_id, application, "
                   "environment, actor, data, number)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
                   STORE_ARGS(store_text(event->type), store_int(event->at ? event->at : clock_now_us()),
                              store_text(event->org ? event->org : ORG_DEFAULT), store_text(event->team), store_text(event->deployment_id),
                              store_text(event->workflow_id), store_text(event->step_id), store_text(event->step),
                              store_text(event->resource_id), store_text(event->application), store_text(event->environment),
                              store_text(event->actor), store_text(data), number),
                   NULL, err) < 0)
        return -1;
    if (counter)
        ++*counter;
    return 0;
}

int event_number(struct store_tx *tx, int64_t most, int64_t *out_numbered, struct err *err)
{
    int64_t before, head;
    char text[24];

    if (store_query_int(tx, "SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'events_head'", STORE_NO_ARGS, 0, &before, err) < 0 ||
        number_rows(tx, most, err) < 0 || event_head(tx, &head, err) < 0)
        return -1;
    snprintf(text, sizeof text, "%lld", (long long)head);
    if (head > before &&
        store_exec(tx, "INSERT INTO meta (key, value) VALUES ('events_head', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                   STORE_ARGS(store_text(text)), NULL, err) < 0)
        return -1;
    *out_numbered = head - before;
    return 0;
}

void event_page_fini(struct event_page *page)
{
    json_put(&page->items);
    *page = (struct event_page){0};
}

/* Columns of LIST_SQL that go into the JSON under their own name. */
static const char *const text_columns[] = {"team",        "deployment_id", "workflow_id", "step_id", "step",
                                           "resource_id", "application",   "environment", "actor"};
enum { COL_NUMBER, COL_TYPE, COL_AT, COL_TEXTS, COL_DATA = COL_TEXTS + sizeof text_columns / sizeof *text_columns };

#define LIST_SQL                                                                                                                           \
    "SELECT number, type, at, team, deployment_id, workflow_id, step_id, step, resource_id, application, environment, actor, data"         \
    " FROM events"

static int row_to_json(struct store_rows *rows, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *item = json_object(), *parsed = NULL;
    const char *data = store_col_text(rows, COL_DATA);

    json_set_int(item, "id", store_col_int(rows, COL_NUMBER));
    json_set_str(item, "type", store_col_text(rows, COL_TYPE));
    json_set_time(item, "at", store_col_int(rows, COL_AT));
    for (size_t i = 0; i < sizeof text_columns / sizeof *text_columns; i++)
        json_set_str(item, text_columns[i], store_col_text(rows, COL_TEXTS + (int)i));
    if (data && json_parse(data, strlen(data), "stored event", LIMIT_EVENT_BYTES, &parsed, err) < 0) {
        err->code = ERR_STORE_CORRUPT;
        return -1;
    }
    json_set_new(item, "data", take_ptr(parsed));
    *out = take_ptr(item);
    return 0;
}

static void build(const struct event_filter *f, int limit, struct filter *w)
{
    bool family = f->type && str_ends(f->type, ".");

    filter_init(w, LIST_SQL);
    filter_int(w, "number > ?", f->after);
    filter_text(w, "org = ?", f->org ? f->org : ORG_DEFAULT);
    filter_text(w, "team = ?", f->team);
    filter_text(w, "deployment_id = ?", f->deployment_id);
    filter_text(w, "workflow_id = ?", f->workflow_id);
    filter_text(w, "step_id = ?", f->step_id);
    filter_text(w, "resource_id = ?", f->resource_id);
    filter_text(w, "application = ?", f->application);
    filter_text(w, "environment = ?", f->environment);
    filter_text(w, "actor = ?", f->actor);
    filter_text(w, family ? "substr(type, 1, length(CAST(? AS TEXT))) = CAST(? AS TEXT)" : "type = ?", f->type);
    filter_tail(w, "ORDER BY number LIMIT ?", limit);
}

int event_list(struct store_tx *tx, const struct event_filter *filter, struct event_page *out, struct err *err)
{
    int limit = filter->limit > 0 && filter->limit <= LIMIT_PAGE_ITEMS ? filter->limit : DEFAULT_PAGE_ITEMS, more;
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(event_page_fini) struct event_page page = {.items = json_array()};
    struct filter where;
    int64_t head;

    /* The head first: what is sealed after it was read is for the next page, even where a statement sees more than the one before. */
    if (event_head(tx, &head, err) < 0)
        return -1;
    build(filter, limit, &where);
    if (store_query(tx, where.sql, where.args, where.count, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        json_t *item;

        if (row_to_json(rows, &item, err) < 0)
            return -1;
        page.last = store_col_int(rows, COL_NUMBER);
        json_array_append_new(page.items, item);
    }
    if (more < 0)
        return -1;
    page.more = json_array_size(page.items) == (size_t)limit;
    if (!page.more && page.last < head)
        page.last = head;
    if (page.last < filter->after)
        page.last = filter->after;
    event_page_fini(out);
    *out = page;
    page = (struct event_page){0};
    return 0;
}

struct read_ctx {
    const struct event_filter *filter;
    struct event_page page;
};

static int read_unit(struct store_tx *tx, void *arg, struct err *err)
{
    struct read_ctx *ctx = arg;

    return event_list(tx, ctx->filter, &ctx->page, err);
}

int event_read(struct store *store, const struct event_filter *filter, struct event_page *out, struct err *err)
{
    struct read_ctx ctx = {.filter = filter};

    if (store_read(store, read_unit, &ctx, err) < 0) {
        event_page_fini(&ctx.page);
        return -1;
    }
    event_page_fini(out);
    *out = ctx.page;
    return 0;
}
