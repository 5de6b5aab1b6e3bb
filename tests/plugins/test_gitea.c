/* The provisioner `gitea`: every type is made, made again, changed by hand, noticed, repaired and removed. */
#include "world.h"
#include <stdio.h>

#define ORGS      "/api/v1/orgs/"
#define REPOS     "/api/v1/repos/shop/"
#define KEY       "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPGNd6JBSsV2Z9VxqpxJ3Iu0Z5xBqvS5qBl0k1KbZm9c"
#define OTHER_KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEKh0XbhVAG5kQ0VRKtTDqZ9mkqmJ3NVoYQRt9qAZ0aC"

static const char *text_in(const json_t *value, const char *key)
{
    const char *text = json_string_value(json_object_get(value, key));

    return text ? text : "";
}

/* A repository for what hangs on one, in the team's own organisation. */
static bool begin(struct world *w)
{
    if (!world_begin(w, &gitea_server, NULL))
        return false;
    world_well(w, FAKE_PROVISION, "gitea-org", "org", "{\"name\":\"shop\",\"adopt\":true}");
    world_forget(w);
    return true;
}

static void end(struct world *w)
{
    CU_ASSERT_EQUAL(world_do(w, "DELETE", ORGS "shop", NULL), 204);
    world_end(w);
}

static void refused(struct world *w, const char *type, const char *params, inno_rc code, const char *says)
{
    world_forget(w);
    CU_ASSERT_EQUAL(world_run(w, FAKE_PROVISION, type, "bad", params), code);
    ASSERT_CONTAINS(w->p.call.failure, says);
}

/* ---- organisations ---- */

static void test_org(void)
{
    static const char params[] = "{\"description\":\"of the shop\",\"visibility\":\"limited\"}";
    struct world w;
    char path[100];
    json_t *there;

    if (!world_begin(&w, &gitea_server, NULL))
        return;
    world_status(&w, "gitea-org", "team", params, "terminated", "is not there");
    world_well(&w, FAKE_PROVISION, "gitea-org", "team", params);
    CU_ASSERT(strlen(fake_output(&w.p, "name")) <= 40);
    snprintf(path, sizeof path, ORGS "%s", fake_output(&w.p, "name"));
    there = world_ask(&w, "GET", path, NULL);
    ASSERT_TEXT(text_in(there, "description"), "of the shop");
    ASSERT_TEXT(text_in(there, "visibility"), "limited");
    json_decref(there);
    world_well(&w, FAKE_PROVISION, "gitea-org", "team", params);
    CU_ASSERT_EQUAL(json_array_size(w.p.call.logs), 0);
    world_status(&w, "gitea-org", "team", params, "active", "");
    CU_ASSERT_EQUAL(world_do(&w, "PATCH", path, "{\"description\":\"by hand\"}"), 200);
    world_status(&w, "gitea-org", "team", params, "degraded", "description is \"by hand\", not \"of the shop\"");
    world_well(&w, FAKE_PLAN, "gitea-org", "team", params);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 1);
    world_well(&w, FAKE_PROVISION, "gitea-org", "team", params);
    world_status(&w, "gitea-org", "team", params, "active", "");
    world_well(&w, FAKE_HINTS, "gitea-org", "team", params);
    ASSERT_CONTAINS(fake_hint(&w.p, "dashboard"), "/dashboard");
    world_well(&w, FAKE_DEPROVISION, "gitea-org", "team", params);
    world_well(&w, FAKE_DEPROVISION, "gitea-org", "team", params);
    CU_ASSERT_EQUAL(world_do(&w, "GET", path, NULL), 404);
    world_end(&w);
}

