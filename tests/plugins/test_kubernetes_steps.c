/* The step types of the provisioner `kubernetes`: manifests, kustomize and helm. */
#include "kube_world.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPLOYMENTS "apis/apps/v1/namespaces/%s/deployments"

static char argv_told[4000], env_told[4000], kubeconfig_told[4000], values_told[4000];
static const char *answer, *complaint;
static int exit_code;

static void read_file(const char *path, char *out, size_t cap)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, out, cap - 1);
    struct stat st = {0};

    out[n > 0 ? n : 0] = '\0';
    CU_ASSERT(fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 077) == 0);
    close(fd);
}

/* Notes what a tool is told, as it would see it. */
static inno_rc run_tool(const inno_exec *command, inno_exec_result *out)
{
    argv_told[0] = env_told[0] = values_told[0] = kubeconfig_told[0] = '\0';
    for (const char *const *word = command->argv; *word; word++) {
        size_t used = strlen(argv_told);

        snprintf(argv_told + used, sizeof argv_told - used, "%s%s", used ? " " : "", *word);
        if (strcmp(*word, "--values") == 0)
            read_file(word[1], values_told, sizeof values_told);
        if (strcmp(*word, "--kubeconfig") == 0)
            read_file(word[1], kubeconfig_told, sizeof kubeconfig_told);
    }
    for (const char *const *word = command->env; word && *word; word++) {
        size_t used = strlen(env_told);

        snprintf(env_told + used, sizeof env_told - used, "%s ", *word);
    }
    CU_ASSERT((command->flags & INNO_EXEC_QUIET_OUT) != 0);
    out->exit_code = exit_code;
    out->out = (inno_span){answer ? answer : "", answer ? strlen(answer) : 0};
    out->err = (inno_span){complaint ? complaint : "", complaint ? strlen(complaint) : 0};
    return INNO_OK;
}

static void well(struct kube_world *w, const char *type, const char *config)
{
    inno_rc rc = kube_step(w, type, config);

    if (rc != INNO_OK)
        fprintf(stderr, "%s %s: %d %s\n", type, config, (int)rc, w->p.call.failure);
    CU_ASSERT_EQUAL(rc, INNO_OK);
}

static void fails(struct kube_world *w, const char *type, const char *config, inno_rc code, const char *says)
{
    CU_ASSERT_EQUAL(kube_step(w, type, config), code);
    ASSERT_CONTAINS(w->p.call.failure, says);
}

static void test_apply(void)
{
    static const char both[] = "{\"manifests\":\"apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: one}\\ndata: {a: "
                               "b}\\n---\\napiVersion: v1\\nkind: ConfigMap\\n"
                               "metadata: {name: two}\\ndata: {a: b}\\n\",\"prune\":true,\"set\":\"things\"}";
    static const char one[] =
        "{\"manifests\":[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"one\"},\"data\":{\"a\":\"c\"}}],"
        "\"prune\":true,\"set\":\"things\"%s}";
    struct kube_world w;
    char config[600];

    kube_begin(&w, "steps", NULL);
    well(&w, "kubernetes", both);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "applied")), 2);
    ASSERT_TEXT(fake_output(&w.p, "namespace"), "t-steps-development");
    CU_ASSERT_EQUAL(kube_count(&w, "configmaps"), 2);
    snprintf(config, sizeof config, one, ",\"dryRun\":true");
    well(&w, "kubernetes", config);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 2);
    CU_ASSERT_EQUAL(kube_count(&w, "configmaps"), 2);
    snprintf(config, sizeof config, one, "");
    well(&w, "kubernetes", config);
    CU_ASSERT_EQUAL(kube_count(&w, "configmaps"), 1);
    ASSERT_TEXT(kube_text(&w, "configmaps/one", "data|a"), "c");
    snprintf(config, sizeof config, one, ",\"operation\":\"wait\"");
    well(&w, "kubernetes", config);
    snprintf(config, sizeof config, one, ",\"operation\":\"delete\"");
    well(&w, "kubernetes", config);
    well(&w, "kubernetes", config);
    CU_ASSERT_EQUAL(kube_count(&w, "configmaps"), 0);
    kube_end(&w);
}

