/* payment-gateway {currency, displayName, callbackUrl} -> merchant_id, url and the secret api_key.
 *
 * Registers a merchant at the payment company's API that the entry's config names: {endpoint, token, timeout}. Everything is idempotent:
 * the merchant's id follows from the resource's identity, PUT makes or changes, DELETE of the unknown is fine. The slots run on one thread.
 */
#include "http.h"
#include <innominatus/helpers.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TIMEOUT_MS 10000
#define MAX_TIMEOUT_MS     600000

struct gateway {
    struct http_endpoint endpoint;
    char url[800]; /* the endpoint as configured, without a slash at its end */
    char *token;
    int64_t timeout_ms;
};

/* ---- open and close ---- */

static void gateway_close(void *opaque)
{
    struct gateway *self = opaque;

    if (self->token) {
        explicit_bzero(self->token, strlen(self->token));
        free(self->token);
    }
    free(self);
}

static inno_rc take_config(struct gateway *self, const inno_host *host, inno_call *call, inno_span config)
{
    const char *endpoint = inno_json_string(host, call, config, "endpoint", ""), *token = inno_json_string(host, call, config, "token", "");
    char why[200];
    size_t len = strlen(endpoint);

    if (len >= sizeof self->url || http_parse_endpoint(endpoint, &self->endpoint, why, sizeof why) != 0)
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.endpoint %s", len >= sizeof self->url ? "is too long" : why);
    memcpy(self->url, endpoint, len + 1);
    while (len && self->url[len - 1] == '/')
        self->url[--len] = '\0';
    if (!*token || strpbrk(token, "\r\n"))
        return host->fail(call, INNO_INVALID_CONFIG, -1,
                          "config.token is missing; name where it is, such as token: 'file:/etc/innominatus/gateway.token'");
    self->token = strdup(token);
    if (!self->token)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    self->timeout_ms = inno_json_duration(config, "timeout", inno_json_has(config, "timeout") ? 0 : DEFAULT_TIMEOUT_MS);
    if (self->timeout_ms < 1 || self->timeout_ms > MAX_TIMEOUT_MS)
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.timeout must be a duration such as \"10s\", at most 10m");
    return INNO_OK;
}

static inno_rc gateway_open(const inno_host *host, inno_call *call, inno_span config, void **out)
{
    struct gateway *self = calloc(1, sizeof *self);
    inno_rc rc;

    if (!self)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    rc = take_config(self, host, call, config);
    if (rc == INNO_OK)
        *out = self;
    else
        gateway_close(self);
    return rc;
}

/* ---- one request ---- */

struct request {
    const struct gateway *self;
    const inno_host *host;
    inno_call *call;
    const char *method, *path, *key, *body;
};

/* What the gateway says about a refusal: one line of printable ASCII, at most 200 characters. */
static const char *detail_of(const struct request *r, const struct http_answer *answer)
{
    const char *told = inno_json_string(r->host, r->call, inno_span_of(answer->body), "detail", "no reason given");
    char *text = r->host->alloc(r->call, 201);
    size_t len = 0;

    for (; text && told[len] && len < 200; len++)
        text[len] = told[len] >= ' ' && told[len] < 0x7f ? told[len] : '?';
    return text ? text : "";
}

/* Sends it; *answer is always to be released by http_answer_fini. INNO_OK for any answer below 300 and for 404, whose meaning is the
 * caller's, else the failure. */
