/* Type `postgres` of the provisioner `local`, and migrations on it, against a real PostgreSQL. */
#include "fake_host.h"
#include "pg.h"
#include "test.h"
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

struct world {
    struct fake_plugin p;
    struct pg_cluster *cluster;
    PGconn *admin;
    char url[200];
};

#define MIGRATIONS                                                                                                                         \
    "[{\"path\":\"001_orders.sql\",\"content\":\"CREATE TABLE orders (id int primary "                                                     \
    "key)\"},{\"path\":\"002_more.sql\",\"content\":\"INSERT "                                                                             \
    "INTO orders VALUES (1); INSERT INTO orders VALUES (2)\"}]"

static const char *ask(struct world *w, const char *sql)
{
    static char text[400];
    PGresult *result = PQexec(w->admin, sql);

    if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
        fprintf(stderr, "%s: %s\n", sql, PQerrorMessage(w->admin));
    CU_ASSERT(PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK);
    snprintf(text, sizeof text, "%s", PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return text;
}

static bool begin(struct world *w)
{
    char config[400];
    struct err err;

    *w = (struct world){0};
    if (pg_missing()) {
        test_skip(pg_missing());
        return false;
    }
    ASSERT_OK(pg_cluster_start(&w->cluster, &err), err);
    ASSERT_OK(pg_cluster_database(w->cluster, "maintenance", w->url, sizeof w->url, &err), err);
    w->admin = PQconnectdb(w->url);
    CU_ASSERT_EQUAL_FATAL(PQstatus(w->admin), CONNECTION_OK);
    /* everybody but the superuser needs the right password */
    ask(w, "COPY (SELECT 'local all postgres trust' UNION ALL SELECT 'local all all scram-sha-256') TO PROGRAM 'cat > pg_hba.conf'");
    ask(w, "SELECT pg_reload_conf()");
    for (int i = 0; i < 100000 && strcmp(ask(w, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'scram-sha-256'"), "1") != 0;
         i++)
        ;
    PQfinish(w->admin);
    w->admin = PQconnectdb(w->url);
    snprintf(config, sizeof config, "{\"postgres\":{\"url\":\"%s\"}}", w->url);
    CU_ASSERT_EQUAL_FATAL(fake_open(&w->p, "local", test_dir(), config), INNO_OK);
    return true;
}

static void end(struct world *w)
{
    fake_close(&w->p);
    PQfinish(w->admin);
    pg_cluster_stop(w->cluster);
}

static inno_rc run(struct world *w, enum fake_slot slot, const char *params)
{
    return fake_run(&w->p, slot,
                    &(struct fake_resource){.type = "postgres", .uid = "postgres.default#shop.db", .name = "db", .params = params});
}

static void well(struct world *w, enum fake_slot slot, const char *params)
{
    inno_rc rc = run(w, slot, params);

    if (rc != INNO_OK)
        fprintf(stderr, "%s\n", w->p.call.failure);
    CU_ASSERT_EQUAL(rc, INNO_OK);
}

static void status(struct world *w, const char *state, const char *text)
{
    well(w, FAKE_STATUS, "{}");
    ASSERT_TEXT(w->p.call.status, state);
    ASSERT_CONTAINS(w->p.call.status_text, text);
}

/* As the application connects. */
static bool can_connect(const char *url)
{
    PGconn *conn = PQconnectdb(url);
    bool good = PQstatus(conn) == CONNECTION_OK;

    PQfinish(conn);
    return good;
}

static void test_life(void)
{
    struct world w;
    char url[600], name[64], sql[300], other[600];

    if (!begin(&w))
        return;
    status(&w, "terminated", "not there");
    well(&w, FAKE_PROVISION, "{}");
    snprintf(url, sizeof url, "%s", fake_secret(&w.p, "url"));
    snprintf(name, sizeof name, "%s", fake_output(&w.p, "name"));
    CU_ASSERT_EQUAL(strlen(fake_secret(&w.p, "password")), 32);
    ASSERT_TEXT(fake_output(&w.p, "username"), name);
    CU_ASSERT(can_connect(url));
    well(&w, FAKE_PROVISION, "{\"connections\":5}"); /* again, and with something else */
    ASSERT_TEXT(fake_secret(&w.p, "url"), url);
    status(&w, "active", "");
    snprintf(sql, sizeof sql, "SELECT rolconnlimit FROM pg_roles WHERE rolname = '%s'", name);
    ASSERT_TEXT(ask(&w, sql), "5");
    snprintf(other, sizeof other, "%.*s/maintenance?%s", (int)(strstr(url, "@/") - url + 1), url, strchr(url, '?') + 1);
    CU_ASSERT(!can_connect("postgresql://nobody:x@/maintenance"));

    snprintf(sql, sizeof sql, "ALTER ROLE %s PASSWORD 'by hand'", name);
    ask(&w, sql);
    status(&w, "degraded", "changed by hand");
    well(&w, FAKE_PROVISION, "{}");
    status(&w, "active", "");
    snprintf(sql, sizeof sql, "ALTER ROLE %s NOLOGIN", name);
    ask(&w, sql);
    status(&w, "degraded", "changed by hand");
    well(&w, FAKE_PROVISION, "{}");
    status(&w, "active", "");
    snprintf(sql, sizeof sql, "DROP DATABASE %s", name);
    ask(&w, sql);
    status(&w, "degraded", "the database was removed by hand");
    well(&w, FAKE_PROVISION, "{}");
    status(&w, "active", "");

    well(&w, FAKE_DEPROVISION, "{}");
    well(&w, FAKE_DEPROVISION, "{}");
    ASSERT_TEXT(ask(&w, "SELECT count(*) FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1', 'maintenance')"),
                "0");
    ASSERT_TEXT(ask(&w, "SELECT count(*) FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' AND rolname <> 'postgres'"), "0");
    status(&w, "terminated", "not there");
    end(&w);
}

/* A database of that name that somebody else made is neither taken nor removed. */
static void test_foreign(void)
{
    struct world w;
    char name[64], sql[300];

    if (!begin(&w))
        return;
    well(&w, FAKE_PROVISION, "{}");
    snprintf(name, sizeof name, "%s", fake_output(&w.p, "name"));
    well(&w, FAKE_DEPROVISION, "{}");
    snprintf(sql, sizeof sql, "CREATE ROLE %s", name);
    ask(&w, sql);
    CU_ASSERT_EQUAL(run(&w, FAKE_PROVISION, "{}"), INNO_ALREADY_EXISTS);
    ASSERT_CONTAINS(w.p.call.failure, "is not of this resource");
    well(&w, FAKE_DEPROVISION, "{}");
    snprintf(sql, sizeof sql, "SELECT count(*) FROM pg_roles WHERE rolname = '%s'", name);
    ASSERT_TEXT(ask(&w, sql), "1");
    end(&w);
}

static void test_migrations(void)
{
    struct world w;
    static const char step[] = "{\"database\":\"db\",\"migrations\":" MIGRATIONS "}";

    if (!begin(&w))
        return;
    well(&w, FAKE_PROVISION, "{\"migrations\":" MIGRATIONS "}");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(w.p.call.outputs, "applied")), 2);
    well(&w, FAKE_PROVISION, "{\"migrations\":" MIGRATIONS "}");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(w.p.call.outputs, "applied")), 0);
    CU_ASSERT_EQUAL(fake_step(&w.p, "database-migration", "shop", step), INNO_OK);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(w.p.call.outputs, "applied")), 0);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(w.p.call.outputs, "version")), 2);
    CU_ASSERT_EQUAL(fake_step(&w.p, "database-migration", "other", step), INNO_NOT_FOUND);

    /* changed, out of order, broken, ending its transaction, doing what the role may not */
    CU_ASSERT_EQUAL(fake_step(&w.p, "database-migration", "shop", "{\"database\":\"db\",\"migrations\":{\"001_orders.sql\":\"SELECT 1\"}}"),
                    INNO_FAILED);
    ASSERT_CONTAINS(w.p.call.failure, "has been changed since");
    CU_ASSERT_EQUAL(fake_step(&w.p, "database-migration", "shop", "{\"database\":\"db\",\"migrations\":{\"000_zero.sql\":\"SELECT 1\"}}"),
                    INNO_FAILED);
    ASSERT_CONTAINS(w.p.call.failure, "later ones have run");
    CU_ASSERT_EQUAL(fake_step(&w.p, "database-migration", "shop",
                              "{\"database\":\"db\",\"migrations\":{\"003_bad.sql\":\"CREATE TABLE half (a int); SELEC\"}}"),
                    INNO_FAILED);
    ASSERT_CONTAINS(w.p.call.failure, "migration 003_bad.sql: syntax error");
    CU_ASSERT_EQUAL(fake_step(&w.p, "database-migration", "shop", "{\"database\":\"db\",\"migrations\":{\"003_commit.sql\":\"COMMIT\"}}"),
                    INNO_FAILED);
    ASSERT_CONTAINS(w.p.call.failure, "ended its transaction");
    CU_ASSERT_EQUAL(fake_step(&w.p, "database-migration", "shop",
                              "{\"database\":\"db\",\"migrations\":{\"003_rob.sql\":\"RESET ROLE; CREATE ROLE thief\"}}"),
                    INNO_UNAUTHORIZED);
    CU_ASSERT_EQUAL(
        fake_step(&w.p, "database-migration", "shop", "{\"database\":\"db\",\"migrations\":{\"003_copy.sql\":\"COPY orders FROM STDIN\"}}"),
        INNO_UNSUPPORTED);
    CU_ASSERT_EQUAL(fake_step(&w.p, "database-migration", "shop",
                              "{\"database\":\"db\",\"migrations\":{\"003_good.sql\":\"CREATE TABLE half (a int)\"}}"),
                    INNO_OK); /* nothing of the failed ones stayed */
    well(&w, FAKE_DEPROVISION, "{}");
    end(&w);
}

