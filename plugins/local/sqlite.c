/* sqlite {schema, migrations} -> path, url: a database file. `migrations` is kept for steps of type database-migration; nothing of it runs
 * here. The schema runs once, when the database is made; what it ran is remembered in the database itself, so neither a retry nor a lost
 * state runs it twice. */
#include "database.h"
#include "sha256.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CREATE_META "CREATE TABLE IF NOT EXISTS innominatus_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"

static void file_path(const struct local_work *work, char out[LOCAL_PATH_BYTES + 16])
{
    snprintf(out, LOCAL_PATH_BYTES + 16, "%s/%s", work->path, DATABASE_FILE);
}

static void hash_text(const char *text, char out[65])
{
    struct sha256 sum;

    sha256_init(&sum);
    sha256_add(&sum, text, strlen(text));
    sha256_hex(&sum, out);
}

static inno_rc take_schema(struct local_work *work, const char **out)
{
    static const char *const known[] = {"schema", "migrations", NULL};
    const json_t *schema = json_object_get(work->params, "schema"), *migrations = json_object_get(work->params, "migrations");
    inno_rc rc = local_check_params(work, known);

    if (rc != INNO_OK)
        return rc;
    *out = schema ? json_string_value(schema) : "";
    if (!*out || strlen(*out) >= DATABASE_SQL_BYTES)
        return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "params.schema must be SQL text of less than %d bytes",
                                DATABASE_SQL_BYTES);
    if (migrations && !json_is_array(migrations))
        return work->host->fail(
            work->call, INNO_INVALID_RESOURCE, -1,
            "params.migrations must be a list of {name, sql}; a directory beside the Score file is uploaded by the client, and this one "
            "was not: look whether it is there and holds files");
    return INNO_OK;
}

/* ---- provision ---- */

/* SQLite makes files that others may read; ours is there first. */
static int make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int remember(sqlite3 *db, const char *hash)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(
        db, "INSERT INTO innominatus_meta (key, value) VALUES ('schema_sha256', ?1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        -1, &stmt, NULL);

    if (rc == SQLITE_OK) {
        sqlite3_bind_text(stmt, 1, hash, -1, SQLITE_STATIC);
        rc = sqlite3_step(stmt) == SQLITE_DONE ? SQLITE_OK : sqlite3_errcode(db);
    }
    sqlite3_finalize(stmt);
    return rc;
}

/* Runs the schema unless it has run. Inside a transaction that the caller ends. */
static inno_rc apply_schema(struct local_work *work, sqlite3 *db, const char *schema)
{
    static const char *const ours =
        "SELECT count(*) FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE "
        "'innominatus\\_%' ESCAPE '\\'";
    char wanted[65], empty[65], *message = NULL;
    CLEANUP(free_text) char *known = NULL;
    inno_rc result = INNO_OK;
    int rc = database_run(db, CREATE_META);

    if (rc != SQLITE_OK)
        return database_fail(work->host, work->call, rc, NULL, "making the database's own table");
    known = database_text(db, "SELECT value FROM innominatus_meta WHERE key = 'schema_sha256'", NULL);
    hash_text(schema, wanted);
    hash_text("", empty);
    if (!known)
        return work->host->fail(work->call, INNO_TRANSIENT, -1, "out of memory");
    if (strcmp(known, wanted) == 0)
        return INNO_OK;
    if (!schema[0] && known[0]) {
        work->host->log(work->call, INNO_LOG_WARN, "params.schema is gone; the tables that it made stay");
        return INNO_OK;
    }
    if (known[0] && strcmp(known, empty) != 0)
        return work->host->fail(
            work->call, INNO_UNSUPPORTED, -1,
            "params.schema has changed, and a schema runs only once, when the database is made; put it back as it was and make the change "
            "with a step of type database-migration");
    if (known[0] && database_number(db, ours, NULL, 1) > 0)
        return work->host->fail(
            work->call, INNO_UNSUPPORTED, -1,
            "params.schema is new, but the database already has tables; make them with a step of type database-migration instead");
    rc = database_run_foreign(db, schema, &message);
    if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_INTERRUPT && (rc & 0xff) != SQLITE_FULL && (rc & 0xff) != SQLITE_IOERR)
        result = work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "params.schema: %s", message ? message : sqlite3_errstr(rc));
    else if (rc != SQLITE_OK || (rc = remember(db, wanted)) != SQLITE_OK)
        result = database_fail(work->host, work->call, rc, message, "running params.schema");
    sqlite3_free(message);
    return result;
}

static inno_rc with_transaction(struct local_work *work, sqlite3 *db, const char *schema)
{
    int rc = database_run(db, "BEGIN IMMEDIATE");
    inno_rc result;

    if (rc != SQLITE_OK)
        return database_fail(work->host, work->call, rc, NULL, "locking the database");
    result = apply_schema(work, db, schema);
    if (result == INNO_OK && (rc = database_run(db, "COMMIT")) != SQLITE_OK)
        result = database_fail(work->host, work->call, rc, sqlite3_errmsg(db), "keeping the schema");
    if (result != INNO_OK)
        database_run(db, "ROLLBACK");
    return result;
}

