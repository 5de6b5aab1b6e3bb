/* The provisioner `kubernetes`: every type is made, made again, changed by hand, noticed, repaired and removed, against the fake API server
 * or a real one (INNOMINATUS_TEST_KUBECONFIG). */
#include "kube_world.h"
#include <stdio.h>

#define DEPLOYMENTS "apis/apps/v1/namespaces/%s/deployments"
#define INGRESSES   "apis/networking.k8s.io/v1/namespaces/%s/ingresses"

static const char shop[] =
    "{\"apiVersion\":\"score.dev/v1b1\",\"metadata\":{\"name\":\"shop\"},\"containers\":{\"web\":{\"image\":\"registry.example.com/web:1\","
    "\"command\":[\"/bin/web\"],\"args\":[\"--port\",\"8080\"],\"variables\":{\"MODE\":\"test\",\"EMPTY\":\"\"},"
    "\"files\":{\"/etc/shop/shop.yaml\":{\"content\":\"host: example\\n\",\"mode\":\"0640\"}},"
    "\"resources\":{\"requests\":{\"cpu\":\"0.5\",\"memory\":\"1.5Gi\"},\"limits\":{\"cpu\":\"1\"}},"
    "\"livenessProbe\":{\"httpGet\":{\"path\":\"/healthz\",\"port\":8080}}}},"
    "\"service\":{\"ports\":{\"http\":{\"port\":80,\"targetPort\":8080}}}}";
static const char bare[] = "{\"apiVersion\":\"score.dev/v1b1\",\"metadata\":{\"name\":\"shop\"},\"containers\":{\"web\":{\"image\":"
                           "\"registry.example.com/web:2\"}}}";

static bool is_logged(const struct kube_world *w, const char *part) { return strstr(w->log, part) != NULL; }

/* ---- workloads ---- */

static void test_workload(void)
{
    struct kube_world w;
    char version[40];

    kube_begin(&w, "life", NULL);
    kube_status(&w, "workload", "shop", shop, "terminated", "none of its objects");
    kube_well(&w, FAKE_PROVISION, "workload", "shop", shop);
    CU_ASSERT(w.polls > 0); /* it waited for the rollout */
    CU_ASSERT(is_logged(&w, "made namespace t-life-development"));
    CU_ASSERT(is_logged(&w, "made Deployment shop"));
    CU_ASSERT(w.real || is_logged(&w, "ScalingReplicaSet")); /* a real one writes its events when it has time */
    ASSERT_TEXT(fake_output(&w.p, "endpoint"), "shop.t-life-development:80");
    ASSERT_TEXT(fake_output(&w.p, "namespace"), "t-life-development");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "manifests")), 3);
    ASSERT_TEXT(kube_text(&w, DEPLOYMENTS "/shop", "spec|template|spec|containers|0|resources|requests|cpu"), "500m");
    CU_ASSERT_EQUAL(kube_count(&w, "configmaps"), 1);
    CU_ASSERT_EQUAL(kube_count(&w, "services"), 1);
    kube_status(&w, "workload", "shop", shop, "active", "");
    snprintf(version, sizeof version, "%s", kube_text(&w, DEPLOYMENTS "/shop", "metadata|generation"));

    w.log[0] = '\0';
    kube_well(&w, FAKE_PROVISION, "workload", "shop", shop); /* again, with and without what it remembers */
    kube_forget(&w);
    kube_well(&w, FAKE_PROVISION, "workload", "shop", shop);
    CU_ASSERT(!is_logged(&w, "changed") && !is_logged(&w, "made"));
    ASSERT_TEXT(kube_text(&w, DEPLOYMENTS "/shop", "metadata|generation"), version);

    CU_ASSERT_EQUAL(kube_run_as(&w, FAKE_PROVISION, INNO_OP_UPDATE, "workload", "shop", bare),
                    INNO_OK); /* what it does not want any more goes */
    CU_ASSERT(is_logged(&w, "removing Service shop"));
    ASSERT_TEXT(kube_text(&w, DEPLOYMENTS "/shop", "spec|template|spec|containers|0|image"), "registry.example.com/web:2");
    ASSERT_TEXT(kube_text(&w, DEPLOYMENTS "/shop", "spec|template|spec|containers|0|command|0"), "");
    CU_ASSERT_EQUAL(kube_count(&w, "configmaps"), 0);
    CU_ASSERT(is_logged(&w, "replaced Deployment shop")); /* a probe cannot be taken away by applying alone */
    kube_status(&w, "workload", "shop", bare, "active", "");
    for (int i = 0; i < 2; i++) { /* and what was replaced can be changed by applying again */
        kube_well(&w, FAKE_PROVISION, "workload", "shop", i ? bare : shop);
        ASSERT_TEXT(kube_text(&w, DEPLOYMENTS "/shop", "spec|template|spec|containers|0|command|0"), i ? "" : "/bin/web");
        kube_status(&w, "workload", "shop", i ? bare : shop, "active", "");
    }

    kube_well(&w, FAKE_HINTS, "workload", "shop", bare);
    ASSERT_CONTAINS(fake_hint(&w.p, "command"), "kubectl -n t-life-development");
    kube_well(&w, FAKE_DEPROVISION, "workload", "shop", bare);
    kube_well(&w, FAKE_DEPROVISION, "workload", "shop", bare);
    CU_ASSERT_EQUAL(kube_count(&w, DEPLOYMENTS) + kube_count(&w, "services") + kube_count(&w, "configmaps") + kube_count(&w, "secrets"), 0);
    kube_status(&w, "workload", "shop", bare, "terminated", "");
    kube_end(&w);
}

