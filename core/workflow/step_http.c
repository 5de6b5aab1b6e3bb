/* Step types that speak HTTP: http and monitoring. Hosts are those of `network.allow`. Started on workers; answers come on the net's
 * thread. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/units.h"
#include "crypto/hash.h"
#include "net/net.h"
#include "workflow/engine_priv.h"
#include <string.h>

#define HTTP_TIMEOUT_MS   30000
#define PROBE_TIMEOUT_MS  5000
#define PROBE_INTERVAL_MS 1000
#define MAX_HEADERS       64

struct http_step {
    json_t *config; /* with secrets open; wiped by dropping it */
    struct net_response response;
    struct err err;
};

static void http_fini(struct step_work *work)
{
    struct http_step *hs = work->state;

    json_decref(hs->config);
    net_response_fini(&hs->response);
}

static void hand_back(void *ctx, struct net_response *response, const struct err *err)
{
    struct step_work *work = ctx;
    struct http_step *hs = work->state;

    pthread_mutex_lock(&work->lock);
    work->request = 0;
    pthread_mutex_unlock(&work->lock);
    hs->err = *err;
    if (response) {
        hs->response = *response;
        *response = (struct net_response){0};
    }
    engine_resume(work);
}

/* Under the lock, so that a cancel finds the request, and its end cannot come before its id is known. */
static int start_request(struct step_work *work, const struct net_request *request, struct err *err)
{
    int rc = -1;

    pthread_mutex_lock(&work->lock);
    if (work->cancel)
        err_set(err, ERR_CANCELED, "canceled before the request was sent");
    else
        rc = net_request_start(work->engine->options.net, request, hand_back, work, &work->request, err);
    pthread_mutex_unlock(&work->lock);
    return rc;
}

static struct http_step *http_step_new(struct step_work *work)
{
    struct http_step *hs = work->state;

    if (hs) {
        http_fini(work);
        *hs = (struct http_step){0};
        return hs;
    }
    hs = arena_alloc(&work->arena, sizeof *hs);
    work->state = hs;
    work->fini = http_fini;
    return hs;
}

/* ---- http ---- */

static bool is_expected(const json_t *expect, int status)
{
    const json_t *item;
    size_t i;

    if (!expect)
        return status >= 200 && status < 300;
    if (json_is_integer(expect))
        return json_integer_value(expect) == status;
    json_array_foreach(expect, i, item) if (json_integer_value(item) == status) return true;
    return false;
}

static int capture(struct step_work *work, const struct http_step *hs, json_t *result, struct err *err)
{
    const json_t *wanted = json_object_get(work->config, "capture"), *path;
    CLEANUP(json_put) json_t *body = NULL;
    const char *key;

    if (!wanted)
        return 0;
    if (json_parse(hs->response.body, hs->response.len, "the answer", LIMIT_HTTP_CLIENT_BYTES, &body, err) < 0)
        return err_wrap(err, "capture");
    json_object_foreach((json_t *)wanted, key, path)
    {
        json_t *value = json_is_string(path) ? json_at(body, json_string_value(path)) : NULL;

        if (!value)
            return err_set(err, ERR_CHECK_FAILED, "capture %s: the answer has nothing at \"%s\"", key,
                           json_is_string(path) ? json_string_value(path) : "");
        if (json_has_secret(value))
            return err_set(err, ERR_CHECK_FAILED, "capture %s: the answer has a reference to a secret ({\"$secret\": ...}) at \"%s\"", key,
                           json_string_value(path));
        json_object_set(result, key, value);
    }
    step_redact(work, result); /* a server may send back what it was sent */
    return 0;
}

static void http_answered(struct step_work *work)
{
    struct http_step *hs = work->state;
    int status = hs->response.status;
    CLEANUP(json_put) json_t *result = json_object();
    struct err err = hs->err;

    if (err.code == ERR_NONE && !is_expected(json_object_get(work->config, "expect"), status))
        err_set(&err, status == 429 || status >= 500 ? ERR_TRANSIENT : ERR_HTTP_STATUS, "HTTP %d: %.200s", status, hs->response.body);
    json_set_int(result, "status", status);
    if (err.code != ERR_NONE || capture(work, hs, result, &err) < 0)
        step_fail(work, &err, NULL);
    else
        step_complete(work, take_ptr(result));
}

/* The deployment's trace goes on at the other side (W3C Trace Context); the step is its span. */
static const char *trace_parent(struct step_work *work)
{
    unsigned char digest[CRYPTO_SHA256_BYTES];
    char span[17];

    crypto_sha256(work->step_id, strlen(work->step_id), digest);
    for (size_t i = 0; i < 8; i++)
        snprintf(span + 2 * i, 3, "%02x", digest[i]);
    return arena_printf(&work->arena, "00-%s-%s-01", work->run->trace_id, span);
}

