/* Resources that change behind the engine's back: found, told once, repaired where that is wanted, and never mistaken for a backend that is
 * down or for a deployment at work. The probe is told by a file what it finds. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/str.h"
#include "resource/drift.h"
#include "resource/resource_read.h"
#include "rig.h"
#include "scenario.h"
#include "test.h"
#include <pthread.h>
#include <string.h>

#define LOOKS       PROBE_CONFIG "drift: {interval: 150ms, jitter: 0.2}\n"
#define DB()        WITH_RESOURCES("  db: {type: probe}\n")
#define REPAIRED    WITH_RESOURCES("  db: {type: probe, metadata: {annotations: {innominatus.dev/drift: repair}}}\n")
#define OF_DB       " FROM resources WHERE name = 'db' AND live = 1"
#define STATE       "SELECT state" OF_DB
#define APPLICATION "SELECT state FROM application_environments WHERE application = 'shop'"
#define ACTS        COUNT("deployments WHERE kind = 'resource'")

static const struct read_scope shop = {"default", "shop"};

static void say(struct rig *rig, const char *file, const char *finds)
{
    const char *path = arena_printf(&rig->arena, "%s/plugins/probe/%s", rig->state, file);
    struct err err = {0};

    if (finds)
        ASSERT_OK(io_write_atomic(path, finds, strlen(finds), 0644, &err), err);
    else
        unlink(path);
}

/* What the probe finds from now on; NULL: what was applied. */
static void change(struct rig *rig, const char *name, const char *finds) { say(rig, arena_printf(&rig->arena, "says.%s", name), finds); }

/* Waits until it has been looked at again, with an answer. */
static void wait_for_looks(struct rig *rig, const char *name, int looks)
{
    const char *sql = arena_printf(&rig->arena, "SELECT CAST(COALESCE(checked_at, 0) AS TEXT) FROM resources WHERE name = '%s'", name);

    for (int i = 0; i < looks; i++) {
        const char *before = rig_text(rig, sql);

        rig_expect(
            rig,
            arena_printf(&rig->arena,
                         "SELECT CASE WHEN COALESCE(checked_at, 0) > %s THEN 'again' ELSE 'not yet' END FROM resources WHERE name = '%s'",
                         before, name),
            "again");
    }
}

static json_t *resource(struct rig *rig)
{
    json_t *found = NULL;
    struct err err = {0};

    ASSERT_OK(resource_read_one(rig->store, &shop, rig_text(rig, "SELECT id" OF_DB), &found, &err), err);
    return found;
}

/* ---- found ---- */

static void test_a_change_behind_our_back_is_found_and_told_once(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    CLEANUP(json_put) json_t *found = NULL;

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
    wait_for_looks(&rig, "db", 1);
    ASSERT_TEXT(rig_text(&rig, STATE), "active");
    change(&rig, "db", "degraded somebody has moved it");
    rig_expect(&rig, STATE, "degraded");
    wait_for_looks(&rig, "db", 2);
    found = resource(&rig);
    ASSERT_TEXT(json_string_value(json_at(found, "drift.reason")), "somebody has moved it");
    ASSERT_TEXT(json_string_value(json_at(found, "drift.diff.0.path")), "/state");
    ASSERT_TEXT(json_string_value(json_at(found, "drift.diff.0.from")), "active");
    ASSERT_TEXT(json_string_value(json_at(found, "drift.diff.0.to")), "degraded");
    CU_ASSERT_PTR_NOT_NULL(json_at(found, "drift.detected_at"));
    CU_ASSERT_PTR_NOT_NULL(json_at(found, "checked_at"));
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'resource.drift'")), "1");
    ASSERT_TEXT(rig_text(&rig, COUNT("audit WHERE action = 'resource.drift' AND actor = 'system'")), "1");
    ASSERT_TEXT(rig_text(&rig, APPLICATION), "degraded");
    ASSERT_TEXT(rig_text(&rig, ACTS), "0");
}

