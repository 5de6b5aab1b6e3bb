/* Which workflows a deployment runs, in which order, and why. */
#include "plan_fixture.h"

#define PLATFORM(name, more)                                                                                                               \
    "=== platform/" name ".yaml\napiVersion: workflow.dev/v1\nkind: PlatformWorkflow\nmetadata: {name: " name more "}\nspec:\n"
#define PRODUCT(product, name, more)                                                                                                       \
    "=== products/" product "/" name ".yaml\napiVersion: workflow.dev/v1\nkind: ProductWorkflow\nmetadata: {name: " name more "}\nspec:\n"
#define STEP(name)  "  steps: [{name: " name ", type: delay, config: {duration: 1s}}]\n"
#define SCORE(more) "apiVersion: score.dev/v1b1\nmetadata: {name: shop" more "}\ncontainers: {web: {image: 'shop:1.0'}}\n"
#define RUNS        "{\"revision\": 3, \"first\": false, \"resources\": []}"

static const struct plan_case cases[] = {
    {"nothing but the containers", .plan = "deployment: application/workload(shop)",
     .members = "application=shop;kind=deploy;first=true;revision=0;environment.type=development;summary.create=1"},
    {"a platform workflow runs in its phase", .files = PLATFORM("scan", ", phase: pre-deployment") STEP("a"),
     .plan = "pre-deployment: platform/scan(a)\ndeployment: application/workload(shop)",
     .members = "phases.0.workflows.0.reason=platform workflow, trigger "
                "all_deployments;phases.0.workflows.0.source.file=workflows/platform/scan.yaml;"
                "phases.0.workflows.0.on_failure=rollback;phases.0.workflows.0.position=0;phases.1.workflows.0.position=1"},
    {"the default phase is deployment, behind the resources and before the containers", .files = PLATFORM("scan", "") STEP("a"),
     .plan = "deployment: platform/scan(a), application/workload(shop)"},
    {"an update stops where a first deployment rolls back", .files = PLATFORM("scan", "") STEP("a"), .state = RUNS,
     .members = "phases.1.workflows.0.on_failure=stop;phases.1.workflows.1.on_failure=stop;first=false;revision=3"},
    {"a workflow's own onFailure wins", .files = PLATFORM("scan", "") "  onFailure: continue\n" STEP("a"),
     .members = "phases.1.workflows.0.on_failure=continue"},
    {"the tiers stand in their order, inside by priority and name",
     .files = PRODUCT("shop", "b", "") STEP("s") PRODUCT("shop", "a", "") STEP("s") PLATFORM("z", ", priority: 10") STEP("s")
         PLATFORM("y", "") STEP("s"),
     .score = SCORE(", product: shop") "workflows: {mine: {steps: [{name: s, type: delay, config: {duration: 1s}}]}}\n",
     .plan =
         "deployment: platform/z(s), platform/y(s), product/shop/a(s), product/shop/b(s), application/mine(s), application/workload(shop)"},
    {"another product's workflows never run", .files = PRODUCT("other", "b", "") STEP("s") PRODUCT("shop", "a", "") STEP("s"),
     .score = SCORE(", product: shop"), .plan = "deployment: product/shop/a(s), application/workload(shop)",
     .members =
         "product=shop;phases.1.workflows.0.product=shop;phases.1.workflows.0.reason=metadata.product: shop, trigger all_deployments"},
    {"without metadata.product there is no product tier", .files = PRODUCT("shop", "a", "") STEP("s"),
     .plan = "deployment: application/workload(shop)", .members = "product=absent"},
    {"first_deployment runs once", .files = PLATFORM("scan", "") "  triggers: [first_deployment]\n" STEP("a"),
     .plan = "deployment: platform/scan(a), application/workload(shop)"},
    {"and not again", .files = PLATFORM("scan", "") "  triggers: [first_deployment]\n" STEP("a"), .state = RUNS,
     .plan = "deployment: application/workload(shop)"},
    {"product_deployment needs a product", .files = PLATFORM("scan", "") "  triggers: [product_deployment]\n" STEP("a"),
     .plan = "deployment: application/workload(shop)"},
    {"product_deployment runs with one", .files = PLATFORM("scan", "") "  triggers: [product_deployment]\n" STEP("a"),
     .score = SCORE(", product: shop"), .plan = "deployment: platform/scan(a), application/workload(shop)"},
    {"manual and deletion do not run in a deployment",
     .files = PLATFORM("scan", "") "  triggers: [manual]\n" STEP("a") PLATFORM("clean", "") "  triggers: [deletion]\n" STEP("a"),
     .plan = "deployment: application/workload(shop)"},
    {"a draft is not resolved", .files = PLATFORM("scan", ", status: draft") STEP("a"), .plan = "deployment: application/workload(shop)"},
    {"a required workflow always runs, and says which line wants it",
     .config = "workflowPolicies:\n  requiredPlatformWorkflows:\n    - other\n    - scan\n",
     .files = PLATFORM("scan", "") "  triggers: [manual]\n" STEP("a") PLATFORM("other", "") STEP("a"),
     .plan = "deployment: platform/other(a), platform/scan(a), application/workload(shop)",
     .members = "phases.1.workflows.1.reason=required by admin-config.yaml:4;phases.1.workflows.1.required=true"},
    {"a missing required workflow is an error", .config = "workflowPolicies: {requiredPlatformWorkflows: [scan]}",
     .code = ERR_REQUIRED_WORKFLOW, .message = "\"scan\" is required by admin-config.yaml:1 but does not exist"},
    {"a required draft is an error", .config = "workflowPolicies: {requiredPlatformWorkflows: [scan]}",
     .files = PLATFORM("scan", ", status: draft") STEP("a"), .code = ERR_REQUIRED_WORKFLOW, .message = "is a draft"},
    {"a broken required workflow is an error at its line", .config = "workflowPolicies: {requiredPlatformWorkflows: [scan]}",
     .files = PLATFORM("scan", "") "  steps: [{name: a, type: dely}]\n", .code = ERR_REQUIRED_WORKFLOW,
     .message = "unknown step type \"dely\"", .suggestion = "delay", .file = "workflows/platform/scan.yaml", .line = 5},
    {"a deployment that needs a broken file is refused", .files = PRODUCT("shop", "a", "") "  steps: [{name: a}]\n",
     .score = SCORE(", product: shop"), .code = ERR_WORKFLOW_INVALID, .message = "workflow product/shop/a is broken",
     .file = "workflows/products/shop/a.yaml"},
    {"and others go on", .files = PRODUCT("shop", "a", "") "  steps: [{name: a}]\n", .plan = "deployment: application/workload(shop)"},
    {"a product workflow that is not allowed stays in the plan and says so",
     .config = "workflowPolicies:\n  allowedProductWorkflows: [shop/other, 'pay*/*']\n", .files = PRODUCT("shop", "a", "") STEP("s"),
     .score = SCORE(", product: shop"),
     .members = "phases.1.workflows.0.allowed=false;phases.1.workflows.0.denied=not in workflowPolicies.allowedProductWorkflows "
                "(admin-config.yaml:2)"},
    {"a glob allows", .config = "workflowPolicies: {allowedProductWorkflows: ['shop/*']}", .files = PRODUCT("shop", "a", "") STEP("s"),
     .score = SCORE(", product: shop"), .members = "phases.1.workflows.0.allowed=true;phases.1.workflows.0.denied=absent"},
    {"an empty list allows nothing", .config = "workflowPolicies: {allowedProductWorkflows: []}",
     .files = PRODUCT("shop", "a", "") STEP("s"), .score = SCORE(", product: shop"), .members = "phases.1.workflows.0.allowed=false"},
    {"names alike run both without workflowOverrides", .files = PLATFORM("scan", "") STEP("a") PRODUCT("shop", "scan", "") STEP("b"),
     .score = SCORE(", product: shop"), .plan = "deployment: platform/scan(a), product/shop/scan(b), application/workload(shop)"},
    {"workflowOverrides.platform lets a lower tier replace, visibly",
     .config = "workflowPolicies:\n  workflowOverrides: {platform: true}\n",
     .files = PLATFORM("scan", "") STEP("a") PRODUCT("shop", "scan", "") STEP("b"), .score = SCORE(", product: shop"),
     .plan = "deployment: product/shop/scan(b), application/workload(shop)",
     .members = "phases.1.workflows.0.reason=metadata.product: shop, trigger all_deployments, in place of platform/scan "
                "(workflowOverrides.platform, admin-config.yaml:2)"},
    {"never a required one", .config = "workflowPolicies: {workflowOverrides: {platform: true}, requiredPlatformWorkflows: [scan]}",
     .files = PLATFORM("scan", "") STEP("a") PRODUCT("shop", "scan", "") STEP("b"), .score = SCORE(", product: shop"),
     .plan = "deployment: platform/scan(a), product/shop/scan(b), application/workload(shop)"},
    {"workflowOverrides.product does not open the platform's", .config = "workflowPolicies: {workflowOverrides: {product: true}}",
     .files = PLATFORM("scan", "") STEP("a") PRODUCT("shop", "db", "") STEP("b"),
     .score = SCORE(", product: shop") "workflows: {scan: {steps: [{name: s, type: delay, config: {duration: 1s}}]}, db: {steps: [{name: "
                                       "d, type: delay, config: {duration: 1s}}]}}\n",
     .plan = "deployment: platform/scan(a), application/db(d), application/scan(s), application/workload(shop)"},
    {"an application's workflow may choose its phase",
     .score = SCORE("") "workflows: {check: {phase: post-deployment, steps: [{name: s, type: delay, config: {duration: 1s}}]}}\n",
     .plan = "deployment: application/workload(shop)\npost-deployment: application/check(s)",
     .members =
         "phases.2.workflows.0.reason=workflows.check of the Score file, trigger all_deployments;phases.2.workflows.0.source.line=4"},
    {"an application may not use the platform's step types",
     .score = SCORE("") "workflows:\n  check:\n    steps:\n      - {name: s, type: terraform}\n", .code = ERR_STEP_TYPE,
     .message = "may not use step type \"terraform\"", .suggestion = "resource, workload, delay", .line = 7},
    {"an application's workflow may not take a name of the core's",
     .score = SCORE("") "workflows: {resources: {steps: [{name: s, type: delay, config: {duration: 1s}}]}}\n", .code = ERR_BAD_NAME,
     .message = "reserved", .line = 4},
    {"unless the admin says otherwise", .config = "workflowPolicies: {applicationStepTypes: [database-migration]}",
     .score = SCORE("") "workflows: {check: {steps: [{name: s, type: database-migration}]}}\n",
     .plan = "deployment: application/check(s@local), application/workload(shop)"},
    {"allowedStepTypes is a policy: the plan is made, and denied", .config = "workflowPolicies: {allowedStepTypes: [delay]}",
     .files = PLATFORM("scan", "") "  steps: [{name: a, type: security}]\n",
     .plan = "deployment: platform/scan(a), application/workload(shop)"},
    {"a deletion runs only its workflows",
     .files = PLATFORM("scan", "") STEP("a") PLATFORM("clean", "") "  triggers: [deletion]\n" STEP("a"), .kind = "delete", .state = RUNS,
     .plan = "deployment: platform/clean(a)", .members = "kind=delete;summary.remove=0"},
    {"a deletion does without required ones", .config = "workflowPolicies: {requiredPlatformWorkflows: [scan]}", .kind = "delete",
     .state = RUNS, .plan = ""},
    {"forEach is refused where it would have to run",
     .files = PLATFORM("scan", "") "  steps: [{name: a, type: delay, forEach: [1, 2], config: {duration: 1s}}]\n", .code = ERR_UNSUPPORTED,
     .message = "forEach is not available in this release", .file = "workflows/platform/scan.yaml", .line = 5},
    {"and not where it would not",
     .files = PLATFORM("scan", "") "  triggers: [manual]\n  steps: [{name: a, type: delay, forEach: [1, 2], config: {duration: 1s}}]\n",
     .plan = "deployment: application/workload(shop)"},
    {"uses is refused", .files = PLATFORM("scan", "") "  steps: [{name: a, uses: platform/other}]\n", .code = ERR_UNSUPPORTED,
     .message = "uses is not available"},
    {"rollback is refused",
     .files = PLATFORM("scan", "") "  steps: [{name: a, type: delay, config: {duration: 1s}, rollback: {type: delay}}]\n",
     .code = ERR_UNSUPPORTED, .message = "rollback is not available"},
    {"an environment that wants an approval takes no deployment",
     .config = "environments: [{name: live, type: production, requireApproval: true}]", .environment = "live", .code = ERR_UNSUPPORTED,
     .message = "requires an approval"},
    {"parameters come from the request, converted, or from their defaults",
     .files = PLATFORM("scan", "") "  parameters: [{name: count, type: int, min: 1}, {name: mode, default: fast}, {name: on, type: bool, "
                                   "default: true}, {name: size, type: enum, allowed_values: [s, m]}]\n" STEP("a"),
     .parameters = "{\"count\": \"3\", \"size\": \"m\"}",
     .members = "phases.1.workflows.0.parameters.count=3;phases.1.workflows.0.parameters.mode=fast;phases.1.workflows.0.parameters.on=true;"
                "phases.1.workflows.0.parameters.size=m"},
    {"a required parameter must be given",
     .files = PLATFORM("scan", "") "  parameters: [{name: count, type: int, required: true}]\n" STEP("a"), .code = ERR_MISSING_FIELD,
     .message = "platform/scan needs the parameter \"count\"", .suggestion = "--param count=VALUE"},
    {"a parameter has its kind", .files = PLATFORM("scan", "") "  parameters: [{name: count, type: int}]\n" STEP("a"),
     .parameters = "{\"count\": \"many\"}", .code = ERR_BAD_VALUE, .message = "is not a whole number"},
    {"its range", .files = PLATFORM("scan", "") "  parameters: [{name: count, type: int, max: 5}]\n" STEP("a"),
     .parameters = "{\"count\": 6}", .code = ERR_BAD_VALUE, .message = "at most 5"},
    {"its list", .files = PLATFORM("scan", "") "  parameters: [{name: size, type: enum, allowed_values: [s, m]}]\n" STEP("a"),
     .parameters = "{\"size\": \"xl\"}", .code = ERR_BAD_VALUE, .message = "is not among"},
    {"its pattern", .files = PLATFORM("scan", "") "  parameters: [{name: tag, pattern: '^v[0-9]+$'}]\n" STEP("a"),
     .parameters = "{\"tag\": \"1\"}", .code = ERR_BAD_VALUE, .message = "does not match"},
    {"durations are compared as such", .files = PLATFORM("scan", "") "  parameters: [{name: wait, type: duration, max: 5m}]\n" STEP("a"),
     .parameters = "{\"wait\": \"1h\"}", .code = ERR_BAD_VALUE, .message = "at most"},
    {"a parameter that nobody declares is a mistake", .files = PLATFORM("scan", "") "  parameters: [{name: count, type: int}]\n" STEP("a"),
     .parameters = "{\"cuont\": 1}", .code = ERR_UNKNOWN_FIELD, .message = "cuont", .suggestion = "count"},
    {"retry has its defaults and says whether it was written", .files = PLATFORM("scan", "") STEP("a"),
     .members = "phases.1.workflows.0.steps.0.retry.attempts=3;phases.1.workflows.0.steps.0.retry.delay_ms=1000;phases.1.workflows.0.steps."
                "0.retry_explicit=false;"
                "phases.1.workflows.0.steps.0.idempotent=true;phases.1.workflows.0.steps.0.line=5"},
    {"retry as written",
     .files = PLATFORM("scan", "") "  steps: [{name: a, type: http, config: {method: POST, url: 'http://h/'}, retry: {attempts: 5, delay: "
                                   "2s, maxDelay: 10s, on: [failed]}, timeout: 5m}]\n",
     .members = "phases.1.workflows.0.steps.0.retry.attempts=5;phases.1.workflows.0.steps.0.retry.max_delay_ms=10000;phases.1.workflows.0."
                "steps.0.retry_explicit=true;"
                "phases.1.workflows.0.steps.0.retry.on=[\"failed\"];phases.1.workflows.0.steps.0.timeout_ms=300000;phases.1.workflows.0."
                "steps.0.idempotent=false"},
    {"a GET may run twice", .files = PLATFORM("scan", "") "  steps: [{name: a, type: http, config: {url: 'http://h/'}}]\n",
     .members = "phases.1.workflows.0.steps.0.idempotent=true"},
    {"a workflow's timeout, or the admin's", .config = "workflowPolicies: {maxWorkflowDuration: 30m}",
     .files = PLATFORM("scan", "") "  timeout: 5m\n" STEP("a") PLATFORM("watch", "") STEP("a"),
     .members = "phases.1.workflows.0.timeout_ms=300000;phases.1.workflows.1.timeout_ms=1800000;phases.1.workflows.2.timeout_ms=1800000"},
    {"prices make a cost", .config = "costs: {currency: EUR, prices: {workload: {monthly: 5}}}",
     .members = "cost.after=5.0;cost.before=0.0;cost.currency=EUR;cost.monthly=5.0"},
    {"without prices there is none", .members = "cost=absent"},
    {0},
};

static void test_cases(void) { fixture_run(cases); }

static void test_ids(void)
{
    struct plan_fixture a, b;

    fixture_build(&a, &cases[0]);
    fixture_build(&b, &cases[0]);
    CU_ASSERT_STRING_NOT_EQUAL(json_string_value(json_at(a.plan, "phases.1.workflows.0.id")),
                               json_string_value(json_at(b.plan, "phases.1.workflows.0.id")));
    CU_ASSERT_EQUAL(strncmp(json_string_value(json_at(a.plan, "phases.1.workflows.0.id")), "w-", 2), 0);
    fixture_fini(&a);
    fixture_fini(&b);
}

const struct test_case tests[] = {
    {"a deployment runs the workflows that its tiers, triggers and the admin's rules say", test_cases},
    {"each plan gives its executions ids of their own", test_ids},
    {0},
};
