/* The queue as clients see it (objects.md: task, queue stats), and the records beside it. Every query is bound by org and team. Any thread.
 */
#pragma once
#include "resource/read_page.h"

/* {pending, running, waiting, dead, completed_total, failed_total, oldest_pending_seconds, workers}. */
int read_queue_stats(struct store *store, const struct read_scope *scope, int64_t workers, json_t **out, struct err *err);

/* Of every team: {tasks: [{kind: deployment|step, state: pending|running|waiting|dead, count}], oldest_us, drifted}, every pair once.
 * drifted: resources. Costs as much as there are tasks in the queue and dead letters, however many have ended. */
int read_queue_depth(struct store *store, json_t **out, struct err *err);

/* Tasks in the queue; `ended`: those that have left it instead (state completed, failed, dead, canceled). */
int read_tasks(struct store *store, const struct read_scope *scope, const struct read_page *page, bool ended, json_t **out_items,
               char **out_cursor, struct err *err);
/* One, in the queue or not; NULL when there is none. */
int read_task(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err);

int read_violations(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items,
                    char **out_cursor, struct err *err);

/* Asks the database something, for /ready. */
int read_ping(struct store *store, struct err *err);
