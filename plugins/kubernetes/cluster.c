/* Owns requests with credentials: where a token or certificate of now comes from, when it is got anew, and what a refusal means. Slot's
 * thread. */
#include "files.h"
#include "kubernetes.h"
#include <errno.h>
#include <stdio.h>
#include <time.h>

#define TOKEN_FILE_MS 60000            /* service account tokens are rotated in place */
#define EXEC_MS       60000            /* a credential plugin answers within */
#define EXEC_LIFE_MS  (10 * 60 * 1000) /* of credentials without expirationTimestamp */
#define EXEC_EARLY_S  60               /* they are got anew so long before they end */
#define MAX_EXEC      64

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- credential plugins ---- */

struct exec_words {
    const char *argv[MAX_EXEC + 2], *env[MAX_EXEC + 2];
    char *owned[MAX_EXEC + 1];
    size_t argc, envc;
};

static void exec_words_free(struct exec_words *w)
{
    for (size_t i = 0; i < w->envc; i++)
        wipe_text(&w->owned[i]);
}

static bool add_env(struct exec_words *w, const char *name, const char *value)
{
    size_t cap = strlen(name) + strlen(value) + 2;

    if (w->envc >= MAX_EXEC || !(w->owned[w->envc] = malloc(cap)))
        return false;
    snprintf(w->owned[w->envc], cap, "%s=%s", name, value);
    w->env[w->envc] = w->owned[w->envc];
    w->envc++;
    return true;
}

static bool make_words(const json_t *exec, struct exec_words *w)
{
    const json_t *item;
    char info[300];
    size_t i;
    bool good = true;

    w->argv[w->argc++] = text_at(exec, "command", "");
    json_array_foreach(json_object_get(exec, "args"), i, item)
    {
        good = good && json_is_string(item) && w->argc < MAX_EXEC;
        if (good)
            w->argv[w->argc++] = json_string_value(item);
    }
    json_array_foreach(json_object_get(exec, "env"), i, item) good =
        good && text_at(item, "name", "")[0] && add_env(w, text_at(item, "name", ""), text_at(item, "value", ""));
    snprintf(info, sizeof info, "{\"apiVersion\":\"%.100s\",\"kind\":\"ExecCredential\",\"spec\":{\"interactive\":false}}",
             text_at(exec, "apiVersion", ""));
    return good && add_env(w, "KUBERNETES_EXEC_INFO", info);
}

/* Monotonic time at which credentials with this RFC 3339 time should be got anew. */
static int64_t renew_at(const char *expires)
{
    struct tm tm = {0};
    const char *rest = strptime(expires, "%Y-%m-%dT%H:%M:%S", &tm);
    int64_t left = rest ? (int64_t)timegm(&tm) - (int64_t)time(NULL) - EXEC_EARLY_S : 0;

    if (!rest || left > 24 * 3600)
        left = EXEC_LIFE_MS / 1000;
    return now_ms() + (left > 1 ? left * 1000 : 1000);
}

static bool replace(char **to, const char *text)
{
    wipe_text(to);
    return !text || (*to = strdup(text)) != NULL;
}

static inno_rc take_exec_credential(struct k8s_work *work, const char *command, const json_t *credential)
{
    struct access *a = &work->self->access;
    const json_t *status = json_object_get(credential, "status");
    const char *token = json_string_value(json_object_get(status, "token")),
               *certificate = json_string_value(json_object_get(status, "clientCertificateData")),
               *key = json_string_value(json_object_get(status, "clientKeyData"));

    if (strcmp(text_at(credential, "kind", ""), "ExecCredential") != 0 || (!token && !certificate) || !certificate != !key)
        return K8S_FAIL(work, INNO_INVALID_CONFIG, "the credential plugin %.100s gave no ExecCredential with a token or certificate",
                        command);
    if (!replace(&a->token, token))
        return K8S_NO_MEMORY(work);
    if (certificate || a->exec_certificate) {
        if (!replace(&a->certificate, certificate) || !replace(&a->key, key))
            return K8S_NO_MEMORY(work);
        a->exec_certificate = certificate != NULL;
        rest_free(work->self->rest); /* it holds the old one */
        work->self->rest = NULL;
    }
    a->good_until_ms = renew_at(text_at(status, "expirationTimestamp", ""));
    return INNO_OK;
}