/* A PATCH of Gitea's empties the texts that it does not mention. */
static void test_org_by_hand(void)
{
    struct world w;
    json_t *there;

    if (!world_begin(&w, &gitea_server, NULL))
        return;
    world_well(&w, FAKE_PROVISION, "gitea-org", "kept", "{\"name\":\"shop-kept\",\"description\":\"one\"}");
    CU_ASSERT_EQUAL(world_do(&w, "PATCH", ORGS "shop-kept", "{\"description\":\"one\",\"location\":\"here\",\"full_name\":\"Theirs\"}"),
                    200);
    world_status(&w, "gitea-org", "kept", "{\"name\":\"shop-kept\",\"description\":\"one\"}", "active", "");
    world_well(&w, FAKE_PROVISION, "gitea-org", "kept", "{\"name\":\"shop-kept\",\"description\":\"two\"}");
    there = world_ask(&w, "GET", ORGS "shop-kept", NULL);
    ASSERT_TEXT(text_in(there, "description"), "two");
    ASSERT_TEXT(text_in(there, "location"), "here");
    ASSERT_TEXT(text_in(there, "full_name"), "Theirs");
    json_decref(there);
    world_well(&w, FAKE_DEPROVISION, "gitea-org", "kept", "{\"name\":\"shop-kept\"}");
    world_end(&w);
}

static void test_org_that_is_not_ours(void)
{
    struct world w;

    if (!world_begin(&w, &gitea_server, NULL))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "POST", "/api/v1/orgs", "{\"username\":\"shop-theirs\"}"), 201);
    refused(&w, "gitea-org", "{\"name\":\"shop-theirs\"}", INNO_ALREADY_EXISTS, "set params.adopt");
    refused(&w, "gitea-org", "{\"name\":\"payroll\"}", INNO_INVALID_RESOURCE, "none that team shop may use");
    world_status(&w, "gitea-org", "bad", "{\"name\":\"shop-theirs\"}", "degraded", "is not this resource's");
    world_well(&w, FAKE_DEPROVISION, "gitea-org", "bad", "{\"name\":\"shop-theirs\"}");
    world_well(&w, FAKE_PROVISION, "gitea-org", "bad", "{\"name\":\"shop-theirs\",\"adopt\":true,\"location\":\"here\"}");
    world_status(&w, "gitea-org", "bad", "{\"name\":\"shop-theirs\",\"location\":\"here\"}", "active", "");
    world_well(&w, FAKE_DEPROVISION, "gitea-org", "bad", "{\"name\":\"shop-theirs\"}");
    CU_ASSERT_EQUAL(world_do(&w, "GET", ORGS "shop-theirs", NULL), 200); /* it was there before */
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", ORGS "shop-theirs", NULL), 204);
    world_end(&w);
}

static void test_org_with_repositories(void)
{
    struct world w;

    if (!world_begin(&w, &gitea_server, NULL))
        return;
    world_well(&w, FAKE_PROVISION, "gitea-org", "full", "{\"name\":\"shop-full\"}");
    CU_ASSERT_EQUAL(world_do(&w, "POST", ORGS "shop-full/repos", "{\"name\":\"web\"}"), 201);
    CU_ASSERT_EQUAL(world_run(&w, FAKE_DEPROVISION, "gitea-org", "full", "{}"), INNO_FAILED);
    ASSERT_CONTAINS(w.p.call.failure, "still has 1 repository, such as web");
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", "/api/v1/repos/shop-full/web", NULL), 204);
    world_well(&w, FAKE_DEPROVISION, "gitea-org", "full", "{}");
    CU_ASSERT_EQUAL(world_do(&w, "GET", ORGS "shop-full", NULL), 404);
    world_end(&w);
}

/* ---- repositories ---- */

