/* Owns time for the HTTP server: absolute deadlines of connections, parked requests, lingering sockets. One thread that sleeps until the
 * nearest of them is due and forever when there is none. Other threads call in under the server's lock.
 *
 * A connection whose deadline has passed is shut down, not closed: its HTTP thread sees the end and closes it. libmicrohttpd tells us
 * (under the lock, http_conn_free) before it closes a socket, so the number never belongs to another one here. */
#include "api/http_priv.h"
#include "base/clock.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NEVER_US     INT64_MAX
#define LINGER_US    (2 * US_PER_SEC)
#define LINGER_BYTES (16u << 20)

static void poke(struct http_server *s, int64_t due_us)
{
    if (due_us >= s->next_wake_us)
        return;
    s->next_wake_us = due_us;
    pthread_cond_signal(&s->timer_wake);
    if (s->lingering_count && write(s->linger_pipe[1], "", 1) < 0 && errno != EAGAIN)
        abort();
}

/* ---- connections ---- */

static void conn_unlink(struct http_server *s, struct http_conn *conn)
{
    if (!conn->link)
        return;
    *conn->link = conn->next;
    if (conn->next)
        conn->next->link = conn->link;
    else
        s->phases[conn->phase].tail = conn->link;
    conn->link = NULL;
}

static void conn_enter(struct http_server *s, struct http_conn *conn, enum http_phase phase)
{
    struct http_conn_list *list;

    conn_unlink(s, conn);
    conn->phase = phase;
    if (phase == HTTP_HANDLING)
        return;
    list = &s->phases[phase];
    conn->deadline_us = clock_mono_us() + s->durations_us[phase];
    conn->next = NULL;
    conn->link = list->tail;
    *list->tail = conn;
    list->tail = &conn->next;
    poke(s, conn->deadline_us);
}

struct http_conn *http_conn_new(struct http_thread *thread, int fd, const struct sockaddr *peer)
{
    struct http_server *s = thread->server;
    struct http_conn *conn = mem_zalloc(sizeof *conn);

    conn->fd = fd;
    conn->thread = thread;
    http_address_text(peer, conn->peer);
    pthread_mutex_lock(&s->lock);
    conn_enter(s, conn, HTTP_HEADERS);
    pthread_mutex_unlock(&s->lock);
    return conn;
}

void http_conn_free(struct http_conn *conn)
{
    struct http_server *s = conn->thread->server;

    pthread_mutex_lock(&s->lock);
    conn_unlink(s, conn);
    pthread_mutex_unlock(&s->lock);
    http_leave(conn->thread, conn->peer);
    free(conn);
}

bool http_conn_evict(struct http_server *s)
{
    struct http_conn *oldest;

    pthread_mutex_lock(&s->lock);
    oldest = s->phases[HTTP_IDLE].first;
    if (oldest) {
        shutdown(oldest->fd, SHUT_RDWR);
        conn_unlink(s, oldest);
    }
    pthread_mutex_unlock(&s->lock);
    return oldest != NULL;
}

void http_conn_phase(struct http_server *s, struct http_conn *conn, enum http_phase phase)
{
    pthread_mutex_lock(&s->lock);
    conn_enter(s, conn, phase);
    pthread_mutex_unlock(&s->lock);
}

/* Shuts down what is late; gives the nearest deadline that is left. */
static int64_t expire_connections(struct http_server *s, int64_t now)
{
    int64_t nearest = NEVER_US;

    for (size_t i = 0; i < HTTP_PHASES; i++) {
        struct http_conn *conn;

        while ((conn = s->phases[i].first) && conn->deadline_us <= now) {
            shutdown(conn->fd, SHUT_RDWR);
            conn_unlink(s, conn);
        }
        if (conn && conn->deadline_us < nearest)
            nearest = conn->deadline_us;
    }
    return nearest;
}

/* ---- parked requests ---- */

static void unpark(struct http_request *r)
{
    *r->park_link = r->park_next;
    if (r->park_next)
        r->park_next->park_link = r->park_link;
    r->parked = false;
    MHD_resume_connection(r->connection);
}

void http_park(struct http_request *r, int64_t timeout_ms, void (*again)(struct http_request *r))
{
    struct http_server *s = r->server;

    http_suspend(r);
    r->again = again;
    pthread_mutex_lock(&s->lock);
    r->parked = true;
    r->wake_us = s->stopping ? 0 : clock_mono_us() + timeout_ms * US_PER_MS;
    r->park_next = s->parked;
    r->park_link = &s->parked;
    if (r->park_next)
        r->park_next->park_link = &r->park_next;
    s->parked = r;
    poke(s, r->wake_us);
    pthread_mutex_unlock(&s->lock);
}

void http_wake(struct http_request *r)
{
    struct http_server *s = r->server;

    pthread_mutex_lock(&s->lock);
    if (r->parked)
        unpark(r);
    pthread_mutex_unlock(&s->lock);
}

void http_unpark_all(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    while (s->parked)
        unpark(s->parked);
    pthread_mutex_unlock(&s->lock);
}

