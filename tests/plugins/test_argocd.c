/* The provisioner `argocd`: projects are made, made again, noticed when they are another's, and removed; what may not be asked for is
 * refused. */
#include "world.h"
#include <stdio.h>

#define PROJECT "/api/v1/projects/shop-inno"
#define PARAMS                                                                                                                             \
    "{\"name\":\"shop-inno\",\"description\":\"of the shop\",\"sources\":[\"https://git.example.com/*\"],\"destinations\":[{"              \
    "\"namespace\":\"shop-development\"}]}"

static void test_project(void)
{
    static const char more[] = "{\"name\":\"shop-inno\",\"sources\":[\"https://git.example.com/*\",\"https://charts.example.com\"],"
                               "\"destinations\":[{\"namespace\":\"shop\"}]}";
    struct world w;

    if (!world_begin(&w, &argocd_server, NULL))
        return;
    world_status(&w, "argocd-project", "team", PARAMS, "terminated", "not there");
    world_well(&w, FAKE_PROVISION, "argocd-project", "team", PARAMS);
    ASSERT_TEXT(fake_output(&w.p, "name"), "shop-inno");
    world_forget(&w);
    world_well(&w, FAKE_PROVISION, "argocd-project", "team", PARAMS);
    CU_ASSERT_EQUAL(json_array_size(w.p.call.logs), 0);
    world_status(&w, "argocd-project", "team", PARAMS, "active", "");
    world_status(&w, "argocd-project", "team", more, "degraded", "was changed by hand");
    world_well(&w, FAKE_PLAN, "argocd-project", "team", more);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 3);
    world_well(&w, FAKE_PROVISION, "argocd-project", "team", more);
    world_status(&w, "argocd-project", "team", more, "active", "");
    /* another resource: it is not its own */
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "argocd-project", "other", PARAMS), INNO_ALREADY_EXISTS);
    world_well(&w, FAKE_DEPROVISION, "argocd-project", "other", PARAMS);
    CU_ASSERT_EQUAL(world_do(&w, "GET", PROJECT, NULL), 200);
    world_well(&w, FAKE_DEPROVISION, "argocd-project", "team", more);
    world_well(&w, FAKE_DEPROVISION, "argocd-project", "team", more);
    CU_ASSERT_NOT_EQUAL(world_do(&w, "GET", PROJECT, NULL), 200);
    world_end(&w);
}

static void test_refused(void)
{
    static const struct {
        const char *type, *params, *says;
    } bad[] = {
        {"argocd-project", "{\"name\":\"payroll\",\"sources\":[\"x\"],\"destinations\":[]}", "none that team shop may use"},
        {"argocd-project", "{\"name\":\"shop-x\",\"sources\":[\"x\"],\"destinations\":[{\"namespace\":\"kube-system\"}]}",
         "is not listed as `destinations`"},
        {"argocd-project", "{\"name\":\"shop-x\",\"sources\":[\"x\"],\"destinations\":[{\"server\":\"*\",\"namespace\":\"shop\"}]}",
         "is not listed"},
        {"argocd-project", "{\"name\":\"shop-x\",\"destinations\":[]}", "params.sources is missing"},
        {"argocd-repository", "{\"url\":\"https://git.example.com/x\",\"project\":\"payroll\"}", "none that team shop may use"},
        {"argocd-repository", "{\"url\":\"https://git.example.com/x\",\"project\":\"shop\",\"sshPrivateKey\":\"x\"}",
         "must be a private key"},
        {"argocd-app", "{\"project\":\"payroll\",\"repoURL\":\"x\",\"namespace\":\"shop\",\"path\":\"a\"}", "none that team shop may use"},
        {"argocd-app", "{\"project\":\"shop\",\"repoURL\":\"x\",\"namespace\":\"shop\"}", "either path or chart"},
        {"argocd-app", "{\"project\":\"shop\",\"repoURL\":\"x\",\"namespace\":\"shop\",\"path\":\"a\",\"wait\":\"soon\"}",
         "must be a duration"},
    };
    struct world w;

    if (!world_begin(&w, &argocd_server, NULL))
        return;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, bad[i].type, "bad", bad[i].params), INNO_INVALID_RESOURCE);
        ASSERT_CONTAINS(w.p.call.failure, bad[i].says);
    }
    CU_ASSERT_EQUAL(
        world_run(&w, FAKE_PROVISION, "argocd-app", "none",
                  "{\"project\":\"shop-none\",\"repoURL\":\"https://git.example.com/x\",\"namespace\":\"shop\",\"path\":\"a\"}"),
        INNO_INVALID_RESOURCE);
    world_forget(&w);
    world_status(&w, "argocd-app", "none", "{\"project\":\"shop\",\"repoURL\":\"x\",\"namespace\":\"shop\",\"path\":\"a\"}", "terminated",
                 "not there");
    world_well(&w, FAKE_DEPROVISION, "argocd-app", "none", "{}");
    world_end(&w);
}

