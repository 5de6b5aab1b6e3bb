/* Resources in a plan: where they are provisioned first, what comes along, and who may read them when. */
#include "base/buf.h"
#include "plan_fixture.h"

#define PLATFORM(name, phase)                                                                                                              \
    "=== platform/" name ".yaml\napiVersion: workflow.dev/v1\nkind: PlatformWorkflow\nmetadata: {name: " name ", phase: " phase            \
    "}\nspec:\n  steps:\n"
#define SCORE "apiVersion: score.dev/v1b1\nmetadata: {name: shop}\ncontainers: {web: {image: 'shop:1.0'}}\nresources:\n"
/* app reads db, db reads host and key */
#define CHAIN                                                                                                                              \
    SCORE "  app: {type: volume, params: {source: '${resources.db.path}'}}\n  db: {type: sqlite, params: {schema: "                        \
          "'${resources.host.host} ${resources.key.password}'}}\n"                                                                         \
          "  host: {type: dns}\n  key: {type: secret}\n"
#define TWO SCORE "  db: {type: sqlite}\n  data: {type: volume}\n"

static const struct plan_case cases[] = {
    {"resources run at the start of the deployment phase, ordered by reference", .score = CHAIN,
     .files = PLATFORM("a", "deployment") "    - {name: s, type: delay, config: {duration: 1s}}\n",
     .plan = "deployment: application/resources(host, key, db<host+key, app<db), platform/a(s), application/workload(shop)",
     .members = "resources.db.depends_on=[\"host\",\"key\"];resources.db.provisioner=local;resources.db.plugin.version=1.0.0;resources.db."
                "stateful=true;"
                "resources.app.immutable=[\"mode\"];resources.db.uid=sqlite.default#shop.db;resources.app.params.source=${resources.db."
                "path};resources.db.class=default;"
                "workload_resource.uid=workload.default#shop;workload_resource.params=absent"},
    {"a workflow places one earlier", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: place, type: resource, config: {resource: db}}\n",
     .plan =
         "pre-deployment: platform/a(place=db)\ndeployment: application/resources(db~platform/a#place, data), application/workload(shop)"},
    {"what it refers to comes along", .score = CHAIN,
     .files = PLATFORM("a", "pre-deployment") "    - {name: place, type: resource, config: {resource: db}}\n    - {name: after, type: "
                                              "delay, config: {duration: 1s}}\n",
     .plan = "pre-deployment: platform/a(place[host]=host, place[key]=key, place=db<place[host]+place[key], "
             "after<place[host]+place[key]+place)\n"
             "deployment: application/resources(host~platform/a#place[host], key~platform/a#place[key], db<host+key~platform/a#place, "
             "app<db), application/workload(shop)"},
    {"but not what was surely placed before", .score = CHAIN,
     .files = PLATFORM("a", "pre-deployment") "    - {name: net, type: resource, config: {resource: host}}\n    - {name: place, type: "
                                              "resource, config: {resource: db}}\n",
     .plan = "pre-deployment: platform/a(net=host, place[key]=key<net, place=db<net+place[key])\n"
             "deployment: application/resources(host~platform/a#net, key~platform/a#place[key], db<host+key~platform/a#place, app<db), "
             "application/workload(shop)"},
    {"what a skippable step placed comes along once more",
     .score = SCORE "  db: {type: sqlite, params: {schema: '${resources.host.host}'}}\n  host: {type: dns}\n",
     .files = PLATFORM("a", "pre-deployment") "    - {name: net, type: resource, if: env.type == \"x\", config: {resource: host}}\n    - "
                                              "{name: place, type: resource, config: {resource: db}}\n",
     .plan = "pre-deployment: platform/a(net=host, place[host]=host<net~platform/a#net, place=db<net+place[host])\n"
             "deployment: application/resources(host~platform/a#place[host], db<host~platform/a#place), application/workload(shop)"},
    {"what a step beside it places is waited for",
     .score = SCORE "  db: {type: sqlite, params: {schema: '${resources.host.host}'}}\n  host: {type: dns}\n",
     .files = PLATFORM("a", "pre-deployment") "    - {name: net, type: resource, parallelGroup: 1, config: {resource: host}}\n    - {name: "
                                              "place, type: resource, parallelGroup: 1, config: {resource: db}}\n"
                                              "    - {name: again, type: resource, parallelGroup: 1, config: {resource: db}}\n",
     .plan = "pre-deployment: platform/a(net=host, place=db<net, again=db<place+net~platform/a#place)\n"
             "deployment: application/resources(host~platform/a#net, db<host~platform/a#place), application/workload(shop)"},
    {"a resource placed twice belongs to the first", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: one, type: resource, config: {resource: db}}\n" PLATFORM(
         "b", "pre-deployment") "    - {name: two, type: resource, config: {resource: db}}\n",
     .plan = "pre-deployment: platform/a(one=db), platform/b(two=db~platform/a#one)\ndeployment: application/resources(db~platform/a#one, "
             "data), application/workload(shop)"},
    {"a workflow of the deployment phase comes after the resources", .score = TWO,
     .files = PLATFORM("a", "deployment") "    - {name: one, type: resource, config: {resource: db}}\n",
     .plan = "deployment: application/resources(db, data), platform/a(one=db~application/resources#db), application/workload(shop)"},
    {"resourceTypes are expanded, and what follows waits for all", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: all, type: resource, config: {resourceTypes: [sqlite, volume, postgres]}}\n    "
                                              "- {name: then, type: delay, config: {duration: 1s}}\n",
     .plan = "pre-deployment: platform/a(all[db]=db, all[data]=data, then<all[db]+all[data])\n"
             "deployment: application/resources(db~platform/a#all[db], data~platform/a#all[data]), application/workload(shop)"},
    {"without a resource of the types the step is gone", .score = TWO,
     .files =
         PLATFORM("a", "pre-deployment") "    - {name: first, type: delay, config: {duration: 1s}}\n    - {name: all, type: resource, "
                                         "config: {resourceTypes: [postgres]}}\n    - {name: then, type: delay, config: {duration: 1s}}\n",
     .plan = "pre-deployment: platform/a(first, then<first)\ndeployment: application/resources(db, data), application/workload(shop)"},
    {"a product's workflow is named with its product",
     .score = "apiVersion: score.dev/v1b1\nmetadata: {name: shop, product: pp}\ncontainers: {web: {image: 'a:1'}}\nresources: {db: {type: "
              "sqlite}}\n",
     .files = "=== products/pp/setup.yaml\napiVersion: workflow.dev/v1\nkind: ProductWorkflow\nmetadata: {name: setup, phase: "
              "pre-deployment}\nspec: {steps: [{name: place, type: resource, config: {resource: db}}]}\n",
     .plan = "pre-deployment: product/pp/setup(place=db)\ndeployment: application/resources(db~product/pp/setup#place), "
             "application/workload(shop)"},
    {"placing nothing is an error at its line", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: place, type: resource, config: {resource: cache}}\n",
     .code = ERR_UNKNOWN_RESOURCE, .message = "the Score file has no resource \"cache\"", .file = "workflows/platform/a.yaml", .line = 6},
    {"unless a condition may skip it", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: place, type: resource, if: resources.cache, config: {resource: cache}}\n",
     .plan = "pre-deployment: platform/a(place=cache)\ndeployment: application/resources(db, data), application/workload(shop)"},
    {"a name that is not known yet cannot be planned", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: place, type: resource, config: {resource: '${metadata.name}'}}\n",
     .code = ERR_BAD_VALUE, .message = "must be known when the deployment is planned"},

    {"reading a resource before it can exist says where to move", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: read, type: database-migration, config: {path: '${resources.db.path}'}}\n",
     .code = ERR_WORKFLOW_INVALID, .message = "db does not exist yet in pre-deployment",
     .suggestion = "{type: resource, config: {resource: db}}", .file = "workflows/platform/a.yaml", .line = 6},
    {"reading it after placing it is fine", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: place, type: resource, config: {resource: db}}\n    - {name: read, type: "
                                              "database-migration, config: {path: '${resources.db.path}'}}\n",
     .plan = "pre-deployment: platform/a(place=db, read<place@local)\ndeployment: application/resources(db~platform/a#place, data), "
             "application/workload(shop)"},
    {"reading it beside the placing step is not", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: place, type: resource, config: {resource: db}}\n    - {name: read, type: "
                                              "database-migration, dependsOn: [], config: {path: '${resources.db.path}'}}\n",
     .code = ERR_WORKFLOW_INVALID, .message = "step \"read\"", .line = 7},
    {"reading it in an earlier workflow's wake is fine", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: place, type: resource, config: {resource: db}}\n" PLATFORM(
         "b", "pre-deployment") "    - {name: read, type: database-migration, config: {path: '${resources.db.path}'}}\n",
     .members = "summary.create=3"},
    {"the placing step itself may give outputs of it", .score = TWO,
     .files = PLATFORM(
         "a", "pre-deployment") "    - {name: place, type: resource, config: {resource: db}, outputs: {p: '${resources.db.path}'}}\n",
     .members = "summary.create=3"},
    {"in the deployment phase everything is there", .score = TWO,
     .files = PLATFORM("a", "deployment") "    - {name: read, type: database-migration, config: {path: '${resources.db.path}'}}\n",
     .members = "phases.1.workflows.1.steps.0.provisioner=local;phases.1.workflows.1.steps.0.idempotent=true"},
    {"an unknown resource is an error with its neighbours", .score = TWO,
     .files = PLATFORM("a", "deployment") "    - {name: read, type: database-migration, config: {path: '${resources.dta.path}'}}\n",
     .code = ERR_UNKNOWN_RESOURCE, .message = "no resource \"dta\"", .suggestion = "data"},
    {"a default makes it optional", .score = TWO,
     .files = PLATFORM("a", "deployment") "    - {name: read, type: database-migration, config: {path: '${resources.cache.path:-none}'}}\n",
     .members = "summary.create=3"},
    {"so does a condition", .score = TWO,
     .files = PLATFORM(
         "a",
         "deployment") "    - {name: read, type: database-migration, if: resources.cache, config: {path: '${resources.cache.path}'}}\n",
     .members = "summary.create=3"},
    {"metadata must be there", .score = TWO,
     .files = PLATFORM("a", "deployment") "    - {name: t, type: tagging, config: {tags: {o: '${metadata.owner}'}}}\n",
     .code = ERR_UNKNOWN_REFERENCE, .message = "the Score file's metadata does not have it", .suggestion = "${metadata.owner:-VALUE}"},
    {"or have a default", .score = TWO,
     .files = PLATFORM("a", "deployment") "    - {name: t, type: tagging, config: {tags: {o: '${metadata.owner:-nobody}', n: "
                                          "'${metadata.name}', a: '${metadata.application}'}}}\n",
     .members = "summary.create=3"},
    {"what the admin has not set has no value",
     .files = PLATFORM("a", "deployment") "    - {name: t, type: cost-analysis, config: {budgetLimit: '${admin.defaultBudget}'}}\n",
     .code = ERR_UNKNOWN_REFERENCE, .message = "admin-config.yaml does not set admin.defaultBudget"},
    {"what the admin has set has one", .config = "admin: {defaultBudget: 5}",
     .files = PLATFORM("a", "deployment") "    - {name: t, type: cost-analysis, config: {budgetLimit: '${admin.defaultBudget}'}}\n",
     .members = "admin.defaultBudget=5.0"},
    {"exports are read by tier and name", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: s, type: lua, config: {script: 'return {x = 1}'}}\n  exports: {x: "
                                              "'${steps.s.outputs.x}'}\n" PLATFORM(
                                                  "b", "deployment") "    - {name: t, type: tagging, config: {tags: {o: "
                                                                     "'${workflows.platform/a.x}'}}}\n",
     .members = "phases.0.workflows.0.exports.x=${steps.s.outputs.x}"},
    {"an export that is not there", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: s, type: lua, config: {script: 'return {x = 1}'}}\n" PLATFORM(
         "b", "deployment") "    - {name: t, type: tagging, config: {tags: {o: '${workflows.platform/a.x}'}}}\n",
     .code = ERR_UNKNOWN_REFERENCE, .message = "exports no \"x\""},
    {"an export of a later workflow", .score = TWO,
     .files = PLATFORM("b", "pre-deployment") "    - {name: t, type: tagging, config: {tags: {o: '${workflows.platform/c.x}'}}}\n" PLATFORM(
         "c", "deployment") "    - {name: s, type: lua, config: {script: 'return {x = 1}'}}\n  exports: {x: '${steps.s.outputs.x}'}\n",
     .code = ERR_UNKNOWN_REFERENCE, .message = "runs before this one"},
    {"scripts are not looked into", .score = TWO,
     .files = PLATFORM("a", "pre-deployment") "    - {name: s, type: lua, config: {script: 'return {x = \"${resources.db.path}\"}'}}\n",
     .members = "summary.create=3"},
    {"several problems are all reported, each with its file", .score = TWO,
     .files =
         PLATFORM("a", "deployment") "    - {name: t, type: tagging, config: {tags: {o: '${metadata.owner}', p: '${resources.no.x}'}}}\n",
     .code = ERR_UNKNOWN_RESOURCE, .message = "no resource \"no\""},
    {"a type that nobody serves is an error at the resource", .score = SCORE "  qq: {type: kafka}\n", .code = ERR_NO_PROVISIONER,
     .message = "no provisioner serves type \"kafka\"; types here: volume, sqlite", .line = 5},
    {"a step type that nobody serves", .files = PLATFORM("a", "deployment") "    - {name: t, type: terraform}\n",
     .code = ERR_NO_PROVISIONER, .message = "no ready provisioner entry runs step type \"terraform\"", .file = "workflows/platform/a.yaml"},
    {0},
};

