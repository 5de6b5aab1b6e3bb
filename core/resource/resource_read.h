/* Resources as clients see them (objects.md). Every query is bound by org and team. Reads of their own; any thread. */
#pragma once
#include "resource/read_page.h"

/* Live resources; also ended ones when the page asks for a state. out as read_list_run. */
int resource_read_list(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items,
                       char **out_cursor, struct err *err);
/* One, live or not. out: new reference, NULL when there is none in the scope. */
int resource_read_one(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err);
/* {state, health, drift, error, generation, checked...} of one; NULL when there is none. */
int resource_read_status(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err);
/* Moves through its states, oldest first: [{at, from, to, deployment_id, reason}]; NULL when there is no such resource. */
int resource_read_history(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err);
/* Live resources of one application in an environment, inside a unit; for the graph. out: new array. */
int resource_read_application(struct store_tx *tx, const struct read_scope *scope, const char *application, const char *environment,
                              json_t **out, struct err *err);
