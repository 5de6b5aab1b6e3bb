/* Owns the series of the metrics: append-only chains that are read without a lock; only a new series takes one. Called from every thread.
 */
#include "base/metrics.h"
#include "base/mem.h"
#include "base/str.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define CHAINS      64
#define MOST_BOUNDS 20

struct metric {
    struct metric *next; /* set before it is published, never changed */
    enum metric_id id;
    const char *values[METRIC_LABELS];
    _Atomic int64_t value;     /* histograms: the sum */
    _Atomic int64_t buckets[]; /* histograms: one for each bound and one for what is beyond */
};

struct bounds {
    int64_t scale; /* of the unit that is shown */
    size_t count;
    int64_t at[MOST_BOUNDS];
};

static const struct bounds bounds_of[] = {
    [METRIC_SECONDS] = {1000000,
                        17,
                        {50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
                         10000000}},
    [METRIC_LONG_SECONDS] = {1000000,
                             19,
                             {500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
                              30000000, 60000000, 300000000, 900000000, 3600000000}},
    [METRIC_SIZES] = {1, 9, {1, 2, 4, 8, 16, 32, 64, 128, 256}},
};

static const struct family {
    enum metric_kind kind;
    const char *name, *labels, *help;
} families[] = {
#define METRIC_ROW(id, kind, name, labels, help) {METRIC_##kind, name, labels, help},
    METRIC_TABLE(METRIC_ROW)
#undef METRIC_ROW
};

static struct series {
    _Atomic(struct metric *) chains[CHAINS];
    unsigned count; /* under the lock */
} all_series[METRIC_COUNT];
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

static bool is_histogram(enum metric_id id) { return families[id].kind >= METRIC_SECONDS; }

/* ---- finding ---- */

static unsigned chain_of(const char *const values[])
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < METRIC_LABELS; i++)
        for (const char *at = values[i]; at && *at; at++)
            hash = (hash ^ (unsigned char)*at) * 16777619u;
    return (hash ^ hash >> 16) % CHAINS;
}

static struct metric *find(struct metric *at, const char *const values[])
{
    for (; at; at = at->next) {
        size_t i = 0;

        while (i < METRIC_LABELS && str_eq(at->values[i], values[i]))
            i++;
        if (i == METRIC_LABELS)
            return at;
    }
    return NULL;
}

/* NULL when the family has `most` already. */
static struct metric *add(enum metric_id id, unsigned chain, const char *const values[], unsigned most)
{
    struct series *series = &all_series[id];
    struct metric *metric;
    size_t buckets = is_histogram(id) ? bounds_of[families[id].kind].count + 1 : 0;

    pthread_mutex_lock(&adding);
    metric = find(atomic_load_explicit(&series->chains[chain], memory_order_acquire), values);
    if (!metric && series->count < most) {
        metric = mem_zalloc(sizeof *metric + buckets * sizeof metric->buckets[0]);
        metric->id = id;
        metric->next = atomic_load_explicit(&series->chains[chain], memory_order_relaxed);
        for (size_t i = 0; i < METRIC_LABELS; i++)
            metric->values[i] = values[i] ? mem_strdup(values[i]) : NULL;
        series->count++;
        atomic_store_explicit(&series->chains[chain], metric, memory_order_release);
    }
    pthread_mutex_unlock(&adding);
    return metric;
}

struct metric *metric_of(enum metric_id id, const char *a, const char *b, const char *c)
{
    const char *values[METRIC_LABELS] = {a, b, c};
    unsigned chain = chain_of(values);
    struct metric *found = find(atomic_load_explicit(&all_series[id].chains[chain], memory_order_acquire), values);

    if (!found)
        found = add(id, chain, values, METRIC_SERIES);
    if (found)
        return found;
    for (size_t i = 0; i < METRIC_LABELS; i++) /* too many: one more for all the others */
        values[i] = values[i] ? "other" : NULL;
    return add(id, chain_of(values), values, METRIC_SERIES + 1);
}

/* ---- counting ---- */

