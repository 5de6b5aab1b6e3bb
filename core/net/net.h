/* Outgoing HTTP: one client, one thread, libcurl's multi interface. The only directory that includes curl.
 * TLS is always verified, redirects are never followed, proxies are used only when configured, every answer has a size cap.
 * Addresses: a request says how far its URL is trusted (enum net_trust); what it may reach is decided on the host name AND on the address
 * that is really connected to, so a name that resolves to 127.0.0.1 gets nowhere. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net;

struct net_options {
    const char *const *allow; /* `network.allow`: host, host:port, *.domain, address, CIDR; closed by NULL; NULL: empty. Copied. */
    const char *proxy;        /* NULL: none; the proxy variables of the environment are never read */
};

int net_new(const struct net_options *options, struct net **out, struct err *err);
/* Fails what is in flight with ERR_SHUTDOWN (their callbacks are called), then stops the thread. NULL is fine. */
void net_free(struct net *net);
/* Puts another allow-list and proxy in force (reload) for requests that start from now on. Any thread. */
void net_configure(struct net *net, const struct net_options *options);

enum net_trust {
    NET_LISTED,  /* the host must be on the allow-list: http steps, monitoring probes, anything from a Score or workflow file */
    NET_PUBLIC,  /* any public address; private, loopback and link-local ones only when listed */
    NET_TRUSTED, /* any host: backends that the admin configured, the CLI's server */
};

/* Would `url` be allowed by name (the address is checked again when connecting)? Errors: ERR_HOST_NOT_ALLOWED, ERR_BAD_VALUE. Any thread.
 */
int net_check_url(struct net *net, const char *url, enum net_trust trust, struct err *err);

struct net_header {
    const char *name, *value;
};

/* Is a literal address inside a range ("10.0.0.0/8", "fd00::/8", or one address)? False when either cannot be read. Pure. */
bool net_in_range(const char *address, const char *range);

struct net_request {
    const char *method; /* NULL: GET */
    const char *url;    /* http or https */
    const struct net_header *headers;
    size_t header_count;
    const void *body; /* NULL: none */
    size_t body_len;
    const char *ca_pem;   /* certificates to trust instead of the system's, PEM text; NULL: the system's */
    int64_t timeout_ms;   /* the whole exchange; 0: 30 s, below 0: none (streams) */
    int64_t connect_ms;   /* 0: 10 s */
    int64_t idle_ms;      /* ends with ERR_TIMEOUT when no byte came for this long; 0: no limit */
    size_t max_bytes;     /* of the answer's body; 0: LIMIT_HTTP_CLIENT_BYTES. Streams: of one undelivered answer that is no 2xx */
    enum net_trust trust; /* NET_LISTED unless said otherwise */
    /* Streaming: bytes of a 2xx answer as they come, on the net's thread; they are not collected. Anything but 0 ends the request with
     * ERR_CANCELED. */
    int (*on_chunk)(void *ctx, const char *bytes, size_t len);
};

struct net_response {
    int status;
    char *body; /* NUL-terminated, never NULL */
    size_t len;
    struct net_header *headers; /* names in lower case */
    size_t header_count;
};
/* Value of an answer's header (any case), NULL if absent. Borrowed. */
const char *net_header_value(const struct net_response *response, const char *name);
void net_response_fini(struct net_response *response);

/* Called once, on the net's thread: be short, never block. response is NULL when err->code != ERR_NONE; it is
 * borrowed, but may be taken over (copy the struct, then set it to zeros).
 * An answer with any status is a success here. Errors: ERR_BACKEND_DOWN, ERR_TIMEOUT, ERR_HOST_NOT_ALLOWED, ERR_TOO_LARGE, ERR_BAD_VALUE,
 * ERR_CANCELED, ERR_SHUTDOWN. No message holds more of the URL than scheme, host and port. */
typedef void (*net_done)(void *ctx, struct net_response *response, const struct err *err);

/* Starts a request; copies what it needs. Returns -1 (done is not called) when the URL, a header or the host is refused at once. out_id
 * (may be NULL) is for net_cancel. Any thread. */
int net_request_start(struct net *net, const struct net_request *request, net_done done, void *ctx, uint64_t *out_id, struct err *err);
/* Ends a request early: done comes with ERR_CANCELED. An id that has ended is fine. Any thread. */
void net_cancel(struct net *net, uint64_t id);
/* The same, waiting for the end. Never on the net's thread. out: net_response_fini. */
int net_request_wait(struct net *net, const struct net_request *request, void *chunk_ctx, struct net_response *out, struct err *err);