static void test_what_is_put_right_by_hand_is_well_again(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
    change(&rig, "db", "degraded moved");
    rig_expect(&rig, STATE, "degraded");
    change(&rig, "db", NULL);
    rig_expect(&rig, STATE, "active");
    ASSERT_TEXT(rig_text(&rig, "SELECT COALESCE(drift, 'none')" OF_DB), "none");
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'resource.drift_cleared'")), "1");
    ASSERT_TEXT(rig_text(&rig, COUNT("audit WHERE action = 'resource.drift_cleared'")), "1");
    ASSERT_TEXT(rig_text(&rig, APPLICATION), "active");
}

static void test_what_is_gone_has_drifted(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
    change(&rig, "db", "terminated");
    rig_expect(&rig, STATE, "degraded");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT drift" OF_DB), "\"to\":\"terminated\"");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(live AS TEXT) FROM resources WHERE name = 'db'"), "1"); /* it is still wanted */
}

static void test_another_output_than_the_recorded_one_is_drift(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
    change(&rig, "db", "elsewhere");
    rig_expect(&rig, STATE, "degraded");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT drift" OF_DB), "\"diff\":[{\"path\":\"/outputs/address\",\"from\":\"db\",\"to\":\"moved\"}]");
}

static void test_what_a_plan_would_change_is_drift(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    CLEANUP(json_put) json_t *found = NULL;

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
    say(&rig, "plan.db", "transient");
    rig_expect(&rig, "SELECT CASE WHEN check_failures >= 1 THEN 'asked' ELSE 'not yet' END" OF_DB, "asked");
    ASSERT_TEXT(rig_text(&rig, STATE), "active");
    say(&rig, "plan.db", "[{\"path\":\"/size\",\"from\":1,\"to\":2}]");
    rig_expect(&rig, STATE, "degraded");
    found = resource(&rig);
    ASSERT_TEXT(json_string_value(json_at(found, "drift.status")), "active");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT drift" OF_DB), "\"diff\":[{\"path\":\"/size\",\"from\":2,\"to\":1}]");
    say(&rig, "plan.db", NULL);
    rig_expect(&rig, STATE, "active");
}

static void test_a_deployment_repairs_what_has_drifted_too(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
    change(&rig, "db", "degraded moved");
    rig_expect(&rig, STATE, "degraded");
    rig_configure(&rig, PROBE_CONFIG "drift: {enabled: false}\n");
    rig_stop(&rig);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
    rig_expect_calls(&rig, "update db ", 1);
    ASSERT_TEXT(rig_text(&rig, STATE), "active");
    ASSERT_TEXT(rig_text(&rig, "SELECT COALESCE(drift, 'none')" OF_DB), "none");
    ASSERT_TEXT(rig_text(&rig, APPLICATION), "active");
}

/* ---- not found ---- */

static void test_a_backend_that_is_down_is_no_drift(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    CLEANUP(json_put) json_t *found = NULL;

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, REPAIRED), "completed");
    change(&rig, "db", "transient");
    rig_expect(&rig, "SELECT CASE WHEN check_failures >= 2 THEN 'twice' ELSE 'not yet' END" OF_DB, "twice");
    ASSERT_TEXT(rig_text(&rig, STATE), "active");
    found = resource(&rig);
    CU_ASSERT_PTR_NULL(json_at(found, "drift"));
    ASSERT_TEXT(json_string_value(json_at(found, "check_error.class")), "TRANSIENT");
    ASSERT_CONTAINS(json_string_value(json_at(found, "check_error.message")), "127.0.0.1:1 is down");
    change(&rig, "db", NULL);
    rig_expect(&rig, "SELECT COALESCE(check_error, 'none')" OF_DB, "none");
    ASSERT_TEXT(rig_text(&rig, ACTS), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'resource.drift'")), "0");
}