static inno_rc exchange(const struct request *r, struct http_answer *answer)
{
    int64_t left = r->host->deadline_ms(r->call);
    struct http_request request = {&r->self->endpoint,
                                   r->method,
                                   r->path,
                                   r->self->token,
                                   r->key,
                                   r->body,
                                   left < r->self->timeout_ms ? left : r->self->timeout_ms,
                                   r->host->cancel_fd(r->call)};
    static const inno_rc codes[] = {[HTTP_UNREACHABLE] = INNO_TRANSIENT,
                                    [HTTP_TIMED_OUT] = INNO_TIMEOUT,
                                    [HTTP_CANCELED] = INNO_CANCELED,
                                    [HTTP_BAD_ANSWER] = INNO_FAILED,
                                    [HTTP_NO_MEMORY] = INNO_TRANSIENT};
    enum http_outcome outcome;

    *answer = (struct http_answer){0};
    if (r->host->canceled(r->call))
        return r->host->fail(r->call, INNO_CANCELED, -1, "stopped before %s", r->method);
    outcome = http_send(&request, answer);
    if (outcome != HTTP_ANSWERED)
        return r->host->fail(r->call, codes[outcome], -1, "payment gateway %s", answer->why);
    if (answer->status < 300 || answer->status == 404)
        return INNO_OK;
    if (answer->status == 401 || answer->status == 403)
        return r->host->fail(r->call, INNO_UNAUTHORIZED, -1, "payment gateway %s refused the token (%d); check config.token of this entry",
                             r->self->url, answer->status);
    if (answer->status == 408 || answer->status == 429 || answer->status >= 500)
        return r->host->fail(r->call, INNO_TRANSIENT, -1, "payment gateway %s answered %d: %s", r->self->url, answer->status,
                             detail_of(r, answer));
    if (answer->status == 400 || answer->status == 422)
        return r->host->fail(r->call, INNO_INVALID_RESOURCE, -1, "payment gateway refused the merchant: %s", detail_of(r, answer));
    return r->host->fail(r->call, INNO_FAILED, -1, "payment gateway %s answered %d: %s", r->self->url, answer->status,
                         detail_of(r, answer));
}

/* ---- identity ---- */

/* Adds what of `text` fits an id: lower-case letters, digits and '-'. */
static size_t add_readable(char *out, size_t used, size_t limit, const char *text)
{
    for (; *text && used < limit; text++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;

        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[used++] = c;
        else if (used && out[used - 1] != '-')
            out[used++] = '-';
    }
    return used;
}

/* Who owns the merchant, as it is written at the gateway. */
static const char *owner_of(const inno_resource *res)
{
    size_t size = strlen(res->org) + strlen(res->team) + strlen(res->environment) + strlen(res->uid) + 4;
    char *owner = res->host->alloc(res->call, size);

    if (owner)
        snprintf(owner, size, "%s/%s/%s/%s", res->org, res->team, res->environment, res->uid);
    return owner;
}

/* The merchant's path. The id of an earlier run is in the state; else it follows from the identity: readable, and a hash that tells owners
 * apart. A clash of hashes is found by the owner that the gateway keeps. */
