/* The chain in the store: every way to falsify it is found and named by number. */
#include "audit_rows.h"
#include "base/mem.h"

/* ---- the chain in the store ---- */

static void test_whole(void)
{
    struct store *s = store_with_rows(10);
    struct audit_report report = verify(s, NULL);
    struct err err;

    CU_ASSERT_EQUAL(report.problem_count, 0);
    CU_ASSERT_EQUAL(report.rows, 10);
    CU_ASSERT_EQUAL(report.first, 1);
    CU_ASSERT_EQUAL(report.last, 10);
    CU_ASSERT_TRUE(report.head_known);
    ASSERT_OK(audit_report_check(&report, &err), err);
    audit_report_fini(&report);
    test_store_close(s);
}

static void test_empty(void)
{
    struct store *s = store_with_rows(0);
    struct audit_report report = verify(s, NULL);

    CU_ASSERT_EQUAL(report.problem_count, 0);
    CU_ASSERT_EQUAL(report.rows, 0);
    audit_report_fini(&report);
    test_store_close(s);
}

/* Every stored field, its number and its time: changing any one names the row. */
static void test_changed_field(void)
{
    static const char *const columns[] = {"actor",  "team", "action",     "object",    "environment", "result",
                                          "detail", "org",  "request_id", "source_ip", "at"};
    struct store *s = store_with_rows(6);
    struct err err;

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        CLEANUP(free_ptr)
        char *change =
            mem_printf("UPDATE audit SET %s = %s WHERE number = 4", columns[i], strcmp(columns[i], "at") == 0 ? "at + 1" : "'x'");
        struct audit_report report;

        run_sql(s, "CREATE TABLE kept AS SELECT * FROM audit");
        run_sql(s, change);
        report = verify(s, NULL);
        assert_problems(&report, NUMBERS(4));
        CU_ASSERT_EQUAL(audit_report_check(&report, &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_AUDIT_BROKEN);
        ASSERT_CONTAINS(err.msg, "row 4");
        audit_report_fini(&report);
        run_sql(s, "DELETE FROM audit");
        run_sql(s, "INSERT INTO audit SELECT * FROM kept");
        run_sql(s, "DROP TABLE kept");
    }
    test_store_close(s);
}

static void test_null_and_empty(void)
{
    struct store *s = store_with_rows(3);
    struct audit_report report;

    run_sql(s, "UPDATE audit SET environment = '' WHERE number = 2"); /* was NULL */
    report = verify(s, NULL);
    assert_problems(&report, NUMBERS(2));
    audit_report_fini(&report);
    test_store_close(s);
}

/* Bytes that move from one field to the next would fool a plain concatenation. */
static void test_moved_bytes(void)
{
    struct store *s = store_with_rows(3);
    struct audit_report report;

    run_sql(s, "UPDATE audit SET team = 'sho', action = 'pkey.add' WHERE number = 3");
    report = verify(s, NULL);
    assert_problems(&report, NUMBERS(3));
    audit_report_fini(&report);
    test_store_close(s);
}

static void test_deleted(void)
{
    struct store *s = store_with_rows(9);
    struct audit_report report;

    run_sql(s, "DELETE FROM audit WHERE number = 1 OR number = 5 OR number = 6");
    report = verify(s, NULL);
    assert_problems(&report, NUMBERS(1, 5));
    ASSERT_CONTAINS(json_str(json_array_get(report.problems, 1), "problem"), "up to row 6");
    audit_report_fini(&report);
    test_store_close(s);
}

static void test_deleted_and_closed_up(void)
{
    struct store *s = store_with_rows(5);
    struct audit_report report;

    run_sql(s, "DELETE FROM audit WHERE number = 3");
    run_sql(s, "UPDATE audit SET number = 3 WHERE number = 4");
    run_sql(s, "UPDATE audit SET number = 4 WHERE number = 5");
    report = verify(s, NULL);
    CU_ASSERT_TRUE(report.problem_count >= 2);
    CU_ASSERT_EQUAL(json_int(json_array_get(report.problems, 0), "seq", -1), 3);
    audit_report_fini(&report);
    test_store_close(s);
}

