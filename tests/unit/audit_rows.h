/* What the tests of the audit share: rows, sealing, and asserting what a verification found. Included by one file of a test program. */
#pragma once
#include "audit/audit.h"
#include "audit/chain.h"
#include "base/cleanup.h"
#include "test.h"
#include "test_store.h"
#include <string.h>

#define TEXT(t) ((void *)(uintptr_t)(t))

static inline int row_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(json_put) json_t *detail = json_pack("{s:i, s:s, s:f}", "b", 1, "a", "x\"y\n\xc3\xa9", "r", 0.1);

    return audit_write(tx,
                       &(struct audit_row){.actor = "ada",
                                           .team = "shop",
                                           .action = "key.add",
                                           .object = ctx,
                                           .detail = detail,
                                           .request_id = "req-1",
                                           .source_ip = "127.0.0.1"},
                       err);
}

static inline int failing_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    if (row_unit(tx, ctx, err) < 0)
        return -1;
    return err_set(err, ERR_CONFLICT, "rolled back on purpose");
}

struct statement {
    const char *sql;
};

static inline int statement_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    return store_exec(tx, ((struct statement *)ctx)->sql, STORE_NO_ARGS, NULL, err);
}

static inline void run_sql(struct store *s, const char *sql)
{
    struct err err;

    ASSERT_OK(store_write_wait(s, statement_unit, &(struct statement){sql}, &err), err);
}

static inline void seal(struct store *s)
{
    struct err err;

    ASSERT_OK(store_write_wait(s, audit_seal, NULL, &err), err);
}

static inline struct store *store_with_rows(int count)
{
    struct store *s = test_store();
    char object[16];
    struct err err;

    for (int i = 1; i <= count; i++) {
        snprintf(object, sizeof object, "k-%d", i);
        ASSERT_OK(store_write_wait(s, row_unit, object, &err), err);
        if (i % 3 == 0)
            seal(s); /* in several goes */
    }
    seal(s);
    return s;
}

static inline struct audit_report verify(struct store *s, const struct audit_anchor *anchor)
{
    struct audit_report report = {0};
    struct err err;

    ASSERT_OK(audit_verify(s, anchor, &report, &err), err);
    return report;
}

/* Asserts that exactly these numbers are named. */
static inline void assert_problems(const struct audit_report *report, size_t count, const int64_t *numbers)
{
    CU_ASSERT_EQUAL(report->problem_count, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        CU_ASSERT_EQUAL(json_int(json_array_get(report->problems, i), "seq", -1), numbers[i]);
    if (report->problem_count != (int64_t)count) {
        CLEANUP(free_ptr) char *text = json_text(report->problems);

        fprintf(stderr, "# problems: %s\n", text);
    }
}
#define NUMBERS(...)                                                                                                                       \
    sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]) { __VA_ARGS__ }
