/* A fresh store for a test: SQLite in a directory of its own, or a database of a PostgreSQL cluster in programs built with TEST_POSTGRES.
 * Included by one file of a test program. */
#pragma once
#include "store/store.h"
#include "test.h"
#include <stdio.h>
#include <stdlib.h>

#ifdef TEST_POSTGRES
#include "pg.h"

static struct pg_cluster *test_cluster;

static void test_cluster_stop(void) { pg_cluster_stop(test_cluster); }

/* Without PostgreSQL every test of the program is skipped, and says so. */
__attribute__((constructor)) static void test_cluster_start(void)
{
    const char *reason = pg_missing();
    struct err err = {0};

    if (reason) {
        for (const struct test_case *test = tests; test->name; test++)
            printf("ok - %s # SKIP %s\n", test->name, reason);
        exit(0);
    }
    if (pg_cluster_start(&test_cluster, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    atexit(test_cluster_stop);
}

static inline int test_store_url(char *url, size_t cap, struct err *err)
{
    static unsigned used;
    char name[32];

    snprintf(name, sizeof name, "t%u", used++);
    return pg_cluster_database(test_cluster, name, url, cap, err);
}
#else
static inline int test_store_url(char *url, size_t cap, struct err *err)
{
    (void)err;
    snprintf(url, cap, "sqlite:%s/test.db", test_dir());
    return 0;
}
#endif

static inline struct store *test_store(void)
{
    struct store *s = NULL;
    char url[256];
    struct err err = {0};

    if (test_store_url(url, sizeof url, &err) < 0 || store_open(&(struct store_options){.url = url, .readers = 3}, &s, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    return s;
}

static inline void test_store_close(struct store *s) { store_close(s); }
