/* What is promised of steps and resources, each in a deployment of its own. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "rig.h"
#include "scenario.h"
#include "test.h"
#include "workflow/read_queue.h"
#include <string.h>

/* ---- retry ---- */

static void test_checkpoint_outlives_a_retry(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(
        scenario_end(
            &rig, APP_WORKFLOW(
                      "      - {name: one, type: mark, config: {mode: flaky, n: 1, checkpoint: 1}, retry: {attempts: 3, delay: 20ms}}\n")),
        "completed");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT outputs FROM steps WHERE name = 'one'"), "\"resumed\":\"yes\"");
}

static void test_retry(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(
        scenario_end(&rig,
                     APP_WORKFLOW("      - {name: one, type: mark, config: {mode: flaky, n: 2}, retry: {attempts: 3, delay: 20ms}}\n")),
        "completed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "step one "), 3);
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(attempt AS TEXT) FROM steps WHERE name = 'one'"), "3");
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'step.retrying'")), "2");
    ASSERT_TEXT(rig_text(&rig, COUNT("steps WHERE dead = 1")), "0");
}

static void test_retry_only_of_these(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(
        scenario_end(
            &rig, APP_WORKFLOW("      - {name: one, type: mark, config: {mode: fail}, retry: {attempts: 3, delay: 20ms, on: [failed]}}\n")),
        "failed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "step one "), 3);
    ASSERT_TEXT(
        scenario_end(
            &rig, APP_WORKFLOW(
                      "      - {name: two, type: mark, config: {mode: flaky, n: 9}, retry: {attempts: 3, delay: 20ms, on: [timeout]}}\n")),
        "failed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "step two "), 1);
    ASSERT_TEXT(scenario_end(&rig, APP_WORKFLOW("      - {name: three, type: mark, config: {mode: fail}}\n")), "failed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "step three "), 1); /* FAILED is not retried unless somebody says so */
}

static void test_dead_letters(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    CLEANUP(json_put) json_t *stats = NULL;
    CLEANUP(json_put) json_t *items = NULL;
    CLEANUP(free_ptr) char *cursor = NULL;
    struct read_scope scope = {.org = "default", .team = "shop"};
    struct read_page page = {0};
    const json_t *item;
    struct err err;
    size_t i;
    int dead = 0;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(
        scenario_end(&rig,
                     APP_WORKFLOW("      - {name: one, type: mark, config: {mode: flaky, n: 9}, retry: {attempts: 2, delay: 20ms}}\n")),
        "failed");
    ASSERT_TEXT(scenario_end(&rig, APP_WORKFLOW("      - {name: two, type: mark, config: {mode: fail}}\n")),
                "failed"); /* failed, and not exhausted */
    ASSERT_OK(read_queue_stats(rig.store, &scope, 4, &stats, &err), err);
    CU_ASSERT_EQUAL(json_int(stats, "dead", -1), 1);
    ASSERT_OK(read_tasks(rig.store, &scope, &page, true, &items, &cursor, &err), err);
    json_array_foreach(items, i, item) dead +=
        str_eq(json_str(item, "state"), "dead") && strstr(json_str(json_object_get(item, "error"), "message"), "call 2 of 9");
    CU_ASSERT_EQUAL(dead, 1);
}

/* ---- time ---- */

static void test_step_timeout(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(
                    &rig, APP_WORKFLOW(
                              "      - {name: one, type: mark, timeout: 300ms, config: {mode: wait}, retry: {attempts: 2, delay: 1ms}}\n")),
                "failed");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(attempt AS TEXT) FROM steps WHERE name = 'one'"), "2"); /* each attempt has its time */
    ASSERT_CONTAINS(rig_text(&rig, "SELECT error FROM deployments"), "\"class\":\"TIMEOUT\"");
    ASSERT_TEXT(
        scenario_end(
            &rig,
            APP_WORKFLOW("      - {name: two, type: lua, timeout: 200ms, config: {script: 'while true do end'}, retry: {attempts: 1}}\n")),
        "failed");
}

#define WITH_DURATION(text) PROVISIONERS "workflowPolicies: {maxWorkflowDuration: " text ", applicationStepTypes: [" STEP_TYPES "]}\n"
#define WORKFLOW_CHECKS     "workflow_runs WHERE name = 'checks' AND "

/* While a step waits no time is counted, however long that takes; what was counted before is still there when the next one runs. */
static void test_workflow_timeout(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *id;

    RIG_INIT(&rig, WITH_DURATION("10m"));
    rig_start(&rig);
    id = scenario_accept(&rig,
                         &(struct rig_deploy){.score = APP_WORKFLOW("      - {name: one, type: mark}\n      - {name: wait, type: delay, "
                                                                    "config: {duration: 10h}}\n      - {name: two, type: mark}\n")});
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'wait'", "waiting");
    ASSERT_TEXT(rig_text(&rig, COUNT(WORKFLOW_CHECKS "active_since IS NULL AND active_us > 0")), "1");
    rig_exec_tasks(&rig, "UPDATE tasks SET run_at = 1"); /* ten hours later */
    ASSERT_TEXT(rig_wait(&rig, id), "completed");

    id = scenario_accept(
        &rig,
        &(struct rig_deploy){.score = APP_WORKFLOW("      - {name: hold, type: delay, config: {duration: 10h}}\n      - "
                                                   "{name: four, type: mark, config: {mode: wait}, retry: {attempts: 9, delay: 1ms}}\n")});
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'hold'", "waiting");
    rig_exec_tasks(&rig,
                   "UPDATE workflow_runs SET active_us = 599500000 WHERE finished_at IS NULL AND name = 'checks'"); /* half a second left */
    rig_exec_tasks(&rig, "UPDATE tasks SET run_at = 1");
    ASSERT_TEXT(rig_wait(&rig, id), "failed");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT error FROM deployments WHERE state = 'failed'"), "\"class\":\"TIMEOUT\"");
    /* and not tried for the rest of its attempts: its workflow has no time left */
    ASSERT_TEXT(rig_text(&rig, COUNT("steps WHERE name = 'four' AND attempt <= 2")), "1");
}

/* Steps side by side share the time, they do not add to it. */
static void test_workflow_timeout_in_parallel(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, WITH_DURATION("10m"));
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(&rig, APP_WORKFLOW("      - {name: a, type: mark, dependsOn: [], config: {mode: slow, n: 500}}\n"
                                                "      - {name: b, type: mark, dependsOn: [], config: {mode: slow, n: 500}}\n"
                                                "      - {name: c, type: mark, dependsOn: [], config: {mode: slow, n: 500}}\n"
                                                "      - {name: d, type: mark, dependsOn: [a, b, c]}\n")),
                "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT(WORKFLOW_CHECKS "active_us >= 500000 AND active_us <= finished_at - started_at")), "1");
}

/* ---- failures ---- */

static void test_continue_on_error(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(
        scenario_end(
            &rig, APP_WORKFLOW(
                      "      - {name: one, type: mark, config: {mode: fail}, continueOnError: true}\n      - {name: two, type: mark}\n")),
        "completed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "step two "), 1);
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(degraded AS TEXT) FROM deployments"), "1");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM application_environments"), "degraded");
}

