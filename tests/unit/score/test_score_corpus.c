/* The corpus: every file of valid/ is accepted, every file of invalid/ gives exactly the diagnostics that stand beside it.
 * `# strict` in the first line sets the option. NAME.expected: one line a diagnostic, `line:column severity ORC-code message | help`.
 * SCORE_CORPUS_WRITE=1 writes the expected files anew; read them before committing. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "score/score.h"
#include "test.h"
#include <glob.h>
#include <string.h>

#define CORPUS "tests/unit/score/" /* the tests run in the source directory */

static void write_lines(const struct diag_list *diags, struct buf *out)
{
    static const char *const names[] = {[DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_INFO] = "info"};
    char code[16];

    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *d = &diags->items[i];

        buf_printf(out, "%d:%d %s %s %s%s%s\n", d->line, d->column, names[d->severity], err_name(d->code, code), d->message,
                   d->suggestion ? " | " : "", d->suggestion ? d->suggestion : "");
    }
}

static void check_expected(const char *path, const char *got)
{
    CLEANUP(free_ptr) char *wanted = NULL;
    char expected[4096];
    struct err err = {0};

    snprintf(expected, sizeof expected, "%.*s.expected", (int)(strlen(path) - strlen(".yaml")), path);
    if (getenv("SCORE_CORPUS_WRITE")) {
        ASSERT_OK(io_write_atomic(expected, got, strlen(got), 0644, &err), err);
        return;
    }
    ASSERT_OK(io_read_file(expected, 1 << 20, &wanted, NULL, &err), err);
    if (!str_eq(wanted, got))
        fprintf(stderr, "%s:\n%s-- wanted:\n%s", path, got, wanted ? wanted : "");
    CU_ASSERT_TRUE(str_eq(wanted, got));
}

static void run_file(const char *path, bool valid)
{
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(score_put) struct score *score = NULL;
    CLEANUP(buf_fini) struct buf lines = BUF_INIT(1 << 20);
    struct arena arena = {0};
    struct diag_list diags = diag_list_make(&arena, NULL);
    struct score_options options = {0};
    struct err err = {0};
    size_t len = 0;
    int rc;

    ASSERT_OK(io_read_file(path, 1 << 20, &text, &len, &err), err);
    options.strict = str_starts(text, "# strict");
    rc = score_parse(text, len, &options, &arena, &diags, &score);
    if ((rc == 0) != valid)
        fprintf(stderr, "%s: %s\n%s", path, rc == 0 ? "accepted" : "refused", diag_render(&diags, text, false, &arena));
    CU_ASSERT_EQUAL(rc, valid ? 0 : -1);
    CU_ASSERT_EQUAL(score != NULL, valid);
    CU_ASSERT_EQUAL(diags.errors > 0, !valid);
    write_lines(&diags, &lines);
    check_expected(path, buf_text(&lines));
    CU_ASSERT(strlen(diag_render(&diags, text, true, &arena)) > 0 || !diags.count);
    score_put(&score);
    score = NULL;
    arena_fini(&arena);
}

static void run_all(const char *pattern, size_t at_least, bool valid)
{
    glob_t found;

    CU_ASSERT_EQUAL_FATAL(glob(pattern, 0, NULL, &found), 0);
    CU_ASSERT(found.gl_pathc >= at_least);
    for (size_t i = 0; i < found.gl_pathc; i++)
        run_file(found.gl_pathv[i], valid);
    globfree(&found);
}

static void test_valid(void) { run_all(CORPUS "valid/*.yaml", 8, true); }
static void test_invalid(void) { run_all(CORPUS "invalid/*.yaml", 25, false); }

const struct test_case tests[] = {
    {"every valid file of the corpus is accepted, with the warnings it deserves", test_valid},
    {"every invalid file gives exactly the problems it has, in their order", test_invalid},
    {0},
};