static void test_what_is_to_be_ignored_is_not_looked_at(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, WITH_RESOURCES("  db: {type: probe, metadata: {annotations: {innominatus.dev/drift: ignore}}}\n"
                                                "  eye: {type: probe}\n")),
                "completed");
    change(&rig, "db", "degraded moved");
    wait_for_looks(&rig, "eye", 3);
    ASSERT_TEXT(rig_text(&rig, STATE), "active");
    ASSERT_TEXT(rig_text(&rig, "SELECT CASE WHEN checked_at IS NULL THEN 'never' ELSE 'looked' END" OF_DB), "never");
    ASSERT_TEXT(rig_deploy(&rig, WITH_RESOURCES("  db: {type: probe}\n  eye: {type: probe}\n")), "completed"); /* the annotation has gone */
    rig_expect(&rig, STATE, "degraded");
}

static void test_what_is_not_ignored_any_more_is_looked_at_when_anything_is(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, WITH_RESOURCES("  db: {type: probe, metadata: {annotations: {innominatus.dev/drift: ignore}}}\n"
                                                "  eye: {type: probe, metadata: {annotations: {innominatus.dev/drift: ignore}}}\n")),
                "completed");
    rig_configure(&rig, PROBE_CONFIG "drift: {enabled: false}\n");
    rig_stop(&rig);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, WITH_RESOURCES("  db: {type: probe}\n  eye: {type: probe, params: {n: 2}}\n")), "completed");
    rig_configure(&rig, LOOKS);
    rig_stop(&rig);
    rig_start(&rig);
    wait_for_looks(&rig, "db", 1);
    wait_for_looks(&rig, "eye", 1);
}

static void test_nothing_is_looked_at_while_a_deployment_works_on_its_application(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
    id = scenario_deploy(&rig, WITH_RESOURCES("  db: {type: probe}\n  slow: {type: probe, params: {mode: wait}}\n"));
    rig_expect(&rig, "SELECT state FROM resources WHERE name = 'slow'", "provisioning");
    change(&rig, "db", "degraded moved");
    for (int i = 0; i < 3; i++) /* it is put off, again and again */
        rig_expect(&rig,
                   arena_printf(&rig.arena, "SELECT CASE WHEN check_at > %s THEN 'later' ELSE 'not yet' END" OF_DB,
                                rig_text(&rig, "SELECT CASE WHEN check_owner IS NULL THEN CAST(check_at AS TEXT) ELSE '0' END" OF_DB)),
                   "later");
    ASSERT_TEXT(rig_text(&rig, STATE), "active");
    rig_cancel(&rig, id, &err);
    ASSERT_TEXT(rig_wait(&rig, id), "canceled");
    rig_expect(&rig, STATE, "degraded");
}

/* The look was claimed before the deployment began, and its answer comes after that has failed. */
static void test_a_look_that_a_deployment_has_overtaken_says_nothing(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
    change(&rig, "db", "later");
    rig_expect_calls(&rig, "look db ", 1);
    ASSERT_TEXT(rig_deploy(&rig, WITH_RESOURCES("  db: {type: probe, params: {mode: fail}}\n")), "failed");
    change(&rig, "db", "degraded as it was before");
    rig_expect(&rig, "SELECT COALESCE(check_owner, 'nobody')" OF_DB, "nobody");
    ASSERT_TEXT(rig_text(&rig, "SELECT COALESCE(drift, 'none')" OF_DB), "none");
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'resource.drift'")), "0");
    ASSERT_TEXT(rig_text(&rig, STATE), "degraded"); /* by the deployment */
}

