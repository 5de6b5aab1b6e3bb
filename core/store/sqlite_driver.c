/* Owns everything that calls SQLite. A connection is used by one thread at a time (SQLITE_OPEN_NOMUTEX); the store sees to that.
 * WAL with synchronous=FULL: a commit is on the disk when it returns, and readers never wait for the writer. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/driver.h"
#include "store/stmt_cache.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>

#define PROGRESS_STEPS 20000 /* virtual machine steps between two looks at the clock: some milliseconds */

struct sqlite_conn {
    struct driver_conn base;
    sqlite3 *db;
    struct stmt_cache cache;
    int64_t statement_us, deadline_us;
};

/* `$N` is a name for SQLite, numbered by first appearance: index[i] is the argument of SQLite's parameter i + 1. */
struct sqlite_stmt {
    sqlite3_stmt *stmt;
    size_t params, args;
    size_t index[];
};

struct sqlite_rows {
    struct driver_rows base;
    struct sqlite_stmt *stmt;
    struct cached_stmt *cached; /* NULL: ours alone, finalized at the end */
    bool fresh, row;            /* fresh: the first row was fetched and not handed out yet */
};

static struct sqlite_conn *conn_of(const struct driver_conn *conn) { return (struct sqlite_conn *)(uintptr_t)conn; }

static enum err_code code_of(sqlite3 *db, int rc)
{
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return ERR_STORE_FULL;
    case SQLITE_IOERR:
        return db && (sqlite3_system_errno(db) == ENOSPC || sqlite3_system_errno(db) == EDQUOT) ? ERR_STORE_FULL : ERR_STORE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_STORE_CORRUPT;
    case SQLITE_CONSTRAINT:
        return ERR_STORE_CONSTRAINT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_STORE_RETRY;
    default:
        return ERR_STORE;
    }
}

