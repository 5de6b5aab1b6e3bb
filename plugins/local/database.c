/* Opening databases and running SQL in them. Called from the thread of a slot. */
#include "database.h"
#include <stdio.h>
#include <string.h>

#define PROGRESS_STEPS 10000 /* virtual machine steps between two looks at the clock: well below a millisecond */
#define BUSY_MS        2000

struct watch {
    const inno_host *host;
    inno_call *call;
};

/* SQLite keeps the pointer as long as the connection; the host's memory lives as long as the call. */
static int watch_call(void *opaque)
{
    const struct watch *watch = opaque;

    return watch->host->canceled(watch->call) || watch->host->deadline_ms(watch->call) == 0;
}

int database_open(const inno_host *host, inno_call *call, const char *path, bool write, sqlite3 **out)
{
    CLEANUP(database_put) sqlite3 *db = NULL;
    struct watch *watch = host->alloc(call, sizeof *watch);
    int rc;

    if (!watch)
        return SQLITE_NOMEM;
    rc = sqlite3_open_v2(path, &db, (write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
                         NULL);
    if (rc != SQLITE_OK)
        return rc;
    *watch = (struct watch){host, call};
    sqlite3_progress_handler(db, PROGRESS_STEPS, watch_call, watch);
    sqlite3_busy_timeout(db, BUSY_MS);
    sqlite3_extended_result_codes(db, 1);
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, DATABASE_SQL_BYTES);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    *out = db;
    db = NULL;
    return SQLITE_OK;
}

int database_run(sqlite3 *db, const char *sql) { return sqlite3_exec(db, sql, NULL, NULL, NULL); }

static bool is_ours(const char *table) { return table && sqlite3_strnicmp(table, "innominatus_", 12) == 0; }

/* What a schema or migration may not do. Pragmas that only ask or that belong to the content are let through. */
static int authorize(void *ctx, int action, const char *first, const char *second, const char *database, const char *trigger)
{
    static const char *const pragmas[] = {"user_version", "application_id",    "foreign_key_list", "table_info", "index_list",
                                          "index_info",   "foreign_key_check", "table_xinfo",      "table_list", "defer_foreign_keys"};

    (void)ctx;
    (void)database;
    (void)trigger;
    switch (action) {
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        return SQLITE_DENY;
    case SQLITE_PRAGMA:
        for (size_t i = 0; i < sizeof pragmas / sizeof pragmas[0]; i++)
            if (sqlite3_stricmp(first, pragmas[i]) == 0)
                return SQLITE_OK;
        return SQLITE_DENY;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_VIEW:
    case SQLITE_DROP_TABLE:
        return is_ours(first) ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_ALTER_TABLE: /* their table is the second text */
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_CREATE_INDEX:
        return is_ours(second) ? SQLITE_DENY : SQLITE_OK;
    default:
        return SQLITE_OK;
    }
}

int database_run_foreign(sqlite3 *db, const char *sql, char **out_message)
{
    int rc;

    sqlite3_set_authorizer(db, authorize, NULL);
    rc = sqlite3_exec(db, sql, NULL, NULL, out_message);
    sqlite3_set_authorizer(db, NULL, NULL);
    if (rc == SQLITE_AUTH && out_message && *out_message) {
        sqlite3_free(*out_message);
        *out_message =
            sqlite3_mprintf("not allowed here: BEGIN, COMMIT, SAVEPOINT, ATTACH, VACUUM, changing pragmas and tables named innominatus_*");
    }
    /* a script that ended the transaction by ON CONFLICT ROLLBACK has undone what came before it */
    if (rc == SQLITE_OK && sqlite3_get_autocommit(db))
        return SQLITE_ABORT;
    return rc;
}

static sqlite3_stmt *first_row(sqlite3 *db, const char *sql, const char *parameter)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return NULL;
    if (parameter)
        sqlite3_bind_text(stmt, 1, parameter, -1, SQLITE_STATIC);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        return stmt;
    sqlite3_finalize(stmt);
    return NULL;
}

int64_t database_number(sqlite3 *db, const char *sql, const char *parameter, int64_t fallback)
{
    sqlite3_stmt *stmt = first_row(db, sql, parameter);
    int64_t value = stmt ? sqlite3_column_int64(stmt, 0) : fallback;

    sqlite3_finalize(stmt);
    return value;
}

char *database_text(sqlite3 *db, const char *sql, const char *parameter)
{
    sqlite3_stmt *stmt = first_row(db, sql, parameter);
    const char *text = stmt ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    char *copy = strdup(text ? text : "");

    sqlite3_finalize(stmt);
    return copy;
}

inno_rc database_fail(const inno_host *host, inno_call *call, int code, const char *message, const char *what)
{
    const char *text = message ? message : sqlite3_errstr(code);

    switch (code & 0xff) {
    case SQLITE_INTERRUPT:
        if (host->canceled(call))
            return host->fail(call, INNO_CANCELED, -1, "%s: stopped", what);
        return host->fail(call, INNO_TIMEOUT, -1, "%s: out of time", what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return host->fail(call, INNO_TRANSIENT, -1, "%s: another connection holds the database's lock", what);
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_IOERR:
        return host->fail(call, INNO_TRANSIENT, -1, "%s: %s", what, text);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return host->fail(call, INNO_FAILED, -1, "%s: %s; put the file back from a backup", what, text);
    default:
        return host->fail(call, INNO_FAILED, -1, "%s: %s", what, text);
    }
}
