/* What the files of the HTTP server share. */
#pragma once
#include "api/http_server.h"
#include <microhttpd.h>
#include <pthread.h>

/* Where a connection is; each phase but HANDLING has an absolute deadline. */
enum http_phase { HTTP_HEADERS, HTTP_BODY, HTTP_REPLYING, HTTP_STREAMING, HTTP_IDLE, HTTP_PHASES, HTTP_HANDLING = HTTP_PHASES };

struct http_conn {
    int fd;
    char peer[46];
    enum http_phase phase;
    int64_t deadline_us; /* monotonic */
    struct http_conn *next, **link;
};

/* Deadlines of one phase last equally long, so its list is sorted by deadline when new ones go to its end. */
struct http_conn_list {
    struct http_conn *first, **tail;
};

#define HTTP_LINGERING 32

struct http_server {
    struct http_server_options options;
    struct MHD_Daemon *daemon;
    pthread_t timer;
    bool timer_runs;

    pthread_mutex_t lock; /* what follows */
    pthread_cond_t timer_wake, quiet;
    struct http_conn_list phases[HTTP_PHASES];
    int64_t durations_us[HTTP_PHASES];
    struct http_request *parked;
    int64_t next_wake_us;
    unsigned busy;    /* requests handed to `handle` and not yet answered */
    unsigned sending; /* answers on their way */
    bool stopping, stop_timer;
    struct http_lingering {
        int fd;
        int64_t until_us;
        size_t left;
    } lingering[HTTP_LINGERING];
    unsigned lingering_count;
    int linger_pipe[2]; /* wakes the timer while it polls lingering sockets */
};

/* http_deadline.c */
int http_timer_start(struct http_server *s, struct err *err);
void http_timer_stop(struct http_server *s);
struct http_conn *http_conn_new(struct http_server *s, int fd);
void http_conn_free(struct http_server *s, struct http_conn *conn);
void http_conn_phase(struct http_server *s, struct http_conn *conn, enum http_phase phase);
/* Reads and forgets what the other side still sends after an early reply, so that closing does not reset the connection under that reply.
 */
void http_linger(struct http_server *s, int fd);
void http_unpark_all(struct http_server *s);

/* http_stream.c */
struct MHD_Response *http_stream_response(struct http_request *r);

/* http_socket.c */
int http_listen(const char *address, int port, int *out_fd, int *out_port, struct err *err);
