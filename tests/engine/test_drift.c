/* Resources that change behind the engine's back: found, told once, and never mistaken for a backend that is down or for a deployment at
 * work. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "drift.h"
#include "resource/drift.h"
#include <pthread.h>
#include <string.h>

/* ---- found ---- */

static void test_a_change_behind_our_back_is_found_and_told_once(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    CLEANUP(json_put) json_t *found = NULL;

    DRIFT_BEGIN(&rig, LOOKS, DB());
    drift_wait_for_looks(&rig, "db", 1);
    ASSERT_TEXT(rig_text(&rig, STATE), "active");
    drift_change(&rig, "db", "degraded somebody has moved it");
    rig_expect(&rig, STATE, "degraded");
    drift_wait_for_looks(&rig, "db", 2);
    found = drift_resource(&rig);
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

    DRIFT_BEGIN(&rig, LOOKS, DB());
    drift_change(&rig, "db", "degraded moved");
    rig_expect(&rig, STATE, "degraded");
    drift_change(&rig, "db", NULL);
    rig_expect(&rig, STATE, "active");
    ASSERT_TEXT(rig_text(&rig, "SELECT COALESCE(drift, 'none')" OF_DB), "none");
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'resource.drift_cleared'")), "1");
    ASSERT_TEXT(rig_text(&rig, COUNT("audit WHERE action = 'resource.drift_cleared'")), "1");
    ASSERT_TEXT(rig_text(&rig, APPLICATION), "active");
}

static void test_what_is_gone_has_drifted(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    DRIFT_BEGIN(&rig, LOOKS, DB());
    drift_change(&rig, "db", "terminated");
    rig_expect(&rig, STATE, "degraded");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT drift" OF_DB), "\"to\":\"terminated\"");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(live AS TEXT) FROM resources WHERE name = 'db'"), "1"); /* it is still wanted */
}

static void test_another_output_than_the_recorded_one_is_drift(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    DRIFT_BEGIN(&rig, LOOKS, DB());
    drift_change(&rig, "db", "elsewhere");
    rig_expect(&rig, STATE, "degraded");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT drift" OF_DB), "\"diff\":[{\"path\":\"/outputs/address\",\"from\":\"db\",\"to\":\"moved\"}]");
}

static void test_what_a_plan_would_change_is_drift(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    CLEANUP(json_put) json_t *found = NULL;

    DRIFT_BEGIN(&rig, LOOKS, DB());
    drift_say(&rig, "plan.db", "transient");
    rig_expect(&rig, "SELECT CASE WHEN check_failures >= 1 THEN 'asked' ELSE 'not yet' END" OF_DB, "asked");
    ASSERT_TEXT(rig_text(&rig, STATE), "active");
    drift_say(&rig, "plan.db", "[{\"path\":\"/size\",\"from\":1,\"to\":2}]");
    rig_expect(&rig, STATE, "degraded");
    found = drift_resource(&rig);
    ASSERT_TEXT(json_string_value(json_at(found, "drift.status")), "active");
    ASSERT_CONTAINS(rig_text(&rig, "SELECT drift" OF_DB), "\"diff\":[{\"path\":\"/size\",\"from\":2,\"to\":1}]");
    drift_say(&rig, "plan.db", NULL);
    rig_expect(&rig, STATE, "active");
}

