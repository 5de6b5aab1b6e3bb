/* Type `postgres` of the provisioner `local`, and migrations on it, against a real PostgreSQL. */
#include "fake_host.h"
#include "pg.h"
#include "test.h"
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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
    well(&w, FAKE_STATUS, "{\"connections\":5}");
    ASSERT_TEXT(w.p.call.status, "active");
    snprintf(sql, sizeof sql, "SELECT rolconnlimit FROM pg_roles WHERE rolname = '%s'", name);
    ASSERT_TEXT(ask(&w, sql), "5");
    well(&w, FAKE_PROVISION, "{}");
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

/* What an admin of the server did to role or database is seen, and undone. */
static size_t planned(struct world *w, const char *params)
{
    well(w, FAKE_PLAN, params);
    return json_array_size(json_object_get(w->p.call.outputs, "changes"));
}

/* What a provision would do; nothing of it is done. */
static void try_plan(struct world *w)
{
    const json_t *change;

    CU_ASSERT_EQUAL(planned(w, "{\"migrations\":" MIGRATIONS "}"), 3); /* database, role, migrations */
    status(w, "terminated", "not there");
    well(w, FAKE_PROVISION, "{}");
    CU_ASSERT_EQUAL(planned(w, "{}"), 0);
    CU_ASSERT_EQUAL(planned(w, "{\"connections\":3}"), 1);
    CU_ASSERT_EQUAL(planned(w, "{\"migrations\":" MIGRATIONS "}"), 1);
    change = json_array_get(json_object_get(w->p.call.outputs, "changes"), 0);
    ASSERT_TEXT(json_string_value(json_array_get(json_object_get(change, "to"), 1)), "002_more.sql");
    well(w, FAKE_PROVISION, "{\"migrations\":" MIGRATIONS "}");
    CU_ASSERT_EQUAL(planned(w, "{\"migrations\":" MIGRATIONS "}"), 0);
    well(w, FAKE_DEPROVISION, "{}");
}

static void try_rights(struct world *w)
{
    static const struct {
        const char *before, *after, *says;
    } acts[] = {{"ALTER ROLE", "CONNECTION LIMIT 3", "may have 3 connections, not 5"},
                {"ALTER ROLE", "CREATEDB", "more rights"},
                {"ALTER ROLE", "CREATEROLE", "more rights"},
                {"ALTER ROLE", "SUPERUSER", "more rights"},
                {"ALTER ROLE", "BYPASSRLS", "more rights"},
                {"GRANT CONNECT ON DATABASE", "TO PUBLIC", "every role of the server"},
                {"ALTER DATABASE", "OWNER TO postgres", "owner"}};
    char sql[300], name[64];

    well(w, FAKE_PROVISION, "{\"connections\":5}");
    snprintf(name, sizeof name, "%s", fake_output(&w->p, "name"));
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        snprintf(sql, sizeof sql, "%s %s %s", acts[i].before, name, acts[i].after);
        ask(w, sql);
        well(w, FAKE_STATUS, "{\"connections\":5}");
        ASSERT_TEXT(w->p.call.status, "degraded");
        ASSERT_CONTAINS(w->p.call.status_text, acts[i].says);
        well(w, FAKE_PROVISION, "{\"connections\":5}");
        well(w, FAKE_STATUS, "{\"connections\":5}");
        ASSERT_TEXT(w->p.call.status, "active");
    }
    well(w, FAKE_DEPROVISION, "{}");
}

/* An application that uses all its connections is well. */
static void try_full(struct world *w)
{
    PGconn *app;

    well(w, FAKE_PROVISION, "{\"connections\":1}");
    app = PQconnectdb(fake_secret(&w->p, "url"));
    CU_ASSERT_EQUAL(PQstatus(app), CONNECTION_OK);
    well(w, FAKE_STATUS, "{\"connections\":1}");
    ASSERT_TEXT(w->p.call.status, "active");
    PQfinish(app);
    well(w, FAKE_DEPROVISION, "{}");
}

/* A migration that asks for more than memory holds: its rows are not kept. */
static void try_rows(struct world *w)
{
    struct rusage before, after;

    well(w, FAKE_PROVISION, "{}");
    getrusage(RUSAGE_SELF, &before);
    well(w, FAKE_PROVISION, "{\"migrations\":{\"001_rows.sql\":\"SELECT repeat('x', 100000) FROM generate_series(1, 6000)\"}}");
    getrusage(RUSAGE_SELF, &after);
    CU_ASSERT(after.ru_maxrss - before.ru_maxrss < 400 * 1024); /* KiB, of 600 MB; AddressSanitizer keeps 256 MiB of what is freed */
    well(w, FAKE_DEPROVISION, "{}");
}

