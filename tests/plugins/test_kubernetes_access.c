/* How the provisioner `kubernetes` reaches an API server: kubeconfigs, certificates, tokens, credential plugins, and what is refused. */
#include "kube_world.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static char credential[2000]; /* what the credential plugin answers */
static int runs, exit_code;

static inno_rc run_plugin(const inno_exec *command, inno_exec_result *out)
{
    bool told = false;

    runs++;
    CU_ASSERT_STRING_EQUAL(command->argv[0], "/usr/bin/get-token");
    CU_ASSERT_STRING_EQUAL(command->argv[1], "--cluster");
    CU_ASSERT((command->flags & INNO_EXEC_QUIET_OUT) != 0);
    for (const char *const *word = command->env; *word; word++)
        told = told || strncmp(*word, "KUBERNETES_EXEC_INFO={", 22) == 0;
    CU_ASSERT(told);
    CU_ASSERT_STRING_EQUAL(command->env[0], "REGION=eu");
    out->exit_code = exit_code;
    out->out = (inno_span){credential, strlen(credential)};
    return INNO_OK;
}

static const char *dir_of(void) { return getenv("INNO_KUBE_DIR"); }

/* Writes a kubeconfig with this cluster and user (members in JSON, for YAML is that too) and opens the plugin with it. */
static inno_rc open_with(struct kube_world *w, const char *cluster, const char *user)
{
    static char path[300];
    char config[700];
    FILE *file;

    snprintf(path, sizeof path, "%s/kubeconfig", test_dir());
    file = fopen(path, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file,
            "apiVersion: v1\nkind: Config\ncurrent-context: c # a comment\nclusters:\n- name: c\n  cluster: {%s}\nusers:\n- name: u\n  "
            "user: {%s}\n"
            "contexts:\n- name: c\n  context: {cluster: c, user: u}\n",
            cluster, user);
    fclose(file);
    snprintf(config, sizeof config, "{\"kubeconfig\":\"%s\",\"attempts\":1}", path);
    return kube_reopen_with(w, config);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CU_ASSERT_EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void test_contexts(void)
{
    static const char params[] = "{\"data\":{\"a\":\"b\"}}";
    struct kube_world w;
    char config[600];

    kube_begin(&w, "context", NULL);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    CU_ASSERT_EQUAL(kube_reopen(&w, "\"context\":\"bad\""), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_UNAUTHORIZED);
    ASSERT_CONTAINS(w.p.call.failure, "refuses the credentials of this entry (401)");
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "no-such-token"));
    CU_ASSERT_EQUAL(kube_reopen(&w, "\"context\":\"dev\""), INNO_OK);
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "config", "x", params), INNO_UNAUTHORIZED);
    ASSERT_CONTAINS(w.p.call.failure, "User \"dev\" cannot");
    CU_ASSERT_EQUAL(kube_reopen(&w, "\"context\":\"none\""), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(w.p.call.failure, "no context \"none\"");

    snprintf(config, sizeof config, "{\"url\":\"%s\",\"credentials\":\"%s\"}", getenv("INNO_KUBE_URL"), getenv("INNO_KUBE_TOKEN"));
    if (!w.real) {
        CU_ASSERT_EQUAL(kube_reopen_with(&w, config), INNO_OK);
        CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    }
    kube_end(&w);
}