static void test_drift(void)
{
    struct kube_world w;

    kube_begin(&w, "drift", NULL);
    kube_well(&w, FAKE_PROVISION, "workload", "shop", shop);
    kube_edit(&w, DEPLOYMENTS "/shop", "{\"spec\":{\"replicas\":3},\"metadata\":{\"labels\":{\"by\":\"hand\"}}}");
    kube_status(&w, "workload", "shop", shop, "degraded", "Deployment/shop.spec.replicas is 3, not 1");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 1); /* what we do not manage is none of our business */
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "workload", "shop", shop), INNO_ALREADY_EXISTS);
    ASSERT_CONTAINS(w.p.call.failure, ".spec.replicas");
    ASSERT_CONTAINS(w.p.call.failure, "kubectl-edit");
    CU_ASSERT_EQUAL(kube_run_as(&w, FAKE_PROVISION, INNO_OP_REPAIR, "workload", "shop", shop), INNO_OK);
    kube_status(&w, "workload", "shop", shop, "active", "");
    ASSERT_TEXT(kube_text(&w, DEPLOYMENTS "/shop", "metadata|labels|by"), "hand");

    /* what a replacement owned when its process died is no conflict with ourselves */
    CU_ASSERT_EQUAL(kube_do(&w, "PATCH", DEPLOYMENTS "/shop?fieldManager=innominatus", "{\"spec\":{\"replicas\":3}}"), 200);
    kube_well(&w, FAKE_PROVISION, "workload", "shop", shop);
    kube_status(&w, "workload", "shop", shop, "active", "");

    CU_ASSERT_EQUAL(kube_do(&w, "DELETE", "services/shop", NULL), 200);
    kube_status(&w, "workload", "shop", shop, "degraded", "Service/shop is null, not \"there\"");
    kube_well(&w, FAKE_PROVISION, "workload", "shop", shop);
    kube_status(&w, "workload", "shop", shop, "active", "");

    kube_edit(&w, "configmaps/shop.web.files", "{\"data\":{\"etc_shop_shop.yaml\":\"by hand\"}}");
    CU_ASSERT_EQUAL(kube_reopen(&w, "\"force\":true"), INNO_OK); /* the other way: the entry takes over */
    kube_well(&w, FAKE_PROVISION, "workload", "shop", shop);
    kube_status(&w, "workload", "shop", shop, "active", "");
    kube_end(&w);
}

