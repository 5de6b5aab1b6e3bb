/* What the API does and shows: a Score file goes in over HTTP, and everything about it comes out again, for those who may see it. Runs on
 * each database. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"
#include "test.h"
#include <poll.h>
#include <string.h>

#define WITH_DATA SCORE "resources:\n  data: {type: volume, params: {size: 1Gi}}\n  web: {type: dns}\n"

static const char config_with_policy[] = "provisioners:\n  - {name: local, plugin: local}\npolicies: {path: ./policies}\n";
static const char no_moon[] =
    "return {name = 'no-moon', on = 'deployment', description = 'no moon', severity = 'deny', check = function(input)\n"
    "  if input.spec.metadata.name == 'moon' then return {message = 'the moon is not ours', path = '/metadata/name', fix = 'stay here'} "
    "end\n"
    "end}\n";

/* One server with one application of team shop, deployed; the first test makes it, the last one stops it. */
static struct site site;
static char first_id[64];

SERVER_TEST(test_submit)
{
    CLEANUP(free_ptr) char *id = NULL;
    struct reply reply;

    site_start_with(&site, config_with_policy, "policies/no-moon.lua", no_moon);
    reply = site_call(&site, &(struct call){.method = "POST",
                                            .path = "/api/v1/specs?environment=development",
                                            .key = site.dev,
                                            .type = "application/yaml",
                                            .body = WITH_DATA});
    CU_ASSERT_EQUAL_FATAL(reply.status, 202);
    id = mem_strdup(reply_text(&reply, "id"));
    ASSERT_CONTAINS(answer_header(&reply.answer, "Location"), id);
    ASSERT_TEXT(reply_text(&reply, "application"), "shop");
    ASSERT_TEXT(reply_text(&reply, "environment"), "development");
    CU_ASSERT(str_starts(reply_text(&reply, "task_id"), "t-"));
    CU_ASSERT_EQUAL(json_integer_value(json_at(reply.json, "queue_position")), 0);
    CU_ASSERT_EQUAL(json_integer_value(json_at(reply.json, "plan.summary.create")), 3);
    CU_ASSERT(json_is_array(json_at(reply.json, "warnings")));
    reply_fini(&reply);
    site_wait(&site, id, "completed");
    snprintf(first_id, sizeof first_id, "%s", id);
}

SERVER_TEST(test_deployment)
{
    CLEANUP(free_ptr) char *path = mem_printf("/api/v1/deployments/%s", first_id);
    CLEANUP(reply_fini) struct reply one = site_get(&site, site.dev, path);
    CLEANUP(reply_fini) struct reply list = site_get(&site, site.dev, "/api/v1/deployments?application=shop&state=completed");
    const json_t *workflow;
    size_t i;

    CU_ASSERT_EQUAL(one.status, 200);
    ASSERT_TEXT(reply_text(&one, "id"), first_id);
    ASSERT_TEXT(reply_text(&one, "kind"), "deploy");
    ASSERT_TEXT(reply_text(&one, "state"), "completed");
    ASSERT_TEXT(reply_text(&one, "environment.name"), "development");
    ASSERT_TEXT(reply_text(&one, "team"), "shop");
    ASSERT_TEXT(reply_text(&one, "created_by"), "dev");
    CU_ASSERT(reply_text(&one, "created_at")[0] && reply_text(&one, "started_at")[0] && reply_text(&one, "finished_at")[0]);
    CU_ASSERT_EQUAL(json_integer_value(json_at(one.json, "summary.create")), 3);
    CU_ASSERT(json_array_size(json_object_get(one.json, "workflows")) >= 2);
    json_array_foreach(json_object_get(one.json, "workflows"), i, workflow) ASSERT_TEXT(json_str(workflow, "state"), "completed");
    CU_ASSERT_PTR_NULL(json_object_get(one.json, "plan"));
    ASSERT_TEXT(reply_text(&list, "items.0.id"), first_id);
    ASSERT_TEXT(reply_text(&list, "items.0.workflows.0.state"), "completed");
    CU_ASSERT(json_equal(json_at(list.json, "items.0.workflows"), json_object_get(one.json, "workflows")));
}

