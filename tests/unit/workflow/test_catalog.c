/* Workflow files: their form, their references, and how the catalogue shows them. */
#include "base/cleanup.h"
#include "plan_fixture.h"

#define HEAD "apiVersion: workflow.dev/v1\nkind: ProductWorkflow\nmetadata: {name: setup}\nspec:\n"

/* A whole document, and the first problem in it. Lines count from 1. */
static const struct {
    const char *name, *text;
    enum err_code code;
    int line;
    const char *part, *suggestion;
} bad[] = {
    {"no apiVersion", "kind: ProductWorkflow\nmetadata: {name: a}\nspec: {steps: [{name: s, type: delay, config: {duration: 1s}}]}\n",
     ERR_MISSING_FIELD, 1, "apiVersion", "workflow.dev/v1"},
    {"another kind",
     "apiVersion: workflow.dev/v1\nkind: PlatformWorkflow\nmetadata: {name: a}\nspec: {steps: [{name: s, type: delay, config: {duration: "
     "1s}}]}\n",
     ERR_BAD_VALUE, 2, "cannot be a PlatformWorkflow", "ProductWorkflow"},
    {"another product",
     "apiVersion: workflow.dev/v1\nkind: ProductWorkflow\nmetadata: {name: a, product: other}\nspec: {steps: [{name: s, type: delay, "
     "config: {duration: 1s}}]}\n",
     ERR_BAD_VALUE, 3, "lies in products/shop", NULL},
    {"a typo in a step", HEAD "  steps:\n    - {name: s, type: workload, confg: {}}\n", ERR_UNKNOWN_FIELD, 6, "confg", "config"},
    {"no steps", HEAD "  steps: []\n", ERR_BAD_VALUE, 5, "steps is empty", NULL},
    {"a step without a type", HEAD "  steps:\n    - {name: s}\n", ERR_MISSING_FIELD, 6, "type", NULL},
    {"an unknown type", HEAD "  steps:\n    - {name: s, type: valdation}\n", ERR_STEP_TYPE, 6, "unknown step type \"valdation\"",
     "validation"},
    {"a type of a later release", HEAD "  steps:\n    - {name: s, type: approval, config: {roles: [admin]}}\n", ERR_UNSUPPORTED, 6,
     "\"approval\" is not available in this release", NULL},
    {"a shell", HEAD "  steps:\n    - {name: s, type: command, config: {argv: [sh]}}\n", ERR_UNSUPPORTED, 6, "command", NULL},
    {"an unknown phase",
     "apiVersion: workflow.dev/v1\nkind: ProductWorkflow\nmetadata: {name: a, phase: deploy}\nspec: {steps: [{name: s, type: workload}]}\n",
     ERR_BAD_VALUE, 3, "deploy", "deployment"},
    {"an unknown trigger", HEAD "  triggers: [always]\n  steps: [{name: s, type: workload}]\n", ERR_BAD_VALUE, 5, "always", NULL},
    {"a delay without a duration", HEAD "  steps:\n    - {name: s, type: delay}\n", ERR_MISSING_FIELD, 6, "duration", NULL},
    {"a delay of no duration", HEAD "  steps:\n    - {name: s, type: delay, config: {duration: soon}}\n", ERR_DURATION, 6, "soon", NULL},
    {"a resource step for nothing", HEAD "  steps:\n    - {name: s, type: resource}\n", ERR_MISSING_FIELD, 6, "resource", NULL},
    {"a resource step for both", HEAD "  steps:\n    - {name: s, type: resource, config: {resource: db, resourceTypes: [dns]}}\n",
     ERR_CONFLICTING_FIELDS, 6, "exclude", NULL},
    {"a workload step with a config", HEAD "  steps:\n    - {name: s, type: workload, config: {image: x}}\n", ERR_UNKNOWN_FIELD, 6, "image",
     NULL},
    {"a lua step without a script", HEAD "  steps:\n    - {name: s, type: lua, config: {x: 1}}\n", ERR_MISSING_FIELD, 6, "script", NULL},
    {"an http step to a file", HEAD "  steps:\n    - {name: s, type: http, config: {url: 'file:///etc/passwd'}}\n", ERR_BAD_VALUE, 6,
     "no http address", NULL},
    {"an unknown method", HEAD "  steps:\n    - {name: s, type: http, config: {url: 'http://h', method: FETCH}}\n", ERR_BAD_VALUE, 6,
     "FETCH", NULL},
    {"a check without an expression", HEAD "  steps:\n    - {name: s, type: validation, config: {checks: [{message: m}]}}\n",
     ERR_MISSING_FIELD, 6, "when", NULL},
    {"a check that does not compile", HEAD "  steps:\n    - {name: s, type: validation, config: {checks: [{when: 'a b ='}]}}\n",
     ERR_CONDITION, 6, "", NULL},
    {"a condition that does not compile", HEAD "  steps:\n    - {name: s, type: workload, if: 'env.type =='}\n", ERR_CONDITION, 6, "",
     NULL},
    {"too many attempts", HEAD "  steps:\n    - {name: s, type: workload, retry: {attempts: 100}}\n", ERR_BAD_VALUE, 6, "100", NULL},
    {"a retry on nothing known", HEAD "  steps:\n    - {name: s, type: workload, retry: {on: [transiet]}}\n", ERR_BAD_VALUE, 6, "transiet",
     "transient"},
    {"two steps of one name", HEAD "  steps:\n    - {name: s, type: workload}\n    - {name: s, type: workload}\n", ERR_DUPLICATE_KEY, 7,
     "two steps are named \"s\"", NULL},
    {"dependsOn nobody", HEAD "  steps:\n    - {name: first, type: workload}\n    - {name: s, type: workload, dependsOn: [frist]}\n",
     ERR_UNKNOWN_REFERENCE, 7, "frist", "first"},
    {"a cycle",
     HEAD "  steps:\n    - {name: a, type: workload, dependsOn: [c]}\n    - {name: b, type: workload}\n    - {name: c, type: workload}\n",
     ERR_CYCLE, 0, "a -> c -> b -> a", NULL},
    {"a step that waits for itself", HEAD "  steps:\n    - {name: a, type: workload, dependsOn: [a]}\n", ERR_CYCLE, 6, "a -> a", NULL},
    {"a provisioner for a built-in type", HEAD "  steps:\n    - {name: s, type: workload, provisioner: local}\n", ERR_UNKNOWN_FIELD, 6,
     "built in", NULL},
    {"an unknown root", HEAD "  steps:\n    - {name: s, type: tagging, config: {tags: {a: '${secrets.x}'}}}\n", ERR_UNKNOWN_REFERENCE, 6,
     "nothing is named \"secrets\"", NULL},
    {"an undeclared parameter",
     HEAD "  parameters: [{name: size}]\n  steps:\n    - {name: s, type: tagging, config: {tags: {a: '${parameters.sise}'}}}\n",
     ERR_UNKNOWN_REFERENCE, 7, "\"sise\"", "size"},
    {"an undeclared variable",
     HEAD "  variables: {size: 1}\n  steps:\n    - {name: s, type: tagging, config: {tags: {a: '${workflow.sise}'}}}\n",
     ERR_UNKNOWN_REFERENCE, 7, "\"sise\"", "size"},
    {"the admin's other keys", HEAD "  steps:\n    - {name: s, type: tagging, config: {tags: {a: '${admin.provisioners}'}}}\n",
     ERR_UNKNOWN_REFERENCE, 6, "no such key", "defaultBudget"},
    {"an unknown key of the environment", HEAD "  steps:\n    - {name: s, type: tagging, config: {tags: {a: '${environment.kind}'}}}\n",
     ERR_UNKNOWN_REFERENCE, 6, "no such key", NULL},
    {"an unknown step", HEAD "  steps:\n    - {name: s, type: tagging, config: {tags: {a: '${steps.scan.outputs.x}'}}}\n",
     ERR_UNKNOWN_REFERENCE, 6, "no step \"scan\"", NULL},
    {"a later step", HEAD "  steps:\n    - {name: s, type: tagging, config: {tags: {a: '${t.x}'}}}\n    - {name: t, type: workload}\n",
     ERR_UNKNOWN_REFERENCE, 6, "may not have run", "dependsOn"},
    {"a step beside it",
     HEAD "  steps:\n    - {name: a, type: workload, parallelGroup: 1}\n    - {name: b, type: tagging, parallelGroup: 1, config: {tags: "
          "{x: '${steps.a.outputs.y}'}}}\n",
     ERR_UNKNOWN_REFERENCE, 7, "may not have run", NULL},
    {"an undeclared output",
     HEAD "  steps:\n    - {name: a, type: workload, outputs: {dsn: x}}\n    - {name: b, type: tagging, config: {tags: {x: "
          "'${steps.a.outputs.dns}'}}}\n",
     ERR_UNKNOWN_REFERENCE, 7, "no output \"dns\"", "dsn"},
    {"a step without outputs or state",
     HEAD "  steps:\n    - {name: a, type: workload}\n    - {name: b, type: tagging, config: {tags: {x: '${steps.a.dsn}'}}}\n",
     ERR_UNKNOWN_REFERENCE, 7, "`outputs` and `state`", "steps.a.outputs.dsn"},
    {"a result outside outputs", HEAD "  steps:\n    - {name: s, type: tagging, config: {tags: {a: '${result.x}'}}}\n",
     ERR_UNKNOWN_REFERENCE, 6, "only `outputs`", NULL},
    {"an item without forEach", HEAD "  steps:\n    - {name: s, type: tagging, config: {tags: {a: '${item}'}}}\n", ERR_UNKNOWN_REFERENCE, 6,
     "forEach", NULL},
    {"an export of nothing", HEAD "  exports: {dsn: '${steps.nobody.outputs.dsn}'}\n  steps:\n    - {name: s, type: workload}\n",
     ERR_UNKNOWN_REFERENCE, 5, "no step \"nobody\"", NULL},
    {"another workflow without its tier", HEAD "  steps:\n    - {name: s, type: tagging, config: {tags: {a: '${workflows.setup.dsn}'}}}\n",
     ERR_UNKNOWN_REFERENCE, 6, "TIER/NAME", NULL},
    {"a broken placeholder", HEAD "  steps:\n    - {name: s, type: tagging, config: {tags: {a: 'x ${metadata.'}}}\n", ERR_PLACEHOLDER, 6,
     "", NULL},
    {"no YAML", "a: [\n", ERR_SYNTAX, 0, "", NULL},
    {"nothing at all", "", ERR_WRONG_TYPE, 0, "", NULL},
    {"a list", "- a\n", ERR_WRONG_TYPE, 1, "", NULL},
};

