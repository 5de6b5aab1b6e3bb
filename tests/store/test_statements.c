/* Statements, values, errors and migrations: what one unit sees. */
#include "db.h"
#include <float.h>
#include <stdio.h>

void test_migrated(void)
{
    FRESH(url, s);

    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM deployments"), 0);
    CU_ASSERT(db_int(s, "SELECT COUNT(*) FROM schema_migrations") >= 1);
    CU_ASSERT_EQUAL(store_kind(s), ON_POSTGRES ? STORE_POSTGRES : STORE_SQLITE);
    db_must(s, "INSERT INTO meta (key, value) VALUES ('a', 'b')");
    db_close(&s);
    s = db_open(url);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 1);
}

void test_migration_altered(void)
{
    FRESH(url, s);
    struct store *again = NULL;
    struct err err;

    db_must(s, "UPDATE schema_migrations SET checksum = 'other' WHERE version = 1");
    db_close(&s);
    ASSERT_FAILS(store_open(&(struct store_options){.url = url}, &again, &err), err, ERR_MIGRATION);
    ASSERT_CONTAINS(err.msg, "0001_");
    CU_ASSERT_PTR_NULL(again);
}

void test_migration_newer(void)
{
    FRESH(url, s);
    struct store *again = NULL;
    struct err err;

    db_must(s, "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (9999, '9999_future.sql', 'x', 0)");
    db_close(&s);
    ASSERT_FAILS(store_open(&(struct store_options){.url = url}, &again, &err), err, ERR_MIGRATION);
    ASSERT_CONTAINS(err.msg, "9999_future.sql");
    ASSERT_CONTAINS(err.msg, "newer");
}

void test_url(void)
{
    struct store *s = NULL;
    struct err err;

    ASSERT_FAILS(store_open(&(struct store_options){.url = "mysql://me:hunter2@host/db"}, &s, &err), err, ERR_USAGE);
    CU_ASSERT_PTR_NULL(strstr(err.msg, "hunter2"));
    ASSERT_FAILS(store_open(&(struct store_options){.url = "sqlite:"}, &s, &err), err, ERR_STORE);
    ASSERT_FAILS(store_open(&(struct store_options){.url = ""}, &s, &err), err, ERR_USAGE);
}

/* ---- values ---- */

static const int64_t integers[] = {0, 1, -1, INT64_MAX, INT64_MIN};
static const double reals[] = {0.0, 0.1, -1e300, DBL_MIN, 3.0};
static const char *const texts[] = {"", "plain", "it's \"quoted\" \\ $1", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\n\t", NULL};

static int write_values(struct store_tx *tx, void *ctx, struct err *err)
{
    unsigned char *blob = ctx;
    static const size_t lens[] = {0, 1, 256, 1 << 20, 7};

    for (int i = 0; i < 5; i++)
        if (store_exec(
                tx, "INSERT INTO v (id, i, r, t, b) VALUES ($1, $2, $3, $4, $5)",
                STORE_ARGS(store_int(i), store_int(integers[i]), store_real(reals[i]), store_text(texts[i]), store_blob(blob, lens[i])),
                NULL, err) < 0)
            return -1;
    return store_exec(tx, "INSERT INTO v (id, i, r, t, b) VALUES ($1, $2, $3, $4, $5)",
                      STORE_ARGS(store_int(9), store_null(), store_null(), store_null(), store_null()), NULL, err);
}

static int read_values(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    static const size_t lens[] = {0, 1, 256, 1 << 20, 7};
    const void *blob;
    size_t len = 99;
    int more;

    if (store_query(tx, "SELECT id, i, r, t, b FROM v ORDER BY id", STORE_NO_ARGS, &rows, err) < 0)
        return -1;
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL_FATAL(store_next(rows, err), 1);
        CU_ASSERT_EQUAL(store_col_int(rows, 1), integers[i]);
        CU_ASSERT(store_col_real(rows, 2) >= reals[i] && store_col_real(rows, 2) <= reals[i]);
        if (texts[i])
            ASSERT_TEXT(store_col_text(rows, 3), texts[i]);
        else
            CU_ASSERT_PTR_NULL(store_col_text(rows, 3));
        blob = store_col_blob(rows, 4, &len);
        CU_ASSERT_EQUAL_FATAL(len, lens[i]);
        CU_ASSERT(blob && memcmp(blob, ctx, len) == 0);
        CU_ASSERT_FALSE(store_col_null(rows, 4));
    }
    CU_ASSERT_EQUAL_FATAL(store_next(rows, err), 1);
    for (int c = 1; c < 5; c++)
        CU_ASSERT(store_col_null(rows, c));
    CU_ASSERT_EQUAL(store_col_int(rows, 1), 0);
    CU_ASSERT_PTR_NULL(store_col_blob(rows, 4, &len));
    CU_ASSERT_EQUAL(len, 0);
    CU_ASSERT(store_col_null(rows, 5) && store_col_null(rows, -1)); /* no such column */
    CU_ASSERT_EQUAL(store_next(rows, err), 0);
    more = store_next(rows, err);
    CU_ASSERT_EQUAL(more, 0); /* the end stays the end */
    return more;
}