SERVER_TEST(test_workflows)
{
    CLEANUP(free_ptr) char *filter = mem_printf("/api/v1/workflows?deployment_id=%s&sort=name", first_id);
    CLEANUP(reply_fini) struct reply list = site_get(&site, site.dev, filter);
    CLEANUP(free_ptr) char *path = mem_printf("/api/v1/workflows/%s", reply_text(&list, "items.0.id"));
    CLEANUP(free_ptr) char *logs = mem_printf("%s/logs", path);
    CLEANUP(reply_fini) struct reply one = site_get(&site, site.dev, path);
    const json_t *step;
    size_t i;

    ASSERT_TEXT(reply_text(&list, "items.0.name"), "resources");
    ASSERT_TEXT(reply_text(&one, "tier"), "application");
    ASSERT_TEXT(reply_text(&one, "phase"), "deployment");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(one.json, "steps")), 2);
    json_array_foreach(json_object_get(one.json, "steps"), i, step)
    {
        ASSERT_TEXT(json_str(step, "state"), "completed");
        CU_ASSERT(str_starts(json_str(step, "id"), "s-"));
        CU_ASSERT_EQUAL(json_int(step, "attempt", 0), 1);
        CU_ASSERT(json_int(step, "duration_ms", -1) >= 0);
        CU_ASSERT(json_is_array(json_object_get(step, "depends_on")));
        CU_ASSERT_EQUAL(json_is_object(json_object_get(step, "outputs")), true);
    }
    site_expect(&site, &(struct call){.path = logs, .key = site.dev}, 200);
    site_expect(&site, &(struct call){.path = "/api/v1/workflows/w-none", .key = site.dev}, 404);
    site_expect(&site, &(struct call){.path = "/api/v1/workflows/w-none/logs", .key = site.dev}, 404);
    site_expect(&site, &(struct call){.path = "/api/v1/workflows/w", .key = site.dev}, 404);
}

SERVER_TEST(test_resources)
{
    CLEANUP(reply_fini) struct reply list = site_get(&site, site.dev, "/api/v1/resources?sort=name&application=shop");
    CLEANUP(free_ptr) char *path = mem_printf("/api/v1/resources/%s", reply_text(&list, "items.0.id"));
    CLEANUP(free_ptr) char *history_path = mem_printf("%s/history", path);
    CLEANUP(free_ptr) char *hints_path = mem_printf("%s/hints", path);
    CLEANUP(free_ptr) char *status_path = mem_printf("%s/status", path);
    CLEANUP(reply_fini) struct reply one = site_get(&site, site.dev, path);
    CLEANUP(reply_fini) struct reply history = site_get(&site, site.dev, history_path);
    CLEANUP(reply_fini) struct reply hints = site_get(&site, site.dev, hints_path);
    CLEANUP(reply_fini) struct reply status = site_get(&site, site.dev, status_path);

    CU_ASSERT_EQUAL(json_array_size(json_object_get(list.json, "items")), 3);
    ASSERT_TEXT(reply_text(&one, "name"), "data");
    ASSERT_TEXT(reply_text(&one, "type"), "volume");
    ASSERT_TEXT(reply_text(&one, "state"), "active");
    ASSERT_TEXT(reply_text(&one, "environment"), "development");
    ASSERT_TEXT(reply_text(&one, "provisioner.name"), "local");
    ASSERT_TEXT(reply_text(&one, "params.size"), "1Gi");
    ASSERT_TEXT(reply_text(&one, "referrers.0"), "shop");
    CU_ASSERT(reply_text(&one, "outputs.path")[0] == '/');
    CU_ASSERT(json_is_array(json_object_get(one.json, "depends_on")));
    ASSERT_TEXT(reply_text(&history, "items.0.to"), "requested");
    CU_ASSERT(json_array_size(json_object_get(history.json, "items")) >= 3);
    CU_ASSERT(json_is_array(json_object_get(hints.json, "items")));
    ASSERT_TEXT(reply_text(&status, "state"), "active");
    site_expect(&site, &(struct call){.path = "/api/v1/resources?state=terminated", .key = site.dev}, 200);
}

SERVER_TEST(test_pages_of_rows)
{
    static const char *const sorts[] = {"name", "-name", "created_at", "-created_at", "state", "environment"};

    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        CLEANUP(free_ptr) char *path = mem_printf("/api/v1/resources?limit=1&sort=%s", sorts[i]);
        CLEANUP(json_put) json_t *seen = json_object();
        int pages = 0;

        while (path) {
            CLEANUP(reply_fini) struct reply reply = site_get(&site, site.dev, path);
            const char *cursor = json_str(reply.json, "next_cursor");

            CU_ASSERT_EQUAL(reply.status, 200);
            json_set_flag(seen, reply_text(&reply, "items.0.id"), true);
            free(path);
            path = cursor && ++pages < 10 ? mem_printf("/api/v1/resources?limit=1&sort=%s&cursor=%s", sorts[i], cursor) : NULL;
        }
        CU_ASSERT_EQUAL(json_object_size(seen), 3);
        CU_ASSERT_EQUAL(pages, 2);
    }
}