#define PLATFORM_WORKFLOW(more, steps)                                                                                                     \
    "apiVersion: workflow.dev/v1\nkind: PlatformWorkflow\nmetadata: {name: base, phase: pre-deployment}\nspec:\n  triggers: "              \
    "[all_deployments]\n" more "  steps:\n" steps
#define WITH_WORKFLOWS PROVISIONERS "workflowPolicies: {workflowsRoot: ./workflows, applicationStepTypes: [" STEP_TYPES "]}\n"

static void test_on_failure_continue(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, WITH_WORKFLOWS);
    rig_write(&rig, "workflows/platform/base.yaml",
              PLATFORM_WORKFLOW("  onFailure: continue\n", "    - {name: one, type: mark, config: {mode: fail}}\n"));
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(&rig, SCORE), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(degraded AS TEXT) FROM deployments"), "1");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM workflow_runs WHERE name = 'base'"), "failed");
}

static void test_on_failure_stop(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, WITH_WORKFLOWS);
    rig_write(&rig, "workflows/platform/base.yaml",
              PLATFORM_WORKFLOW("  onFailure: stop\n", "    - {name: one, type: mark, config: {mode: fail}}\n"));
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(&rig, WITH_RESOURCES("  db: {type: probe}\n")), "failed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "create "), 0);
    ASSERT_TEXT(rig_text(&rig, COUNT("resources")), "0");
}

