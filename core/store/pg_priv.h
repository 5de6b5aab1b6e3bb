/* What the two files of the PostgreSQL driver share. Never leaves this directory. */
#pragma once
#include "store/driver.h"
#include "store/pg_lib.h"
#include "store/stmt_cache.h"

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
};

static inline struct pg_conn *pg_conn_of(const struct driver_conn *conn) { return (struct pg_conn *)(uintptr_t)conn; }
static inline void pg_clear(PGresult **result) { PQclear(*result); }

/* Sets err from a failed result (NULL: from the connection). `what`: the statement's first words. Returns -1. */
int pg_fail(struct pg_conn *c, const PGresult *result, const char *what, struct err *err);
/* Runs a fixed text without parameters. */
int pg_simple(struct pg_conn *c, const char *sql, struct err *err);

/* pg_wait.c: the driver's functions for a waiting connection */
int pg_listen(struct driver_conn *conn, const char *channel, struct err *err);
int pg_notify(struct driver_conn *conn, const char *channel, struct err *err);
int pg_wait(struct driver_conn *conn, int wake_fd, int timeout_ms, driver_notified fn, void *ctx, struct err *err);
int pg_lead(struct driver_conn *conn, int wake_fd, bool *out_held, struct err *err);

/* Advisory locks of the database; any constant that nobody else uses ("inno" and a number). */
#define PG_LOCK_MIGRATIONS "7596834310311510017"
#define PG_LOCK_LEADER     "7596834310311510018"
