/* What the API does and shows while deployments wait and run: the queue, canceling, following. Runs on each database. */
#include "api/api_priv.h"
#include "api/http_priv.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"
#include "test.h"
#include <poll.h>
#include <pthread.h>
#include <string.h>

/* One server with one application of team shop, deployed; the first test makes it, the last one stops it. */
static struct site site;

SERVER_TEST(test_start)
{
    CLEANUP(free_ptr) char *id = NULL;

    site_start(&site, NULL, NULL);
    id = site_submit(&site, site.dev, SCORE "resources:\n  data: {type: volume, params: {size: 1Gi}}\n  web: {type: dns}\n", "", 202);
    site_wait(&site, id, "completed");
}

SERVER_TEST(test_queue_and_cancel)
{
    CLEANUP(free_ptr) char *running = site_submit(&site, site.dev, SLOW, "", 202);
    CLEANUP(free_ptr) char *queued = site_submit(&site, site.dev, SCORE, "", 202);
    CLEANUP(free_ptr) char *queued_path = mem_printf("/api/v1/deployments/%s", queued);
    CLEANUP(free_ptr) char *cancel_queued = mem_printf("/api/v1/deployments/%s/cancel", queued);
    CLEANUP(free_ptr) char *cancel_running = mem_printf("/api/v1/deployments/%s/cancel", running);
    CLEANUP(reply_fini) struct reply waiting = site_get(&site, site.dev, queued_path);
    CLEANUP(free_ptr) char *task_path = mem_printf("/api/v1/queue/tasks/%s", reply_text(&waiting, "task_id"));
    CLEANUP(reply_fini) struct reply task = site_get(&site, site.dev, task_path);
    CLEANUP(reply_fini) struct reply stats = site_get(&site, site.dev, "/api/v1/queue/stats");
    CLEANUP(reply_fini) struct reply tasks = site_get(&site, site.dev, "/api/v1/queue/tasks?application=shop");

    ASSERT_TEXT(reply_text(&waiting, "state"), "queued");
    CU_ASSERT_EQUAL(json_int(waiting.json, "queue_position", 0), 1);
    ASSERT_TEXT(reply_text(&waiting, "workflows.0.state"), "queued");
    ASSERT_TEXT(reply_text(&task, "deployment_id"), queued);
    ASSERT_TEXT(reply_text(&task, "state"), "waiting");
    CU_ASSERT(json_int(stats.json, "completed_total", 0) >= 3);
    CU_ASSERT(json_int(stats.json, "waiting", 0) >= 1);
    CU_ASSERT_EQUAL(json_int(stats.json, "workers", 0), 8);
    CU_ASSERT(json_array_size(json_object_get(tasks.json, "items")) >= 1);
    site_expect(&site, &(struct call){.method = "POST", .path = cancel_queued, .key = site.eve}, 404);
    site_expect(&site, &(struct call){.method = "POST", .path = cancel_queued, .key = site.viv}, 403);
    site_expect(&site, &(struct call){.method = "POST", .path = cancel_queued, .key = site.dev}, 202);
    site_expect(&site, &(struct call){.method = "POST", .path = cancel_running, .key = site.ops}, 202);
    site_wait(&site, running, "canceled");
    site_wait(&site, queued, "canceled");
    site_expect(&site, &(struct call){.method = "POST", .path = cancel_queued, .key = site.dev}, 409);
    site_expect(&site, &(struct call){.path = task_path, .key = site.dev}, 200);
    site_expect(&site, &(struct call){.path = task_path, .key = site.eve}, 404);
    site_expect(&site, &(struct call){.path = "/api/v1/queue/tasks?state=completed", .key = site.dev}, 200);
    site_expect(&site, &(struct call){.path = "/api/v1/queue/tasks/t-none", .key = site.dev}, 404);
}

