/* Tests of core/base. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/io.h"
#include "base/library.h"
#include "base/secret.h"
#include "base/str.h"
#include "test.h"
#include <fcntl.h>
#include <string.h>

static void test_err(void)
{
    struct err err = {0};
    char name[16];

    CU_ASSERT_EQUAL(err_set(&err, ERR_NOT_FOUND, "no %s", "thing"), -1);
    CU_ASSERT_EQUAL(err_wrap(&err, "looking"), -1);
    ASSERT_TEXT(err.msg, "looking: no thing");
    ASSERT_TEXT(err_name(err.code, name), "ORC-3004");
    CU_ASSERT_EQUAL(err_http_status(err.code), 404);
    err_set(&err, ERR_SYNTAX, "again: %s", err.msg);
    ASSERT_TEXT(err.msg, "again: looking: no thing");
    for (int code = 1; code < ERR_CODE_COUNT; code++) {
        CU_ASSERT_EQUAL(err_from_orc(err_orc((enum err_code)code)), (enum err_code)code);
        CU_ASSERT(err_title((enum err_code)code)[0] && err_remedy((enum err_code)code)[0]);
    }
}

static void test_arena(void)
{
    CLEANUP(arena_fini) struct arena a = {0};
    char *big;

    for (int i = 0; i < 1000; i++) {
        int *p = arena_alloc(&a, sizeof *p);

        CU_ASSERT_EQUAL_FATAL(*p, 0);
        *p = i;
    }
    big = arena_alloc(&a, 1 << 20);
    big[(1 << 20) - 1] = 1;
    ASSERT_TEXT(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
    CU_ASSERT_PTR_NULL(arena_strdup(&a, NULL));
}

static void test_arena_wipe(void)
{
    CLEANUP(arena_fini) struct arena a = {0};
    char *small = arena_strdup(&a, "hunter2"), *big = arena_take(&a, 1 << 20), *last = arena_strdup(&a, "hunter3");

    memset(big, 'x', 1 << 20);
    arena_wipe(&a);
    ASSERT_TEXT(small, "");
    CU_ASSERT(big[0] == 0 && big[(1 << 20) - 1] == 0);
    ASSERT_TEXT(last, "");
    arena_wipe(&(struct arena){0});
}

static void test_buf(void)
{
    CLEANUP(buf_fini) struct buf b = BUF_INIT(10);

    ASSERT_TEXT(buf_text(&b), "");
    buf_printf(&b, "%d", 12345);
    buf_add_text(&b, "67890");
    CU_ASSERT_FALSE(b.overflow);
    buf_add_char(&b, 'x');
    CU_ASSERT_TRUE(b.overflow);
    ASSERT_TEXT(buf_text(&b), "1234567890");
}

static void test_ids(void)
{
    char a[ID_BYTES], b[ID_BYTES];

    for (int i = 0; i < 10000; i++) {
        id_new("d", a);
        id_new("d", b);
        CU_ASSERT_TRUE_FATAL(strcmp(a, b) < 0);
    }
    CU_ASSERT_TRUE(id_is_valid(a, "d"));
    CU_ASSERT_FALSE(id_is_valid(a, "w"));
    CU_ASSERT_FALSE(id_is_valid("d-short", "d"));
}

static void test_clock(void)
{
    char text[CLOCK_TEXT_BYTES];
    int64_t us = 0;
    struct err err;

    ASSERT_OK(clock_parse("2026-01-31T12:00:00.000001Z", &us, &err), err);
    ASSERT_TEXT(clock_format(us, text), "2026-01-31T12:00:00.000001Z");
    ASSERT_OK(clock_parse("1970-01-01T00:00:01.5Z", &us, &err), err);
    CU_ASSERT_EQUAL(us, 1500000);
    ASSERT_FAILS(clock_parse("2026-01-31 12:00", &us, &err), err, ERR_BAD_VALUE);
    ASSERT_FAILS(clock_parse("", &us, &err), err, ERR_BAD_VALUE);
    static const char *const none[] = {
        "6-01-31T12:00:00Z",    "2026-1-31T12:00:00Z",  " 2026-01-31T12:00:00Z", "2026-02-30T12:00:00Z",         "2026-01-31T12:00:60Z",
        "2026-01-31T24:00:00Z", "0026-01-31T12:00:00Z", "2026-01-31T12:00:00",   "2026-01-31T12:00:00.1234567Z", NULL};
    for (size_t i = 0; none[i]; i++)
        ASSERT_FAILS(clock_parse(none[i], &us, &err), err, ERR_BAD_VALUE);
}

static void test_utf8(void)
{
    CU_ASSERT_TRUE(str_is_utf8("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", 11));
    CU_ASSERT_FALSE(str_is_utf8("\xc0\x80", 2));
    CU_ASSERT_FALSE(str_is_utf8("\xed\xa0\x80", 3)); /* a surrogate */
    CU_ASSERT_FALSE(str_is_utf8("a\0b", 3));
    CU_ASSERT_FALSE(str_is_utf8("\xe2\x82", 2));
    CU_ASSERT_FALSE(str_is_utf8("\xf4\x90\x80\x80", 4));
}