static struct admin_config *defaults(void)
{
    struct admin_config *config = NULL;
    struct err err;

    ASSERT_OK(config_default(NULL, &config, &err), err);
    return config;
}

static int parse(const char *text, const struct admin_config *config, struct arena *arena, json_t *hold, struct diag_list *diags,
                 struct workflow_def *def)
{
    *diags = diag_list_make(arena, "setup.yaml");
    return workflow_parse(
        &(struct workflow_source){
            .text = text, .len = strlen(text), .file = "workflows/products/shop/setup.yaml", .product = "shop", .config = config},
        arena, hold, diags, def);
}

static void test_problems(void)
{
    struct admin_config *config = defaults();

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct arena arena = {0};
        struct diag_list diags;
        struct workflow_def def;
        json_t *hold = json_array();
        int rc = parse(bad[i].text, config, &arena, hold, &diags, &def);
        const struct diag *d = diags.count ? &diags.items[0] : &(struct diag){.message = ""};

        if (rc != -1 || !def.broken || d->code != bad[i].code || (bad[i].line && d->line != bad[i].line) ||
            !strstr(d->message, bad[i].part) || (bad[i].suggestion && (!d->suggestion || !strstr(d->suggestion, bad[i].suggestion)))) {
            fprintf(stderr, "%s: rc %d, ORC-%d line %d: %s (%s)\n", bad[i].name, rc, err_orc(d->code), d->line, d->message,
                    d->suggestion ? d->suggestion : "");
            CU_FAIL("not the problem that was expected");
        }
        json_decref(hold);
        arena_fini(&arena);
    }
    config_free(config);
}

