/* Fresh databases for the store's tests. */
#include "db.h"
#include "base/mem.h"
#ifdef TEST_POSTGRES
#include "pg.h"
#endif
#include <stdio.h>

static char urls[64][256];
static size_t used;

#ifdef TEST_POSTGRES
static struct pg_cluster *cluster;

static void stop_cluster(void) { pg_cluster_stop(cluster); }

struct pg_cluster *db_cluster(void)
{
    const char *reason = pg_missing();
    struct err err;

    if (reason) {
        test_skip(reason);
        return NULL;
    }
    if (!cluster) {
        ASSERT_OK(pg_cluster_start(&cluster, &err), err);
        atexit(stop_cluster);
    }
    return cluster;
}

const char *db_url(void)
{
    struct err err;
    char name[32];

    if (!db_cluster())
        return NULL;
    snprintf(name, sizeof name, "t%zu", used);
    ASSERT_OK(pg_cluster_database(cluster, name, urls[used], sizeof urls[used], &err), err);
    return urls[used++];
}
#else
const char *db_url(void)
{
    snprintf(urls[used], sizeof urls[used], "sqlite:%s/test.db", test_dir());
    return urls[used++];
}
#endif

struct store *db_open(const char *url)
{
    struct store *s = NULL;
    struct err err;

    ASSERT_OK(store_open(&(struct store_options){.url = url}, &s, &err), err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    return s;
}

static int run_text(struct store_tx *tx, void *ctx, struct err *err) { return store_exec(tx, ctx, STORE_NO_ARGS, NULL, err); }

int db_run(struct store *s, const char *sql, struct err *err) { return store_write_wait(s, run_text, (void *)(uintptr_t)sql, err); }

void db_must(struct store *s, const char *sql)
{
    struct err err;

    ASSERT_OK(db_run(s, sql, &err), err);
}

struct int_query {
    const char *sql;
    int64_t found;
};

static int read_int(struct store_tx *tx, void *ctx, struct err *err)
{
    struct int_query *query = ctx;

    return store_query_int(tx, query->sql, STORE_NO_ARGS, -1, &query->found, err);
}

int64_t db_int(struct store *s, const char *sql)
{
    struct int_query query = {.sql = sql, .found = -2};
    struct err err;

    ASSERT_OK(store_read(s, read_int, &query, &err), err);
    return query.found;
}

static int increment(struct store_tx *tx, void *ctx, struct err *err)
{
    int64_t n;

    (void)ctx;
    if (store_query_int(tx, "SELECT n FROM counter", STORE_NO_ARGS, -1, &n, err) < 0)
        return -1;
    return store_exec(tx, "UPDATE counter SET n = $1", STORE_ARGS(store_int(n + 1)), NULL, err);
}

void *db_increment_often(void *ctx)
{
    struct err err;

    for (int i = 0; i < 40; i++)
        ASSERT_OK(store_write_wait(ctx, increment, NULL, &err), err);
    return NULL;
}