static void test_owners(void)
{
    static const char theirs[] = "{\"metadata\":{\"name\":\"shop\"},\"spec\":{\"ports\":[{\"name\":\"http\",\"port\":80}]}}";
    struct kube_world w;

    kube_begin(&w, "owner", NULL);
    kube_well(&w, FAKE_PROVISION, "config", "first", "{\"data\":{\"a\":\"b\"}}"); /* makes the namespace */
    CU_ASSERT_EQUAL(kube_do(&w, "POST", "services", theirs), 201);
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "workload", "shop", shop), INNO_ALREADY_EXISTS);
    ASSERT_CONTAINS(w.p.call.failure, "Service shop in namespace t-owner-development is there already");
    kube_well(&w, FAKE_DEPROVISION, "workload", "shop", shop);
    ASSERT_TEXT(kube_text(&w, "services/shop", "metadata|name"), "shop"); /* not ours: it stays */
    CU_ASSERT_EQUAL(kube_count(&w, DEPLOYMENTS), 0);

    CU_ASSERT_EQUAL(kube_reopen(&w, "\"adopt\":true,\"force\":true"), INNO_OK);
    kube_well(&w, FAKE_PROVISION, "workload", "shop", shop);
    kube_status(&w, "workload", "shop", shop, "active", "");
    /* the same namespace by another team's name */
    snprintf(w.team, sizeof w.team, "t");
    CU_ASSERT_EQUAL(kube_reopen(&w, "\"namespace\":\"{team}-owner-development\""), INNO_OK);
    kube_forget(&w);
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "config", "x", "{\"data\":{\"a\":\"b\"}}"), INNO_ALREADY_EXISTS);
    ASSERT_CONTAINS(w.p.call.failure, "is that of team t-owner, not t");
    kube_end(&w);
}

static void test_secrets(void)
{
    static const char params[] =
        "{\"apiVersion\":\"score.dev/v1b1\",\"metadata\":{\"name\":\"shop\"},\"containers\":{\"web\":{\"image\":\"registry.example.com/"
        "web:1\","
        "\"variables\":{\"PASSWORD\":{\"$secret\":\"resource:r-1#password\"}}}}}";
    struct kube_world w;
    json_t *references = json_pack("{s:s}", "resource:r-1#password", "correct horse");
    char *text;

    kube_begin(&w, "secret", NULL);
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "workload", "shop", params), INNO_INVALID_RESOURCE);
    ASSERT_CONTAINS(w.p.call.failure, "cannot open the secret");
    w.p.references = references;
    kube_well(&w, FAKE_PROVISION, "workload", "shop", params);
    text = json_dumps(w.p.call.outputs, JSON_COMPACT);
    CU_ASSERT_PTR_NULL(strstr(text, "Y29ycmVjdCBob3JzZQ"));
    ASSERT_CONTAINS(text, "resource:r-1#password");
    free(text);
    CU_ASSERT(!is_logged(&w, "correct horse") && !strstr(w.state, "correct") && !strstr(w.state, "Y29y"));
    ASSERT_TEXT(kube_text(&w, "secrets/shop.web.secrets", "data|env.PASSWORD"), "Y29ycmVjdCBob3JzZQ==");
    kube_status(&w, "workload", "shop", params, "active", "");

    kube_edit(&w, "secrets/shop.web.secrets", "{\"data\":{\"env.PASSWORD\":\"aGFuZA==\"}}"); /* seen without knowing what it should be */
    kube_status(&w, "workload", "shop", params, "degraded", "(secret)");
    CU_ASSERT_PTR_NULL(strstr(w.p.call.status_text, "aGFuZA"));
    CU_ASSERT_EQUAL(kube_run_as(&w, FAKE_PROVISION, INNO_OP_REPAIR, "workload", "shop", params), INNO_OK);
    ASSERT_TEXT(kube_text(&w, "secrets/shop.web.secrets", "data|env.PASSWORD"), "Y29ycmVjdCBob3JzZQ==");
    kube_status(&w, "workload", "shop", params, "active", "");
    kube_end(&w);
    json_decref(references);
}

/* ---- waiting ---- */

