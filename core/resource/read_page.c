/* Owns the making of list queries and their cursors. A cursor is the base64url of [field, direction, value, id] of the last row: the next
 * page starts behind it, whatever was inserted meanwhile. Any thread. */
#include "resource/read_page.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include <stdio.h>
#include <string.h>

#define MAX_SQL    4096
#define MAX_ARGS   24
#define MAX_CURSOR 1024

struct query {
    char sql[MAX_SQL];
    size_t len;
    struct store_value args[MAX_ARGS];
    size_t count;
    bool full, conditions;
};

static void add_text(struct query *q, const char *text)
{
    size_t len = strlen(text);

    if (q->len + len >= MAX_SQL) {
        q->full = true;
        return;
    }
    memcpy(q->sql + q->len, text, len + 1);
    q->len += len;
}

static void add_arg(struct query *q, struct store_value value)
{
    char name[16];

    if (q->count == MAX_ARGS) {
        q->full = true;
        return;
    }
    q->args[q->count++] = value;
    snprintf(name, sizeof name, "$%zu", q->count);
    add_text(q, name);
}

static void begin_condition(struct query *q)
{
    add_text(q, q->conditions ? " AND " : " WHERE ");
    q->conditions = true;
}

static void add_equal(struct query *q, const char *column, struct store_value value)
{
    begin_condition(q);
    add_text(q, column);
    add_text(q, " = ");
    add_arg(q, value);
}

static const struct read_field *field_named(const struct read_list *list, const char *name)
{
    for (const struct read_field *field = list->fields; field->name; field++)
        if (str_eq(field->name, name))
            return field;
    return NULL;
}

/* A value as the field's column wants it. */
static int field_value(const struct read_field *field, const char *text, struct store_value *out, struct err *err)
{
    int64_t number;

    if (!field->number) {
        *out = store_text(text);
        return 0;
    }
    if (str_eq(text, "true") || str_eq(text, "false"))
        number = str_eq(text, "true");
    else if (!str_to_int(text, &number))
        return err_set(err, ERR_REQUEST, "%s is a number, not \"%.60s\"", field->name, text);
    *out = store_int(number);
    return 0;
}

static void add_bound(struct query *q, const char *column, const char *than, int64_t at)
{
    if (!at)
        return;
    begin_condition(q);
    add_text(q, column);
    add_text(q, than);
    add_arg(q, store_int(at));
}

static int add_matches(struct query *q, const struct read_list *list, const struct read_page *page, struct err *err)
{
    if ((page->since || page->until) && !list->at)
        return err_set(err, ERR_REQUEST, "this list knows no since and until");
    add_bound(q, list->at, " >= ", page->since);
    add_bound(q, list->at, " < ", page->until);
    for (size_t i = 0; i < page->match_count; i++) {
        const struct read_field *field = field_named(list, page->matches[i].name);
        struct store_value value;

        if (!field)
            return err_set(err, ERR_REQUEST, "this list has no filter \"%.60s\"", page->matches[i].name);
        if (field_value(field, page->matches[i].value, &value, err) < 0)
            return -1;
        add_equal(q, field->column, value);
    }
    return 0;
}

/* ---- cursors ---- */

static int bad_cursor(struct err *err)
{
    return err_set(err, ERR_REQUEST, "this cursor belongs to no page of this list; use next_cursor as it was given, with the same sort");
}

static int cursor_read(const char *cursor, const struct read_field *field, bool descending, json_t **out, struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(json_put) json_t *parts = NULL;
    struct err ignored = {0};
    size_t len;

    if (base64_decode_form(BASE64_URL, cursor, strlen(cursor), MAX_CURSOR, &text, &len, &ignored) < 0 ||
        json_parse(text, len, "cursor", MAX_CURSOR, &parts, &ignored) < 0 || !json_is_array(parts) || json_array_size(parts) != 4 ||
        !str_eq(json_string_value(json_array_get(parts, 0)), field->name) || json_is_true(json_array_get(parts, 1)) != descending ||
        !json_is_string(json_array_get(parts, 3)) ||
        !(field->number ? json_is_integer(json_array_get(parts, 2)) : json_is_string(json_array_get(parts, 2))))
        return bad_cursor(err);
    *out = take_ptr(parts);
    return 0;
}

static char *cursor_make(const struct read_field *field, bool descending, struct store_rows *rows)
{
    CLEANUP(json_put) json_t *parts = json_array();
    CLEANUP(free_ptr) char *text = NULL;

    json_array_append_new(parts, json_string(field->name));
    json_array_append_new(parts, json_boolean(descending));
    json_array_append_new(parts, field->number ? json_integer(store_col_int(rows, 0)) : json_string(store_col_text(rows, 0)));
    json_array_append_new(parts, json_string(store_col_text(rows, 1)));
    text = json_text(parts);
    return base64_encode_form(BASE64_URL, text, strlen(text));
}

/* (field, id) behind the cursor's. */
static void add_cursor(struct query *q, const struct read_list *list, const struct read_field *field, bool descending, const json_t *parts)
{
    const json_t *value = json_array_get(parts, 2);
    const char *id = json_string_value(json_array_get(parts, 3)), *than = descending ? " < " : " > ";
    struct store_value sort = field->number ? store_int(json_integer_value(value)) : store_text(json_string_value(value));

    begin_condition(q);
    add_text(q, "(");
    add_text(q, field->column);
    add_text(q, than);
    add_arg(q, sort);
    add_text(q, " OR (");
    add_text(q, field->column);
    add_text(q, " = ");
    add_arg(q, sort);
    add_text(q, " AND ");
    add_text(q, list->id);
    add_text(q, than);
    add_arg(q, store_text(id));
    add_text(q, "))");
}

