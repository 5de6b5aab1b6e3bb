/* Owns the token: where it comes from, how long it lives, when it is renewed or got anew. Slot's thread. */
#include "vault.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define HEADERS 4

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- config ---- */

static const struct method {
    const char *name;
    enum vault_login login;
    const char *mount;
    const char *needs[2]; /* members of config.auth */
    const char *sends[2]; /* what they are called in the login */
} methods[] = {
    {"approle", VAULT_APPROLE, "approle", {"roleId", "secretId"}, {"role_id", "secret_id"}},
    {"kubernetes", VAULT_KUBERNETES, "kubernetes", {"role", "jwt"}, {"role", "jwt"}},
};

static const struct method *method_of(enum vault_login login)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (methods[i].login == login)
            return &methods[i];
    return NULL;
}

static inno_rc take_auth(struct vault *self, const inno_host *host, inno_call *call, const json_t *auth)
{
    const char *name = json_string_value(json_object_get(auth, "method")), *mount = json_string_value(json_object_get(auth, "mount"));
    const struct method *method = NULL;

    for (size_t i = 0; name && i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i].name, name) == 0)
            method = &methods[i];
    if (!method)
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.auth.method must be approle or kubernetes; for a token use credentials");
    for (size_t i = 0; i < 2; i++) {
        const char *text = json_string_value(json_object_get(auth, method->needs[i]));

        if (!text || !text[0])
            return host->fail(call, INNO_INVALID_CONFIG, -1, "config.auth.%s is missing; %s needs it", method->needs[i], name);
    }
    self->login = method->login;
    self->auth_mount = strdup(mount ? mount : method->mount);
    return self->auth_mount ? INNO_OK : host->fail(call, INNO_TRANSIENT, -1, "out of memory");
}

inno_rc session_take(struct vault *self, const inno_host *host, inno_call *call, const json_t *config)
{
    const json_t *auth = json_object_get(config, "auth");
    const char *token = json_string_value(json_object_get(config, "credentials"));

    if (auth)
        return take_auth(self, host, call, auth);
    if (!token || !token[0] || strpbrk(token, " \r\n"))
        return host->fail(call, INNO_INVALID_CONFIG, -1,
                          "neither config.credentials (a token, as env:NAME or file:/path) nor config.auth is there");
    self->token = strdup(token);
    return self->token ? INNO_OK : host->fail(call, INNO_TRANSIENT, -1, "out of memory");
}

void session_fini(struct vault *self)
{
    wipe_text(&self->token);
    free_text(&self->auth_mount);
}

/* ---- requests ---- */

static inno_rc send_request(struct vault_work *work, const struct rest_request *request, const char *token, struct rest_answer *out)
{
    /* what a cluster answers with 500 while it has no leader */
    static const char *const passing[] = {"node not active", "active cluster node not found", NULL};
    struct rest_header headers[HEADERS] = {{"X-Vault-Request", "true"}};
    struct rest_request copy = *request;
    size_t count = 1;

    if (token)
        headers[count++] = (struct rest_header){"X-Vault-Token", token};
    if (work->self->namespace)
        headers[count++] = (struct rest_header){"X-Vault-Namespace", work->self->namespace};
    copy.headers = headers;
    copy.passing = passing;
    return rest_call(work->self->rest, work->host, work->call, &copy, out);
}

/* Remembers a token's life. It is renewed after half of it. */
static void note_life(struct vault *self, int64_t seconds, bool renewable)
{
    self->known = true;
    self->renewable = renewable;
    self->renew_at_ms = seconds > 0 && seconds < INT64_MAX / 1000 ? now_ms() + seconds * 500 : INT64_MAX;
}

/* ---- logging in ---- */

static inno_rc take_login(struct vault_work *work, const struct rest_answer *answer)
{
    const json_t *auth = json_object_get(answer->json, "auth");
    const char *token = json_string_value(json_object_get(auth, "client_token"));

    if (!token)
        return VAULT_FAIL(work, INNO_FAILED, "Vault at %s: the login gave no token", rest_url(work->self->rest));
    wipe_text(&work->self->token);
    work->self->token = strdup(token);
    if (!work->self->token)
        return VAULT_NO_MEMORY(work);
    note_life(work->self, json_integer_value(json_object_get(auth, "lease_duration")), json_is_true(json_object_get(auth, "renewable")));
    return INNO_OK;
}

