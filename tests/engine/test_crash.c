/* What dies, hangs or loses its lease: nothing acknowledged is lost, nothing completed is repeated. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/str.h"
#include "rig.h"
#include "scenario.h"
#include "test.h"
#include "workflow/engine_priv.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Two chains of steps, one that may be repeated and one that may not, a resource and its workload. */
#define CHAIN                                                                                                                              \
    APP_WORKFLOW("      - {name: a, type: mark, dependsOn: []}\n      - {name: b, type: mark, dependsOn: [a]}\n"                           \
                 "      - {name: c, type: lua, dependsOn: [a], config: {script: 'return {n = 1}'}}\n"                                      \
                 "      - {name: d, type: validation, dependsOn: [b, c], config: {checks: [{when: 'steps.c.outputs.n == 1'}]}}\n")         \
    "resources:\n  db: {type: probe, params: {size: 1}}\n  cache: {type: probe, params: {of: '${resources.db.address}'}}\n"

static void accept(struct rig *rig, const char *score) { rig_acknowledged(rig, scenario_deploy(rig, score)); }

static void deploy_two(struct rig *rig)
{
    accept(rig, CHAIN);
    accept(rig, CHAIN);
    rig_wait_acknowledged(rig, "completed");
}

/* Every step of every deployment has completed, and none was begun again after it had. */
static void check_all(struct rig *rig)
{
    int deployments = rig_wait_acknowledged(rig, "completed");

    rig_expect(rig, COUNT("deployments WHERE finished_at IS NULL"), "0"); /* one may have been accepted without a word */
    ASSERT_TEXT(rig_text(rig, COUNT("tasks")), "0");
    ASSERT_TEXT(rig_text(rig, COUNT("steps WHERE state NOT IN ('completed', 'skipped')")), "0");
    ASSERT_TEXT(rig_text(rig, COUNT("steps WHERE attempt > 1")), "0");
    ASSERT_TEXT(rig_text(rig, COUNT("application_environments WHERE active_deployment_id IS NOT NULL")), "0");
    ASSERT_TEXT(
        rig_text(rig, COUNT("(SELECT step_id FROM events WHERE type = 'step.completed' GROUP BY step_id HAVING count(*) > 1) AS twice")),
        "0");
    if (deployments)
        ASSERT_TEXT(rig_text(rig, COUNT("resources WHERE live = 1 AND state = 'active'")), "3");
}

/* Dies at every N-th pass of a failpoint until the scenario lives through it; each time another server goes on. A call may be made twice
 * only when the process died while it was in the air. */
static void die_everywhere(const char *failpoint, int step, int most)
{
    unsigned failures = rig_failures();
    bool died = true;

    for (int n = 1; died && n <= most; n += step) {
        CLEANUP(rig_fini) struct rig rig = {0};
        char armed[64];

        RIG_INIT(&rig, PROBE_CONFIG);
        n += str_starts(rig.database, "sqlite:") ? 0 : step; /* a new database each time takes longer there */
        snprintf(armed, sizeof armed, "%s=kill@%d", failpoint, n);
        died = rig_dies(&rig, armed, deploy_two);
        rig_start(&rig);
        check_all(&rig);
        CU_ASSERT(rig_calls(&rig, "step a ") <= 3 && rig_calls(&rig, "create db ") <= 2);
        if (rig_failures() > failures)
            fprintf(stderr, "at %s\n", armed);
    }
    CU_ASSERT_FALSE(died); /* the scenario has fewer passes than that */
}

static void test_die_before_step(void) { die_everywhere("engine.before_step", 4, 40); }
static void test_die_before_finish(void) { die_everywhere("engine.before_finish", 4, 40); }
static void test_die_after_finish(void) { die_everywhere("engine.after_finish", 4, 40); }
static void test_die_after_claim(void) { die_everywhere("engine.after_claim", 2, 60); }
static void test_die_before_commit(void) { die_everywhere("store.commit", 9, 400); }
static void test_die_after_commit(void) { die_everywhere("store.after_commit", 9, 400); }

