/* The migration runner with files of its own: how they are split, and that a failing one leaves nothing behind. */
#include "db.h"
#include "store/store_priv.h"

static void close_conn(struct driver_conn **conn)
{
    if (*conn)
        (*conn)->driver->close(*conn);
}

/* A bare connection to a fresh database; NULL: skipped. */
static struct driver_conn *connect_fresh(void)
{
    const struct driver *driver = ON_POSTGRES ? &driver_postgres : &driver_sqlite;
    const char *url = db_url();
    struct driver_conn *conn = NULL;
    struct err err;

    if (!url)
        return NULL;
    ASSERT_OK(driver->open(&(struct driver_config){.url = (char *)(uintptr_t)url,
                                                   .path = (char *)(uintptr_t)url + strlen("sqlite:"),
                                                   .statement_ms = 5000},
                           DRIVER_WRITER, &conn, &err),
              err);
    return conn;
}

/* Outside of a transaction; -1 when there is no such table. */
static int64_t count_rows(struct driver_conn *conn, const char *sql)
{
    struct driver_rows *rows = NULL;
    int64_t count;
    struct err err;

    if (conn->driver->query(conn, sql, STORE_NO_ARGS, &rows, &err) < 0)
        return -1;
    count = conn->driver->next(rows, &err) > 0 ? conn->driver->column(rows, 0, STORE_INT).integer : -1;
    conn->driver->rows_close(rows);
    return count;
}

#define FILE_OF(name, text)                                                                                                                \
    {                                                                                                                                      \
        name, text, sizeof(text) - 1                                                                                                       \
    }

void test_migration_split(void)
{
    static const struct embedded_file files[] = {
        FILE_OF("0001_tricky.sql",
                "-- a comment; with a semicolon and ${blob} and 'a quote\n"
                "CREATE TABLE one (seq ${serial}, bytes ${blob}, \"odd;name\" TEXT DEFAULT 'it''s; fine -- here'); /* ; */\n"
                ";;\n INSERT INTO one (\"odd;name\") VALUES ('a;b'), ('/* no; comment */'), ('-- neither');"),
        FILE_OF("0002_last.sql", "INSERT INTO one (bytes) VALUES (NULL) -- no semicolon at the end"),
        {0},
    };
    CLEANUP(close_conn) struct driver_conn *conn = connect_fresh();
    struct err err;

    if (!conn)
        return;
    for (int i = 0; i < 2; i++) { /* the second time nothing is left to do */
        ASSERT_OK(migrations_apply(conn, files, &err), err);
        CU_ASSERT_EQUAL(count_rows(conn, "SELECT COUNT(*) FROM one"), 4);
    }
    CU_ASSERT_EQUAL(count_rows(conn, "SELECT COUNT(*) FROM one WHERE \"odd;name\" = 'it''s; fine -- here'"), 1);
    CU_ASSERT_EQUAL(count_rows(conn, "SELECT MAX(seq) FROM one"), 4);
    CU_ASSERT_EQUAL(count_rows(conn, "SELECT COUNT(*) FROM schema_migrations"), 2);
}

void test_migration_fails(void)
{
    static const struct embedded_file good[] = {FILE_OF("0001_one.sql", "CREATE TABLE one (a BIGINT);"), {0}};
    static const struct embedded_file broken[] = {
        FILE_OF("0001_one.sql", "CREATE TABLE one (a BIGINT);"),
        FILE_OF("0002_two.sql", "CREATE TABLE two (a BIGINT); INSERT INTO one (a) VALUES (1); INSERT INTO nowhere (a) VALUES (1);"),
        {0},
    };
    static const struct embedded_file unknown[] = {
        FILE_OF("0001_one.sql", "CREATE TABLE one (a BIGINT);"), FILE_OF("0002_two.sql", "SELECT ${what}"), {0}};
    CLEANUP(close_conn) struct driver_conn *conn = connect_fresh();
    struct err err;

    if (!conn)
        return;
    ASSERT_OK(migrations_apply(conn, good, &err), err);
    ASSERT_FAILS(migrations_apply(conn, broken, &err), err, ERR_MIGRATION);
    ASSERT_CONTAINS(err.msg, "0002_two.sql");
    ASSERT_CONTAINS(err.msg, "nowhere");
    CU_ASSERT_EQUAL(count_rows(conn, "SELECT COUNT(*) FROM two"), -1);
    CU_ASSERT_EQUAL(count_rows(conn, "SELECT COUNT(*) FROM one"), 0);
    CU_ASSERT_EQUAL(count_rows(conn, "SELECT COUNT(*) FROM schema_migrations"), 1);
    ASSERT_FAILS(migrations_apply(conn, unknown, &err), err, ERR_MIGRATION);
    ASSERT_CONTAINS(err.msg, "${what}");
    ASSERT_OK(migrations_apply(conn, good, &err), err);
}

static void done_shut_down(void *ctx, const struct err *result) { *(enum err_code *)ctx = result->code; }

static int change_meta(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    return store_exec(tx, "INSERT INTO meta (key, value) VALUES ('looked', 'at')", STORE_NO_ARGS, NULL, err);
}

void test_looked_at(void)
{
    FRESH(url, s);
    struct store_options options = {.url = url};
    CLEANUP(db_close) struct store *look = NULL;
    CLEANUP(free_ptr) char *found = NULL;
    enum err_code code = ERR_NONE;
    size_t pending = 99;
    struct err err = {0};

    ASSERT_OK(store_open_to_read(&options, &look, &pending, &err), err);
    CU_ASSERT_EQUAL(pending, 0);
    db_must(s, "INSERT INTO meta (key, value) VALUES ('a key', 'a value')"); /* the server goes on */
    CU_ASSERT_EQUAL(db_int(look, "SELECT COUNT(*) FROM meta WHERE key = 'a key'"), 1);
    ASSERT_OK(store_check_integrity(look, &found, &err), err);
    CU_ASSERT_PTR_NULL(found);
    store_write(look, change_meta, &code, done_shut_down);
    CU_ASSERT_EQUAL(code, ERR_SHUTDOWN);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta WHERE key = 'looked'"), 0);
    db_close(&look);

    db_must(s, "DELETE FROM schema_migrations WHERE version > 0");
    ASSERT_OK(store_open_to_read(&options, &look, &pending, &err), err);
    CU_ASSERT_TRUE(pending > 0);
    db_close(&look);
    db_must(s, "DROP TABLE schema_migrations");
    CU_ASSERT_EQUAL(store_open_to_read(&options, &look, &pending, &err), -1);
}