SERVER_TEST(test_cursor_of_another_list)
{
    CLEANUP(reply_fini) struct reply reply = site_get(&site, site.dev, "/api/v1/resources?limit=1&sort=name");
    CLEANUP(free_ptr) char *other = mem_printf("/api/v1/resources?limit=1&sort=state&cursor=%s", reply_text(&reply, "next_cursor"));
    CLEANUP(free_ptr) char *back = mem_printf("/api/v1/resources?limit=1&sort=-name&cursor=%s", reply_text(&reply, "next_cursor"));

    site_expect(&site, &(struct call){.path = other, .key = site.dev}, 400);
    site_expect(&site, &(struct call){.path = back, .key = site.dev}, 400);
}

SERVER_TEST(test_events_logs_manifests)
{
    CLEANUP(free_ptr) char *events_path = mem_printf("/api/v1/deployments/%s/events?limit=2", first_id);
    CLEANUP(free_ptr) char *final_path = mem_printf("/api/v1/deployments/%s/events?type=deployment.completed", first_id);
    CLEANUP(free_ptr) char *logs_path = mem_printf("/api/v1/deployments/%s/logs?follow=true", first_id);
    CLEANUP(free_ptr) char *tail_path = mem_printf("/api/v1/deployments/%s/logs?tail=1", first_id);
    CLEANUP(free_ptr) char *manifests_path = mem_printf("/api/v1/deployments/%s/manifests", first_id);
    CLEANUP(free_ptr) char *bad_path = mem_printf("/api/v1/deployments/%s/logs?limit=0", first_id);
    CLEANUP(reply_fini) struct reply events = {0};
    CLEANUP(reply_fini) struct reply logs = site_get(&site, site.dev, logs_path); /* has ended: answers at once */
    CLEANUP(reply_fini) struct reply tail = site_get(&site, site.dev, tail_path);
    CLEANUP(reply_fini) struct reply manifests = site_get(&site, site.dev, manifests_path);
    CLEANUP(reply_fini) struct reply final = {0};

    for (int i = 0; i < 4000 && json_array_size(json_object_get(final.json, "items")) == 0;
         i++, poll(NULL, 0, 50)) { /* sealed within a second */
        reply_fini(&final);
        final = site_get(&site, site.dev, final_path);
    }
    CU_ASSERT(json_is_true(json_object_get(final.json, "ended")));
    events = site_get(&site, site.dev, events_path);
    ASSERT_TEXT(reply_text(&events, "items.0.type"), "deployment.queued");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(events.json, "items")), 2);
    CU_ASSERT(reply_text(&events, "next_cursor")[0] != '\0');
    CU_ASSERT_EQUAL(logs.status, 200);
    CU_ASSERT(json_is_true(json_object_get(logs.json, "ended")));
    CU_ASSERT(json_array_size(json_object_get(tail.json, "items")) <= 1);
    CU_ASSERT(json_array_size(json_object_get(manifests.json, "items")) >= 1);
    ASSERT_CONTAINS(manifests.answer.body, "nginx:1.27");
    site_expect(&site, &(struct call){.path = bad_path, .key = site.dev}, 400);
    site_expect(&site, &(struct call){.path = "/api/v1/deployments/d-none/events", .key = site.dev}, 404);
    site_expect(&site, &(struct call){.path = "/api/v1/deployments/d-none/logs", .key = site.dev}, 404);
    site_expect(&site, &(struct call){.path = "/api/v1/deployments/d-none/manifests", .key = site.dev}, 404);
}