static void test_cases(void) { fixture_run(cases); }

static void test_view(void)
{
    struct plan_fixture f;
    json_t *view, *policy;

    fixture_build(&f, &cases[1]);
    view = plan_view(f.plan);
    policy = plan_policy_view(f.plan);
    CU_ASSERT_PTR_NULL(json_object_get(view, "spec"));
    CU_ASSERT_PTR_NULL(json_object_get(view, "parameters"));
    CU_ASSERT_PTR_NULL(json_at(view, "phases.0.workflows.0.steps.0.config"));
    ASSERT_TEXT(json_string_value(json_at(view, "phases.0.workflows.0.steps.0.type")), "resource");
    ASSERT_TEXT(json_string_value(json_at(view, "phases.0.workflows.0.source.file")), "workflows/platform/a.yaml");
    ASSERT_TEXT(json_string_value(json_at(view, "changes.0.change")), "create");
    ASSERT_TEXT(json_string_value(json_at(policy, "phases.0.workflows.0.steps.0.config.resource")), "db");
    CU_ASSERT(json_is_array(json_object_get(view, "warnings")));
    json_decref(view);
    json_decref(policy);
    fixture_fini(&f);
}

/* Texts with many of one thing: each is refused with its limit, and soon. */
static const struct {
    const char *name, *head, *item, *tail;
    int count;
    const char *message;
} many[] = {
    {"resources", "resources:\n", "  r%d: {type: dns}\n", "", 201, "201 resources; the limit is 200"},
    {"workflows", "workflows:\n", "  w%d: {steps: [{name: s, type: delay, config: {duration: 1s}}]}\n", "", 65,
     "65 workflows; the limit is 64"},
    {"steps", "workflows:\n  w:\n    steps:\n", "      - {name: s%d, type: delay, config: {duration: 1s}}\n", "", 201,
     "201 items, the limit is 200"},
    {"expanded steps", "resources: {aa: {type: dns}, bb: {type: dns}}\nworkflows:\n  w:\n    steps:\n",
     "      - {name: s%d, type: resource, config: {resourceTypes: [dns]}}\n", "", 150, "once its resources are expanded; the limit is 200"},
};

static void test_limits(void)
{
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++) {
        struct buf b = BUF_INIT(1 << 20);
        struct plan_case c = {.name = many[i].name, .code = ERR_LIMIT, .message = many[i].message};

        buf_printf(&b, "apiVersion: score.dev/v1b1\nmetadata: {name: shop}\ncontainers: {web: {image: 'shop:1.0'}}\n%s", many[i].head);
        for (int k = 0; k < many[i].count; k++) {
            const char *item = many[i].item, *hole = strstr(item, "%d");

            buf_add(&b, item, (size_t)(hole - item));
            buf_printf(&b, "%d%s", k, hole + 2);
        }
        c.score = buf_text(&b);
        fixture_run((const struct plan_case[]){c, {0}});
        buf_fini(&b);
    }
}

const struct test_case tests[] = {
    {"resources are placed, expanded and read in their time", test_cases},
    {"what is too large is refused by its limit", test_limits},
    {"users see a plan without configs, policies with them", test_view},
    {0},
};
