/* What stays behind of deployments, and reading it: violations, costs, totals, lists without plans, and what is removed when it is old. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "rig.h"
#include "scenario.h"
#include "test.h"
#include "workflow/dead_letter.h"
#include "workflow/idempotency.h"
#include "workflow/read_applications.h"
#include "workflow/read_deployments.h"
#include "workflow/read_queue.h"
#include <string.h>

static const struct read_scope shop = {"default", "shop"};

/* ---- at the acceptance ---- */

static void test_warnings_are_kept(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *id;

    RIG_INIT(&rig, "provisioners:\n  - {name: local, plugin: local}\npolicies: {path: ./policies}\n");
    rig_write(
        &rig, "policies/p.lua",
        "return {name = 'look-out', on = 'deployment', severity = 'warn', check = function() return {message = 'look', fix = 'out', path "
        "= 'metadata.name'} end}\n");
    rig_start(&rig);
    id = scenario_deploy(&rig, SCORE);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    ASSERT_TEXT(
        rig_text(&rig, arena_printf(&rig.arena,
                                    "SELECT policy || ' ' || severity || ' ' || message || ' ' || fix || ' ' || path || ' ' || actor "
                                    "FROM violations WHERE deployment_id = '%s' AND application = 'shop'",
                                    id)),
        "look-out warn look out metadata.name dev");
    ASSERT_TEXT(rig_text(&rig, COUNT("violations")), "1");
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'policy.warned'")), "1");
    ASSERT_TEXT(rig_text(&rig, COUNT("audit WHERE result = 'denied'")), "0");
}

/* ---- in the queue ---- */

static void test_costs_are_brought_up_to_date(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *first, *second;

    RIG_INIT(&rig, PROBE_CONFIG "costs: {currency: EUR, prices: {probe: {monthly: 7}}}\n");
    rig_start(&rig);
    first = scenario_deploy(&rig, WITH_RESOURCES("  db: {type: probe, params: {mode: slow, n: 300}}\n"));
    second = scenario_deploy(&rig, SCORE); /* made its plan before there was a db */
    ASSERT_TEXT(rig_wait(&rig, first), "completed");
    ASSERT_TEXT(rig_wait(&rig, second), "completed");
    ASSERT_CONTAINS(rig_text(&rig, arena_printf(&rig.arena, "SELECT cost FROM deployments WHERE id = '%s'", second)), "\"before\":7.0");
    ASSERT_CONTAINS(rig_text(&rig, arena_printf(&rig.arena, "SELECT cost FROM deployments WHERE id = '%s'", second)), "\"after\":0.0");
}

/* ---- lists ---- */

static json_t *listed(struct rig *rig, const char *id)
{
    CLEANUP(json_put) json_t *items = NULL;
    CLEANUP(free_ptr) char *cursor = NULL;
    struct err err = {0};
    json_t *item, *found = NULL;
    size_t i;

    ASSERT_OK(read_deployments(rig->store, &shop, &(struct read_page){0}, &items, &cursor, &err), err);
    json_array_foreach(items, i, item) if (str_eq(json_str(item, "id"), id)) found = json_incref(item);
    return found;
}

static void test_lists_look_at_no_plan(void)
{
    static const char *const scores[] = {APP_WORKFLOW("      - {name: one, type: mark}\n"),
                                         APP_WORKFLOW("      - {name: one, type: mark, config: {mode: fail}, retry: {attempts: 1}}\n")};
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    for (int i = 0; i < 2; i++) {
        CLEANUP(json_put) json_t *before = NULL;
        CLEANUP(json_put) json_t *after = NULL;
        const char *id = scenario_deploy(&rig, scores[i]);

        ASSERT_TEXT(rig_wait(&rig, id), i ? "failed" : "completed");
        before = listed(&rig, id);
        CU_ASSERT(json_array_size(json_object_get(before, "workflows")) >= 2);
        rig_exec(&rig, "UPDATE deployments SET plan = 'no plan at all'");
        after = listed(&rig, id);
        CU_ASSERT_TRUE(json_equal(before, after));
    }
}

