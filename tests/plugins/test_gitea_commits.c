/* Commits of the provisioner `gitea`: files in one commit, as a resource, as a step, and as the manifests of a workload. */
#include "world.h"
#include <stdio.h>

#define REPO "/api/v1/repos/shop/deploy"

static bool begin(struct world *w, const char *more)
{
    if (!world_begin(w, &gitea_server, more))
        return false;
    world_do(w, "POST", "/api/v1/orgs", "{\"username\":\"shop\"}");
    CU_ASSERT_EQUAL(world_do(w, "POST", "/api/v1/orgs/shop/repos", "{\"name\":\"deploy\",\"auto_init\":true,\"default_branch\":\"main\"}"),
                    201);
    return true;
}

static void end(struct world *w)
{
    CU_ASSERT_EQUAL(world_do(w, "DELETE", REPO, NULL), 204);
    CU_ASSERT_EQUAL(world_do(w, "DELETE", "/api/v1/orgs/shop", NULL), 204);
    world_end(w);
}

/* The commit at which a branch stands. */
static void head_of(struct world *w, const char *branch, char out[72])
{
    char path[200];
    json_t *there;

    snprintf(path, sizeof path, REPO "/branches/%s", branch);
    there = world_ask(w, "GET", path, NULL);
    snprintf(out, 72, "%s", json_string_value(json_object_get(json_object_get(there, "commit"), "id")) ?: "");
    json_decref(there);
}

static int file_status(struct world *w, const char *path)
{
    char url[300];

    snprintf(url, sizeof url, REPO "/contents/%s", path);
    return world_do(w, "GET", url, NULL);
}

/* Base64 of its content; "" when it is not there. */
static void content_of(struct world *w, const char *path, char out[400])
{
    char url[300];
    json_t *there;

    snprintf(url, sizeof url, REPO "/contents/%s", path);
    there = world_ask(w, "GET", url, NULL);
    snprintf(out, 400, "%s", json_string_value(json_object_get(there, "content")) ?: "");
    json_decref(there);
}

static void change_by_hand(struct world *w, const char *path, const char *base64)
{
    char url[300], body[600];
    json_t *there;

    snprintf(url, sizeof url, REPO "/contents/%s", path);
    there = world_ask(w, "GET", url, NULL);
    snprintf(body, sizeof body,
             "{\"branch\":\"main\",\"files\":[{\"operation\":\"update\",\"path\":\"%s\",\"content\":\"%s\",\"sha\":\"%s\"}]}", path, base64,
             json_string_value(json_object_get(there, "sha")) ?: "");
    json_decref(there);
    CU_ASSERT_EQUAL(world_do(w, "POST", REPO "/contents", body), 201);
}

static void test_files(void)
{
    static const char params[] =
        "{\"repository\":\"deploy\",\"path\":\"apps/shop\",\"files\":{\"a.txt\":\"one\\n\",\"b.yaml\":{\"kind\":\"X\","
        "\"count\":1},\"c.yaml\":[{\"a\":1},{\"b\":2}]}}",
                      less[] = "{\"repository\":\"deploy\",\"path\":\"apps/shop\",\"files\":{\"a.txt\":\"two\\n\"}}";
    struct world w;
    char first[72], now[72], text[400];

    if (!begin(&w, NULL))
        return;
    world_status(&w, "git-commit", "files", params, "terminated", "nothing was committed");
    world_well(&w, FAKE_PROVISION, "git-commit", "files", params);
    snprintf(first, sizeof first, "%s", fake_output(&w.p, "commit"));
    head_of(&w, "main", now);
    ASSERT_TEXT(first, now); /* one commit */
    content_of(&w, "apps/shop/b.yaml", text);
    ASSERT_TEXT(text, "a2luZDogWApjb3VudDogMQo=");
    content_of(&w, "apps/shop/c.yaml", text);
    ASSERT_TEXT(text, "YTogMQotLS0KYjogMgo=");
    world_well(&w, FAKE_PROVISION, "git-commit", "files", params); /* again: no commit, the same answer */
    ASSERT_TEXT(fake_output(&w.p, "commit"), first);
    head_of(&w, "main", now);
    ASSERT_TEXT(first, now);
    world_status(&w, "git-commit", "files", params, "active", "");

    change_by_hand(&w, "apps/shop/a.txt", "YnkgaGFuZAo=");
    world_status(&w, "git-commit", "files", params, "degraded", "apps/shop/a.txt of shop/deploy: was changed by hand");
    world_well(&w, FAKE_PROVISION, "git-commit", "files", params);
    content_of(&w, "apps/shop/a.txt", text);
    ASSERT_TEXT(text, "b25lCg==");
    world_well(&w, FAKE_PLAN, "git-commit", "files", less);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 3);
    world_well(&w, FAKE_PROVISION, "git-commit", "files", less); /* one changed, two that are no longer named removed */
    CU_ASSERT_EQUAL(file_status(&w, "apps/shop/b.yaml"), 404);
    CU_ASSERT_EQUAL(file_status(&w, "apps/shop/c.yaml"), 404);
    world_status(&w, "git-commit", "files", less, "active", "");
    world_well(&w, FAKE_DEPROVISION, "git-commit", "files", less);
    CU_ASSERT_EQUAL(file_status(&w, "apps/shop/a.txt"), 404);
    CU_ASSERT_EQUAL(file_status(&w, "README.md"), 200);
    world_well(&w, FAKE_DEPROVISION, "git-commit", "files", less);
    world_status(&w, "git-commit", "files", less, "terminated", "none of its files is there");
    end(&w);
}