static inno_rc run_exec(struct k8s_work *work)
{
    const json_t *exec = work->self->access.exec;
    CLEANUP(exec_words_free) struct exec_words words = {.argc = 0};
    inno_exec command = {
        .struct_size = sizeof command, .argv = words.argv, .env = words.env, .flags = INNO_EXEC_QUIET_OUT, .timeout_ms = EXEC_MS};
    inno_exec_result result = {.struct_size = sizeof result};
    CLEANUP(json_put) json_t *credential = NULL;
    inno_rc rc;

    if (!INNO_HAS(work->host, exec))
        return K8S_FAIL(work, INNO_UNSUPPORTED, "this server cannot run programs for plugins, so no credential plugin");
    if (!make_words(exec, &words))
        return K8S_FAIL(work, INNO_INVALID_CONFIG, "kubeconfig: users.exec has args or env that are no texts, or more than %d", MAX_EXEC);
    rc = work->host->exec(work->call, &command, &result);
    if (rc != INNO_OK)
        return rc;
    if (result.exit_code != 0)
        return K8S_FAIL(work, INNO_UNAUTHORIZED, "the credential plugin %.100s ended with %d; its words are in the log", words.argv[0],
                        (int)result.exit_code);
    credential = json_loadb(result.out.bytes, (size_t)result.out.len, 0, NULL);
    return take_exec_credential(work, words.argv[0], credential);
}

/* ---- credentials of now ---- */

static inno_rc read_token(struct k8s_work *work)
{
    struct access *a = &work->self->access;
    char *token = NULL;
    inno_rc rc = access_read_file(work->host, work->call, "the token", a->token_file, &token);

    if (rc != INNO_OK)
        return rc;
    wipe_text(&a->token);
    a->token = token;
    if (!token[0] || strpbrk(token, " \r\n"))
        return K8S_FAIL(work, INNO_INVALID_CONFIG, "%.200s holds no token", a->token_file);
    a->good_until_ms = now_ms() + TOKEN_FILE_MS;
    return INNO_OK;
}

static inno_rc make_rest(struct k8s_work *work)
{
    struct kubernetes *self = work->self;
    const struct rest_settings settings = {.backend = "Kubernetes",
                                           .url = self->access.url,
                                           .ca_pem = self->access.ca,
                                           .certificate_pem = self->access.certificate,
                                           .key_pem = self->access.key,
                                           .timeout_ms = self->timeout_ms,
                                           .attempts = self->attempts,
                                           .max_bytes = 32u << 20};

    return self->rest ? INNO_OK : rest_new(work->host, work->call, &settings, &self->rest);
}

static inno_rc have_credentials(struct k8s_work *work)
{
    struct access *a = &work->self->access;
    inno_rc rc = INNO_OK;

    if ((a->exec || a->token_file) && now_ms() >= a->good_until_ms)
        rc = a->exec ? run_exec(work) : read_token(work);
    return rc == INNO_OK ? make_rest(work) : rc;
}

/* ---- requests ---- */

static inno_rc send_request(struct k8s_work *work, const struct rest_request *request, struct rest_answer *out)
{
    /* what an API server answers with 500 while etcd has no leader, or it is just starting */
    static const char *const passing[] = {
        "etcdserver:",        "context deadline exceeded", "the server is currently unable to handle the request",
        "connection refused", "apiserver not ready",       NULL};
    CLEANUP(wipe_text) char *bearer = NULL;
    const char *token = work->self->access.token;
    struct rest_header headers[] = {{"User-Agent", "innominatus-kubernetes/" K8S_VERSION}, {0}, {0}};
    struct rest_request copy = *request;

    if (token) {
        size_t cap = strlen(token) + 8;

        if (!(bearer = malloc(cap)))
            return K8S_NO_MEMORY(work);
        snprintf(bearer, cap, "Bearer %s", token);
        headers[1] = (struct rest_header){"Authorization", bearer};
    }
    copy.headers = headers;
    copy.passing = passing;
    return rest_call(work->self->rest, work->host, work->call, &copy, out);
}

static bool wants(const struct rest_request *request, int status)
{
    for (const int *also = request->also; also && *also; also++)
        if (*also == status)
            return true;
    return false;
}

inno_rc cluster_call(struct k8s_work *work, struct rest_request *request, struct rest_answer *out)
{
    struct access *a = &work->self->access;
    int also[12] = {401};
    struct rest_request inner = *request;
    inno_rc rc;

    for (size_t i = 0; request->also && request->also[i] && i < 10; i++)
        also[i + 1] = request->also[i];
    inner.also = also;
    for (int attempt = 0;; attempt++) {
        if ((rc = have_credentials(work)) != INNO_OK || (rc = send_request(work, &inner, out)) != INNO_OK)
            return rc;
        if (out->status != 401 || wants(request, 401))
            return INNO_OK;
        if (attempt > 0 || (!a->exec && !a->token_file))
            break;
        rest_answer_fini(out);
        a->good_until_ms = 0;
    }
    rest_answer_fini(out);
    return K8S_FAIL(work, INNO_UNAUTHORIZED, "Kubernetes at %s refuses the credentials of this entry (401)", a->url);
}

