/* The engine with the real store and the bundled provisioner: what a deployment does, changes, removes, waits for and survives. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "rig.h"
#include "scenario.h"
#include "test.h"
#include <string.h>

#define WITH_VOLUME SCORE "resources:\n  data: {type: volume, params: {size: 1Gi}}\n  web: {type: dns}\n"

static const char count_active[] = "SELECT CAST(count(*) AS TEXT) FROM resources WHERE live = 1 AND state = 'active'";

static void test_deploy(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, WITH_VOLUME), "completed");
    ASSERT_TEXT(rig_text(&rig, count_active), "3"); /* data, web, the workload */
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM application_environments"), "active");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT outputs FROM resources WHERE name = 'data'"), "\"path\"");
    CU_ASSERT_TRUE(io_exists(arena_printf(&rig.arena, "%s/state/manifests/shop/development/shop", rig.dir)));
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(count(*) AS TEXT) FROM tasks"), "0");
}

static void test_unchanged_update_remove(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, WITH_VOLUME), "completed");
    ASSERT_TEXT(rig_deploy(&rig, WITH_VOLUME), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(generation AS TEXT) FROM resources WHERE name = 'data'"), "1");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(count(*) AS TEXT) FROM step_logs WHERE step = 'data' AND text LIKE 'unchanged%'"), "1");
    ASSERT_TEXT(rig_deploy(&rig, SCORE "resources:\n  data: {type: volume, params: {size: 2Gi}}\n"), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(generation AS TEXT) FROM resources WHERE name = 'data'"), "2");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'web'"), "terminated"); /* left the file */
    ASSERT_TEXT(rig_deploy(&rig, SCORE), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'data'"), "orphaned"); /* holds data */
    ASSERT_TEXT(rig_deploy(&rig, WITH_VOLUME), "completed");                                    /* taken up again */
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'data' AND live = 1"), "active");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(count(*) AS TEXT) FROM resources WHERE name = 'data'"), "1");
}

static void test_delete(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, WITH_VOLUME), "completed");
    id = rig_delete(&rig, "shop", false, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(id);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(count(*) AS TEXT) FROM resources WHERE live = 1"), "0");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM application_environments"), "deleted");
    CU_ASSERT_PTR_NULL(rig_delete(&rig, "shop", false, &err));
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    ASSERT_TEXT(rig_deploy(&rig, WITH_VOLUME), "completed"); /* and it may come back */
}

static void test_lua_and_outputs(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    ASSERT_TEXT(
        rig_deploy(
            &rig,
            APP_WORKFLOW("      - {name: compute, type: lua, config: {n: 20, script: 'return {double = config.n * 2, list = {1, 2}}'}}\n"
                         "      - {name: later, type: delay, config: {duration: 50ms}}\n"
                         "      - {name: check, type: validation, config: {checks: [{when: 'steps.compute.outputs.double == 40', message: "
                         "wrong}]}}\n"
                         "      - {name: never, type: lua, when: 'steps.compute.outputs.double == 1', config: {script: 'error(1)'}}\n"
                         "      - {name: use, type: lua, config: {v: '${steps.compute.outputs.double}', script: 'return {same = config.v "
                         "== 40}'}}\n")),
        "completed");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT outputs FROM steps WHERE name = 'use'"), "\"same\":true");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM steps WHERE name = 'never'"), "skipped");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT skipped_reason FROM steps WHERE name = 'never'"), "when: ");
}

static void test_failure_names_the_step(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *id;

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    id = scenario_accept(
        &rig, &(struct rig_deploy){
                  .score = APP_WORKFLOW(
                      "      - {name: check, type: validation, config: {checks: [{when: 'false', message: the moon is full, fix: wait}]}}\n"
                      "      - {name: after, type: lua, config: {script: 'return {}'}}\n")});
    ASSERT_TEXT(rig_wait(&rig, id), "failed");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT error FROM deployments"), "the moon is full");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM steps WHERE name = 'after'"), "skipped");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM application_environments"), "failed");
    ASSERT_TEXT(rig_text(&rig, "SELECT COALESCE(active_deployment_id, 'free') FROM application_environments"), "free");
}