static void test_repository(void)
{
    static const char params[] = "{\"name\":\"web\",\"description\":\"the shop\",\"defaultBranch\":\"trunk\",\"topics\":[\"go\",\"web\"]}";
    struct world w;
    json_t *there;

    if (!begin(&w))
        return;
    world_status(&w, "gitea-repo", "web", params, "terminated", "is not there");
    world_well(&w, FAKE_PLAN, "gitea-repo", "web", params);
    CU_ASSERT(json_array_size(json_object_get(w.p.call.outputs, "changes")) >= 4);
    world_well(&w, FAKE_PROVISION, "gitea-repo", "web", params);
    ASSERT_TEXT(fake_output(&w.p, "full_name"), "shop/web");
    ASSERT_TEXT(fake_output(&w.p, "default_branch"), "trunk");
    ASSERT_CONTAINS(fake_output(&w.p, "clone_url"), "/shop/web.git");
    there = world_ask(&w, "GET", REPOS "web", NULL);
    CU_ASSERT_TRUE(json_is_true(json_object_get(there, "private")));
    ASSERT_TEXT(text_in(there, "default_branch"), "trunk");
    json_decref(there);
    world_well(&w, FAKE_PROVISION, "gitea-repo", "web", params); /* again, with and without what it remembers */
    world_forget(&w);
    world_well(&w, FAKE_PROVISION, "gitea-repo", "web", params);
    CU_ASSERT_EQUAL(json_array_size(w.p.call.logs), 0);
    world_status(&w, "gitea-repo", "web", params, "active", "");

    CU_ASSERT_EQUAL(world_do(&w, "PATCH", REPOS "web", "{\"private\":false,\"description\":\"by hand\"}"), 200);
    world_status(&w, "gitea-repo", "web", params, "degraded", "was changed by hand");
    world_well(&w, FAKE_PROVISION, "gitea-repo", "web", params);
    CU_ASSERT_EQUAL(world_do(&w, "PUT", REPOS "web/topics", "{\"topics\":[\"go\",\"theirs\"]}"), 204);
    world_status(&w, "gitea-repo", "web", params, "degraded", "topics is");
    world_well(&w, FAKE_PROVISION, "gitea-repo", "web", params);
    world_status(&w, "gitea-repo", "web", params, "active", "");

    /* an update in place: another default branch is made where there is none */
    world_well(&w, FAKE_PROVISION, "gitea-repo", "web", "{\"name\":\"web\",\"defaultBranch\":\"next\",\"private\":false}");
    there = world_ask(&w, "GET", REPOS "web", NULL);
    ASSERT_TEXT(text_in(there, "default_branch"), "next");
    json_decref(there);
    world_well(&w, FAKE_DEPROVISION, "gitea-repo", "web", params);
    world_well(&w, FAKE_DEPROVISION, "gitea-repo", "web", params);
    CU_ASSERT_EQUAL(world_do(&w, "GET", REPOS "web", NULL), 404);
    end(&w);
}

static void test_repository_that_is_not_ours(void)
{
    struct world w;

    if (!begin(&w))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "POST", ORGS "shop/repos", "{\"name\":\"theirs\",\"auto_init\":true}"), 201);
    refused(&w, "gitea-repo", "{\"name\":\"theirs\"}", INNO_ALREADY_EXISTS, "shop/theirs is there already");
    world_well(&w, FAKE_DEPROVISION, "gitea-repo", "bad", "{\"name\":\"theirs\"}");
    CU_ASSERT_EQUAL(world_do(&w, "GET", REPOS "theirs", NULL), 200);
    world_well(&w, FAKE_PROVISION, "gitea-repo", "bad", "{\"name\":\"theirs\",\"adopt\":true,\"description\":\"ours now\"}");
    world_well(&w, FAKE_DEPROVISION, "gitea-repo", "bad", "{\"name\":\"theirs\"}");
    CU_ASSERT_EQUAL(world_do(&w, "GET", REPOS "theirs", NULL), 200);
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", REPOS "theirs", NULL), 204);
    refused(&w, "gitea-repo", "{\"owner\":\"payroll\",\"name\":\"x\"}", INNO_INVALID_RESOURCE, "none that team shop may use");
    refused(&w, "gitea-repo", "{\"owner\":\"shop-none\",\"name\":\"x\"}", INNO_NOT_FOUND, "its owner is not there");
    refused(&w, "gitea-repo", "{\"name\":\"x/../y\"}", INNO_INVALID_RESOURCE, "params.name");
    refused(&w, "gitea-repo", "{\"color\":\"red\"}", INNO_INVALID_RESOURCE, "params.color is unknown");
    refused(&w, "gitea-repo", "{\"protectedBranches\":{\"main\":{\"approvals\":-1}}}", INNO_INVALID_RESOURCE, "approvals must be a number");
    end(&w);
}

