/* The policies that ship: their own tests pass with full coverage, and a denial reads as it should. */
#include "base/cleanup.h"
#include "base/str.h"
#include "policy/policy.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>

static const char *const shipped[] = {"allowed-environments",   "allowed-executors",      "allowed-product-workflows",
                                      "allowed-step-types",     "application-step-types", "enforce-backups",
                                      "max-steps-per-workflow", "max-workflow-duration",  "required-platform-workflows"};

static void test_own_tests(void)
{
    CLEANUP(json_put) json_t *report = NULL;
    struct err err;
    const json_t *test;
    size_t i;

    ASSERT_OK(policy_test_dir(TEST_SOURCE_DIR "/policies", true, &report, &err), err);
    json_array_foreach(json_object_get(report, "cases"), i, test) if (!json_flag(test, "passed", false))
        fprintf(stderr, "%s: %s: %s\n", json_str(test, "file"), json_str(test, "name"), json_str(test, "message"));
    CU_ASSERT_EQUAL(json_int(report, "failed", -1), 0);
    CU_ASSERT(json_int(report, "passed", 0) >= 50);
    for (i = 0; i < sizeof shipped / sizeof *shipped; i++)
        CU_ASSERT(json_int(json_object_get(report, "coverage"), shipped[i], 0) == 100);
}

static json_t *parse(const char *text)
{
    json_t *value = NULL;
    struct err err;

    ASSERT_OK(json_parse(text, strlen(text), "test", 1u << 20, &value, &err), err);
    return value;
}

