/* Owns the process's metrics. Registering and rendering take the lock, counting does not. Called from every thread. */
#include "observe/metrics.h"
#include "base/mem.h"
#include "base/str.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct metric {
    struct metric *next; /* by name, then label value */
    enum metric_kind kind;
    char *name, *help, *label, *value;
    _Atomic int64_t count;
};

struct metrics {
    pthread_mutex_t lock;
    struct metric *first;
};

struct metrics *metrics_new(void)
{
    struct metrics *m = mem_zalloc(sizeof *m);

    pthread_mutex_init(&m->lock, NULL);
    return m;
}

void metrics_free(struct metrics *m)
{
    struct metric *next;

    if (!m)
        return;
    for (struct metric *at = m->first; at; at = next) {
        next = at->next;
        free(at->name);
        free(at->help);
        free(at->label);
        free(at->value);
        free(at);
    }
    pthread_mutex_destroy(&m->lock);
    free(m);
}

static int compare(const struct metric *metric, const char *name, const char *value)
{
    int by_name = strcmp(metric->name, name);

    return by_name ? by_name : strcmp(metric->value ? metric->value : "", value ? value : "");
}

struct metric *metrics_get(struct metrics *m, enum metric_kind kind, const char *name, const char *help, const char *label,
                           const char *value)
{
    struct metric **at, *found;

    if (!m)
        return NULL;
    pthread_mutex_lock(&m->lock);
    for (at = &m->first; *at && compare(*at, name, value) < 0; at = &(*at)->next)
        ;
    found = *at;
    if (!found || compare(found, name, value) != 0) {
        found = mem_zalloc(sizeof *found);
        *found = (struct metric){.next = *at,
                                 .kind = kind,
                                 .name = mem_strdup(name),
                                 .help = mem_strdup(help),
                                 .label = mem_strdup(label),
                                 .value = mem_strdup(value)};
        *at = found;
    }
    pthread_mutex_unlock(&m->lock);
    return found;
}

void metric_add(struct metric *metric, int64_t n)
{
    if (metric)
        atomic_fetch_add_explicit(&metric->count, n, memory_order_relaxed);
}

void metric_set(struct metric *metric, int64_t value)
{
    if (metric)
        atomic_store_explicit(&metric->count, value, memory_order_relaxed);
}

int64_t metric_value(const struct metric *metric) { return metric ? atomic_load_explicit(&metric->count, memory_order_relaxed) : 0; }

/* Label values may be anything; the format wants backslash, quote and newline escaped. */
static void add_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            buf_add_char(out, '\\');
        if (*text == '\n')
            buf_add_text(out, "\\n");
        else
            buf_add_char(out, *text);
    }
}

void metrics_render(struct metrics *m, struct buf *out)
{
    const char *last = NULL;

    pthread_mutex_lock(&m->lock);
    for (const struct metric *at = m->first; at; at = at->next) {
        if (!str_eq(at->name, last))
            buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", at->name, at->help, at->name, at->kind == METRIC_COUNTER ? "counter" : "gauge");
        last = at->name;
        buf_add_text(out, at->name);
        if (at->label) {
            buf_printf(out, "{%s=\"", at->label);
            add_escaped(out, at->value ? at->value : "");
            buf_add_text(out, "\"}");
        }
        buf_printf(out, " %lld\n", (long long)metric_value(at));
    }
    pthread_mutex_unlock(&m->lock);
}