static void test_template(void)
{
    struct world w;

    if (!begin(&w))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "POST", ORGS "shop/repos", "{\"name\":\"skeleton\",\"auto_init\":true}"), 201);
    refused(&w, "gitea-repo", "{\"name\":\"made\",\"template\":\"shop/skeleton\"}", INNO_INVALID_RESOURCE, "template");
    world_forget(&w);
    CU_ASSERT_EQUAL(world_do(&w, "PATCH", REPOS "skeleton", "{\"template\":true}"), 200);
    world_well(&w, FAKE_PROVISION, "gitea-repo", "made", "{\"name\":\"made\",\"template\":\"shop/skeleton\"}");
    CU_ASSERT_EQUAL(world_do(&w, "GET", REPOS "made/contents/README.md", NULL), 200);
    world_well(&w, FAKE_DEPROVISION, "gitea-repo", "made", "{}");
    world_forget(&w);
    refused(&w, "gitea-repo", "{\"name\":\"made\",\"template\":\"shop/nothing\"}", INNO_NOT_FOUND, "its template or its owner");
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", REPOS "skeleton", NULL), 204);
    end(&w);
}

static void test_collaborators_and_protection(void)
{
    static const char params[] = "{\"name\":\"guarded\",\"collaborators\":{\"inno-alice\":\"write\"},\"protectedBranches\":{\"main\":"
                                 "{\"approvals\":2,\"pushUsers\":[\"inno-alice\"]},\"release-*\":{}}}",
                      less[] = "{\"name\":\"guarded\",\"collaborators\":{\"inno-bob\":\"read\"},\"protectedBranches\":{\"main\":{}}}";
    static const char *const users[] = {"inno-alice", "inno-bob"};
    struct world w;
    char body[200];
    json_t *there;

    if (!begin(&w))
        return;
    for (size_t i = 0; i < 2; i++) {
        snprintf(body, sizeof body, "{\"username\":\"%s\",\"email\":\"%s@example.com\",\"password\":\"Not-used-1234\"}", users[i],
                 users[i]);
        world_do(&w, "POST", "/api/v1/admin/users", body);
    }
    world_well(&w, FAKE_PROVISION, "gitea-repo", "guarded", params);
    there = world_ask(&w, "GET", REPOS "guarded/branch_protections/main", NULL);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(there, "required_approvals")), 2);
    ASSERT_TEXT(json_string_value(json_array_get(json_object_get(there, "push_whitelist_usernames"), 0)), "inno-alice");
    json_decref(there);
    world_well(&w, FAKE_PROVISION, "gitea-repo", "guarded", params);
    CU_ASSERT_EQUAL(json_array_size(w.p.call.logs), 0);
    world_status(&w, "gitea-repo", "guarded", params, "active", "");
    CU_ASSERT_EQUAL(world_do(&w, "PUT", REPOS "guarded/collaborators/inno-bob", "{\"permission\":\"admin\"}"), 204);
    world_status(&w, "gitea-repo", "guarded", params, "degraded", "collaborators is");
    world_well(&w, FAKE_PROVISION, "gitea-repo", "guarded", params);
    CU_ASSERT_EQUAL(world_do(&w, "PATCH", REPOS "guarded/branch_protections/main", "{\"required_approvals\":0}"), 200);
    world_status(&w, "gitea-repo", "guarded", params, "degraded", "protectedBranches is");
    world_well(&w, FAKE_PROVISION, "gitea-repo", "guarded", params);
    world_status(&w, "gitea-repo", "guarded", params, "active", "");
    /* what params do not name any more goes */
    world_well(&w, FAKE_PROVISION, "gitea-repo", "guarded", less);
    world_status(&w, "gitea-repo", "guarded", less, "active", "");
    CU_ASSERT_EQUAL(world_do(&w, "GET", REPOS "guarded/branch_protections/release-*", NULL), 404);
    world_well(&w, FAKE_DEPROVISION, "gitea-repo", "guarded", less);
    end(&w);
}

