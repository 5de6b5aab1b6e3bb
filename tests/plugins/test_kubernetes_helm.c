/* The step type `helm` with the real helm, in a host process with its sandbox, against a real API server. Skipped without
 * INNOMINATUS_TEST_KUBECONFIG or without helm on PATH. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "kube_world.h"
#include "plugin_driver.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#undef CLEANUP /* the same thing twice */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define DEPLOYMENTS "apis/apps/v1/namespaces/%s/deployments"
#define SECRET      "t0ps3cret-of-helm"

static const char chart_yaml[] = "apiVersion: v2\nname: web\nversion: 1.2.3\n";
static const char values_yaml[] = "colour: grey\nimage: registry.example.com/web:1\npassword: none\n";
static const char templates[] =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-web}\ndata: {colour: {{ .Values.colour | quote }}}\n---\n"
    "apiVersion: v1\nkind: Secret\nmetadata: {name: {{ .Release.Name }}-key}\nstringData: {password: {{ .Values.password | quote }}}\n---\n"
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Release.Name }}}\nspec:\n  selector: {matchLabels: {run: {{ .Release.Name "
    "}}}}\n  template:\n    metadata: {labels: {run: {{ .Release.Name }}, app.kubernetes.io/managed-by: innominatus}}\n    spec: "
    "{containers: [{name: web, image: {{ .Values.image | quote }}}]}\n";
static const char broken[] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ required \"the colour is missing\" .Values.hue }}}\n";

struct stage {
    struct kube_world w; /* the test's own eyes */
    struct driver d;
    char *charts;
};

static void write_to(const char *dir, const char *name, const char *text, mode_t mode)
{
    CLEANUP(free_ptr) char *path = mem_printf("%s/%s", dir, name);
    struct err err;

    ASSERT_OK(io_write_atomic(path, text, strlen(text), mode, &err), err);
}

static void write_chart(const char *charts, const char *name, const char *template)
{
    CLEANUP(free_ptr) char *dir = mem_printf("%s/%s", charts, name);
    CLEANUP(free_ptr) char *below = mem_printf("%s/templates", dir);
    struct err err;

    ASSERT_OK(io_mkdirs(below, 0755, &err), err);
    write_to(dir, "Chart.yaml", chart_yaml, 0644);
    write_to(dir, "values.yaml", values_yaml, 0644);
    write_to(below, "all.yaml", template, 0644);
}

/* An entry whose helm tells in the log what it was given, and nothing else: standard error is shown there. */
static void add_entry(struct stage *s, const char *name, const char *helm, const char *context)
{
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(free_ptr) char *wrapper = mem_printf("%s/helm", s->charts);
    CLEANUP(free_ptr) char *script = mem_printf("#!/bin/sh\necho \"argv: $*\" >&2\nenv | sed 's/^/env: /' >&2\nexec %s \"$@\"\n", helm);
    CLEANUP(json_put) json_t *config = NULL;
    CLEANUP(json_put) json_t *grant = NULL;
    struct plugin_entry entry = {
        .name = name, .path = TEST_BINARY_DIR "/lib/innominatus/plugins/kubernetes.so", .memory_bytes = 1LL << 30, .timeout_ms = 600000};
    struct err err;

    write_to(s->charts, "helm", script, 0755);
    ASSERT_OK(io_read_file(getenv("INNO_KUBE_KUBECONFIG"), 1 << 16, &text, NULL, &err), err);
    config = json_pack("{s:s,s:s,s:s,s:s,s:s}", "kubeconfig", text, "context", context, "namespace", s->w.space, "charts", s->charts,
                       "helm", wrapper);
    grant = json_pack("[s,s,s,o,o,o]", "network", "secrets", "exec", json_sprintf("exec:%s", helm), json_sprintf("exec:%s", wrapper),
                      json_sprintf("read:%s", s->charts));
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    entry.config = config;
    entry.grant = grant;
    ASSERT_OK(driver_add(&s->d, name, &entry, &err), err);
}

static bool begin(struct stage *s, const char *team)
{
    CLEANUP(free_ptr) char *helm = driver_program("helm");
    char path[200];

    *s = (struct stage){.charts = NULL};
    if (!getenv("INNO_KUBE_REAL") || !helm) {
        test_skip(helm ? "helm wants a real API server: INNOMINATUS_TEST_KUBECONFIG" : "helm is not installed");
        return false;
    }
    kube_begin(&s->w, team, NULL);
    for (snprintf(path, sizeof path, "/api/v1/namespaces/%s", s->w.space); kube_do(&s->w, "GET", path, NULL) != 404;)
        usleep(200000); /* of an earlier run */
    driver_start(&s->d, 0, PATIENT_MS);
    s->charts = mem_printf("%s/charts", s->d.dir);
    write_chart(s->charts, "web", templates);
    write_chart(s->charts, "broken", broken);
    add_entry(s, "cluster", helm, "admin");
    add_entry(s, "dev", helm, "dev");
    return true;
}

static void end(struct stage *s)
{
    driver_stop(&s->d);
    CU_ASSERT_EQUAL(driver_children(), 0);
    kube_end(&s->w);
    free(s->charts);
}

static int run(struct stage *s, struct trial *t, const char *entry, const char *config, const char *state)
{
    int outcome;

    *t = (struct trial){.instance = entry, .operation = PLUGIN_STEP, .type = "helm", .step = config, .state = state};
    outcome = trial_run(&s->d, t);
    if (outcome != PLUGIN_DONE_OK)
        fprintf(stderr, "# %s: %d %s\n", config, (int)t->err.code, t->err.msg);
    return outcome;
}

static void well(struct stage *s, const char *config, int64_t revision)
{
    struct trial t;

    CU_ASSERT_EQUAL(run(s, &t, "cluster", config, NULL), PLUGIN_DONE_OK);
    if (revision) {
        CU_ASSERT_EQUAL(json_int(t.outputs, "revision", -1), revision);
        ASSERT_TEXT(json_str(t.outputs, "status"), "deployed");
    }
    ASSERT_CONTAINS(t.logs, "argv: ");
    ASSERT_CONTAINS(t.logs, "env: HELM_CACHE_HOME=");
    CU_ASSERT(!strstr(t.logs, SECRET) && !strstr(t.logs, getenv("INNO_KUBE_TOKEN")));
    trial_fini(&t);
}

static void fails(struct stage *s, const char *entry, const char *config, enum err_code code, const char *says)
{
    struct trial t;

    CU_ASSERT_EQUAL(run(s, &t, entry, config, NULL), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, code);
    ASSERT_CONTAINS(t.err.msg, says);
    trial_fini(&t);
}

static void test_life(void)
{
    struct stage s;

    if (!begin(&s, "helm-life"))
        return;
    well(&s, "{\"release\":\"shop\",\"chart\":\"web\",\"values\":{\"colour\":\"blue\",\"password\":\"" SECRET "\"}}", 1);
    ASSERT_TEXT(kube_text(&s.w, "configmaps/shop-web", "data|colour"), "blue");
    ASSERT_TEXT(kube_text(&s.w, DEPLOYMENTS "/shop", "status|availableReplicas"), "1"); /* it waited */
    ASSERT_TEXT(kube_text(&s.w, "secrets/shop-key", "data|password"), "dDBwczNjcmV0LW9mLWhlbG0=");
    well(&s, "{\"release\":\"shop\",\"chart\":\"web\",\"values\":{\"colour\":\"red\"},\"atomic\":true,\"timeout\":\"4m\"}", 2);
    ASSERT_TEXT(kube_text(&s.w, "configmaps/shop-web", "data|colour"), "red");
    well(&s, "{\"operation\":\"rollback\",\"release\":\"shop\",\"revision\":1}", 3);
    ASSERT_TEXT(kube_text(&s.w, "configmaps/shop-web", "data|colour"), "blue");
    well(&s, "{\"operation\":\"uninstall\",\"release\":\"shop\"}", 0);
    ASSERT_TEXT(kube_text(&s.w, "configmaps/shop-web", "data|colour"), "");
    well(&s, "{\"operation\":\"uninstall\",\"release\":\"shop\"}", 0);
    end(&s);
}

/* ---- a repository ---- */

/* Starts a program whose standard output is the other end of *out. */
static pid_t start_program(const char *const *argv, int *out)
{
    int ends[2] = {-1, -1};
    pid_t pid;

    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    CU_ASSERT_FATAL(pid > 0);
    close(ends[1]);
    *out = ends[0];
    return pid;
}

static void run_program(const char *const *argv)
{
    int out, status = -1;
    pid_t pid = start_program(argv, &out);

    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    CU_ASSERT_EQUAL(status, 0);
    close(out);
}

/* The chart as a repository of HTTP serves it. Returns the server's pid. */
static pid_t serve_chart(struct stage *s, int *port, int *out)
{
    CLEANUP(free_ptr) char *dir = mem_printf("%s/repository", s->d.dir);
    CLEANUP(free_ptr) char *chart = mem_printf("%s/web", s->charts);
    const char *package[] = {"helm", "package", chart, "--destination", dir, NULL}, *index[] = {"helm", "repo", "index", dir, NULL};
    const char *serve[] = {"python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", dir, "0", NULL};
    char text[300] = "";
    const char *at;
    size_t used = 0;
    ssize_t got = 1;
    struct err err;
    pid_t pid;

    ASSERT_OK(io_mkdirs(dir, 0755, &err), err);
    run_program(package);
    run_program(index);
    pid = start_program(serve, out);
    while (!strchr(text, '\n') && got > 0 && used + 1 < sizeof text)
        if ((got = read(*out, text + used, sizeof text - 1 - used)) > 0)
            used += (size_t)got;
    at = strstr(text, " port ");
    *port = at ? atoi(at + 6) : 0;
    CU_ASSERT(*port > 0);
    return pid;
}

static void test_repository(void)
{
    CLEANUP(free_ptr) char *good = NULL, *older = NULL;
    struct stage s;
    int port, out;
    pid_t pid;

    if (!begin(&s, "helm-repo"))
        return;
    pid = serve_chart(&s, &port, &out);
    good = mem_printf("{\"release\":\"shop\",\"chart\":\"web\",\"repo\":\"http://127.0.0.1:%d\",\"version\":\"1.2.3\"}", port);
    older = mem_printf("{\"release\":\"shop\",\"chart\":\"web\",\"repo\":\"http://127.0.0.1:%d\",\"version\":\"1.0.0\"}", port);
    well(&s, good, 1);
    ASSERT_TEXT(kube_text(&s.w, "configmaps/shop-web", "data|colour"), "grey");
    fails(&s, "cluster", older, ERR_INVALID_RESOURCE, "1.0.0");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(out);
    fails(&s, "cluster", good, ERR_TRANSIENT, "connection refused");
    end(&s);
}

static void test_failures(void)
{
    static const char foreign[] = "{\"metadata\":{\"name\":\"taken-web\"}}";
    struct stage s;

    if (!begin(&s, "helm-fails"))
        return;
    fails(&s, "cluster", "{\"release\":\"shop\",\"chart\":\"none\"}", ERR_INVALID_RESOURCE, "none");
    fails(&s, "cluster", "{\"release\":\"shop\",\"chart\":\"broken\"}", ERR_INVALID_RESOURCE, "the colour is missing");
    fails(&s, "cluster", "{\"operation\":\"rollback\",\"release\":\"shop\"}", ERR_BACKEND_NOT_FOUND, "not found");
    fails(&s, "dev", "{\"release\":\"shop\",\"chart\":\"web\"}", ERR_UNAUTHORIZED, "forbidden");
    fails(&s, "cluster",
          "{\"release\":\"slow\",\"chart\":\"web\",\"values\":{\"image\":\"registry.example.com/never:1\"},\"timeout\":\"3s\"}",
          ERR_PROVISION_FAILED, "context deadline exceeded; its objects were not ready within config.timeout");
    CU_ASSERT_EQUAL(kube_do(&s.w, "POST", "configmaps", foreign), 201);
    fails(&s, "cluster", "{\"release\":\"taken\",\"chart\":\"web\"}", ERR_ALREADY_EXISTS, "ConfigMap");
    end(&s);
}

#define NEVER "{\"release\":\"shop\",\"chart\":\"web\",\"values\":{\"image\":\"registry.example.com/never:1\"}}"
#define GOOD  "{\"release\":\"shop\",\"chart\":\"web\",\"values\":{\"colour\":\"green\"}}"

/* Begins an upgrade that waits forever, and waits until its objects are there. */
static void start_never(struct stage *s, struct trial *t)
{
    struct err err;

    *t = (struct trial){.instance = "cluster", .operation = PLUGIN_STEP, .type = "helm", .step = NEVER};
    ASSERT_OK(trial_start(&s->d, t, &err), err);
    while (strcmp(kube_text(&s->w, DEPLOYMENTS "/shop", "spec|template|spec|containers|0|image"), "registry.example.com/never:1") != 0 &&
           !t->done)
        usleep(100000); /* as long as the test may run */
}

static void test_canceled(void)
{
    struct stage s;
    struct trial t;

    if (!begin(&s, "helm-cancel"))
        return;
    start_never(&s, &t);
    plugin_cancel(s.d.manager, t.call);
    trial_wait(&t);
    CU_ASSERT_EQUAL(t.err.code, ERR_CANCELED);
    trial_fini(&t);
    well(&s, GOOD, 2); /* helm had time to write that it was stopped */
    end(&s);
}

/* What helm wrote of a run that was killed stands in the way of every later one. */
static void test_killed(void)
{
    struct stage s;
    struct trial t, again;

    if (!begin(&s, "helm-kill"))
        return;
    for (int64_t round = 1; round < 3; round++) { /* an install, an upgrade */
        start_never(&s, &t);
        CU_ASSERT(driver_kill_children() > 0);
        trial_wait(&t);
        CU_ASSERT_NOT_EQUAL(t.outcome, PLUGIN_DONE_OK);
        fails(&s, "cluster", GOOD, ERR_TRANSIENT, "is in progress"); /* whose it is, another run cannot know */
        CU_ASSERT_EQUAL(run(&s, &again, "cluster", GOOD, t.state_given), PLUGIN_DONE_OK);
        CU_ASSERT_EQUAL(json_int(again.outputs, "revision", -1), round);
        ASSERT_CONTAINS(again.logs, "killed");
        ASSERT_TEXT(kube_text(&s.w, "configmaps/shop-web", "data|colour"), "green");
        trial_fini(&again);
        trial_fini(&t);
    }
    well(&s, "{\"operation\":\"uninstall\",\"release\":\"shop\"}", 0);
    end(&s);
}

const struct test_case tests[] = {
    {"a chart is installed, upgraded, rolled back and uninstalled, and no secret shows", test_life},
    {"a chart comes from a repository, whose absence is no fault of the chart's", test_repository},
    {"what helm refuses says whose fault it is", test_failures},
    {"a run that is canceled stops helm, which notes it, and the next one goes on", test_canceled},
    {"a run whose helm was killed goes on when it is run again", test_killed},
    {0},
};