static void test_waits(void)
{
    static const char config[] =
        "{\"manifests\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\"},\"spec\":{\"selector\":"
        "{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\",\"app.kubernetes.io/managed-by\":"
        "\"innominatus\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"registry.example.com/web:1\"}]}}}}}";
    struct kube_world w;

    kube_begin(&w, "wait", NULL);
    CU_ASSERT_EQUAL(fake_step(&w.p, "kubernetes", w.team, config), INNO_PENDING);
    CU_ASSERT(json_is_string(json_object_get(w.p.call.state, "applied")));
    well(&w, "kubernetes", config);
    ASSERT_TEXT(kube_text(&w, DEPLOYMENTS "/web", "status|availableReplicas"), "1");
    kube_end(&w);
}

static void test_kinds(void)
{
    struct kube_world w;

    kube_begin(&w, "kinds", NULL);
    if (!w.real) /* a custom resource: where it lives is asked for */
        well(&w, "kubernetes", "{\"manifests\":\"{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {size: 1}}\"}");
    fails(&w, "kubernetes", "{\"manifests\":\"{apiVersion: example.org/v9, kind: Gadget, metadata: {name: w}}\"}", INNO_NOT_FOUND,
          "has no kind Gadget in example.org/v9");
    fails(&w, "kubernetes", "{\"manifests\":\"{apiVersion: '../../x', kind: Gadget, metadata: {name: w}}\"}", INNO_INVALID_RESOURCE,
          "is none");
    fails(&w, "kubernetes", "{\"manifests\":\"{apiVersion: v1, kind: ConfigMap, metadata: {name: '../w'}}\"}", INNO_INVALID_RESOURCE, "");
    fails(&w, "kubernetes", "{\"manifests\":\"a: [\"}", INNO_INVALID_RESOURCE, "config.manifests: line 2");
    fails(&w, "kubernetes", "{\"manifests\":\"kind: ConfigMap\"}", INNO_INVALID_RESOURCE, "no apiVersion, kind or metadata.name");
    fails(&w, "kubernetes", "{\"manifests\":\"\"}", INNO_INVALID_RESOURCE, "there is no object");
    fails(&w, "kubernetes", "{\"manifests\":7}", INNO_INVALID_RESOURCE, "YAML text, an object, or a list");
    fails(&w, "kubernetes", "{}", INNO_INVALID_RESOURCE, "either config.manifests");
    fails(&w, "kubernetes", "{\"path\":\"x\"}", INNO_INVALID_CONFIG, "config.manifests of the entry");
    fails(&w, "kubernetes", "{\"manifests\":{},\"operaton\":1}", INNO_INVALID_RESOURCE, "config.operaton is unknown");
    fails(&w, "kubernetes", "{\"manifests\":\"{apiVersion: v1, kind: ConfigMap, metadata: {name: w}}\",\"operation\":\"replace\"}",
          INNO_INVALID_RESOURCE, "may be apply, delete or wait");
    fails(&w, "kubernetes", "{\"manifests\":{},\"namespace\":\"a/b\"}", INNO_INVALID_RESOURCE, "no name of a namespace");
    fails(&w, "terraform", "{}", INNO_UNSUPPORTED, "none of kubernetes, kustomize and helm");
    kube_end(&w);
}