SERVER_TEST(test_applications)
{
    CLEANUP(reply_fini) struct reply list = site_get(&site, site.dev, "/api/v1/specs");
    CLEANUP(reply_fini) struct reply one = site_get(&site, site.dev, "/api/v1/specs/shop");
    CLEANUP(reply_fini) struct reply environments = site_get(&site, site.dev, "/api/v1/environments");

    ASSERT_TEXT(reply_text(&list, "items.0.name"), "shop");
    ASSERT_TEXT(reply_text(&list, "items.0.environments.0.state"), "active");
    ASSERT_TEXT(reply_text(&list, "items.0.environments.0.deployment_id"), first_id);
    ASSERT_TEXT(reply_text(&one, "spec"), WITH_DATA);
    ASSERT_TEXT(reply_text(&one, "team"), "shop");
    ASSERT_TEXT(reply_text(&environments, "items.0.name"), "development");
    ASSERT_TEXT(reply_text(&environments, "items.0.applications.0"), "shop");
    site_expect(&site, &(struct call){.path = "/api/v1/specs/none", .key = site.dev}, 404);
}

static bool has_edge(const json_t *graph, const char *from, const char *to, const char *type)
{
    const json_t *edge;
    size_t i;

    json_array_foreach(json_object_get(graph, "edges"), i, edge) if (str_starts(json_str(edge, "from"), from) &&
                                                                     str_starts(json_str(edge, "to"), to) &&
                                                                     str_eq(json_str(edge, "type"), type)) return true;
    return false;
}

SERVER_TEST(test_graph)
{
    CLEANUP(reply_fini) struct reply reply = site_get(&site, site.dev, "/api/v1/graph/shop?format=json");
    CLEANUP(json_put) json_t *ids = json_object();
    const json_t *item;
    size_t i;

    CU_ASSERT_EQUAL(reply.status, 200);
    json_array_foreach(json_object_get(reply.json, "nodes"), i, item)
    {
        CU_ASSERT_PTR_NULL(json_object_get(ids, json_str(item, "id")));
        json_set_flag(ids, json_str(item, "id"), true);
    }
    json_array_foreach(json_object_get(reply.json, "edges"), i, item)
        CU_ASSERT(json_object_get(ids, json_str(item, "from")) && json_object_get(ids, json_str(item, "to")));
    CU_ASSERT(has_edge(reply.json, "team:shop", "spec:shop", "owns"));
    CU_ASSERT(has_edge(reply.json, "spec:shop", "workflow:", "triggers"));
    CU_ASSERT(has_edge(reply.json, "workflow:", "step:", "defines"));
    CU_ASSERT(has_edge(reply.json, "step:", "resource:", "provisions"));
    CU_ASSERT(has_edge(reply.json, "spec:shop", "resource:", "defines"));
    site_expect(&site, &(struct call){.path = "/api/v1/graph/none", .key = site.dev}, 404);
    site_expect(&site, &(struct call){.path = "/api/v1/graph/shop?environment=moon", .key = site.dev}, 404);
    site_expect(&site, &(struct call){.path = "/api/v1/graph/shop?format=gif", .key = site.dev}, 400);
}

SERVER_TEST(test_platform)
{
    CLEANUP(reply_fini) struct reply plugins = site_get(&site, site.viv, "/api/v1/plugins");
    CLEANUP(reply_fini) struct reply plugin = site_get(&site, site.viv, "/api/v1/plugins/local");
    CLEANUP(reply_fini) struct reply policies = site_get(&site, site.viv, "/api/v1/policies");
    CLEANUP(reply_fini) struct reply products = site_get(&site, site.viv, "/api/v1/workflows/products");
    CLEANUP(reply_fini) struct reply ready = site_get(&site, NULL, "/ready");

    ASSERT_TEXT(reply_text(&plugins, "items.0.name"), "local");
    ASSERT_TEXT(reply_text(&plugin, "state"), "ready");
    ASSERT_CONTAINS(policies.answer.body, "no-moon");
    CU_ASSERT(json_is_array(json_object_get(products.json, "products")));
    ASSERT_TEXT(reply_text(&ready, "checks.store.status"), "ok");
    ASSERT_TEXT(reply_text(&ready, "checks.plugins.detail"), "1 of 1 ready");
    ASSERT_TEXT(reply_text(&ready, "checks.plugins.status"), "ok");
    CU_ASSERT(strstr(reply_text(&ready, "checks.policies.detail"), " loaded") != NULL);
    site_expect(&site, &(struct call){.path = "/api/v1/plugins/none", .key = site.viv}, 404);
    site_expect(&site, &(struct call){.path = "/api/v1/workflows/products/none", .key = site.viv}, 404);
    site_expect(&site, &(struct call){.path = "/api/v1/workflows/products/none/none", .key = site.viv}, 404);
}

