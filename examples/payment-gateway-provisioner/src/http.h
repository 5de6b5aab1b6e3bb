/* A small HTTP/1.1 client: one request, one connection, a deadline, and an ear for cancel. No TLS: the gateway is reached over loopback or
 * by way of a proxy that speaks TLS. Blocking; called from the thread of a slot. */
#ifndef HTTP_H
#define HTTP_H

#include <stddef.h>
#include <stdint.h>

#define HTTP_MAX_ANSWER_BYTES (256 * 1024) /* head and body together */

/* Where an endpoint points to. "http://host[:port][/base]" */
struct http_endpoint {
    char host[256];
    char port[6];
    char base[512]; /* "" or "/base", without a slash at its end */
};

/* 0, or -1 with the reason in `why`. */
int http_parse_endpoint(const char *url, struct http_endpoint *out, char *why, size_t why_size);

struct http_request {
    const struct http_endpoint *endpoint;
    const char *method;
    const char *path;            /* below the endpoint's base, starts with '/' */
    const char *token;           /* Authorization: Bearer; NULL: none */
    const char *idempotency_key; /* NULL: none */
    const char *body;            /* JSON; NULL: none */
    int64_t timeout_ms;
    int cancel_fd; /* readable means stop; -1: none */
};

enum http_outcome { HTTP_ANSWERED, HTTP_UNREACHABLE, HTTP_TIMED_OUT, HTTP_CANCELED, HTTP_BAD_ANSWER, HTTP_NO_MEMORY };

struct http_answer {
    int status;
    char *body; /* NUL-terminated; http_answer_fini frees it */
    size_t len;
    char why[400]; /* unless HTTP_ANSWERED: address and reason */
};

enum http_outcome http_send(const struct http_request *request, struct http_answer *out);
void http_answer_fini(struct http_answer *answer);

#endif