static void test_renamed(void)
{
    struct world w;

    if (!begin(&w))
        return;
    world_well(&w, FAKE_PROVISION, "gitea-repo", "before", "{\"name\":\"before\"}");
    CU_ASSERT_EQUAL(world_do(&w, "PATCH", REPOS "before", "{\"name\":\"after\"}"), 200);
    world_well(&w, FAKE_STATUS, "gitea-repo", "before", "{\"name\":\"before\"}");
    /* a server that answers for the old name says so; one that does not has lost it */
    CU_ASSERT_STRING_NOT_EQUAL(w.p.call.status, "active");
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", REPOS "after", NULL), 204);
    world_well(&w, FAKE_DEPROVISION, "gitea-repo", "before", "{\"name\":\"before\"}");
    end(&w);
}

/* ---- keys and webhooks ---- */

static void test_deploy_key(void)
{
    static const char params[] = "{\"repository\":\"web\",\"key\":\"" KEY " ci@example.com\\n\"}",
                      other[] = "{\"repository\":\"web\",\"key\":\"" OTHER_KEY "\",\"readOnly\":false}";
    struct world w;
    json_t *keys;

    if (!begin(&w))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "POST", ORGS "shop/repos", "{\"name\":\"web\"}"), 201);
    world_well(&w, FAKE_PROVISION, "gitea-deploy-key", "ci", params);
    ASSERT_CONTAINS(fake_output(&w.p, "fingerprint"), "SHA256:");
    world_well(&w, FAKE_PROVISION, "gitea-deploy-key", "ci", params);
    world_forget(&w);
    world_well(&w, FAKE_PROVISION, "gitea-deploy-key", "ci", params);
    CU_ASSERT_EQUAL(json_array_size(w.p.call.logs), 0);
    world_status(&w, "gitea-deploy-key", "ci", params, "active", "");
    world_status(&w, "gitea-deploy-key", "ci", other, "degraded", "and more");
    world_well(&w, FAKE_PROVISION, "gitea-deploy-key", "ci", other); /* the key is another one: it replaces the first */
    keys = world_ask(&w, "GET", REPOS "web/keys", NULL);
    CU_ASSERT_EQUAL(json_array_size(keys), 1);
    CU_ASSERT_TRUE(json_is_false(json_object_get(json_array_get(keys, 0), "read_only")));
    json_decref(keys);
    world_forget(&w);
    CU_ASSERT_EQUAL(world_do(&w, "POST", REPOS "web/keys", "{\"title\":\"theirs\",\"key\":\"" KEY "\"}"), 201);
    refused(&w, "gitea-deploy-key", params, INNO_INVALID_RESOURCE, "already been added");
    refused(&w, "gitea-deploy-key", "{\"repository\":\"web\",\"key\":\"no-key-at-all-but-long\"}", INNO_INVALID_RESOURCE, "key");
    refused(&w, "gitea-deploy-key", "{\"repository\":\"none\",\"key\":\"" KEY "\"}", INNO_NOT_FOUND, "shop/none");
    refused(&w, "gitea-deploy-key", "{\"key\":\"" KEY "\"}", INNO_INVALID_RESOURCE, "params.repository is missing");
    world_forget(&w);
    world_well(&w, FAKE_DEPROVISION, "gitea-deploy-key", "ci", other);
    world_well(&w, FAKE_DEPROVISION, "gitea-deploy-key", "ci", other);
    world_status(&w, "gitea-deploy-key", "ci", other, "terminated", "not there");
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", REPOS "web", NULL), 204);
    world_well(&w, FAKE_DEPROVISION, "gitea-deploy-key", "ci", other); /* with its repository */
    end(&w);
}

