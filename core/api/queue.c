/* Handlers that show the queue. */
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "config/admin_config.h"
#include "workflow/read_queue.h"

/* Counts every step there ever was: on a thread of the api, so that nobody waits behind it. */
static void count_queue(struct api_request *r)
{
    CLEANUP(platform_put) struct platform *platform = api_platform(r);
    struct read_scope scope = api_scope(r);
    int64_t workers = platform->config->queue_workers > 0 ? platform->config->queue_workers : LIMIT_WORKERS;
    json_t *stats = NULL;
    struct err err = {0};

    if (read_queue_stats(r->context->store, &scope, workers, &stats, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_json(r, 200, stats);
}

void queue_stats(struct api_request *r) { api_offload(r, count_queue); }

static int list_tasks(struct store *store, const struct read_scope *scope, const struct read_page *page, json_t **out_items,
                      char **out_cursor, struct err *err)
{
    static const char *const ended[] = {"completed", "failed", "dead", "canceled"};
    bool gone = false;

    for (size_t i = 0; i < page->match_count; i++)
        for (size_t j = 0; j < sizeof ended / sizeof *ended; j++)
            gone = gone || (str_eq(page->matches[i].name, "state") && str_eq(page->matches[i].value, ended[j]));
    return read_tasks(store, scope, page, gone, out_items, out_cursor, err);
}

void queue_tasks(struct api_request *r) { api_reply_list(r, list_tasks); }

void queue_task(struct api_request *r)
{
    struct read_scope scope = api_scope(r);
    json_t *task = NULL;
    struct err err = {0};

    if (read_task(r->context->store, &scope, api_param(r, "id"), &task, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_found(r, task, "task", api_param(r, "id"));
}
