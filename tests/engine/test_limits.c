/* Which deployments start, which wait, which are refused: limits and policies. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "rig.h"
#include "scenario.h"
#include "test.h"
#include "workflow/read_queue.h"
#include <string.h>

/* ---- limits ---- */

#define ONE_AT_A_TIME PROVISIONERS "workflowPolicies: {maxConcurrentWorkflows: 1, applicationStepTypes: [" STEP_TYPES "]}\n"
#define SLOW_STEP     "workflows:\n  w:\n    steps:\n      - {name: one, type: mark, config: {mode: slow, n: 150}}\n"
#define HANGING_STEP  "workflows:\n  w:\n    steps:\n      - {name: one, type: mark, config: {mode: hang_once}}\n"
#define ENDLESS_STEP  "workflows:\n  w:\n    steps:\n      - {name: one, type: mark, config: {mode: slow, n: 600000}}\n"

/* In the order in which they started, as one text. */
static const char *order_of_start(struct rig *rig)
{
    static const char on_sqlite[] =
        "SELECT group_concat(name, ' ') FROM (SELECT team || '/' || application AS name FROM deployments ORDER BY started_at)";
    static const char on_postgres[] = "SELECT string_agg(team || '/' || application, ' ' ORDER BY started_at) FROM deployments";

    return rig_text(rig, str_starts(rig->database, "sqlite:") ? on_sqlite : on_postgres);
}

static void test_so_many_at_once(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *ids[5];

    RIG_INIT(&rig, ONE_AT_A_TIME);
    rig_start(&rig);
    for (int i = 0; i < 4; i++)
        ids[i] = scenario_deploy(&rig, scenario_app(&rig, arena_printf(&rig.arena, "app%d", i), SLOW_STEP));
    ids[4] = scenario_accept(&rig, &(struct rig_deploy){.score = scenario_app(&rig, "late", SLOW_STEP), .team = "other"});
    ASSERT_TEXT(rig_text(&rig, COUNT("deployments WHERE state = 'queued'")), "4");
    for (int i = 0; i < 5; i++)
        ASSERT_TEXT(rig_wait(&rig, ids[i]), "completed");
    ASSERT_TEXT(
        rig_text(
            &rig,
            COUNT("deployments a JOIN deployments b ON a.id <> b.id WHERE a.started_at <= b.started_at AND b.started_at < a.finished_at")),
        "0");
    ASSERT_TEXT(order_of_start(&rig),
                "shop/app0 other/late shop/app1 shop/app2 shop/app3"); /* the team that has nothing running comes first */
    ASSERT_TEXT(rig_text(&rig, COUNT("tasks")), "0");
}

/* Far from the limit those that run are not counted for each: it holds all the same. */
static void test_a_large_limit(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROVISIONERS "workflowPolicies: {maxConcurrentWorkflows: 40, applicationStepTypes: [" STEP_TYPES "]}\n");
    rig_start(&rig);
    for (int i = 0; i < 45; i++)
        scenario_deploy(&rig, scenario_app(&rig, arena_printf(&rig.arena, "app%d", i), ENDLESS_STEP));
    ASSERT_TEXT(rig_text(&rig, COUNT("deployments WHERE state = 'running'")), "40");
    ASSERT_TEXT(rig_text(&rig, COUNT("deployments WHERE state = 'queued'")), "5");
    rig_stop_within(&rig, 10);
}

/* Who waited takes a place when it runs again: those that were counted as free before are none any more. */
static void test_who_wakes_takes_a_place(void)
{
    static const char two_steps[] = "workflows:\n  w:\n    steps:\n      - {name: w, type: delay, config: {duration: 10h}}\n"
                                    "      - {name: one, type: mark, config: {mode: slow, n: 600000}}\n";
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *late;

    RIG_INIT(&rig, PROVISIONERS "workflowPolicies: {maxConcurrentWorkflows: 33, applicationStepTypes: [" STEP_TYPES "]}\n");
    rig.workers = 8; /* so many that all run at once */
    rig_start(&rig);
    for (int i = 0; i < 33; i++)
        scenario_deploy(&rig, scenario_app(&rig, arena_printf(&rig.arena, "app%d", i), two_steps));
    rig_expect(&rig, COUNT("steps WHERE name = 'w' AND state = 'waiting'"), "33");
    rig_stop(&rig);
    rig_start(&rig); /* whose first deployment counts: 33 are free */
    scenario_deploy(&rig, scenario_app(&rig, "busy", ENDLESS_STEP));
    rig_exec_tasks(&rig, "UPDATE tasks SET run_at = 0 WHERE state = 'waiting' AND kind = 'step'");
    rig_expect(&rig, COUNT("steps WHERE name = 'w' AND state = 'completed'"), "33");
    late = scenario_deploy(&rig, scenario_app(&rig, "late", ENDLESS_STEP));
    ASSERT_TEXT(rig_text(&rig, arena_printf(&rig.arena, "SELECT state FROM deployments WHERE id = '%s'", late)), "queued");
    rig_stop_within(&rig, 10);
}

