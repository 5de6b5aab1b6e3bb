/* The actions of `kubernetes`: scale, restart, logs, exec. Slot's thread. */
#include "kubernetes.h"
#include <stdio.h>
#include <time.h>

#define MAX_LINES    10000
#define MAX_PODS     10
#define OUTPUT_BYTES 180000    /* of all logs together, and of a program's words */
#define RESTART_S    (15 * 60) /* a restart that was begun longer ago is another one */
#define STAMP        "kubectl.kubernetes.io/restartedAt"

/* What is asked for; the functions below have one thread and no other way to hand it over. */
struct asked {
    int64_t lines;
    const char *container;
    const inno_span *command;
};

static const char *workload_name(const struct k8s_work *work)
{
    return text_at(json_object_get(work->params, "metadata"), "name", work->workload);
}

/* ---- scale ---- */

/* res->params has the number already (the manifest says `sets`). */
static inno_rc scale(void *self, const inno_host *host, inno_call *call, const inno_resource *res, int64_t replicas)
{
    host->log(call, INNO_LOG_INFO, "%s: %lld replicas", res->name, (long long)replicas);
    return kubernetes_provision(self, host, call, res);
}

/* ---- restart ---- */

static json_t *deployment_of(const struct k8s_work *work)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s}}", "apiVersion", "apps/v1", "kind", "Deployment", "metadata", "name", workload_name(work),
                     "namespace", work->namespace);
}

/* As another manager, so that the next deployment does not take the stamp away and restart once more. */
static inno_rc stamp(struct k8s_work *work, const char *time_text)
{
    CLEANUP(free_text)
    char *path =
        rest_path("/apis/apps/v1/namespaces/{}/deployments/{}?fieldManager=innominatus-restart", work->namespace, workload_name(work));
    CLEANUP(json_put)
    json_t *body = json_pack("{s:{s:{s:{s:{s:s}}}}}", "spec", "template", "metadata", "annotations", STAMP, time_text);
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {
        .method = "PATCH", .path = path, .json = body, .content_type = "application/merge-patch+json", .repeatable = true};

    return path && body ? cluster_call(work, &request, &answer) : K8S_NO_MEMORY(work);
}

static inno_rc begin_restart(struct k8s_work *work)
{
    time_t now = time(NULL);
    char text[40];
    struct tm tm;
    inno_rc rc;

    gmtime_r(&now, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    json_object_set_new(work->state, "restartAt", json_string(text));
    rc = set_keep(work, "restart", json_integer((json_int_t)now)); /* before it is done: a second call does the same */
    if (rc == INNO_OK)
        K8S_LOG(work, INFO, "restarting Deployment %s", workload_name(work));
    return rc == INNO_OK ? stamp(work, text) : rc;
}

static inno_rc do_restart(struct k8s_work *work)
{
    CLEANUP(json_put) json_t *deployment = deployment_of(work), *live = NULL, *list = NULL;
    bool begun = json_integer_value(json_object_get(work->state, "restart")) + RESTART_S > (json_int_t)time(NULL);
    inno_rc rc = deployment ? object_get(work, deployment, &live) : K8S_NO_MEMORY(work);

    if (rc != INNO_OK)
        return rc;
    if (!live || strcmp(object_label(live, K8S_OWNER), work->owner) != 0)
        return K8S_FAIL(work, INNO_NOT_FOUND, "Deployment %s is not there; deploy it again", workload_name(work));
    rc = begun ? stamp(work, text_at(work->state, "restartAt", "")) : begin_restart(work);
    list = json_pack("[O]", deployment);
    if (rc == INNO_OK)
        rc = list ? set_wait(work, list, "restarting") : K8S_NO_MEMORY(work);
    if (rc != INNO_OK)
        return rc;
    json_object_del(work->state, "restartAt");
    json_object_del(work->state, "waits");
    return set_keep(work, "restart", json_integer(0));
}

static inno_rc restart(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return k8s_with(self, host, call, res, NULL, do_restart);
}

/* ---- logs ---- */

/* Its pods, new reference. */
static inno_rc list_pods(struct k8s_work *work, json_t **out)
{
    char selector[300];

    snprintf(selector, sizeof selector,
             "labelSelector=app.kubernetes.io%%2Fname%%3D%.63s%%2Capp.kubernetes.io%%2Fmanaged-by%%3D" K8S_MANAGER, workload_name(work));
    return object_list(work, "v1", "Pod", work->namespace, selector, out);
}

static const char *container_of(const json_t *pod, const char *asked)
{
    return asked[0] ? asked : text_at(json_array_get(json_object_get(json_object_get(pod, "spec"), "containers"), 0), "name", "");
}

static inno_rc add_log(struct k8s_work *work, const json_t *pod, const struct asked *asked, size_t most, json_t *out)
{
    static const int also[] = {400, 404, 500, 0};
    CLEANUP(free_text) char *path = rest_path("/api/v1/namespaces/{}/pods/{}/log", work->namespace, object_name(pod));
    CLEANUP(free_text) char *container = rest_path("{}", container_of(pod, asked->container)); /* escaped */
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    char whole[1200], why[300];
    struct rest_request request = {.path = whole, .raw = true, .also = also};
    json_t *text;
    inno_rc rc;

    if (!path || !container)
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "container \"%.100s\" is no name", asked->container);
    snprintf(whole, sizeof whole, "%.700s?container=%.200s&tailLines=%lld&limitBytes=%zu", path, container, (long long)asked->lines, most);
    rc = cluster_call(work, &request, &answer);
    if (rc != INNO_OK)
        return rc;
    rest_message(&answer, why, sizeof why);
    text = answer.status < 300 ? json_stringn(answer.body ? answer.body : "", answer.len) : json_string(why);
    json_object_set_new(out, object_name(pod), text ? text : json_string("(its log is no UTF-8 text)"));
    return INNO_OK;
}