static size_t collect_headers(struct step_work *work, const json_t *config, bool has_json, struct net_header *headers)
{
    const char *name;
    json_t *value;
    size_t count = 0;

    json_object_foreach(json_object_get(config, "headers"), name, value) if (json_is_string(value) && count < MAX_HEADERS - 3)
        headers[count++] = (struct net_header){name, json_string_value(value)};
    headers[count++] = (struct net_header){"Idempotency-Key", work->step_id};
    if (work->run->trace_id && strlen(work->run->trace_id) == 32)
        headers[count++] = (struct net_header){"traceparent", trace_parent(work)};
    if (has_json)
        headers[count++] = (struct net_header){"Content-Type", "application/json"};
    return count;
}

void step_run_http(struct step_work *work)
{
    struct http_step *hs = http_step_new(work);
    struct net_header headers[MAX_HEADERS];
    CLEANUP(free_ptr) char *text = NULL;
    struct net_request request = {.headers = headers, .timeout_ms = step_remaining_ms(work, HTTP_TIMEOUT_MS)};
    const json_t *body;
    struct err err = {0};

    if (step_open_secrets(work, work->config, &hs->config, &err) == 0) {
        body = json_object_get(hs->config, "body");
        request.method = json_str(hs->config, "method");
        request.url = json_str(hs->config, "url");
        request.body = json_is_string(body) ? json_string_value(body) : body ? (text = json_text(body)) : NULL;
        request.body_len = request.body ? strlen(request.body) : 0;
        request.header_count = collect_headers(work, hs->config, text != NULL, headers);
        work->resume = http_answered;
        if (!request.url)
            err_set(&err, ERR_MISSING_FIELD, "http needs config.url");
        else if (start_request(work, &request, &err) == 0)
            return;
    }
    step_fail(work, &err, NULL);
}

/* ---- monitoring ---- */

static void probe_again(struct step_work *work, int64_t until_us, const struct err *why)
{
    struct err err = {0};
    char checkpoint[32];

    if (clock_steady_us() >= until_us) {
        err_set(&err, ERR_CHECK_FAILED, "the probe did not succeed in time; last: %s", why->msg);
        step_fail(work, &err, NULL);
        return;
    }
    snprintf(checkpoint, sizeof checkpoint, "%lld", (long long)until_us);
    step_wait(work, PROBE_INTERVAL_MS, checkpoint);
}

/* Until when the probe goes on; kept as the step's checkpoint, so that a restart does not begin anew. */
static int probe_until(const struct step_work *work, int64_t *out, struct err *err)
{
    const char *within = json_str(json_object_get(work->config, "probe"), "within");
    int64_t ms = 30000;

    if (work->checkpoint && str_to_int(work->checkpoint, out))
        return 0;
    if (within && duration_parse(within, &ms, err) < 0)
        return -1;
    *out = clock_steady_us() + ms * US_PER_MS;
    return 0;
}

static void probe_answered(struct step_work *work)
{
    const json_t *expect = json_object_get(json_object_get(work->config, "probe"), "expect");
    struct http_step *hs = work->state;
    struct err err = hs->err;
    int64_t until = 0;
    json_t *result;

    if (err.code == ERR_HOST_NOT_ALLOWED || err.code == ERR_SHUTDOWN || err.code == ERR_CANCELED || probe_until(work, &until, &err) < 0) {
        step_fail(work, &err, NULL);
        return;
    }
    if (err.code == ERR_NONE && !is_expected(expect, hs->response.status))
        err_set(&err, ERR_HTTP_STATUS, "HTTP %d", hs->response.status);
    if (err.code != ERR_NONE) {
        probe_again(work, until, &err);
        return;
    }
    result = json_object();
    json_set_int(result, "status", hs->response.status);
    json_set_flag(result, "healthy", true);
    step_complete(work, result);
}

void step_run_monitoring(struct step_work *work)
{
    const char *url = json_str(json_object_get(work->config, "probe"), "url");
    struct net_request request = {.url = url, .timeout_ms = step_remaining_ms(work, PROBE_TIMEOUT_MS)};
    struct err err = {0};
    int64_t until;

    http_step_new(work);
    work->resume = probe_answered;
    if (!url)
        err_set(&err, ERR_MISSING_FIELD, "monitoring needs config.probe {url, expect, within}");
    else if (probe_until(work, &until, &err) == 0 && start_request(work, &request, &err) == 0)
        return;
    step_fail(work, &err, NULL);
}
