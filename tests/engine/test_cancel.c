/* Deployments that are canceled, at every moment of a step. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/str.h"
#include "rig.h"
#include "scenario.h"
#include "test.h"
#include <string.h>

static void test_cancel_of_a_hanging_call(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *hanging, *next;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    hanging = rig_accept(&rig, &(struct rig_deploy){.score = WITH_RESOURCES("  db: {type: probe, params: {mode: hang_once}}\n")}, &err);
    next = rig_accept(&rig, &(struct rig_deploy){.score = SCORE}, &err);
    CU_ASSERT_TRUE_FATAL(hanging && next);
    rig_expect_calls(&rig, "create db ", 1);
    rig_cancel(&rig, hanging, &err);
    CU_ASSERT_EQUAL(err.code, ERR_NONE);
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM steps WHERE name = 'db'"), "canceling");
    ASSERT_TEXT(rig_text(&rig, "SELECT active_deployment_id FROM application_environments"), hanging); /* until the call is gone */
    ASSERT_TEXT(rig_wait(&rig, hanging), "canceled");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'db'"), "failed");
    ASSERT_TEXT(rig_wait(&rig, next), "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT("deployments a JOIN deployments b ON a.id < b.id WHERE b.started_at < a.finished_at")), "0");
}

static void test_cancel_before_the_next_attempt(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    id = scenario_accept(
        &rig, &(struct rig_deploy){
                  .score = APP_WORKFLOW(
                      "      - {name: one, type: mark, config: {mode: flaky, n: 9}, retry: {attempts: 9, delay: 10h, maxDelay: 10h}}\n")});
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'one'", "ready");
    rig_cancel(&rig, id, &err);
    ASSERT_TEXT(rig_wait(&rig, id), "canceled");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM steps WHERE name = 'one'"), "canceled");
    ASSERT_TEXT(rig_text(&rig, COUNT("tasks")), "0");
}

static void test_cancel_while_a_backend_is_polled(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    id = scenario_deploy(&rig, WITH_RESOURCES("  db: {type: probe, params: {mode: pending, n: 1000000}}\n"));
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'db'", "waiting");
    rig_cancel(&rig, id, &err);
    ASSERT_TEXT(rig_wait(&rig, id), "canceled");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'db'"), "failed");
}

/* The backend says that it is not ready yet, to a poll that was canceled meanwhile. */
static void test_cancel_in_the_middle_of_a_poll(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    id = scenario_deploy(&rig, WITH_RESOURCES("  db: {type: probe, params: {mode: stubborn}}\n"));
    rig_expect_calls(&rig, "create db ", 2);
    rig_cancel(&rig, id, &err);
    ASSERT_TEXT(rig_wait(&rig, id), "canceled");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'db'"), "failed");
}

/* Canceled after it was claimed and before its call is made again. */
static void test_cancel_just_before_a_poll(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    id = scenario_deploy(&rig, WITH_RESOURCES("  db: {type: probe, params: {mode: pending, n: 1000000}}\n"));
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'db'", "waiting");
    failpoint_arm("engine.before_step=sleep:1500");
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'db'", "running");
    rig_cancel(&rig, id, &err);
    failpoint_arm(NULL);
    ASSERT_TEXT(rig_wait(&rig, id), "canceled");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'db'"), "failed");
}

/* Whoever comes first, it ends, and the lock is free. */
static void test_cancel_against_finish(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    int canceled = 0;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    for (int i = 0; i < 40; i++) {
        const char *id = scenario_accept(
            &rig,
            &(struct rig_deploy){
                .score = APP_WORKFLOW("      - {name: a, type: lua, config: {script: 'return {}'}}\n      - {name: b, type: lua, config: "
                                      "{script: 'return {}'}}\n")});
        usleep((useconds_t)(i * 400));
        rig_cancel(&rig, id, &err);
        CU_ASSERT(err.code == ERR_NONE || err.code == ERR_CONFLICT);
        canceled += str_eq(rig_wait(&rig, id), "canceled");
    }
    CU_ASSERT(canceled > 0);
    ASSERT_TEXT(rig_text(&rig, COUNT("deployments WHERE state NOT IN ('canceled', 'completed')")), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("tasks")), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("application_environments WHERE active_deployment_id IS NOT NULL")), "0");
}

/* A plugin that says "canceled" although nobody asked fails: it is neither canceled nor tried for ever. */
static void test_a_false_cancel_is_a_failure(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    id = scenario_deploy(&rig, APP_WORKFLOW("      - {name: one, type: mark, config: {mode: canceled}}\n"));
    ASSERT_TEXT(rig_wait(&rig, id), "failed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "step one "), 1);
}

const struct test_case tests[] = {
    {"a hanging call that is canceled keeps the lock until it is gone", test_cancel_of_a_hanging_call},
    {"a step between two attempts is canceled at once", test_cancel_before_the_next_attempt},
    {"a step that polls is canceled, and its resource is not well", test_cancel_while_a_backend_is_polled},
    {"a poll that was canceled and says that it still waits leaves its resource not well", test_cancel_in_the_middle_of_a_poll},
    {"a step that is canceled just before it polls leaves its resource not well", test_cancel_just_before_a_poll},
    {"a cancel against the end of a step: one of them wins", test_cancel_against_finish},
    {"a plugin that says canceled without being asked has failed", test_a_false_cancel_is_a_failure},
    {0},
};
