/* `local`'s databases: schemas that run once, and steps of type database-migration. */
#include "base/cleanup.h"
#include "base/io.h"
#include "fake_host.h"
#include "test.h"
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

static char database[600]; /* path of the last database that provision_database made */

static void expect(struct fake_plugin *p, inno_rc got, inno_rc wanted)
{
    if (got != wanted)
        fprintf(stderr, "returned %d, wanted %d: %s\n", got, wanted, p->call.failure);
    CU_ASSERT_EQUAL(got, wanted);
}

static struct fake_plugin open_local(void)
{
    struct fake_plugin p;

    CU_ASSERT_EQUAL_FATAL(fake_open(&p, "local", test_dir(), "{}"), INNO_OK);
    return p;
}

static struct fake_resource db_of(const char *team, const char *params)
{
    return (struct fake_resource){.type = "sqlite", .uid = "sqlite.default#shop.db", .name = "db", .team = team, .params = params};
}

static void provision_database(struct fake_plugin *p, const char *params)
{
    struct fake_resource about = db_of("shop", params);

    expect(p, fake_run(p, FAKE_PROVISION, &about), INNO_OK);
    snprintf(database, sizeof database, "%s", fake_output(p, "path"));
}

/* One integer out of the database, -1 when the query fails. */
static int64_t number(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t value = -1;

    CU_ASSERT_EQUAL(sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return value;
}

/* ---- sqlite ---- */

static void test_schema_once(void)
{
    struct fake_plugin p = open_local();
    char url[700];
    struct stat st;

    provision_database(&p, "{\"schema\": \"CREATE TABLE orders (id); INSERT INTO orders VALUES (1);\"}");
    snprintf(url, sizeof url, "sqlite://%s", database);
    ASSERT_TEXT(fake_output(&p, "url"), url);
    CU_ASSERT_EQUAL(stat(database, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    provision_database(&p, "{\"schema\": \"CREATE TABLE orders (id); INSERT INTO orders VALUES (1);\"}");
    CU_ASSERT_EQUAL(number("SELECT count(*) FROM orders"), 1);
    fake_close(&p);
}

static void test_schema_fails_whole(void)
{
    struct fake_plugin p = open_local();
    struct fake_resource about = db_of("shop", "{\"schema\": \"CREATE TABLE a (x); INSERT INTO b VALUES (1);\"}");

    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_INVALID_RESOURCE);
    ASSERT_CONTAINS(p.call.failure, "no such table: b");
    /* the corrected schema then runs from its beginning */
    provision_database(&p, "{\"schema\": \"CREATE TABLE a (x); CREATE TABLE b (x); INSERT INTO b VALUES (1);\"}");
    CU_ASSERT_EQUAL(number("SELECT count(*) FROM a"), 0);
    CU_ASSERT_EQUAL(number("SELECT count(*) FROM b"), 1);
    fake_close(&p);
}

static void test_schema_changed(void)
{
    struct fake_plugin p = open_local();
    struct fake_resource about = db_of("shop", "{\"schema\": \"CREATE TABLE a (x, y);\"}");

    provision_database(&p, "{\"schema\": \"CREATE TABLE a (x);\"}");
    about.operation = INNO_OP_UPDATE;
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_UNSUPPORTED);
    ASSERT_CONTAINS(p.call.failure, "database-migration");
    CU_ASSERT_EQUAL(number("SELECT count(*) FROM pragma_table_info('a')"), 1);
    provision_database(&p, "{}"); /* gone from the params: what it made stays */
    CU_ASSERT_EQUAL(number("SELECT count(*) FROM a"), 0);
    provision_database(&p, "{\"schema\": \"CREATE TABLE a (x);\"}");
    fake_close(&p);
}

static void test_schema_added(void)
{
    struct fake_plugin p = open_local();

    provision_database(&p, "{}");
    provision_database(&p, "{\"schema\": \"CREATE TABLE a (x);\"}");
    CU_ASSERT_EQUAL(number("SELECT count(*) FROM a"), 0);
    fake_close(&p);
}

static void test_schema_endless(void)
{
    struct fake_plugin p = open_local();
    struct fake_resource about = db_of("shop", "{\"schema\": \"CREATE TABLE a (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                                               "FROM n) INSERT INTO a SELECT max(i) FROM n;\"}");

    fake_next_cancel(&p, 50);
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_CANCELED);
    provision_database(&p, "{\"schema\": \"CREATE TABLE a (x);\"}");
    CU_ASSERT_EQUAL(number("SELECT count(*) FROM a"), 0);
    fake_close(&p);
}