static void test_a_deployment_repairs_what_has_drifted_too(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    DRIFT_BEGIN(&rig, LOOKS, DB());
    drift_change(&rig, "db", "degraded moved");
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

    DRIFT_BEGIN(&rig, LOOKS, REPAIRED);
    drift_change(&rig, "db", "transient");
    rig_expect(&rig, "SELECT CASE WHEN check_failures >= 2 THEN 'twice' ELSE 'not yet' END" OF_DB, "twice");
    ASSERT_TEXT(rig_text(&rig, STATE), "active");
    found = drift_resource(&rig);
    CU_ASSERT_PTR_NULL(json_at(found, "drift"));
    ASSERT_TEXT(json_string_value(json_at(found, "check_error.class")), "TRANSIENT");
    ASSERT_CONTAINS(json_string_value(json_at(found, "check_error.message")), "127.0.0.1:1 is down");
    drift_change(&rig, "db", NULL);
    rig_expect(&rig, "SELECT COALESCE(check_error, 'none')" OF_DB, "none");
    ASSERT_TEXT(rig_text(&rig, ACTS), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'resource.drift'")), "0");
}

static void test_what_is_to_be_ignored_is_not_looked_at(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    DRIFT_BEGIN(&rig, LOOKS,
                WITH_RESOURCES("  db: {type: probe, metadata: {annotations: {innominatus.dev/drift: ignore}}}\n"
                               "  eye: {type: probe}\n"));
    drift_change(&rig, "db", "degraded moved");
    drift_wait_for_looks(&rig, "eye", 3);
    ASSERT_TEXT(rig_text(&rig, STATE), "active");
    ASSERT_TEXT(rig_text(&rig, "SELECT CASE WHEN checked_at IS NULL THEN 'never' ELSE 'looked' END" OF_DB), "never");
    ASSERT_TEXT(rig_deploy(&rig, WITH_RESOURCES("  db: {type: probe}\n  eye: {type: probe}\n")), "completed"); /* the annotation has gone */
    rig_expect(&rig, STATE, "degraded");
}

static void test_what_is_not_ignored_any_more_is_looked_at_when_anything_is(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    DRIFT_BEGIN(&rig, LOOKS,
                WITH_RESOURCES("  db: {type: probe, metadata: {annotations: {innominatus.dev/drift: ignore}}}\n"
                               "  eye: {type: probe, metadata: {annotations: {innominatus.dev/drift: ignore}}}\n"));
    rig_configure(&rig, PROBE_CONFIG "drift: {enabled: false}\n");
    rig_stop(&rig);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, WITH_RESOURCES("  db: {type: probe}\n  eye: {type: probe, params: {n: 2}}\n")), "completed");
    rig_configure(&rig, LOOKS);
    rig_stop(&rig);
    rig_start(&rig);
    drift_wait_for_looks(&rig, "db", 1);
    drift_wait_for_looks(&rig, "eye", 1);
}

static void test_nothing_is_looked_at_while_a_deployment_works_on_its_application(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    DRIFT_BEGIN(&rig, LOOKS, DB());
    id = scenario_deploy(&rig, WITH_RESOURCES("  db: {type: probe}\n  slow: {type: probe, params: {mode: wait}}\n"));
    rig_expect(&rig, "SELECT state FROM resources WHERE name = 'slow'", "provisioning");
    drift_change(&rig, "db", "degraded moved");
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

    DRIFT_BEGIN(&rig, LOOKS, DB());
    drift_change(&rig, "db", "later");
    rig_expect_calls(&rig, "look db ", 1);
    ASSERT_TEXT(rig_deploy(&rig, WITH_RESOURCES("  db: {type: probe, params: {mode: fail}}\n")), "failed");
    drift_change(&rig, "db", "degraded as it was before");
    rig_expect(&rig, "SELECT COALESCE(check_owner, 'nobody')" OF_DB, "nobody");
    ASSERT_TEXT(rig_text(&rig, "SELECT COALESCE(drift, 'none')" OF_DB), "none");
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'resource.drift'")), "0");
    ASSERT_TEXT(rig_text(&rig, STATE), "degraded"); /* by the deployment */
}

static void test_no_secret_stands_in_what_differs(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *drift;

    DRIFT_BEGIN(&rig, LOOKS, WITH_RESOURCES("  db: {type: probe, params: {secrets: password}}\n"));
    drift_say(&rig, "plan.db",
              "[{\"path\":\"/password\",\"from\":\"set by hand\",\"to\":\"hunter2\"},{\"path\":\"/size\",\"from\":1,\"to\":2},"
              "{\"path\":\"/url\",\"from\":\"pg://u:other@h\",\"to\":\"pg://u:hunter2@h\"}]");
    drift_change(&rig, "db", "degraded hunter2 does not open it");
    rig_expect(&rig, "SELECT CASE WHEN drift LIKE '%open it%' AND drift LIKE '%/url%' THEN 'both' ELSE 'not yet' END" OF_DB, "both");
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

    DRIFT_BEGIN(&rig, PROBE_CONFIG "drift: {enabled: false}\n", DB());
    ASSERT_TEXT(rig_text(&rig, "SELECT COALESCE(CAST(check_at AS TEXT), 'none')" OF_DB), "none");
    rig_stop(&rig);
    rig_configure(&rig, LOOKS);
    rig_start(&rig);
    drift_wait_for_looks(&rig, "db", 1);
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
    {"nobody looks at what another one looks at", test_nobody_looks_at_what_another_one_looks_at},
    {0},
};
