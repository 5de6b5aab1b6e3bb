/* What a deployment changes against what runs, and what a deletion takes away. */
#include "plan_fixture.h"

#define SCORE       "apiVersion: score.dev/v1b1\nmetadata: {name: shop}\ncontainers: {web: {image: 'shop:1.0'}}\nresources:\n"
#define STATE(rows) "{\"revision\": 3, \"first\": false, \"resources\": [" rows "]}"
#define ROW(name, type, stateful, params, more)                                                                                            \
    "{\"uid\": \"" type ".default#shop." name "\", \"name\": \"" name "\", \"type\": \"" type                                              \
    "\", \"class\": \"default\", \"application\": \"shop\", \"workload\": \"shop\","                                                       \
    " \"params\": " params ", \"applied_hash\": \"aa\", \"state\": \"active\", \"state_version\": 1, \"stateful\": " stateful              \
    ", \"protected\": false, \"provisioner\": \"local\","                                                                                  \
    " \"refs\": [{\"application\": \"shop\", \"workload\": \"shop\", \"name\": \"" name "\"}]" more "}"
#define WORKLOAD                                                                                                                           \
    "{\"uid\": \"workload.default#shop\", \"name\": \"shop\", \"type\": \"workload\", \"application\": \"shop\", \"workload\": \"shop\", " \
    "\"applied_hash\": \"ww\", \"state\": \"active\","                                                                                     \
    " \"state_version\": 1, \"provisioner\": \"local\", \"params\": {\"metadata\": {\"name\": \"shop\"}, \"containers\": {\"web\": "       \
    "{\"image\": \"shop:1.0\"}}},"                                                                                                         \
    " \"refs\": [{\"application\": \"shop\", \"workload\": \"shop\", \"name\": \"shop\"}]}"
#define FIXED "provisioners:\n  - {name: local, plugin: local}\n  - {name: fixed, plugin: fixed}\n"
#define QUEUE_ROW(params)                                                                                                                  \
    "{\"uid\": \"queue.default#shop.jobs\", \"name\": \"jobs\", \"type\": \"queue\", \"application\": \"shop\", \"workload\": \"shop\", "  \
    "\"params\": " params                                                                                                                  \
    ", \"applied_hash\": \"q\", \"state\": \"active\", \"state_version\": 1, \"stateful\": false, \"provisioner\": \"fixed\"}"

