/* The step type `helm`: releases by the command-line tool. Values go by file, credentials by a kubeconfig in the call's own directory;
 * neither stands in an argument. Slot's thread. */
#include "files.h"
#include "kubernetes.h"
#include <stdio.h>

#define MAX_ARGS 32

struct helm {
    const char *argv[MAX_ARGS + 1];
    size_t argc;
    char kubeconfig[4096], values[4096], chart[4096], timeout[40], revision[32];
    char home[3][4200]; /* HELM_CACHE_HOME and others, below the call's directory */
    const char *env[5];
};

static void add(struct helm *h, const char *word)
{
    if (h->argc < MAX_ARGS)
        h->argv[h->argc++] = word;
}

static void add_pair(struct helm *h, const char *flag, const char *word)
{
    if (word && word[0]) {
        add(h, flag);
        add(h, word);
    }
}

static const char *word(const struct k8s_work *work, const char *key) { return text_at(work->params, key, ""); }

/* ---- what it needs ---- */

/* A name of helm's: no word of ours may look like a flag to it. */
static bool is_word(const char *text) { return text[0] && text[0] != '-' && strspn(text, " \t\r\n") == 0 && !strpbrk(text, " \t\r\n"); }

static inno_rc check_words(struct k8s_work *work)
{
    static const char *const keys[] = {"chart", "repo", "version", "timeout"};
    const char *release = word(work, "release");

    if (strlen(release) > 53 || !params_is_name(release))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "config.release must be a name of at most 53 lower-case letters, digits, '-' and '.'");
    if (strchr(word(work, "repo"), '@'))
        return K8S_FAIL(
            work, INNO_INVALID_RESOURCE,
            "config.repo must have no user and password: they would stand in an argument that everybody on the machine can read");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (word(work, keys[i])[0] && !is_word(word(work, keys[i])))
            return K8S_FAIL(work, INNO_INVALID_RESOURCE, "config.%s \"%.100s\" is none", keys[i], word(work, keys[i]));
    return INNO_OK;
}

/* oci://..., a name within config.repo, or a directory below the entry's charts. */
static inno_rc take_chart(struct k8s_work *work, struct helm *h)
{
    const char *chart = word(work, "chart");

    if (!chart[0])
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "config.chart is missing");
    if (strncmp(chart, "oci://", 6) != 0 && !word(work, "repo")[0])
        return step_path(work, "chart", "charts", h->chart);
    /* helm looks for a directory of that name before it asks the repository */
    if (strncmp(chart, "oci://", 6) != 0 && (strchr(chart, '/') || chart[0] == '.'))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "config.chart \"%.100s\" must be the name of a chart in config.repo, no path", chart);
    snprintf(h->chart, sizeof h->chart, "%s", chart);
    return strlen(chart) < sizeof h->chart ? INNO_OK : K8S_FAIL(work, INNO_INVALID_RESOURCE, "config.chart is too long");
}

static inno_rc write_values(struct k8s_work *work, struct helm *h)
{
    const json_t *values = json_object_get(work->params, "values");
    int rc;

    if (!values)
        return INNO_OK;
    snprintf(h->values, sizeof h->values, "%.3900s/values.json", work->host->work_dir(work->call)); /* JSON is YAML */
    rc = files_write_json(h->values, values);
    return rc == 0 ? INNO_OK : files_fail(work->host, work->call, rc, "writing", h->values);
}

static void make_env(struct k8s_work *work, struct helm *h)
{
    static const char *const names[] = {"HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"};

    for (size_t i = 0; i < 3; i++) {
        snprintf(h->home[i], sizeof h->home[i], "%s=%.3900s/helm%zu", names[i], work->host->work_dir(work->call), i);
        h->env[i] = h->home[i];
    }
}

/* ---- the run ---- */

static inno_rc run(struct k8s_work *work, struct helm *h, inno_exec_result *result)
{
    inno_exec command = {.struct_size = sizeof command,
                         .argv = h->argv,
                         .env = h->env,
                         .flags = INNO_EXEC_QUIET_OUT, /* what it prints holds the manifests, secrets too */
                         .max_output_bytes = 16u << 20,
                         .grace_ms = 10000};
    inno_rc rc;

    make_env(work, h);
    if (!INNO_HAS(work->host, exec))
        return K8S_FAIL(work, INNO_UNSUPPORTED, "this server cannot run programs for plugins");
    rc = work->host->exec(work->call, &command, result);
    if (rc == INNO_UNSUPPORTED)
        return K8S_FAIL(work, INNO_UNSUPPORTED, "helm is not installed here; install it, or name it by config.helm of the entry");
    return rc;
}

