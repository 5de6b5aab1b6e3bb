/* The graph of an application in an environment (objects.md: graph). Bound by org and team. A read of its own; any thread. */
#pragma once
#include "resource/read_page.h"

/* out: {nodes, edges}; NULL when the scope has no such application (in this environment, which may be NULL: the one deployed last). */
int read_graph(struct store *store, const struct read_scope *scope, const char *application, const char *environment, json_t **out,
               struct err *err);