static void test_conditions_on_states(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(&rig, APP_WORKFLOW("      - {name: bad, type: mark, config: {mode: fail}, continueOnError: true}\n"
                                                "      - {name: seen, type: mark, when: 'steps.bad.state == \"failed\"'}\n"
                                                "      - {name: unseen, type: mark, unless: 'steps.bad.state == \"failed\"'}\n"
                                                "      - {name: cleanup, type: mark, when: always}\n"
                                                "      - {name: sorry, type: mark, when: on_failure}\n")),
                "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM steps WHERE name = 'seen'"), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM steps WHERE name = 'unseen'"), "skipped");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM steps WHERE name = 'cleanup'"), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT skipped_reason FROM steps WHERE name = 'sorry'"), "nothing failed");
    ASSERT_TEXT(
        scenario_end(&rig,
                     APP_WORKFLOW("      - {name: worse, type: mark, config: {mode: fail}}\n      - {name: then, type: mark}\n"
                                  "      - {name: tidy, type: mark, when: always}\n      - {name: mourn, type: mark, when: on_failure}\n")),
        "failed");
    CU_ASSERT(rig_calls(&rig, "step then ") == 0 && rig_calls(&rig, "step tidy ") == 1 && rig_calls(&rig, "step mourn ") == 1);
}

static void test_exports(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, WITH_WORKFLOWS);
    rig_write(&rig, "workflows/platform/base.yaml",
              PLATFORM_WORKFLOW("  exports: {number: '${steps.make.outputs.n}', text: 'n is ${make.n}'}\n",
                                "    - {name: make, type: lua, config: {script: 'return {n = 42}'}}\n"));
    rig_start(&rig);
    ASSERT_TEXT(
        scenario_end(
            &rig,
            APP_WORKFLOW(
                "      - {name: use, type: lua, config: {n: '${workflows.platform/base.number}', t: '${workflows.platform/base.text}', "
                "script: 'return {ok = config.n == 42 and config.t == \"n is 42\"}'}}\n")),
        "completed");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT outputs FROM steps WHERE name = 'use'"), "\"ok\":true");
}

/* ---- resources ---- */

static void test_depends_on_uids(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(
        scenario_end(&rig,
                     WITH_RESOURCES("  db: {type: probe, id: main-db}\n  cache: {type: probe, params: {of: '${resources.db.address}'}}\n")),
        "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT depends_on FROM resources WHERE name = 'cache'"),
                arena_printf(&rig.arena, "[\"%s\"]", rig_text(&rig, "SELECT uid FROM resources WHERE name = 'db'")));
    ASSERT_TEXT(scenario_end(&rig, SCORE), "completed");
    /* what depends on the other goes first */
    ASSERT_TEXT(rig_text(&rig, COUNT("events a JOIN events b ON a.type = 'resource.terminated' AND b.type = 'resource.terminated' AND "
                                     "a.seq < b.seq JOIN resources r ON r.id = "
                                     "a.resource_id WHERE r.name = 'cache'")),
                "1");
}

#define SHARED(size) "resources:\n  db: {type: probe, id: common, params: {size: " size "}}\n"