/* What its words mean; the first that fits. */
static const struct {
    const char *words;
    inno_rc code;
    const char *hint;
} meanings[] = {
    {"execution error at", INNO_INVALID_RESOURCE, NULL},
    {"parse error", INNO_INVALID_RESOURCE, NULL},
    {"error calling", INNO_INVALID_RESOURCE, NULL},
    {"don't meet the specifications of the schema", INNO_INVALID_RESOURCE, NULL},
    {"Chart.yaml file is missing", INNO_INVALID_RESOURCE, NULL},
    {"Error: chart \"", INNO_INVALID_RESOURCE, NULL},
    {"Error: path \"", INNO_INVALID_RESOURCE, "config.chart is a directory below the entry's charts"},
    {"connection refused", INNO_TRANSIENT, NULL},
    {"another operation (install/upgrade/rollback) is in progress", INNO_TRANSIENT,
     "somebody else is at work on it; if nobody is, `helm rollback` or `helm uninstall` ends what was left"},
    {"i/o timeout", INNO_TRANSIENT, NULL},
    {"TLS handshake timeout", INNO_TRANSIENT, NULL},
    {"no such host", INNO_TRANSIENT, NULL},
    {"etcdserver", INNO_TRANSIENT, NULL},
    {"EOF", INNO_TRANSIENT, NULL},
    {"is forbidden: User", INNO_UNAUTHORIZED, NULL},
    {"cannot be imported into the current release", INNO_ALREADY_EXISTS, NULL},
    {"release: not found", INNO_NOT_FOUND, NULL},
    {"context deadline exceeded", INNO_FAILED, "its objects were not ready within config.timeout (5m if it says none)"},
    {"timed out waiting for the condition", INNO_FAILED, "its objects were not ready within config.timeout (5m if it says none)"}};

static inno_rc failed(struct k8s_work *work, const struct helm *h, const inno_exec_result *result)
{
    const char *text = result->err.len ? result->err.bytes : "it said nothing", *error = strstr(text, "Error: "), *hint = NULL;
    inno_rc code = INNO_FAILED;
    int most;

    text = error ? error : text; /* warnings come before */
    for (most = (int)strnlen(text, 600); most && strchr(" \n", text[most - 1]);)
        most--;
    if (result->signal)
        return K8S_FAIL(work, INNO_TRANSIENT, "helm %s was killed by signal %d; if it was the entry's limits.memory, raise it", h->argv[1],
                        (int)result->signal);
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (strstr(text, meanings[i].words)) {
            code = meanings[i].code;
            hint = meanings[i].hint;
            break;
        }
    return K8S_FAIL(work, code, "helm %s ended with %d: %.*s%s%s", h->argv[1], (int)result->exit_code, most, text, hint ? "; " : "",
                    hint ? hint : "");
}

/* {name, namespace, version, info: {status}}: what `-o json` tells of a release. */
static void tell_release(struct k8s_work *work, const inno_exec_result *result, bool has_revisions)
{
    CLEANUP(json_put) json_t *release = json_loadb(result->out.bytes, (size_t)result->out.len, 0, NULL);
    json_int_t revision = json_integer_value(json_object_get(release, "version"));
    char text[32];

    work->host->output(work->call, "release", word(work, "release"));
    work->host->output(work->call, "namespace", work->namespace);
    if (!json_is_object(release)) {
        if (has_revisions)
            helm_release_tell(work, word(work, "release"));
        return;
    }
    snprintf(text, sizeof text, "%lld", (long long)revision);
    work->host->output_json(work->call, "revision", inno_span_of(text));
    work->host->output(work->call, "status", text_at(json_object_get(release, "info"), "status", "unknown"));
}

/* ---- operations ---- */

