/* Owns one HTTP exchange of the REST kit: a libcurl handle with every safe option, moved by a multi handle so that a cancel is noticed at
 * once. The slot's thread. */
#include "rest_priv.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#define CONNECT_MS 10000
#define LOOK_MS    100 /* how often host->canceled is asked where there is no descriptor to poll */

struct transfer {
    struct rest_exchange *result;
    CURL *easy;
    CURLM *multi;
    struct curl_slist *headers;
    bool added;
};

void rest_exchange_fini(struct rest_exchange *exchange)
{
    if (exchange->body)
        explicit_bzero(exchange->body, exchange->len);
    free(exchange->body);
    *exchange = (struct rest_exchange){0};
}

static void transfer_fini(struct transfer *t)
{
    if (t->added)
        curl_multi_remove_handle(t->multi, t->easy);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what libcurl calls ---- */

/* Grows by doubling into fresh memory: realloc would leave copies of a secret behind. */
static bool grow(struct rest_exchange *e, size_t wanted)
{
    size_t cap = e->cap ? e->cap : 4096;
    char *larger;

    while (cap < wanted)
        cap *= 2;
    if (cap == e->cap)
        return true;
    larger = malloc(cap);
    if (!larger)
        return false;
    if (e->body) {
        memcpy(larger, e->body, e->len);
        explicit_bzero(e->body, e->len);
    }
    free(e->body);
    e->body = larger;
    e->cap = cap;
    return true;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct rest_exchange *e = ctx;
    size_t len = size * count;

    if (len > e->max - e->len) {
        e->overflow = true;
        return 0;
    }
    if (!grow(e, e->len + len + 1)) {
        e->out_of_memory = true;
        return 0;
    }
    memcpy(e->body + e->len, bytes, len);
    e->len += len;
    e->body[e->len] = '\0';
    return len;
}

static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct rest_exchange *e = ctx;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    (void)purpose;
    if (fd < 0 && (errno == EACCES || errno == EPERM))
        e->denied = true;
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* ---- setting up ---- */

static bool add_header(struct transfer *t, const char *name, const char *value)
{
    size_t len = strlen(name) + strlen(value) + 3;
    struct curl_slist *longer;
    char *line;

    if (strpbrk(value, "\r\n")) /* one header cannot become two */
        return false;
    line = malloc(len);
    if (!line)
        return false;
    snprintf(line, len, value[0] ? "%s: %s" : "%s;", name, value);
    longer = curl_slist_append(t->headers, line);
    explicit_bzero(line, len);
    free(line);
    if (longer)
        t->headers = longer;
    return longer != NULL;
}

static bool add_headers(struct transfer *t, const inno_host *host, inno_call *call, const struct rest_request *request, bool body)
{
    const char *trace = host->trace_id(call);
    char parent[80];

    if (!add_header(t, "Accept", request->raw ? "*/*" : "application/json") ||
        (body && !add_header(t, "Content-Type", request->content_type ? request->content_type : "application/json")))
        return false;
    if (strlen(trace) == 32) { /* the call's own span is unknown here: half of the trace stands for it */
        snprintf(parent, sizeof parent, "00-%s-%.16s-01", trace, trace + 16);
        if (!add_header(t, "traceparent", parent))
            return false;
    }
    for (const struct rest_header *h = request->headers; h && h->name; h++)
        if (!add_header(t, h->name, h->value))
            return false;
    t->headers = curl_slist_append(t->headers, "Expect:");
    return t->headers != NULL;
}

#define SET(option, value)                                                                                                                 \
    do {                                                                                                                                   \
        if (curl_easy_setopt(t->easy, option, value) != CURLE_OK)                                                                          \
            return false;                                                                                                                  \
    } while (0)

static bool set_blob(CURL *easy, CURLoption option, const char *pem)
{
    struct curl_blob blob = {.data = (void *)(uintptr_t)pem, .len = pem ? strlen(pem) : 0, .flags = CURL_BLOB_NOCOPY};

    return !pem || curl_easy_setopt(easy, option, &blob) == CURLE_OK;
}

static bool set_safety(struct transfer *t, const struct rest *rest, int64_t left_ms)
{
    int64_t timeout = rest->timeout_ms < left_ms ? rest->timeout_ms : left_ms;

    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_TIMEOUT_MS, (long)(timeout > 0 ? timeout : 1));
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    return set_blob(t->easy, CURLOPT_CAINFO_BLOB, rest->ca_pem) && set_blob(t->easy, CURLOPT_SSLCERT_BLOB, rest->certificate_pem) &&
           set_blob(t->easy, CURLOPT_SSLKEY_BLOB, rest->key_pem);
}