static const char whole[] =
    "apiVersion: workflow.dev/v1\n"
    "kind: ProductWorkflow\n"
    "metadata: {name: setup, description: d, owner: o, product: shop, phase: pre-deployment, version: 1.2.0, priority: 5, status: active, "
    "tags: [db]}\n"
    "spec:\n"
    "  triggers: [first_deployment, manual]\n"
    "  parameters: [{name: size, type: int, default: 1}]\n"
    "  variables: {mode: fast}\n"
    "  timeout: 30m\n"
    "  onFailure: rollback\n"
    "  exports: {dsn: '${steps.verify.outputs.dsn}'}\n"
    "  steps:\n"
    "    - {name: db, type: resource, config: {resource: db}}\n"
    "    - {name: migrate, type: database-migration, config: {path: '${resources.db.path}', size: '${parameters.size}'}, timeout: 1m}\n"
    "    - {name: a, type: delay, parallelGroup: 1, config: {duration: '${variables.mode:-1s}'}}\n"
    "    - {name: b, type: delay, parallelGroup: 1, config: {duration: 1s}}\n"
    "    - name: verify\n"
    "      type: lua\n"
    "      when: 'env.type == \"production\" and steps.migrate.outputs.n == 0'\n"
    "      config: {script: 'return {dsn = \"${not.interpolated}\"}', x: '${migrate.n}', y: '$${literal}'}\n"
    "      outputs: {dsn: '${result.dsn}'}\n"
    "      env: {PATH_OF_DB: '${resources.db.path}'}\n"
    "      continueOnError: true\n"
    "    - {name: free, type: delay, dependsOn: [], config: {duration: 1s}}\n"
    "    - {name: last, type: delay, config: {duration: 1s}}\n";