static void replace(struct rig *rig)
{
    const char *id =
        scenario_accept(rig, &(struct rig_deploy){.score = WITH_RESOURCES("  db: {type: probe, params: {fixed: b, secrets: x}}\n"),
                                                  .allow_replace = "[\"db\"]"});
    rig_acknowledged(rig, id);
    rig_wait_acknowledged(rig, "completed");
}

/* The old one is removed once, the new one is made once, wherever it dies; but for the call that was in the air. */
static void test_die_in_a_replacement(void)
{
    bool died = true;

    for (int n = 1; died && n < 60; n += 3) {
        CLEANUP(rig_fini) struct rig rig = {0};
        char armed[64];

        RIG_INIT(&rig, PROBE_CONFIG);
        rig_start(&rig);
        ASSERT_TEXT(rig_deploy(&rig, WITH_RESOURCES("  db: {type: probe, params: {fixed: a, secrets: x}}\n")), "completed");
        rig_stop(&rig);
        snprintf(armed, sizeof armed, "store.after_commit=kill@%d", n);
        died = rig_dies(&rig, armed, replace);
        rig_start(&rig);
        rig_expect(&rig, COUNT("deployments WHERE finished_at IS NULL"), "0");
        ASSERT_TEXT(rig_text(&rig, COUNT("deployments WHERE state <> 'completed'")), "0");
        CU_ASSERT(rig_calls(&rig, "delete db ") + rig_calls(&rig, "create db ") <= 3 + died);
        ASSERT_TEXT(rig_text(&rig, COUNT("resources WHERE name = 'db' AND live = 1")), "1");
        ASSERT_TEXT(rig_text(&rig, COUNT("secrets")), "1");
        if (rig_text(&rig, COUNT("deployments"))[0] == '2')
            ASSERT_CONTAINS(rig_text(&rig, "SELECT params FROM resources WHERE name = 'db' AND live = 1"), "\"fixed\":\"b\"");
    }
    CU_ASSERT_FALSE(died);
}

/* ---- in the middle of a call ---- */

static void die(struct rig *rig)
{
    (void)rig;
    kill(getpid(), SIGKILL);
}

static void die_in_provision(struct rig *rig)
{
    accept(rig, WITH_RESOURCES("  db: {type: probe, params: {mode: hang_once, checkpoint: 'yes'}}\n"));
    rig_expect_calls(rig, "create db ", 1);
    die(rig);
}

static void test_die_in_a_call(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    CU_ASSERT_TRUE(rig_dies(&rig, NULL, die_in_provision));
    rig_start(&rig);
    CU_ASSERT_EQUAL(rig_wait_acknowledged(&rig, "completed"), 1);
    CU_ASSERT_EQUAL(rig_calls(&rig, "create db 1 "), 2); /* the same generation: the same idempotency key */
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(attempt AS TEXT) FROM steps WHERE name = 'db'"), "1");
}

#define ONCE(more) APP_WORKFLOW("      - {name: pay, type: once, config: {mode: hang_once}" more "}\n")

static void die_in_once(struct rig *rig)
{
    accept(rig, ONCE(""));
    rig_expect_calls(rig, "step pay ", 1);
    die(rig);
}

static void die_in_once_with_retry(struct rig *rig)
{
    accept(rig, ONCE(", retry: {attempts: 2}"));
    rig_expect_calls(rig, "step pay ", 1);
    die(rig);
}

static void test_what_may_not_be_repeated_is_not(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    CU_ASSERT_TRUE(rig_dies(&rig, NULL, die_in_once));
    rig_start(&rig);
    CU_ASSERT_EQUAL(rig_wait_acknowledged(&rig, "failed"), 1);
    CU_ASSERT_EQUAL(rig_calls(&rig, "step pay "), 1);
    ASSERT_CONTAINS(rig_text(&rig, "SELECT error FROM deployments"), "\"class\":\"INTERRUPTED\"");
}

static void test_unless_its_author_said_so(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    CU_ASSERT_TRUE(rig_dies(&rig, NULL, die_in_once_with_retry));
    rig_start(&rig);
    CU_ASSERT_EQUAL(rig_wait_acknowledged(&rig, "completed"), 1);
    CU_ASSERT_EQUAL(rig_calls(&rig, "step pay "), 2);
}

