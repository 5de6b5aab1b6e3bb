/* postgres {migrations, connections} -> host, port, name, username and the secrets password, url: a database and a role of the same name on
 * the server of config.postgres. The password is made once and kept in the record; migrations run as the role. What the server has under
 * the name and is not marked as this resource's is left alone. The slot's thread. */
#include "postgres.h"
#include "actions.h"
#include "database.h"
#include "names.h"
#include "pq.h"
#include "random_text.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PASSWORD_LENGTH 32
#define MARK_BYTES      300

struct wanted {
    struct migrations migrations;
    int64_t connections; /* -1: any number */
};

static void wanted_fini(struct wanted *w) { migrations_fini(&w->migrations); }

/* At most 57 letters of a name that PostgreSQL takes without quotes. */
static void make_name(const inno_resource *res, char out[64])
{
    const char *const identity[] = {res->org, res->team, res->environment, res->uid}, *tail = strchr(res->uid, '#');

    name_unique(identity, sizeof identity / sizeof identity[0], tail ? tail + 1 : res->name, out);
    for (char *c = out; *c; c++)
        if (*c == '-')
            *c = '_';
}

static void make_mark(const inno_resource *res, char out[MARK_BYTES]) { snprintf(out, MARK_BYTES, "innominatus %.250s", res->uid); }

static inno_rc take_params(struct local_work *work, struct wanted *out)
{
    static const char *const known[] = {"migrations", "connections", NULL};
    const json_t *migrations = json_object_get(work->params, "migrations"), *connections = json_object_get(work->params, "connections");
    inno_rc rc = local_check_params(work, known);

    out->connections = connections ? json_integer_value(connections) : -1;
    if (rc == INNO_OK && connections && (!json_is_integer(connections) || out->connections < 1 || out->connections > 100000))
        rc = work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "params.connections must be a number from 1 to 100000");
    if (rc == INNO_OK && migrations)
        rc = migrations_take(work->host, work->call, migrations, "params.migrations", &out->migrations);
    return rc;
}

/* ---- the record ---- */

static void record_path(const struct local_work *work, char out[LOCAL_PATH_BYTES + 16])
{
    snprintf(out, LOCAL_PATH_BYTES + 16, "%s/record.json", work->path);
}

/* *out: {name, password}, made when there is none: it is on disk before the server knows it. */
static inno_rc have_record(struct local_work *work, json_t **out)
{
    char path[LOCAL_PATH_BYTES + 16], name[64], password[PASSWORD_LENGTH + 1];
    int number;

    record_path(work, path);
    number = files_read_json(path, out);
    if (number == 0)
        return INNO_OK;
    if (number != ENOENT && number != ENOTDIR)
        return files_fail(work->host, work->call, number, "reading", path);
    make_name(work->res, name);
    if (random_text(password, PASSWORD_LENGTH) != 0 || !(*out = json_pack("{s:s,s:s}", "name", name, "password", password)))
        return work->host->fail(work->call, INNO_TRANSIENT, -1, "out of memory");
    explicit_bzero(password, sizeof password);
    return local_record_write(work, json_incref(*out));
}

bool postgres_find(const struct local *self, const inno_step *step, const char *name, json_t **out)
{
    char folder[LOCAL_PATH_BYTES], path[LOCAL_PATH_BYTES + 16];

    if (!name || name[0] == '/' || !database_named(self, step->team, step->environment, step->application, name, "postgres", folder))
        return false;
    snprintf(path, sizeof path, "%s/record.json", folder);
    return files_read_json(path, out) == 0;
}

/* ---- role and database ---- */

/* Has the server a role or database of this name, and is it marked as ours? */
static inno_rc look(struct pq *pq, const inno_resource *res, const char *name, bool role, bool *exists, bool *ours)
{
    static const char *const questions[] = {
        "SELECT shobj_description(oid, 'pg_database'), pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1",
        "SELECT shobj_description(oid, 'pg_authid'), '' FROM pg_roles WHERE rolname = $1"};
    CLEANUP(pq_clear) PGresult *rows = NULL;
    char mark[MARK_BYTES];
    inno_rc rc = pq_run(pq, "looking at the server", questions[role], &name, 1, &rows);

    make_mark(res, mark);
    *exists = pq_rows(rows) > 0;
    /* a crash between making a database and marking it leaves one that belongs to our role */
    *ours = *exists && (strcmp(pq_text(rows, 0, 0), mark) == 0 || strcmp(pq_text(rows, 0, 1), name) == 0);
    return rc;
}