static void test_certificates(void)
{
    struct kube_world w;
    char cluster[900], user[900];

    kube_begin(&w, "tls", NULL);
    if (!getenv("INNO_KUBE_TLS_URL")) {
        kube_end(&w);
        test_skip("the real server's keys are not here");
        return;
    }
    snprintf(cluster, sizeof cluster, "server: '%s', certificate-authority: %s/ca.pem", getenv("INNO_KUBE_TLS_URL"), dir_of());
    snprintf(user, sizeof user, "client-certificate: %s/client.pem, client-key: %s/client.key", dir_of(), dir_of());
    CU_ASSERT_EQUAL(open_with(&w, cluster, user), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    CU_ASSERT_EQUAL(open_with(&w, cluster, "token: admin-token"), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    snprintf(cluster, sizeof cluster, "server: '%s', certificate-authority: %s/other-ca.pem", getenv("INNO_KUBE_TLS_URL"), dir_of());
    CU_ASSERT_EQUAL(open_with(&w, cluster, user), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(w.p.call.failure, "its certificate is not trusted");
    snprintf(cluster, sizeof cluster, "server: '%s', certificate-authority: %s/no-such-file", getenv("INNO_KUBE_TLS_URL"), dir_of());
    CU_ASSERT_EQUAL(open_with(&w, cluster, user), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(w.p.call.failure, "read:");
    kube_end(&w);
}

static void test_token_file(void)
{
    struct kube_world w;
    char cluster[300], user[400], token[300];

    kube_begin(&w, "file", NULL);
    if (w.real) {
        kube_end(&w);
        test_skip("the fake's tokens are known");
        return;
    }
    snprintf(token, sizeof token, "%s/token", test_dir());
    snprintf(cluster, sizeof cluster, "server: '%s'", getenv("INNO_KUBE_URL"));
    snprintf(user, sizeof user, "tokenFile: %s", token);
    write_file(token, "an-old-token\n");
    CU_ASSERT_EQUAL(open_with(&w, cluster, user), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_UNAUTHORIZED);
    write_file(token, "admin-token\n"); /* rotated: a refusal makes us look again at once */
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    unlink(token);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK); /* good for a minute */
    kube_end(&w);
}

static void test_credential_plugin(void)
{
    static const char user[] =
        "exec: {apiVersion: client.authentication.k8s.io/v1, command: /usr/bin/get-token, args: [--cluster, c], env: [{name: REGION, "
        "value: eu}], interactiveMode: Never}";
    struct kube_world w;
    char cluster[300];

    kube_begin(&w, "exec", NULL);
    if (w.real) {
        kube_end(&w);
        test_skip("the fake's tokens are known");
        return;
    }
    w.p.exec = run_plugin;
    snprintf(cluster, sizeof cluster, "server: '%s'", getenv("INNO_KUBE_URL"));
    CU_ASSERT_EQUAL(open_with(&w, cluster, user), INNO_OK);
    snprintf(credential, sizeof credential,
             "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"admin-token\"}}");
    runs = 0;
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    CU_ASSERT_EQUAL(runs, 1);

    snprintf(credential, sizeof credential,
             "{\"kind\":\"ExecCredential\",\"status\":{\"token\":\"x\",\"expirationTimestamp\":\"2020-01-01T00:00:00Z\"}}");
    CU_ASSERT_EQUAL(open_with(&w, cluster, user), INNO_OK);
    runs = 0;
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_UNAUTHORIZED);
    CU_ASSERT_EQUAL(runs, 2); /* the refused one was got anew, once */
    snprintf(credential, sizeof credential, "not logged in");
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(w.p.call.failure, "gave no ExecCredential");
    exit_code = 3;
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_UNAUTHORIZED);
    ASSERT_CONTAINS(w.p.call.failure, "/usr/bin/get-token ended with 3");
    exit_code = 0;
    w.p.exec = NULL;
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_UNAUTHORIZED); /* not granted */
    kube_end(&w);
}