/* ---- the query ---- */

static void add_select(struct query *q, const struct read_list *list, const struct read_field *field, const struct read_scope *scope)
{
    add_text(q, "SELECT ");
    add_text(q, field->column);
    add_text(q, ", ");
    add_text(q, list->id);
    add_text(q, ", ");
    add_text(q, list->columns);
    add_text(q, " FROM ");
    add_text(q, list->from);
    if (list->org)
        add_equal(q, list->org, store_text(scope->org));
    if (list->team && scope->team)
        add_equal(q, list->team, store_text(scope->team));
    if (list->where) {
        begin_condition(q);
        add_text(q, list->where);
    }
}

static void add_order(struct query *q, const struct read_list *list, const struct read_field *field, bool descending, int limit)
{
    const char *direction = descending ? " DESC" : "";

    add_text(q, " ORDER BY ");
    add_text(q, field->column);
    add_text(q, direction);
    if (!str_eq(field->column, list->id)) {
        add_text(q, ", ");
        add_text(q, list->id);
        add_text(q, direction);
    }
    add_text(q, " LIMIT ");
    add_arg(q, store_int(limit));
}

static int collect(struct store_tx *tx, const struct query *q, const struct read_list *list, const struct read_field *field,
                   bool descending, int limit, json_t **out_items, char **out_cursor, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    CLEANUP(json_put) json_t *items = json_array();
    CLEANUP(free_ptr) char *cursor = NULL;
    int more;

    if (store_query(tx, q->sql, q->args, q->count, &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0) {
        json_t *item;

        if (json_array_size(items) == (size_t)limit) /* the one row more that says there is a next page */
            break;
        item = json_object();
        json_array_append_new(items, item);
        if (list->row(rows, 2, item, err) < 0)
            return -1;
        if (json_array_size(items) == (size_t)limit)
            cursor = cursor_make(field, descending, rows);
    }
    if (more < 0)
        return -1;
    *out_items = take_ptr(items);
    *out_cursor = more ? take_ptr(cursor) : NULL;
    return 0;
}

int read_list_tx(struct store_tx *tx, const struct read_list *list, const struct read_scope *scope, const struct read_page *page,
                 json_t **out_items, char **out_cursor, struct err *err)
{
    const struct read_field *field = page->sort ? field_named(list, page->sort) : list->fields;
    int limit = page->limit > 0 ? page->limit : DEFAULT_PAGE_ITEMS;
    CLEANUP(json_put) json_t *cursor = NULL;
    struct query q = {0};

    if (!field)
        return err_set(err, ERR_REQUEST, "this list cannot be sorted by \"%.60s\"", page->sort);
    if (limit > LIMIT_PAGE_ITEMS)
        limit = LIMIT_PAGE_ITEMS;
    add_select(&q, list, field, scope);
    if (add_matches(&q, list, page, err) < 0 || (page->cursor && cursor_read(page->cursor, field, page->descending, &cursor, err) < 0))
        return -1;
    if (cursor)
        add_cursor(&q, list, field, page->descending, cursor);
    add_order(&q, list, field, page->descending, limit + 1);
    if (q.full)
        return err_set(err, ERR_REQUEST, "too many filters at once");
    return collect(tx, &q, list, field, page->descending, limit, out_items, out_cursor, err);
}

struct listing {
    const struct read_list *list;
    const struct read_scope *scope;
    const struct read_page *page;
    json_t *items;
    char *cursor;
};

static int list_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct listing *l = ctx;

    return read_list_tx(tx, l->list, l->scope, l->page, &l->items, &l->cursor, err);
}

int read_list_run(struct store *store, const struct read_list *list, const struct read_scope *scope, const struct read_page *page,
                  json_t **out_items, char **out_cursor, struct err *err)
{
    struct listing l = {.list = list, .scope = scope, .page = page};

    if (store_read(store, list_unit, &l, err) < 0)
        return -1;
    *out_items = l.items;
    *out_cursor = l.cursor;
    return 0;
}

/* ---- columns to members ---- */

void read_set_text(json_t *out, const char *key, struct store_rows *rows, int column)
{
    json_set_str(out, key, store_col_text(rows, column));
}

void read_set_int(json_t *out, const char *key, struct store_rows *rows, int column)
{
    if (!store_col_null(rows, column))
        json_set_int(out, key, store_col_int(rows, column));
}

void read_set_time(json_t *out, const char *key, struct store_rows *rows, int column)
{
    json_set_time(out, key, store_col_int(rows, column));
}

int read_set_json(json_t *out, const char *key, struct store_rows *rows, int column, struct err *err)
{
    const char *text = store_col_text(rows, column);
    struct err why = {0};
    json_t *value;

    if (!text)
        return 0;
    if (json_parse(text, strlen(text), key, LIMIT_JSON_BYTES, &value, &why) < 0)
        return err_set(err, ERR_STORE_CORRUPT, "stored %s cannot be read: %.400s", key, why.msg);
    json_set_new(out, key, value);
    return 0;
}

int read_set_list(json_t *out, const char *key, struct store_rows *rows, int column, struct err *err)
{
    if (!store_col_null(rows, column))
        return read_set_json(out, key, rows, column, err);
    json_set_new(out, key, json_array());
    return 0;
}