/* Everything that has an id or a name of team shop, asked for by team other: as if it were not there. */
SERVER_TEST(test_other_team)
{
    CLEANUP(reply_fini) struct reply resources = site_get(&site, site.dev, "/api/v1/resources");
    CLEANUP(reply_fini) struct reply workflows = site_get(&site, site.dev, "/api/v1/workflows");
    static const char *const by_deployment[] = {"", "/events", "/logs", "/manifests"};
    static const char *const by_resource[] = {"", "/hints", "/status", "/history"};
    static const char *const by_workflow[] = {"", "/logs"};
    static const char *const lists[] = {"/specs", "/deployments", "/workflows", "/resources", "/queue/tasks", "/policies/violations"};

    for (size_t i = 0; i < 4; i++) {
        CLEANUP(free_ptr) char *deployment = mem_printf("/api/v1/deployments/%s%s", first_id, by_deployment[i]);
        CLEANUP(free_ptr) char *resource = mem_printf("/api/v1/resources/%s%s", reply_text(&resources, "items.0.id"), by_resource[i]);

        site_expect(&site, &(struct call){.path = deployment, .key = site.eve}, 404);
        site_expect(&site, &(struct call){.path = deployment, .key = site.ops}, 200);
        site_expect(&site, &(struct call){.path = resource, .key = site.eve}, 404);
        site_expect(&site, &(struct call){.path = resource, .key = site.ops}, 200);
    }
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(free_ptr) char *workflow = mem_printf("/api/v1/workflows/%s%s", reply_text(&workflows, "items.0.id"), by_workflow[i]);

        site_expect(&site, &(struct call){.path = workflow, .key = site.eve}, 404);
        site_expect(&site, &(struct call){.path = workflow, .key = site.admin}, 200);
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        CLEANUP(free_ptr) char *path = mem_printf("/api/v1%s", lists[i]);
        CLEANUP(reply_fini) struct reply reply = site_get(&site, site.eve, path);

        CU_ASSERT_EQUAL(reply.status, 200);
        CU_ASSERT_EQUAL(json_array_size(json_object_get(reply.json, "items")), 0);
    }
    site_expect(&site, &(struct call){.path = "/api/v1/specs/shop", .key = site.eve}, 404);
    site_expect(&site, &(struct call){.path = "/api/v1/specs/shop", .key = site.admin}, 200);
    site_expect(&site, &(struct call){.path = "/api/v1/graph/shop", .key = site.eve}, 404);
    site_expect(&site, &(struct call){.path = "/api/v1/graph/shop", .key = site.admin}, 200);
    site_expect(&site, &(struct call){.method = "DELETE", .path = "/api/v1/specs/shop", .key = site.eve}, 404);
    site_expect(&site, &(struct call){.method = "DELETE", .path = "/api/v1/specs/shop?dryRun", .key = site.admin},
                404); /* his own team has none */
    site_expect(&site, &(struct call){.method = "DELETE", .path = "/api/v1/specs/shop?dryRun&team=shop", .key = site.admin}, 200);
}

/* ---- submitting ---- */

SERVER_TEST(test_plan_and_validate)
{
    static const char wrong[] = "apiVersion: score.dev/v1b1\nmetadata: {name: shop}\nconatiners: {}\n";
    CLEANUP(reply_fini)
    struct reply plan = site_call(
        &site,
        &(struct call){.method = "POST", .path = "/api/v1/specs/plan", .key = site.viv, .type = "application/yaml", .body = WITH_DATA});
    CLEANUP(reply_fini)
    struct reply dry = site_call(
        &site, &(struct call){
                   .method = "POST", .path = "/api/v1/specs?dryRun=true", .key = site.dev, .type = "application/yaml", .body = WITH_DATA});
    CLEANUP(reply_fini)
    struct reply valid = site_call(
        &site,
        &(struct call){.method = "POST", .path = "/api/v1/specs/validate", .key = site.viv, .type = "application/yaml", .body = WITH_DATA});
    CLEANUP(reply_fini)
    struct reply invalid = site_call(
        &site,
        &(struct call){.method = "POST", .path = "/api/v1/specs/validate", .key = site.viv, .type = "application/yaml", .body = wrong});
    CLEANUP(reply_fini)
    struct reply refused = site_call(
        &site, &(struct call){.method = "POST", .path = "/api/v1/specs", .key = site.dev, .type = "application/yaml", .body = wrong});

    CU_ASSERT_EQUAL(plan.status, 200);
    CU_ASSERT_EQUAL(json_integer_value(json_at(plan.json, "summary.unchanged")), 3);
    CU_ASSERT(json_is_false(json_object_get(plan.json, "denied")));
    CU_ASSERT_PTR_NULL(json_object_get(plan.json, "spec"));
    CU_ASSERT_EQUAL(dry.status, 200);
    CU_ASSERT(json_is_true(json_object_get(valid.json, "valid")));
    CU_ASSERT_EQUAL(invalid.status, 200);
    CU_ASSERT(json_is_false(json_object_get(invalid.json, "valid")));
    CU_ASSERT_EQUAL(refused.status, 422);
    ASSERT_TEXT(reply_text(&refused, "errors.0.code"), "ORC-1003");
    CU_ASSERT_EQUAL(json_integer_value(json_at(refused.json, "errors.0.line")), 3);
    ASSERT_CONTAINS(reply_text(&refused, "errors.0.suggestion"), "containers");
    ASSERT_TEXT(reply_text(&invalid, "errors.0.code"), "ORC-1003");
}