void test_round_trip(void)
{
    FRESH(url, s);
    CLEANUP(free_ptr) unsigned char *blob = malloc(1 << 20);
    struct err err;

    (void)url;
    for (size_t i = 0; i < 1 << 20; i++)
        blob[i] = (unsigned char)(i * 7 + i / 256);
    db_must(s, ON_POSTGRES ? "CREATE TABLE v (id BIGINT, i BIGINT, r DOUBLE PRECISION, t TEXT, b BYTEA)"
                           : "CREATE TABLE v (id BIGINT, i BIGINT, r DOUBLE PRECISION, t TEXT, b BLOB)");
    ASSERT_OK(store_write_wait(s, write_values, blob, &err), err);
    ASSERT_OK(store_read(s, read_values, blob, &err), err);
    /* The other way round: a NULL first does not settle a parameter's type. */
    db_must(s, "DELETE FROM v");
    ASSERT_OK(store_write_wait(s, write_values, blob, &err), err);
    ASSERT_OK(store_read(s, read_values, blob, &err), err);
}

void test_constraints(void)
{
    static const struct {
        const char *sql, *part;
    } cases[] = {
        {"INSERT INTO child (id, parent, n) VALUES (1, 1, 1)", "child"},
        {"INSERT INTO child (id, parent, n) VALUES (2, 99, 1)", "INSERT INTO child"},
        {"INSERT INTO child (id, parent, n) VALUES (3, 1, -1)", "positive"},
        {"INSERT INTO child (id, parent, n) VALUES (4, 1, NULL)", "n"},
        {"DELETE FROM parent", "DELETE FROM parent"},
    };
    FRESH(url, s);
    struct err err;

    (void)url;
    db_must(s, "CREATE TABLE parent (id BIGINT PRIMARY KEY)");
    db_must(s, "CREATE TABLE child (id BIGINT PRIMARY KEY, parent BIGINT NOT NULL REFERENCES parent (id), n BIGINT NOT NULL, CONSTRAINT "
               "positive CHECK "
               "(n > 0))");
    db_must(s, "INSERT INTO parent (id) VALUES (1)");
    db_must(s, "INSERT INTO child (id, parent, n) VALUES (1, 1, 1)");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ASSERT_FAILS(db_run(s, cases[i].sql, &err), err, ERR_STORE_CONSTRAINT);
        ASSERT_CONTAINS(err.msg, cases[i].part);
    }
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM child"), 1);
}

static int insert_secret(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    return store_exec(tx, "INSERT INTO keys (secret) VALUES ($1)", STORE_ARGS(store_text("hunter2")), NULL, err);
}

static int mistype_secret(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    return store_exec(tx, "INSERT INTO keys (secret, n) VALUES ('x', CAST($1 AS INTEGER))", STORE_ARGS(store_text("hunter2")), NULL, err);
}

void test_no_values(void)
{
    FRESH(url, s);
    struct err err = {0};

    (void)url;
    db_must(s, "CREATE TABLE keys (secret TEXT PRIMARY KEY, n BIGINT)");
    ASSERT_OK(store_write_wait(s, insert_secret, NULL, &err), err);
    ASSERT_FAILS(store_write_wait(s, insert_secret, NULL, &err), err, ERR_STORE_CONSTRAINT);
    ASSERT_CONTAINS(err.msg, "INSERT INTO keys (secret)");
    CU_ASSERT_PTR_NULL(strstr(err.msg, "hunter2"));
    if (ON_POSTGRES) { /* SQLite casts it to 0 */
        ASSERT_FAILS(store_write_wait(s, mistype_secret, NULL, &err), err, ERR_STORE);
        CU_ASSERT_PTR_NULL(strstr(err.msg, "hunter2"));
    }
}

