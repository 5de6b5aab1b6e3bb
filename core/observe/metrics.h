/* Counters and gauges of this process, rendered for Prometheus (text format 0.0.4). Registering takes a lock, counting is one atomic
 * addition. */
#pragma once
#include "base/buf.h"
#include <stdint.h>

struct metrics;
struct metric;
enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* The metric of that name and labels, made at its first use; lives as long as the registry. `name` is [a-z_:][a-z0-9_:]*; the help of the
 * first use counts. `label` and `value` may be NULL: without a label. Keep values few: each is a series of its own (never a user's text).
 * NULL registry: a NULL metric. */
struct metric *metrics_get(struct metrics *m, enum metric_kind kind, const char *name, const char *help, const char *label,
                           const char *value);

/* NULL metrics are fine everywhere and count nothing. Any thread. */
void metric_add(struct metric *metric, int64_t n);
void metric_set(struct metric *metric, int64_t value);
int64_t metric_value(const struct metric *metric);

/* Sorted by name, so that series of one name stand together. */
void metrics_render(struct metrics *m, struct buf *out);