static void test_shared_between_applications(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(&rig, scenario_app(&rig, "one", SHARED("1"))), "completed");
    ASSERT_TEXT(scenario_end(&rig, scenario_app(&rig, "two", SHARED("1"))), "completed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "create db "), 1);
    ASSERT_TEXT(rig_text(&rig, COUNT("resource_refs f JOIN resources r ON r.id = f.resource_id WHERE r.type = 'probe'")), "2");
    CU_ASSERT_PTR_NULL(rig_accept(&rig, &(struct rig_deploy){.score = scenario_app(&rig, "two", SHARED("2"))}, &err));
    CU_ASSERT_EQUAL(err.code, ERR_PARAMS_DISAGREE);
    ASSERT_CONTAINS(err.msg, "one");
    id = rig_delete(&rig, "one", false, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(id);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "delete db "), 0);
    ASSERT_TEXT(rig_text(&rig, "SELECT application FROM resources WHERE type = 'probe' AND live = 1"), "two"); /* whose it is now */
    ASSERT_TEXT(scenario_end(&rig, scenario_app(&rig, "two", SHARED("2"))), "completed"); /* nobody disagrees any more */
    id = rig_delete(&rig, "two", false, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(id);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "delete db "), 1);
}

/* Both want it at the same time: it is in one's hands at a time, and the second one finds it done. */
static void test_shared_at_the_same_time(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    static const char slow[] = "resources:\n  db: {type: probe, id: common, params: {mode: slow, n: 400}}\n";
    const char *ids[4];

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    for (int i = 0; i < 4; i++)
        ids[i] = scenario_deploy(&rig, scenario_app(&rig, arena_printf(&rig.arena, "app%d", i), slow));
    for (int i = 0; i < 4; i++)
        ASSERT_TEXT(rig_wait(&rig, ids[i]), "completed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "create db ") + rig_calls(&rig, "update db "), 1);
    ASSERT_TEXT(rig_text(&rig, COUNT("resources WHERE type = 'probe'")), "1");
}

/* The plans agreed when they were made, the params do not when the steps begin. */
static void test_shared_params_that_disagree_at_run_time(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *first, *second;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    first = scenario_accept(
        &rig, &(struct rig_deploy){
                  .score = scenario_app(&rig, "one", "resources:\n  db: {type: probe, id: common, params: {mode: slow, n: 400}}\n")});
    second = scenario_accept(
        &rig, &(struct rig_deploy){
                  .score = scenario_app(&rig, "two", "resources:\n  db: {type: probe, id: common, params: {mode: slow, n: 401}}\n")});
    ASSERT_TEXT(rig_wait(&rig, first), "completed");
    ASSERT_TEXT(rig_wait(&rig, second), "failed");
    ASSERT_CONTAINS(rig_text(&rig, arena_printf(&rig.arena, "SELECT error FROM deployments WHERE id = '%s'", second)), "application one");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE type = 'probe'"), "active");
}

static void test_failed_update(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(&rig, WITH_RESOURCES("  db: {type: probe, params: {size: 1}}\n")), "completed");
    ASSERT_TEXT(scenario_end(&rig, WITH_RESOURCES("  db: {type: probe, params: {size: 2, mode: fail}}\n")), "failed");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'db'"), "degraded");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM application_environments"), "degraded");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT error FROM resources WHERE name = 'db'"), "asked to fail");
    ASSERT_TEXT(scenario_end(&rig, WITH_RESOURCES("  db: {type: probe, params: {size: 1}}\n")),
                "completed"); /* back to what was applied: it is looked after all the same */
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'db'"), "active");
    CU_ASSERT_EQUAL(rig_calls(&rig, "update db "), 2);
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM application_environments"), "active");
}

