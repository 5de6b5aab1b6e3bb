/* What every CUnit test program uses: a table of tests and CUnit's asserts.
 *
 *   static void test_empty(void) { CU_ASSERT_EQUAL(1, 1); }
 *   const struct test_case tests[] = {{"an empty text is empty", test_empty}, {0}};
 *
 * tests/support/cunit_main.c runs them and prints one TAP line each ("ok - NAME", "not ok - NAME", "ok - NAME # SKIP reason"), which
 * scripts/test counts. */
#pragma once
#include "base/err.h"
#include <CUnit/CUnit.h>

struct test_case {
    const char *name; /* a sentence */
    void (*run)(void);
};
extern const struct test_case tests[];

/* Marks the running test as skipped, with the reason; return right after it. */
void test_skip(const char *reason);

/* A fresh directory below TMPDIR, removed after the test program. */
const char *test_dir(void);

/* Asserts 0 and shows the error's text when it is not. */
#define ASSERT_OK(call, err)                                                                                                               \
    do {                                                                                                                                   \
        (err) = (struct err){0};                                                                                                           \
        if ((call) != 0) {                                                                                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, (err).msg);                                                                 \
            CU_FAIL(#call);                                                                                                                \
        }                                                                                                                                  \
    } while (0)
#define ASSERT_FAILS(call, err, expected_code)                                                                                             \
    do {                                                                                                                                   \
        (err) = (struct err){0};                                                                                                           \
        CU_ASSERT_EQUAL((call), -1);                                                                                                       \
        if ((err).code != (expected_code))                                                                                                 \
            fprintf(stderr, "%s:%d: code ORC-%d, wanted ORC-%d: %s\n", __FILE__, __LINE__, err_orc((err).code), err_orc(expected_code),    \
                    (err).msg);                                                                                                            \
        CU_ASSERT_EQUAL((err).code, (expected_code));                                                                                      \
    } while (0)
#define ASSERT_TEXT(got, wanted)                                                                                                           \
    do {                                                                                                                                   \
        const char *got_ = (got), *wanted_ = (wanted);                                                                                     \
        if (!got_ || strcmp(got_, wanted_) != 0)                                                                                           \
            fprintf(stderr, "%s:%d: got \"%s\", wanted \"%s\"\n", __FILE__, __LINE__, got_ ? got_ : "(null)", wanted_);                    \
        CU_ASSERT(got_ &&strcmp(got_, wanted_) == 0);                                                                                      \
    } while (0)
#define ASSERT_CONTAINS(text, part)                                                                                                        \
    do {                                                                                                                                   \
        const char *text_ = (text), *part_ = (part);                                                                                       \
        if (!text_ || !strstr(text_, part_))                                                                                               \
            fprintf(stderr, "%s:%d: \"%s\" is not in \"%s\"\n", __FILE__, __LINE__, part_, text_ ? text_ : "(null)");                      \
        CU_ASSERT(text_ &&strstr(text_, part_));                                                                                           \
    } while (0)