static inno_rc do_logs(struct k8s_work *work)
{
    const struct asked *asked = work->asked;
    CLEANUP(json_put) json_t *pods = NULL, *out = json_object();
    CLEANUP(free_text) char *text = NULL;
    size_t count;
    inno_rc rc = list_pods(work, &pods);

    if (rc == INNO_OK && (asked->lines < 1 || asked->lines > MAX_LINES))
        rc = K8S_FAIL(work, INNO_INVALID_RESOURCE, "lines must be 1 to %d", MAX_LINES);
    count = json_array_size(pods) < MAX_PODS ? json_array_size(pods) : MAX_PODS;
    for (size_t i = 0; i < count && rc == INNO_OK; i++)
        rc = add_log(work, json_array_get(pods, i), asked, OUTPUT_BYTES / 2 / count, out);
    if (rc != INNO_OK)
        return rc;
    text = json_dumps(out, JSON_COMPACT);
    if (!text || strlen(text) > OUTPUT_BYTES)
        return K8S_FAIL(work, INNO_FAILED, "the logs take more than %d bytes; ask for fewer lines", OUTPUT_BYTES);
    work->host->output_json(work->call, "pods", inno_span_of(text));
    return INNO_OK;
}

static inno_rc logs(void *self, const inno_host *host, inno_call *call, const inno_resource *res, int64_t lines, const char *container)
{
    const struct asked asked = {.lines = lines, .container = container};

    return k8s_with(self, host, call, res, &asked, do_logs);
}

/* ---- exec ---- */

#define MAX_WORDS 60

static inno_rc choose_pod(struct k8s_work *work, json_t **out)
{
    CLEANUP(json_put) json_t *pods = NULL;
    json_t *pod;
    size_t i;
    inno_rc rc = list_pods(work, &pods);

    json_array_foreach(pods, i, pod) if (!*out && strcmp(text_at(json_object_get(pod, "status"), "phase", ""), "Running") == 0) *out =
        json_incref(pod);
    return rc == INNO_OK && !*out ? K8S_FAIL(work, INNO_NOT_FOUND, "no pod of %s is running", workload_name(work)) : rc;
}

static inno_rc take_words(struct k8s_work *work, const json_t *command, const char **argv, size_t count)
{
    const json_t *word;
    size_t i;

    if (!json_is_array(command) || !json_array_size(command) || json_array_size(command) > MAX_WORDS)
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "command must be a list of 1 to %d texts, such as [\"ls\", \"/data\"]", MAX_WORDS);
    json_array_foreach(command, i, word)
    {
        if (!json_is_string(word))
            return K8S_FAIL(work, INNO_INVALID_RESOURCE, "command must be a list of texts");
        argv[count++] = json_string_value(word);
    }
    return INNO_OK;
}

static inno_rc tell(struct k8s_work *work, const char *pod, const inno_exec_result *result)
{
    const inno_span *const spans[] = {&result->out, &result->err};
    static const char *const names[] = {"stdout", "stderr"};
    char number[16];

    for (size_t i = 0; i < 2; i++) {
        size_t len = spans[i]->len < OUTPUT_BYTES / 2 ? (size_t)spans[i]->len : OUTPUT_BYTES / 2;
        CLEANUP(json_put) json_t *text = json_stringn(spans[i]->bytes ? spans[i]->bytes : "", len);

        work->host->output(work->call, names[i],
                           text && strlen(json_string_value(text)) == len ? json_string_value(text) : "(no UTF-8 text)");
    }
    snprintf(number, sizeof number, "%d", (int)result->exit_code);
    work->host->output_json(work->call, "exit_code", inno_span_of(number));
    work->host->output(work->call, "pod", pod);
    return INNO_OK;
}

