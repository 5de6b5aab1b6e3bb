/* Writing, sealing, listing and exporting the audit. */
#include "audit_rows.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include <pthread.h>
#include <unistd.h>

static int add_line(void *ctx, const char *text, struct err *err)
{
    buf_add_text(ctx, text);
    buf_add_char(ctx, '\n');
    return ((struct buf *)ctx)->overflow ? err_set(err, ERR_LIMIT, "too long for the test") : 0;
}

static char *export_text(struct store *s)
{
    struct buf out = BUF_INIT(1u << 20);
    struct err err;

    ASSERT_OK(audit_export(s, add_line, &out, &err), err);
    return buf_take(&out);
}

static int verify_text(const char *text, const struct audit_anchor *anchor, struct audit_report *report, struct err *err)
{
    CLEANUP(close_file) FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

    return audit_verify_export(in, "export.jsonl", anchor, report, err);
}

/* ---- exports ---- */

static void test_export_whole(void)
{
    struct store *s = store_with_rows(7);
    CLEANUP(free_ptr) char *text = export_text(s);
    struct audit_report report = {0};
    struct err err;

    ASSERT_OK(verify_text(text, NULL, &report, &err), err);
    assert_problems(&report, 0, NULL);
    CU_ASSERT_EQUAL(report.rows, 7);
    CU_ASSERT_TRUE(report.head_known);
    audit_report_fini(&report);
    test_store_close(s);
}

/* Replaces the first `from` after the line of row `seq` starts. Returns fresh text. */
static char *change(const char *text, const char *marker, const char *from, const char *to)
{
    const char *at = strstr(strstr(text, marker), from);

    return mem_printf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void test_export_changed(void)
{
    static const char *const edits[][2] = {
        {"\"ada\"", "\"eve\""},     {"127.0.0.1", "127.0.0.2"},           {"key.add", "key.ad"}, {"\"b\":1", "\"b\":2"}, {"Z\"", "0Z\""},
        {"\"team\":\"shop\",", ""}, {"\"result\":\"ok\"", "\"result\":7"}};
    struct store *s = store_with_rows(4);
    CLEANUP(free_ptr) char *text = export_text(s);
    struct err err;

    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        CLEANUP(free_ptr) char *edited = change(text, "\"seq\":3", edits[i][0], edits[i][1]);
        struct audit_report report = {0};

        ASSERT_OK(verify_text(edited, NULL, &report, &err), err);
        CU_ASSERT_TRUE(report.problem_count >= 1);
        CU_ASSERT_EQUAL(json_int(json_array_get(report.problems, 0), "seq", -1), 3);
        audit_report_fini(&report);
    }
    test_store_close(s);
}

/* The text without the n-th line (from 0), or with lines n and n + 1 swapped. */
static char *edit_lines(const char *text, size_t n, bool swap)
{
    const char *line = text, *next, *after;

    while (n--)
        line = strchr(line, '\n') + 1;
    next = strchr(line, '\n') + 1;
    after = swap ? strchr(next, '\n') + 1 : next;
    return mem_printf("%.*s%.*s%.*s%s", (int)(line - text), text, (int)(after - next), next, swap ? (int)(next - line) : 0, line, after);
}

static void test_export_lines(void)
{
    struct store *s = store_with_rows(6);
    CLEANUP(free_ptr) char *text = export_text(s);
    CLEANUP(free_ptr) char *without = edit_lines(text, 2, false), *swapped = edit_lines(text, 2, true), *cut = edit_lines(text, 5, false);
    CLEANUP(free_ptr) char *headless = edit_lines(cut, 5, false), *late = edit_lines(text, 0, false);
    struct audit_report report = {0};
    struct err err;

    ASSERT_OK(verify_text(without, NULL, &report, &err), err);
    assert_problems(&report, NUMBERS(3));
    ASSERT_OK(verify_text(late, NULL, &report, &err), err);
    assert_problems(&report, NUMBERS(1));
    ASSERT_OK(verify_text(swapped, NULL, &report, &err), err);
    assert_problems(&report, NUMBERS(3, 3));
    ASSERT_OK(verify_text(cut, NULL, &report, &err), err);
    assert_problems(&report, NUMBERS(6));
    ASSERT_OK(verify_text(headless, NULL, &report, &err), err);
    assert_problems(&report, 0, NULL);
    CU_ASSERT_FALSE(report.head_known); /* which is said, because the cut cannot be seen */
    ASSERT_OK(verify_text(headless, &(struct audit_anchor){.seq = 6, .hash = "x"}, &report, &err), err);
    assert_problems(&report, NUMBERS(6));
    audit_report_fini(&report);
    test_store_close(s);
}