static inno_rc op_upgrade(struct k8s_work *work, struct helm *h)
{
    inno_rc rc = take_chart(work, h);

    if (rc == INNO_OK)
        rc = write_values(work, h);
    if (rc != INNO_OK)
        return rc;
    add(h, "upgrade");
    add(h, "--install");
    add(h, word(work, "release"));
    add(h, h->chart);
    add_pair(h, "--repo", word(work, "repo"));
    add_pair(h, "--version", word(work, "version"));
    add_pair(h, "--values", h->values);
    add_pair(h, "--output", "json");
    add_pair(h, "--history-max", "10");
    if (!json_is_false(json_object_get(work->params, "createNamespace")))
        add(h, "--create-namespace");
    if (json_is_true(json_object_get(work->params, "atomic")))
        add(h, "--atomic");
    return INNO_OK;
}

static inno_rc op_rollback(struct k8s_work *work, struct helm *h)
{
    const json_t *revision = json_object_get(work->params, "revision");

    add(h, "rollback");
    add(h, word(work, "release"));
    if (revision) {
        snprintf(h->revision, sizeof h->revision, "%lld", (long long)json_integer_value(revision));
        add(h, h->revision);
    }
    return INNO_OK;
}

static inno_rc op_uninstall(struct k8s_work *work, struct helm *h)
{
    add(h, "uninstall");
    add(h, word(work, "release"));
    return INNO_OK;
}

static const struct {
    const char *name;
    inno_rc (*prepare)(struct k8s_work *work, struct helm *h);
    bool removes;
} operations[] = {{"upgrade", op_upgrade, false}, {"rollback", op_rollback, false}, {"uninstall", op_uninstall, true}};

static inno_rc operate(struct k8s_work *work, struct helm *h, size_t operation)
{
    inno_exec_result result = {.struct_size = sizeof result};
    inno_rc rc;

    add(h, text_at(work->self->config, "helm", "helm"));
    rc = operations[operation].prepare(work, h);
    if (rc == INNO_OK)
        rc = cluster_write_kubeconfig(work, work->namespace, h->kubeconfig);
    if (rc != INNO_OK)
        return rc;
    add_pair(h, "--namespace", work->namespace);
    add_pair(h, "--kubeconfig", h->kubeconfig);
    add_pair(h, "--timeout", word(work, "timeout"));
    if (!json_is_false(json_object_get(work->params, "wait")))
        add(h, "--wait");
    rc = helm_release_begin(work, word(work, "release"));
    if (rc == INNO_OK)
        rc = run(work, h, &result);
    if (rc == INNO_OK && !result.signal)
        rc = helm_release_end(work);
    if (rc != INNO_OK)
        return rc;
    if (result.exit_code == 0) {
        tell_release(work, &result, !operations[operation].removes);
        return INNO_OK;
    }
    if (operations[operation].removes && result.err.len && strstr(result.err.bytes, "release: not found")) /* gone already */
        return INNO_OK;
    return failed(work, h, &result);
}

inno_rc step_helm(struct k8s_work *work)
{
    static const struct field table[] = {{"operation", FIELD_TEXT, .least = 1, .most = 20},
                                         {"release", FIELD_TEXT, .required = true, .least = 1, .most = 53},
                                         {"chart", FIELD_TEXT, .least = 1, .most = 1000},
                                         {"repo", FIELD_TEXT, .least = 1, .most = 1000},
                                         {"version", FIELD_TEXT, .least = 1, .most = 100},
                                         {"namespace", FIELD_TEXT, .least = 1, .most = 63},
                                         {"values", FIELD_OBJECT},
                                         {"wait", FIELD_BOOL},
                                         {"atomic", FIELD_BOOL},
                                         {"createNamespace", FIELD_BOOL},
                                         {"timeout", FIELD_TEXT, .least = 1, .most = 20},
                                         {"revision", FIELD_INT, .least = 0, .most = 1000000},
                                         {NULL}};
    const char *name = text_at(work->params, "operation", "upgrade");
    CLEANUP(free_text) char *memory = calloc(1, sizeof(struct helm));
    inno_rc rc = params_check(work, "config", table);

    if (rc == INNO_OK)
        rc = check_words(work);
    if (rc != INNO_OK)
        return rc;
    if (!memory)
        return K8S_NO_MEMORY(work);
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, name) == 0)
            return operate(work, (struct helm *)(void *)memory, i);
    return K8S_FAIL(work, INNO_INVALID_RESOURCE, "config.operation is \"%.60s\"; it may be upgrade, rollback or uninstall", name);
}