static void test_denial(void)
{
    CLEANUP(json_put)
    json_t *input = parse(
        "{\"product\": \"ecommerce\", \"environment\": {\"name\": \"production\", \"type\": \"production\"},"
        " \"admin\": {\"workflowPolicies\": {\"allowedProductWorkflows\": [\"ecommerce/database-setup\"], \"maxStepsPerWorkflow\": 50}},"
        " \"admin_lines\": {\"workflowPolicies.allowedProductWorkflows\": \"admin-config.yaml:14\"},"
        " \"plan\": {\"phases\": [{\"phase\": \"deployment\", \"workflows\": [{\"name\": \"fraud-check\", \"tier\": \"product\", "
        "\"product\": \"ecommerce\", \"steps\": []}]}]}}");
    struct policy_decision decision = {0};
    struct policy_set_options options = {0};
    struct policy_set *set = NULL;
    const json_t *violation;
    struct err err;

    ASSERT_OK(policy_set_load(&options, NULL, &set, &err), err);
    policy_evaluate(set, "deployment", input, &decision);
    CU_ASSERT_TRUE(decision.denied);
    CU_ASSERT_EQUAL(decision.code, ERR_DENIED);
    CU_ASSERT_EQUAL(json_array_size(decision.violations), 1);
    CU_ASSERT_EQUAL(json_array_size(decision.policies), sizeof shipped / sizeof *shipped);
    violation = json_array_get(decision.violations, 0);
    ASSERT_TEXT(json_str(violation, "policy"), "allowed-product-workflows");
    ASSERT_TEXT(json_str(violation, "severity"), "deny");
    ASSERT_TEXT(json_str(violation, "path"), "ecommerce/fraud-check");
    ASSERT_TEXT(json_str(violation, "value"), "ecommerce/fraud-check");
    ASSERT_TEXT(json_str(violation, "message"), "ecommerce/fraud-check (deployment) not in workflowPolicies.allowedProductWorkflows");
    ASSERT_TEXT(json_str(violation, "fix"), "ask platform-team to allow it, or remove the workflow");
    ASSERT_TEXT(json_str(violation, "source"), "admin-config.yaml:14");
    CU_ASSERT_EQUAL(policy_decision_to_err(&decision, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_DENIED);
    ASSERT_CONTAINS(err.msg, "denied by 1 policy: allowed-product-workflows: ecommerce/fraud-check: ");
    ASSERT_CONTAINS(err.msg, "fix: ask platform-team");
    policy_decision_fini(&decision);
    policy_set_unref(set);
}

static void test_empty_input(void)
{
    CLEANUP(json_put) json_t *input = json_object();
    struct policy_decision decision = {0};
    struct policy_set_options options = {0};
    struct policy_set *set = NULL;
    struct err err;

    ASSERT_OK(policy_set_load(&options, NULL, &set, &err), err);
    policy_evaluate(set, "deployment", input, &decision);
    CU_ASSERT_FALSE(decision.denied);
    CU_ASSERT_EQUAL(json_array_size(decision.violations), 0);
    policy_decision_fini(&decision);
    policy_evaluate(set, "step", input, &decision);
    CU_ASSERT_FALSE(decision.denied);
    policy_decision_fini(&decision);
    policy_set_unref(set);
}

/* What is of the wrong type must deny by failing, never pass. */
static void test_wrong_types(void)
{
    CLEANUP(json_put)
    json_t *input = parse("{\"admin\": {\"workflowPolicies\": {\"allowedProductWorkflows\": \"all\", \"maxStepsPerWorkflow\": \"many\", "
                          "\"maxWorkflowDuration\": \"soon\"}},"
                          " \"plan\": {\"phases\": [{\"phase\": \"deployment\", \"workflows\": [{\"name\": \"x\", \"tier\": \"product\", "
                          "\"steps\": [{\"name\": \"a\"}]}]}]}}");
    struct policy_decision decision = {0};
    struct policy_set_options options = {0};
    struct policy_set *set = NULL;
    struct err err;

    ASSERT_OK(policy_set_load(&options, NULL, &set, &err), err);
    policy_evaluate(set, "deployment", input, &decision);
    CU_ASSERT_TRUE(decision.denied);
    CU_ASSERT_EQUAL(decision.code, ERR_POLICY_FAILED);
    CU_ASSERT_EQUAL(json_array_size(decision.violations), 3);
    policy_decision_fini(&decision);
    policy_set_unref(set);
}

static void test_deletion_is_advised(void)
{
    CLEANUP(json_put)
    json_t *input = parse("{\"kind\": \"delete\", \"admin\": {\"workflowPolicies\": {\"requiredPlatformWorkflows\": [\"scan\"], "
                          "\"allowedProductWorkflows\": []}},"
                          " \"plan\": {\"phases\": [{\"phase\": \"deployment\", \"workflows\": [{\"name\": \"x\", \"product\": \"p\", "
                          "\"tier\": \"product\", \"steps\": []}]}]}}");
    struct policy_decision decision = {0};
    struct policy_set_options options = {0};
    struct policy_set *set = NULL;
    struct err err;

    ASSERT_OK(policy_set_load(&options, NULL, &set, &err), err);
    policy_evaluate(set, "deployment", input, &decision);
    CU_ASSERT_FALSE(decision.denied);
    CU_ASSERT_EQUAL(json_array_size(decision.violations), 1);
    ASSERT_TEXT(json_str(json_array_get(decision.violations, 0), "severity"), "warn");
    policy_decision_fini(&decision);
    json_object_set_new(input, "kind", json_string("deploy"));
    policy_evaluate(set, "deployment", input, &decision);
    CU_ASSERT_TRUE(decision.denied);
    CU_ASSERT_EQUAL(json_array_size(decision.violations), 2);
    policy_decision_fini(&decision);
    policy_set_unref(set);
}

const struct test_case tests[] = {
    {"the shipped policies' own tests pass and cover every line", test_own_tests},
    {"a denial names policy, path, value, message, fix and source", test_denial},
    {"an empty input breaks no shipped policy", test_empty_input},
    {"settings of a wrong type deny", test_wrong_types},
    {"a deletion is advised, a deployment is denied", test_deletion_is_advised},
    {0},
};