static int too_few(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    return store_exec(tx, "UPDATE meta SET value = $1 WHERE key = $2", STORE_ARGS(store_text("x")), NULL, err);
}

static int too_many(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    return store_exec(tx, "UPDATE meta SET value = $1", STORE_ARGS(store_text("x"), store_text("y")), NULL, err);
}

void test_arguments(void)
{
    FRESH(url, s);
    struct err err;

    (void)url;
    ASSERT_FAILS(store_write_wait(s, too_few, NULL, &err), err, ERR_STORE);
    ASSERT_CONTAINS(err.msg, "UPDATE meta");
    ASSERT_FAILS(store_write_wait(s, too_many, NULL, &err), err, ERR_STORE);
    ASSERT_FAILS(db_run(s, "DELETE FROM meta; DELETE FROM users", &err), err, ERR_STORE);
    ASSERT_FAILS(db_run(s, "DELETE FORM meta", &err), err, ERR_STORE);
    ASSERT_CONTAINS(err.msg, "DELETE FORM meta");
    ASSERT_FAILS(db_run(s, "SELECT 1 FROM no_such_table", &err), err, ERR_STORE);
    ASSERT_CONTAINS(err.msg, "no_such_table");
    ASSERT_FAILS(db_run(s, "", &err), err, ERR_STORE);
}

static int count_changes(struct store_tx *tx, void *ctx, struct err *err)
{
    int64_t *changed = ctx;

    if (store_exec(tx, "INSERT INTO meta (key, value) VALUES ('a', '1'), ('b', '2'), ('c', '3')", STORE_NO_ARGS, &changed[0], err) < 0 ||
        store_exec(tx, "UPDATE meta SET value = 'x' WHERE key <> $1", STORE_ARGS(store_text("b")), &changed[1], err) < 0 ||
        store_exec(tx, "UPDATE meta SET value = 'x' WHERE key = $1", STORE_ARGS(store_text("none")), &changed[2], err) < 0 ||
        store_exec(tx, "INSERT INTO meta (key, value) VALUES ('a', 'again') ON CONFLICT (key) DO NOTHING", STORE_NO_ARGS, &changed[3],
                   err) < 0)
        return -1;
    return store_exec(tx, "DELETE FROM meta", STORE_NO_ARGS, &changed[4], err);
}

void test_changed(void)
{
    FRESH(url, s);
    int64_t changed[5] = {-1, -1, -1, -1, -1};
    struct err err;

    (void)url;
    ASSERT_OK(store_write_wait(s, count_changes, changed, &err), err);
    CU_ASSERT(changed[0] == 3 && changed[1] == 2 && changed[2] == 0 && changed[3] == 0 && changed[4] == 3);
}

static int permuted(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    char *out = ctx;

    if (store_query(tx, "SELECT CAST($3 AS TEXT) || CAST($1 AS TEXT) || CAST($2 AS TEXT) || CAST($1 AS TEXT)",
                    STORE_ARGS(store_text("a"), store_text("b"), store_text("c")), &rows, err) < 0 ||
        store_next(rows, err) < 0)
        return -1;
    snprintf(out, 8, "%s", store_col_text(rows, 0));
    return 0;
}

void test_order_of_parameters(void)
{
    FRESH(url, s);
    char text[8] = "";
    struct err err;

    (void)url;
    ASSERT_OK(store_read(s, permuted, text, &err), err);
    ASSERT_TEXT(text, "caba");
}

