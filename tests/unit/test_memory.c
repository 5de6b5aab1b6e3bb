/* Memory that runs out: at every allocation of ours the process ends at once, with a message, and before it has written anything half; a
 * script that gets none fails its policy. The wrappers below stand before malloc for everything that is linked statically; jansson
 * allocates through mem_alloc. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/failpoint.h"
#include "base/io.h"
#include "base/mem.h"
#include "codec/json.h"
#include "policy/policy.h"
#include "score/score.h"
#include "test.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);

static long fail_at, asked; /* of the process that is made for it */

static bool fails_now(void) { return fail_at > 0 && ++asked == fail_at; }

void *__wrap_malloc(size_t bytes) { return fails_now() ? NULL : __real_malloc(bytes); }
void *__wrap_calloc(size_t count, size_t bytes) { return fails_now() ? NULL : __real_calloc(count, bytes); }
void *__wrap_realloc(void *p, size_t bytes) { return fails_now() ? NULL : __real_realloc(p, bytes); }

/* Runs `work` in a process of its own in which the n-th allocation fails. False when it had fewer. */
static bool dies_cleanly(void (*work)(void), long n)
{
    char said[400] = "";
    int ends[2], status = 0;
    ssize_t len;
    pid_t child;

    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        fail_at = n;
        work();
        _exit(asked >= n ? 2 : 0);
    }
    close(ends[1]);
    len = read(ends[0], said, sizeof said - 1);
    close(ends[0]);
    said[len > 0 ? len : 0] = '\0';
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return false;
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT || !strstr(said, "out of memory"))
        fprintf(stderr, "allocation %ld: status %x, said \"%s\"\n", n, status, said);
    CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    ASSERT_CONTAINS(said, "innominatus: out of memory");
    return true;
}

static void fail_everywhere(void (*work)(void), long step)
{
    long n = 1;

    while (n < 100000 && dies_cleanly(work, n))
        n += step + n / 20; /* the later ones are like those before */
    CU_ASSERT(n > 20 && n < 100000);
}

static void work_json(void)
{
    static const char text[] =
        "{\"a\": [1, 2.5, \"three\", null, {\"b\": {\"c\": true}}], \"d\": \"a longer text, for a longer allocation\"}";
    CLEANUP(json_put) json_t *value = NULL;
    CLEANUP(json_put) json_t *copy = NULL;
    CLEANUP(free_ptr) char *again = NULL;
    struct err err;

    if (json_parse(text, strlen(text), "test", 1 << 20, &value, &err) < 0)
        _exit(3);
    copy = json_deep_copy(value);
    json_set_str(copy, "e", "more");
    again = json_canonical(copy);
    if (!again || !strstr(again, "three"))
        _exit(3); /* something is missing, and nobody has noticed */
}

static void work_score(void)
{
    static const char text[] =
        "apiVersion: score.dev/v1b1\nmetadata: {name: shop}\ncontainers:\n  web:\n    image: nginx:1.27\n    variables: {A: "
        "'${resources.db.host}', B: c}\nresources:\n  db: {type: postgres, params: {size: 1Gi, list: [1, 2, 3]}}\n";
    CLEANUP(arena_fini) struct arena arena = {0};
    struct diag_list diags = diag_list_make(&arena, "score.yaml");
    struct score_options options = {0};
    struct score *score = NULL;

    if (score_parse(text, strlen(text), &options, &arena, &diags, &score) < 0)
        _exit(3);
}

static void test_json(void) { fail_everywhere(work_json, 1); }
static void test_score(void) { fail_everywhere(work_score, 1); }

/* ---- Lua has an allocator of its own ---- */

static void test_policies(void)
{
    CLEANUP(json_put) json_t *input = json_pack("{s:{s:s}}", "environment", "type", "production");
    struct policy_set_options options = {0};
    struct policy_set *set = NULL;
    int failed = 0;
    struct err err;

    ASSERT_OK(policy_set_load(&options, NULL, &set, &err), err);
    for (int n = 1; n < 400; n++) {
        struct policy_decision decision = {0};
        char armed[40];

        snprintf(armed, sizeof armed, "policy.alloc=fail@%d", n);
        failpoint_arm(armed);
        policy_evaluate(set, "deployment", input, &decision);
        failpoint_arm(NULL);
        if (decision.denied) { /* it never passes because it could not look */
            CU_ASSERT_EQUAL(decision.code, ERR_POLICY_FAILED);
            failed++;
        }
        policy_decision_fini(&decision);
        policy_evaluate(set, "deployment", input, &decision); /* and the next one is asked as ever */
        CU_ASSERT_FALSE(decision.denied);
        policy_decision_fini(&decision);
    }
    CU_ASSERT(failed > 0);
    policy_set_unref(set);
}

/* ---- files ---- */

/* A disk that takes a part: the file stays what it was, and nothing is left beside it. */
static void test_short_write(void)
{
    CLEANUP(free_ptr) char *dir = mem_strdup(test_dir());
    CLEANUP(free_ptr) char *path = mem_printf("%s/kept", dir);
    CLEANUP(free_ptr) char *large = mem_zalloc(100000);
    CLEANUP(free_ptr) char *text = NULL;
    struct rlimit before, small;
    struct err err;
    pid_t child;
    int status;

    ASSERT_OK(io_write_atomic(path, "old", 3, 0600, &err), err);
    CU_ASSERT_EQUAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    child = fork();
    if (child == 0) {
        struct err failed = {0};

        signal(SIGXFSZ, SIG_IGN);
        small = (struct rlimit){5000, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
        if (io_write_atomic(path, large, 100000, 0600, &failed) == 0 || failed.code != ERR_IO || !strstr(failed.msg, "File too large"))
            _exit(1);
        _exit(0);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ASSERT_OK(io_read_file(path, 100, &text, NULL, &err), err);
    ASSERT_TEXT(text, "old");
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(rmdir(dir), 0); /* empty: no half file is left */
}

static void test_no_place(void)
{
    CLEANUP(close_fd) int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct err err;

    ASSERT_FAILS(io_write_atomic("/proc/innominatus-test", "x", 1, 0600, &err), err, ERR_IO);
    ASSERT_FAILS(io_write_atomic("/nowhere/at/all", "x", 1, 0600, &err), err, ERR_IO);
    ASSERT_CONTAINS(err.msg, "/nowhere/at/all");
    ASSERT_FAILS(io_write_all(fd, "x", 1, &err), err, ERR_IO);
    ASSERT_CONTAINS(err.msg, "No space left on device");
}

const struct test_case tests[] = {
    {"JSON without memory ends the process in words, and loses no member", test_json},
    {"a Score file without memory ends the process in words", test_score},
    {"a policy without memory denies, and the next one is asked as ever", test_policies},
    {"a write that comes short leaves the old file and nothing else", test_short_write},
    {"a file that cannot be written says which and why", test_no_place},
    {0},
};
