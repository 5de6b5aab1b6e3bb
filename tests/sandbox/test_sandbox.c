/* Runs every attack and every library function of this directory as a `lua` step, as a policy and as a condition, with small budgets, and
 * asserts how each ended. There is no wall-clock threshold: what hangs is ended by ctest's timeout. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/str.h"
#include "policy/policy.h"
#include "test.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define ROWS       "/tests/sandbox"
#define LEAST_ROWS 120 /* a directory that cannot be found must not pass */

/* Only one budget can end it, so that each is tested on its own. */
static const struct policy_limits by_instructions = {.wall_ms = 600000, .instructions = LIMIT_LUA_INSTRUCTIONS, .bytes = LIMIT_LUA_BYTES};
static const struct policy_limits by_wall_clock = {.wall_ms = 50, .instructions = INT64_MAX / 2, .bytes = LIMIT_LUA_BYTES};

struct row {
    char *text;
    char expect[200], only[100], budget[20];
};

static void free_row(struct row *row) { free(row->text); }

/* The rest of the line after `mark`, "" when there is none. */
static void header(const char *text, const char *mark, char *out, size_t bytes)
{
    const char *at = strstr(text, mark);

    out[0] = '\0';
    if (at)
        snprintf(out, bytes, "%.*s", (int)strcspn(at + strlen(mark), "\n"), at + strlen(mark));
}

static bool runs_as(const struct row *row, const char *place) { return !row->only[0] || strstr(row->only, place); }
static void ignore_line(void *ctx, const char *line) { *(size_t *)ctx += strlen(line); }

/* A step of the same text. `out_ok`: the result's `ok`. */
static int as_script(const struct row *row, const struct policy_limits *limits, bool *out_ok, struct err *err)
{
    size_t printed = 0;
    struct lua_script script = {.source = row->text, .name = "row", .limits = *limits, .on_line = ignore_line, .ctx = &printed};
    CLEANUP(json_put) json_t *result = NULL;
    int rc = lua_script_run(&script, &result, err);

    *out_ok = rc == 0 && json_is_true(json_object_get(result, "ok"));
    return rc;
}

static int as_condition(const struct row *row, const struct policy_limits *limits, bool *out_ok, struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;
    struct buf b = BUF_INIT(1u << 20);
    int rc;

    buf_printf(&b, "(function()\n%s\nend)()", row->text);
    text = buf_take(&b);
    if (strstr(row->expect, "ok")) { /* the row's table is true anyway: look at its member */
        free(text);
        b = BUF_INIT(1u << 20);
        buf_printf(&b, "(function()\n%s\nend)().ok", row->text);
        text = buf_take(&b);
    }
    rc = condition_evaluate(text, NULL, limits, out_ok, err);
    return rc;
}

/* Writes the row as the check of a policy and evaluates it. The answer of an `ok` row is a table, which is a violation: its fields come
 * back. */
static int as_policy(const struct row *row, const struct policy_limits *limits, bool *out_ok, struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(policy_decision_fini) struct policy_decision decision = {0};
    CLEANUP(json_put) json_t *input = json_object();
    struct arena arena = {0};
    const char *path = arena_printf(&arena, "%s/row.lua", test_dir());
    struct buf b = BUF_INIT(1u << 20);
    bool ok_row = str_eq(row->expect, "ok");
    int rc;

    buf_printf(&b, "return { name = 'row', check = function(input)\n%s%s\n%s end }", ok_row ? "local r = (function()\n" : "", row->text,
               ok_row ? "end)()\nreturn { message = r.ok and 'fine' or 'wrong' }" : "");
    text = buf_take(&b);
    rc = io_write_atomic(path, text, strlen(text), 0600, err);
    if (rc == 0)
        rc = policy_eval_file(path, input, limits, &decision, err);
    arena_fini(&arena);
    if (rc < 0)
        return -1;
    *out_ok = decision.code == ERR_DENIED && str_eq(json_str(json_array_get(decision.violations, 0), "message"), "fine");
    if (decision.code == ERR_POLICY_BUDGET || decision.code == ERR_POLICY_FAILED)
        return err_set(err, decision.code, "%s", json_str(json_array_get(decision.violations, 0), "message"));
    return 0;
}

typedef int (*run_row)(const struct row *row, const struct policy_limits *limits, bool *out_ok, struct err *err);

