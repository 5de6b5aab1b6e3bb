/* Steps whose provisioner is left alone for a while: they wait without a worker and lose no attempt, and go on by themselves. */
#include "base/cleanup.h"
#include "rig.h"
#include "scenario.h"
#include "test.h"

#define FOR_EVER_MS (3600 * 1000)
#define FLAKY(n)    APP_WORKFLOW("      - {name: one, type: mark, config: {mode: flaky, n: " n "}, retry: {attempts: 3, delay: 20ms}}\n")
#define WAITED                                                                                                                             \
    "SELECT CASE WHEN count(*) > 0 THEN 'yes' ELSE 'no' END FROM events WHERE type = 'step.waiting' AND data LIKE '%not called again%'"

static void test_waits_without_a_worker(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *first, *second;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig.workers = 1;
    rig.breaker = (struct plugin_breaker_options){.failures = 2, .failure_open_ms = FOR_EVER_MS};
    rig_start(&rig);
    first = scenario_deploy(&rig, FLAKY("9"));
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'one'", "waiting");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(attempt AS TEXT) FROM steps WHERE name = 'one'"), "3");
    CU_ASSERT_EQUAL(rig_calls(&rig, "step one "), 2); /* its third try has not been made */
    second = scenario_deploy(&rig, scenario_app(&rig, "bystander", "resources:\n  db: {type: probe}\n"));
    rig_expect(&rig, "SELECT s.state FROM steps s JOIN deployments d ON d.id = s.deployment_id WHERE d.application = 'bystander'",
               "waiting");
    CU_ASSERT_EQUAL(rig_calls(&rig, "create db "), 0);
    ASSERT_CONTAINS(rig_text(&rig, "SELECT s.error FROM steps s JOIN deployments d ON d.id = s.deployment_id WHERE d.application = "
                                   "'bystander'"),
                    "ORC-4031");
    ASSERT_TEXT(rig_text(&rig, COUNT("steps WHERE state = 'waiting' AND retry_at IS NOT NULL AND attempt <= 3")), "2");
    ASSERT_TEXT(rig_text(&rig, WAITED), "yes");
    ASSERT_TEXT(scenario_end(&rig, scenario_app(&rig, "free", "resources:\n  disk: {type: volume}\n")), "completed");
    rig_cancel(&rig, first, &err);
    rig_cancel(&rig, second, &err);
    ASSERT_TEXT(rig_wait(&rig, first), "canceled");
    ASSERT_TEXT(rig_wait(&rig, second), "canceled");
}

static void test_goes_on_by_itself(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *first, *second;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig.breaker = (struct plugin_breaker_options){.failures = 2, .failure_open_ms = 500};
    rig_start(&rig);
    first = scenario_deploy(&rig, FLAKY("2"));
    rig_expect(&rig, WAITED, "yes");
    second = scenario_deploy(&rig, scenario_app(&rig, "bystander", "resources:\n  db: {type: probe}\n"));
    ASSERT_TEXT(rig_wait(&rig, first), "completed");
    ASSERT_TEXT(rig_wait(&rig, second), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(attempt AS TEXT) FROM steps WHERE name = 'one'"), "3");
    CU_ASSERT_EQUAL(rig_calls(&rig, "step one "), 3);
    CU_ASSERT_EQUAL(rig_calls(&rig, "create db "), 1);
    ASSERT_TEXT(rig_text(&rig, COUNT("steps WHERE attempt > 1 AND name <> 'one'")), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("steps WHERE error IS NOT NULL")), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("tasks")), "0");
}

const struct test_case tests[] = {
    {"a step that meets an open circuit waits, says why and until when, and holds neither worker nor attempt", test_waits_without_a_worker},
    {"when the backend is back everything that waited goes on by itself", test_goes_on_by_itself},
    {0},
};