static void test_who_waits_takes_no_slot(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *waiting, *other, *canceled, *busy;

    RIG_INIT(&rig, ONE_AT_A_TIME);
    rig_start(&rig);
    waiting = scenario_accept(
        &rig, &(struct rig_deploy){
                  .score = scenario_app(&rig, "sleeper",
                                        "workflows:\n  w:\n    steps:\n      - {name: w, type: delay, config: {duration: 10h}}\n")});
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'w'", "waiting");
    other = scenario_deploy(&rig, scenario_app(&rig, "other", SLOW_STEP));
    ASSERT_TEXT(rig_wait(&rig, other), "completed");
    busy = scenario_deploy(&rig, scenario_app(&rig, "busy", SLOW_STEP));
    canceled = scenario_deploy(&rig, scenario_app(&rig, "canceled", SLOW_STEP));
    rig_cancel(&rig, canceled, &err);
    ASSERT_TEXT(rig_wait(&rig, canceled), "canceled");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM application_environments WHERE application = 'canceled'"), "failed");
    ASSERT_TEXT(rig_wait(&rig, busy), "completed");
    rig_cancel(&rig, waiting, &err);
    ASSERT_TEXT(rig_wait(&rig, waiting), "canceled");
}

/* The limit is lifted while a deployment waits under it. */
static void test_a_limit_that_goes(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *running, *waiting;

    RIG_INIT(&rig, ONE_AT_A_TIME);
    rig_start(&rig);
    running = scenario_accept(&rig, &(struct rig_deploy){.score = scenario_app(&rig, "first", HANGING_STEP)});
    waiting = scenario_deploy(&rig, scenario_app(&rig, "second", ""));
    rig_expect_calls(&rig, "step one ", 1);
    ASSERT_TEXT(rig_text(&rig, COUNT("tasks WHERE slot = 1")), "1");
    rig_stop_within(&rig, 10);
    rig_configure(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(rig_wait(&rig, waiting), "completed");
    ASSERT_TEXT(rig_wait(&rig, running), "completed");
}

/* The one that is superseded has its application's lock already and waits for a slot only. */
static void test_supersede_the_next_one(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *busy, *old, *new;

    RIG_INIT(&rig, ONE_AT_A_TIME);
    rig_start(&rig);
    busy = scenario_deploy(&rig, scenario_app(&rig, "busy", SLOW_STEP));
    old = scenario_deploy(&rig, SCORE);
    new = scenario_accept(&rig, &(struct rig_deploy){.score = SCORE, .supersede = true});
    ASSERT_TEXT(rig_wait(&rig, old), "superseded");
    ASSERT_TEXT(rig_wait(&rig, new), "completed");
    ASSERT_TEXT(rig_wait(&rig, busy), "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'deployment.superseded'")), "1");
    ASSERT_TEXT(rig_text(&rig, COUNT("audit WHERE action = 'deployment.superseded'")), "1");
    ASSERT_TEXT(rig_text(&rig, COUNT("application_environments WHERE active_deployment_id IS NOT NULL")), "0");
}

static void test_a_full_queue(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig.capacity = 2;
    rig_start(&rig);
    id = scenario_accept(&rig, &(struct rig_deploy){.score = APP_WORKFLOW("      - {name: w, type: delay, config: {duration: 10h}}\n")});
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'w'", "waiting");
    scenario_deploy(&rig, SCORE);
    CU_ASSERT_PTR_NULL(rig_accept(&rig, &(struct rig_deploy){.score = SCORE}, &err));
    CU_ASSERT_EQUAL(err.code, ERR_QUEUE_FULL);
    ASSERT_TEXT(rig_text(&rig, COUNT("deployments")), "2");
    rig_cancel(&rig, id, &err);
    ASSERT_TEXT(rig_wait(&rig, id), "canceled");
    rig_expect(&rig, COUNT("deployments WHERE finished_at IS NULL"), "0");
    ASSERT_TEXT(scenario_end(&rig, SCORE), "completed"); /* there is room again */
}