static void test_broken(void)
{
    static const char params[] = "{\"apiVersion\":\"score.dev/v1b1\",\"metadata\":{\"name\":\"shop\"},\"containers\":{\"web\":{\"image\":"
                                 "\"registry.example.com/broken:1\"}}}";
    struct kube_world w;

    kube_begin(&w, "broken", NULL);
    if (w.real) {
        kube_end(&w);
        test_skip("a real server takes ten minutes to give a rollout up");
        return;
    }
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "workload", "shop", params), INNO_FAILED);
    ASSERT_CONTAINS(w.p.call.failure, "Deployment shop: it does not get ready within its progress deadline");
    ASSERT_CONTAINS(w.log, "Pod shop-5d4f-x2x: Failed: Failed to pull image");
    kube_status(&w, "workload", "shop", params, "degraded", "progress deadline");
    kube_well(&w, FAKE_DEPROVISION, "workload", "shop", params);
    CU_ASSERT_EQUAL(kube_count(&w, DEPLOYMENTS), 0);
    kube_end(&w);
}

static void test_server_away(void)
{
    struct kube_world w;
    struct fake_resource about = {.type = "workload", .name = "shop", .uid = "workload.default#shop", .params = shop};

    kube_begin(&w, "away", "\"attempts\":2");
    if (w.real) {
        kube_end(&w);
        test_skip("only the fake fails when it is told to");
        return;
    }
    kube_do(&w, "POST", "/_fake/fail", "{\"count\":1,\"status\":503}");
    about.team = w.team;
    CU_ASSERT_EQUAL(fake_run(&w.p, FAKE_PROVISION, &about), INNO_PENDING); /* 503 was tried again */
    CU_ASSERT(w.p.call.poll_ms == 300 || w.p.call.poll_ms == 2000);
    snprintf(w.state, sizeof w.state, "%s", "");
    {
        char *text = json_dumps(w.p.call.state, JSON_COMPACT);

        snprintf(w.state, sizeof w.state, "%s", text);
        free(text);
    }
    about.state = w.state;
    kube_do(&w, "POST", "/_fake/fail", "{\"count\":2,\"status\":500,\"message\":\"etcdserver: leader changed\"}");
    CU_ASSERT_EQUAL(fake_run(&w.p, FAKE_PROVISION, &about), INNO_PENDING); /* while a rollout goes on, nothing is lost by waiting */
    CU_ASSERT_EQUAL(w.p.call.poll_ms, 5000);
    kube_well(&w, FAKE_PROVISION, "workload", "shop", shop);
    kube_do(&w, "POST", "/_fake/fail", "{\"count\":2,\"status\":503}");
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_STATUS, "workload", "shop", shop), INNO_TRANSIENT);
    kube_do(&w, "POST", "/_fake/fail", "{\"count\":1,\"status\":500,\"message\":\"something else\"}");
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_STATUS, "workload", "shop", shop), INNO_FAILED);
    fake_next_cancel(&w.p, 0);
    CU_ASSERT_EQUAL(fake_run(&w.p, FAKE_PROVISION, &about), INNO_CANCELED);
    kube_end(&w);
}

/* ---- plan ---- */

static void test_plan(void)
{
    struct kube_world w;
    char *text;

    kube_begin(&w, "plan", NULL);
    kube_well(&w, FAKE_PLAN, "workload", "shop", shop); /* the namespace is not there: all would be made */
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 4);
    CU_ASSERT_EQUAL(kube_do(&w, "GET", "/api/v1/namespaces/t-plan-development", NULL), 404);
    kube_well(&w, FAKE_PROVISION, "workload", "shop", shop);
    kube_well(&w, FAKE_PLAN, "workload", "shop", shop);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 0);
    kube_well(&w, FAKE_PLAN, "workload", "shop", bare);
    text = json_dumps(json_object_get(w.p.call.outputs, "changes"), JSON_COMPACT);
    ASSERT_CONTAINS(text,
                    "{\"path\":\"Deployment/shop.spec.template.spec.containers[web].image\",\"from\":\"registry.example.com/web:1\",\"to\":"
                    "\"registry.example.com/web:2\"}");
    ASSERT_CONTAINS(text, "{\"path\":\"Service/shop\",\"from\":\"there\",\"to\":null}");
    free(text);
    ASSERT_TEXT(kube_text(&w, DEPLOYMENTS "/shop", "spec|template|spec|containers|0|image"), "registry.example.com/web:1");
    kube_end(&w);
}

