/* Owns the reading of a kubeconfig: one context with its cluster and user. What would change who asks, or how the server is verified, is
 * taken or refused, never passed over. Slot's thread. */
#include "base64.h"
#include "kubernetes.h"
#include "yaml_read.h"
#include <stdio.h>

struct reading {
    struct access *out;
    const inno_host *host;
    inno_call *call;
};

#define WRONG(r, ...) (r)->host->fail((r)->call, INNO_INVALID_CONFIG, -1, "kubeconfig: " __VA_ARGS__)

/* {clusters: [{name, cluster: {...}}]}: the member of that name; NULL when there is none. */
static const json_t *named(const json_t *root, const char *list, const char *member, const char *name)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(root, list), i,
                       item) if (strcmp(text_at(item, "name", ""), name) == 0) return json_object_get(item, member);
    return NULL;
}

/* `KEY-data` (base64) or `KEY` (a file). */
static inno_rc take_pem(struct reading *r, const json_t *from, const char *key, char **out)
{
    char data_key[64];
    const char *data, *path = text_at(from, key, "");

    snprintf(data_key, sizeof data_key, "%s-data", key);
    data = text_at(from, data_key, "");
    if (data[0]) {
        *out = base64_decode(data);
        return *out && strstr(*out, "-----BEGIN ") ? INNO_OK : WRONG(r, "%s is no base64 of PEM text", data_key);
    }
    if (!path[0])
        return INNO_OK;
    if (path[0] != '/')
        return WRONG(r, "%s \"%.200s\" is relative; write an absolute path, or %s", key, path, data_key);
    return access_read_file(r->host, r->call, key, path, out);
}

static inno_rc refuse(struct reading *r, const json_t *from, const char *const *keys, const char *where, const char *instead)
{
    for (; *keys; keys++) {
        const json_t *value = json_object_get(from, *keys);

        if (value && !json_is_false(value) && !json_is_null(value) && !(json_is_string(value) && !json_string_length(value)))
            return WRONG(r, "%s has %s, which is not supported; %s", where, *keys, instead);
    }
    return INNO_OK;
}

static inno_rc take_cluster(struct reading *r, const json_t *cluster)
{
    static const char *const insecure[] = {"insecure-skip-tls-verify", NULL}, *const others[] = {"proxy-url", "tls-server-name", NULL};
    const char *server = text_at(cluster, "server", "");
    inno_rc rc = refuse(r, cluster, insecure, "the cluster", "TLS is always verified: give certificate-authority-data");

    if (rc == INNO_OK)
        rc = refuse(r, cluster, others, "the cluster", "the server must be reached directly, under a name of its certificate");
    if (rc != INNO_OK)
        return rc;
    if (!server[0])
        return WRONG(r, "the cluster has no server");
    r->out->url = strdup(server);
    if (!r->out->url)
        return r->host->fail(r->call, INNO_TRANSIENT, -1, "out of memory");
    return take_pem(r, cluster, "certificate-authority", &r->out->ca);
}

static inno_rc take_exec(struct reading *r, const json_t *exec)
{
    const char *command = text_at(exec, "command", ""), *version = text_at(exec, "apiVersion", "");

    if (!command[0] || strncmp(version, "client.authentication.k8s.io/v1", 31) != 0)
        return WRONG(r, "users.exec needs a command and an apiVersion of client.authentication.k8s.io/v1 or v1beta1");
    if (strcmp(text_at(exec, "interactiveMode", ""), "Always") == 0)
        return WRONG(r, "the credential plugin %.100s wants a terminal (interactiveMode: Always); there is none here", command);
    r->out->exec = json_deep_copy(exec);
    return r->out->exec ? INNO_OK : r->host->fail(r->call, INNO_TRANSIENT, -1, "out of memory");
}

static inno_rc take_user(struct reading *r, const json_t *user)
{
    static const char *const refused[] = {"username", "password", "auth-provider", "as", "as-groups", "as-uid", NULL};
    const char *token = text_at(user, "token", ""), *file = text_at(user, "tokenFile", "");
    inno_rc rc = refuse(r, user, refused, "the user", "use a token, tokenFile, a client certificate, or exec");

    if (rc == INNO_OK)
        rc = take_pem(r, user, "client-certificate", &r->out->certificate);
    if (rc == INNO_OK)
        rc = take_pem(r, user, "client-key", &r->out->key);
    if (rc != INNO_OK)
        return rc;
    if (!r->out->certificate != !r->out->key)
        return WRONG(r, "client-certificate and client-key belong together");
    if (json_is_object(json_object_get(user, "exec")))
        return take_exec(r, json_object_get(user, "exec"));
    if (file[0] && file[0] != '/')
        return WRONG(r, "tokenFile \"%.200s\" is relative; write an absolute path", file);
    if (strpbrk(token, " \r\n"))
        return WRONG(r, "the token has spaces or line breaks");
    if (file[0] && !(r->out->token_file = strdup(file)))
        return r->host->fail(r->call, INNO_TRANSIENT, -1, "out of memory");
    if (!file[0] && token[0] && !(r->out->token = strdup(token)))
        return r->host->fail(r->call, INNO_TRANSIENT, -1, "out of memory");
    return INNO_OK;
}

inno_rc access_take_kubeconfig(struct access *out, const inno_host *host, inno_call *call, const char *text, const char *context)
{
    struct reading r = {out, host, call};
    char why[300] = "it is empty";
    CLEANUP(json_put) json_t *documents = yaml_read(text, strlen(text), why, sizeof why);
    const json_t *root = json_array_get(documents, 0), *chosen, *cluster, *user;
    const char *name = context ? context : text_at(root, "current-context", "");
    inno_rc rc;

    if (!json_is_object(root))
        return WRONG(&r, "it cannot be read: %s", why);
    if (!name[0])
        return WRONG(&r, "it has no current-context; name one by config.context");
    chosen = named(root, "contexts", "context", name);
    cluster = named(root, "clusters", "cluster", text_at(chosen, "cluster", ""));
    user = named(root, "users", "user", text_at(chosen, "user", ""));
    if (!chosen || !cluster)
        return WRONG(&r, "there is no context \"%.100s\" with a cluster", name);
    if (!user && text_at(chosen, "user", "")[0])
        return WRONG(&r, "there is no user \"%.100s\", whom the context names", text_at(chosen, "user", ""));
    rc = take_cluster(&r, cluster);
    return rc == INNO_OK ? take_user(&r, user) : rc;
}