static void test_webhook(void)
{
    static const char params[] = "{\"repository\":\"shop/web\",\"url\":\"http://127.0.0.1:9/hook\",\"events\":[\"push\",\"pull_request\"],"
                                 "\"secret\":\"t0ps3cret-of-the-hook\"}",
                      less[] = "{\"repository\":\"shop/web\",\"url\":\"http://127.0.0.1:9/other\"}";
    struct world w;
    char path[100];
    json_t *hooks;

    if (!begin(&w))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "POST", ORGS "shop/repos", "{\"name\":\"web\"}"), 201);
    world_well(&w, FAKE_PROVISION, "gitea-webhook", "ci", params);
    snprintf(path, sizeof path, REPOS "web/hooks/%lld", (long long)json_integer_value(json_object_get(w.p.call.outputs, "id")));
    world_well(&w, FAKE_PROVISION, "gitea-webhook", "ci", params);
    CU_ASSERT_EQUAL(json_array_size(w.p.call.logs), 0);
    world_status(&w, "gitea-webhook", "ci", params, "active", "");
    CU_ASSERT_EQUAL(world_do(&w, "PATCH", path, "{\"active\":false,\"events\":[\"push\"]}"), 200);
    world_status(&w, "gitea-webhook", "ci", params, "degraded", "was changed by hand");
    world_well(&w, FAKE_PROVISION, "gitea-webhook", "ci", params);
    world_status(&w, "gitea-webhook", "ci", params, "active", "");
    world_well(&w, FAKE_PROVISION, "gitea-webhook", "ci", less); /* in place */
    hooks = world_ask(&w, "GET", REPOS "web/hooks", NULL);
    CU_ASSERT_EQUAL(json_array_size(hooks), 1);
    ASSERT_TEXT(text_in(json_object_get(json_array_get(hooks, 0), "config"), "url"), "http://127.0.0.1:9/other");
    json_decref(hooks);
    world_well(&w, FAKE_DEPROVISION, "gitea-webhook", "ci", less);
    world_well(&w, FAKE_DEPROVISION, "gitea-webhook", "ci", less);
    world_status(&w, "gitea-webhook", "ci", less, "terminated", "not there");
    refused(&w, "gitea-webhook", "{\"url\":\"http://127.0.0.1/\"}", INNO_INVALID_RESOURCE, "either repository or org");
    refused(&w, "gitea-webhook", "{\"org\":\"shop\",\"url\":\"ftp://127.0.0.1/\"}", INNO_INVALID_RESOURCE, "http or https");
    refused(&w, "gitea-webhook", "{\"repository\":\"none\",\"url\":\"http://127.0.0.1/\"}", INNO_NOT_FOUND, "no repository shop/none");
    world_forget(&w);
    world_well(&w, FAKE_PROVISION, "gitea-webhook", "all", "{\"org\":\"shop\",\"url\":\"http://127.0.0.1:9/all\"}");
    world_status(&w, "gitea-webhook", "all", "{\"org\":\"shop\",\"url\":\"http://127.0.0.1:9/all\"}", "active", "");
    world_well(&w, FAKE_DEPROVISION, "gitea-webhook", "all", "{\"org\":\"shop\",\"url\":\"http://127.0.0.1:9/all\"}");
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", REPOS "web", NULL), 204);
    end(&w);
}

#define HOOK(more) "{\"repository\":\"web\",\"url\":\"http://127.0.0.1:9/hook\"" more "}"

static json_int_t hook_of(struct world *w, const char *params)
{
    json_t *hooks;

    world_well(w, FAKE_PROVISION, "gitea-webhook", "ci", params);
    hooks = world_ask(w, "GET", REPOS "web/hooks", NULL);
    CU_ASSERT_EQUAL(json_array_size(hooks), 1);
    json_decref(hooks);
    return json_integer_value(json_object_get(w->p.call.outputs, "id"));
}

