/* The provisioner `kubernetes` in a host process with its sandbox against a real API server, for what the fake cannot be asked: logs and
 * commands of pods by the real kubectl, and credentials that the server itself gave. Skipped without INNOMINATUS_TEST_KUBECONFIG. */
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "kube_world.h"
#include "plugin_driver.h"
#include <stdio.h>
#include <unistd.h>

#define SHOP                                                                                                                               \
    "{\"apiVersion\":\"score.dev/v1b1\",\"metadata\":{\"name\":\"shop\"},\"containers\":{\"web\":{\"image\":"                              \
    "\"registry.example.com/web:1\"}},\"replicas\":1}"

struct stage {
    struct kube_world w; /* the test's own eyes */
    struct driver d;
};

static bool begin(struct stage *s, const char *team)
{
    char path[200];

    *s = (struct stage){.d = {0}};
    if (!getenv("INNO_KUBE_REAL")) {
        test_skip("this wants a real API server: INNOMINATUS_TEST_KUBECONFIG");
        return false;
    }
    kube_begin(&s->w, team, NULL);
    for (snprintf(path, sizeof path, "/api/v1/namespaces/%s", s->w.space); kube_do(&s->w, "GET", path, NULL) != 404;)
        usleep(200000); /* of an earlier run */
    driver_start(&s->d, 0, PATIENT_MS);
    return true;
}

static void end(struct stage *s)
{
    driver_stop(&s->d);
    CU_ASSERT_EQUAL(driver_children(), 0);
    kube_end(&s->w);
}

/* An entry for a user of these members; `program`: a credential plugin that is granted. */
static void add_entry(struct stage *s, const char *name, json_t *user, const char *program)
{
    CLEANUP(json_put)
    json_t *kubeconfig = json_pack("{s:s,s:s,s:s,s:[{s:s,s:{s:s,s:s}}],s:[{s:s,s:o}],s:[{s:s,s:{s:s,s:s}}]}", "apiVersion", "v1", "kind",
                                   "Config", "current-context", "c", "clusters", "name", "c", "cluster", "server", getenv("INNO_KUBE_URL"),
                                   "certificate-authority-data", "none", "users", "name", "u", "user", user, "contexts", "name", "c",
                                   "context", "cluster", "c", "user", "u");
    CLEANUP(free_ptr) char *ca = base64_encode(s->w.ca, strlen(s->w.ca));
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(json_put) json_t *grant = json_pack("[s,s,s]", "network", "secrets", "exec");
    CLEANUP(json_put) json_t *config = NULL;
    struct plugin_entry entry = {.name = name,
                                 .path = TEST_BINARY_DIR "/lib/innominatus/plugins/kubernetes.so",
                                 .memory_bytes = 1LL << 30,
                                 .timeout_ms = 600000,
                                 .grant = grant};
    struct err err;

    json_object_set_new(json_object_get(json_array_get(json_object_get(kubeconfig, "clusters"), 0), "cluster"),
                        "certificate-authority-data", json_string(ca));
    if (program)
        json_array_append_new(grant, json_sprintf("exec:%s", program));
    text = json_dumps(kubeconfig, 0);
    entry.config = config = json_pack("{s:s,s:s}", "kubeconfig", text, "namespace", s->w.space);
    ASSERT_OK(driver_add(&s->d, name, &entry, &err), err);
}

static int run(struct stage *s, struct trial *t, const char *entry, enum plugin_operation operation, const char *words,
               const char *arguments)
{
    char state[4096] = "{}";
    int outcome;

    for (;;) {
        *t = (struct trial){.instance = entry,
                            .operation = operation,
                            .type = operation == PLUGIN_STEP ? "kubernetes" : "workload",
                            .params = SHOP,
                            .state = state,
                            .step = operation == PLUGIN_STEP ? words : NULL,
                            .action = words,
                            .arguments = arguments};
        outcome = trial_run(&s->d, t);
        if (outcome != PLUGIN_DONE_PENDING)
            break;
        if (t->state_given[0])
            snprintf(state, sizeof state, "%s", t->state_given);
        trial_fini(t);
        usleep(300000); /* as it asked for */
    }
    if (outcome != PLUGIN_DONE_OK)
        fprintf(stderr, "# %s: %s\n", entry, t->err.msg);
    return outcome;
}

