/* What the files of the REST kit share. */
#pragma once
#include "rest.h"
#include "tidy.h"
#include <curl/curl.h>

#define REST_MESSAGE_BYTES 600

struct rest {
    char *backend, *url, *ca_pem, *certificate_pem, *key_pem;
    int64_t timeout_ms;
    int attempts;
    size_t max_bytes;
    CURLM *multi; /* keeps connections from one call to the next */
};

/* What came of one exchange. */
struct rest_exchange {
    CURLcode code;
    int status;
    char *body; /* NULL: none */
    size_t len, cap, max;
    bool overflow, out_of_memory;
    bool denied;                /* this process may not make sockets */
    bool connected;             /* bytes may have reached the backend */
    bool canceled, out_of_time; /* out_of_time: the call's deadline */
    int64_t retry_after_ms;     /* -1: none */
    char reason[CURL_ERROR_SIZE];
    char redirect[1024];
};
void rest_exchange_fini(struct rest_exchange *exchange);

/* rest_exchange.c: sends the request once to `url` and waits for its end, the call's deadline or its cancel. 0, or -1 when out of memory.
 */
int rest_exchange(struct rest *rest, const inno_host *host, inno_call *call, const struct rest_request *request, const char *method,
                  const char *url, const char *body, size_t body_len, struct rest_exchange *out);
/* Waits; true when the call is canceled. */
bool rest_pause(const inno_host *host, inno_call *call, int64_t ms);

/* rest_error.c: replaces what the request keeps secret in `text`. */
void rest_hide(const struct rest_request *request, char *text);