static void test_whole(void)
{
    struct admin_config *config = defaults();
    struct arena arena = {0};
    struct diag_list diags;
    struct workflow_def def;
    json_t *hold = json_array();

    if (parse(whole, config, &arena, hold, &diags, &def) < 0)
        fprintf(stderr, "%s", diag_render(&diags, whole, false, &arena));
    CU_ASSERT_FALSE(def.broken);
    ASSERT_TEXT(def.title, "product/shop/setup");
    CU_ASSERT_EQUAL(def.phase, PHASE_PRE);
    CU_ASSERT_EQUAL(def.triggers, TRIGGER_FIRST | TRIGGER_MANUAL);
    CU_ASSERT_EQUAL(def.timeout_ms, 1800000);
    CU_ASSERT_EQUAL(def.priority, 5);
    ASSERT_TEXT(def.on_failure, "rollback");
    CU_ASSERT_EQUAL(json_array_size(def.steps), 7);
    json_decref(hold);
    arena_fini(&arena);
    config_free(config);
}

/* step index -> what it depends on */
static void test_order(void)
{
    static const char *const wanted[] = {"", "db", "migrate", "migrate", "a b", "", "free"};
    struct admin_config *config = defaults();
    struct arena arena = {0};
    struct diag_list diags;
    struct workflow_def def;
    json_t *hold = json_array(), *name;
    size_t k;

    parse(whole, config, &arena, hold, &diags, &def);
    for (size_t i = 0; i < json_array_size(def.steps); i++) {
        const char *got = "";

        json_array_foreach(json_object_get(json_array_get(def.steps, i), "depends_on"), k, name) got =
            arena_printf(&arena, "%s%s%s", got, k ? " " : "", json_string_value(name));
        ASSERT_TEXT(got, wanted[i]);
    }
    json_decref(hold);
    arena_fini(&arena);
    config_free(config);
}

static void test_older_condition(void)
{
    static const char text[] = HEAD "  steps:\n    - {name: s, type: workload, if: 'env.type == production && env.name != x'}\n";
    struct admin_config *config = defaults();
    struct arena arena = {0};
    struct diag_list diags;
    struct workflow_def def;
    json_t *hold = json_array();

    CU_ASSERT_EQUAL(parse(text, config, &arena, hold, &diags, &def), 0);
    CU_ASSERT_EQUAL_FATAL(def.problem_count, 1);
    CU_ASSERT_EQUAL(def.problems[0].severity, DIAG_INFO);
    ASSERT_CONTAINS(def.problems[0].suggestion, "and");
    json_decref(hold);
    arena_fini(&arena);
    config_free(config);
}

static void test_place_in_block(void)
{
    static const char text[] = HEAD "  steps:\n    - name: s\n      type: http\n      config:\n        url: http://h/\n        body: |\n   "
                                    "       one\n          two ${nobody.x}\n";
    struct admin_config *config = defaults();
    struct arena arena = {0};
    struct diag_list diags;
    struct workflow_def def;
    json_t *hold = json_array();

    CU_ASSERT_EQUAL(parse(text, config, &arena, hold, &diags, &def), -1);
    CU_ASSERT_EQUAL(diags.items[0].line, 12);
    CU_ASSERT_EQUAL(diags.items[0].column, 15);
    ASSERT_TEXT(diags.items[0].path, "/spec/steps/0/config/body");
    json_decref(hold);
    arena_fini(&arena);
    config_free(config);
}

/* ---- the catalogue ---- */

#define FILE_OF(kind, name, more)                                                                                                          \
    "apiVersion: workflow.dev/v1\nkind: " kind "\nmetadata: {name: " name more                                                             \
    "}\nspec: {steps: [{name: s, type: delay, config: {duration: 1s}}]}\n"
