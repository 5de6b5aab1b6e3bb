/* A SELECT with optional conditions. The text is always the program's own; values only ever travel as parameters. Any thread, one at a
 * time. filter_init(&f, "SELECT a FROM t"); filter_text(&f, "team = ?", team_or_null); filter_tail(&f, "ORDER BY a LIMIT ?", 50); Every `?`
 * of a condition becomes the same $n. */
#pragma once
#include "store/store.h"

struct filter {
    char sql[3072];
    struct store_value args[24];
    size_t count;
    bool conditions;
};

void filter_init(struct filter *f, const char *select);
void filter_text(struct filter *f, const char *condition,
                 const char *value); /* NULL adds nothing; the value is borrowed until the query ran */
void filter_int(struct filter *f, const char *condition, int64_t value);
void filter_plain(struct filter *f, const char *condition); /* without a value */
void filter_tail(struct filter *f, const char *tail, int64_t value);