static void test_pods(void)
{
    CLEANUP(free_ptr) char *kubectl = driver_program("kubectl");
    struct stage s;
    struct trial t;
    const char *pod;
    json_t *text;

    if (!begin(&s, "real-pods"))
        return;
    add_entry(&s, "cluster", json_pack("{s:s}", "token", getenv("INNO_KUBE_TOKEN")), NULL);
    CU_ASSERT_EQUAL(run(&s, &t, "cluster", PLUGIN_PROVISION, NULL, NULL), PLUGIN_DONE_OK);
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&s, &t, "cluster", PLUGIN_ACTION, "logs", "{\"lines\":5,\"container\":\"\"}"), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(json_object_size(json_object_get(t.outputs, "pods")), 1);
    json_object_foreach(json_object_get(t.outputs, "pods"), pod, text) ASSERT_TEXT(json_string_value(text), "5 lines of web");
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&s, &t, "cluster", PLUGIN_ACTION, "logs", "{\"lines\":5,\"container\":\"none\"}"), PLUGIN_DONE_OK);
    json_object_foreach(json_object_get(t.outputs, "pods"), pod, text)
        ASSERT_CONTAINS(json_string_value(text), "container none is not valid");
    trial_fini(&t);
    if (kubectl) {
        CU_ASSERT_EQUAL(run(&s, &t, "cluster", PLUGIN_ACTION, "exec", "{\"command\":[\"echo\",\"$HOME\",\"a b\"],\"container\":\"\"}"),
                        PLUGIN_DONE_OK);
        ASSERT_TEXT(json_str(t.outputs, "stdout"), "[\"echo\", \"$HOME\", \"a b\"]");
        CU_ASSERT_EQUAL(json_int(t.outputs, "exit_code", -1), 0);
        CU_ASSERT(!strstr(t.logs, getenv("INNO_KUBE_TOKEN")));
        trial_fini(&t);
        CU_ASSERT_EQUAL(
            run(&s, &t, "cluster", PLUGIN_ACTION, "exec", "{\"command\":[\"fail\",\"3\",\"it\",\"broke\"],\"container\":\"web\"}"),
            PLUGIN_DONE_OK);
        CU_ASSERT_EQUAL(json_int(t.outputs, "exit_code", -1), 3);
        ASSERT_CONTAINS(json_str(t.outputs, "stderr"), "it broke");
        trial_fini(&t);
        CU_ASSERT_EQUAL(run(&s, &t, "cluster", PLUGIN_ACTION, "exec", "{\"command\":[\"echo\"],\"container\":\"none\"}"),
                        PLUGIN_DONE_FAILED);
        ASSERT_CONTAINS(t.err.msg, "container none is not valid for pod");
        trial_fini(&t);
    }
    end(&s);
}

/* ---- credentials ---- */

static json_t *exec_user(const char *program)
{
    return json_pack("{s:{s:s,s:s,s:s}}", "exec", "apiVersion", "client.authentication.k8s.io/v1beta1", "command", program,
                     "interactiveMode", "Never");
}

/* A credential plugin that gives these members of `status`. free(). */
static char *write_program(const char *dir, json_t *status)
{
    CLEANUP(json_put)
    json_t *credential =
        json_pack("{s:s,s:s,s:o}", "apiVersion", "client.authentication.k8s.io/v1beta1", "kind", "ExecCredential", "status", status);
    CLEANUP(free_ptr) char *text = json_dumps(credential, JSON_COMPACT);
    CLEANUP(free_ptr) char *script = mem_printf("#!/bin/sh\ntest -n \"$KUBERNETES_EXEC_INFO\" && cat <<'END'\n%s\nEND\n", text);
    char *path = mem_printf("%s/get-credential", dir);
    struct err err;

    ASSERT_OK(io_write_atomic(path, script, strlen(script), 0755, &err), err);
    return path;
}

#define APPLY "{\"manifests\":\"{apiVersion: v1, kind: ConfigMap, metadata: {name: made}, data: {a: b}}\"}"

