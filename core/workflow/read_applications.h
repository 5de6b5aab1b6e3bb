/* Applications and environments as clients see them (objects.md). Every query is bound by org and team. Reads of their own; any thread. */
#pragma once
#include "resource/read_page.h"

struct admin_config;

/* Applications that are not closed. */
int read_applications(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items,
                      char **out_cursor, struct err *err);

/* One, with `spec` (the text of the Score file in force; of `environment`, else of the one deployed last) and `specs` (all of them).
 * NULL when there is none. Errors: ERR_CONFLICT when the scope has it in several teams. */
int read_application(struct store *store, const struct read_scope *scope, const char *name, const char *environment, json_t **out,
                     struct err *err);

/* The same inside a unit. */
int read_application_tx(struct store_tx *tx, const struct read_scope *scope, const char *name, const char *environment, json_t **out,
                        struct err *err);

/* The environments of the configuration, then those that live without being named there (globs, or no configuration). Applications by
 * scope. */
int read_environments(struct store *store, const struct read_scope *scope, const struct admin_config *config, json_t **out,
                      struct err *err);