/* Gitea keeps the secret that a webhook was made with, whatever a PATCH says. */
static void test_webhook_secret(void)
{
    struct world w;
    json_int_t first, second;
    json_t *hooks;

    if (!begin(&w))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "POST", ORGS "shop/repos", "{\"name\":\"web\"}"), 201);
    first = hook_of(&w, HOOK(",\"secret\":\"the-first-secret\""));
    CU_ASSERT_EQUAL(hook_of(&w, HOOK(",\"secret\":\"the-first-secret\",\"branchFilter\":\"main\"")), first);
    second = hook_of(&w, HOOK(",\"secret\":\"the-second-secret\""));
    CU_ASSERT_NOT_EQUAL(second, first);
    CU_ASSERT_PTR_NULL(strstr(w.state, "the-second-secret"));
    CU_ASSERT_EQUAL(hook_of(&w, HOOK(",\"secret\":\"the-second-secret\"")), second);
    first = hook_of(&w, HOOK(""));
    CU_ASSERT_NOT_EQUAL(first, second);
    CU_ASSERT_EQUAL(hook_of(&w, HOOK(",\"authorization\":\"Bearer for-the-hook\"")), first);
    CU_ASSERT_EQUAL(hook_of(&w, HOOK("")), first);
    hooks = world_ask(&w, "GET", REPOS "web/hooks", NULL);
    ASSERT_TEXT(text_in(json_array_get(hooks, 0), "authorization_header"), "");
    json_decref(hooks);
    world_well(&w, FAKE_DEPROVISION, "gitea-webhook", "ci", HOOK(""));
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", REPOS "web", NULL), 204);
    end(&w);
}

static void test_webhook_events(void)
{
    static const char *const words[] = {
        "issues",  "issues_only", "issue_comment", "pull_request", "pull_request_only", "pull_request_review", "pull_request_comment",
        "release", "repository"};
    struct world w;
    char params[200];

    if (!begin(&w))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "POST", ORGS "shop/repos", "{\"name\":\"web\"}"), 201);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        snprintf(params, sizeof params, HOOK(",\"events\":[\"push\",\"%s\"]"), words[i]);
        hook_of(&w, params);
        world_status(&w, "gitea-webhook", "ci", params, "active", "");
    }
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "gitea-webhook", "ci", HOOK(",\"events\":[\"push\",\"pony\"]")), INNO_INVALID_RESOURCE);
    ASSERT_CONTAINS(w.p.call.failure, "the event \"pony\"");
    world_well(&w, FAKE_DEPROVISION, "gitea-webhook", "ci", HOOK(""));
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", REPOS "web", NULL), 204);
    end(&w);
}

/* An address may be called twice: what was there before stays as it is, unless it is adopted. */
static void test_webhook_that_is_not_ours(void)
{
    static const char params[] = "{\"repository\":\"web\",\"url\":\"http://127.0.0.1:9/hook\"}",
                      adopts[] = "{\"repository\":\"web\",\"url\":\"http://127.0.0.1:9/hook\",\"events\":[\"release\"],\"adopt\":true}",
                      claimed[] = "{\"claimed\":true,\"before\":[]}";
    struct world w;
    json_t *theirs, *hooks;

    if (!begin(&w))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "POST", ORGS "shop/repos", "{\"name\":\"web\"}"), 201);
    theirs = world_ask(&w, "POST", REPOS "web/hooks",
                       "{\"type\":\"gitea\",\"active\":true,\"config\":{\"url\":\"http://127.0.0.1:9/hook\",\"content_type\":\"json\"}}");
    world_well(&w, FAKE_DEPROVISION, "gitea-webhook", "ci", params);
    world_well(&w, FAKE_PROVISION, "gitea-webhook", "ci", params);
    CU_ASSERT_FALSE(json_equal(json_object_get(w.p.call.outputs, "id"), json_object_get(theirs, "id")));
    world_well(&w, FAKE_DEPROVISION, "gitea-webhook", "ci", params);
    world_forget(&w);
    world_well(&w, FAKE_PROVISION, "gitea-webhook", "ci", adopts);
    CU_ASSERT(json_equal(json_object_get(w.p.call.outputs, "id"), json_object_get(theirs, "id")));
    world_well(&w, FAKE_DEPROVISION, "gitea-webhook", "ci", adopts);
    hooks = world_ask(&w, "GET", REPOS "web/hooks", NULL);
    CU_ASSERT_EQUAL(json_array_size(hooks), 1);
    json_decref(hooks);
    /* after a crash between making and keeping it is found by not having been there before */
    snprintf(w.state, sizeof w.state, "%s", claimed);
    world_well(&w, FAKE_PROVISION, "gitea-webhook", "ci", params);
    CU_ASSERT(json_equal(json_object_get(w.p.call.outputs, "id"), json_object_get(theirs, "id")));
    json_decref(theirs);
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", REPOS "web", NULL), 204);
    end(&w);
}