static void test_no_secret_stands_in_what_differs(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *drift;

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, WITH_RESOURCES("  db: {type: probe, params: {secrets: password}}\n")), "completed");
    say(&rig, "plan.db",
        "[{\"path\":\"/password\",\"from\":\"set by hand\",\"to\":\"hunter2\"},{\"path\":\"/size\",\"from\":1,\"to\":2},"
        "{\"path\":\"/url\",\"from\":\"pg://u:other@h\",\"to\":\"pg://u:hunter2@h\"}]");
    change(&rig, "db", "degraded hunter2 does not open it");
    rig_expect(&rig, STATE, "degraded");
    drift = rig_text(&rig, "SELECT drift" OF_DB);
    ASSERT_CONTAINS(drift, "{\"path\":\"/password\",\"from\":\"***\",\"to\":\"***\"},{\"path\":\"/size\",\"from\":2,\"to\":1},"
                           "{\"path\":\"/url\",\"from\":\"***\",\"to\":\"***\"}");
    ASSERT_CONTAINS(drift, "*** does not open it");
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE data LIKE '%hunter2%' OR data LIKE '%by hand%' OR data LIKE '%other@h%'")), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("audit WHERE detail LIKE '%hunter2%'")), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("resource_history WHERE reason LIKE '%hunter2%'")), "0");
}

static void test_resources_of_older_releases_are_given_a_time(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG "drift: {enabled: false}\n");
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT COALESCE(CAST(check_at AS TEXT), 'none')" OF_DB), "none");
    rig_stop(&rig);
    rig_configure(&rig, LOOKS);
    rig_start(&rig);
    wait_for_looks(&rig, "db", 1);
}

/* ---- repaired ---- */

static void test_what_is_to_be_repaired_is(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *id;

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    id = scenario_deploy(&rig, REPAIRED);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    change(&rig, "db", "terminated");
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

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, WITH_RESOURCES("  db: {type: probe, params: {mode: flaky, n: 0}, metadata: {annotations: "
                                                "{innominatus.dev/drift: repair}}}\n")),
                "completed");
    rig_exec(&rig, "UPDATE resources SET params = '{\"mode\":\"fail\"}' WHERE name = 'db'");
    change(&rig, "db", "degraded moved");
    rig_expect(
        &rig,
        "SELECT CASE WHEN count(*) >= 2 THEN 'twice' ELSE 'not yet' END FROM deployments WHERE kind = 'resource' AND state = 'failed'",
        "twice");
    ASSERT_TEXT(rig_text(&rig, STATE), "degraded");
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'resource.drift'")), "1");
    found = resource(&rig);
    CU_ASSERT(json_int(json_at(found, "drift.repair"), "attempts", 0) >= 2);
    rig_expect(&rig, APPLICATION, "degraded");
}

static void test_a_repair_that_is_tried_again_is_the_same_request(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, LOOKS);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, WITH_RESOURCES("  db: {type: probe, params: {mode: flaky, n: 1}, metadata: {annotations: "
                                                "{innominatus.dev/drift: repair}}}\n")),
                "completed");
    change(&rig, "db", "degraded moved");
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
    change(&rig, "db", "degraded moved");
    rig_expect(&rig, STATE, "degraded");
    wait_for_looks(&rig, "db", 2);
    found = resource(&rig);
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
    change(rig, "db", "degraded moved");
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

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
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

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
    ASSERT_TEXT(rig_wait(&rig, rig_act(&rig, "db", "repair", NULL, &err)), "completed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "repair "), 0);
    ASSERT_TEXT(rig_text(&rig, STATE), "active");
}

static void test_an_act_is_canceled_like_a_deployment(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *act;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
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

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, DB()), "completed");
    CU_ASSERT_PTR_NULL(rig_act(&rig, "nothing", "repair", NULL, &err));
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    rig_exec(&rig, "UPDATE resources SET state = 'orphaned' WHERE name = 'db'");
    CU_ASSERT_PTR_NULL(rig_act(&rig, "db", "repair", NULL, &err));
    CU_ASSERT_EQUAL(err.code, ERR_CONFLICT);
}

/* ---- claims ---- */

#define ROWS 60

struct claimer {
    struct rig *rig;
    const char *owner;
    int seen[ROWS], taken;
};