static inno_rc is_foreign(struct pq *pq, const char *what, const char *name)
{
    return pq->host->fail(pq->call, INNO_ALREADY_EXISTS, -1,
                          "the server has a %s %s that is not of this resource; remove it or rename the resource", what, name);
}

static inno_rc have_role(struct pq *pq, const inno_resource *res, const char *name, const char *password, int64_t connections)
{
    CLEANUP(wipe_text) char *scrambled = pq_scrambled(pq, name, password);
    char mark[MARK_BYTES], limit[24];
    bool exists = false, ours = false;
    inno_rc rc = look(pq, res, name, true, &exists, &ours);

    if (rc != INNO_OK)
        return rc;
    if (exists && !ours)
        return is_foreign(pq, "role", name);
    if (!scrambled)
        return pq->host->fail(pq->call, INNO_TRANSIENT, -1, "out of memory");
    make_mark(res, mark);
    snprintf(limit, sizeof limit, "%lld", (long long)connections);
    if (!exists && (rc = pq_script(pq, "making the role", "BEGIN")) == INNO_OK &&
        (rc = pq_form(pq, "making the role", "CREATE ROLE %I LOGIN NOCREATEDB NOCREATEROLE PASSWORD %L", name, scrambled)) == INNO_OK &&
        (rc = pq_form(pq, "making the role", "COMMENT ON ROLE %I IS %L", name, mark)) == INNO_OK)
        rc = pq_script(pq, "making the role", "COMMIT");
    if (rc == INNO_OK && exists)
        rc = pq_form(pq, "setting up the role", "ALTER ROLE %I LOGIN PASSWORD %L", name, scrambled);
    if (rc == INNO_OK) { /* a number is no literal here */
        char form[80];

        snprintf(form, sizeof form, "ALTER ROLE %%I CONNECTION LIMIT %s", limit);
        rc = pq_form(pq, "setting up the role", form, name);
    }
    if (rc == INNO_OK) /* who is no superuser makes databases only for roles that it belongs to */
        rc = pq_form(
            pq, "setting up the role",
            "DO $$ BEGIN IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN EXECUTE format('GRANT %%I TO %%I', "
            "%L, current_user); END IF; END $$",
            name);
    return rc;
}

static inno_rc have_database(struct pq *pq, const inno_resource *res, const char *name)
{
    char mark[MARK_BYTES];
    bool exists = false, ours = false;
    inno_rc rc = look(pq, res, name, false, &exists, &ours);

    if (rc != INNO_OK)
        return rc;
    if (exists && !ours)
        return is_foreign(pq, "database", name);
    make_mark(res, mark);
    if (!exists)
        rc = pq_form(pq, "making the database", "CREATE DATABASE %I OWNER %I", name, name);
    if (rc == INNO_OK)
        rc = pq_form(pq, "setting up the database", "COMMENT ON DATABASE %I IS %L", name, mark);
    if (rc == INNO_OK) /* roles of other resources stay out */
        rc = pq_form(pq, "setting up the database", "REVOKE ALL ON DATABASE %I FROM PUBLIC", name);
    return rc;
}

/* ---- what an admin of the server may have done to both ---- */

struct facts {
    int64_t connections;
    bool rights, open, foreign; /* more rights than a role of ours has; PUBLIC may connect; the database is another role's */
};

/* Both are there. */
static inno_rc read_facts(struct pq *pq, const char *name, struct facts *out)
{
    static const char question[] =
        "SELECT r.rolconnlimit, (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls)::int, "
        "has_database_privilege('public', d.oid, 'CONNECT')::int, (d.datdba <> r.oid)::int FROM pg_roles r, pg_database d "
        "WHERE r.rolname = $1 AND d.datname = $1";
    CLEANUP(pq_clear) PGresult *rows = NULL;
    inno_rc rc = pq_run(pq, "looking at the role's rights", question, &name, 1, &rows);

    if (rc != INNO_OK)
        return rc;
    if (pq_rows(rows) != 1)
        return pq->host->fail(pq->call, INNO_TRANSIENT, -1, "the database or role %s went away just now", name);
    *out = (struct facts){strtoll(pq_text(rows, 0, 0), NULL, 10), pq_text(rows, 0, 1)[0] == '1', pq_text(rows, 0, 2)[0] == '1',
                          pq_text(rows, 0, 3)[0] == '1'};
    return INNO_OK;
}