static void accept_once(struct rig *rig)
{
    accept(rig, APP_WORKFLOW("      - {name: pay, type: once}\n"));
    rig_wait_acknowledged(rig, "completed");
}

/* Claimed and not begun: nothing can have happened, so it is no interruption. */
static void test_claimed_is_not_begun(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    CU_ASSERT_TRUE(rig_dies(&rig, "engine.before_step=kill@1", accept_once));
    rig_start(&rig);
    rig_expect(&rig, COUNT("deployments WHERE state = 'completed'"), "1"); /* accepted, though it died before it could say so */
    CU_ASSERT_EQUAL(rig_calls(&rig, "step pay "), 1);
}

static void die_canceling(struct rig *rig)
{
    struct err err = {0};
    const char *id = scenario_deploy(rig, WITH_RESOURCES("  db: {type: probe, params: {mode: hang}}\n"));

    rig_acknowledged(rig, id);
    rig_expect_calls(rig, "create db ", 1);
    rig_cancel(rig, id, &err);
    ASSERT_TEXT(rig_text(rig, "SELECT state FROM steps WHERE name = 'db'"), "canceling");
    die(rig);
}

static void test_die_canceling(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    CU_ASSERT_TRUE(rig_dies(&rig, NULL, die_canceling));
    rig_start(&rig);
    CU_ASSERT_EQUAL(rig_wait_acknowledged(&rig, "canceled"), 1);
    CU_ASSERT_EQUAL(rig_calls(&rig, "create db "), 1);
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM resources WHERE name = 'db'"), "failed");
}

/* ---- a server that stops in good order ---- */

static void test_drain_puts_back_what_runs(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    id = scenario_deploy(&rig, WITH_RESOURCES("  db: {type: probe, params: {mode: hang_once}}\n"));
    rig_expect_calls(&rig, "create db ", 1);
    rig_stop_within(&rig, 50); /* the call is killed */
    rig_start(&rig);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    CU_ASSERT_EQUAL(rig_calls(&rig, "create db 1 "), 2);
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'step.failed' OR type = 'step.retrying' OR type = 'resource.failed'")), "0");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(attempt AS TEXT) FROM steps WHERE name = 'db'"), "1");
}

/* One worker is busy with a script; what was claimed behind it goes back as if it never had been. */
static void test_drain_unclaims_what_waits(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, PROVISIONERS "workflowPolicies: {luaStep: {wallClock: 10m}, applicationStepTypes: [" STEP_TYPES "]}\n");
    rig.workers = 1;
    rig_start(&rig);
    id = scenario_accept(
        &rig, &(struct rig_deploy){
                  .score = APP_WORKFLOW(
                      "      - {name: spin, type: lua, dependsOn: [], config: {script: 'local t = 0 while t < 1e12 do t = t + 1 end'}}\n"
                      "      - {name: one, type: once, dependsOn: []}\n      - {name: two, type: mark, dependsOn: []}\n")});
    rig_expect(&rig, COUNT("steps WHERE state = 'running'"), "3");
    rig_stop_within(&rig, 50);
    rig_start(&rig);
    rig_expect(&rig, COUNT("steps WHERE state = 'running'"), "3"); /* the script again has the only worker */
    ASSERT_TEXT(rig_text(&rig, COUNT("steps WHERE attempt = 1")), "3");
    CU_ASSERT_EQUAL(rig_calls(&rig, "step "), 0);
    rig_cancel(&rig, id, &err);
    ASSERT_TEXT(rig_wait(&rig, id), "canceled");
    CU_ASSERT_EQUAL(rig_calls(&rig, "step "), 0);
}

/* ---- time ---- */

/* Nobody is told that the step is due; it is found all the same. */
static void test_a_lost_notification(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig.lease_ms = 1000;
    rig_start(&rig);
    id = scenario_deploy(&rig, APP_WORKFLOW("      - {name: wait, type: delay, config: {duration: 10h}}\n"));
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'wait'", "waiting");
    rig_exec(&rig, "UPDATE tasks SET run_at = 1");
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
}

