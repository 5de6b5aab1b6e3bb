/* Owns the session with Vault: address and credentials, the token, one request with its attempts. Lock of the client held. */
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "secret/secret_priv.h"
#include "secret/vault_priv.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ATTEMPTS   4
#define PAUSE_MS   200 /* before the second attempt, doubled for each further one */
#define TIMEOUT_MS 10000
#define CA_BYTES   (1u << 20)

int64_t vault_half(int64_t seconds)
{
    return seconds > 0 && seconds < INT64_MAX / US_PER_SEC / 2 ? clock_mono_us() + seconds * (US_PER_SEC / 2) : VAULT_NEVER;
}

char *vault_escape(const char *path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/", digits[] = "0123456789ABCDEF";
    char *out = mem_zalloc(strlen(path) * 3 + 1), *to = out;

    for (const char *at = path; at;) {
        size_t len = strcspn(at, "/");

        if (len == 0 || (len <= 2 && strspn(at, ".") >= len)) {
            free(out);
            return NULL;
        }
        at = at[len] ? at + len + 1 : NULL;
    }
    for (; *path; path++)
        if (strchr(plain, *path)) {
            *to++ = *path;
        } else {
            *to++ = '%';
            *to++ = digits[(unsigned char)*path >> 4];
            *to++ = digits[(unsigned char)*path & 15];
        }
    return out;
}

/* ---- settings ---- */

static const char *setting(const struct secret_vault *v, const char *key, const char *variable)
{
    const char *text = v->settings ? json_str(v->settings, key) : getenv(variable);

    return text && *text ? text : NULL;
}

/* A reference of the settings; plain text only for what is no secret. */
static int open_setting(const char *text, struct secret *out, struct err *err)
{
    if (str_starts(text, "env:"))
        return secret_read_env(text + 4, out, err);
    if (str_starts(text, "file:"))
        return secret_read_file(text + 5, out, err);
    if (str_starts(text, "vault:"))
        return err_set(err, ERR_CONFIG, "what Vault is opened with cannot lie in Vault: write env:NAME or file:/path");
    secret_set(out, text, strlen(text));
    return 0;
}

static int read_ca(const struct secret_vault *v, char **out, struct err *err)
{
    const char *ca = setting(v, "ca", "VAULT_CACERT");

    if (!ca)
        return 0;
    if (str_starts(ca, "file:"))
        ca += 5;
    return io_read_file(ca, CA_BYTES, out, NULL, err) < 0 ? err_wrap(err, "the certificates of Vault's authority") : 0;
}

/* ---- one exchange ---- */

static int parse(const struct net_response *answer, json_t **out, struct err *err)
{
    *out = NULL;
    if (!answer->len || json_parse(answer->body, answer->len, "Vault's answer", LIMIT_HTTP_CLIENT_BYTES, out, err) == 0)
        return 0;
    return answer->status < 300 ? err_set(err, ERR_BACKEND_DOWN, "Vault answered %d with what is no JSON", answer->status) : 0;
}

static int no_address(struct err *err)
{
    return err_set(err, ERR_CONFIG,
                   "no Vault is configured: add vault: {url, credentials} to the admin-config, or set VAULT_ADDR and VAULT_TOKEN");
}

static int exchange(struct secret_vault *v, const struct vault_question *q, const struct secret *token, int *status, json_t **out,
                    struct err *err)
{
    CLEANUP(free_ptr) char *ca = NULL;
    CLEANUP(free_ptr) char *body = q->body ? json_text(q->body) : NULL;
    CLEANUP(net_response_fini) struct net_response answer = {0};
    const char *address = setting(v, "url", "VAULT_ADDR"), *space = setting(v, "namespace", "VAULT_NAMESPACE");
    CLEANUP(free_ptr) char *url = NULL;
    struct net_header headers[4] = {{"X-Vault-Request", "true"}, {"Content-Type", "application/json"}};
    size_t count = 2;
    int rc;