static void test_foreign(void)
{
    struct world w;
    char before[400], after[400];

    if (!begin(&w, NULL))
        return;
    content_of(&w, "README.md", before);
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "git-commit", "x", "{\"repository\":\"deploy\",\"files\":{\"README.md\":\"mine\"}}"),
                    INNO_ALREADY_EXISTS);
    ASSERT_CONTAINS(w.p.call.failure, "README.md of shop/deploy is there already with other content");
    content_of(&w, "README.md", after);
    ASSERT_TEXT(after, before);
    world_well(&w, FAKE_PROVISION, "git-commit", "x", "{\"repository\":\"deploy\",\"adopt\":true,\"files\":{\"README.md\":\"mine\"}}");
    content_of(&w, "README.md", after);
    ASSERT_TEXT(after, "bWluZQ==");
    end(&w);
}

static void test_branches(void)
{
    static const char params[] = "{\"repository\":\"deploy\",\"branch\":\"env/dev\",\"from\":\"main\",\"files\":{\"a\":\"1\"}}";
    struct world w;
    char text[72];

    if (!begin(&w, NULL))
        return;
    CU_ASSERT_EQUAL(
        world_run(&w, FAKE_PROVISION, "git-commit", "x", "{\"repository\":\"deploy\",\"branch\":\"env/dev\",\"files\":{\"a\":\"1\"}}"),
        INNO_NOT_FOUND);
    ASSERT_CONTAINS(w.p.call.failure, "has no branch env/dev");
    world_well(&w, FAKE_PROVISION, "git-commit", "x", params);
    world_well(&w, FAKE_PROVISION, "git-commit", "x", params);
    head_of(&w, "env/dev", text);
    ASSERT_TEXT(fake_output(&w.p, "commit"), text);
    world_status(&w, "git-commit", "x", params, "active", "");
    CU_ASSERT_EQUAL(file_status(&w, "a"), 404); /* it is not in main */
    world_well(&w, FAKE_HINTS, "git-commit", "x", params);
    ASSERT_CONTAINS(fake_hint(&w.p, "url"), "/shop/deploy/src/branch/env/dev");
    world_well(&w, FAKE_DEPROVISION, "git-commit", "x", params);
    end(&w);
}

static void test_empty_repository(void)
{
    struct world w;

    if (!begin(&w, NULL))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "POST", "/api/v1/orgs/shop/repos", "{\"name\":\"bare\"}"), 201);
    world_well(&w, FAKE_PROVISION, "git-commit", "x", "{\"repository\":\"bare\",\"files\":{\"first\":\"1\"}}");
    world_status(&w, "git-commit", "x", "{\"repository\":\"bare\",\"files\":{\"first\":\"1\"}}", "active", "");
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", "/api/v1/repos/shop/bare", NULL), 204);
    world_well(&w, FAKE_STATUS, "git-commit", "x", "{\"repository\":\"bare\",\"files\":{\"first\":\"1\"}}");
    ASSERT_TEXT(w.p.call.status, "terminated");
    world_well(&w, FAKE_DEPROVISION, "git-commit", "x", "{}");
    end(&w);
}

static void test_bad_files(void)
{
    static const struct {
        const char *params, *says;
        inno_rc code;
    } bad[] = {
        {"{\"repository\":\"deploy\",\"files\":{}}", "must have 1 to 1000 files", INNO_INVALID_RESOURCE},
        {"{\"repository\":\"deploy\",\"files\":[\"x\"]}", "no path of a file", INNO_INVALID_RESOURCE},
        {"{\"repository\":\"deploy\",\"files\":{\"../x\":\"1\"}}", "no path of a file", INNO_INVALID_RESOURCE},
        {"{\"repository\":\"deploy\",\"files\":{\"a/.git/config\":\"1\"}}", "no path of a file", INNO_INVALID_RESOURCE},
        {"{\"repository\":\"deploy\",\"files\":{\"/etc/passwd\":\"1\"}}", "no path of a file", INNO_INVALID_RESOURCE},
        {"{\"repository\":\"deploy\",\"files\":[{\"path\":\"a\",\"content\":\"1\"},{\"path\":\"a\",\"content\":\"2\"}]}", "names a twice",
         INNO_INVALID_RESOURCE},
        {"{\"repository\":\"deploy\",\"path\":\"a/../b\",\"files\":{\"a\":\"1\"}}", "must be a folder", INNO_INVALID_RESOURCE},
        {"{\"repository\":\"deploy\",\"branch\":\"a..b\",\"files\":{\"a\":\"1\"}}", "names of branches", INNO_INVALID_RESOURCE},
        {"{\"repository\":\"none\",\"files\":{\"a\":\"1\"}}", "no repository shop/none", INNO_NOT_FOUND},
        {"{\"repository\":\"payroll/x\",\"files\":{\"a\":\"1\"}}", "none that team shop may use", INNO_INVALID_RESOURCE},
    };
    struct world w;

    if (!begin(&w, NULL))
        return;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "git-commit", "bad", bad[i].params), bad[i].code);
        ASSERT_CONTAINS(w.p.call.failure, bad[i].says);
    }
    end(&w);
}

