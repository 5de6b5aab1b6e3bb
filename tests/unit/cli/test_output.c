/* Tables, widths, cleaning of what came from elsewhere. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/output.h"
#include "test.h"
#include <string.h>

static const struct out_column columns[] = {
    {"NAME", "name"}, {"COUNT", "n", COLUMN_RIGHT}, {"STATE", "state", COLUMN_STATE}, {"MORE", "more.text", .wide = true}, {0}};

static json_t *rows(void)
{
    return json_pack("[{s:s, s:i, s:s, s:{s:s}}, {s:s, s:i, s:s}, {s:s}]", "name", "shop", "n", 5, "state", "active", "more", "text",
                     "hidden", "name", "a-much-longer-name", "n", 1234, "state", "failed", "name", "z\xc3\xbcrich");
}

static const char *table(struct cli *c, const json_t *items, size_t width)
{
    struct buf text = BUF_INIT(1 << 20);
    const char *kept;

    out_table_text(c, columns, items, width, &c->arena, &text);
    kept = arena_strdup(&c->arena, buf_text(&text));
    buf_fini(&text);
    return kept;
}

static void cli_put(struct cli *c) { arena_fini(&c->arena); }

static void test_table(void)
{
    CLEANUP(cli_put) struct cli c = {0};
    CLEANUP(json_put) json_t *items = rows();

    ASSERT_TEXT(table(&c, items, 0), "NAME                COUNT  STATE\n"
                                     "shop                    5  active\n"
                                     "a-much-longer-name   1234  failed\n"
                                     "z\xc3\xbcrich                  -  -\n");
    c.output = OUTPUT_WIDE;
    ASSERT_CONTAINS(table(&c, items, 10), "hidden");
}

static void test_narrow(void)
{
    CLEANUP(cli_put) struct cli c = {0};
    CLEANUP(json_put) json_t *items = rows();

    for (size_t width = 1; width < 60; width++) {
        const char *text = table(&c, items, width);

        while (*text) {
            size_t len = strcspn(text, "\n");
            const char *line = arena_strndup(&c.arena, text, len);

            CU_ASSERT_TRUE(width < 22 || out_columns(line) <= width); /* below, the columns have their least width */
            CU_ASSERT_TRUE(out_columns(line) <= 33);
            text += len + 1;
        }
    }
    ASSERT_CONTAINS(table(&c, items, 26), "a-much-lon\xe2\x80\xa6");
}

static void test_colour(void)
{
    CLEANUP(cli_put) struct cli c = {.colour_out = true};
    CLEANUP(json_put) json_t *items = rows();
    const char *text = table(&c, items, 0);

    ASSERT_CONTAINS(text, "\033[32mactive\033[0m");
    ASSERT_CONTAINS(text, "\033[31mfailed\033[0m");
    ASSERT_TEXT(out_paint(&c, STYLE_NONE, "x"), "x");
    c.colour_out = false;
    ASSERT_TEXT(out_paint(&c, STYLE_RED, "x"), "x");
}

static void test_clean(void)
{
    struct arena arena = {0};

    ASSERT_TEXT(out_clean(&arena, "plain \xc3\xa9\xe2\x9c\x93 text", false), "plain \xc3\xa9\xe2\x9c\x93 text");
    ASSERT_TEXT(out_clean(&arena, "\033[2Jgone\007", false), "\\x1b[2Jgone\\x07");
    ASSERT_TEXT(out_clean(&arena, "a\nb\tc", false), "a b c");
    ASSERT_TEXT(out_clean(&arena, "a\nb\tc\r", true), "a\nb\tc\\x0d");
    ASSERT_TEXT(out_clean(&arena,
                          "\xc2\x9b"
                          "31m",
                          false),
                "\\u009b31m");                                            /* C1: CSI in one character */
    ASSERT_TEXT(out_clean(&arena, "x\xe2\x80\xaey", false), "x\\u202ey"); /* right-to-left override */
    ASSERT_TEXT(out_clean(&arena, "\xff\xc3", false), "\\xff\\xc3");
    ASSERT_TEXT(out_clean(&arena, "\xed\xa0\x80", false), "\\xed\\xa0\\x80"); /* a surrogate */
    ASSERT_TEXT(out_clean(&arena, "", true), "");
    arena_fini(&arena);
}

static void test_cut(void)
{
    struct arena arena = {0};

    ASSERT_TEXT(out_cut(&arena, "short", 5), "short");
    ASSERT_TEXT(out_cut(&arena, "longer", 5), "long\xe2\x80\xa6");
    ASSERT_TEXT(out_cut(&arena, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 4), "\xe6\x97\xa5\xe2\x80\xa6"); /* wide characters take two */
    CU_ASSERT_EQUAL(out_columns("\xe6\x97\xa5\xe6\x9c\xac"), 4);
    CU_ASSERT_EQUAL(out_columns("e\xcc\x81"), 1); /* a combining accent */
    CU_ASSERT_EQUAL(out_columns("\xff\xfe"), 2);
    ASSERT_TEXT(out_cut(&arena, "abc", 1), "\xe2\x80\xa6");
    ASSERT_TEXT(out_cut(&arena, "abc", 0), "");
    arena_fini(&arena);
}