static void test_replace(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *old;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(&rig, WITH_RESOURCES("  db: {type: probe, params: {fixed: a, secrets: 'x,y'}}\n")), "completed");
    old = rig_text(&rig, "SELECT id FROM resources WHERE name = 'db'");
    CU_ASSERT_PTR_NULL(rig_accept(&rig, &(struct rig_deploy){.score = WITH_RESOURCES("  db: {type: probe, params: {fixed: b}}\n")}, &err));
    CU_ASSERT_EQUAL(err.code, ERR_IMMUTABLE);
    ASSERT_TEXT(rig_wait(&rig, scenario_accept(&rig, &(struct rig_deploy){.score = WITH_RESOURCES(
                                                                              "  db: {type: probe, params: {fixed: b, secrets: y}}\n"),
                                                                          .allow_replace = "[\"db\"]"})),
                "completed");
    CU_ASSERT(rig_calls(&rig, "delete db ") == 1 && rig_calls(&rig, "create db ") == 2);
    ASSERT_TEXT(rig_text(&rig, arena_printf(&rig.arena, "SELECT state FROM resources WHERE id = '%s'", old)), "terminated");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'db' AND live = 1"), "active");
    ASSERT_TEXT(rig_text(&rig, COUNT("secrets")), "1"); /* the new one's */
    ASSERT_TEXT(rig_text(&rig, COUNT("resource_refs f JOIN resources r ON r.id = f.resource_id WHERE r.name = 'db'")), "1");
}

static void test_secrets_follow_their_resource(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(&rig, WITH_RESOURCES("  db: {type: probe, params: {secrets: 'a,b'}}\n")), "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT("secrets")), "2");
    ASSERT_TEXT(scenario_end(&rig, WITH_RESOURCES("  db: {type: probe, params: {secrets: 'b,c,d'}}\n")), "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT("secrets")), "3");
    ASSERT_TEXT(rig_text(&rig, COUNT("secrets WHERE reference LIKE '%#a'")), "0");
    ASSERT_TEXT(scenario_end(&rig, WITH_RESOURCES("  db: {type: probe, params: {size: 1}}\n")), "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT("secrets")), "0"); /* it gives none any more */
    ASSERT_TEXT(scenario_end(&rig, WITH_RESOURCES("  db: {type: probe, params: {secrets: 'b'}}\n")), "completed");
    id = rig_delete(&rig, "shop", false, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(id);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT("secrets")), "0");
}

static void test_stateful_and_protected(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    static const char protected[] =
        WITH_RESOURCES("  data: {type: vault}\n  page: {type: probe, metadata: {annotations: {innominatus.dev/protect: 'true'}}}\n");

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(&rig, protected), "completed");
    ASSERT_TEXT(scenario_end(&rig, SCORE), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'data'"), "orphaned");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'page'"), "active");
    ASSERT_TEXT(rig_text(&rig, COUNT("resource_refs f JOIN resources r ON r.id = f.resource_id WHERE r.name = 'data'")), "0");
    ASSERT_TEXT(scenario_end(&rig, protected), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'data'"), "active"); /* the same one */
    ASSERT_TEXT(rig_text(&rig, COUNT("resources WHERE name = 'data'")), "1");
    ASSERT_TEXT(rig_wait(&rig, scenario_accept(&rig, &(struct rig_deploy){.score = SCORE, .allow_remove = "[\"data\", \"page\"]"})),
                "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT("resources WHERE state = 'terminated'")), "2");
}

static void test_protected_environment(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, PROVISIONERS "environments: [{name: development, type: development, protect: true}]\n");
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(&rig, WITH_RESOURCES("  data: {type: vault}\n  page: {type: probe}\n")), "completed");
    id = rig_delete(&rig, "shop", false, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(id);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'data'"), "active"); /* holds data: stays */
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'page'"), "terminated");
}

