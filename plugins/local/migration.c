/* Steps of type database-migration: numbered files (001_x.sql), each exactly once, each in a transaction of its own with its entry in
 * innominatus_migrations. A step that is repeated after a crash goes on where the last one committed.
 *   config: {database: PATH or NAME of a resource, migrations: [{name, sql}], [{path, content}] (an uploaded directory) or {name: sql}} */
#include "database.h"
#include "migrations.h"
#include "postgres.h"
#include <stdio.h>
#include <string.h>

#define CREATE_TABLE                                                                                                                       \
    "CREATE TABLE IF NOT EXISTS innominatus_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at " \
    "TEXT NOT "                                                                                                                            \
    "NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))"

struct migrator {
    const struct local *self;
    const inno_host *host;
    inno_call *call;
    const inno_step *step;
    struct migrations files;
    sqlite3 *db;
    json_t *applied; /* names, now */
};

static void migrator_fini(struct migrator *m)
{
    migrations_fini(&m->files);
    sqlite3_close_v2(m->db);
    json_decref(m->applied);
}

/* ---- config ---- */

/* A path is taken only below the team's own databases, as it was given out. */
static inno_rc find_database(struct migrator *m, const char *given, char path[LOCAL_PATH_BYTES])
{
    char team[LOCAL_PATH_BYTES];

    if (!given || !given[0])
        return m->host->fail(m->call, INNO_INVALID_RESOURCE, -1,
                             "config.database must be the path or the name of a resource of type sqlite");
    if (given[0] != '/') {
        if (database_named(m->self, m->step->team, m->step->environment, m->step->application, given, "path", path))
            return INNO_OK;
        return m->host->fail(
            m->call, INNO_NOT_FOUND, -1,
            "application %s has no sqlite resource \"%.80s\" here; place it before this step ({type: resource, resource: %.80s}) or write "
            "database: ${resources.%.80s.path}",
            m->step->application, given, given, given);
    }
    local_team_path(m->self, "sqlite", m->step->team, team);
    if (strncmp(given, team, strlen(team)) != 0 || strstr(given, "/../") || strstr(given, "//") || strlen(given) >= LOCAL_PATH_BYTES)
        return m->host->fail(m->call, INNO_INVALID_RESOURCE, -1, "config.database: %.200s is no database that this entry made for team %s",
                             given, m->step->team);
    snprintf(path, LOCAL_PATH_BYTES, "%s", given);
    return INNO_OK;
}

/* ---- running ---- */

static int insert_entry(sqlite3 *db, const struct migration *one)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, "INSERT INTO innominatus_migrations (number, name, sha256) VALUES (?1, ?2, ?3)", -1, &stmt, NULL);

    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(stmt, 1, one->number);
        sqlite3_bind_text(stmt, 2, one->name, -1, SQLITE_STATIC);
        sqlite3_bind_text(stmt, 3, one->hash, -1, SQLITE_STATIC);
        rc = sqlite3_step(stmt) == SQLITE_DONE ? SQLITE_OK : sqlite3_errcode(db);
    }
    sqlite3_finalize(stmt);
    return rc;
}

/* Inside the transaction: what is recorded under this number? *done: it has run already. */
static inno_rc check_entry(struct migrator *m, const struct migration *one, bool *done)
{
    char number[24];
    CLEANUP(free_text) char *name = NULL, *hash = NULL;

    snprintf(number, sizeof number, "%lld", (long long)one->number);
    name = database_text(m->db, "SELECT name FROM innominatus_migrations WHERE number = CAST(?1 AS INTEGER)", number);
    hash = database_text(m->db, "SELECT sha256 FROM innominatus_migrations WHERE number = CAST(?1 AS INTEGER)", number);
    if (!name || !hash)
        return m->host->fail(m->call, INNO_TRANSIENT, -1, "out of memory");
    *done = hash[0] != '\0';
    if (!*done && one->number < database_number(m->db, "SELECT coalesce(max(number), -1) FROM innominatus_migrations", NULL, -1))
        return m->host->fail(m->call, INNO_FAILED, -1, "migration %s is new, but later ones have run already; give it a higher number",
                             one->name);
    if (*done && strcmp(hash, one->hash) != 0)
        return m->host->fail(m->call, INNO_FAILED, -1,
                             "migration %s has run already as %s and has been changed since; put it back as it was and add a new migration",
                             one->name, name);
    return INNO_OK;
}

