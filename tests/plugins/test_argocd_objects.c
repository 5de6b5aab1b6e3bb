/* The provisioner `argocd` by custom resources: applications and projects as objects of a Kubernetes API server. */
#include "world.h"
#include <stdio.h>

#define SPACE  "/api/v1/namespaces/argocd/configmaps"
#define ARGO   "/apis/argoproj.io/v1alpha1/namespaces/argocd/"
#define BROKEN "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"broken\",\"namespace\":\"argocd\"}}"
#define MANUAL "{\"spec\":{\"syncPolicy\":{\"automated\":{\"prune\":true}},\"source\":{\"path\":\"apps/hand\"}}}"
#define APP(more)                                                                                                                          \
    "{\"name\":\"web\",\"project\":\"shop\",\"repoURL\":\"https://git.example.com/x\",\"namespace\":\"shop\",\"path\":\"apps/" more "}"
#define TEAM "{\"name\":\"shop\",\"sources\":[\"https://git.example.com/*\"],\"destinations\":[{\"namespace\":\"shop\"}]}"

static bool begin(struct world *w)
{
    char config[300];

    if (getenv("INNO_KUBE_REAL")) {
        test_skip("this API server has no Argo CD");
        return false;
    }
    if (!world_begin(w, &argocd_objects, NULL))
        return false;
    snprintf(config, sizeof config, "\"kubernetes\":{\"url\":\"%s\",\"credentials\":\"%s\"}", getenv("INNO_KUBE_URL"),
             getenv("INNO_KUBE_TOKEN"));
    CU_ASSERT_EQUAL_FATAL(world_reopen(w, config), INNO_OK);
    return true;
}

/* A slot until it is done. */
static inno_rc run(struct world *w, enum fake_slot slot, const char *type, const char *name, const char *params)
{
    inno_rc rc = INNO_PENDING;

    for (int i = 0; i < 30 && rc == INNO_PENDING; i++)
        rc = world_run(w, slot, type, name, params);
    if (rc != INNO_OK && rc != INNO_PENDING)
        fprintf(stderr, "# %s\n", w->p.call.failure);
    return rc;
}

static void well(struct world *w, enum fake_slot slot, const char *type, const char *name, const char *params)
{
    CU_ASSERT_EQUAL(run(w, slot, type, name, params), INNO_OK);
}

/* A change by hand. */
static void edit(struct world *w, const char *path, const char *patch)
{
    char value[500];
    struct rest_header headers[] = {{"Authorization", value}, {0}};
    struct rest_answer answer = {0};
    struct rest_request request = {.method = "PATCH",
                                   .path = path,
                                   .headers = headers,
                                   .body = patch,
                                   .body_len = strlen(patch),
                                   .content_type = "application/merge-patch+json"};

    snprintf(value, sizeof value, "Bearer %s", getenv("INNO_KUBE_TOKEN"));
    fake_begin(&w->own);
    CU_ASSERT_EQUAL_FATAL(rest_call(w->rest, &fake_host, &w->own.call, &request, &answer), INNO_OK);
    rest_answer_fini(&answer);
}

static void with_project(struct world *w)
{
    well(w, FAKE_PROVISION, "argocd-project", "team", TEAM);
    world_forget(w);
}