void metric_add(struct metric *metric, int64_t n) { atomic_fetch_add_explicit(&metric->value, n, memory_order_relaxed); }

void metric_observe(struct metric *metric, int64_t value)
{
    const struct bounds *bounds = &bounds_of[families[metric->id].kind];
    size_t i = 0;

    while (i < bounds->count && value > bounds->at[i])
        i++;
    atomic_fetch_add_explicit(&metric->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metric->value, value, memory_order_relaxed);
}

static int64_t load(const _Atomic int64_t *value) { return atomic_load_explicit(value, memory_order_relaxed); }

int64_t metric_value(const struct metric *metric)
{
    int64_t count = 0;

    if (!is_histogram(metric->id))
        return load(&metric->value);
    for (size_t i = 0; i <= bounds_of[families[metric->id].kind].count; i++)
        count += load(&metric->buckets[i]);
    return count;
}

/* ---- rendering ---- */

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

/* name_suffix{labels,le="..."} */
static void add_name(struct buf *out, enum metric_id id, const char *suffix, const char *const values[], const char *le)
{
    const char *label = families[id].labels, *open = "{";

    buf_printf(out, "%s%s", families[id].name, suffix);
    for (size_t i = 0; i < METRIC_LABELS && *label; i++) {
        size_t len = strcspn(label, ",");

        buf_printf(out, "%s%.*s=\"", open, (int)len, label);
        add_escaped(out, values[i] ? values[i] : "");
        buf_add_char(out, '"');
        label += len + (label[len] == ',');
        open = ",";
    }
    if (le)
        buf_printf(out, "%sle=\"%s\"", open, le);
    if (le || open[0] == ',')
        buf_add_char(out, '}');
    buf_add_char(out, ' ');
}

static void add_number(struct buf *out, double value)
{
    if (value > -1e15 && value < 1e15 && value == (double)(int64_t)value)
        buf_printf(out, "%lld\n", (long long)value);
    else
        buf_printf(out, "%.9g\n", value);
}

static void render_histogram(struct buf *out, const struct metric *metric)
{
    const struct bounds *bounds = &bounds_of[families[metric->id].kind];
    int64_t count = 0;
    char le[32] = "+Inf";

    for (size_t i = 0; i <= bounds->count; i++) {
        if (i < bounds->count)
            snprintf(le, sizeof le, "%g", (double)bounds->at[i] / (double)bounds->scale);
        else
            snprintf(le, sizeof le, "+Inf");
        count += load(&metric->buckets[i]);
        add_name(out, metric->id, "_bucket", metric->values, le);
        add_number(out, (double)count);
    }
    add_name(out, metric->id, "_sum", metric->values, NULL);
    add_number(out, (double)load(&metric->value) / (double)bounds->scale);
    add_name(out, metric->id, "_count", metric->values, NULL);
    add_number(out, (double)count);
}

static void render_series(struct buf *out, enum metric_id id)
{
    for (size_t i = 0; i < CHAINS; i++)
        for (const struct metric *metric = atomic_load_explicit(&all_series[id].chains[i], memory_order_acquire); metric;
             metric = metric->next) {
            if (is_histogram(id)) {
                render_histogram(out, metric);
                continue;
            }
            add_name(out, id, "", metric->values, NULL);
            add_number(out, (double)load(&metric->value));
        }
}

void metrics_render(struct buf *out, void (*sample)(void *ctx, enum metric_id id, struct buf *out), void *ctx)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        enum metric_id id = (enum metric_id)i;

        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", families[i].name, families[i].help, families[i].name,
                   is_histogram(id)                     ? "histogram"
                   : families[i].kind == METRIC_COUNTER ? "counter"
                                                        : "gauge");
        render_series(out, id);
        if (sample)
            sample(ctx, id, out);
    }
}

void metrics_sample(struct buf *out, enum metric_id id, const char *a, const char *b, const char *c, double value)
{
    const char *const values[METRIC_LABELS] = {a, b, c};

    add_name(out, id, "", values, NULL);
    add_number(out, value);
}