static const char *merchant_id(const inno_resource *res)
{
    const char *known = inno_json_string(res->host, res->call, res->state, "merchant_id", ""), *tail = strchr(res->uid, '#'),
               *owner = owner_of(res);
    char *id = res->host->alloc(res->call, 101);
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    size_t used;

    if (*known && strlen(known) <= 100 && strspn(known, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(known))
        return known;
    if (!id || !owner)
        return NULL;
    for (const char *at = owner; *at; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    used = add_readable(id, 0, 40, tail ? tail + 1 : res->name);
    used = add_readable(id, used, 41, "-");
    used = add_readable(id, used, 60, res->environment);
    used = add_readable(id, used, 61, "-");
    snprintf(id + used, 101 - used, "%s%016llx", used ? "" : "m-", (unsigned long long)hash);
    return id;
}

/* Fills in what all slots need: the id and its path. */
static inno_rc make_request(struct request *r, const struct gateway *self, const inno_resource *res, const char *method,
                            const char **out_id)
{
    const char *id = merchant_id(res);
    char *path = res->host->alloc(res->call, 120);

    if (!id || !path)
        return res->host->fail(res->call, INNO_TRANSIENT, -1, "out of memory");
    snprintf(path, 120, "/merchants/%s", id);
    *r = (struct request){self, res->host, res->call, method, path, NULL, NULL};
    *out_id = id;
    return INNO_OK;
}

/* ---- provision ---- */

/* The merchant of that id at the gateway must be ours: it was made for this very resource. */
static inno_rc check_owner(const struct request *base, const inno_resource *res, const char *id)
{
    struct request get = *base;
    struct http_answer answer;
    inno_rc rc;

    get.method = "GET";
    rc = exchange(&get, &answer);
    if (rc == INNO_OK && answer.status != 404) {
        const char *owner = inno_json_string(res->host, res->call, inno_span_of(answer.body), "owner", "");
        const char *ours = owner_of(res);

        if (!ours || strcmp(owner, ours) != 0)
            rc = res->host->fail(res->call, INNO_ALREADY_EXISTS, -1,
                                 "the payment gateway has a merchant %s that is not this resource's; remove it there first", id);
    }
    http_answer_fini(&answer);
    return rc;
}

/* The request's body; NULL when out of memory. */
static const char *make_body(const inno_resource *res, const char *currency, const char *callback)
{
    const char *name = inno_get_string(res, "displayName", res->application), *owner = owner_of(res);
    const char *parts[4];
    size_t size = 100;
    char *body;

    parts[0] = inno_json_quote(res->host, res->call, name);
    parts[1] = inno_json_quote(res->host, res->call, currency);
    parts[2] = inno_json_quote(res->host, res->call, callback);
    parts[3] = owner ? inno_json_quote(res->host, res->call, owner) : NULL;
    for (int i = 0; i < 4; i++) {
        if (!parts[i])
            return NULL;
        size += strlen(parts[i]);
    }
    body = res->host->alloc(res->call, size);
    if (body)
        snprintf(body, size, "{\"display_name\":%s,\"currency\":%s,\"callback_url\":%s,\"owner\":%s}", parts[0], parts[1], parts[2],
                 parts[3]);
    return body;
}

static inno_rc check_params(const inno_resource *res, const char **currency, const char **callback)
{
    static const char *const texts[] = {"currency", "displayName", "callbackUrl"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (inno_get_has(res, texts[i]) && !inno_get_string(res, texts[i], NULL))
            return res->host->fail(res->call, INNO_INVALID_RESOURCE, -1, "params.%s must be a text", texts[i]);
    *currency = inno_get_string(res, "currency", "EUR");
    *callback = inno_get_string(res, "callbackUrl", "");
    if (strlen(*currency) != 3 || strspn(*currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
        return res->host->fail(res->call, INNO_INVALID_RESOURCE, -1, "params.currency must be three capital letters such as EUR");
    return INNO_OK;
}

/* Keeps the id, then says what the developer gets. */
static inno_rc give_outputs(const struct gateway *self, const inno_resource *res, const char *id, const struct http_answer *answer)
{
    const inno_host *host = res->host;
    const char *api_key = inno_json_string(host, res->call, inno_span_of(answer->body), "api_key", "");
    char text[1000];
    inno_rc rc;

    if (answer->status == 404 || inno_json_type(inno_span_of(answer->body)) != INNO_JSON_OBJECT || !*api_key)
        return host->fail(res->call, INNO_FAILED, -1, "payment gateway %s answered %d without an api_key; is this its API?", self->url,
                          answer->status);
    snprintf(text, sizeof text, "{\"merchant_id\":\"%s\"}", id);
    rc = host->state(res->call, inno_span_of(text));
    if (rc != INNO_OK)
        return host->fail(res->call, rc, -1, "the merchant %s is registered, but that could not be stored", id);
    snprintf(text, sizeof text, "%s/merchants/%s", self->url, id);
    host->output(res->call, "merchant_id", id);
    host->output(res->call, "url", text);
    host->secret_output(res->call, "api_key", api_key);
    return INNO_OK;
}

static inno_rc gateway_provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    const char *currency, *callback, *id = NULL;
    struct http_answer answer;
    struct request put;
    inno_rc rc = check_params(res, &currency, &callback);

    if (rc != INNO_OK || (rc = make_request(&put, self, res, "PUT", &id)) != INNO_OK || (rc = check_owner(&put, res, id)) != INNO_OK)
        return rc;
    put.key = res->idempotency_key;
    put.body = make_body(res, currency, callback);
    if (!put.body)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    host->progress(call, 50, "registering the merchant");
    rc = exchange(&put, &answer);
    if (rc == INNO_OK)
        rc = give_outputs(self, res, id, &answer);
    http_answer_fini(&answer);
    return rc;
}

/* ---- the other slots ---- */

static inno_rc gateway_deprovision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    struct http_answer answer;
    struct request delete;
    const char *id = NULL;
    inno_rc rc = make_request(&delete, self, res, "DELETE", &id);

    if (rc != INNO_OK)
        return rc;
    /* somebody else's merchant stays; that is the same as ours being gone */
    rc = check_owner(&delete, res, id);
    if (rc == INNO_ALREADY_EXISTS) {
        host->log(call, INNO_LOG_WARN, "the merchant %s is not this resource's and stays", id);
        return INNO_OK;
    }
    if (rc != INNO_OK)
        return rc;
    rc = exchange(&delete, &answer); /* 404 is fine: gone */
    http_answer_fini(&answer);
    return rc;
}

static inno_rc gateway_get_status(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    const char *currency, *callback, *id, *there;
    struct http_answer answer;
    struct request get;
    char text[120];
    inno_rc rc = check_params(res, &currency, &callback);

    if (rc != INNO_OK || (rc = make_request(&get, self, res, "GET", &id)) != INNO_OK)
        return rc;
    rc = exchange(&get, &answer);
    if (rc == INNO_OK && answer.status == 404) {
        host->status(call, INNO_STATE_TERMINATED, "the gateway has no such merchant");
    } else if (rc == INNO_OK) {
        there = inno_json_string(host, call, inno_span_of(answer.body), "currency", "");
        snprintf(text, sizeof text, "its currency is %.20s, wanted %s", there, currency);
        host->status(call, strcmp(there, currency) == 0 ? INNO_STATE_ACTIVE : INNO_STATE_DEGRADED,
                     strcmp(there, currency) == 0 ? NULL : text);
    }
    http_answer_fini(&answer);
    return rc;
}

static inno_rc gateway_get_hints(void *opaque, const inno_host *host, inno_call *call, const inno_resource *res)
{
    const struct gateway *self = opaque;
    const char *id = merchant_id(res);
    char url[1000];

    if (!id)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    snprintf(url, sizeof url, "%s/merchants/%s", self->url, id);
    host->hint(call, INNO_HINT_DASHBOARD, "dashboard", url);
    return INNO_OK;
}

/* A merchant that nobody has: 404 says that the gateway is there and takes the token. */
static inno_rc gateway_health(void *self, const inno_host *host, inno_call *call)
{
    struct request get = {self, host, call, "GET", "/merchants/innominatus-health-check", NULL, NULL};
    struct http_answer answer;
    inno_rc rc = exchange(&get, &answer);

    http_answer_fini(&answer);
    return rc;
}

/* ---- registration ---- */

static const char *const types[] = {"payment-gateway", NULL};

static const inno_provisioner gateway = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_HEALTH,
    "payment-gateway",
    "1.0.0",
    types,
    gateway_open,
    gateway_close,
    gateway_provision,
    gateway_deprovision,
    gateway_get_status,
    gateway_get_hints,
    NULL,
    gateway_health,
    NULL,
    NULL,
};

/* clang-format off */
INNO_PLUGIN(gateway, {
    "name": "payment-gateway",
    "version": "1.0.0",
    "slots": ["update", "health"],
    "permissions": ["network"],
    "state_version": 1,
    "types": [{
        "name": "payment-gateway", "stateful": false, "description": "a merchant at the payment company",
        "params": {"type": "object", "additionalProperties": false, "properties": {
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "displayName": {"type": "string", "maxLength": 200},
            "callbackUrl": {"type": "string", "maxLength": 500}}}
    }]
})
/* clang-format on */