static void test_swapped(void)
{
    struct store *s = store_with_rows(6);
    struct audit_report report;

    run_sql(s, "UPDATE audit SET object = CASE number WHEN 2 THEN 'k-5' ELSE 'k-2' END WHERE number IN (2, 5)");
    report = verify(s, NULL);
    assert_problems(&report, NUMBERS(2, 5));
    audit_report_fini(&report);
    run_sql(s, "UPDATE audit SET object = CASE number WHEN 2 THEN 'k-2' ELSE 'k-5' END WHERE number IN (2, 5)");
    report = verify(s, NULL);
    assert_problems(&report, 0, NULL);
    audit_report_fini(&report);

    run_sql(s, "UPDATE audit SET number = -number WHERE number IN (2, 5)");
    run_sql(s, "UPDATE audit SET number = CASE number WHEN -2 THEN 5 ELSE 2 END WHERE number < 0");
    report = verify(s, NULL);
    CU_ASSERT_TRUE(report.problem_count >= 2);
    CU_ASSERT_EQUAL(json_int(json_array_get(report.problems, 0), "seq", -1), 2);
    audit_report_fini(&report);
    test_store_close(s);
}

static void test_changed_hash(void)
{
    struct store *s = store_with_rows(5);
    struct audit_report report;

    run_sql(s, "UPDATE audit SET hash = prev WHERE number = 3");
    report = verify(s, NULL);
    assert_problems(&report, NUMBERS(3));
    audit_report_fini(&report);
    run_sql(s, "UPDATE audit SET hash = NULL WHERE number = 3");
    report = verify(s, NULL);
    assert_problems(&report, NUMBERS(3));
    audit_report_fini(&report);
    test_store_close(s);
}

static void test_truncated(void)
{
    struct store *s = store_with_rows(8);
    struct audit_report report;

    run_sql(s, "DELETE FROM audit WHERE number >= 7");
    report = verify(s, NULL);
    assert_problems(&report, NUMBERS(7));
    audit_report_fini(&report);
    run_sql(s, "DELETE FROM audit");
    report = verify(s, NULL);
    assert_problems(&report, NUMBERS(1));
    audit_report_fini(&report);
    test_store_close(s);
}

static void test_head(void)
{
    struct store *s = store_with_rows(4);
    struct audit_report report;

    run_sql(s, "UPDATE meta SET value = 'nonsense' WHERE key = 'audit_head'");
    report = verify(s, NULL);
    assert_problems(&report, NUMBERS(4));
    audit_report_fini(&report);
    run_sql(s, "UPDATE meta SET value = (SELECT '3 ' || hash FROM audit WHERE number = 3) WHERE key = 'audit_head'");
    report = verify(s, NULL);
    assert_problems(&report, NUMBERS(4));
    audit_report_fini(&report);
    test_store_close(s);
}

/* Who rewrites the tail and the stored head is found only by somebody who kept a head. */
static void test_anchor(void)
{
    struct store *s = store_with_rows(5);
    struct audit_report before = verify(s, NULL), report;
    struct audit_anchor anchor = {.seq = before.last};

    memcpy(anchor.hash, before.head, sizeof anchor.hash);
    audit_report_fini(&before);
    report = verify(s, &anchor);
    assert_problems(&report, 0, NULL);
    audit_report_fini(&report);

    run_sql(s, "UPDATE audit SET actor = 'eve' WHERE number = 4");
    run_sql(s, "UPDATE audit SET number = NULL, hash = NULL, prev = NULL WHERE number >= 4");
    run_sql(s, "UPDATE meta SET value = (SELECT '3 ' || hash FROM audit WHERE number = 3) WHERE key = 'audit_head'");
    seal(s);
    report = verify(s, NULL);
    assert_problems(&report, 0, NULL);
    audit_report_fini(&report);
    report = verify(s, &anchor);
    assert_problems(&report, NUMBERS(5));
    audit_report_fini(&report);
    test_store_close(s);
}

const struct test_case tests[] = {{"a chain that nobody touched is whole", test_whole},
                                  {"a chain without rows is whole", test_empty},
                                  {"a change of any field names the row", test_changed_field},
                                  {"an empty text in place of none names the row", test_null_and_empty},
                                  {"bytes moved between fields name the row", test_moved_bytes},
                                  {"deleted rows are named", test_deleted},
                                  {"a deleted row is found though the later ones were renumbered", test_deleted_and_closed_up},
                                  {"swapped rows are named", test_swapped},
                                  {"a changed hash names its row only", test_changed_hash},
                                  {"rows cut off the end are named by the stored head", test_truncated},
                                  {"a changed head is found", test_head},
                                  {"a rewritten tail is found by a head that was kept elsewhere", test_anchor},
                                  {0}};