static void test_pages_leave_nothing_out(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    CLEANUP(free_ptr) char *cursor = NULL;
    int seen = 0;

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    for (int i = 0; i < 5; i++)
        rig_exec(&rig,
                 arena_printf(&rig.arena,
                              "INSERT INTO applications (org, team, name, product, created_at, updated_at) VALUES ('default', 'shop', "
                              "'app%d', 'one', 7, 7)",
                              i));
    do {
        struct read_page page = {.limit = 2, .sort = "product", .cursor = cursor};
        CLEANUP(json_put) json_t *items = NULL;
        struct err err = {0};
        char *next = NULL;

        ASSERT_OK(read_applications(rig.store, &shop, &page, &items, &next, &err), err);
        seen += (int)json_array_size(items);
        free(cursor);
        cursor = next;
    } while (cursor && seen < 10);
    CU_ASSERT_EQUAL(seen, 5);
}

/* ---- numbers ---- */

static int64_t stat_of(struct rig *rig, const char *key)
{
    CLEANUP(json_put) json_t *stats = NULL;
    struct err err = {0};

    ASSERT_OK(read_queue_stats(rig->store, &shop, 4, &stats, &err), err);
    return json_int(stats, key, -1);
}

static void test_totals(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    int64_t completed;
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, APP_WORKFLOW("      - {name: one, type: mark}\n")), "completed");
    completed = stat_of(&rig, "completed_total");
    ASSERT_TEXT(rig_text(&rig, COUNT("steps WHERE state = 'completed'")), arena_printf(&rig.arena, "%d", (int)completed));
    CU_ASSERT_EQUAL(stat_of(&rig, "failed_total"), 0);
    id = scenario_deploy(
        &rig, APP_WORKFLOW("      - {name: one, type: mark, config: {mode: fail}, retry: {attempts: 1}, continueOnError: true}\n"));
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    CU_ASSERT_EQUAL(stat_of(&rig, "failed_total"), 1);
    CU_ASSERT(stat_of(&rig, "completed_total") > completed);
    completed = stat_of(&rig, "completed_total");
    id = scenario_deploy(&rig, APP_WORKFLOW("      - {name: one, type: mark}\n      - {name: two, type: mark, config: {mode: wait}}\n"));
    rig_expect(&rig, arena_printf(&rig.arena, COUNT("steps WHERE deployment_id = '%s' AND name = 'two' AND state = 'running'"), id), "1");
    ASSERT_TEXT(rig_text(&rig, COUNT("steps WHERE state = 'completed'")),
                arena_printf(&rig.arena, "%d", (int)stat_of(&rig, "completed_total"))); /* those of the one that runs too */
    CU_ASSERT(stat_of(&rig, "completed_total") > completed);
    rig_cancel(&rig, id, &(struct err){0});
    ASSERT_TEXT(rig_wait(&rig, id), "canceled");
    ASSERT_TEXT(rig_text(&rig, COUNT("steps WHERE state = 'completed'")),
                arena_printf(&rig.arena, "%d", (int)stat_of(&rig, "completed_total")));
}

/* A deployment that goes on again has not ended: its steps are not counted twice. */
static void test_totals_of_what_goes_on_again(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    CLEANUP(json_put) json_t *answer = NULL;
    struct dead_letter letter = {.who = &rig.user};
    struct err err = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    letter.deployment_id = scenario_deploy(
        &rig, APP_WORKFLOW("      - {name: one, type: mark}\n      - {name: two, type: mark, config: {mode: flaky, n: 1}, retry: "
                           "{attempts: 1}}\n"));
    ASSERT_TEXT(rig_wait(&rig, letter.deployment_id), "failed");
    CU_ASSERT_EQUAL(stat_of(&rig, "failed_total"), 1);
    CU_ASSERT_EQUAL(stat_of(&rig, "dead"), 1);
    letter.step_id = rig_text(&rig, "SELECT id FROM steps WHERE dead = 1");
    letter.task_id = rig_text(&rig, "SELECT task_id FROM steps WHERE dead = 1");
    ASSERT_OK(dead_letter_requeue(rig.engine, &letter, &answer, &err), err);
    rig_expect(&rig, COUNT("deployments WHERE state = 'completed'"), "1");
    CU_ASSERT_EQUAL(stat_of(&rig, "failed_total"), 0);
    ASSERT_TEXT(rig_text(&rig, COUNT("steps WHERE state = 'completed'")),
                arena_printf(&rig.arena, "%d", (int)stat_of(&rig, "completed_total")));
}