static void test_one_at_a_time(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    static const char slow[] = APP_WORKFLOW("      - {name: wait, type: delay, config: {duration: 300ms}}\n");
    const char *ids[3];
    struct err err = {0};

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    for (int i = 0; i < 3; i++) {
        ids[i] = rig_accept(&rig, &(struct rig_deploy){.score = slow}, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(ids[i]);
    }
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(count(*) AS TEXT) FROM deployments WHERE state = 'queued'"), "2");
    for (int i = 0; i < 3; i++)
        ASSERT_TEXT(rig_wait(&rig, ids[i]), "completed");
    /* none began before the one before it had ended */
    ASSERT_TEXT(
        rig_text(&rig,
                 "SELECT CAST(count(*) AS TEXT) FROM deployments a JOIN deployments b ON a.id < b.id WHERE b.started_at < a.finished_at"),
        "0");
}

static void test_cancel(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *running, *queued;
    struct err err = {0};

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    running =
        rig_accept(&rig, &(struct rig_deploy){.score = APP_WORKFLOW("      - {name: wait, type: delay, config: {duration: 1h}}\n")}, &err);
    queued = rig_accept(&rig, &(struct rig_deploy){.score = SCORE}, &err);
    CU_ASSERT_TRUE_FATAL(running && queued);
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'wait'", "waiting");
    rig_cancel(&rig, running, &err);
    CU_ASSERT_EQUAL(err.code, ERR_NONE);
    ASSERT_TEXT(rig_wait(&rig, running), "canceled");
    ASSERT_TEXT(rig_wait(&rig, queued), "completed"); /* the lock went on */
    rig_cancel(&rig, running, &err);
    CU_ASSERT_EQUAL(err.code, ERR_CONFLICT);
    rig_cancel(&rig, "d-00000000000000000000000000", &err);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
}

static void test_cancel_stops_a_script(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *id;
    struct err err = {0};

    RIG_INIT(&rig, "provisioners:\n  - {name: local, plugin: local}\nworkflowPolicies: {luaStep: {wallClock: 10m}}\n");
    rig_start(&rig);
    id = scenario_deploy(&rig, APP_WORKFLOW("      - {name: spin, type: lua, config: {script: 'while true do end'}}\n"));
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'spin'", "running");
    rig_cancel(&rig, id, &err);
    ASSERT_TEXT(rig_wait(&rig, id), "canceled");
}

static void test_restart_goes_on(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *id;

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    id = scenario_deploy(&rig, APP_WORKFLOW("      - {name: before, type: lua, config: {script: 'return {a = 1}'}}\n"
                                            "      - {name: wait, type: delay, config: {duration: 1s}}\n"
                                            "      - {name: after, type: lua, config: {script: 'return {b = 2}'}}\n"));
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'wait'", "waiting");
    rig_stop(&rig);
    rig_start(&rig);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(count(*) AS TEXT) FROM steps WHERE name = 'before' AND attempt = 1"), "1");
}

static void test_secrets_stay_references(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, "apiVersion: score.dev/v1b1\nmetadata: {name: shop}\ncontainers: {web: {image: 'nginx:1.27', variables: "
                                 "{URL: 'pg://u:${resources.pw.password}@h'}}}\n"
                                 "resources: {pw: {type: secret}}\n"),
                "completed");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT outputs FROM resources WHERE name = 'pw'"), "{\"$secret\":\"resource:r-");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT params FROM resources WHERE type = 'workload'"), "template:pg://u:${resource:r-");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(count(*) AS TEXT) FROM secrets"), "1");
}

static void test_denial_stores_nothing(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};

    RIG_INIT(
        &rig,
        "provisioners:\n  - {name: local, plugin: local}\nworkflowPolicies: {workflowsRoot: ./workflows, allowedProductWorkflows: []}\n");
    rig_write(&rig, "workflows/products/ecommerce/setup.yaml",
              "apiVersion: workflow.dev/v1\nkind: ProductWorkflow\nmetadata: {name: setup, product: ecommerce, phase: deployment}\nspec:\n "
              " triggers: [product_deployment]\n"
              "  steps:\n    - {name: one, type: lua, config: {script: 'return {}'}}\n");
    rig_start(&rig);
    CU_ASSERT_PTR_NULL(rig_accept(
        &rig,
        &(struct rig_deploy){
            .score = "apiVersion: score.dev/v1b1\nmetadata: {name: shop, product: ecommerce}\ncontainers: {web: {image: 'nginx:1.27'}}\n"},
        &err));
    CU_ASSERT_EQUAL(err.code, ERR_DENIED);
    ASSERT_CONTAINS(err.msg, "ecommerce/setup");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(count(*) AS TEXT) FROM deployments"), "0");
    ASSERT_TEXT(rig_text(&rig, "SELECT result FROM audit WHERE action = 'deployment.accept'"), "denied");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT policy FROM violations"), "allowed-product-workflows");
}

static void test_supersede(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *first, *old, *new;
    struct err err = {0};

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    first = rig_accept(&rig, &(struct rig_deploy){.score = APP_WORKFLOW("      - {name: wait, type: delay, config: {duration: 500ms}}\n")},
                       &err);
    old = rig_accept(&rig, &(struct rig_deploy){.score = SCORE}, &err);
    new = rig_accept(&rig, &(struct rig_deploy){.score = SCORE, .supersede = true}, &err);
    CU_ASSERT_TRUE_FATAL(first && old && new);
    ASSERT_TEXT(rig_wait(&rig, old), "superseded");
    ASSERT_TEXT(rig_wait(&rig, first), "completed");
    ASSERT_TEXT(rig_wait(&rig, new), "completed");
}

static void test_teams_do_not_meet(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, WITH_VOLUME), "completed");
    snprintf(rig.user.team, sizeof rig.user.team, "other");
    id = scenario_accept(&rig, &(struct rig_deploy){.score = WITH_VOLUME, .team = "other"});
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(count(DISTINCT outputs) AS TEXT) FROM resources WHERE name = 'data'"), "2");
    CU_ASSERT_PTR_NULL(rig_accept(
        &rig,
        &(struct rig_deploy){
            .score = "apiVersion: score.dev/v1b1\nmetadata: {name: shop, team: shop}\ncontainers: {web: {image: 'nginx:1.27'}}\n",
            .team = "other"},
        &err));
    CU_ASSERT_EQUAL(err.code, ERR_FORBIDDEN);
}

const struct test_case tests[] = {
    {"a deployment ends with every resource active", test_deploy},
    {"unchanged does nothing, changed updates, gone is removed or orphaned", test_unchanged_update_remove},
    {"a deletion removes everything, once", test_delete},
    {"lua, delay, validation and conditions pass outputs on", test_lua_and_outputs},
    {"a failed step fails its deployment and frees the lock", test_failure_names_the_step},
    {"one deployment at a time for an application", test_one_at_a_time},
    {"a cancel ends what waits and hands the lock on", test_cancel},
    {"a cancel stops a script", test_cancel_stops_a_script},
    {"a restart goes on where it stopped and repeats nothing", test_restart_goes_on},
    {"secrets are stored as references", test_secrets_stay_references},
    {"a denial stores the audit row and the violations alone", test_denial_stores_nothing},
    {"a newer deployment supersedes a queued one", test_supersede},
    {"two teams with one name never meet", test_teams_do_not_meet},
    {0},
};