static const char files[] = "=== platform/scan.yaml\n" FILE_OF("PlatformWorkflow", "scan", "") "=== platform/again.yaml\n" FILE_OF(
    "PlatformWorkflow", "scan",
    "") "=== platform/broken.yml\nspec: [\n"
        "=== platform/notes.txt\nnot a workflow\n"
        "=== products/shop/setup.yaml\n" FILE_OF("ProductWorkflow", "setup", ", owner: team, description: sets up, version: 1.0.0, phase: pre-deployment") "=== products/shop/later.yaml\n" FILE_OF(
            "ProductWorkflow", "later",
            ", status: draft") "=== products/shop/forbidden.yaml\n" FILE_OF("ProductWorkflow", "forbidden",
                                                                            "") "=== products/pay/charge.yaml\n" FILE_OF("ProductWorkflow",
                                                                                                                         "charge", "");

struct loaded {
    struct arena arena;
    struct admin_config *config;
    struct catalog *catalog;
};

static void load(struct loaded *l, const char *text)
{
    struct diag_list diags;
    struct err err;

    *l = (struct loaded){0};
    diags = diag_list_make(&l->arena, "admin-config.yaml");
    ASSERT_OK(config_parse(text, strlen(text), "admin-config.yaml", fixture_write(&l->arena, files), &diags, &l->config, &err), err);
    ASSERT_OK(catalog_load(l->config, NULL, &l->catalog, &err), err);
}

static void unload(struct loaded *l)
{
    catalog_free(l->catalog);
    config_free(l->config);
    arena_fini(&l->arena);
}

static void test_catalog(void)
{
    struct loaded l;
    size_t count;
    const struct workflow_def *defs;

    load(&l, "{}");
    defs = catalog_workflows(l.catalog, &count);
    CU_ASSERT_EQUAL(count, 7);
    CU_ASSERT_PTR_NOT_NULL(catalog_find(l.catalog, NULL, "scan"));
    CU_ASSERT_PTR_NULL(catalog_find(l.catalog, NULL, "setup"));
    CU_ASSERT_PTR_NOT_NULL(catalog_find(l.catalog, "shop", "setup"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(catalog_find(l.catalog, NULL, "broken"));
    CU_ASSERT(catalog_find(l.catalog, NULL, "broken")->broken);
    ASSERT_TEXT(catalog_find(l.catalog, NULL, "broken")->problems[0].file, "workflows/platform/broken.yml");
    CU_ASSERT_EQUAL(defs[0].tier, TIER_PLATFORM);
    ASSERT_TEXT(defs[count - 1].product, "shop");
    unload(&l);
}

/* One of two files of one name is refused, the first by name stays. */
static void test_twins(void)
{
    struct loaded l;
    size_t count, broken = 0;
    const struct workflow_def *defs;

    load(&l, "{}");
    defs = catalog_workflows(l.catalog, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(defs[i].title, "platform/scan") == 0 && defs[i].broken) {
            broken++;
            ASSERT_TEXT(defs[i].file, "workflows/platform/scan.yaml");
            ASSERT_CONTAINS(defs[i].problems[0].message, "workflows/platform/again.yaml");
        }
    CU_ASSERT_EQUAL(broken, 1);
    unload(&l);
}

static void test_products(void)
{
    struct loaded l;
    CLEANUP(json_put) json_t *all = NULL;

    load(&l, "workflowPolicies:\n  allowedProductWorkflows: [shop/setup, shop/later]\n");
    all = catalog_describe_products(l.catalog, l.config);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(all, "products")), 2);
    ASSERT_TEXT(json_string_value(json_at(all, "products.0.product")), "pay");
    CU_ASSERT(json_is_false(json_at(all, "products.0.allowed")));
    CU_ASSERT(json_is_true(json_at(all, "products.1.allowed")));
    ASSERT_TEXT(json_string_value(json_at(all, "products.1.workflows.0.name")), "forbidden");
    ASSERT_CONTAINS(json_string_value(json_at(all, "products.1.workflows.0.reason")), "allowedProductWorkflows (admin-config.yaml:2)");
    ASSERT_TEXT(json_string_value(json_at(all, "products.1.workflows.1.reason")), "metadata.status is draft");
    ASSERT_TEXT(json_string_value(json_at(all, "products.1.workflows.2.name")), "setup");
    ASSERT_TEXT(json_string_value(json_at(all, "products.1.workflows.2.metadata.owner")), "team");
    ASSERT_TEXT(json_string_value(json_at(all, "products.1.workflows.2.metadata.phase")), "pre-deployment");
    ASSERT_TEXT(json_string_value(json_at(all, "products.1.workflows.2.triggers.0")), "all_deployments");
    CU_ASSERT_EQUAL(json_integer_value(json_at(all, "products.1.workflows.2.step_count")), 1);
    CU_ASSERT(json_is_true(json_at(all, "products.1.workflows.2.allowed")));
    unload(&l);
}