static void test_refused(void)
{
    static const struct {
        const char *cluster, *user, *says;
    } cases[] = {
        {"server: 'https://x:1', insecure-skip-tls-verify: true", "token: a", "TLS is always verified"},
        {"server: 'https://x:1', proxy-url: 'http://p'", "token: a", "proxy-url"},
        {"server: 'https://x:1'", "username: a, password: b", "username"},
        {"server: 'https://x:1'", "token: a, as: root", "has as, which is not supported"},
        {"server: 'https://x:1'", "auth-provider: {name: gcp}", "auth-provider"},
        {"server: 'https://x:1'", "exec: {command: x}", "apiVersion"},
        {"server: 'https://x:1'", "exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}",
         "wants a terminal"},
        {"server: 'https://x:1', certificate-authority-data: '!!'", "token: a", "no base64"},
        {"server: 'https://x:1', certificate-authority: ca.pem", "token: a", "relative"},
        {"server: 'https://x:1'", "client-certificate: /etc/hostname", "belong together"},
        {"name: none", "token: a", "has no server"},
    };
    static const struct {
        const char *config, *says;
    } configs[] = {
        {"{}", "exactly one of"},
        {"{\"url\":\"https://x:1\",\"inCluster\":true}", "exactly one of"},
        {"{\"url\":\"https://x:1\",\"credentials\":\"a\",\"namspace\":\"b\"}", "config.namspace is unknown"},
        {"{\"url\":\"x\",\"credentials\":\"a\"}", "config.url"},
        {"{\"kubeconfig\":\"a: b: c\"}", "kubeconfig: it cannot be read: line 1"},
        {"{\"kubeconfig\":\"/no/such/file\"}", "read:/no/such/file"},
        {"{\"url\":\"https://x:1\",\"credentials\":\"a\",\"quotas\":{\"team\":1}}", "config.quotas.team"},
        {"{\"url\":\"https://x:1\",\"credentials\":\"a\",\"hostPathRoots\":[\"relative\"]}", "absolute"},
        {"{\"inCluster\":true}", "serviceaccount"},
        {"[]", "must be an object"},
    };
    struct kube_world w;

    kube_begin(&w, "refused", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_EQUAL(open_with(&w, cases[i].cluster, cases[i].user), INNO_INVALID_CONFIG);
        ASSERT_CONTAINS(w.p.call.failure, cases[i].says);
    }
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        CU_ASSERT_EQUAL(kube_reopen_with(&w, configs[i].config), INNO_INVALID_CONFIG);
        ASSERT_CONTAINS(w.p.call.failure, configs[i].says);
    }
    CU_ASSERT_EQUAL(kube_reopen_with(&w, "{\"url\":\"http://127.0.0.1:1\",\"credentials\":\"a\",\"attempts\":2}"), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_TRANSIENT);
    ASSERT_CONTAINS(w.p.call.failure, "http://127.0.0.1:1/api: no answer: Connection refused");
    kube_end(&w);
}

static void test_names(void)
{
    struct kube_world w;

    kube_begin(&w, "names", NULL);
    snprintf(w.team, sizeof w.team, "kube");
    kube_forget(&w);
    CU_ASSERT_EQUAL(kube_reopen(&w, "\"namespace\":\"{team}-system\""), INNO_OK);
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "config", "x", "{\"data\":{\"a\":\"b\"}}"), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(w.p.call.failure, "kube-system\", which is the cluster's own");
    CU_ASSERT_EQUAL(kube_reopen(&w, "\"namespace\":\"{tema}\""), INNO_OK);
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "config", "x", "{\"data\":{\"a\":\"b\"}}"), INNO_INVALID_CONFIG);
    CU_ASSERT_EQUAL(kube_reopen(&w, "\"namespace\":\"t-names-fixed\",\"createNamespaces\":false"), INNO_OK);
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "config", "x", "{\"data\":{\"a\":\"b\"}}"), INNO_NOT_FOUND);
    ASSERT_CONTAINS(w.p.call.failure, "there is no namespace \"t-names-fixed\"");
    kube_end(&w);
}

const struct test_case tests[] = {
    {"contexts, tokens and refusals", test_contexts},
    {"the server's certificate is verified, and a client certificate is shown", test_certificates},
    {"a token in a file is read again when it was rotated", test_token_file},
    {"a credential plugin is run, its answer kept, and got anew when it is refused", test_credential_plugin},
    {"what cannot be done safely is refused when the entry is opened", test_refused},
    {"namespaces of the cluster's own are no team's", test_names},
    {0},
};