SERVER_TEST(test_forms)
{
    static const char *const bodies[] = {
        "{\"apiVersion\": \"score.dev/v1b1\", \"metadata\": {\"name\": \"shop\"}, \"containers\": {\"web\": {\"image\": \"nginx:1\"}}}",
        "{\"spec\": {\"apiVersion\": \"score.dev/v1b1\", \"metadata\": {\"name\": \"shop\"}, \"containers\": {\"web\": {\"image\": "
        "\"nginx:1\"}}}}",
        "{\"spec\": \"apiVersion: score.dev/v1b1\\nmetadata: {name: shop}\\ncontainers: {web: {image: 'nginx:1'}}\\n\"}",
        "{\"spec\": \"apiVersion: score.dev/v1b1\\nmetadata: {name: shop}\\ncontainers: {web: {image: .}}\\n\", \"image\": \"nginx:1\"}",
        "{\"spec\": \"apiVersion: score.dev/v1b1\\nmetadata: {name: other}\\ncontainers: {web: {image: x}}\\n\", \"overrides\": "
        "[{\"metadata\": {\"name\": \"shop\"}}, "
        "{\"containers\": {\"web\": {\"image\": \"nginx:1\"}}}]}",
    };

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        CLEANUP(reply_fini)
        struct reply reply =
            site_call(&site, &(struct call){.method = "POST", .path = "/api/v1/specs/plan", .key = site.dev, .body = bodies[i]});

        if (reply.status != 200)
            fprintf(stderr, "form %zu: %s\n", i, reply.answer.body);
        CU_ASSERT_EQUAL(reply.status, 200);
        ASSERT_TEXT(reply_text(&reply, "application"), "shop");
    }
}

/* Behind a long comment, so large that it is prepared aside; the answers are those of a small one. */
SERVER_TEST(test_large_file)
{
    static const char *const paths[] = {"/api/v1/specs/plan", "/api/v1/specs/validate", "/api/v1/specs?dryRun=true", "/api/v1/specs"};
    size_t padding = 200000;
    CLEANUP(free_ptr) char *good = mem_alloc(padding + sizeof WITH_DATA);
    CLEANUP(free_ptr) char *bad = mem_alloc(padding + 32);

    memset(good, '#', padding);
    memset(bad, '#', padding);
    good[padding - 1] = bad[padding - 1] = '\n';
    memcpy(good + padding, WITH_DATA, sizeof WITH_DATA);
    memcpy(bad + padding, "metadata: [oops]\n", 18);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct call call = {.method = "POST", .path = paths[i], .key = site.dev, .type = "application/yaml", .body = good};

        CLEANUP(reply_fini) struct reply reply = site_call(&site, &call);

        CU_ASSERT_EQUAL(reply.status, i == 3 ? 202 : 200);
        if (i == 3)
            site_wait(&site, reply_text(&reply, "id"), "completed");
        call.body = bad;
        site_expect(&site, &call, i == 1 ? 200 : 422);
    }
}

