/* Owns the REST kit's calls: attempts, pauses, redirects, and the verdict in the SDK's codes. The slot's thread. */
#include "rest_priv.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#define ATTEMPTS       4
#define TIMEOUT_MS     30000
#define MAX_BYTES      (8u << 20)
#define FIRST_PAUSE_MS 200
#define MOST_PAUSE_MS  5000
#define REDIRECTS      3

void rest_answer_fini(struct rest_answer *answer)
{
    json_decref(answer->json);
    if (answer->body)
        explicit_bzero(answer->body, answer->len);
    free(answer->body);
    *answer = (struct rest_answer){0};
}

/* ---- a backend ---- */

static char *copy(const char *text) { return text ? strdup(text) : NULL; }

static void wipe(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void rest_free(struct rest *rest)
{
    if (!rest)
        return;
    if (rest->multi)
        curl_multi_cleanup(rest->multi);
    free(rest->backend);
    free(rest->url);
    free(rest->ca_pem);
    free(rest->certificate_pem);
    wipe(rest->key_pem);
    free(rest);
    curl_global_cleanup();
}

const char *rest_url(const struct rest *rest) { return rest->url; }

inno_rc rest_new(const inno_host *host, inno_call *call, const struct rest_settings *s, struct rest **out)
{
    struct rest *rest = calloc(1, sizeof *rest);
    size_t len;

    if (!rest || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(rest);
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    }
    rest->backend = copy(s->backend);
    rest->url = copy(s->url);
    rest->ca_pem = copy(s->ca_pem);
    rest->certificate_pem = copy(s->certificate_pem);
    rest->key_pem = copy(s->key_pem);
    rest->timeout_ms = s->timeout_ms > 0 ? s->timeout_ms : TIMEOUT_MS;
    rest->attempts = s->attempts > 0 ? s->attempts : ATTEMPTS;
    rest->max_bytes = s->max_bytes ? s->max_bytes : MAX_BYTES;
    rest->multi = curl_multi_init();
    if (!rest->backend || !rest->url || !rest->multi || (s->ca_pem && !rest->ca_pem) || (s->certificate_pem && !rest->certificate_pem) ||
        (s->key_pem && !rest->key_pem)) {
        rest_free(rest);
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    }
    for (len = strlen(rest->url); len && rest->url[len - 1] == '/'; len--)
        rest->url[len - 1] = '\0';
    *out = rest;
    return INNO_OK;
}

/* ---- verdicts ---- */

/* One call and what it has come to. */
struct work {
    struct rest *rest;
    const inno_host *host;
    inno_call *call;
    const struct rest_request *request;
    const char *method;
    char *url;  /* of the next exchange */
    char *body; /* NULL: none */
    size_t body_len;
    char where[400]; /* "Vault: PUT https://vault:8200/v1/sys/mounts" */
};

static void body_free(struct work *w)
{
    if (w->body && !w->request->body)
        wipe(w->body);
    free(w->url);
}

static const struct {
    int status;
    inno_rc code;
} codes[] = {
    {400, INNO_INVALID_RESOURCE}, {401, INNO_UNAUTHORIZED},   {403, INNO_UNAUTHORIZED},     {404, INNO_NOT_FOUND},
    {408, INNO_TIMEOUT},          {409, INNO_ALREADY_EXISTS}, {413, INNO_INVALID_RESOURCE}, {422, INNO_INVALID_RESOURCE},
    {429, INNO_TRANSIENT},        {502, INNO_TRANSIENT},      {503, INNO_TRANSIENT},        {504, INNO_TRANSIENT},
};

static inno_rc code_of(int status)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].status == status)
            return codes[i].code;
    return INNO_FAILED;
}

static void name_request(const struct rest *rest, const struct rest_request *request, char *out, size_t cap)
{
    snprintf(out, cap, "%s: %s %s%.*s", rest->backend, request->method ? request->method : "GET", rest->url,
             (int)strcspn(request->path, "?"), request->path);
}

inno_rc rest_fail(struct rest *rest, const inno_host *host, inno_call *call, const struct rest_request *request,
                  const struct rest_answer *answer)
{
    char where[400], message[REST_MESSAGE_BYTES];
    inno_rc code = code_of(answer->status);

    name_request(rest, request, where, sizeof where);
    rest_message(answer, message, sizeof message);
    rest_hide(request, message);
    for (const char *const *part = request->passing; part && *part; part++)
        if (answer->status >= 500 && strstr(message, *part))
            code = INNO_TRANSIENT;
    return host->fail(call, code, -1, "%s answered %d%s%s", where, answer->status, message[0] ? ": " : "", message);
}

