/* Runs the program's table of tests under CUnit and prints TAP. An argument runs only the tests whose name contains it. */
#include "base/io.h"
#include "test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *skipped;
static struct dir {
    struct dir *next;
    char path[64];
} * dirs;

void test_skip(const char *reason) { skipped = reason; }

const char *test_dir(void)
{
    const char *base = getenv("TMPDIR");
    struct dir *dir = calloc(1, sizeof *dir);

    if (!dir)
        abort();
    snprintf(dir->path, sizeof dir->path, "%.40s/inno-test-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(dir->path))
        abort();
    dir->next = dirs;
    dirs = dir;
    return dir->path;
}

static void remove_dirs(void)
{
    struct err err;

    while (dirs) {
        struct dir *next = dirs->next;

        io_remove_tree(dirs->path, &err);
        free(dirs);
        dirs = next;
    }
}

static void report(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
    (void)suite;
    printf("%sok - %s", failure ? "not " : "", test->pName);
    if (skipped && !failure)
        printf(" # SKIP %s", skipped);
    printf("\n");
    for (CU_pFailureRecord at = failure; at; at = at->pNext)
        if (at->pTest == test)
            printf("# %s:%u: %s\n", at->strFileName, at->uiLineNumber, at->strCondition);
    fflush(stdout);
    skipped = NULL;
}

int main(int argc, char **argv)
{
    CU_pSuite suite;
    unsigned failed;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (CU_initialize_registry() != CUE_SUCCESS || !(suite = CU_add_suite("tests", NULL, NULL)))
        return 2;
    for (const struct test_case *test = tests; test->name; test++)
        if ((argc < 2 || strstr(test->name, argv[1])) && !CU_add_test(suite, test->name, test->run)) {
            fprintf(stderr, "cannot add test \"%s\" (a name given twice?)\n", test->name);
            return 2;
        }
    CU_set_test_complete_handler(report);
    CU_run_all_tests();
    failed = CU_get_number_of_tests_failed();
    CU_cleanup_registry();
    remove_dirs();
    return failed ? 1 : 0;
}