static void test_times(void)
{
    struct arena arena = {0};
    int64_t now = 1800000000LL * US_PER_SEC;
    char text[CLOCK_TEXT_BYTES];

    ASSERT_TEXT(out_ago(&arena, clock_format(now - 5 * US_PER_SEC, text), now), "5 s");
    ASSERT_TEXT(out_ago(&arena, clock_format(now - 240 * US_PER_SEC, text), now), "4 m");
    ASSERT_TEXT(out_ago(&arena, clock_format(now - 7200 * US_PER_SEC, text), now), "2 h");
    ASSERT_TEXT(out_ago(&arena, clock_format(now - 3 * 86400 * US_PER_SEC, text), now), "3 d");
    ASSERT_TEXT(out_ago(&arena, clock_format(now + 5 * US_PER_SEC, text), now), "now");
    ASSERT_TEXT(out_ago(&arena, "yesterday", now), "-");
    ASSERT_TEXT(out_ago(&arena, NULL, now), "-");
    ASSERT_TEXT(out_duration(&arena, 12), "12 ms");
    ASSERT_TEXT(out_duration(&arena, -3), "0 ms");
    ASSERT_TEXT(out_duration(&arena, 1449), "1.4 s");
    ASSERT_TEXT(out_duration(&arena, 123000), "2 m 03 s");
    ASSERT_TEXT(out_duration(&arena, 7260000), "2 h 01 m");
    arena_fini(&arena);
}

static void test_words(void)
{
    struct arena arena = {0};
    CLEANUP(json_put)
    json_t *value = json_pack("{s:s, s:[s, {s:s}, i], s:b, s:n, s:f, s:{s:s}, s:[]}", "text", "x", "list", "a", "name", "b", 3, "flag", 1,
                              "none", "real", 0.5, "secret", "$secret", "r-1/password", "empty");

    ASSERT_TEXT(out_word(&arena, json_object_get(value, "text")), "x");
    ASSERT_TEXT(out_word(&arena, json_object_get(value, "list")), "a,b,3");
    ASSERT_TEXT(out_word(&arena, json_object_get(value, "flag")), "true");
    ASSERT_TEXT(out_word(&arena, json_object_get(value, "none")), "-");
    ASSERT_TEXT(out_word(&arena, json_object_get(value, "real")), "0.5");
    ASSERT_TEXT(out_word(&arena, json_object_get(value, "secret")), "(secret)");
    ASSERT_TEXT(out_word(&arena, json_object_get(value, "empty")), "-");
    ASSERT_TEXT(out_word(&arena, NULL), "-");
    arena_fini(&arena);
}

static void test_width(void)
{
    setenv("COLUMNS", "77", 1);
    CU_ASSERT_EQUAL(out_width(), 77);
    setenv("COLUMNS", "0", 1);
    CU_ASSERT_NOT_EQUAL(out_width(), 77);
    setenv("COLUMNS", "wide", 1);
    CU_ASSERT_NOT_EQUAL(out_width(), 77);
    unsetenv("COLUMNS");
}

static void test_exits(void)
{
    static const struct {
        enum err_code code;
        int exit;
    } wanted[] = {
        {ERR_NONE, EXIT_FINE},
        {ERR_USAGE, EXIT_USAGE},
        {ERR_SYNTAX, EXIT_INVALID},
        {ERR_UNKNOWN_FIELD, EXIT_INVALID},
        {ERR_ENVIRONMENT, EXIT_INVALID},
        {ERR_DENIED, EXIT_DENIED},
        {ERR_UNAUTHENTICATED, EXIT_DENIED},
        {ERR_FORBIDDEN, EXIT_DENIED},
        {ERR_NOT_FOUND, EXIT_MISSING},
        {ERR_IO, EXIT_FAILED},
        {ERR_CONFLICT, EXIT_FAILED},
        {ERR_NO_SERVER, EXIT_UNREACHABLE},
        {ERR_BACKEND_DOWN, EXIT_UNREACHABLE},
    };

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        CU_ASSERT_EQUAL(cli_exit_of(wanted[i].code), wanted[i].exit);
}

const struct test_case tests[] = {
    {"a table is as wide as its content", test_table},
    {"a table is cut to the terminal", test_narrow},
    {"states have colours where colours are wanted", test_colour},
    {"what came from elsewhere cannot drive the terminal", test_clean},
    {"texts are cut at characters and count columns", test_cut},
    {"times and durations read well", test_times},
    {"values read as words", test_words},
    {"COLUMNS decides the width", test_width},
    {"errors have their exit codes", test_exits},
    {0},
};