static void write_file(const char *dir, const char *name, const char *text)
{
    char path[400];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    file = fopen(path, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
}

static void test_files(void)
{
    const char *dir = test_dir();
    struct kube_world w;
    char more[400];

    snprintf(more, sizeof more, "\"manifests\":\"%s\"", dir);
    kube_begin(&w, "files", more);
    write_file(dir, "a.yaml", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n");
    write_file(dir, "b.json", "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"b\"}}");
    write_file(dir, "notes.txt", "no manifest");
    well(&w, "kubernetes", "{\"path\":\".\"}");
    CU_ASSERT_EQUAL(kube_count(&w, "configmaps"), 2);
    well(&w, "kubernetes", "{\"path\":\"b.json\",\"operation\":\"delete\"}");
    CU_ASSERT_EQUAL(kube_count(&w, "configmaps"), 1);
    fails(&w, "kubernetes", "{\"path\":\"../x.yaml\"}", INNO_INVALID_RESOURCE, "without \"..\"");
    fails(&w, "kubernetes", "{\"path\":\"/etc/passwd\"}", INNO_INVALID_RESOURCE, "must be a path below");
    fails(&w, "kubernetes", "{\"path\":\"none.yaml\"}", INNO_INVALID_CONFIG, "cannot be read");
    kube_end(&w);
}

static void test_kustomize(void)
{
    struct kube_world w;
    char path[400], text[200];

    kube_begin(&w, "kustomize", NULL);
    w.p.exec = run_tool;
    answer = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: made\ndata:\n  a: b\n";
    well(&w, "kustomize", "{\"files\":{\"kustomization.yaml\":\"resources: [base/a.yaml]\",\"base/a.yaml\":\"x\"}}");
    CU_ASSERT_EQUAL(strncmp(argv_told, "kubectl kustomize /", 19), 0);
    snprintf(path, sizeof path, "%.350s/base/a.yaml", argv_told + 18);
    read_file(path, text, sizeof text);
    ASSERT_TEXT(text, "x");
    CU_ASSERT_EQUAL(kube_count(&w, "configmaps"), 1);
    fails(&w, "kustomize", "{\"files\":{\"../x\":\"y\"}}", INNO_INVALID_RESOURCE, "relative file name");
    exit_code = 1;
    complaint = "Error: no resources";
    fails(&w, "kustomize", "{\"files\":{\"kustomization.yaml\":\"\"}}", INNO_INVALID_RESOURCE, "ended with 1: Error: no resources");
    exit_code = 0;
    complaint = NULL;
    fails(&w, "kustomize", "{}", INNO_INVALID_RESOURCE, "either config.files");
    kube_end(&w);
}

static void test_helm(void)
{
    struct kube_world w;

    kube_begin(&w, "helm", "\"charts\":\"/srv/charts\"");
    w.p.exec = run_tool;
    answer = "{\"name\":\"db\",\"namespace\":\"t-helm-development\",\"version\":3,\"info\":{\"status\":\"deployed\"}}";
    well(&w, "helm",
         "{\"release\":\"db\",\"chart\":\"postgres\",\"values\":{\"password\":\"very secret\"},\"timeout\":\"5m\",\"atomic\":true}");
    ASSERT_CONTAINS(argv_told, "helm upgrade --install db /srv/charts/postgres --values ");
    ASSERT_CONTAINS(argv_told, "--output json --history-max 10 --create-namespace --atomic --namespace t-helm-development --kubeconfig ");
    ASSERT_CONTAINS(argv_told, "--timeout 5m --wait");
    CU_ASSERT(!strstr(argv_told, "secret") && !strstr(argv_told, "token") && !strstr(env_told, "secret") && !strstr(env_told, "token"));
    ASSERT_CONTAINS(values_told, "very secret");
    ASSERT_CONTAINS(kubeconfig_told, getenv("INNO_KUBE_TOKEN"));
    ASSERT_TEXT(fake_output(&w.p, "status"), "deployed");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(w.p.call.outputs, "revision")), 3);

    well(&w, "helm", "{\"release\":\"db\",\"chart\":\"oci://registry.example.com/postgres\",\"version\":\"1.2.3\",\"wait\":false}");
    ASSERT_CONTAINS(argv_told, "db oci://registry.example.com/postgres --version 1.2.3 --output");
    CU_ASSERT_PTR_NULL(strstr(argv_told, "--wait"));
    well(&w, "helm", "{\"operation\":\"rollback\",\"release\":\"db\",\"revision\":2}");
    ASSERT_CONTAINS(argv_told, "helm rollback db 2 --namespace");
    well(&w, "helm", "{\"operation\":\"uninstall\",\"release\":\"db\"}");
    exit_code = 1;
    complaint = "Error: uninstall: Release not loaded: db: release: not found";
    well(&w, "helm", "{\"operation\":\"uninstall\",\"release\":\"db\"}");
    complaint = "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress";
    fails(&w, "helm", "{\"release\":\"db\",\"chart\":\"postgres\"}", INNO_TRANSIENT, "is in progress");
    complaint = "Error: chart \"web\" version \"1.0.0\" not found in http://127.0.0.1 repository";
    fails(&w, "helm", "{\"release\":\"db\",\"chart\":\"postgres\"}", INNO_INVALID_RESOURCE, "not found in");
    complaint = "Flag --atomic has been deprecated, use --rollback-on-failure instead\nError: parse error at (web/templates/a.yaml:1): "
                "unexpected EOF\n";
    fails(&w, "helm", "{\"release\":\"db\",\"chart\":\"postgres\"}", INNO_INVALID_RESOURCE, "ended with 1: Error: parse error");
    complaint = "Error: context deadline exceeded\n";
    fails(&w, "helm", "{\"release\":\"db\",\"chart\":\"postgres\"}", INNO_FAILED, "not ready within config.timeout");
    complaint = "Error: chart requires kubeVersion";
    fails(&w, "helm", "{\"release\":\"db\",\"chart\":\"postgres\"}", INNO_FAILED, "helm upgrade ended with 1: Error: chart requires");
    exit_code = 0;
    complaint = NULL;
    fails(&w, "helm", "{\"release\":\"--post-renderer\",\"chart\":\"x\"}", INNO_INVALID_RESOURCE, "config.release must be a name");
    fails(&w, "helm", "{\"release\":\"db\",\"repo\":\"https://x\",\"chart\":\"--set\"}", INNO_INVALID_RESOURCE, "config.chart \"--set\"");
    fails(&w, "helm", "{\"release\":\"db\",\"chart\":\"../x\"}", INNO_INVALID_RESOURCE, "without \"..\"");
    fails(&w, "helm", "{\"release\":\"db\",\"repo\":\"https://x\",\"chart\":\"../../etc\"}", INNO_INVALID_RESOURCE, "no path");
    fails(&w, "helm", "{\"release\":\"db\",\"repo\":\"https://x\",\"chart\":\"/etc\"}", INNO_INVALID_RESOURCE, "no path");
    fails(&w, "helm", "{\"release\":\"db\",\"repo\":\"https://robot:hunter22@x\",\"chart\":\"y\"}", INNO_INVALID_RESOURCE,
          "no user and password");
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "hunter22"));
    fails(&w, "helm", "{\"chart\":\"x\"}", INNO_INVALID_RESOURCE, "config.release is missing");
    w.p.exec = NULL;
    fails(&w, "helm", "{\"release\":\"db\",\"chart\":\"postgres\"}", INNO_UNAUTHORIZED, "may not be run");
    kube_end(&w);
}

