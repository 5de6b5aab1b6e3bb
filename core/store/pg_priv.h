/* What the two files of the PostgreSQL driver share. Never leaves this directory. */
#pragma once
#include "store/driver.h"
#include "store/pg_lib.h"
#include "store/stmt_cache.h"

#define PG_SENT_MOST 64

/* A statement that was sent and not answered yet. */
struct pg_sent {
    struct cached_stmt *cached;
    char words[DRIVER_WORDS];
};

struct pg_conn {
    struct driver_conn base;
    PGconn *pg;
    struct stmt_cache cache;
    unsigned names;  /* prepared statements are called s1, s2... */
    int64_t changes; /* rows changed ever */
    int64_t statement_ms;
    bool lost;      /* the server said goodbye; PQstatus may not know yet */
    bool lead_sent; /* the query for leadership is on its way */
    bool leads;
    struct pg_sent sent[PG_SENT_MOST];
    size_t sent_count;
};

static inline struct pg_conn *pg_conn_of(const struct driver_conn *conn) { return (struct pg_conn *)(uintptr_t)conn; }
static inline void pg_clear(PGresult **result) { PQclear(*result); }

/* Sets err from a failed result (NULL: from the connection). `what`: the statement's first words. Returns -1. */
int pg_fail(struct pg_conn *c, const PGresult *result, const char *what, struct err *err);
/* Runs a fixed text without parameters. */
int pg_simple(struct pg_conn *c, const char *sql, struct err *err);

bool pg_succeeded(const PGresult *result);
/* Rows that a statement changed. */
int64_t pg_rows_changed(PGresult *result);
/* As pg_fail; a prepared statement that has become useless is forgotten. */
int pg_statement_failed(struct pg_conn *c, struct cached_stmt *cached, const PGresult *result, const char *words, struct err *err);

/* pg_pipeline.c */
struct pg_call {
    const char *name; /* of the prepared statement */
    int count;
    const char *const *values;
    const int *lengths, *formats;
};
int pg_send(struct pg_conn *c, struct cached_stmt *cached, const char *words, const struct pg_call *call, struct err *err);
/* Waits for the answers to all that were sent; the first failure is reported. out_last: the last one's result; may be NULL. */
int pg_collect(struct pg_conn *c, PGresult **out_last, struct err *err);
int pg_settle(struct driver_conn *conn, struct err *err);

/* pg_wait.c: the driver's functions for a waiting connection */
int pg_listen(struct driver_conn *conn, const char *channel, struct err *err);
int pg_notify(struct driver_conn *conn, const char *channel, struct err *err);
int pg_wait(struct driver_conn *conn, int wake_fd, int timeout_ms, driver_notified fn, void *ctx, struct err *err);
int pg_lead(struct driver_conn *conn, int wake_fd, bool *out_held, struct err *err);

/* Advisory locks of the database; any constant that nobody else uses ("inno" and a number). */
#define PG_LOCK_MIGRATIONS "7596834310311510017"
#define PG_LOCK_LEADER     "7596834310311510018"
