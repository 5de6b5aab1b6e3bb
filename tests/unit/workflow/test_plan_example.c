/* The workflows and the Score file that ship: they load, and their plan is the one that golden/ecommerce.json shows.
 * UPDATE_GOLDEN=1 writes the file anew; read the difference before you commit it. */
#include "base/cleanup.h"
#include "base/io.h"
#include "plan_fixture.h"
#include <stdlib.h>

#define GOLDEN TEST_SOURCE_DIR "/tests/unit/workflow/golden/ecommerce.json"

static const char config[] =
    "admin: {defaultBudget: 100}\n"
    "workflowPolicies:\n"
    "  workflowsRoot: " TEST_SOURCE_DIR "/workflows\n"
    "  requiredPlatformWorkflows: [security-scan, cost-monitoring]\n"
    "  allowedProductWorkflows: ['ecommerce/*', 'analytics/*']\n"
    "provisioners:\n"
    "  - {name: local, plugin: local}\n"
    "productProvisioners:\n"
    "  - {product: ecommerce, name: payment, type: payment-gateway, version: 1.0.0, plugin: ./plugins/payment-gateway.so,\n"
    "     sha256: 0000000000000000000000000000000000000000000000000000000000000000, grant: [network]}\n"
    "costs: {currency: EUR, prices: {sqlite: {monthly: 1}, volume: {per: {size: 1Gi, price: 0.1}}, payment-gateway: {monthly: 3}}}\n";

struct example {
    struct arena arena;
    struct diag_list diags;
    struct admin_config *config;
    struct catalog *catalog;
    struct score *score;
    json_t *provisioners, *plan;
};

static void set_up(struct example *e, const char *score_path)
{
    CLEANUP(free_ptr) char *text = NULL;
    struct err err;
    size_t len = 0;

    *e = (struct example){0};
    e->diags = diag_list_make(&e->arena, "score.yaml");
    e->provisioners = fixture_provisioners();
    ASSERT_OK(config_parse(config, strlen(config), "admin-config.yaml", "/etc/innominatus", &e->diags, &e->config, &err), err);
    ASSERT_OK(catalog_load(e->config, e->provisioners, &e->catalog, &err), err);
    if (!score_path)
        return;
    ASSERT_OK(io_read_file(score_path, 1 << 20, &text, &len, &err), err);
    if (text && score_parse(text, len, &(struct score_options){0}, &e->arena, &e->diags, &e->score) < 0)
        fprintf(stderr, "%s", diag_render(&e->diags, text, false, &e->arena));
    CU_ASSERT_PTR_NOT_NULL_FATAL(e->score);
}

static void build(struct example *e)
{
    struct plan_request request = {.config = e->config,
                                   .catalog = e->catalog,
                                   .provisioners = e->provisioners,
                                   .kind = "deploy",
                                   .org = "default",
                                   .team = "shop",
                                   .score = e->score};
    struct err err;

    request.environment = (struct config_target){.name = "development", .type = "development"};
    ASSERT_OK(plan_build(&request, &e->arena, &e->diags, &e->plan, &err), err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e->plan);
}

static void tear_down(struct example *e)
{
    json_decref(e->plan);
    json_decref(e->provisioners);
    score_free(e->score);
    catalog_free(e->catalog);
    config_free(e->config);
    arena_fini(&e->arena);
}

/* What is new each time, or depends on where the tree lies. */
static void settle(json_t *plan)
{
    json_t *phase, *execution;
    size_t i, k;

    json_object_del(plan, "config_revision");
    json_array_foreach(json_object_get(plan, "phases"), i, phase) json_array_foreach(json_object_get(phase, "workflows"), k, execution)
        json_object_del(execution, "id");
}

static void test_golden(void)
{
    struct example e;
    CLEANUP(free_ptr) char *wanted = NULL;
    CLEANUP(free_ptr) char *got = NULL;
    struct err err;
    size_t len;

    set_up(&e, TEST_SOURCE_DIR "/examples/ecommerce-app.yaml");
    build(&e);
    settle(e.plan);
    got = json_dump_text(e.plan, JSON_INDENT(1) | JSON_SORT_KEYS);
    if (getenv("UPDATE_GOLDEN"))
        ASSERT_OK(io_write_atomic(GOLDEN, got, strlen(got), 0644, &err), err);
    ASSERT_OK(io_read_file(GOLDEN, 4 << 20, &wanted, &len, &err), err);
    CU_ASSERT(wanted && strcmp(got, wanted) == 0);
    if (wanted && strcmp(got, wanted) != 0) {
        size_t at = 0;

        while (got[at] == wanted[at])
            at++;
        fprintf(stderr, "the plan differs from " GOLDEN " at byte %zu: ...%.120s\n", at, got + (at > 40 ? at - 40 : 0));
    }
    tear_down(&e);
}

static void test_shape(void)
{
    struct example e;
    struct plan_fixture shown = {0};

    set_up(&e, TEST_SOURCE_DIR "/examples/ecommerce-app.yaml");
    build(&e);
    shown.plan = e.plan;
    ASSERT_TEXT(fixture_show(&shown),
                "pre-deployment: platform/security-scan(scan), product/ecommerce/database-setup(db, migrate<db@local, verify<migrate)\n"
                "deployment: application/resources(db~product/ecommerce/database-setup#db, data, web, session, payments), "
                "product/ecommerce/payment-integration(configure, verify<configure), application/workload(shop)\n"
                "post-deployment: platform/cost-monitoring(tags, estimate<tags)");
    ASSERT_TEXT(json_string_value(json_at(e.plan, "phases.0.workflows.0.reason")), "required by admin-config.yaml:4");
    ASSERT_TEXT(json_string_value(json_at(e.plan, "resources.payments.provisioner")), "payment");
    CU_ASSERT_EQUAL(json_integer_value(json_at(e.plan, "summary.create")), 6);
    CU_ASSERT_EQUAL(json_real_value(json_at(e.plan, "cost.after")), 4.2);
    arena_fini(&shown.arena);
    tear_down(&e);
}

/* Every file that ships is a valid workflow without a warning. */
static void test_shipped_load(void)
{
    struct example e;
    const struct workflow_def *defs;
    size_t count;

    set_up(&e, NULL);
    defs = catalog_workflows(e.catalog, &count);
    CU_ASSERT(count >= 5);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < defs[i].problem_count; k++)
            fprintf(stderr, "%s:%d: %s\n", defs[i].file, defs[i].problems[k].line, defs[i].problems[k].message);
        CU_ASSERT_EQUAL(defs[i].problem_count, 0);
    }
    CU_ASSERT_PTR_NOT_NULL(catalog_find(e.catalog, "analytics", "data-pipeline"));
    tear_down(&e);
}

const struct test_case tests[] = {
    {"the workflows that ship are valid", test_shipped_load},
    {"the example's executions stand in their order", test_shape},
    {"the example's plan is the golden one", test_golden},
    {0},
};