static int signal_told;
static const char *wrote; /* a Secret that helm writes before it ends */
static struct kube_world *where;

static inno_rc run_helm(const inno_exec *command, inno_exec_result *out)
{
    if (wrote)
        CU_ASSERT_EQUAL(kube_do(where, "POST", "secrets", wrote), 201);
    out->signal = signal_told;
    return run_tool(command, out);
}

/* What helm itself does then is in test_kubernetes_helm.c. */
static void test_helm_killed(void)
{
    static const char step[] = "{\"operation\":\"rollback\",\"release\":\"db\"}";
    static const char first[] =
        "{\"metadata\":{\"name\":\"sh.helm.release.v1.db.v9\",\"labels\":{\"owner\":\"helm\",\"name\":\"db\",\"version\":\"9\","
        "\"status\":\"deployed\"}}}";
    static const char left[] =
        "{\"metadata\":{\"name\":\"sh.helm.release.v1.db.v10\",\"labels\":{\"owner\":\"helm\",\"name\":\"db\",\"version\":\"10\","
        "\"status\":\"pending-rollback\"}}}";
    struct kube_world w;
    char state[sizeof w.state];

    kube_begin(&w, "helmkill", NULL);
    w.p.exec = run_helm;
    where = &w;
    well(&w, "kubernetes", "{\"manifests\":\"{apiVersion: v1, kind: ConfigMap, metadata: {name: one}}\"}"); /* and so the namespace */
    CU_ASSERT_EQUAL(kube_do(&w, "POST", "secrets", first), 201);
    wrote = left;
    signal_told = 9;
    exit_code = -1;
    fails(&w, "helm", step, INNO_TRANSIENT, "helm rollback was killed by signal 9");
    snprintf(state, sizeof state, "%s", w.state);
    wrote = NULL;
    signal_told = 0;
    exit_code = 1;
    complaint = "level=WARN msg=\"no EOF\"\nError: another operation (install/upgrade/rollback) is in progress\n";
    fails(&w, "helm", step, INNO_TRANSIENT, "ended with 1: Error: another operation (install/upgrade/rollback) is in progress; somebody");
    CU_ASSERT_EQUAL(kube_count(&w, "secrets"), 2); /* a run that knows nothing of it leaves it */
    complaint = NULL;
    exit_code = 0;
    answer = "Rollback was a success! Happy Helming!\n";
    w.p.step_state = state;
    well(&w, "helm", step);
    CU_ASSERT_EQUAL(kube_count(&w, "secrets"), 1);
    ASSERT_TEXT(fake_output(&w.p, "status"), "deployed");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(w.p.call.outputs, "revision")), 9);
    CU_ASSERT(strstr(w.state, "\"helm\":null") != NULL); /* and what others leave later is theirs */
    CU_ASSERT_EQUAL(kube_do(&w, "POST", "secrets", left), 201);
    snprintf(state, sizeof state, "%s", w.state);
    well(&w, "helm", step);
    CU_ASSERT_EQUAL(kube_count(&w, "secrets"), 2);
    kube_end(&w);
}

