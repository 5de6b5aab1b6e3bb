/* Statements that are sent to PostgreSQL without waiting for each answer (libpq's pipeline mode): a round trip for many, not one for each.
 * Their answers are read with the next statement whose result is wanted, or at the end of the unit. On the connection's thread. */
#include "base/cleanup.h"
#include "store/pg_priv.h"
#include <stdio.h>

static int lose(struct pg_conn *c, const char *words, struct err *err)
{
    c->lost = true;
    return err_set(err, ERR_STORE, "%s: the connection does not answer as it should", words);
}

int pg_send(struct pg_conn *c, struct cached_stmt *cached, const char *words, const struct pg_call *call, struct err *err)
{
    struct pg_sent *sent = &c->sent[c->sent_count];

    if (c->sent_count == PG_SENT_MOST)
        return err_set(err, ERR_INTERNAL, "%s: more than %d statements on their way", words, PG_SENT_MOST);
    if (PQpipelineStatus(c->pg) == PQ_PIPELINE_OFF && !PQenterPipelineMode(c->pg))
        return lose(c, words, err);
    if (!PQsendQueryPrepared(c->pg, call->name, call->count, call->values, call->lengths, call->formats, 0))
        return pg_fail(c, NULL, words, err);
    sent->cached = cached;
    snprintf(sent->words, sizeof sent->words, "%s", words);
    c->sent_count++;
    return 0;
}

/* The answer to one statement; those behind a failed one were not run and say so. */
static int take_answer(struct pg_conn *c, const struct pg_sent *sent, bool failed, PGresult **out, struct err *err)
{
    CLEANUP(pg_clear) PGresult *result = PQgetResult(c->pg), *more = NULL;

    while (result && (more = PQgetResult(c->pg))) /* one, and then the end of it */
        PQclear(more);
    more = NULL;
    if (failed)
        return 0;
    if (!result || !pg_succeeded(result))
        return pg_statement_failed(c, sent->cached, result, sent->words, err);
    c->changes += pg_rows_changed(result);
    if (out) {
        *out = result;
        result = NULL;
    }
    return 0;
}

int pg_collect(struct pg_conn *c, PGresult **out_last, struct err *err)
{
    CLEANUP(pg_clear) PGresult *last = NULL, *end = NULL;
    size_t count = c->sent_count;
    bool failed = false;

    if (PQpipelineStatus(c->pg) == PQ_PIPELINE_OFF)
        return 0;
    c->sent_count = 0;
    if (!PQpipelineSync(c->pg)) {
        c->lost = true;
        return pg_fail(c, NULL, count ? c->sent[0].words : "waiting for answers", err);
    }
    for (size_t i = 0; i < count; i++)
        failed |= take_answer(c, &c->sent[i], failed, i + 1 == count ? &last : NULL, err) < 0;
    end = PQgetResult(c->pg);
    if (PQresultStatus(end) != PGRES_PIPELINE_SYNC || !PQexitPipelineMode(c->pg))
        return failed ? (c->lost = true, -1) : lose(c, "waiting for answers", err);
    if (failed)
        return -1;
    if (out_last) {
        *out_last = last;
        last = NULL;
    }
    return 0;
}

int pg_settle(struct driver_conn *conn, struct err *err) { return pg_collect(pg_conn_of(conn), NULL, err); }