static void test_status(void)
{
    struct fake_plugin p = open_local();
    struct fake_resource about = db_of("shop", NULL);
    struct err err;

    provision_database(&p, NULL);
    expect(&p, fake_run(&p, FAKE_HINTS, &about), INNO_OK);
    ASSERT_CONTAINS(fake_hint(&p, INNO_HINT_COMMAND), "sqlite3 /");
    ASSERT_OK(io_write_atomic(database,
                              "this is no database at all, but it is long enough to look like one: ...............................", 100,
                              0600, &err),
              err);
    expect(&p, fake_run(&p, FAKE_STATUS, &about), INNO_OK);
    ASSERT_TEXT(p.call.status, INNO_STATE_FAILED);
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_FAILED);
    ASSERT_CONTAINS(p.call.failure, "backup");
    ASSERT_OK(io_write_atomic(database, "", 0, 0600, &err), err);
    expect(&p, fake_run(&p, FAKE_STATUS, &about), INNO_OK);
    ASSERT_TEXT(p.call.status, INNO_STATE_DEGRADED);
    fake_close(&p);
}

/* ---- migrations ---- */

#define FIRST  "{\"name\": \"001_orders.sql\", \"sql\": \"CREATE TABLE orders (id INTEGER PRIMARY KEY);\"}"
#define SECOND "{\"name\": \"002_price.sql\", \"sql\": \"ALTER TABLE orders ADD COLUMN price; INSERT INTO orders VALUES (1, 2);\"}"

static inno_rc migrate(struct fake_plugin *p, const char *migrations)
{
    CLEANUP(free_ptr) char *config = NULL;

    if (asprintf(&config, "{\"database\": \"%s\", \"migrations\": [%s]}", database, migrations) < 0)
        abort();
    return fake_step(p, "database-migration", "shop", config);
}

static void expect_results(struct fake_plugin *p, int64_t applied, int64_t version, int64_t total)
{
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(p->call.outputs, "applied")), applied);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(p->call.outputs, "version")), version);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(p->call.outputs, "total")), total);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(p->call.outputs, "applied_names")), (size_t)applied);
}

static void test_migrations_once(void)
{
    struct fake_plugin p = open_local();

    provision_database(&p, NULL);
    expect(&p, migrate(&p, SECOND "," FIRST), INNO_OK);
    expect_results(&p, 2, 2, 2);
    expect(&p, migrate(&p, FIRST "," SECOND), INNO_OK);
    expect_results(&p, 0, 2, 2);
    expect(&p, migrate(&p, FIRST "," SECOND ", {\"name\": \"0010_more.sql\", \"sql\": \"INSERT INTO orders VALUES (2, 3);\"}"), INNO_OK);
    expect_results(&p, 1, 10, 3);
    CU_ASSERT_EQUAL(number("SELECT count(*) FROM orders"), 2);
    /* an older version of the application on the newer database: said, not failed */
    expect(&p, migrate(&p, FIRST), INNO_OK);
    CU_ASSERT_EQUAL(json_array_size(p.call.logs), 1);
    fake_close(&p);
}

static void test_migration_changed(void)
{
    struct fake_plugin p = open_local();

    provision_database(&p, NULL);
    expect(&p, migrate(&p, FIRST), INNO_OK);
    expect(&p, migrate(&p, "{\"name\": \"001_orders.sql\", \"sql\": \"CREATE TABLE orders (id TEXT);\"}"), INNO_FAILED);
    ASSERT_CONTAINS(p.call.failure, "001_orders.sql");
    ASSERT_CONTAINS(p.call.failure, "changed since");
    expect(&p, migrate(&p, SECOND), INNO_OK);
    expect(&p, migrate(&p, SECOND ", {\"name\": \"001_other.sql\", \"sql\": \"SELECT 1;\"}"), INNO_FAILED);
    fake_close(&p);
}