SERVER_TEST(test_denial)
{
    static const char moon[] = "apiVersion: score.dev/v1b1\nmetadata: {name: moon}\ncontainers: {web: {image: 'nginx:1.27'}}\n";
    CLEANUP(reply_fini)
    struct reply denied = site_call(
        &site, &(struct call){.method = "POST", .path = "/api/v1/specs", .key = site.dev, .type = "application/yaml", .body = moon});
    CLEANUP(reply_fini)
    struct reply planned = site_call(
        &site, &(struct call){.method = "POST", .path = "/api/v1/specs/plan", .key = site.dev, .type = "application/yaml", .body = moon});
    CLEANUP(reply_fini) struct reply violations = site_get(&site, site.dev, "/api/v1/policies/violations?policy=no-moon");

    CU_ASSERT_EQUAL(denied.status, 403);
    ASSERT_TEXT(reply_text(&denied, "code"), "ORC-2001");
    ASSERT_TEXT(reply_text(&denied, "violations.0.policy"), "no-moon");
    ASSERT_TEXT(reply_text(&denied, "violations.0.message"), "the moon is not ours");
    ASSERT_TEXT(reply_text(&denied, "violations.0.fix"), "stay here");
    CU_ASSERT_EQUAL(planned.status, 200);
    CU_ASSERT(json_is_true(json_object_get(planned.json, "denied")));
    ASSERT_TEXT(reply_text(&violations, "items.0.path"), "/metadata/name");
    ASSERT_TEXT(reply_text(&violations, "items.0.application"), "moon");
    site_expect(&site, &(struct call){.path = "/api/v1/specs/moon", .key = site.dev}, 404);
}

SERVER_TEST(test_idempotent_submit)
{
    struct call call = {.method = "POST",
                        .path = "/api/v1/specs",
                        .key = site.dev,
                        .type = "application/yaml",
                        .body = WITH_DATA,
                        .headers = "Idempotency-Key: d1\r\n"};
    CLEANUP(reply_fini) struct reply first = site_call(&site, &call);
    CLEANUP(reply_fini) struct reply again = site_call(&site, &call);

    CU_ASSERT_EQUAL(first.status, 202);
    CU_ASSERT_EQUAL(again.status, 202);
    ASSERT_TEXT(reply_text(&again, "id"), reply_text(&first, "id"));
    ASSERT_TEXT(answer_header(&again.answer, "Idempotency-Replayed"), "true");
    ASSERT_CONTAINS(answer_header(&again.answer, "Location"), reply_text(&first, "id"));
    call.body = SCORE;
    site_expect(&site, &call, 409);
    site_wait(&site, reply_text(&first, "id"), "completed");
}

/* ---- deleting ---- */

SERVER_TEST(test_delete)
{
    CLEANUP(reply_fini)
    struct reply deleted = site_call(&site, &(struct call){.method = "DELETE", .path = "/api/v1/specs/shop", .key = site.dev});
    CLEANUP(reply_fini) struct reply resources = {0};

    CU_ASSERT_EQUAL_FATAL(deleted.status, 202);
    site_wait(&site, reply_text(&deleted, "id"), "completed");
    site_expect(&site, &(struct call){.path = "/api/v1/specs/shop", .key = site.dev}, 404);
    resources = site_get(&site, site.dev, "/api/v1/resources");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(resources.json, "items")), 0);
    site_expect(&site, &(struct call){.method = "DELETE", .path = "/api/v1/specs/shop", .key = site.dev}, 404);
}

SERVER_TEST(test_stop) { site_stop(&site); }

const struct test_case tests[] = {
    {"a Score file is accepted and deployed", test_submit},
    {"a deployment is shown with its executions, without its plan", test_deployment},
    {"an execution is shown with every step", test_workflows},
    {"a resource is shown with values, referrers, hints, status and history", test_resources},
    {"pages of every order show each row once", test_pages_of_rows},
    {"a cursor is refused by another order", test_cursor_of_another_list},
    {"events, log lines and manifests of a deployment can be read", test_events_logs_manifests},
    {"an application is shown with its environments and its Score file", test_applications},
    {"the graph connects team, spec, executions, steps and resources", test_graph},
    {"plugins, policies, products and readiness are shown", test_platform},
    {"what belongs to one team does not exist for another", test_other_team},
    {"plan and validate change nothing and tell every problem with its place", test_plan_and_validate},
    {"a Score file comes as YAML, JSON, text or object, with overrides and image", test_forms},
    {"a large Score file is answered as a small one", test_large_file},
    {"a denial names policy, path and fix, and is recorded", test_denial},
    {"a repeated submission with its key deploys once", test_idempotent_submit},
    {"an application is deleted", test_delete},
    {"(the server stops)", test_stop},
    {0},
};