/* The tasks of an earlier process lie in the future of this one's clock. */
static void test_a_clock_that_was_set_back(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    if (!str_starts(rig.database, "sqlite:")) {
        test_skip("servers of one database have their clocks set by NTP");
        return;
    }
    rig_start(&rig);
    id = scenario_deploy(&rig, APP_WORKFLOW("      - {name: wait, type: delay, config: {duration: 1s}}\n"));
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'wait'", "waiting");
    rig_exec(&rig, "UPDATE tasks SET run_at = run_at + 7200000000");
    rig_exec(&rig, "UPDATE events SET at = at + 7200000000");
    rig_stop(&rig);
    rig_start(&rig);
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
}

/* The clock is set forwards while a step runs: its lease is over by that clock, but nobody else may have it; and what is due is due. */
static void test_a_clock_that_is_set_forwards(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    struct err err = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    id = scenario_deploy(&rig, APP_WORKFLOW("      - {name: pay, type: once, dependsOn: [], config: {mode: wait}}\n"
                                            "      - {name: due, type: delay, dependsOn: [], config: {duration: 2h}}\n"));
    rig_expect_calls(&rig, "step pay ", 1);
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'due'", "waiting");
    clock_jump(24 * 3600 * US_PER_SEC);
    CU_ASSERT_EQUAL(engine_reclaim(rig.engine, false, &err), 0);
    rig_exec_tasks(&rig, "UPDATE meta SET value = value"); /* behind it in the store's queue */
    rig_expect(&rig, "SELECT state FROM steps WHERE name = 'due'", "completed");
    ASSERT_TEXT(rig_text(&rig, "SELECT state FROM steps WHERE name = 'pay'"), "running");
    ASSERT_TEXT(rig_text(&rig, "SELECT CAST(max(fence) AS TEXT) FROM tasks"), "1");
    CU_ASSERT_EQUAL(rig_calls(&rig, "step pay "), 1);
    rig_cancel(&rig, id, &err);
    ASSERT_TEXT(rig_wait(&rig, id), "canceled");
    clock_jump(0);
    ASSERT_TEXT(rig_deploy(&rig, SCORE), "completed"); /* and back again */
}

/* ---- leases ---- */

/* The lease ends under a running call: somebody else makes it again, and only one result counts. */
static void test_a_lost_lease(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    const char *id;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig.lease_ms = 3000;
    rig_start(&rig);
    id = scenario_deploy(&rig, APP_WORKFLOW("      - {name: one, type: mark, config: {mode: second}}\n"));
    rig_expect_calls(&rig, "step one ", 1);
    rig_exec(&rig, "UPDATE tasks SET lease_until = 1, lease_owner = 'e-somebody', fence = fence + 1");
    ASSERT_TEXT(rig_wait(&rig, id), "completed");
    CU_ASSERT(rig_calls(&rig, "step one ") >= 2); /* more: this machine has missed a lease of 3 s by itself */
    ASSERT_TEXT(rig_text(&rig, COUNT("events WHERE type = 'step.completed' AND step = 'one'")), "1");
}

#define TWO_RIGS(a, b)                                                                                                                     \
    RIG_INIT(&a, PROBE_CONFIG);                                                                                                            \
    if (str_starts(a.database, "sqlite:")) {                                                                                               \
        test_skip("one server has an SQLite database");                                                                                    \
        return;                                                                                                                            \
    }