/* ---- the entry ---- */

static void test_health_and_config(void)
{
    static const struct {
        const char *more, *says;
    } bad[] = {{"\"credentials\":\"a b\"", "must be a token"},
               {"\"credentials\":\"x\",\"colour\":1", "config.colour is unknown"},
               {"\"owner\":\"x\"", "config.credentials is missing"},
               {"\"credentials\":\"x\",\"author\":{\"name\":\"x\"}", "config.author.email is missing"}};
    struct world w;

    if (!world_begin(&w, &gitea_server, NULL))
        return;
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    CU_ASSERT_EQUAL(world_reopen(&w, "\"credentials\":\"not-the-token-0123\",\"attempts\":1"), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_UNAUTHORIZED);
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "not-the-token-0123"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_EQUAL(world_reopen(&w, bad[i].more), INNO_INVALID_CONFIG);
        ASSERT_CONTAINS(w.p.call.failure, bad[i].says);
    }
    world_end(&w);
}

static void test_step(void)
{
    struct world w;

    if (!begin(&w))
        return;
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(fake_step(&w.p, "gitea-repo", "shop", "{\"name\":\"ensured\",\"description\":\"by a step\"}"), INNO_OK);
        ASSERT_TEXT(fake_output(&w.p, "full_name"), "shop/ensured");
    }
    CU_ASSERT_EQUAL(json_array_size(w.p.call.logs), 0);
    CU_ASSERT_EQUAL(fake_step(&w.p, "gitea-repo", "shop", "{\"nam\":\"x\"}"), INNO_INVALID_RESOURCE);
    ASSERT_CONTAINS(w.p.call.failure, "config.nam is unknown");
    CU_ASSERT_EQUAL(fake_step(&w.p, "gitea-pony", "shop", "{}"), INNO_UNSUPPORTED);
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", REPOS "ensured", NULL), 204);
    end(&w);
}

const struct test_case tests[] = {
    {"an organisation is made, kept as it was asked for, and removed", test_org},
    {"what params do not mention stays when an organisation is changed", test_org_by_hand},
    {"an organisation that was there before is left alone, or adopted and not removed", test_org_that_is_not_ours},
    {"an organisation that still has repositories is not removed", test_org_with_repositories},
    {"a repository is made, put back when it was changed by hand, changed in place and removed", test_repository},
    {"a repository that was there before is left alone, or adopted and not removed", test_repository_that_is_not_ours},
    {"a repository begins as its template", test_template},
    {"collaborators and protected branches are as params say", test_collaborators_and_protection},
    {"a repository that was renamed by hand is noticed", test_renamed},
    {"a deploy key is replaced when it changes, and known without the state", test_deploy_key},
    {"a webhook is changed in place and removed", test_webhook},
    {"a webhook is made anew when its secret changes", test_webhook_secret},
    {"a webhook has the events that it was asked to have, and none that the server does not know", test_webhook_events},
    {"a webhook of another is not taken unless it is adopted", test_webhook_that_is_not_ours},
    {"health asks for the version and looks at the token", test_health_and_config},
    {"the step gitea-repo sees that a repository is there", test_step},
    {0}};