static bool set_request(struct transfer *t, const char *method, const char *url, const char *body, size_t body_len)
{
    SET(CURLOPT_URL, url);
    SET(CURLOPT_HTTPHEADER, t->headers);
    if (body || strcmp(method, "POST") == 0) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body_len);
        SET(CURLOPT_POSTFIELDS, body ? body : "");
    } else if (strcmp(method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    }
    SET(CURLOPT_CUSTOMREQUEST, method);
    SET(CURLOPT_ERRORBUFFER, t->result->reason);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, t->result);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
    SET(CURLOPT_OPENSOCKETDATA, t->result);
    return true;
}

/* ---- moving ---- */

/* True when the transfer has ended by itself. */
static bool ended(struct transfer *t)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(t->multi, &left)))
        if (message->msg == CURLMSG_DONE && message->easy_handle == t->easy) {
            t->result->code = message->data.result;
            return true;
        }
    return false;
}

static void move(struct transfer *t, const inno_host *host, inno_call *call, int64_t deadline)
{
    int fd = host->cancel_fd(call), running;
    struct curl_waitfd cancel = {.fd = fd, .events = CURL_WAIT_POLLIN};

    for (;;) {
        int64_t left = deadline - now_ms();

        if (curl_multi_perform(t->multi, &running) != CURLM_OK) {
            t->result->out_of_memory = true;
            return;
        }
        if (ended(t))
            return;
        if (host->canceled(call)) {
            t->result->canceled = true;
            return;
        }
        if (left <= 0) {
            t->result->out_of_time = true;
            return;
        }
        if (fd < 0 && left > LOOK_MS)
            left = LOOK_MS;
        curl_multi_poll(t->multi, fd >= 0 ? &cancel : NULL, fd >= 0 ? 1 : 0, (int)(left < 60000 ? left : 60000), NULL);
    }
}

static void read_info(struct transfer *t)
{
    struct rest_exchange *e = t->result;
    curl_off_t after = 0, sent = 0;
    char *redirect = NULL;
    long status = 0, request_bytes = 0, number = 0, verdict = 0;

    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
    curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &redirect);
    curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
    curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
    if (e->code == CURLE_COULDNT_CONNECT && number)
        snprintf(e->reason, sizeof e->reason, "%s", strerror((int)number));
    if (e->code == CURLE_SSL_CONNECT_ERROR && verdict) /* a signature that does not fit is no verdict of its own for libcurl */
        e->code = CURLE_PEER_FAILED_VERIFICATION;
    e->status = (int)status;
    e->connected = request_bytes > 0 || sent > 0;
    e->retry_after_ms = after > 0 ? (after > 3600 ? 3600 : (int64_t)after) * 1000 : -1;
    if (redirect && strlen(redirect) < sizeof e->redirect)
        memcpy(e->redirect, redirect, strlen(redirect) + 1);
}

int rest_exchange(struct rest *rest, const inno_host *host, inno_call *call, const struct rest_request *request, const char *method,
                  const char *url, const char *body, size_t body_len, struct rest_exchange *out)
{
    CLEANUP(transfer_fini) struct transfer t = {.result = out, .multi = rest->multi, .easy = curl_easy_init()};
    int64_t left = host->deadline_ms(call);

    *out = (struct rest_exchange){.max = rest->max_bytes, .retry_after_ms = -1};
    if (left <= 0) {
        out->out_of_time = true;
        return 0;
    }
    if (!t.easy || !add_headers(&t, host, call, request, body != NULL) || !set_safety(&t, rest, left) ||
        !set_request(&t, method, url, body, body_len) || curl_multi_add_handle(t.multi, t.easy) != CURLM_OK)
        return -1;
    t.added = true;
    move(&t, host, call, now_ms() + left);
    read_info(&t);
    return out->out_of_memory ? -1 : 0;
}

bool rest_pause(const inno_host *host, inno_call *call, int64_t ms)
{
    int64_t end = now_ms() + ms, left;
    struct pollfd fd = {.fd = host->cancel_fd(call), .events = POLLIN};

    while (!host->canceled(call) && (left = end - now_ms()) > 0)
        poll(fd.fd >= 0 ? &fd : NULL, fd.fd >= 0 ? 1 : 0, (int)(fd.fd < 0 && left > LOOK_MS ? LOOK_MS : left));
    return host->canceled(call) != 0;
}
