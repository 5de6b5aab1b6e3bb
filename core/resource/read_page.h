/* Lists for readers: pages of rows as JSON objects, bound by org and team in the SQL itself. A list is described by a constant; what a
 * client chooses (field to sort by, filters, cursor) is looked up in that description and values only ever travel as parameters. In units
 * that read; any thread. */
#pragma once
#include "codec/json.h"
#include "store/store.h"

/* Whose rows. */
struct read_scope {
    const char *org;
    const char *team; /* NULL: every team; the caller has checked that it may */
};

struct read_field {
    const char *name;   /* as clients write it; NULL closes the list */
    const char *column; /* expression that is never NULL: "COALESCE(product, '')" */
    bool number;        /* else text */
};

struct read_list {
    const char *columns, *from;
    const char *org, *team; /* columns that the scope binds; NULL: not bound that way (where does it) */
    const char *where;      /* another condition, NULL: none */
    const char *id;         /* column that tells equal rows apart */
    const char *at;         /* column of since and until; NULL: it has none */
    const struct read_field *fields;
    /* Fills a fresh object from the row's columns, the first of which is number `first`. */
    int (*row)(struct store_rows *rows, int first, json_t *out, struct err *err);
};

struct read_match {
    const char *name, *value;
};

struct read_page {
    int limit;          /* 0: DEFAULT_PAGE_ITEMS */
    const char *cursor; /* of the page before; NULL: the first page */
    const char *sort;   /* a field's name; NULL: the list's first field */
    bool descending;
    const struct read_match *matches; /* equality */
    size_t match_count;
    int64_t since, until; /* us, the first included; 0: without */
};

/* out_items: new array. out_cursor: fresh text (free()), NULL on the last page. Errors: ERR_REQUEST (cursor, sort, filter), ERR_STORE,
 * ERR_STORE_CORRUPT. */
int read_list_tx(struct store_tx *tx, const struct read_list *list, const struct read_scope *scope, const struct read_page *page,
                 json_t **out_items, char **out_cursor, struct err *err);
/* The same in a read of its own. */
int read_list_run(struct store *store, const struct read_list *list, const struct read_scope *scope, const struct read_page *page,
                  json_t **out_items, char **out_cursor, struct err *err);

/* ---- columns to members ---- */
void read_set_text(json_t *out, const char *key, struct store_rows *rows, int column);
void read_set_int(json_t *out, const char *key, struct store_rows *rows, int column);
void read_set_time(json_t *out, const char *key, struct store_rows *rows, int column);
/* A column of JSON text; NULL adds nothing. Errors: ERR_STORE_CORRUPT. */
int read_set_json(json_t *out, const char *key, struct store_rows *rows, int column, struct err *err);
/* The same, with an empty list for NULL (lists are never null). */
int read_set_list(json_t *out, const char *key, struct store_rows *rows, int column, struct err *err);