/* What have_role and have_database do not write each time: a platform's role that is no superuser may not even say it. */
static inno_rc put_back(struct pq *pq, const char *name)
{
    struct facts facts;
    inno_rc rc = read_facts(pq, name, &facts);

    if (rc == INNO_OK && facts.rights)
        rc = pq_form(pq, "taking back rights of the role", "ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
                     name);
    if (rc == INNO_OK && facts.foreign)
        rc = pq_form(pq, "giving the database back to its role", "ALTER DATABASE %I OWNER TO %I", name, name);
    return rc;
}

/* False when nothing is. */
static bool find_defect(const struct facts *facts, const struct wanted *wanted, char *text, size_t cap)
{
    if (facts->rights)
        return snprintf(text, cap, "the role was given more rights by hand than an application has") > 0;
    if (facts->foreign)
        return snprintf(text, cap, "the database was given another owner by hand") > 0;
    if (facts->open)
        return snprintf(text, cap, "every role of the server was let into the database by hand") > 0;
    if (facts->connections != wanted->connections)
        return snprintf(text, cap, "the role may have %lld connections, not %lld (-1: any number)", (long long)facts->connections,
                        (long long)wanted->connections) > 0;
    return false;
}

/* ---- slots ---- */

static void say_outputs(struct local_work *work, const struct pq *pq, const char *name, const char *password)
{
    const char *host = json_string_value(json_object_get(work->self->postgres, "host"));
    char url[1000];

    if (!host)
        host = pq_host(pq);
    work->host->output(work->call, "host", host);
    work->host->output(work->call, "port", pq_port(pq));
    work->host->output(work->call, "name", name);
    work->host->output(work->call, "username", name);
    work->host->secret_output(work->call, "password", password);
    if (host[0] == '/')
        snprintf(url, sizeof url, "postgresql://%s:%s@/%s?host=%s&port=%s", name, password, name, host, pq_port(pq));
    else
        snprintf(url, sizeof url, "postgresql://%s:%s@%s%s%s:%s/%s", name, password, strchr(host, ':') ? "[" : "", host,
                 strchr(host, ':') ? "]" : "", pq_port(pq), name);
    work->host->secret_output(work->call, "url", url);
    explicit_bzero(url, sizeof url);
}

static inno_rc provision(struct local_work *work)
{
    CLEANUP(wanted_fini) struct wanted wanted = {.connections = -1};
    CLEANUP(json_put) json_t *record = NULL;
    CLEANUP(pq_close) struct pq pq = {0};
    const char *name, *password;
    int number;
    inno_rc rc = take_params(work, &wanted);

    if (rc == INNO_OK)
        rc = pq_open(work->self, work->host, work->call, NULL, NULL, NULL, &pq);
    if (rc == INNO_OK)
        rc = have_record(work, &record);
    if (rc != INNO_OK)
        return rc;
    name = json_string_value(json_object_get(record, "name"));
    password = json_string_value(json_object_get(record, "password"));
    if (!name || !password)
        return work->host->fail(work->call, INNO_FAILED, -1, "the record in %s is damaged; put it back from a backup", work->path);
    if ((rc = have_role(&pq, work->res, name, password, wanted.connections)) != INNO_OK ||
        (rc = have_database(&pq, work->res, name)) != INNO_OK || (rc = put_back(&pq, name)) != INNO_OK)
        return rc;
    if ((number = database_name_write(work, "postgres", work->path)) != 0)
        return files_fail(work->host, work->call, number, "writing the name of", work->path);
    if (wanted.migrations.count && (rc = postgres_migrate(work->self, work->host, work->call, record, &wanted.migrations)) != INNO_OK)
        return rc;
    say_outputs(work, &pq, name, password);
    return INNO_OK;
}

static inno_rc drop(struct local_work *work, struct pq *pq, const char *name)
{
    bool exists = false, ours = false;
    inno_rc rc = look(pq, work->res, name, false, &exists, &ours);

    if (rc == INNO_OK && exists && ours)
        rc = pq_form(pq, "removing the database", "DROP DATABASE %I WITH (FORCE)", name);
    if (rc == INNO_OK)
        rc = look(pq, work->res, name, true, &exists, &ours);
    if (rc == INNO_OK && exists && ours)
        rc = pq_form(pq, "removing the role", "DROP ROLE %I", name);
    if (rc == INNO_OK && exists && !ours)
        work->host->log(work->call, INNO_LOG_WARN, "the role %s is not of this resource and stays", name);
    return rc;
}

static inno_rc deprovision(struct local_work *work)
{
    CLEANUP(pq_close) struct pq pq = {0};
    char name[64];
    int number;
    inno_rc rc = pq_open(work->self, work->host, work->call, NULL, NULL, NULL, &pq);

    make_name(work->res, name);
    if (rc == INNO_OK)
        rc = drop(work, &pq, name);
    if (rc != INNO_OK)
        return rc;
    number = database_name_remove(work, "postgres", work->path);
    return number == 0 ? local_record_remove(work) : files_fail(work->host, work->call, number, "removing the name of", work->path);
}