static void test_export_list(void)
{
    struct store *s = store_with_rows(5);
    CLEANUP(json_put) json_t *items = NULL, *object = json_object();
    CLEANUP(free_ptr) char *cursor = NULL, *array = NULL, *page = NULL, *pretty = NULL;
    struct audit_report report = {0};
    struct err err;

    ASSERT_OK(audit_read(s, &(struct audit_filter){0}, &items, &cursor, &err), err);
    array = json_text(items);
    json_object_set(object, "items", items);
    page = json_text(object);
    pretty = json_dump_text(object, JSON_INDENT(2));
    const char *const forms[] = {array, page, pretty};
    for (size_t i = 0; i < 3; i++) {
        ASSERT_OK(verify_text(forms[i], NULL, &report, &err), err);
        assert_problems(&report, 0, NULL);
        CU_ASSERT_EQUAL(report.rows, 5);
    }
    json_object_set_new(json_array_get(items, 1), "actor", json_string("eve")); /* newest first: row 4 */
    free_ptr(&array);
    array = json_text(items);
    ASSERT_OK(verify_text(array, NULL, &report, &err), err);
    assert_problems(&report, NUMBERS(4));
    audit_report_fini(&report);
    test_store_close(s);
}

static void test_export_garbage(void)
{
    static const char *const bad[] = {"\n", "nonsense", "{\"head\":{}}\nnonsense", "{}", "[", "17", "{\"items\": 3}", "\xff\xfe"};
    struct audit_report report = {0};
    struct err err;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err = (struct err){0};
        CU_ASSERT_EQUAL(verify_text(bad[i], NULL, &report, &err), -1);
        CU_ASSERT_NOT_EQUAL(err.code, ERR_NONE);
    }
    /* rows of nonsense are findings */
    ASSERT_OK(verify_text("[{\"seq\": 1}, 5, {\"seq\": -4}, {\"seq\": 9223372036854775807, \"at\": []}]", NULL, &report, &err), err);
    CU_ASSERT_TRUE(report.problem_count >= 2);
    CU_ASSERT_EQUAL(report.unsealed, 2);
    audit_report_fini(&report);
}

/* ---- writing and sealing ---- */

static void test_rollback(void)
{
    struct store *s = store_with_rows(3);
    struct audit_report report;
    struct err err;

    ASSERT_FAILS(store_write_wait(s, failing_unit, TEXT("k-x"), &err), err, ERR_CONFLICT);
    ASSERT_OK(store_write_wait(s, row_unit, TEXT("k-4"), &err), err);
    seal(s);
    report = verify(s, NULL);
    assert_problems(&report, 0, NULL);
    CU_ASSERT_EQUAL(report.rows, 4);
    audit_report_fini(&report);
    test_store_close(s);
}

static void test_seal_failure(void)
{
    struct store *s = test_store();
    struct audit_report report;
    struct err err;

    for (int nth = 1; nth <= 5; nth++) {
        ASSERT_OK(store_write_wait(s, row_unit, TEXT("k-1"), &err), err);
        store_fail_nth(s, nth, ERR_STORE_FULL);
        err = (struct err){0};
        if (store_write_wait(s, audit_seal, NULL, &err) == 0)
            store_fail_nth(s, 0, ERR_NONE);
    }
    seal(s);
    report = verify(s, NULL);
    assert_problems(&report, 0, NULL);
    CU_ASSERT_EQUAL(report.rows, 5);
    audit_report_fini(&report);
    test_store_close(s);
}