/* ---- the other types ---- */

static void test_quota(void)
{
    struct kube_world w;

    kube_begin(&w, "quota",
               "\"quotas\":{\"t-quota\":{\"configmaps\":\"3\"},\"*\":{\"configmaps\":\"100\"}},"
               "\"containerDefaults\":{\"default\":{\"cpu\":\"500m\"},\"defaultRequest\":{\"cpu\":\"100m\"}}");
    kube_well(&w, FAKE_PROVISION, "config", "one", "{\"data\":{\"a\":\"b\"}}");
    ASSERT_TEXT(kube_text(&w, "resourcequotas/innominatus", "spec|hard|configmaps"), "3");
    ASSERT_TEXT(kube_text(&w, "limitranges/innominatus", "spec|limits|0|default|cpu"), "500m");
    kube_edit(&w, "resourcequotas/innominatus",
              "{\"spec\":{\"hard\":{\"configmaps\":\"1\"}}}"); /* the platform's word, at the next deployment */
    kube_forget(&w);
    kube_well(&w, FAKE_PROVISION, "config", "one", "{\"data\":{\"a\":\"c\"}}");
    ASSERT_TEXT(kube_text(&w, "resourcequotas/innominatus", "spec|hard|configmaps"), "3");
    for (int i = 0; i < 3; i++) {
        char name[40], text[40];

        snprintf(name, sizeof name, "more%d", i);
        snprintf(text, sizeof text, "shop.more%d", i);
        if (kube_run(&w, FAKE_PROVISION, "config", name, "{\"data\":{\"a\":\"b\"}}") == INNO_OK)
            continue;
        CU_ASSERT_EQUAL(w.p.call.failed, INNO_INVALID_RESOURCE);
        ASSERT_CONTAINS(w.p.call.failure, text);
        ASSERT_CONTAINS(w.p.call.failure, "exceeded quota: innominatus");
        kube_end(&w);
        return;
    }
    CU_FAIL("the quota was not kept");
    kube_end(&w);
}

static void test_namespace(void)
{
    static const char *const reserved[] = {"pod-security.kubernetes.io/enforce", "kubernetes.io/metadata.name", "node.k8s.io/x",
                                           "innominatus.dev/team", "openshift.io/cluster-monitoring"};
    struct kube_world w;

    kube_begin(&w, "space", "\"quotas\":{\"*\":{\"pods\":\"10\"}}");
    kube_status(&w, "namespace", "jobs", "{}", "terminated", "");
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "namespace", "jobs", "{\"quota\":{\"pods\":\"11\"}}"), INNO_INVALID_RESOURCE);
    ASSERT_CONTAINS(w.p.call.failure, "is more than the 10 that team t-space may have");
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) { /* what the cluster grants by a label is the admin's to say */
        char params[200];

        snprintf(params, sizeof params, "{\"labels\":{\"%s\":\"privileged\"}}", reserved[i]);
        CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "namespace", "jobs", params), INNO_INVALID_RESOURCE);
        ASSERT_CONTAINS(w.p.call.failure, "the cluster's own");
    }
    kube_well(&w, FAKE_PROVISION, "namespace", "jobs",
              "{\"quota\":{\"pods\":\"5\"},\"labels\":{\"istio\":\"on\",\"app.kubernetes.io/part-of\":\"shop\"}}");
    kube_well(&w, FAKE_PROVISION, "namespace", "jobs", "{\"quota\":{\"pods\":\"5\"},\"labels\":{\"istio\":\"on\"}}");
    ASSERT_CONTAINS(fake_output(&w.p, "namespace"), "t-space-development-shop-jobs");
    snprintf(w.space, sizeof w.space, "%s", fake_output(&w.p, "namespace"));
    ASSERT_TEXT(kube_text(&w, "resourcequotas/innominatus", "spec|hard|pods"), "5");
    kube_status(&w, "namespace", "jobs", "{\"quota\":{\"pods\":\"5\"},\"labels\":{\"istio\":\"on\"}}", "active", "");
    kube_well(&w, FAKE_PLAN, "namespace", "jobs", "{\"quota\":{\"pods\":\"6\"},\"labels\":{\"istio\":\"on\"}}");
    CU_ASSERT_EQUAL(kube_reopen(&w, NULL), INNO_OK); /* the platform limits no team any more: what params do not say goes */
    kube_well(&w, FAKE_PROVISION, "namespace", "jobs", "{\"labels\":{\"istio\":\"on\"}}");
    kube_well(&w, FAKE_PROVISION, "namespace", "jobs", "{\"quota\":{\"pods\":\"5\"}}"); /* while it is still going */
    CU_ASSERT(w.real || is_logged(&w, "waiting until the ResourceQuota innominatus before is gone"));
    CU_ASSERT_EQUAL(kube_count(&w, "resourcequotas"), 1);
    kube_well(&w, FAKE_PROVISION, "namespace", "jobs", "{}");
    kube_status(&w, "namespace", "jobs", "{}", "active", "");
    kube_well(&w, FAKE_PROVISION, "namespace", "jobs", "{\"quota\":{\"pods\":\"5\"}}");
    CU_ASSERT_EQUAL(kube_count(&w, "resourcequotas"), 1);
    kube_well(&w, FAKE_DEPROVISION, "namespace", "jobs", "{}");
    CU_ASSERT(w.polls > 0);
    CU_ASSERT_EQUAL(kube_do(&w, "GET", "configmaps", NULL) == 200 && kube_count(&w, "resourcequotas") == 0, 1);
    kube_status(&w, "namespace", "jobs", "{}", "terminated", "");
    kube_end(&w);
}

