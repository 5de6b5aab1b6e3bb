/* SQLite databases that belong to developers: their SQL runs inside one transaction and reaches nothing but this one file. */
#pragma once
#include "local.h"
#include <sqlite3.h>

#define DATABASE_FILE      "data.db"
#define DATABASE_SQL_BYTES (1024 * 1024) /* one schema or migration */

static inline void database_put(sqlite3 **db)
{
    sqlite3_close_v2(*db);
    *db = NULL;
}

/* Opens an existing file for reading and writing (or reading alone); links are not followed. Returns an SQLite code; *out is NULL on
 * failure. Long statements end with SQLITE_INTERRUPT once the call is canceled or past its deadline. */
int database_open(const inno_host *host, inno_call *call, const char *path, bool write, sqlite3 **out);

/* Runs our own SQL. */
int database_run(sqlite3 *db, const char *sql);
/* Runs a developer's SQL: no other file, no transaction of its own, no pragma that changes how the file is kept. *out_message:
 * sqlite3_free() it. */
int database_run_foreign(sqlite3 *db, const char *sql, char **out_message);
/* One integer of our own SQL with one text parameter (may be NULL); `fallback` when there is no row. */
int64_t database_number(sqlite3 *db, const char *sql, const char *parameter, int64_t fallback);
/* One text; "" when there is no row. Free with free(). NULL when out of memory. */
char *database_text(sqlite3 *db, const char *sql, const char *parameter);

/* Maps an SQLite code to a failure of the call: busy, full and the like are TRANSIENT, an interrupt CANCELED or TIMEOUT. */
inno_rc database_fail(const inno_host *host, inno_call *call, int code, const char *message, const char *what);

/* names.c: what a resource's database is called in a step. `kind` is "path" (sqlite) or "postgres" (the folder of its record). The first
 * two return 0 or an errno value. */
int database_name_write(struct local_work *work, const char *kind, const char *value);
int database_name_remove(struct local_work *work, const char *kind, const char *value);
bool database_named(const struct local *self, const char *team, const char *environment, const char *application, const char *name,
                    const char *kind, char out[LOCAL_PATH_BYTES]);