static const struct plan_case cases[] = {
    {"everything is new", .score = SCORE "  db: {type: sqlite}\n",
     .members = "changes.0.resource=db;changes.0.change=create;changes.1.resource=shop;changes.1.type=workload;summary.create=2"},
    {"nothing changes", .score = SCORE "  data: {type: volume, params: {size: 1Gi}}\n",
     .state = STATE(ROW("data", "volume", "true", "{\"size\": \"1Gi\"}", "") "," WORKLOAD),
     .members = "changes.0.change=none;changes.1.change=none;summary.unchanged=2;summary.create=0;summary.update=0"},
    {"a changed param updates, with its path", .score = SCORE "  data: {type: volume, params: {size: 2Gi}}\n",
     .state = STATE(ROW("data", "volume", "true", "{\"size\": \"1Gi\"}", "") "," WORKLOAD),
     .members = "changes.0.change=update;changes.0.fields=[{\"path\":\"/params/"
                "size\",\"from\":\"1Gi\",\"to\":\"2Gi\"}];summary.update=1;summary.unchanged=1"},
    {"added and dropped params are changes", .score = SCORE "  data: {type: volume, params: {label: x}}\n",
     .state = STATE(ROW("data", "volume", "true", "{\"size\": \"1Gi\"}", "")),
     .members =
         "changes.0.fields.0={\"path\":\"/params/label\",\"to\":\"x\"};changes.0.fields.1={\"path\":\"/params/size\",\"from\":\"1Gi\"}"},
    {"a new image updates the workload",
     .score = "apiVersion: score.dev/v1b1\nmetadata: {name: shop}\ncontainers: {web: {image: 'shop:2.0'}}\n", .state = STATE(WORKLOAD),
     .members = "changes.0.change=update;changes.0.fields.0.path=/params/containers/web/image"},
    {"a text with placeholders is compared by its fixed parts",
     .score = SCORE "  data: {type: volume, params: {source: 'file://${metadata.name}/x'}}\n",
     .state = STATE(ROW("data", "volume", "true", "{\"source\": \"file://shop/x\"}", "")), .members = "changes.0.change=none"},
    {"and differs by them", .score = SCORE "  data: {type: volume, params: {source: 'http://${metadata.name}/x'}}\n",
     .state = STATE(ROW("data", "volume", "true", "{\"source\": \"file://shop/x\"}", "")), .members = "changes.0.change=update"},
    {"a secret that runs is no difference",
     .score = SCORE "  data: {type: volume, params: {key: '${resources.kk.password}'}}\n  kk: {type: secret}\n",
     .state = STATE(ROW("data", "volume", "true", "{\"key\": {\"$secret\": \"resource:r-1#password\"}}", "") "," ROW("kk", "secret",
                                                                                                                     "false", "{}", "")),
     .members = "changes.0.change=none;changes.1.change=none"},
    {"an immutable param needs leave to replace", .score = SCORE "  data: {type: volume, params: {mode: '0700'}}\n",
     .state = STATE(ROW("data", "volume", "true", "{\"mode\": \"0755\"}", "")), .code = ERR_IMMUTABLE,
     .message = "data (volume) cannot be changed in place: mode cannot change", .suggestion = "--allow-replace data", .line = 5},
    {"with leave it is replaced", .score = SCORE "  data: {type: volume, params: {mode: '0700'}}\n",
     .state = STATE(ROW("data", "volume", "true", "{\"mode\": \"0755\"}", "")), .allow_replace = "[\"data\"]",
     .members = "changes.0.change=replace;summary.replace=1"},
    {"not when it is protected", .score = SCORE "  data: {type: volume, params: {mode: '0700'}}\n",
     .state = STATE(ROW("data", "volume", "true", "{\"mode\": \"0755\"}", "")),
     .config = "environments: [{name: live, type: production, protect: true}]", .environment = "live", .allow_replace = "[\"data\"]",
     .code = ERR_PROTECTED, .message = "protected and would be replaced"},
    {"a plugin that cannot update", .config = FIXED, .score = SCORE "  jobs: {type: queue, params: {size: 2}}\n",
     .state = STATE(QUEUE_ROW("{\"size\": 1}")), .code = ERR_IMMUTABLE, .message = "its provisioner fixed cannot update"},
    {"is no obstacle where nothing changes", .config = FIXED, .score = SCORE "  jobs: {type: queue, params: {size: 1}}\n",
     .state = STATE(QUEUE_ROW("{\"size\": 1}")), .members = "changes.0.change=none"},
    {"what was never finished is created", .score = SCORE "  db: {type: sqlite}\n",
     .state = STATE("{\"uid\": \"sqlite.default#shop.db\", \"name\": \"db\", \"type\": \"sqlite\", \"application\": \"shop\", \"state\": "
                    "\"failed\", \"params\": {}}"),
     .members = "changes.0.change=create"},
    {"what failed is provisioned again", .score = SCORE "  db: {type: sqlite}\n",
     .state = STATE("{\"uid\": \"sqlite.default#shop.db\", \"name\": \"db\", \"type\": \"sqlite\", \"application\": \"shop\", "
                    "\"workload\": \"shop\", \"state\": \"failed\", \"applied_hash\": \"a\", \"params\": {}, \"provisioner\": \"local\"}"),
     .members = "changes.0.change=update;changes.0.fields=[]"},
    {"a newer state version updates", .score = SCORE "  db: {type: sqlite}\n",
     .state = STATE("{\"uid\": \"sqlite.default#shop.db\", \"name\": \"db\", \"type\": \"sqlite\", \"application\": \"shop\", \"state\": "
                    "\"active\", \"applied_hash\": \"a\", \"params\": {}, \"state_version\": 0}"),
     .members = "changes.0.change=update"},

    {"what left the file is removed after success", .score = SCORE "  db: {type: sqlite}\n",
     .state = STATE(ROW("web", "dns", "false", "{}", "")),
     .plan = "deployment: application/resources(db), application/workload(shop)\npost-deployment: application/removals(web!delete)",
     .members = "changes.2.resource=web;changes.2.change=remove;summary.remove=1"},
    {"in reverse order of dependence",
     .state = STATE(ROW("a", "dns", "false", "{}", "") "," ROW("b", "dns", "false", "{}", ", \"depends_on\": [\"a\"]") "," ROW(
         "c", "dns", "false", "{}", ", \"depends_on\": [\"dns.default#shop.b\"]")),
     .plan = "deployment: application/workload(shop)\npost-deployment: application/removals(c!delete, b!delete<c, a!delete<b)"},
    {"what holds data is orphaned instead", .state = STATE(ROW("data", "volume", "true", "{}", "")),
     .plan = "deployment: application/workload(shop)\npost-deployment: application/removals(data!orphan)",
     .members = "changes.1.change=orphan;summary.remove=1", .warning = "kept as orphaned"},
    {"unless somebody names it", .state = STATE(ROW("data", "volume", "true", "{}", "")), .allow_remove = "[\"data\"]",
     .plan = "deployment: application/workload(shop)\npost-deployment: application/removals(data!delete)",
     .members = "changes.1.change=remove"},
    {"what is protected stays and says so",
     .state = STATE(ROW("web", "dns", "false", "{}", ", \"annotations\": {\"innominatus.dev/protect\": \"true\"}")),
     .plan = "deployment: application/workload(shop)", .members = "changes.1.change=remove;changes.1.protected=true",
     .warning = "web (dns) is protected and stays"},
    {"what is retained is orphaned",
     .state = STATE(ROW("web", "dns", "false", "{}", ", \"annotations\": {\"innominatus.dev/retain\": \"true\"}")),
     .plan = "deployment: application/workload(shop)\npost-deployment: application/removals(web!orphan)"},
    {"a protected environment protects what holds data", .config = "environments: [{name: live, type: production, protect: true}]",
     .environment = "live", .state = STATE(ROW("data", "volume", "true", "{}", "") "," ROW("web", "dns", "false", "{}", "")),
     .plan = "deployment: application/workload(shop)\npost-deployment: application/removals(web!delete)",
     .members = "changes.1.protected=true;changes.2.protected=false"},
    {"another workload's resources are not this file's to remove",
     .state = STATE("{\"uid\": \"dns.default#other.web\", \"name\": \"web\", \"type\": \"dns\", \"application\": \"shop\", \"workload\": "
                    "\"other\", \"applied_hash\": \"a\", \"state\": \"active\", \"params\": {},"
                    " \"refs\": [{\"application\": \"shop\", \"workload\": \"other\", \"name\": \"web\"}]}"),
     .plan = "deployment: application/workload(shop)", .members = "summary.remove=0"},
    {"an orphan stays one",
     .state = STATE("{\"uid\": \"volume.default#shop.d\", \"name\": \"d\", \"type\": \"volume\", \"application\": \"shop\", \"workload\": "
                    "\"shop\", \"applied_hash\": \"a\", \"state\": \"orphaned\", \"stateful\": true, \"params\": {}}"),
     .plan = "deployment: application/workload(shop)"},
    {"retyped is removed and created", .score = SCORE "  web: {type: secret}\n", .state = STATE(ROW("web", "dns", "false", "{}", "")),
     .members = "changes.0.change=create;changes.0.type=secret;changes.2.change=remove;changes.2.type=dns"},
    {"a shared resource whose params disagree names the other", .score = SCORE "  db: {type: sqlite, id: main, params: {schema: b}}\n",
     .state = STATE("{\"uid\": \"sqlite.default#main\", \"name\": \"db\", \"type\": \"sqlite\", \"application\": \"crm\", "
                    "\"applied_hash\": \"a\", \"state\": \"active\", \"params\": {\"schema\": \"a\"}, \"provisioner\": \"local\","
                    " \"refs\": [{\"application\": \"crm\", \"workload\": \"api\", \"name\": \"db\"}]}"),
     .code = ERR_PARAMS_DISAGREE, .message = "shared with crm/api", .line = 5},
    {"and is used when they agree", .score = SCORE "  db: {type: sqlite, id: main, params: {schema: a}}\n",
     .state = STATE("{\"uid\": \"sqlite.default#main\", \"name\": \"db\", \"type\": \"sqlite\", \"application\": \"crm\", "
                    "\"applied_hash\": \"a\", \"state\": \"active\", \"params\": {\"schema\": \"a\"}, \"provisioner\": \"local\","
                    " \"refs\": [{\"application\": \"crm\", \"workload\": \"api\", \"name\": \"db\"}]}"),
     .members = "changes.0.change=none"},
    {"a resource stays with the entry that made it",
     .config = "provisioners:\n  - {name: old, plugin: local}\n  - {name: local, plugin: local, match: {environment: development}}\n",
     .score = SCORE "  db: {type: sqlite}\n", .state = STATE(ROW("db", "sqlite", "true", "{}", "")),
     .members = "resources.db.provisioner=local;changes.0.change=none"},
    {"moving to another entry is a replacement", .config = "provisioners: [{name: local, plugin: local}]\n",
     .score = SCORE "  db: {type: sqlite}\n",
     .state = STATE("{\"uid\": \"sqlite.default#shop.db\", \"name\": \"db\", \"type\": \"sqlite\", \"application\": \"shop\", "
                    "\"applied_hash\": \"a\", \"state\": \"active\", \"params\": {}, \"provisioner\": \"gone\"}"),
     .code = ERR_IMMUTABLE, .message = "moves from provisioner gone to local"},
    {"a name that means nothing is a warning", .allow_remove = "[\"nobody\"]", .members = "summary.create=1",
     .warning = "--allow-remove nobody: no such resource here"},

    {"a deletion stops the containers, then removes in reverse", .kind = "delete", .score = SCORE "  aa: {type: dns}\n",
     .state = STATE(ROW("a", "dns", "false", "{}", "") "," ROW("b", "volume", "true", "{}", ", \"depends_on\": [\"a\"]") "," WORKLOAD),
     .plan = "deployment: application/workload(shop!delete), application/resources(a!delete<b, b!delete)",
     .members = "summary.remove=3;changes.0.change=remove;workload_resource=absent;kind=delete"},
    {"a deletion leaves what is protected", .kind = "delete",
     .state = STATE(ROW("a", "dns", "false", "{}", ", \"protected\": true") "," ROW("b", "dns", "false", "{}", "")),
     .plan = "deployment: application/resources(b!delete)", .warning = "a (dns) is protected and stays"},
    {"unless it is named", .kind = "delete",
     .state = STATE("{\"uid\": \"dns.default#shop.a\", \"name\": \"a\", \"type\": \"dns\", \"application\": \"shop\", \"state\": "
                    "\"active\", \"applied_hash\": \"a\", \"protected\": true}"),
     .allow_remove = "[\"a\"]", .plan = "deployment: application/resources(a!delete)"},
    {"a deletion takes every workload of the application", .kind = "delete",
     .state = STATE(WORKLOAD ",{\"uid\": \"workload.default#jobs\", \"name\": \"jobs\", \"type\": \"workload\", \"application\": \"shop\", "
                             "\"workload\": \"jobs\", \"applied_hash\": \"ww\", \"state\": \"active\"}"),
     .plan = "deployment: application/workload(shop!delete, jobs!delete)"},

    {"the cost is that of before and after",
     .config = "costs: {currency: EUR, prices: {volume: {monthly: 1, per: {size: 1Gi, price: 0.5}}, dns: {monthly: 2}}}",
     .score = SCORE "  data: {type: volume, params: {size: 4Gi}}\n  web: {type: dns}\n",
     .state = STATE(ROW("data", "volume", "true", "{\"size\": \"2Gi\"}", "")),
     .members = "cost.before=2.0;cost.after=5.0;cost.monthly=5.0"},
    {"what stays protected goes on costing", .config = "costs: {prices: {dns: {monthly: 2}}}",
     .state = STATE(ROW("web", "dns", "false", "{}", ", \"protected\": true")), .members = "cost.before=2.0;cost.after=2.0"},
    {"what goes does not", .config = "costs: {prices: {dns: {monthly: 2}}}", .state = STATE(ROW("web", "dns", "false", "{}", "")),
     .members = "cost.before=2.0;cost.after=0.0"},
    {0},
};

static void test_cases(void) { fixture_run(cases); }

const struct test_case tests[] = {
    {"changes, removals, protection, sharing and costs follow the rules", test_cases},
    {0},
};