static void test_application(void)
{
    struct world w;
    json_t *live;

    if (!begin(&w))
        return;
    with_project(&w);
    world_status(&w, "argocd-app", "app", APP("shop\""), "terminated", "not there");
    CU_ASSERT_EQUAL(world_run(&w, FAKE_PROVISION, "argocd-app", "app", APP("shop\"")), INNO_PENDING);
    well(&w, FAKE_PROVISION, "argocd-app", "app", APP("shop\""));
    ASSERT_TEXT(fake_output(&w.p, "revision"), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    ASSERT_CONTAINS(fake_output(&w.p, "url"), "/applications/web");
    CU_ASSERT_EQUAL(world_do(&w, "GET", SPACE "/made-by-web", NULL), 200);
    well(&w, FAKE_PROVISION, "argocd-app", "app", APP("shop\""));
    CU_ASSERT_EQUAL(json_array_size(w.p.call.logs), 0);
    world_status(&w, "argocd-app", "app", APP("shop\""), "active", "");
    /* what it made was changed by hand: its spec is as it was */
    edit(&w, ARGO "applications/web", "{\"status\":{\"sync\":{\"status\":\"OutOfSync\"}}}");
    world_status(&w, "argocd-app", "app", APP("shop\""), "degraded", "it is OutOfSync and Healthy");
    well(&w, FAKE_PROVISION, "argocd-app", "app", APP("shop\""));
    world_status(&w, "argocd-app", "app", APP("shop\""), "active", "");
    edit(&w, ARGO "applications/web", MANUAL);
    world_status(&w, "argocd-app", "app", APP("shop\""), "degraded", "was changed by hand");
    well(&w, FAKE_PROVISION, "argocd-app", "app", APP("other\",\"prune\":false"));
    world_status(&w, "argocd-app", "app", APP("other\",\"prune\":false"), "active", "");
    live = world_ask(&w, "GET", ARGO "applications/web", NULL);
    CU_ASSERT_PTR_NULL(json_object_get(json_object_get(json_object_get(live, "spec"), "syncPolicy"), "automated"));
    json_decref(live);
    /* somebody took the finalizer away: what the application made goes all the same */
    edit(&w, ARGO "applications/web", "{\"metadata\":{\"finalizers\":[]}}");
    well(&w, FAKE_DEPROVISION, "argocd-app", "app", APP("other\""));
    CU_ASSERT_EQUAL(world_do(&w, "GET", ARGO "applications/web", NULL), 404);
    CU_ASSERT_EQUAL(world_do(&w, "GET", SPACE "/made-by-web", NULL), 404);
    well(&w, FAKE_DEPROVISION, "argocd-app", "app", APP("other\""));
    world_forget(&w);
    well(&w, FAKE_DEPROVISION, "argocd-project", "team", TEAM);
    world_end(&w);
}

static void test_failure(void)
{
    struct world w;

    if (!begin(&w))
        return;
    CU_ASSERT_EQUAL(run(&w, FAKE_PROVISION, "argocd-app", "app", APP("shop\"")), INNO_INVALID_RESOURCE);
    ASSERT_CONTAINS(w.p.call.failure, "project shop which does not exist");
    world_forget(&w);
    with_project(&w);
    CU_ASSERT_EQUAL(world_do(&w, "POST", SPACE, BROKEN), 201);
    CU_ASSERT_EQUAL(run(&w, FAKE_PROVISION, "argocd-app", "app", APP("shop\"")), INNO_FAILED);
    ASSERT_CONTAINS(w.p.call.failure, "one or more objects failed to apply");
    CU_ASSERT_EQUAL(run(&w, FAKE_PROVISION, "argocd-app", "app", APP("shop\"")), INNO_FAILED);
    CU_ASSERT_EQUAL(world_do(&w, "DELETE", SPACE "/broken", "{}"), 200);
    well(&w, FAKE_PROVISION, "argocd-app", "app", APP("shop\""));
    /* a project that is used stays until it is not */
    world_forget(&w);
    CU_ASSERT_EQUAL(run(&w, FAKE_DEPROVISION, "argocd-project", "team", TEAM), INNO_PENDING);
    well(&w, FAKE_DEPROVISION, "argocd-app", "app", APP("shop\""));
    well(&w, FAKE_DEPROVISION, "argocd-project", "team", TEAM);
    CU_ASSERT_EQUAL(world_do(&w, "GET", ARGO "appprojects/shop", NULL), 404);
    world_end(&w);
}

static void test_others(void)
{
    struct world w;

    if (!begin(&w))
        return;
    with_project(&w);
    well(&w, FAKE_PROVISION, "argocd-app", "app", APP("shop\",\"automated\":true"));
    world_status(&w, "argocd-app", "app", APP("shop\",\"automated\":true"), "active", "");
    world_forget(&w);
    CU_ASSERT_EQUAL(run(&w, FAKE_PROVISION, "argocd-app", "other", APP("shop\"")), INNO_ALREADY_EXISTS);
    CU_ASSERT_EQUAL(run(&w, FAKE_PROVISION, "argocd-project", "other", TEAM), INNO_ALREADY_EXISTS);
    well(&w, FAKE_DEPROVISION, "argocd-app", "other", APP("shop\""));
    well(&w, FAKE_DEPROVISION, "argocd-project", "other", TEAM);
    CU_ASSERT_EQUAL(world_do(&w, "GET", ARGO "applications/web", NULL), 200);
    CU_ASSERT_EQUAL(world_do(&w, "GET", ARGO "appprojects/shop", NULL), 200);
    CU_ASSERT_EQUAL(run(&w, FAKE_PROVISION, "argocd-repository", "code", "{\"url\":\"https://git.example.com/x\",\"project\":\"shop\"}"),
                    INNO_UNSUPPORTED);
    ASSERT_CONTAINS(w.p.call.failure, "needs Argo CD's API server");
    well(&w, FAKE_DEPROVISION, "argocd-app", "app", APP("shop\""));
    well(&w, FAKE_DEPROVISION, "argocd-project", "team", TEAM);
    world_end(&w);
}

/* As the server gives it to a plugin whose entry says kubeconfig: file:/path: the text, with its lines. */
static void test_kubeconfig_text(void)
{
    struct world w;
    char config[4000];
    json_t *kubeconfig, *inner;
    char *text, *dump;

    if (!begin(&w))
        return;
    kubeconfig = json_load_file(getenv("INNO_KUBE_KUBECONFIG"), 0, NULL);
    text = json_dumps(kubeconfig, JSON_INDENT(1));
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    inner = json_pack("{s:s}", "kubeconfig", text);
    dump = json_dumps(inner, JSON_COMPACT);
    snprintf(config, sizeof config, "\"kubernetes\":%s", dump);
    CU_ASSERT_EQUAL(world_reopen(&w, config), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    free(dump);
    free(text);
    json_decref(inner);
    json_decref(kubeconfig);
    world_end(&w);
}

static void test_config(void)
{
    struct world w;
    char config[400];

    if (!begin(&w))
        return;
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    snprintf(config, sizeof config, "\"kubernetes\":{\"kubeconfig\":\"%s\"}", getenv("INNO_KUBE_KUBECONFIG"));
    CU_ASSERT_EQUAL(world_reopen(&w, config), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    snprintf(config, sizeof config, "\"kubernetes\":{\"kubeconfig\":\"%s\",\"context\":\"bad\",\"attempts\":1}",
             getenv("INNO_KUBE_KUBECONFIG"));
    CU_ASSERT_EQUAL(world_reopen(&w, config), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_UNAUTHORIZED);
    ASSERT_CONTAINS(w.p.call.failure, "refuses the credentials");
    CU_ASSERT_EQUAL(world_reopen(&w, "\"kubernetes\":{}"), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(w.p.call.failure, "exactly one of config.kubernetes.kubeconfig");
    CU_ASSERT_EQUAL(world_reopen(&w, "\"kubernetes\":{\"kubeconfig\":\"/none\"}"), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(w.p.call.failure, "config.kubernetes.kubeconfig: /none cannot be read");
    CU_ASSERT_EQUAL(world_reopen(&w, "\"kubernetes\":{\"url\":\"ftp://x\"}"), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(w.p.call.failure, "config.kubernetes.url must be");
    CU_ASSERT_EQUAL(world_reopen(&w, "\"kubernetes\":{\"inCluster\":true,\"cluster\":\"x\"}"), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(w.p.call.failure, "config.kubernetes");
    CU_ASSERT_EQUAL(world_reopen(&w, "\"projects\":[\"*\"]"), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(w.p.call.failure, "config.credentials is missing");
    world_end(&w);
}

const struct test_case tests[] = {
    {"an application is an object that is synced, waited for, changed, looked at, and removed with what it made", test_application},
    {"a sync that fails is told and asked for again, and a used project stays until it is not", test_failure},
    {"what is another's is neither changed nor removed, and repositories need the API server", test_others},
    {"the cluster is reached by url or kubeconfig, and health looks at the token", test_config},
    {"a kubeconfig may be a text of many lines", test_kubeconfig_text},
    {0}};