static int claim_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct claimer *c = ctx;
    CLEANUP(arena_fini) struct arena arena = {0};
    struct drift_look *look = NULL;
    int64_t now = clock_steady_us();

    c->taken = 0;
    if (drift_claim(tx, c->owner, now, now + 60 * US_PER_SEC, &(struct drift_pace){US_PER_SEC, 0}, 3, &arena, &look, err) < 0)
        return -1;
    for (; look; look = look->next)
        c->seen[c->taken++] = atoi(look->row->name);
    return 0;
}

static void *claim_all(void *ctx)
{
    struct claimer *c = ctx, one = {c->rig, c->owner, {0}, 0};
    struct err err = {0};

    do {
        if (store_write_wait(c->rig->store, claim_unit, &one, &err) < 0)
            return NULL;
        for (int i = 0; i < one.taken; i++)
            c->seen[one.seen[i]]++;
    } while (one.taken > 0);
    return c;
}

static void test_nobody_looks_at_what_another_one_looks_at(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct claimer claimers[3] = {{&rig, "one", {0}, 0}, {&rig, "two", {0}, 0}, {&rig, "three", {0}, 0}};
    pthread_t threads[3];
    int twice = 0, never = 0;

    RIG_INIT(&rig, PROBE_CONFIG "drift: {enabled: false}\n");
    rig_start(&rig);
    for (int i = 0; i < ROWS; i++)
        rig_exec(&rig,
                 arena_printf(&rig.arena,
                              "INSERT INTO resources (id, org, team, environment, uid, name, type, class, application, workload, state, "
                              "params, target_hash, applied_hash, provisioner, generation, created_at, updated_at, check_at) VALUES "
                              "('r-%d', 'default', 'shop', 'development', 'probe.default#%d', '%d', 'probe', 'default', 'shop', 'shop', "
                              "'active', '{}', 'h', 'h', 'probe', 1, 1, 1, 5)",
                              i, i, i));
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, claim_all, &claimers[i]), 0);
    for (int i = 0; i < 3; i++) {
        void *fine = NULL;

        pthread_join(threads[i], &fine);
        CU_ASSERT_PTR_NOT_NULL(fine);
    }
    for (int i = 0; i < ROWS; i++) {
        int seen = claimers[0].seen[i] + claimers[1].seen[i] + claimers[2].seen[i];

        twice += seen > 1;
        never += seen == 0;
    }
    CU_ASSERT_EQUAL(twice, 0);
    CU_ASSERT_EQUAL(never, 0);
}

const struct test_case tests[] = {
    {"a change behind our back is found and told once", test_a_change_behind_our_back_is_found_and_told_once},
    {"what is put right by hand is well again", test_what_is_put_right_by_hand_is_well_again},
    {"what is gone has drifted", test_what_is_gone_has_drifted},
    {"another output than the recorded one is drift", test_another_output_than_the_recorded_one_is_drift},
    {"what a plan would change is drift", test_what_a_plan_would_change_is_drift},
    {"a deployment repairs what has drifted too", test_a_deployment_repairs_what_has_drifted_too},
    {"a backend that is down is no drift", test_a_backend_that_is_down_is_no_drift},
    {"what is to be ignored is not looked at", test_what_is_to_be_ignored_is_not_looked_at},
    {"what is not ignored any more is looked at when anything is", test_what_is_not_ignored_any_more_is_looked_at_when_anything_is},
    {"nothing is looked at while a deployment works on its application",
     test_nothing_is_looked_at_while_a_deployment_works_on_its_application},
    {"a look that a deployment has overtaken says nothing", test_a_look_that_a_deployment_has_overtaken_says_nothing},
    {"no secret stands in what differs", test_no_secret_stands_in_what_differs},
    {"resources of older releases are given a time", test_resources_of_older_releases_are_given_a_time},
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
    {"nobody looks at what another one looks at", test_nobody_looks_at_what_another_one_looks_at},
    {0},
};
