/* The manager with a plugin that keeps the contract: every operation, every callback, cancel, deadlines, reaping, the end. */
#include "plugin_driver.h"
#include "base/cleanup.h"

static void test_provision(void)
{
    struct driver d;
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"size\":\"1Gi\",\"n\":[1,2]}"};
    CLEANUP(json_put) json_t *config = json_pack("{s:s}", "greeting", "good day");
    struct plugin_entry more = {.config = config};
    struct err err;

    driver_start(&d, 0);
    ASSERT_OK(driver_add(&d, "good", &more, &err), err);
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_OK);
    if (t.err.code)
        fprintf(stderr, "%s\n", t.err.msg);
    ASSERT_TEXT(json_str(t.outputs, "greeting"), "good day");
    ASSERT_TEXT(json_str(t.outputs, "operation"), "1");
    ASSERT_TEXT(json_str(t.outputs, "key"), "key-1");
    ASSERT_TEXT(json_str(t.outputs, "trace"), "0af7651916cd43dd8448eb211c80319c");
    CU_ASSERT_EQUAL(json_int(json_object_get(json_object_get(t.outputs, "params"), "n") ? json_object_get(t.outputs, "params") : NULL, "none", 5), 5);
    CU_ASSERT_PTR_NULL(json_object_get(t.outputs, "password"));
    ASSERT_TEXT(json_str(t.secrets, "password"), "hunter2");
    ASSERT_TEXT(json_str(json_array_get(t.hints, 0), "kind"), "url");
    ASSERT_CONTAINS(t.logs, "info: good day thing in production");
    CU_ASSERT_EQUAL(t.progress, 50);
    CU_ASSERT_EQUAL(t.dones, 1);
    trial_fini(&t);
    driver_stop(&d);
}

const struct test_case tests[] = {
    {"a provision call brings back outputs, secrets, hints, logs and progress", test_provision},
    {0},
};
