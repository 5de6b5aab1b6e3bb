/* The HTTP server: libmicrohttpd with epoll threads, limits and deadlines (architecture.md, Limits of the HTTP side). The only directory
 * that includes microhttpd. It knows connections, bodies and replies; routes, people and problems are the callbacks' business.
 *
 * A request passes  begin (headers are there, no body byte was read)  ->  body  ->  handle  ->  reply.
 * Both callbacks run on an HTTP thread and never wait for a commit: a handler that starts something suspends the request first
 * (http_suspend) and the callback of what it started replies and resumes it (http_resume), from any thread. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct http_server;
struct http_request;
struct http_conn;

struct http_server_options {
    const char *address;  /* literal IPv4 or IPv6 address; NULL: 127.0.0.1 */
    int port;             /* 0: any free one */
    unsigned threads;     /* 0: 2 */
    unsigned connections; /* 0: LIMIT_HTTP_CONNECTIONS */
    unsigned per_address; /* connections from one address; 0: no limit of its own */
    size_t body_bytes;    /* 0: LIMIT_BODY_BYTES */
    int64_t headers_ms;   /* absolute, from connecting to the last header; 0: 10 s */
    int64_t body_ms;      /* absolute, for a whole body; 0: 30 s */
    int64_t reply_ms;     /* absolute, for a whole reply that is no stream; 0: 120 s */
    int64_t stream_ms;    /* absolute, for a client to take one chunk of a stream; 0: 30 s */
    int64_t idle_ms;      /* between two requests of a connection; 0: 60 s */
    size_t request_bytes; /* size of what embeds struct http_request as its first member */

    void (*begin)(void *ctx, struct http_request *r);  /* may reply: then the body is thrown away */
    void (*handle)(void *ctx, struct http_request *r); /* replies, or suspends */
    void (*finish)(void *ctx, struct http_request *r); /* after the reply was queued or the connection broke, before the memory goes */
    void *ctx;
};

/* The next bytes of a stream: writes at most `cap` to `to` and returns how many. 0: there are none now, and the request has been parked
 * (http_park without `again`); asked again when it is woken. -1: the end. HTTP threads. */
typedef ssize_t (*http_stream_next)(struct http_request *r, char *to, size_t cap);

struct http_reply {
    int status; /* 0: none yet */
    char *body; /* owned */
    size_t len;
    const char *content_type;    /* NULL: none */
    struct http_header *headers; /* in the arena */
    http_stream_next stream;     /* NULL: the body is what there is */
};

struct http_header {
    const char *name, *value;
    struct http_header *next;
};

/* What every answer says, unless its handler knows better; closed by a NULL name. */
struct http_safe_header {
    const char *name, *value;
};
extern const struct http_safe_header http_safe_headers[];

struct http_request {
    struct http_server *server;
    struct arena arena; /* dies with the request */
    const char *method; /* as sent */
    const char *uri;    /* as sent, with the query */
    struct buf body;
    char peer[46];      /* address of the other side */
    int64_t started_us; /* monotonic, when its request line had been read */
    struct http_reply reply;

    /* the server's own */
    struct MHD_Connection *connection;
    struct http_conn *conn;
    bool begun, handled, busy, sending;
    bool ends_connection;    /* set by `begin` with its reply: the body is not waited for, and nothing behind it is read */
    bool too_large;          /* for `begin`: declared so by Content-Length; for `handle`: found while reading. Answer 413 */
    bool refused;            /* for `handle`: the server is stopping. Answer 503 */
    uint64_t declared_bytes; /* Content-Length; 0: none */
    size_t body_limit;       /* of this request; see http_allow_body */
    bool has_body;
    size_t swallowed;
    bool suspended; /* set and read on the HTTP thread only */
    bool parked;    /* under the server's lock, as are the next three */
    int64_t wake_us;
    struct http_request *park_next, **park_link;
    void (*again)(struct http_request *r); /* called instead of replying when resumed without a reply */
};

/* Opens the socket and starts the threads. out_port: the port in use. Errors: ERR_IO (address in use, not available), ERR_BAD_VALUE. */
int http_server_start(const struct http_server_options *options, struct http_server **out, int *out_port, struct err *err);
/* New requests get the reply of `begin` only (which should be 503 when http_stopping); parked ones are woken. Call before the store closes.
 */
void http_server_drain(struct http_server *s);
/* Waits for the requests in work (whatever they started must still be able to end), then closes everything. NULL is fine. */
void http_server_stop(struct http_server *s);
bool http_stopping(struct http_server *s);

/* ---- for the callbacks ---- */

/* A header of the request, NULL if absent. HTTP threads only (not while suspended). Borrowed until the reply. */
const char *http_header(struct http_request *r, const char *name);
/* How often a header was sent. */
unsigned http_header_count(struct http_request *r, const char *name);
/* False when a name is not a token of RFC 9110 (a space before the colon makes it another header for another reader). */
bool http_header_names_are_tokens(struct http_request *r);

/* For `begin`: this request's body may have so many bytes instead of what the server's options say. */
void http_allow_body(struct http_request *r, size_t bytes);

/* Hands over `body` (malloc'd; NULL with len 0). content_type is borrowed for the program's life. The first reply wins. */
void http_reply(struct http_request *r, int status, const char *content_type, char *body, size_t len);
/* Answers 200 with a stream; ends it when http_stopping. HTTP threads. */
void http_reply_stream(struct http_request *r, const char *content_type, http_stream_next next);
/* Adds a header to the reply; texts are copied; a value with control characters is dropped. */
void http_reply_header(struct http_request *r, const char *name, const char *value);

/* Suspends the connection: call it BEFORE starting what will resume it. Afterwards the request belongs to whoever resumes it. */
void http_suspend(struct http_request *r);
/* Goes on with the request: its reply is sent, or `again` is called on an HTTP thread. The request must not be touched afterwards. Any
 * thread. */
void http_resume(struct http_request *r);

/* Suspends the request until http_wake, or `timeout_ms` from now, or the server's drain; then `again` is called on an HTTP thread. HTTP
 * threads only. */
void http_park(struct http_request *r, int64_t timeout_ms, void (*again)(struct http_request *r));
/* Wakes a parked request if it still is parked. `again` must have made sure that nobody calls this any more before it replies. Any thread.
 */
void http_wake(struct http_request *r);