/* ---- actions ---- */

/* The password that this request gives: made at its first call, kept in the record before the server knows it, found there by a call that
 * comes again. */
static inno_rc next_password(struct local_work *work, json_t *record)
{
    const json_t *next = json_object_get(record, "next");
    const char *key = json_string_value(json_object_get(next, "key"));
    char password[PASSWORD_LENGTH + 1];
    json_t *made;

    if (key && strcmp(key, work->res->idempotency_key) == 0)
        return INNO_OK;
    if (random_text(password, PASSWORD_LENGTH) != 0 ||
        !(made = json_pack("{s:s,s:s}", "key", work->res->idempotency_key, "password", password)))
        return work->host->fail(work->call, INNO_TRANSIENT, -1, "out of memory");
    explicit_bzero(password, sizeof password);
    json_object_set_new(record, "next", made);
    return local_record_write(work, json_incref(record));
}

/* The record of a database that is there. */
static inno_rc find_record(struct local_work *work, json_t **out, const char **name)
{
    char path[LOCAL_PATH_BYTES + 16];

    record_path(work, path);
    if (files_read_json(path, out) != 0 || !(*name = json_string_value(json_object_get(*out, "name"))))
        return work->host->fail(work->call, INNO_NOT_FOUND, -1, "%s has no record here: deploy it again first", work->res->uid);
    return INNO_OK;
}

inno_rc postgres_rotate(struct local_work *work)
{
    CLEANUP(wanted_fini) struct wanted wanted = {.connections = -1};
    CLEANUP(json_put) json_t *record = NULL;
    CLEANUP(pq_close) struct pq pq = {0};
    const char *name = NULL, *password;
    inno_rc rc = take_params(work, &wanted);

    if (rc == INNO_OK)
        rc = find_record(work, &record, &name);
    if (rc == INNO_OK)
        rc = pq_open(work->self, work->host, work->call, NULL, NULL, NULL, &pq);
    if (rc == INNO_OK)
        rc = next_password(work, record);
    if (rc != INNO_OK)
        return rc;
    password = json_string_value(json_object_get(json_object_get(record, "next"), "password"));
    if (!password)
        return work->host->fail(work->call, INNO_FAILED, -1, "the record in %s is damaged; put it back from a backup", work->path);
    if ((rc = have_role(&pq, work->res, name, password, wanted.connections)) != INNO_OK)
        return rc;
    json_object_set_new(record, "password", json_string(password));
    if ((rc = local_record_write(work, json_incref(record))) != INNO_OK)
        return rc;
    work->host->log(work->call, INNO_LOG_INFO, "the role %s has another password; what uses it has to read it again", name);
    say_outputs(work, &pq, name, password);
    return INNO_OK;
}

inno_rc postgres_size(struct local_work *work)
{
    CLEANUP(json_put) json_t *record = NULL;
    CLEANUP(pq_close) struct pq pq = {0};
    CLEANUP(pq_clear) PGresult *rows = NULL;
    const char *name = NULL;
    inno_rc rc = find_record(work, &record, &name);

    if (rc == INNO_OK)
        rc = pq_open(work->self, work->host, work->call, NULL, NULL, NULL, &pq);
    if (rc == INNO_OK)
        rc = pq_run(&pq, "looking at the database",
                    "SELECT pg_database_size(d.oid), (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid) FROM pg_database d "
                    "WHERE d.datname = $1",
                    &name, 1, &rows);
    if (rc != INNO_OK)
        return rc;
    if (pq_rows(rows) == 0)
        return work->host->fail(work->call, INNO_NOT_FOUND, -1, "the server has no database %s", name);
    work->host->output_json(work->call, "bytes", inno_span_of(pq_text(rows, 0, 0)));
    work->host->output_json(work->call, "connections", inno_span_of(pq_text(rows, 0, 1)));
    return INNO_OK;
}

/* ---- status ---- */

static inno_rc say(struct local_work *work, const char *state, const char *text)
{
    work->host->status(work->call, state, text);
    return INNO_OK;
}

