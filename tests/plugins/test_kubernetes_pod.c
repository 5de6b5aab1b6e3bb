/* The provisioner `kubernetes` with `inCluster: true`, as in a pod (tests/support/pod.py), in a host process with its sandbox. Skipped
 * where no such place can be made. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "kube_world.h"
#include "plugin_driver.h"
#include <stdio.h>
#include <unistd.h>

#define ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount"
#define APPLY   "{\"manifests\":\"{apiVersion: v1, kind: ConfigMap, metadata: {name: made}, data: {a: b}}\"}"

static void begin(struct driver *d, const struct kube_world *w, const char *grant)
{
    CLEANUP(json_put) json_t *config = json_pack("{s:b,s:s,s:i}", "inCluster", 1, "namespace", w->space, "attempts", 1);
    CLEANUP(json_put) json_t *grants = json_loads(grant, 0, NULL);
    struct plugin_entry entry = {.name = "here",
                                 .path = TEST_BINARY_DIR "/lib/innominatus/plugins/kubernetes.so",
                                 .memory_bytes = 1LL << 30,
                                 .timeout_ms = 600000,
                                 .config = config,
                                 .grant = grants};
    struct err err;

    driver_start(d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(d, "here", &entry, &err), err);
}

static int run(struct driver *d, struct trial *t, enum plugin_operation operation, const char *step)
{
    int outcome;

    *t = (struct trial){
        .instance = "here", .operation = operation, .type = operation == PLUGIN_STEP ? "kubernetes" : "workload", .step = step};
    outcome = trial_run(d, t);
    if (outcome != PLUGIN_DONE_OK)
        fprintf(stderr, "# %s\n", t->err.msg);
    return outcome;
}

static bool is_pod(void)
{
    if (!getenv("INNO_POD"))
        test_skip(getenv("INNO_POD_MISSING") ? getenv("INNO_POD_MISSING") : "this is no pod");
    return getenv("INNO_POD") != NULL;
}

static void put_token(const char *token)
{
    struct err err;

    ASSERT_OK(io_write_atomic(ACCOUNT "/token", token, strlen(token), 0644, &err), err);
}

static void test_login(void)
{
    CLEANUP(free_ptr) char *token = NULL;
    struct kube_world w;
    struct driver d;
    struct trial t;
    struct err err;

    if (!is_pod())
        return;
    kube_begin(&w, "pod", NULL);
    begin(&d, &w, "[\"network\",\"secrets\",\"exec\",\"read:" ACCOUNT "\"]");
    CU_ASSERT_EQUAL(run(&d, &t, PLUGIN_HEALTH, NULL), PLUGIN_DONE_OK);
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, PLUGIN_STEP, APPLY), PLUGIN_DONE_OK);
    trial_fini(&t);
    ASSERT_TEXT(kube_text(&w, "configmaps/made", "data|a"), "b");
    ASSERT_OK(io_read_file(ACCOUNT "/token", 1 << 16, &token, NULL, &err), err);
    driver_stop(&d);
    put_token("one-that-has-expired\n");
    begin(&d, &w, "[\"network\",\"secrets\",\"exec\",\"read:" ACCOUNT "\"]");
    CU_ASSERT_EQUAL(run(&d, &t, PLUGIN_HEALTH, NULL), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, ERR_UNAUTHORIZED);
    ASSERT_CONTAINS(t.err.msg, "kubernetes.default.svc refuses the credentials");
    trial_fini(&t);
    put_token(token); /* as a kubelet renews it: another file of that name */
    CU_ASSERT_EQUAL(run(&d, &t, PLUGIN_HEALTH, NULL), PLUGIN_DONE_OK);
    trial_fini(&t);
    driver_stop(&d);
    kube_end(&w);
}

static void test_grant(void)
{
    struct kube_world w;
    struct driver d;
    struct trial t;

    if (!is_pod())
        return;
    kube_begin(&w, "podgrant", NULL);
    begin(&d, &w, "[\"network\",\"secrets\",\"exec\"]");
    CU_ASSERT_EQUAL(run(&d, &t, PLUGIN_HEALTH, NULL), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, ERR_INVALID_CONFIG);
    ASSERT_CONTAINS(t.err.msg, "read:" ACCOUNT);
    trial_fini(&t);
    driver_stop(&d);
    kube_end(&w);
}

const struct test_case tests[] = {
    {"in a pod its service account is who asks, by the token that lies there now", test_login},
    {"without a grant for the account's files the message names it", test_grant},
    {0},
};