static int64_t wake_parked(struct http_server *s, int64_t now)
{
    int64_t nearest = NEVER_US;

    for (struct http_request *r = s->parked, *next; r; r = next) {
        next = r->park_next;
        if (r->wake_us <= now)
            unpark(r);
        else if (r->wake_us < nearest)
            nearest = r->wake_us;
    }
    return nearest;
}

/* ---- lingering sockets ---- */

void http_linger(struct http_server *s, int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    if (copy < 0)
        return;
    pthread_mutex_lock(&s->lock);
    if (s->lingering_count < HTTP_LINGERING && !s->stop_timer) {
        s->lingering[s->lingering_count++] =
            (struct http_lingering){.fd = copy, .until_us = clock_mono_us() + LINGER_US, .left = LINGER_BYTES};
        copy = -1;
        poke(s, 0);
    }
    pthread_mutex_unlock(&s->lock);
    if (copy >= 0)
        close(copy);
}

/* One round over the lingering sockets, without waiting; drops those that have ended. The lock is held: reads do not block. */
static void drain_lingering(struct http_server *s, int64_t now)
{
    static const size_t chunk = 65536;
    char waste[65536];

    for (unsigned i = 0; i < s->lingering_count;) {
        struct http_lingering *l = &s->lingering[i];
        ssize_t n = recv(l->fd, waste, chunk, MSG_DONTWAIT);

        if (n > 0 && (size_t)n < l->left && now < l->until_us) {
            l->left -= (size_t)n;
            i++;
        } else if (n < 0 && (errno == EAGAIN || errno == EINTR) && now < l->until_us) {
            i++;
        } else {
            close(l->fd);
            *l = s->lingering[--s->lingering_count];
        }
    }
}

/* Waits with the lock released until a lingering socket has bytes, somebody pokes, or the time is due. */
static void poll_lingering(struct http_server *s, int64_t due_us)
{
    struct pollfd fds[HTTP_LINGERING + 1];
    unsigned count = s->lingering_count;
    int64_t wait_ms;
    char waste[64];

    for (unsigned i = 0; i < count; i++) {
        fds[i] = (struct pollfd){.fd = s->lingering[i].fd, .events = POLLIN};
        if (s->lingering[i].until_us < due_us)
            due_us = s->lingering[i].until_us;
    }
    fds[count] = (struct pollfd){.fd = s->linger_pipe[0], .events = POLLIN};
    wait_ms = (due_us - clock_mono_us()) / US_PER_MS + 1;
    pthread_mutex_unlock(&s->lock);
    poll(fds, count + 1, wait_ms < 0 ? 0 : wait_ms > 1000 ? 1000 : (int)wait_ms);
    while (read(s->linger_pipe[0], waste, sizeof waste) > 0)
        ;
    pthread_mutex_lock(&s->lock);
}

/* ---- the thread ---- */

static void sleep_until(struct http_server *s, int64_t due_us)
{
    struct timespec at = {.tv_sec = (time_t)(due_us / US_PER_SEC), .tv_nsec = (long)(due_us % US_PER_SEC) * 1000};

    if (due_us == NEVER_US)
        pthread_cond_wait(&s->timer_wake, &s->lock);
    else
        pthread_cond_timedwait(&s->timer_wake, &s->lock, &at);
}

static void *timer_run(void *ctx)
{
    struct http_server *s = ctx;

    pthread_mutex_lock(&s->lock);
    while (!s->stop_timer) {
        int64_t now = clock_mono_us();
        int64_t conns = expire_connections(s, now), parked = wake_parked(s, now);

        drain_lingering(s, now);
        s->next_wake_us = conns < parked ? conns : parked;
        if (s->lingering_count)
            poll_lingering(s, s->next_wake_us);
        else
            sleep_until(s, s->next_wake_us);
    }
    while (s->lingering_count)
        close(s->lingering[--s->lingering_count].fd);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

int http_timer_start(struct http_server *s, struct err *err)
{
    pthread_condattr_t monotonic;
    int failed;

    if (pipe2(s->linger_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return err_set_sys(err, ERR_INTERNAL, "cannot make a pipe");
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->timer_wake, &monotonic);
    pthread_cond_init(&s->quiet, &monotonic);
    pthread_condattr_destroy(&monotonic);
    s->next_wake_us = NEVER_US;
    for (size_t i = 0; i < HTTP_PHASES; i++)
        s->phases[i].tail = &s->phases[i].first;
    failed = pthread_create(&s->timer, NULL, timer_run, s);
    if (failed)
        return err_set(err, ERR_INTERNAL, "cannot start the HTTP timer: %s", strerror(failed));
    s->timer_runs = true;
    return 0;
}

void http_timer_stop(struct http_server *s)
{
    if (s->timer_runs) {
        pthread_mutex_lock(&s->lock);
        s->stop_timer = true;
        poke(s, -1);
        pthread_mutex_unlock(&s->lock);
        pthread_join(s->timer, NULL);
    }
    close(s->linger_pipe[0]);
    close(s->linger_pipe[1]);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->timer_wake);
    pthread_cond_destroy(&s->quiet);
}