#define WRITERS   4
#define ROWS_EACH 60

static void *write_rows(void *ctx)
{
    struct err err;

    for (int i = 0; i < ROWS_EACH; i++)
        store_write_wait(ctx, i % 7 == 3 ? failing_unit : row_unit, TEXT("k-1"), &err);
    return NULL;
}

static int unsealed_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    return store_query_int(tx, "SELECT count(*) FROM audit WHERE number IS NULL", STORE_NO_ARGS, 0, ctx, err);
}

static void test_concurrent(void)
{
    struct store *s = test_store();
    struct audit_report report;
    pthread_t threads[WRITERS];
    int64_t unsealed = 1, kept = 0;
    struct err err;

    audit_install_sealer(s);
    for (int i = 0; i < ROWS_EACH; i++)
        kept += i % 7 != 3;
    for (size_t i = 0; i < WRITERS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, write_rows, s), 0);
    for (size_t i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 20000 && unsealed > 0; i++) { /* the sealer comes by itself */
        ASSERT_OK(store_read(s, unsealed_unit, &unsealed, &err), err);
        if (unsealed > 0)
            usleep(10000);
    }
    CU_ASSERT_EQUAL(unsealed, 0);
    report = verify(s, NULL);
    assert_problems(&report, 0, NULL);
    CU_ASSERT_EQUAL(report.rows, WRITERS * kept);
    audit_report_fini(&report);
    test_store_close(s);
}

struct odd {
    struct audit_row row;
};

static int odd_unit(struct store_tx *tx, void *ctx, struct err *err) { return audit_write(tx, &((struct odd *)ctx)->row, err); }

static void test_odd_rows(void)
{
    struct store *s = test_store();
    char *longest = mem_alloc(LIMIT_AUDIT_BYTES + 2);
    CLEANUP(json_put) json_t *detail = NULL, *items = NULL;
    CLEANUP(free_ptr) char *cursor = NULL;
    struct audit_report report;
    struct err err;

    memset(longest, 'x', LIMIT_AUDIT_BYTES + 1);
    longest[LIMIT_AUDIT_BYTES + 1] = '\0';
    detail = json_string(longest);
    ASSERT_OK(store_write_wait(s, odd_unit,
                               &(struct odd){{.action = "login", .object = "\xff\xfe name", .actor = longest, .result = "failed"}}, &err),
              err);
    ASSERT_FAILS(store_write_wait(s, odd_unit, &(struct odd){{.action = "login", .detail = detail}}, &err), err, ERR_LIMIT);
    ASSERT_FAILS(store_write_wait(s, odd_unit, &(struct odd){{.action = NULL}}, &err), err, ERR_INTERNAL);
    ASSERT_FAILS(store_write_wait(s, odd_unit, &(struct odd){{.action = "login", .result = "fine"}}, &err), err, ERR_INTERNAL);
    seal(s);
    ASSERT_OK(audit_read(s, &(struct audit_filter){0}, &items, &cursor, &err), err);
    CU_ASSERT_EQUAL(json_array_size(items), 1);
    ASSERT_TEXT(json_str(json_array_get(items, 0), "object"), "\\xff\\xfe name");
    CU_ASSERT_EQUAL(strlen(json_str(json_array_get(items, 0), "actor")), LIMIT_AUDIT_TEXT_BYTES + 3);
    report = verify(s, NULL);
    assert_problems(&report, 0, NULL);
    audit_report_fini(&report);
    free(longest);
    test_store_close(s);
}

/* ---- listing ---- */