static inno_rc log_in(struct vault_work *work)
{
    const struct method *method = method_of(work->self->login);
    const json_t *auth = json_object_get(work->self->config, "auth");
    CLEANUP(json_put) json_t *body = json_object();
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    CLEANUP(free_text) char *path = rest_path("/v1/auth/{+}/login", work->self->auth_mount);
    struct rest_request request = {.method = "POST", .path = path, .json = body, .secret_body = true, .repeatable = true};
    inno_rc rc;

    for (size_t i = 0; i < 2; i++)
        if (json_object_set(body, method->sends[i], json_object_get(auth, method->needs[i])) != 0)
            return VAULT_NO_MEMORY(work);
    if (!path)
        return VAULT_FAIL(work, INNO_INVALID_CONFIG, "config.auth.mount \"%s\" is no path", work->self->auth_mount);
    rc = send_request(work, &request, NULL, &answer);
    if (rc == INNO_INVALID_RESOURCE) /* 400: a wrong role or secret id; no params of a developer's */
        return VAULT_FAIL(work, INNO_UNAUTHORIZED, "Vault at %s refuses the login by %s; look at config.auth of the entry",
                          rest_url(work->self->rest), method->name);
    return rc == INNO_OK ? take_login(work, &answer) : rc;
}

/* ---- life of the token ---- */

static inno_rc learn_life(struct vault_work *work)
{
    static const int also[] = {400, 403, 404, 0}; /* a token that may not look at itself may still be good */
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.path = "/v1/auth/token/lookup-self", .also = also};
    inno_rc rc = send_request(work, &request, work->self->token, &answer);
    const json_t *data = json_object_get(answer.json, "data");

    if (rc == INNO_OK)
        note_life(work->self, json_integer_value(json_object_get(data, "ttl")), json_is_true(json_object_get(data, "renewable")));
    return rc;
}

static inno_rc renew(struct vault_work *work)
{
    static const int also[] = {400, 403, 404, 0};
    CLEANUP(json_put) json_t *body = json_object();
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.method = "POST", .path = "/v1/auth/token/renew-self", .json = body, .also = also, .repeatable = true};
    inno_rc rc = send_request(work, &request, work->self->token, &answer);
    const json_t *auth = json_object_get(answer.json, "auth");

    if (rc != INNO_OK)
        return rc;
    if (answer.status == 200 && json_is_object(auth)) {
        note_life(work->self, json_integer_value(json_object_get(auth, "lease_duration")),
                  json_is_true(json_object_get(auth, "renewable")));
        work->host->log(work->call, INNO_LOG_DEBUG, "the token was renewed");
        return INNO_OK;
    }
    work->self->renewable = false;
    work->self->renew_at_ms = INT64_MAX;
    return INNO_OK;
}

/* A token that lives at least half of its time more. */
static inno_rc have_token(struct vault_work *work)
{
    struct vault *self = work->self;
    inno_rc rc = INNO_OK;

    if (!self->token)
        return log_in(work);
    if (!self->known)
        rc = learn_life(work);
    if (rc != INNO_OK || now_ms() < self->renew_at_ms)
        return rc;
    if (self->renewable && (rc = renew(work)) != INNO_OK)
        return rc;
    if (self->renewable)
        return INNO_OK;
    if (self->login != VAULT_TOKEN)
        return log_in(work);
    work->host->log(work->call, INNO_LOG_WARN, "the token of this entry ends soon and cannot be renewed; give the entry another one");
    self->renew_at_ms = INT64_MAX;
    return INNO_OK;
}

inno_rc session_call(struct vault_work *work, struct rest_request *request, struct rest_answer *out)
{
    int also[12] = {403};
    const int *asked = request->also;
    struct rest_request inner = *request;
    bool wants_403 = false;
    inno_rc rc;

    for (size_t i = 0; asked && asked[i] && i < 10; i++) {
        also[i + 1] = asked[i];
        wants_403 = wants_403 || asked[i] == 403;
    }
    inner.also = also;
    for (int attempt = 0;; attempt++) {
        if ((rc = have_token(work)) != INNO_OK || (rc = send_request(work, &inner, work->self->token, out)) != INNO_OK)
            return rc;
        if (out->status != 403 || wants_403)
            return INNO_OK;
        if (attempt > 0 || work->self->login == VAULT_TOKEN)
            break;
        rest_answer_fini(out); /* revoked, or gone with a restart of a Vault in memory */
        wipe_text(&work->self->token);
    }
    rc = rest_fail(work->self->rest, work->host, work->call, request, out);
    rest_answer_fini(out);
    return rc;
}

inno_rc session_check(struct vault_work *work)
{
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.path = "/v1/auth/token/lookup-self"};

    return session_call(work, &request, &answer);
}