static void test_one_workflow(void)
{
    struct loaded l;
    CLEANUP(json_put) json_t *one = NULL;

    load(&l, "{}");
    one = catalog_describe_workflow(l.catalog, l.config, "shop", "setup");
    ASSERT_TEXT(json_str(one, "version"), "1.0.0");
    ASSERT_CONTAINS(json_str(one, "yaml"), "kind: ProductWorkflow");
    ASSERT_TEXT(json_string_value(json_at(one, "steps.0.type")), "delay");
    CU_ASSERT_PTR_NOT_NULL(json_object_get(one, "parameters"));
    CU_ASSERT_PTR_NULL(catalog_describe_workflow(l.catalog, l.config, "shop", "nobody"));
    CU_ASSERT_PTR_NULL(catalog_describe_product(l.catalog, l.config, "nobody"));
    unload(&l);
}

static void test_warnings(void)
{
    struct loaded l;
    CLEANUP(json_put) json_t *list = NULL;
    CLEANUP(free_ptr) char *text = NULL;

    load(&l, "workflowPolicies:\n  allowedProductWorkflows: [shop/*]\n  requiredPlatformWorkflows: [nowhere]\n");
    list = catalog_warnings(l.catalog, l.config);
    text = json_text(list);
    ASSERT_CONTAINS(text, "required platform workflow \\\"nowhere\\\" does not exist");
    ASSERT_CONTAINS(text, "workflows/platform/broken.yml: broken");
    ASSERT_CONTAINS(text, "workflows/products/pay/charge.yaml: not in workflowPolicies.allowedProductWorkflows");
    CU_ASSERT_PTR_NULL(strstr(text, "shop/forbidden"));
    unload(&l);
}

static void test_step_type_warnings(void)
{
    struct loaded l;
    CLEANUP(json_put) json_t *list = NULL;
    CLEANUP(free_ptr) char *text = NULL;

    load(&l, "workflowPolicies: {allowedStepTypes: [lua]}\n");
    list = catalog_warnings(l.catalog, l.config);
    text = json_text(list);
    ASSERT_CONTAINS(text, "workflows/products/pay/charge.yaml:4: step type \\\"delay\\\" is not in workflowPolicies.allowedStepTypes");
    CU_ASSERT_FALSE(catalog_find(l.catalog, "pay", "charge")->broken);
    unload(&l);
}

static void test_schema(void)
{
    CLEANUP(json_put) json_t *schema = workflow_schema();

    CU_ASSERT_PTR_NOT_NULL(json_at(schema, "properties.spec"));
}

static void test_empty(void)
{
    struct admin_config *config = defaults();
    struct catalog *catalog = NULL;
    struct err err;
    size_t count;

    ASSERT_OK(catalog_load(config, NULL, &catalog, &err), err);
    catalog_workflows(catalog, &count);
    CU_ASSERT_EQUAL(count, 0);
    catalog_free(catalog);
    config_free(config);
}

const struct test_case tests[] = {
    {"each mistake in a workflow is found with its code, line and suggestion", test_problems},
    {"a whole workflow is read", test_whole},
    {"the order of steps is derived from place, dependsOn and parallelGroup", test_order},
    {"an older form of condition is accepted, with its Lua form as a note", test_older_condition},
    {"a reference inside a block text has its own line and column", test_place_in_block},
    {"a catalogue finds its workflows, and a broken file stops nothing", test_catalog},
    {"of two files with one name the second is refused", test_twins},
    {"products show their workflows and what is allowed", test_products},
    {"one workflow shows its text, steps and parameters", test_one_workflow},
    {"what would deny deployments is said", test_warnings},
    {"a step type that the admin does not allow is said, and breaks nothing", test_step_type_warnings},
    {"the form of a workflow is a JSON Schema", test_schema},
    {"no workflows' root is an empty catalogue", test_empty},
    {0},
};