static void test_volume(void)
{
    struct kube_world w;

    kube_begin(&w, "volume", NULL);
    kube_well(&w, FAKE_PROVISION, "volume", "data", "{\"size\":\"1.5Gi\",\"mode\":\"0755\"}");
    ASSERT_TEXT(fake_output(&w.p, "source"), "shop.data");
    ASSERT_TEXT(kube_text(&w, "persistentvolumeclaims/shop.data", "spec|resources|requests|storage"), "1536Mi");
    kube_status(&w, "volume", "data", "{\"size\":\"1.5Gi\"}", "active", "");
    CU_ASSERT_EQUAL(kube_run_as(&w, FAKE_PROVISION, INNO_OP_UPDATE, "volume", "data", "{\"size\":\"1.5Gi\",\"storageClass\":\"fast\"}"),
                    INNO_INVALID_RESOURCE); /* the server's own word: immutable */
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "volume", "data", "{\"size\":\"much\"}"), INNO_INVALID_RESOURCE);
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "volume", "data", "{\"sise\":\"1Gi\"}"), INNO_INVALID_RESOURCE);
    kube_well(&w, FAKE_DEPROVISION, "volume", "data", "{}");
    CU_ASSERT_EQUAL(kube_count(&w, "persistentvolumeclaims"), 0);
    kube_end(&w);
}