/* What is wrong with how a row ended, "" when it ended as it must. `lenient`: the wall clock may come first on a slow machine. */
static const char *judge(const struct row *row, int rc, bool ok, const struct err *err, bool lenient)
{
    if (str_eq(row->expect, "ok"))
        return (rc == 0 && ok) || (lenient && err->code == ERR_POLICY_BUDGET) ? "" : "should be ok";
    if (rc == 0)
        return "came to an end";
    if (err->code == ERR_POLICY_BUDGET && (lenient || str_eq(row->expect, "budget")))
        return "";
    if (str_eq(row->expect, "budget"))
        return "should run over budget";
    if (err->code == ERR_POLICY_BUDGET || err->code == ERR_INTERNAL)
        return "should be a clean error";
    return strstr(err->msg, row->expect + strlen("error: ")) ? "" : "has another message";
}

static void run_everywhere(const char *name, const struct row *row, const struct policy_limits *limits, bool lenient)
{
    static const struct {
        const char *place;
        run_row run;
    } places[] = {{"script", as_script}, {"policy", as_policy}, {"condition", as_condition}};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct err err = {0};
        bool ok = false;
        const char *wrong;
        int rc;

        if (!runs_as(row, places[i].place))
            continue;
        rc = places[i].run(row, limits, &ok, &err);
        wrong = judge(row, rc, ok, &err, lenient);
        if (*wrong) {
            fprintf(stderr, "%s as %s %s: %s\n", name, places[i].place, wrong, rc < 0 ? err.msg : "no error");
            CU_FAIL("row");
        }
    }
}

static int is_row(const struct dirent *entry) { return str_ends(entry->d_name, ".lua"); }

static void run_rows(const struct policy_limits *limits, bool lenient)
{
    struct dirent **entries;
    int count = scandir(TEST_SOURCE_DIR ROWS, &entries, is_row, alphasort);
    struct err err;

    CU_ASSERT(count >= LEAST_ROWS);
    for (int i = 0; i < count; i++) {
        CLEANUP(free_row) struct row row = {0};
        struct arena arena = {0};

        ASSERT_OK(io_read_file(arena_printf(&arena, "%s/%s", TEST_SOURCE_DIR ROWS, entries[i]->d_name), 1u << 20, &row.text, NULL, &err),
                  err);
        header(row.text, "-- expect: ", row.expect, sizeof row.expect);
        header(row.text, "-- only: ", row.only, sizeof row.only);
        header(row.text, "-- budget: ", row.budget, sizeof row.budget); /* "wall": instructions that take as long as their texts */
        CU_ASSERT(str_eq(row.expect, "ok") || str_eq(row.expect, "budget") || str_starts(row.expect, "error: "));
        if (lenient || !row.budget[0])
            run_everywhere(entries[i]->d_name, &row, limits, lenient);
        arena_fini(&arena);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void test_instructions(void) { run_rows(&by_instructions, false); }
static void test_wall_clock(void) { run_rows(&by_wall_clock, true); }

static void test_bytecode(void)
{
    static const char *const sources[] = {"\x1bLua", "\x1bLuaT\0\x19\x93\r\n\x1a\n"};

    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct row row = {.text = (char *)sources[i]};
        struct err err = {0};
        bool ok;

        CU_ASSERT_EQUAL(as_script(&row, &by_instructions, &ok, &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_LUA);
        ASSERT_CONTAINS(err.msg, "attempt to load a binary chunk");
    }
}

/* Source of the largest size that makes the compiler work for every byte. */
static void test_compile_budget(void)
{
    CLEANUP(buf_fini) struct buf b = BUF_INIT(1u << 20);
    struct policy_limits limits = {.wall_ms = 600000, .instructions = 1000, .bytes = LIMIT_LUA_BYTES};
    struct row row = {0};
    struct err err = {0};
    bool ok;

    for (int i = 0; i < 2000; i++)
        buf_printf(&b, "local function f%d() return {%d} end do ", i, i);
    row.text = (char *)buf_text(&b);
    CU_ASSERT_EQUAL(as_script(&row, &limits, &ok, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_POLICY_BUDGET);
}

static void test_sizes(void)
{
    CLEANUP(buf_fini) struct buf b = BUF_INIT(1u << 20);
    struct row row = {0};
    struct err err = {0};
    bool ok;

    for (int i = 0; i < 30000; i++)
        buf_add_text(&b, "-- comment");
    row.text = (char *)buf_text(&b);
    CU_ASSERT_EQUAL(as_script(&row, &by_instructions, &ok, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_LIMIT);
    err = (struct err){0};
    CU_ASSERT_EQUAL(as_condition(&row, &by_instructions, &ok, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_CONDITION);
}

const struct test_case tests[] = {
    {"every row ends by instructions, memory or a clean error", test_instructions},
    {"every row ends by the wall clock alone", test_wall_clock},
    {"bytecode is refused", test_bytecode},
    {"compiling counts against the budget", test_compile_budget},
    {"sources and conditions have a largest size", test_sizes},
    {0},
};