static int nested(struct store_tx *tx, void *ctx, struct err *err)
{
    static const char *const sql = "SELECT key FROM meta ORDER BY key";
    CLEANUP(store_rows_close) struct store_rows *outer = NULL;
    int *pairs = ctx, more, inner_more;

    *pairs = 0;
    if (store_query(tx, sql, STORE_NO_ARGS, &outer, err) < 0)
        return -1;
    while ((more = store_next(outer, err)) > 0) {
        CLEANUP(store_rows_close) struct store_rows *inner = NULL;

        if (store_query(tx, sql, STORE_NO_ARGS, &inner, err) < 0)
            return -1;
        while ((inner_more = store_next(inner, err)) > 0)
            ++*pairs;
        if (inner_more < 0 || store_exec(tx, "UPDATE meta SET value = 'seen' WHERE key = $1",
                                         STORE_ARGS(store_text(store_col_text(outer, 0))), NULL, err) < 0)
            return -1;
    }
    return more;
}

void test_nested_rows(void)
{
    FRESH(url, s);
    int pairs = 0;
    struct err err;

    (void)url;
    db_must(s, "INSERT INTO meta (key, value) VALUES ('a', '1'), ('b', '2'), ('c', '3')");
    for (int i = 0; i < 2; i++) {
        ASSERT_OK(store_write_wait(s, nested, &pairs, &err), err);
        CU_ASSERT_EQUAL(pairs, 9);
    }
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta WHERE value = 'seen'"), 3);
}

static int reuse_buffer(struct store_tx *tx, void *ctx, struct err *err)
{
    char sql[64];
    int64_t *sum = ctx, one = 0;

    *sum = 0;
    for (int i = 0; i < 10; i++) {
        snprintf(sql, sizeof sql, "SELECT CAST(%d AS BIGINT)", i);
        if (store_query_int(tx, sql, STORE_NO_ARGS, -1, &one, err) < 0)
            return -1;
        *sum += one;
    }
    return 0;
}

void test_same_buffer(void)
{
    FRESH(url, s);
    int64_t sum = 0;
    struct err err;

    (void)url;
    ASSERT_OK(store_read(s, reuse_buffer, &sum, &err), err);
    CU_ASSERT_EQUAL(sum, 45);
}

static int many(struct store_tx *tx, void *ctx, struct err *err)
{
    char(*texts_of)[64] = ctx;
    CLEANUP(store_rows_close) struct store_rows *open = NULL;
    int64_t found;

    if (store_query(tx, "SELECT 7", STORE_NO_ARGS, &open, err) < 0)
        return -1;
    for (int i = 0; i < 1200; i++) {
        snprintf(texts_of[i], sizeof texts_of[i], "SELECT CAST(%d AS BIGINT)", i);
        if (store_query_int(tx, texts_of[i], STORE_NO_ARGS, -1, &found, err) < 0)
            return -1;
        CU_ASSERT_EQUAL(found, i);
    }
    CU_ASSERT_EQUAL(store_next(open, err), 1); /* its statement was not thrown away under it */
    CU_ASSERT_EQUAL(store_col_int(open, 0), 7);
    return 0;
}

void test_many_texts(void)
{
    FRESH(url, s);
    CLEANUP(free_ptr) void *buffer = malloc(1200 * 64);
    struct err err;

    (void)url;
    for (int i = 0; i < 2; i++)
        ASSERT_OK(store_read(s, many, buffer, &err), err);
}

void test_like(void)
{
    FRESH(url, s);
    struct err err;

    (void)url;
    db_must(s, "INSERT INTO meta (key, value) VALUES ('Abc', '1')");
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta WHERE key LIKE 'abc'"), 0);
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta WHERE key LIKE 'Ab%'"), 1);
    ASSERT_FAILS(db_run(s, "UPDATE meta SET value = \"no_such_column\"", &err), err, ERR_STORE);
}

void test_timeout(void)
{
    static const char endless[] =
        "SELECT COUNT(*) FROM (WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000000000) "
        "SELECT n FROM c) AS x";
    const char *url = db_url();
    CLEANUP(db_close) struct store *s = NULL;
    struct err err;

    if (!url)
        return;
    ASSERT_OK(store_open(&(struct store_options){.url = url, .statement_ms = 300}, &s, &err), err);
    ASSERT_FAILS(db_run(s, endless, &err), err, ERR_STORE);
    ASSERT_CONTAINS(err.msg, "300 ms");
    db_must(s, "INSERT INTO meta (key, value) VALUES ('a', '1')");
    CU_ASSERT_EQUAL(db_int(s, "SELECT COUNT(*) FROM meta"), 1);
}
