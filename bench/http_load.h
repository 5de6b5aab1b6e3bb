/* A small HTTP/1.1 client for the benchmarks: many kept-alive connections on one thread (epoll), each with one request on its way, and a
 * blocking single request. Loopback only; answers must carry Content-Length. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

/* Writes the next request of connection `client` into `out` (emptied before). Its bytes are sent as they stand. */
typedef void (*load_make)(void *ctx, unsigned client, struct buf *out);

struct load_options {
    int port;
    unsigned clients;
    int64_t duration_us; /* no request is begun after it; those on their way are waited for. 0: only `requests` ends it */
    uint64_t requests;   /* 0: only the duration ends it */
    load_make make;
    void *ctx;
};

struct load_result {
    uint64_t done, classes[6]; /* answers by their status / 100 */
    uint64_t broken;           /* connections that ended under a request; they are opened again */
    int64_t elapsed_us;        /* to the last answer */
    uint32_t *latency_us;      /* sorted, one for each answer */
    uint64_t bytes;            /* of the bodies */
};

/* Errors: ERR_IO. */
int load_run(const struct load_options *options, struct load_result *out, struct err *err);
void load_result_fini(struct load_result *result);
double load_rate(const struct load_result *result);                       /* answers a second */
double load_percentile_ms(const struct load_result *result, double part); /* 0.5: the median */

/* A GET on a connection of its own. out_body (may be NULL) is filled. Returns the status, -1 when there is no answer. */
int load_get(int port, const char *key, const char *path, struct buf *out_body);
/* Connects, blocking; -1 when nobody listens. */
int load_connect(int port);