/* Can the application still get in? A refusal is a finding, not a failure. */
static inno_rc try_login(struct local_work *work, const char *name)
{
    CLEANUP(json_put) json_t *record = NULL;
    CLEANUP(pq_close) struct pq pq = {0};
    char path[LOCAL_PATH_BYTES + 16];
    inno_rc rc;

    record_path(work, path);
    if (files_read_json(path, &record) != 0)
        return say(work, INNO_STATE_DEGRADED,
                   "its record is gone, so its password is not known any more; the next deployment sets a new one");
    rc = pq_open(work->self, work->host, work->call, name, json_string_value(json_object_get(record, "password")), name, &pq);
    if (strcmp(pq.sqlstate, "53300") == 0) /* it was let in as far as that: the application uses all it may */
        return say(work, INNO_STATE_ACTIVE, "all its connections are in use");
    if (rc == INNO_UNAUTHORIZED)
        return say(work, INNO_STATE_DEGRADED, "the server refuses the role: its password or rights were changed by hand");
    return rc == INNO_OK ? say(work, INNO_STATE_ACTIVE, NULL) : rc;
}

static inno_rc status(struct local_work *work)
{
    CLEANUP(wanted_fini) struct wanted wanted = {.connections = -1};
    CLEANUP(pq_close) struct pq pq = {0};
    struct facts facts;
    char name[64], text[200];
    bool exists = false, ours = false, role = false, role_ours = false;
    inno_rc rc = take_params(work, &wanted);

    if (rc == INNO_OK)
        rc = pq_open(work->self, work->host, work->call, NULL, NULL, NULL, &pq);
    make_name(work->res, name);
    if (rc == INNO_OK)
        rc = look(&pq, work->res, name, false, &exists, &ours);
    if (rc == INNO_OK)
        rc = look(&pq, work->res, name, true, &role, &role_ours);
    if (rc != INNO_OK)
        return rc;
    if (!exists && !role)
        return say(work, INNO_STATE_TERMINATED, "the database is not there");
    if (!exists)
        return say(work, INNO_STATE_DEGRADED, "the database was removed by hand");
    if (!ours || !role || !role_ours)
        return say(work, INNO_STATE_DEGRADED, role ? "database or role are not marked as this resource's" : "the role was removed by hand");
    if ((rc = read_facts(&pq, name, &facts)) != INNO_OK)
        return rc;
    return find_defect(&facts, &wanted, text, sizeof text) ? say(work, INNO_STATE_DEGRADED, text) : try_login(work, name);
}

/* Database and role that would be made or made as they were, and migrations that would run. */
static inno_rc plan(struct local_work *work)
{
    CLEANUP(wanted_fini) struct wanted wanted = {.connections = -1};
    CLEANUP(json_put) json_t *shall = NULL, *is = json_object(), *pending = NULL;
    CLEANUP(pq_close) struct pq pq = {0};
    struct facts facts = {.connections = -1};
    char name[64], text[200];
    bool exists = false, role = false, ours = false;
    inno_rc rc = take_params(work, &wanted);

    make_name(work->res, name);
    if (rc == INNO_OK)
        rc = pq_open(work->self, work->host, work->call, NULL, NULL, NULL, &pq);
    if (rc == INNO_OK)
        rc = look(&pq, work->res, name, false, &exists, &ours);
    if (rc == INNO_OK)
        rc = look(&pq, work->res, name, true, &role, &ours);
    if (rc == INNO_OK && exists && role)
        rc = read_facts(&pq, name, &facts);
    if (rc == INNO_OK)
        rc = postgres_pending(work->self, work->host, work->call, exists ? name : NULL, &wanted.migrations, &pending);
    if (rc != INNO_OK)
        return rc;
    shall = json_pack("{s:s,s:s}", "database", name, "role", name);
    if (exists)
        json_object_set_new(is, "database", json_string(name));
    if (role) /* what was done by hand stands in its place */
        json_object_set_new(is, "role", json_string(exists && find_defect(&facts, &wanted, text, sizeof text) ? text : name));
    if (json_array_size(pending))
        json_object_set(shall, "migrations", pending);
    return tell_changes(work->host, work->call, tell_diff(shall, is));
}

static inno_rc hints(struct local_work *work)
{
    const char *host = inno_json_string(work->host, work->call, work->res->outputs, "host", "localhost");
    const char *port = inno_json_string(work->host, work->call, work->res->outputs, "port", "5432");
    char name[64], text[500];

    make_name(work->res, name);
    snprintf(text, sizeof text, "psql -h %.200s -p %.20s -U %s %s", host, port, name, name);
    work->host->hint(work->call, INNO_HINT_COMMAND, "open it", text);
    return INNO_OK;
}

const struct local_type local_postgres = {"postgres", "postgres", provision, deprovision, status, hints, plan};
