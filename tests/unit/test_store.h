/* A fresh store for a test: SQLite in a directory of its own, or PostgreSQL when the program was registered for it. */
#pragma once
#include "store/store.h"
#include "test.h"

static inline struct store *test_store(void)
{
    struct store *s = NULL;
    char url[256];
    struct err err = {0};

    snprintf(url, sizeof url, "sqlite:%s/test.db", test_dir());
    if (store_open(&(struct store_options){.url = url}, &s, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        abort();
    }
    return s;
}

static inline void test_store_close(struct store *s) { store_close(s); }