static void test_route(void)
{
    static const char params[] = "{\"host\":\"shop.example.com\",\"path\":\"/api\",\"port\":8080}";
    struct kube_world w;

    kube_begin(&w, "route",
               "\"ingressClass\":\"nginx\",\"tlsSecret\":\"wildcard\",\"routeAnnotations\":{\"example.com/"
               "a\":\"b\"},\"domain\":\"apps.example.com\"");
    kube_well(&w, FAKE_PROVISION, "route", "web", params);
    ASSERT_TEXT(fake_output(&w.p, "url"), "https://shop.example.com/api");
    ASSERT_TEXT(kube_text(&w, INGRESSES "/shop.web", "spec|rules|0|http|paths|0|backend|service|name"), "shop");
    ASSERT_TEXT(kube_text(&w, INGRESSES "/shop.web", "spec|rules|0|http|paths|0|backend|service|port|number"), "8080");
    ASSERT_TEXT(kube_text(&w, INGRESSES "/shop.web", "spec|tls|0|secretName"), "wildcard");
    kube_status(&w, "route", "web", params, "active", "");
    kube_edit(&w, INGRESSES "/shop.web", "{\"spec\":{\"rules\":[{\"host\":\"other.example.com\"}]}}");
    kube_status(&w, "route", "web", params, "degraded", "Ingress/shop.web.spec.rules");
    CU_ASSERT_EQUAL(kube_run_as(&w, FAKE_PROVISION, INNO_OP_REPAIR, "route", "web", params), INNO_OK);
    kube_status(&w, "route", "web", params, "active", "");
    kube_well(&w, FAKE_PROVISION, "route", "web", "{}");
    ASSERT_TEXT(fake_output(&w.p, "host"), "shop-web.t-route-development.apps.example.com");
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "route", "web", "{\"host\":\"-\"}"), INNO_INVALID_RESOURCE);
    CU_ASSERT_EQUAL(kube_reopen(&w, "\"hosts\":[\"*.{team}.example.com\"]"), INNO_OK);
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "route", "other", "{\"host\":\"www.t-payroll.example.com\"}"), INNO_INVALID_RESOURCE);
    ASSERT_CONTAINS(w.p.call.failure, "none that the entry gives to team t-route");
    kube_well(&w, FAKE_PROVISION, "route", "other", "{\"host\":\"www.t-route.example.com\"}");
    kube_well(&w, FAKE_STATUS, "route", "web", params);
    kube_well(&w, FAKE_DEPROVISION, "route", "other", "{}");
    kube_well(&w, FAKE_DEPROVISION, "route", "web", params);
    CU_ASSERT_EQUAL(kube_count(&w, INGRESSES), 0);
    kube_end(&w);
}

static void test_config(void)
{
    static const char params[] = "{\"data\":{\"a.txt\":\"x\"},\"secretData\":{\"key\":\"very secret\"}}";
    struct kube_world w;

    kube_begin(&w, "config", NULL);
    kube_well(&w, FAKE_PROVISION, "config", "settings", params);
    ASSERT_TEXT(fake_output(&w.p, "name"), "shop.settings");
    ASSERT_TEXT(fake_output(&w.p, "secret"), "shop.settings");
    ASSERT_TEXT(kube_text(&w, "secrets/shop.settings", "data|key"), "dmVyeSBzZWNyZXQ=");
    kube_edit(&w, "secrets/shop.settings", "{\"data\":{\"key\":\"b3RoZXI=\"}}");
    kube_status(&w, "config", "settings", params, "degraded", "(secret)");
    CU_ASSERT_PTR_NULL(strstr(w.p.call.status_text, "b3RoZXI"));
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "config", "settings", params), INNO_ALREADY_EXISTS);
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "dmVyeS"));
    kube_well(&w, FAKE_DEPROVISION, "config", "settings", params);
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "config", "settings", "{}"), INNO_INVALID_RESOURCE);
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "config", "settings", "{\"data\":{\"no/key\":\"x\"}}"), INNO_INVALID_RESOURCE);
    CU_ASSERT_EQUAL(kube_count(&w, "configmaps") + kube_count(&w, "secrets"), 0);
    kube_end(&w);
}

const struct test_case tests[] = {
    {"a workload is made, made again without a change, updated, pruned and removed with nothing left", test_workload},
    {"what was changed by hand is told by field, a conflict names who, and a repair puts it back", test_drift},
    {"what another made is neither changed nor removed, unless the entry adopts it", test_owners},
    {"values of secrets are in the cluster and nowhere else, and a change of them is seen", test_secrets},
    {"a rollout that fails ends the call, with the cluster's events in the log", test_broken},
    {"a server that is away for a while ends no rollout", test_server_away},
    {"a plan is what the server itself would change, and changes nothing", test_plan},
    {"the team's namespace has the platform's quota and defaults, and what does not fit says so", test_quota},
    {"a namespace of the application's own comes and goes with its quota", test_namespace},
    {"a volume is a claim that workloads name", test_volume},
    {"a route is an ingress to the workload's service", test_route},
    {"config is a map, a secret, or both", test_config},
    {0},
};