static void test_pages(void)
{
    struct store *s = store_with_rows(7);
    CLEANUP(free_ptr) char *cursor = NULL;
    int64_t expected = 7;
    struct err err;

    do {
        CLEANUP(json_put) json_t *items = NULL;
        char *next = NULL;
        size_t i;
        json_t *item;

        ASSERT_OK(audit_read(s, &(struct audit_filter){.cursor = cursor, .limit = 3}, &items, &next, &err), err);
        json_array_foreach(items, i, item) CU_ASSERT_EQUAL(json_int(item, "seq", -1), expected--);
        free(cursor);
        cursor = next;
    } while (cursor);
    CU_ASSERT_EQUAL(expected, 0);
    test_store_close(s);
}

static size_t count_of(struct store *s, struct audit_filter filter)
{
    CLEANUP(json_put) json_t *items = NULL;
    CLEANUP(free_ptr) char *cursor = NULL;
    struct err err;

    ASSERT_OK(audit_read(s, &filter, &items, &cursor, &err), err);
    return json_array_size(items);
}

static void test_filters(void)
{
    struct store *s = store_with_rows(3);
    int64_t now = clock_now_us();
    struct err err;

    ASSERT_OK(
        store_write_wait(
            s, odd_unit,
            &(struct odd){
                {.at = now + US_PER_SEC, .actor = "bob", .team = "pay", .action = "user.add", .environment = "prod", .result = "denied"}},
            &err),
        err);
    CU_ASSERT_EQUAL(count_of(s, (struct audit_filter){0}), 4); /* the unsealed one too */
    CU_ASSERT_EQUAL(count_of(s, (struct audit_filter){.team = "shop"}), 3);
    CU_ASSERT_EQUAL(count_of(s, (struct audit_filter){.actor = "bob"}), 1);
    CU_ASSERT_EQUAL(count_of(s, (struct audit_filter){.action = "key."}), 3);
    CU_ASSERT_EQUAL(count_of(s, (struct audit_filter){.action = "key"}), 0);
    CU_ASSERT_EQUAL(count_of(s, (struct audit_filter){.action = "user.add"}), 1);
    CU_ASSERT_EQUAL(count_of(s, (struct audit_filter){.object = "k-2"}), 1);
    CU_ASSERT_EQUAL(count_of(s, (struct audit_filter){.environment = "prod", .result = "denied"}), 1);
    CU_ASSERT_EQUAL(count_of(s, (struct audit_filter){.since = now + US_PER_SEC}), 1);
    CU_ASSERT_EQUAL(count_of(s, (struct audit_filter){.until = now + US_PER_SEC}), 3);
    CU_ASSERT_EQUAL(count_of(s, (struct audit_filter){.org = "other"}), 0);
    CU_ASSERT_EQUAL(count_of(s, (struct audit_filter){.actor = "bob' OR '1'='1"}), 0);
    test_store_close(s);
}

static void test_bad_cursor(void)
{
    static const char *const bad[] = {"", "x", "-1", "0", "1 OR 1=1", "99999999999999999999"};
    struct store *s = store_with_rows(1);
    json_t *items = NULL;
    char *cursor = NULL;
    struct err err;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_FAILS(audit_read(s, &(struct audit_filter){.cursor = bad[i]}, &items, &cursor, &err), err, ERR_REQUEST);
    CU_ASSERT_PTR_NULL(items);
    test_store_close(s);
}

const struct test_case tests[] = {{"an export of a whole chain is whole", test_export_whole},
                                  {"a change of an export names the row", test_export_changed},
                                  {"lines taken out of an export, swapped or cut off are named", test_export_lines},
                                  {"a list of rows is verified like an export, in either order", test_export_list},
                                  {"an export that is garbage is an error or a finding, never a crash", test_export_garbage},
                                  {"an act that is rolled back leaves no row and no gap", test_rollback},
                                  {"a sealer that fails at any statement leaves no gap", test_seal_failure},
                                  {"writers side by side with rollbacks leave no gap", test_concurrent},
                                  {"texts that are no UTF-8 or too long are kept safely", test_odd_rows},
                                  {"pages follow each other without overlap", test_pages},
                                  {"filters narrow the list", test_filters},
                                  {"a cursor that is garbage is refused", test_bad_cursor},
                                  {0}};