/* The token is one that the server gives for a service account, and good for ten minutes. */
static void test_account(void)
{
    CLEANUP(free_ptr) char *program = NULL;
    CLEANUP(json_put) json_t *answer = NULL;
    const json_t *status;
    struct stage s;
    struct trial t;
    char path[300], namespace[200], body[700];

    if (!begin(&s, "real-account"))
        return;
    snprintf(namespace, sizeof namespace, "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"app.kubernetes.io/managed-by\":\"innominatus\"}}}",
             s.w.space);
    CU_ASSERT_EQUAL(kube_do(&s.w, "POST", "/api/v1/namespaces", namespace), 201);
    CU_ASSERT_EQUAL(kube_do(&s.w, "POST", "serviceaccounts", "{\"metadata\":{\"name\":\"robot\"}}"), 201);
    snprintf(path, sizeof path, "/api/v1/namespaces/%s/serviceaccounts/robot/token", s.w.space);
    answer = kube_ask(&s.w, "POST", path,
                      "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\",\"spec\":{\"audiences\":[\"https://"
                      "kubernetes.default.svc\"],\"expirationSeconds\":600}}");
    CU_ASSERT_EQUAL_FATAL(s.w.status, 201);
    status = json_object_get(answer, "status");
    program = write_program(s.d.dir, json_deep_copy(status)); /* token and expirationTimestamp, as they are */
    add_entry(&s, "robot", exec_user(program), program);
    CU_ASSERT_EQUAL(run(&s, &t, "robot", PLUGIN_HEALTH, NULL, NULL), PLUGIN_DONE_OK);
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&s, &t, "robot", PLUGIN_STEP, APPLY, NULL), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, ERR_UNAUTHORIZED);
    ASSERT_CONTAINS(t.err.msg, "system:serviceaccount:");
    trial_fini(&t);
    snprintf(body, sizeof body,
             "{\"metadata\":{\"name\":\"inno-test-%s\"},\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\","
             "\"name\":"
             "\"cluster-admin\"},\"subjects\":[{\"kind\":\"ServiceAccount\",\"name\":\"robot\",\"namespace\":\"%s\"}]}",
             s.w.space, s.w.space);
    CU_ASSERT_EQUAL(kube_do(&s.w, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", body), 201);
    CU_ASSERT_EQUAL(run(&s, &t, "robot", PLUGIN_STEP, APPLY, NULL), PLUGIN_DONE_OK);
    ASSERT_TEXT(kube_text(&s.w, "configmaps/made", "data|a"), "b");
    CU_ASSERT(!strstr(t.logs, json_string_value(json_object_get(status, "token"))));
    trial_fini(&t);
    snprintf(path, sizeof path, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/inno-test-%s", s.w.space);
    CU_ASSERT_EQUAL(kube_do(&s.w, "DELETE", path, NULL), 200);
    end(&s);
}

/* A client certificate that the server's authority signed, in the kubeconfig and from a credential plugin. */
static void test_certificate(void)
{
    CLEANUP(free_ptr) char *certificate = NULL, *key = NULL, *encoded = NULL, *encoded_key = NULL, *program = NULL;
    struct stage s;
    struct trial t;
    struct err err;

    if (!begin(&s, "real-cert"))
        return;
    if (!getenv("INNO_KUBE_CERT")) {
        end(&s);
        test_skip("no user of INNOMINATUS_TEST_KUBECONFIG has a client-certificate");
        return;
    }
    ASSERT_OK(io_read_file(getenv("INNO_KUBE_CERT"), 1 << 16, &certificate, NULL, &err), err);
    ASSERT_OK(io_read_file(getenv("INNO_KUBE_CERT_KEY"), 1 << 16, &key, NULL, &err), err);
    encoded = base64_encode(certificate, strlen(certificate));
    encoded_key = base64_encode(key, strlen(key));
    add_entry(&s, "given", json_pack("{s:s,s:s}", "client-certificate-data", encoded, "client-key-data", encoded_key), NULL);
    CU_ASSERT_EQUAL(run(&s, &t, "given", PLUGIN_STEP, APPLY, NULL), PLUGIN_DONE_OK);
    trial_fini(&t);
    program = write_program(s.d.dir, json_pack("{s:s,s:s}", "clientCertificateData", certificate, "clientKeyData", key));
    add_entry(&s, "asked", exec_user(program), program);
    CU_ASSERT_EQUAL(run(&s, &t, "asked", PLUGIN_STEP,
                        "{\"operation\":\"delete\",\"manifests\":\"{apiVersion: v1, kind: ConfigMap, metadata: {name: made}}\"}", NULL),
                    PLUGIN_DONE_OK);
    CU_ASSERT(!strstr(t.logs, "PRIVATE KEY"));
    trial_fini(&t);
    CU_ASSERT_EQUAL(kube_count(&s.w, "configmaps"), 0);
    end(&s);
}

const struct test_case tests[] = {
    {"logs of pods are read and commands run in them, by way of the API server to the kubelet", test_pods},
    {"a credential plugin gives a token of the server's own, and RBAC says what it may", test_account},
    {"a client certificate is shown, from the kubeconfig and from a credential plugin", test_certificate},
    {0},
};