/* ---- actions ---- */

static const char shop[] = "{\"apiVersion\":\"score.dev/v1b1\",\"metadata\":{\"name\":\"shop\"},\"containers\":{\"web\":{\"image\":"
                           "\"registry.example.com/web:1\"}},\"replicas\":2}";

static inno_rc call_scale(void (*function)(void), void *self, inno_call *call, const inno_resource *res, void *ctx)
{
    return ((inno_rc(*)(void *, const inno_host *, inno_call *, const inno_resource *, int64_t))function)(self, &fake_host, call, res,
                                                                                                          *(int64_t *)ctx);
}

static inno_rc call_plain(void (*function)(void), void *self, inno_call *call, const inno_resource *res, void *ctx)
{
    (void)ctx;
    return ((inno_rc(*)(void *, const inno_host *, inno_call *, const inno_resource *))function)(self, &fake_host, call, res);
}

static inno_rc call_logs(void (*function)(void), void *self, inno_call *call, const inno_resource *res, void *ctx)
{
    return ((inno_rc(*)(void *, const inno_host *, inno_call *, const inno_resource *, int64_t, const char *))function)(
        self, &fake_host, call, res, *(int64_t *)ctx, "");
}

static inno_rc call_exec(void (*function)(void), void *self, inno_call *call, const inno_resource *res, void *ctx)
{
    const char *words = ctx;
    inno_span span = {words, strlen(words)};

    return ((inno_rc(*)(void *, const inno_host *, inno_call *, const inno_resource *, const inno_span *, const char *))function)(
        self, &fake_host, call, res, &span, "");
}

static const char pod[] =
    "{\"metadata\":{\"name\":\"shop-1\",\"labels\":{\"app.kubernetes.io/name\":\"shop\",\"app.kubernetes.io/managed-by\":"
    "\"innominatus\"}},\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"x\"}]},\"status\":{\"phase\":\"Running\"}}";

