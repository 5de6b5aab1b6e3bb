/* Deployments and workflow executions as clients see them (objects.md). Every query is bound by org and team. Reads of their own; any
 * thread. A function that looks for one thing gives NULL in `out` when the scope has none of that id. */
#pragma once
#include "resource/read_page.h"

int read_deployments(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items,
                     char **out_cursor, struct err *err);
int read_deployment(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err);
/* The same inside a unit. */
int read_deployment_tx(struct store_tx *tx, const struct read_scope *scope, const char *id, json_t **out, struct err *err);

/* Executions that have started. */
int read_workflows(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items, char **out_cursor,
                   struct err *err);
/* With every planned step: those without a row are `pending`, or `canceled` once the execution has ended without them. Also finds
 * executions that have not started yet. */
int read_workflow(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err);

/* Log lines of a deployment or (workflow_id) of one execution, oldest first. */
struct read_log_query {
    const char *deployment_id, *workflow_id; /* exactly one */
    const char *step, *stream, *level;       /* NULL: any */
    int64_t after;                           /* seq beyond this one */
    int64_t tail;                            /* > 0 with after 0: only the last ones */
    int limit;
};
struct read_log_page {
    bool found;    /* false: no such deployment or execution in the scope */
    bool ended;    /* it has reached a final state: nothing more will come */
    bool more;     /* the page is full */
    int64_t last;  /* seq to go on from */
    json_t *items; /* owned */
};
/* What `out` held is freed: start with a zeroed one. */
int read_logs(struct store *store, const struct read_scope *scope, const struct read_log_query *query, struct read_log_page *out,
              struct err *err);

/* Rendered manifests of the deployment's application and workload: [{path, content}]. */
int read_manifests(struct store *store, const struct read_scope *scope, const char *deployment_id, json_t **out, struct err *err);