/* ---- what is old ---- */

static void test_what_is_old_goes(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    int64_t old = clock_now_us() - (EVENTS_KEPT_DAYS + 1LL) * 24 * 3600 * US_PER_SEC;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig.lease_ms = 200; /* it looks as often as for abandoned steps */
    rig_start(&rig);
    ASSERT_TEXT(rig_deploy(&rig, APP_WORKFLOW("      - {name: one, type: mark}\n")), "completed");
    rig_exec(&rig, arena_printf(&rig.arena, "INSERT INTO events (type, at, org, team) VALUES ('of.long.ago', %lld, 'default', 'shop')",
                                (long long)old));
    rig_exec(&rig, arena_printf(&rig.arena,
                                "INSERT INTO idempotency (user_id, key, request_sha256, status, response, created_at) VALUES ('u', 'old', "
                                "'x', 202, '{}', %lld), ('u', 'new', 'x', 202, '{}', %lld)",
                                (long long)old, (long long)clock_now_us()));
    rig_exec(&rig, arena_printf(&rig.arena, "UPDATE events SET at = %lld WHERE type = 'deployment.queued'", (long long)old));
    rig_expect(&rig, COUNT("events WHERE number IS NULL"), "0");
    ASSERT_TEXT(rig_deploy(&rig, APP_WORKFLOW("      - {name: one, type: mark}\n")), "completed"); /* something was written */
    rig_expect(&rig, COUNT("idempotency WHERE key = 'old'"), "0");
    rig_expect(&rig, arena_printf(&rig.arena, COUNT("events WHERE at <= %lld"), (long long)old), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("idempotency")), "1");
    CU_ASSERT(atoi(rig_text(&rig, COUNT("events WHERE type = 'deployment.completed'"))) == 2);
    rig_expect(&rig, COUNT("events WHERE number IS NULL"), "0");
    rig_expect(&rig,
               "SELECT CASE WHEN max(number) = (SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'events_head') THEN 'yes' ELSE 'no' END "
               "FROM events",
               "yes"); /* numbers go on where they were */
}

struct keeping {
    struct idempotency_key key;
    json_t *answer;
};

static int keep_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct keeping *k = ctx;

    return idempotency_keep(tx, &k->key, 202, k->answer, "/here", err);
}

static void test_an_old_key_may_be_used_again(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    CLEANUP(json_put) json_t *answer = json_object();
    struct keeping k = {.key = {.user_id = "u", .key = "k", .request_sha256 = "a"}, .answer = answer};
    struct err err = {0};

    RIG_INIT(&rig, NULL);
    rig_start(&rig);
    ASSERT_OK(store_write_wait(rig.store, keep_unit, &k, &err), err);
    k.key.request_sha256 = "b";
    CU_ASSERT(store_write_wait(rig.store, keep_unit, &k, &err) < 0 && err.code == ERR_CONFLICT);
    rig_exec(&rig, arena_printf(&rig.arena, "UPDATE idempotency SET created_at = %lld",
                                (long long)(clock_now_us() - IDEMPOTENCY_MS * US_PER_MS - US_PER_SEC)));
    err = (struct err){0};
    ASSERT_OK(store_write_wait(rig.store, keep_unit, &k, &err), err);
    ASSERT_TEXT(rig_text(&rig, "SELECT request_sha256 FROM idempotency"), "b");
}

const struct test_case tests[] = {
    {"what policies warn of is kept with the deployment", test_warnings_are_kept},
    {"a queued deployment's cost is worked out again", test_costs_are_brought_up_to_date},
    {"a list of deployments reads no plans", test_lists_look_at_no_plan},
    {"pages of applications with one product leave nothing out", test_pages_leave_nothing_out},
    {"totals are those of all steps, ended and running deployments", test_totals},
    {"a deployment that goes on again is counted once", test_totals_of_what_goes_on_again},
    {"old events and answers are removed, numbers go on", test_what_is_old_goes},
    {"an Idempotency-Key that is too old may be used again", test_an_old_key_may_be_used_again},
    {0},
};