/* The address that applications are told may be one of IPv6. */
static void try_address(struct world *w)
{
    char config[500];

    fake_close(&w->p);
    snprintf(config, sizeof config, "{\"postgres\":{\"url\":\"%s\",\"host\":\"fd00::7\"}}", w->url);
    CU_ASSERT_EQUAL_FATAL(fake_open(&w->p, "local", test_dir(), config), INNO_OK);
    well(w, FAKE_PROVISION, "{}");
    ASSERT_TEXT(fake_output(&w->p, "host"), "fd00::7");
    ASSERT_CONTAINS(fake_secret(&w->p, "url"), "@[fd00::7]:");
    well(w, FAKE_DEPROVISION, "{}");
}

/* health looks at the servers of the entry: a breaker asks it whether they are back. */
static void try_health(struct world *w)
{
    struct err err;
    char config[500];

    CU_ASSERT_EQUAL(fake_health(&w->p), INNO_OK);
    PQfinish(w->admin);
    w->admin = NULL;
    ASSERT_OK(pg_cluster_halt(w->cluster, &err), err);
    CU_ASSERT_EQUAL(fake_health(&w->p), INNO_TRANSIENT);
    ASSERT_CONTAINS(w->p.call.failure, "PostgreSQL: connection to server");
    ASSERT_OK(pg_cluster_resume(w->cluster, &err), err);
    CU_ASSERT_EQUAL(fake_health(&w->p), INNO_OK);
    fake_close(&w->p);
    snprintf(config, sizeof config, "{\"postgres\":{\"url\":\"postgresql://nobody@/maintenance?%s\",\"password\":\"wrong\"}}",
             strchr(w->url, '?') + 1);
    CU_ASSERT_EQUAL_FATAL(fake_open(&w->p, "local", test_dir(), config), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w->p), INNO_UNAUTHORIZED);
    CU_ASSERT_PTR_NULL(strstr(w->p.call.failure, "wrong"));
}

static void test_server(void)
{
    struct world w;

    if (!begin(&w))
        return;
    try_plan(&w);
    try_rights(&w);
    try_full(&w);
    try_rows(&w);
    try_address(&w);
    try_health(&w);
    end(&w);
}

/* A server that takes the connection and says nothing is down, before the call's time is over. */
static void test_silence(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    struct fake_plugin p;
    char config[200], where[80];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CU_ASSERT_FATAL(bind(fd, (struct sockaddr *)&address, len) == 0 && listen(fd, 5) == 0);
    CU_ASSERT_FATAL(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    snprintf(where, sizeof where, "PostgreSQL at 127.0.0.1:%d", ntohs(address.sin_port));
    snprintf(config, sizeof config, "{\"postgres\":{\"url\":\"postgres://a@127.0.0.1:%d/b\"}}", ntohs(address.sin_port));
    CU_ASSERT_EQUAL_FATAL(fake_open(&p, "local", test_dir(), config), INNO_OK);
    fake_next_deadline(&p, 1000);
    CU_ASSERT_EQUAL(fake_run(&p, FAKE_STATUS, &(struct fake_resource){.type = "postgres", .params = "{}"}), INNO_TRANSIENT);
    ASSERT_CONTAINS(p.call.failure, where);
    ASSERT_CONTAINS(p.call.failure, "no answer within 500 ms");
    fake_close(&p);
    close(fd);
}

/* Of several hosts one is another machine: TLS is a must, and this server has none. */
static void test_tls(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    struct fake_plugin p;
    char config[200], bytes[64];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port, one;
    pid_t server;

    CU_ASSERT_FATAL(bind(fd, (struct sockaddr *)&address, len) == 0 && listen(fd, 5) == 0);
    CU_ASSERT_FATAL(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    port = ntohs(address.sin_port);
    server = fork();
    if (server == 0) { /* "no TLS here", to whoever asks */
        while ((one = accept(fd, NULL, NULL)) >= 0) {
            if (recv(one, bytes, sizeof bytes, 0) > 0)
                send(one, "N", 1, MSG_NOSIGNAL);
            recv(one, bytes, sizeof bytes, 0);
            close(one);
        }
        _exit(0);
    }
    snprintf(config, sizeof config, "{\"postgres\":{\"url\":\"postgres://a@127.0.0.1:%d,127.0.0.1.:%d/b\"}}", port, port);
    CU_ASSERT_EQUAL_FATAL(fake_open(&p, "local", test_dir(), config), INNO_OK);
    CU_ASSERT_NOT_EQUAL(fake_run(&p, FAKE_STATUS, &(struct fake_resource){.type = "postgres", .params = "{}"}), INNO_OK);
    ASSERT_CONTAINS(p.call.failure, "SSL");
    fake_close(&p);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    close(fd);
}

const struct test_case tests[] = {{"a database is made with its role, repaired and removed", test_life},
                                  {"what belongs to somebody else is left alone", test_foreign},
                                  {"migrations run once each, as the role, and are checksummed", test_migrations},
                                  {"a migration that never ends ends with the cancel", test_cancel},
                                  {"a server that is down is transient", test_down},
                                  {"what was done by hand is put back, many rows are not kept, and health asks the server", test_server},
                                  {"a server that says nothing is down", test_silence},
                                  {"passwords go to other machines over TLS alone", test_tls},
                                  {0}};