/* ---- policies ---- */

#define WITH_POLICIES PROVISIONERS "workflowPolicies: {applicationStepTypes: [" STEP_TYPES "]}\npolicies: {path: ./policies}\n"

static void test_step_denied(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, WITH_POLICIES);
    rig_write(&rig, "policies/p.lua",
              "return {name = 'no-bad-steps', on = 'step', check = function(input) if input.step.name == 'bad' then return {message = 'bad "
              "is bad'} end end}\n");
    rig_start(&rig);
    ASSERT_TEXT(
        scenario_end(&rig,
                     APP_WORKFLOW("      - {name: good, type: mark}\n      - {name: bad, type: mark, retry: {attempts: 5, delay: 1ms}}\n")),
        "failed");
    CU_ASSERT(rig_calls(&rig, "step good ") == 1 && rig_calls(&rig, "step bad ") == 0);
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(attempt AS TEXT) FROM steps WHERE name = 'bad'"), "1");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT error FROM deployments"), "\"class\":\"DENIED\"");
    ASSERT_TEXT(rig_text(&rig, "SELECT policy FROM violations WHERE deployment_id IS NOT NULL"), "no-bad-steps");
    ASSERT_TEXT(rig_text(&rig, COUNT("audit WHERE action = 'step.start' AND result = 'denied'")), "1");
}

static void test_resource_denied(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, WITH_POLICIES);
    rig_write(&rig, "policies/p.lua",
              "return {name = 'small-only', on = 'resource', check = function(input) if (input.resource.params or {}).size == 9 then "
              "return {message = 'too large'} end end}\n");
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(&rig, WITH_RESOURCES("  db: {type: probe, params: {size: 9}}\n")), "failed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "create "), 0);
    ASSERT_TEXT(rig_text(&rig, COUNT("resources")), "0");
    ASSERT_TEXT(rig_text(&rig, "SELECT policy FROM violations"), "small-only");
    ASSERT_TEXT(scenario_end(&rig, WITH_RESOURCES("  db: {type: probe, params: {size: 8}}\n")), "completed");
}

/* Allowed when it was accepted, not any more when its turn comes. */
static void test_denied_when_it_leaves_the_queue(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *first, *second;

    RIG_INIT(&rig, WITH_POLICIES);
    rig_write(&rig, "policies/p.lua",
              "return {name = 'once-only', on = 'deployment', check = function(input) if #(input.resources or {}) > 0 and input.user.role "
              "== 'user' then return {message = 'there "
              "is something already'} end end}\n");
    rig_start(&rig);
    first = scenario_accept(
        &rig,
        &(struct rig_deploy){
            .score = SCORE
            "workflows:\n  w:\n    phase: pre-deployment\n    steps:\n      - {name: one, type: mark, config: {mode: slow, n: 400}}\n"});
    second = scenario_deploy(&rig, SCORE);
    ASSERT_TEXT(rig_wait(&rig, first), "completed");
    ASSERT_TEXT(rig_wait(&rig, second), "failed");
    ASSERT_CONTAINS(rig_text(&rig, arena_printf(&rig.arena, "SELECT error FROM deployments WHERE id = '%s'", second)),
                    "\"class\":\"DENIED\"");
    ASSERT_TEXT(rig_text(&rig, arena_printf(&rig.arena, "SELECT policy FROM violations WHERE deployment_id = '%s'", second)), "once-only");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM application_environments"), "active"); /* nothing was changed */
    ASSERT_TEXT(rig_text(&rig, "SELECT COALESCE(active_deployment_id, 'free') FROM application_environments"), "free");
}

const struct test_case tests[] = {
    {"at most so many deployments at once, fair between teams", test_so_many_at_once},
    {"a large limit, far from which nobody counts, holds as well", test_a_large_limit},
    {"a deployment that waits takes no slot", test_who_waits_takes_no_slot},
    {"one that runs again takes a place that was counted as free", test_who_wakes_takes_a_place},
    {"without the limit those that waited start", test_a_limit_that_goes},
    {"a superseded deployment gives the lock up", test_supersede_the_next_one},
    {"a full queue refuses", test_a_full_queue},
    {"a step that a policy denies is not tried again", test_step_denied},
    {"a resource that a policy denies is not made", test_resource_denied},
    {"a denial when its turn comes ends the deployment", test_denied_when_it_leaves_the_queue},
    {0},
};