/* ---- refusals ---- */

/* "conflict with "kubectl": .spec.replicas" of every cause. */
static void say_causes(const json_t *causes, char *out, size_t cap)
{
    const json_t *cause;
    size_t i, used = 0;

    out[0] = '\0';
    json_array_foreach(causes, i, cause)
    {
        const char *field = text_at(cause, "field", ""), *message = text_at(cause, "message", "");
        int n = snprintf(out + used, cap - used, "%s%.120s%s%.200s", i ? "; " : "", field, field[0] && message[0] ? ": " : "", message);

        if (n < 0 || (size_t)n >= cap - used)
            return;
        used += (size_t)n;
    }
}

inno_rc cluster_fail(struct k8s_work *work, const struct rest_request *request, const struct rest_answer *answer, const char *what)
{
    const json_t *causes = json_object_get(json_object_get(answer->json, "details"), "causes");
    const char *message = text_at(answer->json, "message", "");
    char text[1200];

    if (answer->status == 409 && json_array_size(causes)) {
        say_causes(causes, text, sizeof text);
        return K8S_FAIL(
            work, INNO_ALREADY_EXISTS,
            "%s: others have set fields that this deployment sets too: %s. Undo it there, or take the fields over by config.force: true",
            what, text);
    }
    if (answer->status == 409 && strcmp(text_at(answer->json, "reason", ""), "Conflict") == 0)
        return K8S_FAIL(work, INNO_TRANSIENT, "%s was changed at the same moment: %.300s", what, message);
    if (answer->status == 403 && strstr(message, "is being terminated"))
        return K8S_FAIL(work, INNO_TRANSIENT, "%s: its namespace is just being removed: %.300s", what, message);
    if (answer->status == 403 && strstr(message, "exceeded quota"))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE,
                        "%s does not fit into the namespace's quota: %.400s. Ask for less, or have config.quotas raised", what, message);
    return rest_fail(work->self->rest, work->host, work->call, request, answer);
}

/* ---- for programs ---- */

static json_t *make_user(const struct access *a) { return a->token ? json_pack("{s:s}", "token", a->token) : json_object(); }

/* PEM texts go into files beside it: a kubeconfig names them. */
static inno_rc write_pem(struct k8s_work *work, json_t *to, const char *key, const char *file, const char *pem)
{
    char path[4096];
    int rc;

    if (!pem)
        return INNO_OK;
    snprintf(path, sizeof path, "%.3900s/%s", work->host->work_dir(work->call), file);
    rc = files_write(path, pem, strlen(pem));
    if (rc == 0 && json_object_set_new(to, key, json_string(path)) != 0)
        rc = ENOMEM;
    return rc == 0 ? INNO_OK : files_fail(work->host, work->call, rc, "writing", path);
}

inno_rc cluster_write_kubeconfig(struct k8s_work *work, const char *namespace, char out[4096])
{
    struct access *a = &work->self->access;
    CLEANUP(json_put) json_t *user = NULL, *cluster = NULL, *config = NULL;
    inno_rc rc = have_credentials(work);
    int number;

    if (rc != INNO_OK)
        return rc;
    user = make_user(a);
    cluster = json_pack("{s:s}", "server", a->url);
    if ((rc = write_pem(work, cluster, "certificate-authority", "ca.pem", a->ca)) != INNO_OK ||
        (rc = write_pem(work, user, "client-certificate", "client.pem", a->certificate)) != INNO_OK ||
        (rc = write_pem(work, user, "client-key", "client-key.pem", a->key)) != INNO_OK)
        return rc;
    config = json_pack("{s:s, s:s, s:s, s:[{s:s, s:O}], s:[{s:s, s:O}], s:[{s:s, s:{s:s, s:s, s:s}}]}", "apiVersion", "v1", "kind",
                       "Config", "current-context", "c", "clusters", "name", "c", "cluster", cluster, "users", "name", "u", "user", user,
                       "contexts", "name", "c", "context", "cluster", "c", "user", "u", "namespace", namespace);
    snprintf(out, 4096, "%.3900s/kubeconfig", work->host->work_dir(work->call));
    number = config ? files_write_json(out, config) : ENOMEM;
    return number == 0 ? INNO_OK : files_fail(work->host, work->call, number, "writing", out);
}