/* It gives the command's exit code as its own and says so; without those words it is kubectl itself that could not do it. */
static inno_rc kubectl_failed(struct k8s_work *work, const inno_exec_result *result)
{
    static const char *const passing[] = {"connection refused", "i/o timeout", "TLS handshake timeout", "error dialing backend", "EOF"};
    const char *text = result->err.len ? result->err.bytes : "it said nothing";
    inno_rc code = INNO_FAILED;

    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (strstr(text, passing[i]))
            code = INNO_TRANSIENT;
    if (result->signal)
        return K8S_FAIL(work, INNO_TRANSIENT, "kubectl was killed by signal %d; if it was the entry's limits.memory, raise it",
                        (int)result->signal);
    return K8S_FAIL(work, code, "kubectl exec ended with %d: %.600s", (int)result->exit_code, text);
}

/* Words for a shell or a terminal there are none: the container's own program gets them as they are. */
static inno_rc do_exec(struct k8s_work *work)
{
    const struct asked *asked = work->asked;
    CLEANUP(json_put) json_t *command = json_loadb(asked->command->bytes, (size_t)asked->command->len, JSON_DECODE_ANY, NULL), *pod = NULL;
    char kubeconfig[4096];
    const char *argv[MAX_WORDS + 12] = {
        text_at(work->self->config, "kubectl", "kubectl"), "--kubeconfig", kubeconfig, "--namespace", work->namespace, "exec"};
    inno_exec run = {.struct_size = sizeof run, .argv = argv, .flags = INNO_EXEC_QUIET_OUT | INNO_EXEC_QUIET_ERR};
    inno_exec_result result = {.struct_size = sizeof result};
    inno_rc rc = take_words(work, command, argv, 10);

    if (rc == INNO_OK)
        rc = choose_pod(work, &pod);
    if (rc == INNO_OK && asked->container[0] == '-')
        rc = K8S_FAIL(work, INNO_INVALID_RESOURCE, "container \"%.100s\" is no name", asked->container);
    if (rc == INNO_OK)
        rc = cluster_write_kubeconfig(work, work->namespace, kubeconfig);
    if (rc != INNO_OK)
        return rc;
    argv[6] = object_name(pod);
    argv[7] = "--container";
    argv[8] = container_of(pod, asked->container);
    argv[9] = "--";
    if (!INNO_HAS(work->host, exec))
        return K8S_FAIL(work, INNO_UNSUPPORTED, "this server cannot run programs for plugins");
    rc = work->host->exec(work->call, &run, &result);
    if (rc == INNO_OK && result.exit_code != 0 && !(result.err.len && strstr(result.err.bytes, "command terminated with exit code")))
        rc = kubectl_failed(work, &result);
    return rc == INNO_OK ? tell(work, object_name(pod), &result) : rc;
}

static inno_rc exec(void *self, const inno_host *host, inno_call *call, const inno_resource *res, const inno_span *command,
                    const char *container)
{
    const struct asked asked = {.command = command, .container = container};

    return k8s_with(self, host, call, res, &asked, do_exec);
}

/* ---- the table; the manifest in kubernetes.c says the same ---- */

static const char *const scale_params[] = {"replicas", NULL}, *const logs_params[] = {"lines", "container", NULL},
                         *const exec_params[] = {"command", "container", NULL};
static const inno_action scale_action = {
    INNO_ACTION_HEAD(INNO_ACTION_CHANGES), "scale", NULL, "i", scale_params, INNO_ACTION_FUNCTION(scale)};
static const inno_action restart_action = {INNO_ACTION_HEAD(INNO_ACTION_CHANGES), "restart", NULL, "", NULL, INNO_ACTION_FUNCTION(restart)};
static const inno_action logs_action = {INNO_ACTION_HEAD(0), "logs", NULL, "is", logs_params, INNO_ACTION_FUNCTION(logs)};
static const inno_action exec_action = {INNO_ACTION_HEAD(INNO_ACTION_CHANGES), "exec", NULL, "js", exec_params, INNO_ACTION_FUNCTION(exec)};

const inno_action *const kubernetes_actions[] = {&scale_action, &restart_action, &logs_action, &exec_action, NULL};
