/* Owns GET /metrics: what was counted (base/metrics.h) and what is asked for now: queue, provisioners, process. On a thread of the api, as
 * the queue is read from the database. */
#include "base/metrics.h"
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/process.h"
#include "base/str.h"
#include "plugin/plugin.h"
#include "workflow/read_queue.h"

struct samples {
    struct api_request *r;
    json_t *queue;   /* NULL: the database does not answer */
    json_t *plugins; /* [plugin], NULL: none */
    struct process_usage process;
    bool has_process;
};

static void sample_queue(const struct samples *s, struct buf *out)
{
    const json_t *row;
    size_t i;

    json_array_foreach(json_object_get(s->queue, "tasks"), i, row)
        metrics_sample(out, METRIC_QUEUE_TASKS, json_str(row, "kind"), json_str(row, "state"), NULL, (double)json_int(row, "count", 0));
}

static void sample_plugins(const struct samples *s, enum metric_id id, struct buf *out)
{
    const json_t *plugin;
    size_t i;

    json_array_foreach(s->plugins, i, plugin)
    {
        const char *name = json_str(plugin, "name"), *state = json_str(plugin, "state");

        if (str_eq(state, "draining")) /* beside the one of its name that took its place */
            continue;
        if (id == METRIC_PLUGIN_HOSTS)
            metrics_sample(out, id, name, NULL, NULL, (double)json_int(plugin, "hosts", 0));
        else if (id == METRIC_PLUGIN_STATE)
            metrics_sample(out, id, name, state, NULL, 1);
        else
            metrics_sample(out, id, name, NULL, NULL, !str_eq(json_str(json_object_get(plugin, "circuit"), "state"), "closed"));
    }
}

static void sample_process(const struct samples *s, enum metric_id id, struct buf *out)
{
    const struct process_usage *p = &s->process;
    double values[] = {p->started,          p->cpu_seconds,     (double)p->resident_bytes, (double)p->virtual_bytes,
                       (double)p->open_fds, (double)p->max_fds, (double)p->threads};

    if (s->has_process)
        metrics_sample(out, id, NULL, NULL, NULL, values[id - METRIC_PROCESS_START]);
}

static void sample(void *ctx, enum metric_id id, struct buf *out)
{
    const struct samples *s = ctx;

    switch (id) {
    case METRIC_BUILD_INFO:
        metrics_sample(out, id, s->r->context->version, NULL, NULL, 1);
        break;
    case METRIC_QUEUE_TASKS:
        sample_queue(s, out);
        break;
    case METRIC_QUEUE_OLDEST:
        if (s->queue)
            metrics_sample(out, id, NULL, NULL, NULL, (double)json_int(s->queue, "oldest_us", 0) / 1e6);
        break;
    case METRIC_DRIFTED:
        if (s->queue)
            metrics_sample(out, id, NULL, NULL, NULL, (double)json_int(s->queue, "drifted", 0));
        break;
    case METRIC_PLUGIN_HOSTS:
    case METRIC_PLUGIN_STATE:
    case METRIC_PLUGIN_CIRCUIT:
        sample_plugins(s, id, out);
        break;
    default:
        if (id >= METRIC_PROCESS_START && id <= METRIC_PROCESS_THREADS)
            sample_process(s, id, out);
    }
}

static void reply_metrics(struct api_request *r)
{
    CLEANUP(buf_fini) struct buf text = BUF_INIT(LIMIT_RESPONSE_BYTES);
    struct samples s = {.r = r};
    struct err err = {0};

    if (read_queue_depth(r->context->store, &s.queue, &err) < 0) /* the rest is worth having all the more then */
        log_warn("api", "the queue cannot be counted: %s", err.msg);
    s.plugins = r->context->plugins ? plugin_describe_all(r->context->plugins) : NULL;
    s.has_process = process_usage_read(&s.process, &err) == 0;
    metrics_render(&text, sample, &s);
    json_put(&s.queue);
    json_put(&s.plugins);
    if (text.overflow) {
        err_set(&err, ERR_TOO_LARGE, "there are more metrics than an answer may have");
        api_problem(r, &err);
        return;
    }
    buf_add(&text, "", 0);
    api_reply_text(r, 200, "text/plain; version=0.0.4; charset=utf-8", buf_take(&text));
}

void metrics_get_text(struct api_request *r) { api_offload(r, reply_metrics); }