    if (!address)
        return no_address(err);
    if (read_ca(v, &ca, err) < 0)
        return -1;
    url = mem_printf("%.*s/v1/%s", (int)(strlen(address) - (str_ends(address, "/") ? 1 : 0)), address, q->path);
    if (token)
        headers[count++] = (struct net_header){"X-Vault-Token", token->bytes};
    if (space)
        headers[count++] = (struct net_header){"X-Vault-Namespace", space};
    rc = net_request_wait(v->net,
                          &(struct net_request){.method = q->method,
                                                .url = url,
                                                .headers = headers,
                                                .header_count = count,
                                                .body = body,
                                                .body_len = body ? strlen(body) : 0,
                                                .ca_pem = ca,
                                                .timeout_ms = q->timeout_ms ? q->timeout_ms : TIMEOUT_MS,
                                                .trust = NET_TRUSTED},
                          NULL, &answer, err);
    if (body)
        secret_wipe(body, strlen(body));
    if (rc < 0)
        return err_wrap(err, "Vault");
    *status = answer.status;
    rc = parse(&answer, out, err);
    secret_wipe(answer.body, answer.len);
    return rc;
}

static const char *first_error(const json_t *answer)
{
    const char *text = json_string_value(json_array_get(json_object_get(answer, "errors"), 0));

    return text ? text : "it does not say why";
}

/* The failure that a status means; 0 when it is for the caller. */
static int judge(const struct secret_vault *v, const struct vault_question *q, int status, const json_t *answer, struct err *err)
{
    const char *address = setting(v, "url", "VAULT_ADDR");
    enum err_code code = status == 401 || status == 403 ? ERR_UNAUTHORIZED : ERR_BACKEND_DOWN;

    if (status != 401 && status != 403 && status != 429 && status < 500)
        return 0;
    return err_set(err, code, "Vault at %.100s answered %d to %.200s: %.300s", address ? address : "", status, q->path,
                   first_error(answer));
}

static bool is_transient(const struct err *err, int status)
{
    return status == 0 ? err->code == ERR_BACKEND_DOWN || err->code == ERR_TIMEOUT
                       : status == 429 || status == 502 || status == 503 || status == 504 ||
                             (status == 500 && strstr(err->msg, "node not active")); /* a cluster that has no leader just now */
}

/* Attempts, as long as it may get better by itself. */
static int persist(struct secret_vault *v, const struct vault_question *q, const struct secret *token, int *status, json_t **out,
                   struct err *err)
{
    int64_t pause = PAUSE_MS;

    for (int attempt = 1;; attempt++, pause *= 2) {
        struct err why = {0};

        *status = 0;
        *out = NULL;
        if (exchange(v, q, token, status, out, &why) == 0 && judge(v, q, *status, *out, &why) == 0)
            return 0;
        if (q->once || attempt == ATTEMPTS || !is_transient(&why, *status)) {
            json_put(out);
            *err = why;
            return -1;
        }
        json_put(out);
        nanosleep(&(struct timespec){.tv_sec = pause / 1000, .tv_nsec = pause % 1000 * 1000000}, NULL);
    }
}

/* ---- logging in ---- */

static int add_opened(json_t *body, const char *key, const json_t *settings, const char *from, struct err *err)
{
    CLEANUP(secret_fini) struct secret clear = {0};
    const char *text = json_str(settings, from);

    if (!text)
        return err_set(err, ERR_CONFIG, "vault.auth.%s is missing", from);
    if (open_setting(text, &clear, err) < 0)
        return err_wrap(err, "vault.auth.%s", from);
    json_object_set_new(body, key, json_stringn(clear.bytes, clear.len));
    return 0;
}

static int take_token(struct secret_vault *v, const json_t *answer, struct err *err)
{
    const json_t *auth = json_object_get(answer, "auth");
    const char *token = json_str(auth, "client_token");

    if (!token)
        return err_set(err, ERR_UNAUTHORIZED, "Vault's login gave no token");
    secret_set(&v->token, token, strlen(token));
    v->own_token = true;
    v->renewable = json_flag(auth, "renewable", false);
    v->renew_at_us = vault_half(json_int(auth, "lease_duration", 0));
    vault_keeper_wake(v);
    return 0;
}

