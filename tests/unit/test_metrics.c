/* The metrics: what was counted is what is shown, in the form that Prometheus reads. */
#include "base/cleanup.h"
#include "base/metrics.h"
#include "base/process.h"
#include "test.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static char *render(void (*sample)(void *ctx, enum metric_id id, struct buf *out))
{
    struct buf out = BUF_INIT(1u << 20);

    metrics_render(&out, sample, NULL);
    buf_add(&out, "", 0);
    return buf_take(&out);
}

static void *count_up(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 5000; i++) {
        metric_count(METRIC_STEPS, "delay", i % 2 ? "completed" : "failed", NULL);
        metric_observe(metric_of(METRIC_STEP_DURATION, "delay", NULL, NULL), 700);
    }
    return NULL;
}

static void test_threads(void)
{
    pthread_t threads[4];

    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, count_up, NULL), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(metric_value(metric_of(METRIC_STEPS, "delay", "completed", NULL)), 10000);
    CU_ASSERT_EQUAL(metric_value(metric_of(METRIC_STEPS, "delay", "failed", NULL)), 10000);
    CU_ASSERT_EQUAL(metric_value(metric_of(METRIC_STEP_DURATION, "delay", NULL, NULL)), 20000);
}

static void expect(const char *text, const char *wanted)
{
    if (!strstr(text, wanted))
        fprintf(stderr, "not there: %s\n", wanted);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, wanted));
}

static void test_histogram(void)
{
    static const int64_t values[] = {1, 50, 51, 999, 1000000, 99000000};
    CLEANUP(free_ptr) char *text = NULL;

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        metric_observe(metric_of(METRIC_STORE_COMMIT, NULL, NULL, NULL), values[i]);
    for (int64_t i = 1; i <= 300; i += 299)
        metric_observe(metric_of(METRIC_STORE_BATCH, NULL, NULL, NULL), i);
    text = render(NULL);
    expect(text, "# TYPE innominatus_store_commit_duration_seconds histogram\n"
                 "innominatus_store_commit_duration_seconds_bucket{le=\"5e-05\"} 2\n"
                 "innominatus_store_commit_duration_seconds_bucket{le=\"0.0001\"} 3\n"
                 "innominatus_store_commit_duration_seconds_bucket{le=\"0.00025\"} 3\n"
                 "innominatus_store_commit_duration_seconds_bucket{le=\"0.0005\"} 3\n"
                 "innominatus_store_commit_duration_seconds_bucket{le=\"0.001\"} 4\n");
    expect(text, "_duration_seconds_bucket{le=\"10\"} 5\n"
                 "innominatus_store_commit_duration_seconds_bucket{le=\"+Inf\"} 6\n"
                 "innominatus_store_commit_duration_seconds_sum 100.001101\n"
                 "innominatus_store_commit_duration_seconds_count 6\n");
    expect(text, "innominatus_store_batch_units_bucket{le=\"256\"} 1\ninnominatus_store_batch_units_bucket{le=\"+Inf\"} 2\n"
                 "innominatus_store_batch_units_sum 301\n");
}

static void test_labels(void)
{
    CLEANUP(free_ptr) char *text = NULL;

    metric_count(METRIC_POLICY_DENIALS, "a\"b\\c\n", NULL, NULL);
    metric_add(metric_of(METRIC_HTTP_IN_FLIGHT, NULL, NULL, NULL), -3);
    text = render(NULL);
    expect(text, "innominatus_policy_denials_total{policy=\"a\\\"b\\\\c\\n\"} 1\n");
    expect(text, "# TYPE innominatus_http_requests_in_flight gauge\ninnominatus_http_requests_in_flight -3\n");
    expect(text, "# TYPE innominatus_store_commits_total counter\n");
}

static void test_bounded(void)
{
    CLEANUP(free_ptr) char *text = NULL;
    char name[32];
    size_t lines = 0;

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < METRIC_SERIES + 500; i++) {
            snprintf(name, sizeof name, "policy-%d", i);
            metric_count(METRIC_POLICY_WARNINGS, name, NULL, NULL);
        }
    CU_ASSERT_EQUAL(metric_value(metric_of(METRIC_POLICY_WARNINGS, "policy-0", NULL, NULL)), 2);
    CU_ASSERT_EQUAL(metric_value(metric_of(METRIC_POLICY_WARNINGS, "other", NULL, NULL)), 1000);
    text = render(NULL);
    for (const char *at = text; (at = strstr(at, "innominatus_policy_warnings_total{")); at++)
        lines++;
    CU_ASSERT_EQUAL(lines, METRIC_SERIES + 1);
}

static void sample(void *ctx, enum metric_id id, struct buf *out)
{
    (void)ctx;
    if (id == METRIC_QUEUE_TASKS)
        metrics_sample(out, id, "step", "dead", NULL, 12);
    if (id == METRIC_PROCESS_CPU)
        metrics_sample(out, id, NULL, NULL, NULL, 0.25);
}

static void test_samples(void)
{
    CLEANUP(free_ptr) char *text = render(sample);

    expect(text, "# TYPE innominatus_queue_tasks gauge\ninnominatus_queue_tasks{kind=\"step\",state=\"dead\"} 12\n");
    expect(text, "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 0.25\n");
}

static void test_process(void)
{
    struct process_usage usage;
    struct err err;

    ASSERT_OK(process_usage_read(&usage, &err), err);
    CU_ASSERT_TRUE(usage.threads == 1 || usage.threads == 2); /* a sanitizer may have one of its own */
    CU_ASSERT_TRUE(usage.open_fds >= 3 && usage.open_fds < 100);
    CU_ASSERT_TRUE(usage.max_fds > usage.open_fds);
    CU_ASSERT_TRUE(usage.resident_bytes > 1 << 20 && usage.resident_bytes < usage.virtual_bytes);
    CU_ASSERT_TRUE(usage.started > 1.6e9 && usage.cpu_seconds >= 0);
}

const struct test_case tests[] = {{"counts from many threads add up", test_threads},
                                  {"a histogram's buckets hold what is at most their bound, and all that is below", test_histogram},
                                  {"label values are escaped and gauges may be below zero", test_labels},
                                  {"a family has a bounded number of series; what comes later is counted as other", test_bounded},
                                  {"what is asked for when it is read stands in its family", test_samples},
                                  {"the process's usage is that of this process", test_process},
                                  {0}};
