/* Owns what an entry's config says about reaching the API server: a kubeconfig, the pod's own service account, or url and credentials.
 * Slot's thread. */
#include "kubernetes.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define ACCOUNT_DIR "/var/run/secrets/kubernetes.io/serviceaccount"
#define FILE_BYTES  (1024 * 1024)

void access_fini(struct access *a)
{
    free_text(&a->url);
    free_text(&a->ca);
    free_text(&a->certificate);
    wipe_text(&a->key);
    wipe_text(&a->token);
    free_text(&a->token_file);
    json_decref(a->exec);
    *a = (struct access){0};
}

/* ---- files ---- */

static int read_whole(int fd, size_t size, char **out)
{
    char *text = calloc(1, size + 1);
    size_t used = 0;
    ssize_t got = 1;

    if (!text)
        return ENOMEM;
    while (used < size && got > 0)
        if ((got = read(fd, text + used, size - used)) > 0)
            used += (size_t)got;
    if (got < 0 || strlen(text) != used) {
        int rc = got < 0 ? errno : EINVAL;

        wipe_text(&text);
        return rc;
    }
    while (used && (text[used - 1] == '\n' || text[used - 1] == '\r'))
        text[--used] = '\0';
    *out = text;
    return 0;
}

inno_rc access_read_file(const inno_host *host, inno_call *call, const char *what, const char *path, char **out)
{
    CLEANUP(close_fd) int fd = path[0] == '/' ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    struct stat st;
    int rc;

    if (path[0] != '/')
        return host->fail(call, INNO_INVALID_CONFIG, -1, "%s: \"%.200s\" is no absolute path", what, path);
    rc = fd < 0 || fstat(fd, &st) != 0 ? errno : 0;
    if (rc == 0 && (!S_ISREG(st.st_mode) || st.st_size > FILE_BYTES))
        rc = EINVAL;
    if (rc == 0)
        rc = read_whole(fd, (size_t)st.st_size, out);
    if (rc == EACCES || rc == EPERM || rc == ENOENT)
        return host->fail(call, INNO_INVALID_CONFIG, -1,
                          "%s: %.200s cannot be read (%s); the entry may need grant: [network, exec, secrets, read:%.200s]", what, path,
                          strerror(rc), path);
    return rc == 0 ? INNO_OK : host->fail(call, INNO_INVALID_CONFIG, -1, "%s: %.200s cannot be read: %s", what, path, strerror(rc));
}

/* ---- the ways ---- */

/* The three take what they need into `out`; who calls frees it on failure too. */
static inno_rc take_in_cluster(struct access *out, const inno_host *host, inno_call *call)
{
    inno_rc rc;

    out->url = strdup("https://kubernetes.default.svc");
    out->token_file = strdup(ACCOUNT_DIR "/token");
    if (!out->url || !out->token_file)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    rc = access_read_file(host, call, "the service account's authority", ACCOUNT_DIR "/ca.crt", &out->ca);
    return rc;
}

static inno_rc take_kubeconfig(struct access *out, const inno_host *host, inno_call *call, const char *where, const json_t *config)
{
    const char *given = text_at(config, "kubeconfig", ""), *context = json_string_value(json_object_get(config, "context"));
    CLEANUP(wipe_text) char *text = NULL;
    char what[60];
    inno_rc rc;

    if (given[0] == '/') {
        snprintf(what, sizeof what, "%s.kubeconfig", where);
        rc = access_read_file(host, call, what, given, &text);
        if (rc != INNO_OK)
            return rc;
        given = text;
    }
    return access_take_kubeconfig(out, host, call, given, context);
}

static inno_rc copy_text(const inno_host *host, inno_call *call, const char *text, char **out)
{
    if (!text)
        return INNO_OK;
    *out = strdup(text);
    return *out ? INNO_OK : host->fail(call, INNO_TRANSIENT, -1, "out of memory");
}

static inno_rc take_url(struct access *out, const inno_host *host, inno_call *call, const char *where, const json_t *config)
{
    const char *token = json_string_value(json_object_get(config, "credentials"));
    struct rest_settings settings;
    inno_rc rc = rest_take_settings(host, call, where, config, "Kubernetes", &settings);

    if (rc == INNO_OK)
        rc = copy_text(host, call, settings.url, &out->url);
    if (rc == INNO_OK)
        rc = copy_text(host, call, settings.ca_pem, &out->ca);
    if (rc == INNO_OK)
        rc = copy_text(host, call, settings.certificate_pem, &out->certificate);
    if (rc == INNO_OK)
        rc = copy_text(host, call, settings.key_pem, &out->key);
    if (rc == INNO_OK)
        rc = copy_text(host, call, token, &out->token);
    if (rc == INNO_OK && token && (!token[0] || strpbrk(token, " \r\n")))
        rc = host->fail(call, INNO_INVALID_CONFIG, -1, "%s.credentials must be a token, as env:NAME or file:/path", where);
    return rc;
}

inno_rc access_take(struct access *out, const inno_host *host, inno_call *call, const char *where, const json_t *config)
{
    bool kubeconfig = json_object_get(config, "kubeconfig") != NULL, inside = json_is_true(json_object_get(config, "inCluster")),
         url = json_object_get(config, "url") != NULL;

    if (kubeconfig + inside + url != 1)
        return host->fail(call, INNO_INVALID_CONFIG, -1,
                          "say how the API server is reached by exactly one of %s.kubeconfig (file:/path), %s.url with credentials, and "
                          "%s.inCluster: true",
                          where, where, where);
    if (kubeconfig)
        return take_kubeconfig(out, host, call, where, config);
    return inside ? take_in_cluster(out, host, call) : take_url(out, host, call, where, config);
}

inno_rc cluster_take(struct kubernetes *self, const inno_host *host, inno_call *call, const char *where, json_t *config)
{
    inno_rc rc = rest_take_limits(host, call, where, config, &self->timeout_ms, &self->attempts);

    self->config = json_incref(config);
    self->kinds = json_object();
    if (rc == INNO_OK && !self->kinds)
        rc = host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    return rc == INNO_OK ? access_take(&self->access, host, call, where, config) : rc;
}

void cluster_fini(struct kubernetes *self)
{
    rest_free(self->rest);
    access_fini(&self->access);
    json_decref(self->config);
    json_decref(self->kinds);
}