static int log_in_by(struct secret_vault *v, const json_t *auth, struct err *err)
{
    static const struct {
        const char *method, *sends[2], *from[2];
    } methods[] = {{"approle", {"role_id", "secret_id"}, {"roleId", "secretId"}}, {"kubernetes", {"role", "jwt"}, {"role", "jwt"}}};
    CLEANUP(json_put) json_t *body = json_object(), *answer = NULL;
    CLEANUP(free_ptr) char *mount = NULL, *path = NULL;
    const char *method = json_str(auth, "method");
    size_t i = 0;
    int status;

    while (i < 2 && !str_eq(methods[i].method, method))
        i++;
    if (i == 2)
        return err_set(err, ERR_CONFIG, "vault.auth.method must be approle or kubernetes; a token is given as vault.credentials");
    mount = vault_escape(json_str(auth, "mount") ? json_str(auth, "mount") : method);
    if (!mount)
        return err_set(err, ERR_CONFIG, "vault.auth.mount is no path");
    path = mem_printf("auth/%s/login", mount);
    if (add_opened(body, methods[i].sends[0], auth, methods[i].from[0], err) < 0 ||
        add_opened(body, methods[i].sends[1], auth, methods[i].from[1], err) < 0 ||
        persist(v, &(struct vault_question){.method = "POST", .path = path, .body = body}, NULL, &status, &answer, err) < 0)
        return -1;
    if (status != 200)
        return err_set(err, ERR_UNAUTHORIZED, "Vault refuses the login by %s: %.300s", method, first_error(answer));
    return take_token(v, answer, err);
}

/* What is known of a token that was given: how long it lives. One that may not look at itself may still be good. */
static void learn_life(struct secret_vault *v)
{
    CLEANUP(json_put) json_t *answer = NULL;
    struct err ignored = {0};
    const json_t *data;
    int status;

    if (persist(v, &(struct vault_question){.path = "auth/token/lookup-self", .once = true}, &v->token, &status, &answer, &ignored) < 0)
        return;
    data = json_object_get(answer, "data");
    v->renewable = json_flag(data, "renewable", false);
    v->renew_at_us = v->renewable ? vault_half(json_int(data, "ttl", 0)) : VAULT_NEVER;
    vault_keeper_wake(v);
}

static int log_in(struct secret_vault *v, struct err *err)
{
    const json_t *auth = v->settings ? json_object_get(v->settings, "auth") : NULL;
    const char *token = setting(v, "credentials", "VAULT_TOKEN");

    v->own_token = v->renewable = false;
    v->renew_at_us = VAULT_NEVER;
    if (!setting(v, "url", "VAULT_ADDR"))
        return no_address(err);
    if (auth)
        return log_in_by(v, auth, err);
    if (!token)
        return err_set(err, ERR_CONFIG,
                       "Vault has no credentials: add vault.credentials or vault.auth to the admin-config, or set VAULT_TOKEN");
    if (open_setting(token, &v->token, err) < 0)
        return err_wrap(err, "vault.credentials");
    learn_life(v);
    return 0;
}

int vault_ask(struct secret_vault *v, const struct vault_question *q, int *status, json_t **out, struct err *err)
{
    bool fresh = false;

    for (;;) {
        struct err why = {0};

        if (!v->token.len) {
            fresh = true;
            if (log_in(v, err) < 0)
                return -1;
        }
        if (persist(v, q, &v->token, status, out, &why) == 0)
            return 0;
        if (why.code != ERR_UNAUTHORIZED || fresh) {
            *err = why;
            return -1;
        }
        vault_log_out(v); /* revoked, or another one lies in the file by now */
    }
}

/* ---- the end of a token ---- */

void vault_keep_token(struct secret_vault *v)
{
    CLEANUP(json_put) json_t *body = json_object(), *answer = NULL;
    struct err ignored = {0};
    const json_t *auth;
    int status;

    if (!v->token.len || clock_mono_us() < v->renew_at_us)
        return;
    v->renew_at_us = VAULT_NEVER;
    if (!v->renewable || persist(v, &(struct vault_question){.method = "POST", .path = "auth/token/renew-self", .body = body, .once = true},
                                 &v->token, &status, &answer, &ignored) < 0)
        return; /* the next request finds the token gone and logs in again */
    auth = json_object_get(answer, "auth");
    v->renewable = json_flag(auth, "renewable", false);
    v->renew_at_us = vault_half(json_int(auth, "lease_duration", 0));
}

void vault_log_out(struct secret_vault *v)
{
    CLEANUP(json_put) json_t *body = json_object(), *answer = NULL;
    struct err ignored = {0};
    int status;

    if (v->token.len && v->own_token)
        persist(
            v, &(struct vault_question){.method = "POST", .path = "auth/token/revoke-self", .body = body, .timeout_ms = 2000, .once = true},
            &v->token, &status, &answer, &ignored);
    secret_fini(&v->token);
    v->own_token = v->renewable = false;
    v->renew_at_us = VAULT_NEVER;
}