/* A planned execution is shown before it has started. */
SERVER_TEST(test_planned_workflow)
{
    CLEANUP(free_ptr) char *id = site_submit(&site, site.dev, SLOW, "", 202);
    CLEANUP(free_ptr) char *path = mem_printf("/api/v1/deployments/%s", id);
    CLEANUP(free_ptr) char *cancel = mem_printf("%s/cancel", path);
    CLEANUP(reply_fini) struct reply deployment = site_get(&site, site.dev, path);
    const json_t *workflow;
    size_t i;

    json_array_foreach(json_object_get(deployment.json, "workflows"), i, workflow)
    {
        CLEANUP(free_ptr) char *one = mem_printf("/api/v1/workflows/%s", json_str(workflow, "id"));
        CLEANUP(reply_fini) struct reply reply = site_get(&site, site.dev, one);

        CU_ASSERT_EQUAL(reply.status, 200);
        ASSERT_TEXT(reply_text(&reply, "deployment_id"), id);
        if (str_eq(json_str(workflow, "name"), "workload"))
            ASSERT_TEXT(reply_text(&reply, "steps.0.state"), "pending");
        site_expect(&site, &(struct call){.path = one, .key = site.eve}, 404);
    }
    site_expect(&site, &(struct call){.method = "POST", .path = cancel, .key = site.dev}, 202);
    site_wait(&site, id, "canceled");
}

struct follower {
    char path[256];
    struct reply reply;
};

static void *follow(void *ctx)
{
    struct follower *f = ctx;

    f->reply = site_get(&site, site.dev, f->path);
    return NULL;
}

/* Follows in another thread; returns when the server has begun with that request, which it will answer. */
static bool has_parked(struct http_server *server)
{
    bool parked;

    pthread_mutex_lock(&server->lock);
    parked = server->parked != NULL;
    pthread_mutex_unlock(&server->lock);
    return parked;
}

/* Returns when the follower waits for news: from then on a stop answers it. */
static void start_following(struct follower *f, pthread_t *thread)
{
    pthread_create(thread, NULL, follow, f);
    while (!has_parked(site.api->server))
        poll(NULL, 0, 5);
}

/* Asks behind the last event: the answer comes when there is another one, and not before. */
SERVER_TEST(test_follow)
{
    CLEANUP(free_ptr) char *id = site_submit(&site, site.dev, SLOW, "", 202);
    CLEANUP(free_ptr) char *cancel = mem_printf("/api/v1/deployments/%s/cancel", id);
    CLEANUP(free_ptr) char *events = mem_printf("/api/v1/deployments/%s/events", id);
    struct follower f = {0};
    pthread_t thread;
    int64_t last = -1;

    for (int64_t before = -2; before != last || last == 0; poll(NULL, 0, 300)) {
        CLEANUP(reply_fini) struct reply reply = site_get(&site, site.dev, events);

        before = last;
        last = json_int(json_array_get(json_object_get(reply.json, "items"), json_array_size(json_object_get(reply.json, "items")) - 1),
                        "id", 0);
    }
    snprintf(f.path, sizeof f.path, "%s?follow=true&after=%lld", events, (long long)last);
    start_following(&f, &thread);
    site_expect(&site, &(struct call){.method = "POST", .path = cancel, .key = site.dev}, 202);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(f.reply.status, 200);
    CU_ASSERT(json_array_size(json_object_get(f.reply.json, "items")) >= 1);
    CU_ASSERT(json_integer_value(json_at(f.reply.json, "items.0.id")) > last);
    reply_fini(&f.reply);
    site_wait(&site, id, "canceled");
}

SERVER_TEST(test_stop_followers)
{
    CLEANUP(free_ptr) char *id = site_submit(&site, site.dev, SLOW, "", 202);
    struct follower f = {0};
    pthread_t thread;

    snprintf(f.path, sizeof f.path, "/api/v1/deployments/%s/logs?follow=true&after=1000000", id);
    start_following(&f, &thread);
    site_stop(&site);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(f.reply.status, 200);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(f.reply.json, "items")), 0);
    reply_fini(&f.reply);
}

const struct test_case tests[] = {
    {"(the server starts, with an application)", test_start},
    {"a queued and a running deployment can be canceled by those who may", test_queue_and_cancel},
    {"planned executions are shown before they start", test_planned_workflow},
    {"a follower is answered when something happens", test_follow},
    {"stopping the server answers its followers", test_stop_followers},
    {0},
};
