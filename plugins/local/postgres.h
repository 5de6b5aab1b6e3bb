/* Databases on a given PostgreSQL server, each with a role of its own. */
#pragma once
#include "migrations.h"

/* The record {name, password} of the database that the step's application calls `name`; *out: new reference. False when there is none. */
bool postgres_find(const struct local *self, const inno_step *step, const char *name, json_t **out);
/* *out: names of those of the migrations that have not run in the database (NULL: there is none yet); new reference. */
inno_rc postgres_pending(const struct local *self, const inno_host *host, inno_call *call, const char *database,
                         const struct migrations *files, json_t **out);
/* Runs those of the migrations that have not run yet, as the database's own role, and says applied, applied_names, version and total. */
inno_rc postgres_migrate(const struct local *self, const inno_host *host, inno_call *call, const json_t *record,
                         const struct migrations *files);