static void test_two_servers(void)
{
    CLEANUP(rig_fini) struct rig a = {0};
    CLEANUP(rig_fini) struct rig b = {0};
    const char *ids[16];
    struct err err = {0};

    TWO_RIGS(a, b);
    rig_start(&a);
    rig_init_peer(&b, &a);
    rig_start(&b);
    for (int i = 0; i < 16; i++) {
        const char *score = arena_printf(
            &a.arena,
            "apiVersion: score.dev/v1b1\nmetadata: {name: app%d}\ncontainers: {web: {image: 'nginx:1.27'}}\nworkflows:\n  w:\n    steps:\n"
            "      - {name: a, type: mark, dependsOn: []}\n      - {name: b, type: mark, dependsOn: []}\n      - {name: c, type: mark, "
            "dependsOn: [a, b]}\n",
            i / 2);

        ids[i] = rig_accept(i % 2 ? &b : &a, &(struct rig_deploy){.score = score}, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(ids[i]);
    }
    for (int i = 0; i < 16; i++)
        ASSERT_TEXT(rig_wait(&a, ids[i]), "completed");
    CU_ASSERT_EQUAL(rig_calls(&a, "step ") + rig_calls(&b, "step "), 16 * 3);
    ASSERT_TEXT(rig_text(&a, COUNT("steps WHERE attempt > 1")), "0");
    ASSERT_TEXT(rig_text(&a, COUNT("tasks")), "0");
}

/* The cancel is asked of the one that does not run it; it does not wait for a renewal. */
static void test_cancel_on_the_other_server(void)
{
    CLEANUP(rig_fini) struct rig a = {0};
    CLEANUP(rig_fini) struct rig b = {0};
    struct err err = {0};
    const char *id;

    TWO_RIGS(a, b);
    a.lease_ms = 600000;
    rig_start(&a);
    id = scenario_deploy(&a, APP_WORKFLOW("      - {name: one, type: mark, config: {mode: wait}}\n"));
    rig_expect_calls(&a, "step one ", 1);
    rig_init_peer(&b, &a);
    rig_start(&b);
    rig_cancel(&b, id, &err);
    ASSERT_TEXT(rig_wait(&b, id), "canceled");
}

/* A dead server's steps are somebody else's, not before its lease and the margin have ended. */
static void test_a_dead_servers_steps_are_taken_over(void)
{
    CLEANUP(rig_fini) struct rig a = {0};
    CLEANUP(rig_fini) struct rig b = {0};
    int64_t until;

    TWO_RIGS(a, b);
    a.lease_ms = 1500;
    a.margin_ms = 500;
    CU_ASSERT_TRUE(rig_dies(&a, NULL, die_in_provision));
    until = atoll(rig_text_closed(&a, "SELECT CAST(min(lease_until) AS TEXT) FROM tasks WHERE state = 'running'"));
    CU_ASSERT_FATAL(until > 0);
    rig_init_peer(&b, &a);
    b.state = a.state; /* it goes on counting the calls */
    rig_start(&b);
    rig_expect_calls(&b, "create db ", 2);
    CU_ASSERT(clock_steady_us() > until + a.margin_ms * US_PER_MS);
    CU_ASSERT_EQUAL(rig_wait_acknowledged(&b, "completed"), 1);
}

const struct test_case tests[] = {
    {"killed before a step runs, it is run once", test_die_before_step},
    {"killed before an outcome is stored, only that step is repeated", test_die_before_finish},
    {"killed after an outcome was stored, nothing is repeated", test_die_after_finish},
    {"killed after a claim, what was claimed is run", test_die_after_claim},
    {"killed before a commit, it goes on", test_die_before_commit},
    {"killed after a commit, it goes on", test_die_after_commit},
    {"killed anywhere in a replacement, the old one goes and the new one comes once", test_die_in_a_replacement},
    {"killed in a provisioner's call, it is made again with the same key", test_die_in_a_call},
    {"a step that may not be repeated ends as INTERRUPTED", test_what_may_not_be_repeated_is_not},
    {"one with a retry of its own is repeated", test_unless_its_author_said_so},
    {"what was claimed and not begun is no interruption", test_claimed_is_not_begun},
    {"a drain puts a running call back into the queue", test_drain_puts_back_what_runs},
    {"a drain puts back what was claimed and not begun", test_drain_unclaims_what_waits},
    {"killed while canceling, it ends canceled", test_die_canceling},
    {"a step that became due without a notification is found", test_a_lost_notification},
    {"a result under a lost lease is not used", test_a_lost_lease},
    {"two servers on one database run every step once", test_two_servers},
    {"a cancel reaches the server that runs the step", test_cancel_on_the_other_server},
    {"a dead server's steps are taken over after its lease", test_a_dead_servers_steps_are_taken_over},
    {"a clock that was set back holds nothing up", test_a_clock_that_was_set_back},
    {"a clock that is set forwards takes nothing away from who runs it",
     test_a_clock_that_is_set_forwards}, /* the last: steady time stays ahead */
    {0},
};
