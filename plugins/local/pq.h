/* PostgreSQL for the plugin: libpq, loaded when the first connection is made, and statements that end with the call's deadline or cancel.
 * The slot's thread. */
#pragma once
#include "local.h"
#include <libpq-fe.h>

struct pq {
    const inno_host *host;
    inno_call *call;
    PGconn *conn;
    int64_t connect_ms, connect_by_ms; /* how long connecting may take, and until when (monotonic; 0: it is connected) */
    char sqlstate[6];                  /* of the last failure; 53300 when nobody else may connect */
};

/* user NULL: as config.postgres says. database NULL: that of its url. On failure host->fail has been called; no password shows, and of
 * *out only sqlstate is set. */
inno_rc pq_open(const struct local *self, const inno_host *host, inno_call *call, const char *user, const char *password,
                const char *database, struct pq *out);
void pq_close(struct pq *pq);
/* Is the server there, and does it take the entry's credentials? */
inno_rc pq_health(const struct local *self, const inno_host *host, inno_call *call);
/* One statement with text parameters; *out (may be NULL): free it with pq_clear. `what` is for messages. */
inno_rc pq_run(struct pq *pq, const char *what, const char *sql, const char *const *params, int count, PGresult **out);
/* Several statements of a developer's, without parameters; rows that they give are not kept. */
inno_rc pq_script(struct pq *pq, const char *what, const char *sql);
/* A statement with names and literals that parameters cannot stand for: %I an identifier, %L a literal, %% a percent sign; nothing else. */
inno_rc pq_form(struct pq *pq, const char *what, const char *form, ...);
bool pq_in_transaction(const struct pq *pq); /* one that is good */
void pq_clear(PGresult **result);
int pq_rows(const PGresult *result);
const char *pq_text(const PGresult *result, int row, int column); /* "" for NULL */
/* The server's address, as applications shall use it. */
const char *pq_host(const struct pq *pq);
const char *pq_port(const struct pq *pq);
/* The password as the server keeps it (SCRAM), so that it never reaches the server's log; free it with free(). NULL: out of memory. */
char *pq_scrambled(struct pq *pq, const char *user, const char *password);
