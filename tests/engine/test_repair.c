/* What has drifted is repaired where that is wanted and no policy is against it, once, whenever the server dies; and the deployments of
 * kind `resource` that do it. */
#include "base/cleanup.h"
#include "base/str.h"
#include "drift.h"
#include <string.h>

/* ---- repaired ---- */

static void test_what_is_to_be_repaired_is(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *id;

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    id = scenario_deploy(&rig, REPAIRED);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    drift_change(&rig, "db", "terminated");
    rig_expect(&rig, COUNT("events WHERE type = 'resource.drift_cleared'"), "1");
    rig_expect(&rig, STATE, "active");
    rig_expect(&rig, "SELECT state FROM deployments WHERE kind = 'resource'", "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT created_by FROM deployments WHERE kind = 'resource'"), "system");
    CU_ASSERT_EQUAL(rig_calls(&rig, "repair db 2 "), 1);
    CU_ASSERT_EQUAL(rig_calls(&rig, "repair "), 1);
    ASSERT_TEXT(rig_text(&rig, "SELECT deployment_id FROM application_environments WHERE application = 'shop'"),
                id); /* what runs is the same */
    ASSERT_TEXT(rig_text(&rig, "SELECT deployment_id FROM specs WHERE application = 'shop'"), id);
    rig_expect(&rig, APPLICATION, "active");
    ASSERT_TEXT(rig_text(&rig, "SELECT COALESCE(active_deployment_id, 'free') FROM application_environments WHERE application = 'shop'"),
                "free");
    ASSERT_TEXT(rig_text(&rig, COUNT("events e JOIN deployments d ON d.id = e.deployment_id WHERE d.kind = 'resource' AND e.type IN "
                                     "('deployment.queued', 'deployment.started', 'deployment.completed')")),
                "3");
}

static void test_a_repair_that_does_not_help_is_made_ever_more_rarely(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    CLEANUP(json_put) json_t *found = NULL;

    DRIFT_BEGIN(&rig, LOOKS,
                WITH_RESOURCES("  db: {type: probe, params: {mode: flaky, n: 0}, metadata: {annotations: "
                               "{innominatus.dev/drift: repair}}}\n"));
    rig_exec(&rig, "UPDATE resources SET params = '{\"mode\":\"fail\"}' WHERE name = 'db'");
    drift_change(&rig, "db", "degraded moved");
    rig_expect(
        &rig,
        "SELECT CASE WHEN count(*) >= 2 THEN 'twice' ELSE 'not yet' END FROM deployments WHERE kind = 'resource' AND state = 'failed'",
        "twice");
    ASSERT_TEXT(rig_text(&rig, STATE), "degraded");
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'resource.drift'")), "1");
    found = drift_resource(&rig);
    CU_ASSERT(json_int(json_at(found, "drift.repair"), "attempts", 0) >= 2);
    rig_expect(&rig, APPLICATION, "degraded");
}

static void test_a_repair_that_is_tried_again_is_the_same_request(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    DRIFT_BEGIN(&rig, LOOKS,
                WITH_RESOURCES("  db: {type: probe, params: {mode: flaky, n: 1}, metadata: {annotations: "
                               "{innominatus.dev/drift: repair}}}\n"));
    drift_change(&rig, "db", "degraded moved");
    rig_expect(&rig, COUNT("events WHERE type = 'resource.drift_cleared'"), "1");
    CU_ASSERT_EQUAL(rig_calls(&rig, "repair db 2 "), 2);
    CU_ASSERT_EQUAL(rig_calls(&rig, "repair "), 2);
}

#define AGAINST(point)                                                                                                                     \
    "return {name = 'hands-off', on = '" point "', applies_to = {'resource'}, check = function(input) if input.operation == 'repair' and " \
    "input.drift.diff[1].to == 'degraded' then return {message = 'leave it alone', fix = 'ask first'} end end}\n"

static void refuse_at(const char *policy)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    CLEANUP(json_put) json_t *found = NULL;

    RIG_INIT(&rig, LOOKS "policies: {path: ./policies}\n");
    rig_write(&rig, "policies/p.lua", policy);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, REPAIRED), "completed");
    drift_change(&rig, "db", "degraded moved");
    rig_expect(&rig, STATE, "degraded");
    drift_wait_for_looks(&rig, "db", 2);
    found = drift_resource(&rig);
    ASSERT_CONTAINS(json_string_value(json_at(found, "drift.repair.denied")), "leave it alone");
    CU_ASSERT_EQUAL(rig_calls(&rig, "repair "), 0);
    ASSERT_TEXT(rig_text(&rig, ACTS), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("violations WHERE policy = 'hands-off' AND actor = 'system'")), "1"); /* not at every look */
    ASSERT_TEXT(rig_text(&rig, COUNT("audit WHERE action = 'resource.repair' AND result = 'denied'")), "1");
}

static void test_a_policy_about_deployments_refuses_a_repair(void) { refuse_at(AGAINST("deployment")); }
static void test_a_policy_about_resources_refuses_a_repair(void) { refuse_at(AGAINST("resource")); }

/* ---- crashes ---- */

static void drift_away(struct rig *rig)
{
    ASSERT_TEXT(rig_deploy(rig, REPAIRED), "completed");
    drift_change(rig, "db", "degraded moved");
    rig_expect(rig, "SELECT CASE WHEN drifted_at IS NULL THEN 'well' ELSE 'found' END" OF_DB, "found");
    rig_expect(rig, STATE, "never"); /* it dies before */
}