/* Another project's credentials of the same address make Argo CD answer 500 for those that are not there. */
static void test_repository(void)
{
    static const char ours[] = "{\"url\":\"https://git.example.com/x.git\",\"project\":\"shop-inno\",\"password\":\"hidden\"}",
                      other[] = "{\"repo\":\"https://git.example.com/x.git\",\"project\":\"other\",\"type\":\"git\"}";
    struct world w;

    if (!getenv("INNOMINATUS_TEST_ARGOCD_FAKE")) {
        test_skip("a real Argo CD takes credentials of a repository that it can reach alone: plugins/test_check.py has one");
        return;
    }
    if (!world_begin(&w, &argocd_server, NULL))
        return;
    CU_ASSERT_EQUAL(world_do(&w, "POST", "/api/v1/repositories", other), 200);
    world_status(&w, "argocd-repository", "code", ours, "terminated", "not there");
    world_well(&w, FAKE_PROVISION, "argocd-repository", "code", ours);
    world_status(&w, "argocd-repository", "code", ours, "active", "");
    world_well(&w, FAKE_DEPROVISION, "argocd-repository", "code", ours);
    world_well(&w, FAKE_DEPROVISION, "argocd-repository", "code", ours);
    world_status(&w, "argocd-repository", "code", ours, "terminated", "not there");
    world_end(&w);
}

/* What is wrong is told in the words of the params; only what may be secret is hidden. */
static void test_said(void)
{
    static const char app[] = "{\"project\":\"shop-inno\",\"repoURL\":\"https://git.example.com/none\",\"path\":\"apps/"
                              "none\",\"namespace\":\"shop-development\"}";
    struct world w;

    if (!world_begin(&w, &argocd_server, NULL))
        return;
    world_well(&w, FAKE_PROVISION, "argocd-project", "team", PARAMS);
    world_forget(&w);
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "argocd-app", "none", app), INNO_INVALID_RESOURCE);
    ASSERT_CONTAINS(w.p.call.failure, "InvalidSpecError");
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "***"));
    world_forget(&w);
    world_well(&w, FAKE_DEPROVISION, "argocd-project", "team", PARAMS);
    world_end(&w);
}

static void test_health(void)
{
    struct world w;

    if (!world_begin(&w, &argocd_server, NULL))
        return;
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    CU_ASSERT_EQUAL(world_reopen(&w, "\"credentials\":\"not-the-token-0123\",\"attempts\":1"), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_UNAUTHORIZED);
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "not-the-token-0123"));
    world_end(&w);
}

const struct test_case tests[] = {{"a project is made, changed in place, noticed when it is another's, and removed", test_project},
                                  {"what a team may not ask for is refused", test_refused},
                                  {"credentials of one address are those of each project", test_repository},
                                  {"a refusal is told with what it is about", test_said},
                                  {"health asks for the version and looks at the token", test_health},
                                  {0}};
