/* What the files of the HTTP server share. */
#pragma once
#include "api/http_server.h"
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#define HTTP_ADDRESS_BYTES 46
#define HTTP_PEER_SLOTS    256

/* Where a connection is; each phase but HANDLING has an absolute deadline. */
enum http_phase { HTTP_HEADERS, HTTP_BODY, HTTP_REPLYING, HTTP_STREAMING, HTTP_IDLE, HTTP_PHASES, HTTP_HANDLING = HTTP_PHASES };

struct http_conn {
    int fd;
    struct http_thread *thread;
    char peer[HTTP_ADDRESS_BYTES];
    enum http_phase phase;
    int64_t deadline_us; /* monotonic */
    struct http_conn *next, **link;
    struct http_request *request; /* of the HTTP thread: begun and not finished, NULL between two */
};

/* Deadlines of one phase last equally long, so its list is sorted by deadline when new ones go to its end. */
struct http_conn_list {
    struct http_conn *first, **tail;
};

#define HTTP_LINGERING 32

/* One of the HTTP threads: a daemon of libmicrohttpd that is given its connections. */
struct http_thread {
    struct http_server *server;
    struct MHD_Daemon *daemon;
    unsigned connections; /* under the server's lock */
};

/* How many connections an address has; kept only when that is limited. */
struct http_peer {
    struct http_peer *next;
    char address[HTTP_ADDRESS_BYTES];
    unsigned connections;
};

struct http_server {
    struct http_server_options options;
    struct http_thread *threads;
    pthread_t timer, accepter;
    bool timer_runs, accepter_runs;
    int listen_fd, accept_wake; /* an eventfd: there is room again, or the end */
    atomic_bool accept_stop;

    pthread_mutex_t lock; /* what follows */
    pthread_cond_t timer_wake, quiet;
    struct http_conn_list phases[HTTP_PHASES];
    int64_t durations_us[HTTP_PHASES];
    struct http_request *parked;
    int64_t next_wake_us;
    unsigned busy;    /* requests handed to `handle` and not yet answered */
    unsigned sending; /* answers on their way */
    unsigned connections;
    struct http_peer *peers[HTTP_PEER_SLOTS];
    bool stopping, stop_timer;
    struct http_lingering {
        int fd;
        int64_t until_us;
        size_t left;
    } lingering[HTTP_LINGERING];
    unsigned lingering_count;
    int linger_pipe[2]; /* wakes the timer while it polls lingering sockets */
};

/* http_accept.c */
int http_accept_start(struct http_server *s, struct err *err);
void http_accept_stop(struct http_server *s);
void http_accept_close(struct http_server *s); /* the sockets, when no thread runs any more */
/* A connection has ended. */
void http_leave(struct http_thread *thread, const char *address);
void http_address_text(const struct sockaddr *at, char out[static HTTP_ADDRESS_BYTES]);

/* http_deadline.c */
int http_timer_start(struct http_server *s, struct err *err);
void http_timer_stop(struct http_server *s);
struct http_conn *http_conn_new(struct http_thread *thread, int fd, const struct sockaddr *peer);
void http_conn_free(struct http_conn *conn);
/* Ends the connection that has waited longest for its next request; false when none waits. */
bool http_conn_evict(struct http_server *s);
void http_conn_phase(struct http_server *s, struct http_conn *conn, enum http_phase phase);
/* Reads and forgets what the other side still sends after an early reply, so that closing does not reset the connection under that reply.
 */
void http_linger(struct http_server *s, int fd);
void http_unpark_all(struct http_server *s);

/* http_response.c: takes the body over; NULL without memory */
struct MHD_Response *http_response(struct http_request *r);

/* http_stream.c */
struct MHD_Response *http_stream_response(struct http_request *r);

/* http_socket.c */
int http_listen(const char *address, int port, int *out_fd, int *out_port, struct err *err);