static inno_rc provision(struct local_work *work)
{
    CLEANUP(database_put) sqlite3 *db = NULL;
    char path[LOCAL_PATH_BYTES + 16], url[LOCAL_PATH_BYTES + 32];
    const char *schema = NULL;
    inno_rc rc = take_schema(work, &schema);
    int number;

    if (rc != INNO_OK)
        return rc;
    file_path(work, path);
    number = files_mkdirs(work->path);
    if (number == 0)
        number = make_file(path);
    if (number != 0)
        return files_fail(work->host, work->call, number, "making", path);
    number = database_open(work->host, work->call, path, true, &db);
    if (number != SQLITE_OK)
        return database_fail(work->host, work->call, number, NULL, "opening the database");
    rc = with_transaction(work, db, schema);
    if (rc != INNO_OK)
        return rc;
    number = database_name_write(work, "path", path);
    if (number != 0)
        return files_fail(work->host, work->call, number, "writing the name of", path);
    snprintf(url, sizeof url, "sqlite://%s", path);
    work->host->output(work->call, "path", path);
    work->host->output(work->call, "url", url);
    return INNO_OK;
}

static inno_rc deprovision(struct local_work *work)
{
    char path[LOCAL_PATH_BYTES + 16];
    int number;

    file_path(work, path);
    number = database_name_remove(work, "path", path);
    if (number == 0)
        number = files_remove_tree(work->path);
    return number == 0 ? INNO_OK : files_fail(work->host, work->call, number, "removing", work->path);
}

static inno_rc status(struct local_work *work)
{
    CLEANUP(database_put) sqlite3 *db = NULL;
    char path[LOCAL_PATH_BYTES + 16];
    struct stat st;
    int rc;

    file_path(work, path);
    if (lstat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        work->host->status(work->call, INNO_STATE_TERMINATED, "the file is not there");
        return INNO_OK;
    }
    rc = database_open(work->host, work->call, path, false, &db);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    if ((rc & 0xff) == SQLITE_BUSY) {
        work->host->status(work->call, INNO_STATE_ACTIVE, "a writer holds the database now");
        return INNO_OK;
    }
    if (rc != SQLITE_OK)
        work->host->status(work->call, INNO_STATE_FAILED, sqlite3_errstr(rc));
    else if (database_number(db, "SELECT count(*) FROM innominatus_meta", NULL, -1) < 0)
        work->host->status(work->call, INNO_STATE_DEGRADED, "it was not set up: the table innominatus_meta is missing");
    else if ((st.st_mode & 0700) != 0600)
        work->host->status(work->call, INNO_STATE_DEGRADED, "its owner may not read and write the file");
    else
        work->host->status(work->call, INNO_STATE_ACTIVE, NULL);
    return INNO_OK;
}

/* A file that would be made, and a schema that would run in it. */
static inno_rc plan(struct local_work *work)
{
    CLEANUP(database_put) sqlite3 *db = NULL;
    CLEANUP(json_put) json_t *shall = NULL, *is = NULL;
    CLEANUP(free_text) char *known = NULL;
    char path[LOCAL_PATH_BYTES + 16], hash[65];
    const char *schema = NULL;
    inno_rc rc = take_schema(work, &schema);
    int number;

    if (rc != INNO_OK)
        return rc;
    file_path(work, path);
    hash_text(schema, hash);
    shall = json_pack("{s:s}", "schema_sha256", hash);
    if (access(path, F_OK) == 0) {
        number = database_open(work->host, work->call, path, false, &db);
        if (number != SQLITE_OK)
            return database_fail(work->host, work->call, number, NULL, "opening the database");
        known = database_text(db, "SELECT value FROM innominatus_meta WHERE key = 'schema_sha256'", NULL);
        is = json_pack("{s:s}", "schema_sha256",
                       schema[0] || !known || !known[0] ? (known ? known : "") : hash); /* one that is gone stays */
    }
    return tell_changes(work->host, work->call, tell_diff(shall, is));
}

static inno_rc hints(struct local_work *work)
{
    char path[LOCAL_PATH_BYTES + 16], text[LOCAL_PATH_BYTES + 32];

    file_path(work, path);
    snprintf(text, sizeof text, "sqlite://%s", path);
    work->host->hint(work->call, INNO_HINT_CONNECTION_STRING, "url", text);
    snprintf(text, sizeof text, "sqlite3 %s", path);
    work->host->hint(work->call, INNO_HINT_COMMAND, "open it", text);
    return INNO_OK;
}

const struct local_type local_sqlite = {"sqlite", "sqlite", provision, deprovision, status, hints, plan};