static void test_migration_late(void)
{
    struct fake_plugin p = open_local();

    provision_database(&p, "{\"schema\": \"CREATE TABLE orders (id INTEGER PRIMARY KEY);\"}");
    expect(&p, migrate(&p, SECOND), INNO_OK);
    expect(&p, migrate(&p, FIRST "," SECOND), INNO_FAILED);
    ASSERT_CONTAINS(p.call.failure, "higher number");
    fake_close(&p);
}

/* What fails leaves nothing of its own behind, and what ran before it stays. */
static void test_migration_fails_whole(void)
{
    struct fake_plugin p = open_local();

    provision_database(&p, NULL);
    expect(&p,
           migrate(&p, FIRST ", {\"name\": \"002_bad.sql\", \"sql\": \"INSERT INTO orders VALUES (7); INSERT INTO nowhere VALUES (1);\"}"),
           INNO_FAILED);
    ASSERT_CONTAINS(p.call.failure, "002_bad.sql");
    ASSERT_CONTAINS(p.call.failure, "nowhere");
    CU_ASSERT_EQUAL(number("SELECT count(*) FROM orders"), 0);
    CU_ASSERT_EQUAL(number("SELECT count(*) FROM innominatus_migrations"), 1);
    expect(
        &p,
        migrate(
            &p, FIRST
            ", {\"name\": \"002_rollback.sql\", \"sql\": \"INSERT INTO orders VALUES (7); INSERT OR ROLLBACK INTO orders VALUES (7);\"}"),
        INNO_FAILED);
    expect(&p, migrate(&p, FIRST ", {\"name\": \"002_escape.sql\", \"sql\": \"COMMIT; INSERT INTO orders VALUES (8);\"}"), INNO_FAILED);
    ASSERT_CONTAINS(p.call.failure, "not allowed here");
    expect(&p, migrate(&p, FIRST ", {\"name\": \"002_cheat.sql\", \"sql\": \"DELETE FROM innominatus_migrations;\"}"), INNO_FAILED);
    CU_ASSERT_EQUAL(number("SELECT count(*) FROM orders"), 0);
    expect(&p, migrate(&p, FIRST "," SECOND), INNO_OK);
    expect_results(&p, 1, 2, 2);
    fake_close(&p);
}

static void test_migration_canceled(void)
{
    struct fake_plugin p = open_local();

    provision_database(&p, NULL);
    expect(&p, migrate(&p, FIRST), INNO_OK);
    fake_next_cancel(&p, 50);
    expect(&p,
           migrate(&p, FIRST ", {\"name\": \"002_endless.sql\", \"sql\": \"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                             "INSERT INTO orders "
                             "SELECT max(i) FROM n;\"}"),
           INNO_CANCELED);
    CU_ASSERT_EQUAL(number("SELECT count(*) FROM innominatus_migrations"), 1);
    fake_next_cancel(&p, 0);
    expect(&p, migrate(&p, FIRST "," SECOND), INNO_CANCELED);
    expect(&p, migrate(&p, FIRST "," SECOND), INNO_OK);
    fake_close(&p);
}

