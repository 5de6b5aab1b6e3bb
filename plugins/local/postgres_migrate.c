/* Migrations on PostgreSQL: each exactly once, each in a transaction of its own with its entry in innominatus_migrations, as the database's
 * own role: what a developer's SQL may do is what the application may do. The slot's thread. */
#include "postgres.h"
#include "pq.h"
#include <stdio.h>
#include <string.h>

#define CREATE_TABLE                                                                                                                       \
    "CREATE TABLE IF NOT EXISTS innominatus_migrations (number bigint PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at "  \
    "timestamptz NOT NULL DEFAULT now())"
#define LOCK "SELECT pg_advisory_xact_lock(7310863465221)" /* a step and a provision may meet */

/* Inside the transaction: what is recorded under this number? *done: it has run already. */
static inno_rc check_entry(struct pq *pq, const struct migration *one, bool *done)
{
    CLEANUP(pq_clear) PGresult *rows = NULL;
    char number[24];
    const char *const params[] = {number};
    inno_rc rc;

    snprintf(number, sizeof number, "%lld", (long long)one->number);
    rc = pq_run(
        pq, one->name,
        "SELECT name, sha256, (SELECT coalesce(max(number), -1) FROM innominatus_migrations) FROM (SELECT $1::bigint AS wanted) w LEFT "
        "JOIN innominatus_migrations ON number = wanted",
        params, 1, &rows);
    if (rc != INNO_OK)
        return rc;
    *done = pq_text(rows, 0, 1)[0] != '\0';
    if (*done && strcmp(pq_text(rows, 0, 1), one->hash) != 0)
        return pq->host->fail(
            pq->call, INNO_FAILED, -1,
            "migration %s has run already as %s and has been changed since; put it back as it was and add a new migration", one->name,
            pq_text(rows, 0, 0));
    if (!*done && one->number < strtoll(pq_text(rows, 0, 2), NULL, 10))
        return pq->host->fail(pq->call, INNO_FAILED, -1, "migration %s is new, but later ones have run already; give it a higher number",
                              one->name);
    return INNO_OK;
}

static inno_rc run_inside(struct pq *pq, const struct migration *one, bool *done)
{
    char number[24], what[256];
    const char *const params[] = {number, one->name, one->hash};
    inno_rc rc = check_entry(pq, one, done);

    if (rc != INNO_OK || *done)
        return rc;
    snprintf(what, sizeof what, "migration %s", one->name);
    snprintf(number, sizeof number, "%lld", (long long)one->number);
    if ((rc = pq_script(pq, what, one->sql)) != INNO_OK)
        return rc;
    if (!pq_in_transaction(pq))
        return pq->host->fail(pq->call, INNO_FAILED, -1, "%s ended its transaction; leave BEGIN, COMMIT and ROLLBACK out", what);
    return pq_run(pq, what, "INSERT INTO innominatus_migrations (number, name, sha256) VALUES ($1, $2, $3)", params, 3, NULL);
}

static inno_rc run_one(struct pq *pq, const struct migration *one, json_t *applied)
{
    bool done = false;
    inno_rc rc = pq_script(pq, one->name, "BEGIN");

    if (rc == INNO_OK)
        rc = pq_script(pq, one->name, LOCK);
    if (rc == INNO_OK)
        rc = run_inside(pq, one, &done);
    if (rc == INNO_OK)
        rc = pq_script(pq, one->name, "COMMIT");
    if (rc != INNO_OK || done)
        return rc; /* a failure closes the connection, and the transaction ends with it */
    pq->host->log(pq->call, INNO_LOG_INFO, "ran migration %s", one->name);
    return json_array_append_new(applied, json_string(one->name)) == 0 ? INNO_OK
                                                                       : pq->host->fail(pq->call, INNO_TRANSIENT, -1, "out of memory");
}

static inno_rc say_results(struct pq *pq, const json_t *applied)
{
    CLEANUP(pq_clear) PGresult *rows = NULL;
    CLEANUP(free_text) char *names = json_dumps(applied, JSON_COMPACT);
    char number[24];
    inno_rc rc =
        pq_run(pq, "looking at the migrations", "SELECT count(*), coalesce(max(number), 0) FROM innominatus_migrations", NULL, 0, &rows);

    if (rc != INNO_OK)
        return rc;
    if (!names)
        return pq->host->fail(pq->call, INNO_TRANSIENT, -1, "out of memory");
    snprintf(number, sizeof number, "%zu", json_array_size(applied));
    pq->host->output_json(pq->call, "applied", inno_span_of(number));
    pq->host->output_json(pq->call, "applied_names", inno_span_of(names));
    pq->host->output_json(pq->call, "total", inno_span_of(pq_text(rows, 0, 0)));
    pq->host->output_json(pq->call, "version", inno_span_of(pq_text(rows, 0, 1)));
    return INNO_OK;
}

inno_rc postgres_pending(const struct local *self, const inno_host *host, inno_call *call, const char *database,
                         const struct migrations *files, json_t **out)
{
    CLEANUP(json_put) json_t *pending = json_array();
    CLEANUP(pq_clear) PGresult *table = NULL, *rows = NULL;
    CLEANUP(pq_close) struct pq pq = {0};
    inno_rc rc = database && files->count ? pq_open(self, host, call, NULL, NULL, database, &pq) : INNO_OK;
    bool done;

    if (rc == INNO_OK && pq.conn)
        rc = pq_run(&pq, "looking at the migrations", "SELECT to_regclass('innominatus_migrations')::text", NULL, 0, &table);
    if (rc == INNO_OK && table && pq_text(table, 0, 0)[0])
        rc = pq_run(&pq, "looking at the migrations", "SELECT number FROM innominatus_migrations", NULL, 0, &rows);
    for (size_t i = 0; rc == INNO_OK && i < files->count; i++) {
        done = false;
        for (int k = 0; k < pq_rows(rows) && !done; k++)
            done = strtoll(pq_text(rows, k, 0), NULL, 10) == files->list[i].number;
        if (!done && json_array_append_new(pending, json_string(files->list[i].name)) != 0)
            rc = host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    }
    if (rc == INNO_OK)
        *out = json_incref(pending);
    return rc;
}

inno_rc postgres_migrate(const struct local *self, const inno_host *host, inno_call *call, const json_t *record,
                         const struct migrations *files)
{
    const char *name = json_string_value(json_object_get(record, "name")),
               *password = json_string_value(json_object_get(record, "password"));
    CLEANUP(json_put) json_t *applied = json_array();
    CLEANUP(pq_close) struct pq pq = {0};
    inno_rc rc = pq_open(self, host, call, name, password, name, &pq);

    if (rc == INNO_OK)
        rc = pq_script(&pq, "making the table of migrations", CREATE_TABLE);
    for (size_t i = 0; rc == INNO_OK && i < files->count; i++) {
        host->progress(call, (int32_t)(i * 100 / files->count), files->list[i].name);
        rc = run_one(&pq, &files->list[i], applied);
    }
    return rc == INNO_OK ? say_results(&pq, applied) : rc;
}
