/* The plugin of ABI 1.0, kept as it was (abi_1_0/), on the host of today: every slot and every function of its host. */
#include "plugin_driver.h"

static void run(struct driver *d, struct trial *t, int outcome)
{
    t->instance = "abi_1_0";
    CU_ASSERT_EQUAL(trial_run(d, t), outcome);
    if (t->outcome != outcome)
        fprintf(stderr, "%s\n", t->err.msg);
}

static void test_all_of_it(void)
{
    struct driver d;
    struct err err = {0};
    struct trial pending = {.operation = PLUGIN_PROVISION}, made = {.operation = PLUGIN_PROVISION, .state = "{\"made\":1}"},
                 changed = {.operation = PLUGIN_PROVISION, .params = "{\"size\": \"9Gi\"}", .change = "update"},
                 gone = {.operation = PLUGIN_DEPROVISION, .change = "delete"}, status = {.operation = PLUGIN_GET_STATUS},
                 hints = {.operation = PLUGIN_GET_HINTS}, plan = {.operation = PLUGIN_PLAN, .change = "read"},
                 health = {.operation = PLUGIN_HEALTH}, step = {.operation = PLUGIN_STEP, .type = "say", .step = "{\"say\": \"hi\"}"},
                 scale = {.operation = PLUGIN_ACTION, .action = "scale", .arguments = "{\"replicas\": 3}"};
    struct trial *all[] = {&pending, &made, &changed, &gone, &status, &hints, &plan, &health, &step, &scale};

    driver_start(&d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(&d, "abi_1_0", NULL, &err), err);
    run(&d, &pending, PLUGIN_DONE_PENDING);
    CU_ASSERT_EQUAL(pending.poll_after_ms, 200);
    ASSERT_TEXT(pending.state_given, "{\"made\":1}");
    run(&d, &made, PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(made.outputs, "refused"), "-5 -5"); /* neither permission is granted */
    ASSERT_TEXT(json_str(made.secrets, "password"), "hunter2");
    CU_ASSERT_EQUAL(json_int(json_object_get(made.outputs, "state"), "made", 0), 1);
    ASSERT_CONTAINS(made.logs, "info: hello");
    CU_ASSERT(made.progress > 0);
    run(&d, &changed, PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(changed.outputs, "size"), "9Gi");
    run(&d, &gone, PLUGIN_DONE_OK);
    run(&d, &status, PLUGIN_DONE_OK);
    ASSERT_TEXT(status.status, "active");
    run(&d, &hints, PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(json_array_get(hints.hints, 0), "kind"), "url");
    run(&d, &plan, PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(plan.outputs, "changes")), 1);
    run(&d, &health, PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(health.err.code, ERR_TRANSIENT);
    ASSERT_CONTAINS(health.err.msg, "the backend of 1.0 is away");
    run(&d, &step, PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(step.outputs, "said"), "hi");
    run(&d, &scale, PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(scale.outputs, "replicas"), "3");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        trial_fini(all[i]);
    driver_stop(&d);
}

const struct test_case tests[] = {
    {"a plugin built against the frozen headers of 1.0 is served by this host in every slot", test_all_of_it},
    {0},
};