/* `sql`: the statement, or what was to be done. */
static int fail(struct sqlite_conn *c, int rc, const char *sql, struct err *err)
{
    char words[DRIVER_WORDS];
    enum err_code code = code_of(c->db, rc);
    int sys = (rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN ? sqlite3_system_errno(c->db) : 0;

    driver_words(sql, words);
    if ((rc & 0xff) == SQLITE_INTERRUPT)
        err_set(err, code, "%s: took longer than %lld ms and was stopped", words, (long long)(c->statement_us / US_PER_MS));
    else if ((rc & 0xff) == SQLITE_READONLY)
        err_set(err, code, "%s: this unit or this database may only be read", words);
    else if (code == ERR_STORE_RETRY)
        err_set(err, code, "%s: another program holds the database locked; close it (sqlite3 shells, backups)", words);
    else if (sys)
        err_set(err, code, "%s: %s: %s", words, sqlite3_errmsg(c->db), strerrordesc_np(sys) ? strerrordesc_np(sys) : "unknown error");
    else
        err_set(err, code, "%s: %s", words, sqlite3_errmsg(c->db));
    err->sys = sys;
    return -1;
}

/* Stops a statement that is over its time. */
static int on_progress(void *ctx)
{
    struct sqlite_conn *c = ctx;

    return c->deadline_us && clock_mono_us() > c->deadline_us;
}

static void drop_stmt(void *owner, void *prepared)
{
    struct sqlite_stmt *stmt = prepared;

    (void)owner;
    sqlite3_finalize(stmt->stmt);
    free(stmt);
}

static void free_stmt(struct sqlite_stmt **stmt)
{
    if (*stmt)
        drop_stmt(NULL, *stmt);
    *stmt = NULL;
}

/* ---- opening ---- */

static void conn_close(struct driver_conn *conn)
{
    struct sqlite_conn *c = conn_of(conn);

    stmt_cache_fini(&c->cache);
    sqlite3_close(c->db);
    free(c);
}

static void close_conn(struct sqlite_conn **c)
{
    if (*c)
        conn_close(&(*c)->base);
    *c = NULL;
}

static int conn_pragma(struct sqlite_conn *c, const char *sql, struct err *err)
{
    int rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? 0 : fail(c, rc, sql, err);
}

static int conn_configure(struct sqlite_conn *c, enum driver_role role, struct err *err)
{
    /* LIKE is case-sensitive as in PostgreSQL; "text" in double quotes is never a string, as there. */
    static const char *const pragmas[] = {"PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL", "PRAGMA trusted_schema = OFF",
                                          "PRAGMA case_sensitive_like = ON", "PRAGMA temp_store = MEMORY"};
    /* The writer copies a page back into the database once in so many commits, not in nearly each. Sizes in KiB (negative) and pages. */
    static const char *const of_role[2][4] = {{"PRAGMA query_only = ON", "PRAGMA cache_size = -4096"},
                                              {"PRAGMA journal_mode = WAL", "PRAGMA journal_size_limit = 67108864",
                                               "PRAGMA wal_autocheckpoint = 8000", "PRAGMA cache_size = -16384"}};

    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_busy_timeout(c->db, STORE_BUSY_MS);
    sqlite3_progress_handler(c->db, PROGRESS_STEPS, on_progress, c);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    for (size_t i = 0; i < sizeof pragmas / sizeof *pragmas; i++)
        if (conn_pragma(c, pragmas[i], err) < 0)
            return -1;
    for (size_t i = 0; i < 4; i++)
        if (of_role[role == DRIVER_WRITER][i] && conn_pragma(c, of_role[role == DRIVER_WRITER][i], err) < 0)
            return -1;
    return 0;
}

static int conn_open(const struct driver_config *config, enum driver_role role, struct driver_conn **out, struct err *err)
{
    CLEANUP(close_conn) struct sqlite_conn *c = mem_zalloc(sizeof *c);
    int rc;

    if (role == DRIVER_WRITER)
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS,
                       0); /* nobody asks, and each malloc would take a lock; once SQLite is in use, nothing happens */
    c->base.driver = &driver_sqlite;
    c->cache = (struct stmt_cache){.drop = drop_stmt, .owner = c};
    c->statement_us = config->statement_ms * US_PER_MS;
    if (role == DRIVER_WRITER) {
        /* Made here so that it is for us alone; SQLite gives its -wal and -shm files the same mode. */
        CLEANUP(close_fd) int fd = open(config->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

        if (fd < 0)
            return err_set_sys(err, errno == ENOSPC ? ERR_STORE_FULL : ERR_STORE, "cannot open the database %s", config->path);
    }
    rc = sqlite3_open_v2(config->path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (!c->db)
        mem_die(sizeof c->db);
    if (rc != SQLITE_OK)
        return fail(c, rc, config->path, err);
    if (conn_configure(c, role, err) < 0)
        return err_wrap(err, "%s", config->path);
    *out = &take_ptr(c)->base;
    return 0;
}

static bool conn_alive(const struct driver_conn *conn)
{
    (void)conn;
    return true;
}

/* ---- transactions ---- */

static int conn_begin(struct driver_conn *conn, bool read_only, struct err *err)
{
    return driver_sqlite.exec(conn, read_only ? "BEGIN" : "BEGIN IMMEDIATE", NULL, 0, NULL, err);
}

static int conn_commit(struct driver_conn *conn, struct err *err) { return driver_sqlite.exec(conn, "COMMIT", NULL, 0, NULL, err); }

static bool conn_usable(const struct driver_conn *conn) { return !sqlite3_get_autocommit(conn_of(conn)->db); }

static void conn_rollback(struct driver_conn *conn)
{
    struct err ignored;

    /* Some failures (full disk, I/O) have rolled back already. ROLLBACK itself fails only when there is nothing to roll back. */
    if (conn_usable(conn))
        driver_sqlite.exec(conn, "ROLLBACK", NULL, 0, NULL, &ignored);
}

static int64_t conn_changes(const struct driver_conn *conn) { return sqlite3_total_changes64(conn_of(conn)->db); }

/* ---- statements ---- */

static int stmt_prepare(struct sqlite_conn *c, const char *sql, unsigned flags, struct sqlite_stmt **out, struct err *err)
{
    CLEANUP(free_stmt) struct sqlite_stmt *stmt = NULL;
    sqlite3_stmt *prepared = NULL;
    const char *rest = "";
    char words[DRIVER_WORDS];
    int rc = sqlite3_prepare_v3(c->db, sql, -1, flags, &prepared, &rest);
    size_t params = rc == SQLITE_OK ? (size_t)sqlite3_bind_parameter_count(prepared) : 0;

    if (rc != SQLITE_OK)
        return fail(c, rc, sql, err);
    stmt = mem_zalloc(sizeof *stmt + params * sizeof stmt->index[0]);
    stmt->stmt = prepared;
    stmt->params = params;
    if (!prepared || rest[strspn(rest, " \t\r\n;")])
        return err_set(err, ERR_STORE, "%s: a text must hold exactly one statement", driver_words(sql, words));
    for (size_t i = 0; i < params; i++) {
        const char *name = sqlite3_bind_parameter_name(prepared, (int)i + 1);
        int64_t number;

        if (!name || name[0] != '$' || !str_to_int(name + 1, &number) || number < 1 || number > LIMIT_STORE_ARGS)
            return err_set(err, ERR_STORE, "%s: parameters are written $1 to $%d", driver_words(sql, words), LIMIT_STORE_ARGS);
        stmt->index[i] = (size_t)number - 1;
        stmt->args = (size_t)number > stmt->args ? (size_t)number : stmt->args;
    }
    *out = take_ptr(stmt);
    return 0;
}

/* The cached statement, or a fresh one of its own (*out_cached NULL) while the cached one's rows are open. */
static int stmt_get(struct sqlite_conn *c, const char *sql, struct sqlite_stmt **out, struct cached_stmt **out_cached, struct err *err)
{
    struct cached_stmt *cached = stmt_cache_find(&c->cache, sql);
    struct sqlite_stmt *stmt = NULL;

    if (cached && !cached->busy) {
        *out = cached->prepared;
        *out_cached = cached;
        return 0;
    }
    if (stmt_prepare(c, sql, cached ? 0 : SQLITE_PREPARE_PERSISTENT, &stmt, err) < 0)
        return -1;
    *out_cached = cached ? NULL : stmt_cache_add(&c->cache, sql, stmt);
    *out = stmt;
    return 0;
}

static int bind_value(sqlite3_stmt *stmt, int at, const struct store_value *v, sqlite3_destructor_type copy)
{
    switch (v->type) {
    case STORE_INT:
        return sqlite3_bind_int64(stmt, at, v->integer);
    case STORE_REAL:
        return sqlite3_bind_double(stmt, at, v->real);
    case STORE_TEXT:
        return sqlite3_bind_text64(stmt, at, v->bytes, v->len, copy, SQLITE_UTF8);
    case STORE_BLOB:
        return sqlite3_bind_blob64(stmt, at, v->len ? v->bytes : "", v->len, copy);
    case STORE_NULL:
        break;
    }
    return sqlite3_bind_null(stmt, at);
}

/* `copy` is SQLITE_TRANSIENT where the arguments may be gone before the statement has ended. */
static int stmt_start(struct sqlite_conn *c, struct sqlite_stmt *stmt, const char *sql, const struct store_value *args, size_t count,
                      sqlite3_destructor_type copy, struct err *err)
{
    char words[DRIVER_WORDS];

    if (stmt->args != count)
        return err_set(err, ERR_STORE, "%s: takes %zu parameters, was given %zu", driver_words(sql, words), stmt->args, count);
    for (size_t i = 0; i < stmt->params; i++) {
        int rc = bind_value(stmt->stmt, (int)i + 1, &args[stmt->index[i]], copy);

        if (rc != SQLITE_OK)
            return fail(c, rc, sql, err);
    }
    c->deadline_us = clock_mono_us() + c->statement_us;
    return 0;
}

static void stmt_end(struct sqlite_stmt *stmt)
{
    sqlite3_reset(stmt->stmt);
    sqlite3_clear_bindings(stmt->stmt);
}

static int stmt_run(struct sqlite_conn *c, struct sqlite_stmt *stmt, const char *sql, const struct store_value *args, size_t count,
                    int64_t *out_changed, struct err *err)
{
    int64_t before = sqlite3_total_changes64(c->db);
    int rc, result = 0;

    if (stmt_start(c, stmt, sql, args, count, SQLITE_STATIC, err) < 0)
        return -1;
    while ((rc = sqlite3_step(stmt->stmt)) == SQLITE_ROW)
        ;
    if (rc != SQLITE_DONE)
        result = fail(c, rc, sql, err);
    else if (out_changed)
        /* sqlite3_changes() keeps the last writing statement's count; one that changed nothing is told by the total. */
        *out_changed = sqlite3_total_changes64(c->db) == before ? 0 : sqlite3_changes64(c->db);
    stmt_end(stmt);
    return result;
}

static int conn_exec(struct driver_conn *conn, const char *sql, const struct store_value *args, size_t count, int64_t *out_changed,
                     struct err *err)
{
    struct sqlite_conn *c = conn_of(conn);
    CLEANUP(free_stmt) struct sqlite_stmt *own = NULL;
    struct sqlite_stmt *stmt = NULL;
    struct cached_stmt *cached = NULL;

    if (stmt_get(c, sql, &stmt, &cached, err) < 0)
        return -1;
    if (!cached)
        own = stmt;
    return stmt_run(c, stmt, sql, args, count, out_changed, err);
}

static int conn_run_text(struct driver_conn *conn, const char *sql, struct err *err)
{
    struct sqlite_conn *c = conn_of(conn);
    CLEANUP(free_stmt) struct sqlite_stmt *stmt = NULL;

    return stmt_prepare(c, sql, 0, &stmt, err) < 0 ? -1 : stmt_run(c, stmt, sql, NULL, 0, NULL, err);
}

static void rows_free(struct driver_rows *base)
{
    struct sqlite_rows *rows = (struct sqlite_rows *)base;

    if (rows->cached) {
        stmt_end(rows->stmt);
        rows->cached->busy = false;
    } else {
        drop_stmt(NULL, rows->stmt);
    }
    free(rows);
}

static void close_rows(struct sqlite_rows **rows)
{
    if (*rows)
        rows_free(&(*rows)->base);
    *rows = NULL;
}

static int rows_step(struct sqlite_rows *rows, struct err *err)
{
    struct sqlite_conn *c = conn_of(rows->base.conn);
    int rc = sqlite3_step(rows->stmt->stmt);

    rows->row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : fail(c, rc, sqlite3_sql(rows->stmt->stmt), err);
}

static int conn_query(struct driver_conn *conn, const char *sql, const struct store_value *args, size_t count, struct driver_rows **out,
                      struct err *err)
{
    struct sqlite_conn *c = conn_of(conn);
    CLEANUP(close_rows) struct sqlite_rows *rows = NULL;
    struct sqlite_stmt *stmt = NULL;
    struct cached_stmt *cached = NULL;

    if (stmt_get(c, sql, &stmt, &cached, err) < 0)
        return -1;
    rows = mem_zalloc(sizeof *rows);
    *rows = (struct sqlite_rows){.base.conn = conn, .stmt = stmt, .cached = cached, .fresh = true};
    if (cached)
        cached->busy = true;
    if (stmt_start(c, stmt, sql, args, count, SQLITE_TRANSIENT, err) < 0 || rows_step(rows, err) < 0)
        return -1;
    *out = &take_ptr(rows)->base;
    return 0;
}

static int rows_next(struct driver_rows *base, struct err *err)
{
    struct sqlite_rows *rows = (struct sqlite_rows *)base;

    if (rows->fresh) {
        rows->fresh = false;
        return rows->row ? 1 : 0;
    }
    /* Stepping beyond the end would run the statement again. */
    return rows->row ? rows_step(rows, err) : 0;
}

static struct store_value rows_column(struct driver_rows *base, int column, enum store_type want)
{
    struct sqlite_rows *rows = (struct sqlite_rows *)base;
    sqlite3_stmt *stmt = rows->stmt->stmt;
    struct store_value v = {.type = want};

    if (!rows->row || column < 0 || column >= sqlite3_data_count(stmt) || sqlite3_column_type(stmt, column) == SQLITE_NULL)
        return store_null();
    if (want == STORE_INT)
        v.integer = sqlite3_column_int64(stmt, column);
    else if (want == STORE_REAL)
        v.real = sqlite3_column_double(stmt, column);
    else
        v.bytes = want == STORE_TEXT ? (const void *)sqlite3_column_text(stmt, column) : sqlite3_column_blob(stmt, column);
    if (want == STORE_TEXT || want == STORE_BLOB) {
        v.len = (size_t)sqlite3_column_bytes(stmt, column);
        if (!v.bytes && v.len == 0)
            v.bytes = ""; /* an empty blob is not NULL */
        else if (!v.bytes)
            mem_die(v.len);
    }
    return v;
}

const struct driver driver_sqlite = {
    .name = "SQLite",
    .kind = STORE_SQLITE,
    .capabilities = 0,
    .blob_type = "BLOB",
    .serial_type = "INTEGER PRIMARY KEY AUTOINCREMENT",
    .skip_locked = "",
    .open = conn_open,
    .close = conn_close,
    .alive = conn_alive,
    .begin = conn_begin,
    .commit = conn_commit,
    .rollback = conn_rollback,
    .usable = conn_usable,
    .changes = conn_changes,
    .exec = conn_exec,
    .run_text = conn_run_text,
    .query = conn_query,
    .next = rows_next,
    .rows_close = rows_free,
    .column = rows_column,
};