static void test_several_workloads(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id, *dir;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    dir = arena_printf(&rig.arena, "%s/manifests/shop/development/shop", rig.state);
    ASSERT_TEXT(scenario_end(&rig, "apiVersion: score.dev/v1b1\nmetadata: {name: web, application: shop}\ncontainers: {web: {image: "
                                   "'nginx:1.27'}}\nresources: {one: {type: probe}}\n"),
                "completed");
    ASSERT_TEXT(scenario_end(&rig, "apiVersion: score.dev/v1b1\nmetadata: {name: worker, application: shop}\ncontainers: {web: {image: "
                                   "'nginx:1.27'}}\nresources: {two: {type: probe}}\n"),
                "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT("specs")), "2");
    ASSERT_TEXT(rig_text(&rig, COUNT("resources WHERE live = 1 AND state = 'active'")),
                "4"); /* one workload's deployment leaves the other's alone */
    CU_ASSERT_TRUE(io_exists(dir));
    id = rig_delete(&rig, "shop", false, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(id);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT("resources WHERE live = 1")), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("manifests")), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("specs")), "0");
    CU_ASSERT_FALSE(io_exists(dir));
}

static void test_closed_and_reopened(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(scenario_end(&rig, SCORE), "completed");
    id = rig_delete(&rig, "shop", true, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(id);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT("applications WHERE closed_at IS NULL")), "1"); /* deprovisioned, and kept */
    ASSERT_TEXT(scenario_end(&rig, SCORE), "completed");
    id = rig_delete(&rig, "shop", false, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(id);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT("applications WHERE closed_at IS NOT NULL")), "1");
    ASSERT_TEXT(scenario_end(&rig, SCORE), "completed");
    ASSERT_TEXT(rig_text(&rig, COUNT("applications WHERE closed_at IS NULL")), "1");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM application_environments"), "active");
}

static void test_a_queued_plan_is_brought_up_to_date(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *first, *second;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    first = scenario_accept(&rig, &(struct rig_deploy){.score = WITH_RESOURCES("  db: {type: probe, params: {mode: slow, n: 300}}\n")});
    second = scenario_deploy(&rig, SCORE); /* knows nothing of db */
    ASSERT_TEXT(rig_wait(&rig, first), "completed");
    ASSERT_TEXT(rig_wait(&rig, second), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'db'"), "terminated");
    ASSERT_CONTAINS(rig_text(&rig, arena_printf(&rig.arena, "SELECT summary FROM deployments WHERE id = '%s'", second)), "\"remove\":1");
}

const struct test_case tests[] = {
    {"a transient failure is tried again", test_retry},
    {"what a plugin's step has kept is there when it is tried again", test_checkpoint_outlives_a_retry},
    {"retry.on says which failures are tried again", test_retry_only_of_these},
    {"a task that used up its attempts is a dead letter", test_dead_letters},
    {"a step's timeout is that of an attempt", test_step_timeout},
    {"a workflow's timeout counts while a step runs, not while it waits", test_workflow_timeout},
    {"a workflow's timeout counts parallel steps once", test_workflow_timeout_in_parallel},
    {"continueOnError goes on, and the deployment is degraded", test_continue_on_error},
    {"onFailure: continue goes on with the next workflow", test_on_failure_continue},
    {"onFailure: stop ends the deployment", test_on_failure_stop},
    {"conditions see the states of steps", test_conditions_on_states},
    {"a workflow reads another one's exports", test_exports},
    {"what a resource depends on is stored as uids", test_depends_on_uids},
    {"two applications share a resource; it goes with the last one", test_shared_between_applications},
    {"a shared resource is in one deployment's hands at a time", test_shared_at_the_same_time},
    {"shared params that disagree name the other application", test_shared_params_that_disagree_at_run_time},
    {"a failed update leaves a degraded resource that the next one repairs", test_failed_update},
    {"a replacement removes the old one first", test_replace},
    {"secrets that a resource does not give any more are gone", test_secrets_follow_their_resource},
    {"stateful resources are orphaned and adopted, protected ones stay", test_stateful_and_protected},
    {"a protected environment keeps what holds data", test_protected_environment},
    {"an application of two workloads is deleted whole", test_several_workloads},
    {"a deleted application is closed and may be opened again", test_closed_and_reopened},
    {"a queued deployment removes what the one before it made", test_a_queued_plan_is_brought_up_to_date},
    {0},
};