/* Why an exchange had no answer: the code, and in `text` the words. */
static inno_rc broken(const struct work *w, const struct rest_exchange *e, char *text, size_t cap)
{
    const char *reason = e->reason[0] ? e->reason : curl_easy_strerror(e->code);

    if (e->denied) {
        snprintf(text, cap, "%s: this entry may not use the network; add grant: [network] to it in the admin-config", w->rest->backend);
        return INNO_INVALID_CONFIG;
    }
    if (e->overflow) {
        snprintf(text, cap, "%s: the answer has more than %zu bytes", w->where, e->max);
        return INNO_FAILED;
    }
    switch (e->code) {
    case CURLE_PEER_FAILED_VERIFICATION:
        snprintf(text, cap, "%s: its certificate is not trusted (%s); give the authority that signed it as config.ca, file:/path/ca.pem",
                 w->where, reason);
        return INNO_INVALID_CONFIG;
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
        snprintf(text, cap, "%s: %s; look at url, ca, clientCertificate and clientKey of the entry", w->where, reason);
        return INNO_INVALID_CONFIG;
    case CURLE_OPERATION_TIMEDOUT:
        snprintf(text, cap, "%s: no whole answer within %lld ms", w->where, (long long)w->rest->timeout_ms);
        return INNO_TIMEOUT;
    default:
        snprintf(text, cap, "%s: no answer: %s", w->where, reason);
        return INNO_TRANSIENT;
    }
}

static bool may_repeat(const struct work *w)
{
    return w->request->repeatable || (strcmp(w->method, "POST") != 0 && strcmp(w->method, "PATCH") != 0);
}

static bool is_wanted(const struct rest_request *request, int status)
{
    bool wanted = status >= 200 && status < 300;

    for (const int *also = request->also; also && *also && !wanted; also++)
        wanted = *also == status;
    return wanted;
}

/* Some backends say 500 where they mean 503; only their words tell. */
static bool is_passing(const struct rest_request *request, const struct rest_exchange *e)
{
    for (const char *const *part = request->passing; part && *part; part++)
        if (e->status >= 500 && e->body && strstr(e->body, *part))
            return true;
    return false;
}

/* Is another attempt worth it, and safe? *code and `text`: what to fail with when there is none. */
static bool transient(const struct work *w, const struct rest_exchange *e, inno_rc *code, char *text, size_t cap)
{
    if (e->code != CURLE_OK) {
        *code = broken(w, e, text, cap);
        return (*code == INNO_TRANSIENT || *code == INNO_TIMEOUT) && (!e->connected || may_repeat(w));
    }
    if (is_wanted(w->request, e->status))
        return false;
    *code = is_passing(w->request, e) ? INNO_TRANSIENT : code_of(e->status);
    snprintf(text, cap, "%s answered %d", w->where, e->status);
    if (e->status == 429 || e->status == 503 || is_passing(w->request, e)) /* it says that it did nothing */
        return true;
    return (e->status == 502 || e->status == 504) && may_repeat(w);
}

/* ---- pauses ---- */

static int64_t pause_ms(int attempt, int64_t retry_after_ms)
{
    int64_t most = FIRST_PAUSE_MS << (attempt < 10 ? attempt - 1 : 9);
    uint32_t random = 0;

    if (retry_after_ms >= 0)
        return retry_after_ms;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = 0;
    if (most > MOST_PAUSE_MS)
        most = MOST_PAUSE_MS;
    return most / 2 + (int64_t)(random % (uint32_t)(most / 2 + 1));
}

bool rest_back_off(const inno_host *host, inno_call *call, int attempt) { return rest_pause(host, call, pause_ms(attempt, -1)); }

static inno_rc canceled(const struct work *w) { return w->host->fail(w->call, INNO_CANCELED, -1, "%s: stopped", w->where); }

/* ---- redirects ---- */

static char *url_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;

    return curl_url_get(url, part, &text, part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0) == CURLUE_OK ? text : NULL;
}

static bool same_origin(const char *left, const char *right)
{
    static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
    CURLU *a = curl_url(), *b = curl_url();
    bool same = a && b && curl_url_set(a, CURLUPART_URL, left, 0) == CURLUE_OK && curl_url_set(b, CURLUPART_URL, right, 0) == CURLUE_OK;

    for (size_t i = 0; same && i < sizeof parts / sizeof *parts; i++) {
        char *x = url_part(a, parts[i]), *y = url_part(b, parts[i]);

        same = x && y && strcasecmp(x, y) == 0;
        curl_free(x);
        curl_free(y);
    }
    curl_url_cleanup(a);
    curl_url_cleanup(b);
    return same;
}