static void test_protected(void)
{
    struct world w;

    if (!begin(&w, NULL))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "POST", REPO "/branch_protections", "{\"rule_name\":\"main\",\"enable_push\":false}"), 201);
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "git-commit", "x", "{\"repository\":\"deploy\",\"files\":{\"a\":\"1\"}}"),
                    INNO_UNAUTHORIZED);
    ASSERT_CONTAINS(w.p.call.failure, "protected branch");
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", REPO "/branch_protections/main", NULL), 204);
    end(&w);
}

static void test_step(void)
{
    static const char config[] =
        "{\"repository\":\"deploy\",\"message\":\"Release 1\",\"files\":[{\"path\":\"x/a.yaml\",\"content\":\"a: 1\\n\"}]}";
    struct world w;
    char head[72], now[72];

    if (!begin(&w, "\"author\":{\"name\":\"Platform\",\"email\":\"platform@example.com\"}"))
        return;
    CU_ASSERT_EQUAL(fake_step(&w.p, "git-commit", "shop", config), INNO_OK);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(w.p.call.outputs, "changed")), 1);
    head_of(&w, "main", head);
    ASSERT_TEXT(fake_output(&w.p, "commit"), head);
    CU_ASSERT_EQUAL(fake_step(&w.p, "git-commit", "shop", config), INNO_OK); /* nothing to do */
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(w.p.call.outputs, "changed")), 0);
    head_of(&w, "main", now);
    ASSERT_TEXT(now, head);
    CU_ASSERT_EQUAL(
        fake_step(&w.p, "git-commit", "shop", "{\"repository\":\"deploy\",\"files\":{\"README.md\":\"new\"},\"remove\":[\"x/a.yaml\"]}"),
        INNO_OK);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(w.p.call.outputs, "changed")), 2);
    CU_ASSERT_EQUAL(file_status(&w, "x/a.yaml"), 404);
    CU_ASSERT_EQUAL(fake_step(&w.p, "git-commit", "shop", "{\"repository\":\"deploy\",\"files\":{\"a\":\"1\"},\"force\":true}"),
                    INNO_INVALID_RESOURCE);
    end(&w);
}

static void test_workload(void)
{
    static const char params[] = "{\"apiVersion\":\"score.dev/v1b1\",\"metadata\":{\"name\":\"shop\"},\"containers\":{\"web\":{\"image\":"
                                 "\"registry.example.com/web:1.0\",\"variables\":{\"PASSWORD\":{\"$secret\":\"resources.db.password\"}}}}}",
                      more[] = "\"manifests\":{\"repository\":\"shop/deploy\",\"namespace\":\"{team}-{environment}\"}";
    struct world w;
    char text[400];
    json_t *there;

    if (!begin(&w, more))
        return;
    world_well(&w, FAKE_PROVISION, "workload", "shop", params);
    there = json_incref(json_object_get(json_object_get(w.p.call.state, "files"), "0"));
    json_decref(there);
    CU_ASSERT(json_array_size(json_object_get(w.p.call.state, "files")) >= 2);
    content_of(&w, "shop/development/shop/shop/shop-deployment.yaml", text);
    CU_ASSERT(strlen(text) > 100);
    world_status(&w, "workload", "shop", params, "active", "");
    world_well(&w, FAKE_DEPROVISION, "workload", "shop", params);
    CU_ASSERT_EQUAL(file_status(&w, "shop/development/shop/shop/shop-deployment.yaml"), 404);
    CU_ASSERT_EQUAL(world_reopen(&w, "\"credentials\":\"x\""), INNO_OK);
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "workload", "shop", params), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(w.p.call.failure, "config.manifests is missing");
    end(&w);
}

const struct test_case tests[] = {{"files are committed at once, put back, changed and removed", test_files},
                                  {"a file of somebody else is not overwritten", test_foreign},
                                  {"a branch that is missing begins where it is said", test_branches},
                                  {"the first commit of a repository is made", test_empty_repository},
                                  {"paths, folders and branches that are none are refused", test_bad_files},
                                  {"a protected branch says no", test_protected},
                                  {"the step git-commit commits what differs and nothing else", test_step},
                                  {"a workload's manifests are committed and removed", test_workload},
                                  {0}};