static void test_closest(void)
{
    static const char *const names[] = {"containers", "resources", "service", "metadata", NULL};

    ASSERT_TEXT(str_closest("conatiners", names), "containers");
    ASSERT_TEXT(str_closest("resource", names), "resources");
    CU_ASSERT_PTR_NULL(str_closest("zebra", names));
    /* Short for one of them is nearer than two letters of another. */
    ASSERT_TEXT(str_closest("vars", ((const char *const[]){"args", "variables", NULL})), "variables");
    ASSERT_TEXT(str_closest("arg", ((const char *const[]){"variables", "args", NULL})), "args");
    CU_ASSERT_EQUAL(str_distance("kitten", "sitting"), 3);
    CU_ASSERT_EQUAL(str_distance("", "abc"), 3);
}

static void test_glob(void)
{
    CU_ASSERT_TRUE(str_glob("ecommerce/*", "ecommerce/database-setup"));
    CU_ASSERT_TRUE(str_glob("pr-*", "pr-12"));
    CU_ASSERT_TRUE(str_glob("*", ""));
    CU_ASSERT_TRUE(str_glob("a?c*e", "abcde"));
    CU_ASSERT_FALSE(str_glob("ecommerce/*", "analytics/x"));
    CU_ASSERT_FALSE(str_glob("", "x"));
    CU_ASSERT_FALSE(str_glob("*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void test_labels_and_ints(void)
{
    int64_t n = 0;

    CU_ASSERT_TRUE(str_is_label("shop-1"));
    CU_ASSERT_FALSE(str_is_label("-shop") || str_is_label("Shop") || str_is_label("s") || str_is_label("shop-"));
    CU_ASSERT_TRUE(str_to_int("-42", &n) && n == -42);
    CU_ASSERT_FALSE(str_to_int("", &n) || str_to_int("4x", &n) || str_to_int("99999999999999999999", &n) || str_to_int(" 1", &n));
}

static void test_files(void)
{
    const char *dir = test_dir();
    char path[256];
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(close_fd) int root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(close_fd) int fd = -1;
    size_t len = 0;
    struct err err;

    snprintf(path, sizeof path, "%s/a/b/c", dir);
    ASSERT_OK(io_mkdirs(path, 0700, &err), err);
    snprintf(path, sizeof path, "%s/a/file", dir);
    ASSERT_OK(io_write_atomic(path, "hello", 5, 0600, &err), err);
    ASSERT_OK(io_read_file(path, 5, &text, &len, &err), err);
    ASSERT_TEXT(text, "hello");
    free(take_ptr(text));
    ASSERT_FAILS(io_read_file(path, 4, &text, &len, &err), err, ERR_TOO_LARGE);
    ASSERT_FAILS(io_read_file(dir, 4, &text, &len, &err), err, ERR_IO);
    ASSERT_FAILS(io_open_beneath(root, "../../etc/passwd", &fd, &err), err, ERR_FILE_REFERENCE);
    ASSERT_FAILS(io_open_beneath(root, "/etc/passwd", &fd, &err), err, ERR_FILE_REFERENCE);
    ASSERT_OK(io_open_beneath(root, "a/../a/file", &fd, &err), err);
    ASSERT_OK(io_remove_tree(dir, &err), err);
    CU_ASSERT_FALSE(io_exists(dir));
}

static void test_secret(void)
{
    CLEANUP(secret_fini) struct secret s = {0};

    secret_set(&s, "hunter2", 7);
    ASSERT_TEXT(s.bytes, "hunter2");
    secret_set(&s, "", 0);
    CU_ASSERT_EQUAL(s.len, 0);
}

static void test_library(void)
{
    static const char *const names[] = {"cos", "sin"}, *const wrong[] = {"cos", "no_such_function"};
    struct {
        double (*cos)(double);
        double (*sin)(double);
    } table = {0};
    struct err err = {0};

    ASSERT_FAILS(library_load("libnowhere.so.9", "libnowhere9", names, 2, &table, &err), err, ERR_INTERNAL);
    CU_ASSERT(strstr(err.msg, "libnowhere.so.9") && strstr(err.msg, "install the package libnowhere9"));
    ASSERT_FAILS(library_load("libm.so.6", "libc6", wrong, 2, &table, &err), err, ERR_INTERNAL);
    CU_ASSERT(strstr(err.msg, "libm.so.6 has no no_such_function") && !table.cos && !table.sin);
    ASSERT_OK(library_load("libm.so.6", "libc6", names, 2, &table, &err), err);
    CU_ASSERT(table.cos(0) > 0.99 && table.sin(0) < 0.01);
}

const struct test_case tests[] = {
    {"errors wrap, name and map", test_err},
    {"an arena gives zeroed memory of any size", test_arena},
    {"an arena's memory can be overwritten", test_arena_wipe},
    {"a buffer stops at its maximum", test_buf},
    {"ids sort in the order they were made", test_ids},
    {"times are RFC 3339", test_clock},
    {"utf-8 is checked strictly", test_utf8},
    {"the closest name is found", test_closest},
    {"globs match in linear time", test_glob},
    {"labels and integers are strict", test_labels_and_ints},
    {"files are read with a limit and below a root", test_files},
    {"secrets are replaced and wiped", test_secret},
    {"a library is loaded with all of its functions or not at all", test_library},
    {0},
};