static inno_rc run_in_transaction(struct migrator *m, const struct migration *one, bool *done)
{
    inno_rc result = check_entry(m, one, done);
    char *message = NULL, what[256];
    int rc;

    if (result != INNO_OK || *done)
        return result;
    rc = database_run_foreign(m->db, one->sql, &message);
    if (rc == SQLITE_OK)
        rc = insert_entry(m->db, one);
    if (rc == SQLITE_OK)
        rc = database_run(m->db, "COMMIT");
    if (rc != SQLITE_OK) {
        snprintf(what, sizeof what, "migration %s", one->name);
        result = database_fail(m->host, m->call, rc, message ? message : sqlite3_errmsg(m->db), what);
    }
    sqlite3_free(message);
    return result;
}

static inno_rc run_one(struct migrator *m, const struct migration *one)
{
    bool done = false;
    inno_rc result;
    int rc;

    if (m->host->canceled(m->call))
        return m->host->fail(m->call, INNO_CANCELED, -1, "stopped before migration %s", one->name);
    rc = database_run(m->db, "BEGIN IMMEDIATE");
    if (rc != SQLITE_OK)
        return database_fail(m->host, m->call, rc, NULL, one->name);
    result = run_in_transaction(m, one, &done);
    if (!sqlite3_get_autocommit(m->db))
        database_run(m->db, "ROLLBACK");
    if (result == INNO_OK && !done) {
        m->host->log(m->call, INNO_LOG_INFO, "ran migration %s", one->name);
        json_array_append_new(m->applied, json_string(one->name));
    }
    return result;
}

/* Entries without a file: an older version of the application runs on a newer database. That is no error, but it is said. */
static void warn_unknown(struct migrator *m)
{
    int64_t last = m->files.count ? m->files.list[m->files.count - 1].number : -1,
            newest = database_number(m->db, "SELECT coalesce(max(number), -1) FROM innominatus_migrations", NULL, -1);

    if (newest > last)
        m->host->log(m->call, INNO_LOG_WARN, "the database has migration %lld, newer than the newest one given (%lld)", (long long)newest,
                     (long long)last);
}

static inno_rc say_results(struct migrator *m)
{
    CLEANUP(free_text) char *names = json_dumps(m->applied, JSON_COMPACT);
    char number[24];

    if (!names)
        return m->host->fail(m->call, INNO_TRANSIENT, -1, "out of memory");
    snprintf(number, sizeof number, "%zu", json_array_size(m->applied));
    m->host->output_json(m->call, "applied", inno_span_of(number));
    m->host->output_json(m->call, "applied_names", inno_span_of(names));
    snprintf(number, sizeof number, "%lld",
             (long long)database_number(m->db, "SELECT coalesce(max(number), 0) FROM innominatus_migrations", NULL, 0));
    m->host->output_json(m->call, "version", inno_span_of(number));
    snprintf(number, sizeof number, "%lld", (long long)database_number(m->db, "SELECT count(*) FROM innominatus_migrations", NULL, 0));
    m->host->output_json(m->call, "total", inno_span_of(number));
    return INNO_OK;
}

inno_rc local_migrate(const struct local *self, const inno_host *host, inno_call *call, const inno_step *step)
{
    CLEANUP(json_put) json_t *config = json_loadb(step->config.bytes, step->config.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    CLEANUP(migrator_fini) struct migrator m = {.self = self, .host = host, .call = call, .step = step, .applied = json_array()};
    CLEANUP(json_put) json_t *found = NULL;
    char path[LOCAL_PATH_BYTES];
    inno_rc rc;
    int number;

    if ((rc = migrations_take(host, call, json_object_get(config, "migrations"), "config.migrations", &m.files)) != INNO_OK)
        return rc;
    if (postgres_find(self, step, json_string_value(json_object_get(config, "database")), &found))
        return postgres_migrate(self, host, call, found, &m.files);
    if ((rc = find_database(&m, json_string_value(json_object_get(config, "database")), path)) != INNO_OK)
        return rc;
    number = database_open(host, call, path, true, &m.db);
    if (number == SQLITE_CANTOPEN || (number & 0xff) == SQLITE_CANTOPEN)
        return host->fail(call, INNO_NOT_FOUND, -1, "there is no database %s; provision it before this step", path);
    if (number != SQLITE_OK || (number = database_run(m.db, CREATE_TABLE)) != SQLITE_OK)
        return database_fail(host, call, number, NULL, "opening the database");
    for (size_t i = 0; i < m.files.count; i++) {
        host->progress(call, (int32_t)(i * 100 / m.files.count), m.files.list[i].name);
        if ((rc = run_one(&m, &m.files.list[i])) != INNO_OK)
            return rc;
    }
    warn_unknown(&m);
    return say_results(&m);
}
