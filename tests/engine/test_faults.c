/* A storage that fails once, at every place of a deployment in turn: it is refused, or it ends completed; it is never stuck and never half
 * written. */
#include "base/cleanup.h"
#include "base/failpoint.h"
#include "base/str.h"
#include "rig.h"
#include "scenario.h"
#include "test.h"
#include <string.h>
#include <unistd.h>

/* Everything that a deployment may go through: a step, a script, a wait, a resource with a checkpoint and a secret, a workload. */
static const char *score(struct rig *rig, int n)
{
    return arena_printf(
        &rig->arena,
        "apiVersion: score.dev/v1b1\nmetadata: {name: app%d}\ncontainers: {web: {image: 'nginx:1.27'}}\nworkflows:\n  w:\n    steps:\n"
        "      - {name: one, type: once}\n      - {name: two, type: lua, config: {script: 'print(1) return {n = 1}'}}\n"
        "      - {name: three, type: delay, config: {duration: 1ms}}\n"
        "resources:\n  db: {type: probe, params: {checkpoint: 'yes', secrets: key}}\n",
        n);
}

/* Waits without a query, which would get the failure instead of the engine: until nothing has been stored for a moment. */
static void await_silence(struct rig *rig)
{
    for (int i = 0; i < 200 && rig_stored_lately(rig, 120); i++)
        ;
}

static void check(struct rig *rig, const char *id, const struct err *err, const char *when)
{
    unsigned failures = rig_failures();

    if (!id) {
        CU_ASSERT(err->code == ERR_STORE || err->code == ERR_STORE_FULL || err->code == ERR_STORE_RETRY);
    } else {
        ASSERT_TEXT(rig_wait(rig, id), "completed");
        ASSERT_TEXT(rig_text(rig, arena_printf(&rig->arena, COUNT("steps WHERE deployment_id = '%s' AND state <> 'completed'"), id)), "0");
    }
    ASSERT_TEXT(rig_text(rig, COUNT("tasks")), "0");
    ASSERT_TEXT(rig_text(rig, COUNT("deployments WHERE finished_at IS NULL")), "0");
    ASSERT_TEXT(rig_text(rig, COUNT("application_environments WHERE active_deployment_id IS NOT NULL OR state <> 'active'")), "0");
    ASSERT_TEXT(
        rig_text(rig, COUNT("(SELECT step_id FROM events WHERE type = 'step.completed' GROUP BY step_id HAVING count(*) > 1) AS twice")),
        "0");
    if (rig_failures() > failures)
        fprintf(stderr, "when %s\n", when);
}

static void fail_every_nth(enum err_code code, int step, int most)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    for (int n = 1; n <= most; n += step * (str_starts(rig.database, "sqlite:") ? 1 : 3)) {
        struct err err = {0};
        char when[64];
        const char *id;

        snprintf(when, sizeof when, "statement %d fails", n);
        store_fail_nth(rig.store, n, code);
        id = rig_accept(&rig, &(struct rig_deploy){.score = score(&rig, n)}, &err);
        await_silence(&rig);
        store_fail_nth(rig.store, 0, ERR_NONE);
        check(&rig, id, &err, when);
    }
    CU_ASSERT_EQUAL(rig_calls(&rig, "step one "), atoi(rig_text(&rig, COUNT("deployments")))); /* not one was repeated */
}

static void test_statements(void) { fail_every_nth(ERR_STORE, 1, 170); }
static void test_full_disk(void) { fail_every_nth(ERR_STORE_FULL, 11, 170); }
static void test_conflicts(void) { fail_every_nth(ERR_STORE_RETRY, 7, 170); }

static void test_commits(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    for (int n = 1; n <= 30; n++) {
        struct err err = {0};
        char armed[64];
        const char *id;

        snprintf(armed, sizeof armed, "store.commit=fail@%d", n);
        failpoint_arm(armed);
        id = rig_accept(&rig, &(struct rig_deploy){.score = score(&rig, n)}, &err);
        await_silence(&rig);
        failpoint_arm(NULL);
        check(&rig, id, &err, armed);
    }
    CU_ASSERT_EQUAL(rig_calls(&rig, "step one "), atoi(rig_text(&rig, COUNT("deployments"))));
}

/* What cannot be stored, however often it is tried: the step fails for it, and the deployment ends. */
static void test_an_outcome_that_cannot_be_stored(void)
{
    CLEANUP(rig_fini) struct rig rig = {0};
    int ended = 0;

    RIG_INIT(&rig, PROBE_CONFIG);
    rig_start(&rig);
    for (int n = 40; n <= 100; n += 4) {
        struct err err = {0};
        const char *id;

        store_fail_nth(rig.store, n, ERR_LIMIT);
        id = rig_accept(&rig, &(struct rig_deploy){.score = score(&rig, n)}, &err);
        await_silence(&rig);
        store_fail_nth(rig.store, 0, ERR_NONE);
        CU_ASSERT_PTR_NOT_NULL_FATAL(id);
        CU_ASSERT(str_eq(rig_wait(&rig, id), "failed") || str_eq(rig_wait(&rig, id), "completed"));
        ended += str_eq(rig_wait(&rig, id), "failed");
    }
    CU_ASSERT(ended > 0);
    ASSERT_TEXT(rig_text(&rig, COUNT("tasks")), "0");
    ASSERT_TEXT(rig_text(&rig, COUNT("application_environments WHERE active_deployment_id IS NOT NULL")), "0");
}

const struct test_case tests[] = {
    {"any statement may fail", test_statements},
    {"any statement may find the disk full", test_full_disk},
    {"any statement may conflict", test_conflicts},
    {"any commit may fail", test_commits},
    {"an outcome that cannot be stored is a failure, not a deadlock", test_an_outcome_that_cannot_be_stored},
    {0},
};
