/* Cost of the policies: the shipped set on a plan of about 4 KB, a `when` condition, and the same check written in C as the baseline of the
 * same run. Run by hand:  ninja policy_bench && ./policy_bench [rounds]   Prints p50 and p99 in microseconds, p99 of the
 * processor time (what others run on a busy machine is not in it; about a microsecond for the two clocks is) and the ratio to the baseline.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "policy/policy.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WARM_UP 200

static int64_t now_ns(clockid_t clock)
{
    struct timespec at;

    clock_gettime(clock, &at);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

/* A plan with `workflows` workflows of six steps, a spec with some resources, and an admin with every limit set. */
static json_t *make_input(int workflows)
{
    static const char *const phases[] = {"pre-deployment", "deployment", "post-deployment"};
    json_t *input =
        json_pack("{s:{s:{s:[s,s],s:[s,s],s:[s,s,s,s,s,s],s:i,s:s,s:{s:[s]}},s:{s:b,s:[s,s]}},s:{s:s,s:s},s:s,s:s,s:{s:s,s:s,s:s},s:s}",
                  "admin", "workflowPolicies", "requiredPlatformWorkflows", "w0", "w3", "allowedProductWorkflows", "ecommerce/w*",
                  "billing/*", "allowedStepTypes", "validation", "http", "lua", "terraform", "kubernetes", "delay", "maxStepsPerWorkflow",
                  50, "maxWorkflowDuration", "30m", "security", "allowedExecutors", "platform-team", "policies", "enforceBackups", 1,
                  "allowedEnvironments", "staging", "production", "environment", "name", "production", "type", "production", "product",
                  "ecommerce", "team", "shop", "user", "name", "ada", "role", "user", "team", "shop", "now", "2026-11-21T12:00:00.000000Z");
    json_t *list = json_array(), *resources = json_object();

    for (int p = 0; p < 3; p++)
        json_array_append_new(list, json_pack("{s:s,s:[]}", "phase", phases[p], "workflows"));
    for (int w = 0; w < workflows; w++) {
        char name[16];
        json_t *steps = json_array();

        snprintf(name, sizeof name, "w%d", w);
        for (int s = 0; s < 6; s++)
            json_array_append_new(steps, json_pack("{s:s,s:s,s:i}", "name", s % 2 ? "verify" : "configure", "type",
                                                   s % 2 ? "validation" : "http", "timeout_ms", 60000));
        json_array_append_new(json_object_get(json_array_get(list, (size_t)w % 3), "workflows"),
                              json_pack("{s:s,s:s,s:s,s:i,s:o}", "name", name, "tier", w % 3 ? "product" : "platform", "product",
                                        "ecommerce", "timeout_ms", 600000, "steps", steps));
    }
    json_object_set_new(input, "plan", json_pack("{s:o}", "phases", list));
    json_object_set_new(resources, "db",
                        json_pack("{s:s,s:{s:s,s:s}}", "type", "postgres", "params", "backup", "daily", "storage", "10Gi"));
    json_object_set_new(resources, "dns", json_pack("{s:s}", "type", "dns"));
    json_object_set_new(input, "spec",
                        json_pack("{s:s,s:{s:s},s:o}", "apiVersion", "score.dev/v1b1", "metadata", "name", "shop", "resources", resources));
    return input;
}

/* The baseline: one walk over the plan in C, looking at what the step rules look at. */
static size_t walk_in_c(const json_t *input)
{
    const json_t *phase, *workflow, *step;
    size_t i, j, k, found = 0;

    json_array_foreach(json_at(input, "plan.phases"), i, phase) json_array_foreach(json_object_get(phase, "workflows"), j, workflow)
        json_array_foreach(json_object_get(workflow, "steps"), k, step) found +=
        strcmp(json_str(step, "type"), "command") == 0 || json_int(step, "timeout_ms", 0) > 1800000;
    return found;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

struct bench {
    struct policy_set *set;
    const json_t *input;
    const char *expression;
};

static void run_set(const struct bench *b)
{
    struct policy_decision d = {0};

    policy_evaluate(b->set, "deployment", b->input, &d);
    if (d.denied) {
        fprintf(stderr, "the input is denied: %s\n", json_str(json_array_get(d.violations, 0), "message"));
        exit(1);
    }
    policy_decision_fini(&d);
}

static void run_when(const struct bench *b)
{
    struct err err = {0};
    bool value = false;

    if (condition_evaluate(b->expression, b->input, NULL, &value, &err) < 0 || !value) {
        fprintf(stderr, "%s\n", err.code ? err.msg : "the condition is false");
        exit(1);
    }
}

static void run_baseline(const struct bench *b)
{
    if (walk_in_c(b->input))
        exit(1);
}

static double measure(const char *name, void (*run)(const struct bench *), const struct bench *b, size_t rounds, double baseline)
{
    int64_t *took = mem_array(rounds, sizeof *took), *used = mem_array(rounds, sizeof *used);
    double p50;

    for (int i = 0; i < WARM_UP; i++)
        run(b);
    for (size_t i = 0; i < rounds; i++) {
        int64_t cpu = now_ns(CLOCK_THREAD_CPUTIME_ID), start = now_ns(CLOCK_MONOTONIC);

        run(b);
        took[i] = now_ns(CLOCK_MONOTONIC) - start;
        used[i] = now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
    }
    qsort(took, rounds, sizeof *took, by_value);
    qsort(used, rounds, sizeof *used, by_value);
    p50 = (double)took[rounds / 2] / 1000.0;
    printf("%-44s p50 %8.1f us   p99 %8.1f us   CPU p99 %8.1f us", name, p50, (double)took[rounds * 99 / 100] / 1000.0,
           (double)used[rounds * 99 / 100] / 1000.0);
    if (baseline > 0)
        printf("   %6.1f x baseline", p50 / baseline);
    printf("\n");
    free(took);
    free(used);
    return p50;
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 5000;
    static const int sizes[] = {4, 9, 40};
    struct policy_set_options options = {0};
    struct bench b = {0};
    struct err err;

    if (rounds < 100 || policy_set_load(&options, NULL, &b.set, &err) < 0)
        return 1;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        json_t *input = make_input(sizes[i]);
        char *text = json_canonical(input), name[64];
        double baseline;

        b.input = input;
        printf("input of %zu bytes, %d workflows of 6 steps\n", strlen(text), sizes[i]);
        baseline = measure("  baseline: one walk in C", run_baseline, &b, rounds, 0);
        snprintf(name, sizeof name, "  shipped set (9 policies)");
        measure(name, run_set, &b, rounds, baseline);
        b.expression = "environment.type == \"production\" and team == \"shop\"";
        measure("  when, Lua", run_when, &b, rounds, baseline);
        b.expression = "environment.type == production && team == shop";
        measure("  when, older form", run_when, &b, rounds, baseline);
        free(text);
        json_decref(input);
    }
    policy_set_unref(b.set);
    return 0;
}