static void test_migration_locked(void)
{
    struct fake_plugin p = open_local();
    sqlite3 *other = NULL;

    provision_database(&p, NULL);
    expect(&p, migrate(&p, FIRST), INNO_OK);
    CU_ASSERT_EQUAL(sqlite3_open(database, &other), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    expect(&p, migrate(&p, FIRST "," SECOND), INNO_TRANSIENT);
    ASSERT_CONTAINS(p.call.failure, "lock");
    sqlite3_close(other);
    expect(&p, migrate(&p, FIRST "," SECOND), INNO_OK);
    fake_close(&p);
}

static void test_migration_config(void)
{
    static const struct {
        const char *config;
        inno_rc wanted;
        const char *text;
    } cases[] = {
        {"{}", INNO_INVALID_RESOURCE, "config.migrations"},
        {"{\"migrations\": []}", INNO_INVALID_RESOURCE, "config.database"},
        {"{\"database\": \"cache\", \"migrations\": []}", INNO_NOT_FOUND, "no sqlite resource \"cache\""},
        {"{\"database\": \"/etc/passwd\", \"migrations\": []}", INNO_INVALID_RESOURCE, "no database that this entry made"},
        {"{\"database\": \"db\", \"migrations\": [{\"name\": \"orders.sql\", \"sql\": \"\"}]}", INNO_INVALID_RESOURCE,
         "001_create_orders.sql"},
        {"{\"database\": \"db\", \"migrations\": [{\"name\": \"001_a/b.sql\", \"sql\": \"\"}]}", INNO_INVALID_RESOURCE,
         "001_create_orders.sql"},
        {"{\"database\": \"db\", \"migrations\": [{\"name\": \"001_a.sql\"}]}", INNO_INVALID_RESOURCE, "sql must be a text"},
        {"{\"database\": \"db\", \"migrations\": [{\"name\": \"001_a.sql\", \"sql\": \"SELECT 1;\\u0000\"}]}", INNO_INVALID_RESOURCE,
         "sql must be a text"},
        {"{\"database\": \"db\", \"migrations\": [{\"name\": \"1_a.sql\", \"sql\": \"\"}, {\"name\": \"01_b.sql\", \"sql\": \"\"}]}",
         INNO_INVALID_RESOURCE, "same number"},
        {"{\"database\": \"db\", \"migrations\": {\"001_a.sql\": \"CREATE TABLE a (x);\"}}", INNO_OK, ""},
        {"{\"database\": \"db\", \"migrations\": [{\"path\": \"002_b.sql\", \"content\": \"CREATE TABLE b (x);\"}]}", INNO_OK, ""},
        {"nonsense", INNO_INVALID_RESOURCE, "config.migrations"},
    };
    struct fake_plugin p = open_local();

    provision_database(&p, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect(&p, fake_step(&p, "database-migration", "shop", cases[i].config), cases[i].wanted);
        ASSERT_CONTAINS(p.call.failure, cases[i].text);
    }
    expect(&p, fake_step(&p, "no-such-step", "shop", "{}"), INNO_UNSUPPORTED);
    fake_close(&p);
}

/* Neither by path nor by name does a step reach another team's database. */
static void test_migration_teams(void)
{
    struct fake_plugin p = open_local();
    struct fake_resource theirs = db_of("other", NULL);
    char config[1000];

    expect(&p, fake_run(&p, FAKE_PROVISION, &theirs), INNO_OK);
    snprintf(config, sizeof config, "{\"database\": \"%s\", \"migrations\": []}", fake_output(&p, "path"));
    expect(&p, fake_step(&p, "database-migration", "shop", config), INNO_INVALID_RESOURCE);
    expect(&p, fake_step(&p, "database-migration", "other", config), INNO_OK);
    expect(&p, fake_step(&p, "database-migration", "shop", "{\"database\": \"db\", \"migrations\": []}"), INNO_NOT_FOUND);
    expect(&p, fake_step(&p, "database-migration", "other", "{\"database\": \"db\", \"migrations\": []}"), INNO_OK);
    expect(&p, fake_run(&p, FAKE_DEPROVISION, &theirs), INNO_OK);
    expect(&p, fake_step(&p, "database-migration", "other", "{\"database\": \"db\", \"migrations\": []}"), INNO_NOT_FOUND);
    expect(&p, fake_step(&p, "database-migration", "other", config), INNO_NOT_FOUND);
    fake_close(&p);
}

const struct test_case tests[] = {{"a schema runs once, into a file that its owner alone reads", test_schema_once},
                                  {"a schema that fails leaves nothing behind", test_schema_fails_whole},
                                  {"a changed schema is refused and changes nothing", test_schema_changed},
                                  {"a schema may come later while the database has no tables", test_schema_added},
                                  {"a schema that never ends is stopped by cancel", test_schema_endless},
                                  {"status tells a damaged file and one that was not set up", test_status},
                                  {"migrations run in order, each exactly once", test_migrations_once},
                                  {"a migration that was changed after it ran fails and is named", test_migration_changed},
                                  {"a new migration before those that ran fails", test_migration_late},
                                  {"a migration that fails leaves nothing of its own", test_migration_fails_whole},
                                  {"a migration is stopped by cancel and can go on later", test_migration_canceled},
                                  {"a locked database is worth a retry", test_migration_locked},
                                  {"a wrong config says what to write", test_migration_config},
                                  {"a step reaches its own team's databases alone", test_migration_teams},
                                  {0}};