/* 1: go on at w->url, 0: it is no redirect, or a failure. */
static inno_rc redirected(struct work *w, const struct rest_exchange *e)
{
    bool keeps_method = e->status == 307 || e->status == 308, reads = strcmp(w->method, "GET") == 0 || strcmp(w->method, "HEAD") == 0;
    char *next;

    if (e->status < 301 || e->status > 308 || !e->redirect[0] || (!keeps_method && !reads))
        return 0;
    if (!same_origin(w->url, e->redirect))
        return w->host->fail(
            w->call, INNO_INVALID_CONFIG, -1,
            "%s: it sends us to another address (%.200s), and credentials are not taken there; if that is right, set url to it", w->where,
            e->redirect);
    next = strdup(e->redirect);
    if (!next)
        return w->host->fail(w->call, INNO_TRANSIENT, -1, "out of memory");
    free(w->url);
    w->url = next;
    return 1;
}

/* ---- the call ---- */

static inno_rc take_answer(const struct work *w, struct rest_exchange *e, struct rest_answer *out)
{
    struct rest_answer answer = {.status = e->status, .body = e->body, .len = e->len};
    bool fine = is_wanted(w->request, e->status);
    json_error_t error = {0};
    inno_rc rc;

    e->body = NULL;
    if (answer.len && !(w->request->raw && fine))
        answer.json = json_loadb(answer.body, answer.len, JSON_DECODE_ANY, &error);
    if (!fine)
        rc = rest_fail(w->rest, w->host, w->call, w->request, &answer);
    else if (answer.len && !answer.json && !w->request->raw && answer.status < 300)
        rc = w->host->fail(w->call, INNO_FAILED, -1, "%s answered %d with what is no JSON (line %d)", w->where, answer.status, error.line);
    else {
        *out = answer;
        return INNO_OK;
    }
    rest_answer_fini(&answer);
    return rc;
}

static inno_rc run(struct work *w, struct rest_answer *out)
{
    char text[REST_MESSAGE_BYTES + 400];
    int redirects = 0;

    for (int attempt = 1;; attempt++) {
        CLEANUP(rest_exchange_fini) struct rest_exchange e = {0};
        inno_rc code;
        int64_t wait;

        if (rest_exchange(w->rest, w->host, w->call, w->request, w->method, w->url, w->body, w->body_len, &e) < 0)
            return w->host->fail(w->call, INNO_TRANSIENT, -1, "%s: out of memory", w->where);
        if (e.canceled)
            return canceled(w);
        if (e.out_of_time)
            return w->host->fail(w->call, INNO_TIMEOUT, -1, "%s: the call's time is over", w->where);
        if (e.code == CURLE_OK && redirects < REDIRECTS && (code = redirected(w, &e)) != 0) {
            if (code < 0)
                return code;
            redirects++;
            attempt--;
            continue;
        }
        if (transient(w, &e, &code, text, sizeof text)) {
            wait = pause_ms(attempt, e.retry_after_ms);
            if (attempt < w->rest->attempts && wait < w->host->deadline_ms(w->call)) {
                w->host->log(w->call, INNO_LOG_WARN, "%s; trying again in %lld ms", text, (long long)wait);
                if (rest_pause(w->host, w->call, wait))
                    return canceled(w);
                continue;
            }
        }
        return e.code == CURLE_OK ? take_answer(w, &e, out) : w->host->fail(w->call, code, -1, "%s", text);
    }
}

inno_rc rest_call(struct rest *rest, const inno_host *host, inno_call *call, const struct rest_request *request, struct rest_answer *out)
{
    CLEANUP(body_free)
    struct work w = {.rest = rest, .host = host, .call = call, .request = request, .method = request->method ? request->method : "GET"};
    size_t len = strlen(rest->url) + strlen(request->path) + 1;

    name_request(rest, request, w.where, sizeof w.where);
    w.url = malloc(len);
    if (request->json)
        w.body = json_dumps(request->json, JSON_COMPACT | JSON_ENCODE_ANY);
    if (!w.url || (request->json && !w.body))
        return host->fail(call, INNO_TRANSIENT, -1, "%s: out of memory", w.where);
    snprintf(w.url, len, "%s%s", rest->url, request->path);
    if (request->body)
        w.body = (char *)(uintptr_t)request->body;
    w.body_len = request->body ? request->body_len : w.body ? strlen(w.body) : 0;
    return run(&w, out);
}