/* Endless SQL ends with the cancel, on the server too. */
static void test_cancel(void)
{
    struct world w;

    if (!begin(&w))
        return;
    well(&w, FAKE_PROVISION, "{}");
    fake_next_cancel(&w.p, 30);
    CU_ASSERT_EQUAL(run(&w, FAKE_PROVISION, "{\"migrations\":{\"001_sleep.sql\":\"SELECT pg_sleep(3600)\"}}"), INNO_CANCELED);
    well(&w, FAKE_DEPROVISION, "{}"); /* the database can be dropped: nobody is in it */
    end(&w);
}

static void test_down(void)
{
    struct world w;
    struct err err;
    struct fake_plugin bare;

    if (!begin(&w))
        return;
    PQfinish(w.admin);
    w.admin = NULL;
    ASSERT_OK(pg_cluster_halt(w.cluster, &err), err);
    CU_ASSERT_EQUAL(run(&w, FAKE_PROVISION, "{}"), INNO_TRANSIENT);
    ASSERT_CONTAINS(w.p.call.failure, "PostgreSQL: connection to server");
    ASSERT_OK(pg_cluster_resume(w.cluster, &err), err);
    well(&w, FAKE_PROVISION, "{}");
    end(&w);
    CU_ASSERT_EQUAL(fake_open(&bare, "local", test_dir(), "{}"), INNO_OK);
    CU_ASSERT_EQUAL(fake_run(&bare, FAKE_PROVISION, &(struct fake_resource){.type = "postgres", .params = "{}"}), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(bare.call.failure, "add config.postgres");
    fake_close(&bare);
}

const struct test_case tests[] = {{"a database is made with its role, repaired and removed", test_life},
                                  {"what belongs to somebody else is left alone", test_foreign},
                                  {"migrations run once each, as the role, and are checksummed", test_migrations},
                                  {"a migration that never ends ends with the cancel", test_cancel},
                                  {"a server that is down is transient", test_down},
                                  {0}};