static void die_at(const char *failpoints, const char *acts)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, LOOKS);
    CU_ASSERT_TRUE_FATAL(rig_dies(&rig, failpoints, drift_away));
    if (strcmp(acts, "1") == 0)
        ASSERT_TEXT(rig_text_closed(&rig, "SELECT CASE WHEN drifted_at IS NULL THEN 'well' ELSE 'found' END" OF_DB), "found");
    rig_start(&rig);
    if (!str_starts(rig.database, "sqlite:"))
        rig_exec(&rig, "UPDATE resources SET check_at = 1 WHERE check_owner IS NOT NULL"); /* the claim of the dead has run out */
    rig_expect(&rig, COUNT("deployments WHERE kind = 'resource' AND state = 'completed'"), "1");
    rig_expect(&rig, STATE, "active");
    CU_ASSERT_EQUAL(rig_calls(&rig, "create db "), 1);
    CU_ASSERT(rig_calls(&rig, "repair db ") >= 1);
}

static void test_a_crash_before_the_record_loses_nothing(void) { die_at("engine.before_repair_accept=kill@1", "0"); }
static void test_a_crash_between_found_and_repaired_repairs(void) { die_at("engine.after_repair_accept=kill@1", "1"); }

/* ---- kind resource ---- */

static void test_an_act_waits_for_the_lock_of_its_application(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *first, *act;

    DRIFT_BEGIN(&rig, PROBE_CONFIG, DB());
    first = scenario_deploy(&rig, WITH_RESOURCES("  db: {type: probe}\n  slow: {type: probe, params: {mode: slow, n: 300}}\n"));
    act = rig_act(&rig, "db", "repair", "{\"force\":true}", &err);
    ASSERT_OK(act ? 0 : -1, err);
    ASSERT_TEXT(rig_wait(&rig, first), "completed");
    ASSERT_TEXT(rig_wait(&rig, act), "completed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "repair db 2 "), 1);
    ASSERT_TEXT(rig_text(&rig, arena_printf(&rig.arena,
                                            "SELECT CASE WHEN a.started_at >= f.finished_at THEN 'afterwards' ELSE 'meanwhile' END "
                                            "FROM deployments a, deployments f WHERE a.id = '%s' AND f.id = '%s'",
                                            act, first)),
                "afterwards");
    ASSERT_TEXT(rig_text(&rig, "SELECT deployment_id FROM application_environments WHERE application = 'shop'"), first);
}

static void test_a_repair_of_what_has_not_drifted_calls_nobody(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};

    DRIFT_BEGIN(&rig, PROBE_CONFIG, DB());
    ASSERT_TEXT(rig_wait(&rig, rig_act(&rig, "db", "repair", NULL, &err)), "completed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "repair "), 0);
    ASSERT_TEXT(rig_text(&rig, STATE), "active");
}

static void test_an_act_is_canceled_like_a_deployment(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *act;

    DRIFT_BEGIN(&rig, PROBE_CONFIG, DB());
    rig_exec(&rig, "UPDATE resources SET params = '{\"mode\":\"wait\"}' WHERE name = 'db'");
    act = rig_act(&rig, "db", "repair", "{\"force\":true}", &err);
    rig_expect_calls(&rig, "repair db ", 1);
    rig_cancel(&rig, act, &err);
    ASSERT_TEXT(rig_wait(&rig, act), "canceled");
    ASSERT_TEXT(rig_text(&rig, STATE), "degraded");
    ASSERT_TEXT(rig_text(&rig, APPLICATION), "degraded");
    ASSERT_TEXT(rig_text(&rig, "SELECT COALESCE(active_deployment_id, 'free') FROM application_environments WHERE application = 'shop'"),
                "free");
}

static void test_an_act_on_what_is_not_there_is_refused(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};

    DRIFT_BEGIN(&rig, PROBE_CONFIG, DB());
    CU_ASSERT_PTR_NULL(rig_act(&rig, "nothing", "repair", NULL, &err));
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    rig_exec(&rig, "UPDATE resources SET state = 'orphaned' WHERE name = 'db'");
    CU_ASSERT_PTR_NULL(rig_act(&rig, "db", "repair", NULL, &err));
    CU_ASSERT_EQUAL(err.code, ERR_CONFLICT);
}

const struct test_case tests[] = {
    {"what is to be repaired is", test_what_is_to_be_repaired_is},
    {"a repair that is tried again is the same request", test_a_repair_that_is_tried_again_is_the_same_request},
    {"a repair that does not help is made ever more rarely", test_a_repair_that_does_not_help_is_made_ever_more_rarely},
    {"a policy about deployments refuses a repair", test_a_policy_about_deployments_refuses_a_repair},
    {"a policy about resources refuses a repair", test_a_policy_about_resources_refuses_a_repair},
    {"a crash before the record loses nothing", test_a_crash_before_the_record_loses_nothing},
    {"a crash between found and repaired repairs", test_a_crash_between_found_and_repaired_repairs},
    {"an act waits for the lock of its application", test_an_act_waits_for_the_lock_of_its_application},
    {"a repair of what has not drifted calls nobody", test_a_repair_of_what_has_not_drifted_calls_nobody},
    {"an act is canceled like a deployment", test_an_act_is_canceled_like_a_deployment},
    {"an act on what is not there is refused", test_an_act_on_what_is_not_there_is_refused},
    {0},
};
