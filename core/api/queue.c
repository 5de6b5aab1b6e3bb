/* Handlers of the queue: what is in it, and what becomes of single tasks. */
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "config/admin_config.h"
#include "workflow/dead_letter.h"
#include "workflow/deploy.h"
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

/* ---- single tasks ---- */

/* The task of the path, within the caller's team; false when the request was answered instead. */
static bool find_task(struct api_request *r, json_t **out)
{
    struct read_scope scope = api_scope(r);
    struct err err = {0};

    if (read_task(r->context->store, &scope, api_param(r, "id"), out, &err) < 0)
        api_problem(r, &err);
    else if (!*out)
        api_reply_found(r, NULL, "task", api_param(r, "id"));
    return *out != NULL;
}

typedef int (*letter_act)(struct engine *engine, const struct dead_letter *letter, json_t **out, struct err *err);

static void with_dead_letter(struct api_request *r, letter_act act)
{
    CLEANUP(json_put) json_t *task = NULL;
    struct dead_letter letter = {.who = r->who, .request_id = r->id, .source_ip = r->source_ip};
    json_t *answer = NULL;
    struct err err = {0};

    if (!find_task(r, &task))
        return;
    letter.task_id = json_str(task, "id");
    letter.step_id = json_str(task, "step_id");
    letter.deployment_id = json_str(task, "deployment_id");
    if (!letter.step_id || !str_eq(json_str(task, "state"), "dead"))
        err_set(&err, ERR_CONFLICT, "task %s is %s; only a dead one can be requeued or discarded", letter.task_id, json_str(task, "state"));
    else if (act(r->context->engine, &letter, &answer, &err) == 0)
        api_reply_json(r, 202, answer);
    if (err.code != ERR_NONE)
        api_problem(r, &err);
}

static void requeue(struct api_request *r) { with_dead_letter(r, dead_letter_requeue); }
static void discard(struct api_request *r) { with_dead_letter(r, dead_letter_discard); }

void queue_requeue(struct api_request *r) { api_offload(r, requeue); }
void queue_discard(struct api_request *r) { api_offload(r, discard); }

struct canceling_task {
    struct cancel_request request;
    const char *task_id;
};

static void task_canceled(void *ctx, const json_t *answer, const struct err *err)
{
    struct api_request *r = ctx;
    const struct canceling_task *c = r->state;

    if (answer)
        api_reply_json(r, 202,
                       json_pack("{s:s,s:s,s:O}", "id", c->task_id, "state", "canceled", "deployment_id", json_object_get(answer, "id")));
    else
        api_problem(r, err);
    api_resume(r);
}

/* A deployment that waits in the queue is taken out of it. A step is a part of one that runs: it is the whole that is canceled. */
void queue_cancel(struct api_request *r)
{
    struct canceling_task *c = arena_alloc(r->arena, sizeof *c);
    CLEANUP(json_put) json_t *task = NULL;
    struct err err = {0};

    if (!find_task(r, &task))
        return;
    if (json_str(task, "step_id") || (!str_eq(json_str(task, "state"), "pending") && !str_eq(json_str(task, "state"), "waiting"))) {
        err_set(&err, ERR_CONFLICT, "task %s is %s of deployment %s and cannot be taken out of the queue by itself; cancel the deployment",
                api_param(r, "id"), json_str(task, "step_id") ? "a step" : "the start", json_str(task, "deployment_id"));
        api_problem(r, &err);
        return;
    }
    c->task_id = arena_strdup(r->arena, json_str(task, "id"));
    c->request = (struct cancel_request){.who = r->who,
                                         .team = r->team,
                                         .deployment_id = arena_strdup(r->arena, json_str(task, "deployment_id")),
                                         .request_id = r->id,
                                         .source_ip = r->source_ip};
    r->state = c;
    api_suspend(r);
    deploy_cancel(r->context->engine, &c->request, task_canceled, r);
}