static void test_actions(void)
{
    struct kube_world w;
    int64_t number = 2;
    char first[40], list[] = "[\"ls\",\"-l\",\"$HOME\"]", text[] = "\"ls\"";

    kube_begin(&w, "act", NULL);
    CU_ASSERT_EQUAL(kube_action(&w, "restart", "shop", shop, call_plain, NULL), INNO_NOT_FOUND);
    CU_ASSERT_EQUAL(kube_action(&w, "scale", "shop", shop, call_scale, &number), INNO_OK);
    ASSERT_TEXT(kube_text(&w, DEPLOYMENTS "/shop", "spec|replicas"), "2");
    CU_ASSERT_EQUAL(kube_action(&w, "restart", "shop", shop, call_plain, NULL), INNO_OK);
    CU_ASSERT(w.polls > 0);
    snprintf(first, sizeof first, "%s",
             kube_text(&w, DEPLOYMENTS "/shop", "spec|template|metadata|annotations|kubectl.kubernetes.io/restartedAt"));
    CU_ASSERT_EQUAL(strlen(first), 20);
    CU_ASSERT_EQUAL(kube_run(&w, FAKE_PROVISION, "workload", "shop", shop), INNO_OK); /* does not take it away, which would restart again */
    ASSERT_TEXT(kube_text(&w, DEPLOYMENTS "/shop", "spec|template|metadata|annotations|kubectl.kubernetes.io/restartedAt"), first);
    kube_status(&w, "workload", "shop", shop, "active", "");

    if (!w.real) { /* where pods run by themselves there is a kubelet to ask */
        CU_ASSERT_EQUAL(kube_do(&w, "POST", "pods", pod), 201);
        number = 5;
        CU_ASSERT_EQUAL(kube_action(&w, "logs", "shop", shop, call_logs, &number), INNO_OK);
        ASSERT_TEXT(json_string_value(json_object_get(json_object_get(w.p.call.outputs, "pods"), "shop-1")), "5 lines of web");
        number = 0;
        CU_ASSERT_EQUAL(kube_action(&w, "logs", "shop", shop, call_logs, &number), INNO_INVALID_RESOURCE);
        w.p.exec = run_tool;
        answer = "listing";
        exit_code = 3;
        complaint = "it broke\ncommand terminated with exit code 3\n";
        CU_ASSERT_EQUAL(kube_action(&w, "exec", "shop", shop, call_exec, list), INNO_OK);
        ASSERT_CONTAINS(argv_told, " exec shop-1 --container web -- ls -l $HOME");
        ASSERT_TEXT(fake_output(&w.p, "stdout"), "listing");
        CU_ASSERT_EQUAL(json_integer_value(json_object_get(w.p.call.outputs, "exit_code")), 3);
        exit_code = 1;
        complaint = "Error from server (BadRequest): container none is not valid for pod shop-1\n"; /* not the command's code */
        CU_ASSERT_EQUAL(kube_action(&w, "exec", "shop", shop, call_exec, list), INNO_FAILED);
        ASSERT_CONTAINS(w.p.call.failure, "is not valid for pod");
        complaint = "Error from server: error dialing backend: dial tcp 127.0.0.1:10250: connect: connection refused\n";
        CU_ASSERT_EQUAL(kube_action(&w, "exec", "shop", shop, call_exec, list), INNO_TRANSIENT);
        complaint = NULL;
        exit_code = 0;
        CU_ASSERT_EQUAL(kube_action(&w, "exec", "shop", shop, call_exec, text), INNO_INVALID_RESOURCE);
        CU_ASSERT_EQUAL(kube_do(&w, "DELETE", "pods/shop-1", NULL), 200);
        CU_ASSERT_EQUAL(kube_action(&w, "exec", "shop", shop, call_exec, list), INNO_NOT_FOUND);
    }
    kube_end(&w);
}

const struct test_case tests[] = {
    {"manifests are applied, pruned, tried, waited for and deleted", test_apply},
    {"a step waits without holding anything", test_waits},
    {"kinds that are not known are asked for, and what is no manifest says so", test_kinds},
    {"manifests lie below the entry's directory", test_files},
    {"what kustomize makes is applied", test_kustomize},
    {"a workload is scaled and restarted, its logs are read and commands run in it", test_actions},
    {"helm gets its values and credentials by file", test_helm},
    {"what helm left when it was killed is taken away by the next attempt, and by no other run", test_helm_killed},
    {0},
};
