/* A PostgreSQL cluster of its own for a test program: in a temporary directory, on a unix socket, gone when the program ends (even when it
 * is killed). As root it runs as the user postgres, because initdb refuses root. Used from one thread. */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct pg_cluster;

/* Why there is no PostgreSQL here (for test_skip), NULL when there is. INNO_TEST_PG_BIN names another directory than
 * /usr/lib/postgresql/15/bin. */
const char *pg_missing(void);

int pg_cluster_start(struct pg_cluster **out, struct err *err);
void pg_cluster_stop(struct pg_cluster *c); /* and removes it; NULL is fine */

/* Makes a database and writes its URL (postgres://...). */
int pg_cluster_database(struct pg_cluster *c, const char *name, char *out_url, size_t cap, struct err *err);

/* Stops the server at once, sessions and all, keeping the data; and starts it again. */
int pg_cluster_halt(struct pg_cluster *c, struct err *err);
int pg_cluster_resume(struct pg_cluster *c, struct err *err);
