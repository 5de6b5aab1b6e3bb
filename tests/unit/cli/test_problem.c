/* Problems of a server, as people read them. */
#include "base/cleanup.h"
#include "base/io.h"
#include "cli/problem.h"
#include "test.h"
#include <string.h>
#include <sys/mman.h>

static void cli_put(struct cli *c) { arena_fini(&c->arena); }

static json_t *problem_of(const char *text)
{
    json_t *problem = json_loads(text, 0, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(problem);
    return problem;
}

/* What problem_print writes to `stream`, which stands for `fd`. */
static const char *printed(struct cli *c, int fd, FILE *stream, int status, const json_t *problem, const char *source, int *out_code)
{
    CLEANUP(close_fd) int memory = memfd_create("printed", MFD_CLOEXEC);
    CLEANUP(free_ptr) char *text = NULL;
    int saved = dup(fd);
    struct err err;

    fflush(stream);
    dup2(memory, fd);
    *out_code = problem_print(c, status, problem, source, "app.yaml");
    fflush(stream);
    dup2(saved, fd);
    close(saved);
    lseek(memory, 0, SEEK_SET);
    ASSERT_OK(io_read_fd(memory, "printed", 1 << 20, &text, NULL, &err), err);
    return arena_strdup(&c->arena, text);
}

static const char *on_stderr(struct cli *c, int status, const char *problem, const char *source, int wanted_code)
{
    CLEANUP(json_put) json_t *parsed = problem_of(problem);
    const char *text;
    int code = -1;

    text = printed(c, STDERR_FILENO, stderr, status, parsed, source, &code);
    CU_ASSERT_EQUAL(code, wanted_code);
    return text;
}

static void test_plain(void)
{
    CLEANUP(cli_put) struct cli c = {0};
    const char *text =
        on_stderr(&c, 404, "{\"code\": \"ORC-3004\", \"detail\": \"there is no application \\\"x\\\"\", \"remedy\": \"list what exists\"}",
                  NULL, EXIT_MISSING);

    ASSERT_TEXT(text, "error[ORC-3004]: there is no application \"x\"\n  help: `innominatus list` shows what there is\n");
    text = on_stderr(&c, 500, "{\"title\": \"internal error\", \"trace_id\": \"abc\"}", NULL, EXIT_FAILED);
    ASSERT_TEXT(text, "error[HTTP 500]: internal error\n  trace: abc\n");
    text = on_stderr(&c, 503, "{}", NULL, EXIT_FAILED);
    ASSERT_CONTAINS(text, "no detail was given");
}

static void test_errors(void)
{
    CLEANUP(cli_put) struct cli c = {0};
    const char *text = on_stderr(
        &c, 422,
        "{\"code\": \"ORC-1003\", \"errors\": [{\"line\": 2, \"column\": 1, \"severity\": \"error\", \"code\": \"ORC-1003\", \"message\": "
        "\"unknown field \\\"conatiners\\\"\", \"suggestion\": \"did you mean \\\"containers\\\"?\"}]}",
        "apiVersion: score.dev/v1b1\nconatiners: {}\n", EXIT_INVALID);

    ASSERT_CONTAINS(text, "app.yaml:2:1: error[ORC-1003]: unknown field \"conatiners\"\n");
    ASSERT_CONTAINS(text, "   2 | conatiners: {}\n     | ^^^^^^^^^^ help: did you mean \"containers\"?\n");
    ASSERT_CONTAINS(text, "1 error. `innominatus explain ORC-1003` tells more.");
    /* What is underlined are characters, not bytes. */
    text = on_stderr(&c, 422,
                     "{\"errors\": [{\"line\": 1, \"column\": 4, \"severity\": \"error\", \"code\": \"ORC-1006\", \"message\": "
                     "\"\\\"w\u00e9b\\\" is not a name\"}]}",
                     "\xc3\xa9: w\xc3\xa9"
                     "b x\n",
                     EXIT_INVALID);
    ASSERT_CONTAINS(text, "     |    ^^^\n");
    /* Places beyond the text, and no text at all. */
    text = on_stderr(&c, 400, "{\"errors\": [{\"line\": 900, \"column\": 900, \"code\": \"ORC-1001\", \"message\": \"x\"}]}", "short\n",
                     EXIT_INVALID);
    ASSERT_CONTAINS(text, "app.yaml:900:900: error[ORC-1001]: x");
    text = on_stderr(&c, 422, "{\"errors\": [{\"code\": \"nonsense\", \"message\": \"x\"}, {}]}", NULL, EXIT_INVALID);
    ASSERT_CONTAINS(text, "2 errors.");
    text =
        on_stderr(&c, 422, "{\"errors\": [{\"code\": \"ORC-1003\", \"message\": \"x\"}, {\"severity\": \"warning\", \"message\": \"y\"}]}",
                  NULL, EXIT_INVALID);
    ASSERT_CONTAINS(text, "2 problems.");
}

static void test_denial(void)
{
    CLEANUP(cli_put) struct cli c = {0};
    const char *text =
        on_stderr(&c, 403,
                  "{\"code\": \"ORC-2001\", \"violations\": ["
                  "{\"policy\": \"needs-backups\", \"severity\": \"deny\", \"path\": \"/resources/db\", \"message\": \"db has no backup\", "
                  "\"fix\": \"set params.backup: daily\", \"source\": \"policies/backups.lua:9\"},"
                  "{\"policy\": \"needs-backups\", \"severity\": \"deny\", \"path\": \"/resources/x\", \"message\": \"x has no backup\", "
                  "\"value\": 3},"
                  "{\"policy\": \"allowed\", \"severity\": \"deny\", \"message\": \"no\"},"
                  "{\"policy\": \"advice\", \"severity\": \"warn\", \"message\": \"only a warning\"}]}",
                  NULL, EXIT_DENIED);

    ASSERT_CONTAINS(text, "denied by 2 policies; nothing was changed\n");
    ASSERT_CONTAINS(text,
                    "  needs-backups  /resources/db  db has no backup\n      fix: set params.backup: daily     policies/backups.lua:9\n");
    ASSERT_CONTAINS(text, "      value: 3\n");
    CU_ASSERT_PTR_NULL(strstr(text, "only a warning"));
}

static void test_hostile(void)
{
    CLEANUP(cli_put) struct cli c = {0};
    const char *text = on_stderr(
        &c, 403,
        "{\"violations\": [{\"policy\": \"\\u001b[2J\", \"path\": 5, \"message\": [\"x\"], \"fix\": \"\\u001b]0;title\\u0007\"}, 7, null]}",
        NULL, EXIT_DENIED);

    CU_ASSERT_PTR_NULL(strchr(text, '\033'));
    text = on_stderr(&c, 418, "{\"code\": \"\\u001b[31m\", \"detail\": \"a\\u001b[0mb\"}", NULL, EXIT_FAILED);
    CU_ASSERT_PTR_NULL(strchr(text, '\033'));
    CU_ASSERT_EQUAL(problem_exit(403, NULL), EXIT_DENIED);
    CU_ASSERT_EQUAL(problem_exit(401, NULL), EXIT_DENIED);
    CU_ASSERT_EQUAL(problem_exit(400, NULL), EXIT_FAILED);
    CLEANUP(json_put) json_t *request = json_pack("{s:s}", "code", "ORC-1030");

    CU_ASSERT_EQUAL(problem_exit(400, request), EXIT_USAGE);
    CU_ASSERT_EQUAL(problem_exit(409, NULL), EXIT_FAILED);
}

static void test_data(void)
{
    CLEANUP(cli_put) struct cli c = {.output = OUTPUT_JSON};
    CLEANUP(json_put) json_t *problem = problem_of("{\"code\": \"ORC-2001\", \"violations\": [{\"policy\": \"p\"}]}");
    CLEANUP(json_put) json_t *back = NULL;
    int code = -1;

    back = json_loads(printed(&c, STDOUT_FILENO, stdout, 403, problem, NULL, &code), 0, NULL);
    CU_ASSERT_EQUAL(code, EXIT_DENIED);
    CU_ASSERT_TRUE(back && json_equal(back, problem));
}

const struct test_case tests[] = {
    {"a problem is one line and what to do", test_plain},           {"errors stand with their source lines", test_errors},
    {"a denial names policy, path, message and fix", test_denial},  {"texts of a server cannot drive the terminal", test_hostile},
    {"with --output json the problem itself comes out", test_data}, {0},
};
