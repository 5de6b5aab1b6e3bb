/* Owns the connections as such: accepts them on a thread of its own, gives each to the HTTP thread that has the fewest, and holds the
 * limits of all together and of one address.
 *
 * libmicrohttpd would let its threads race for the listening socket: the one that wakes first takes all that wait there, and a burst of
 * clients ends up on one thread. So each HTTP thread is a daemon of its own that listens to nothing. */
#include "api/http_priv.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAUSE_MS 100 /* until the next try when there is no room or no descriptor left; less when a connection ends */

/* ---- counting, under the server's lock ---- */

static struct http_peer **peer_slot(struct http_server *s, const char *address)
{
    uint32_t hash = 2166136261u;
    struct http_peer **slot;

    for (const char *c = address; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    slot = &s->peers[hash % HTTP_PEER_SLOTS];
    while (*slot && !str_eq((*slot)->address, address))
        slot = &(*slot)->next;
    return slot;
}

/* False when the address has as many as it may have. */
static bool count_peer(struct http_server *s, const char *address)
{
    struct http_peer **slot = peer_slot(s, address);

    if (!*slot) {
        *slot = mem_zalloc(sizeof **slot);
        snprintf((*slot)->address, sizeof(*slot)->address, "%s", address);
    }
    if ((*slot)->connections >= s->options.per_address)
        return false;
    (*slot)->connections++;
    return true;
}

static void forget_peer(struct http_server *s, const char *address)
{
    struct http_peer **slot = peer_slot(s, address), *peer = *slot;

    if (!peer || --peer->connections > 0)
        return;
    *slot = peer->next;
    free(peer);
}

/* The thread for a new connection of `address`; NULL when the address has enough. */
static struct http_thread *enter(struct http_server *s, const char *address)
{
    struct http_thread *best = &s->threads[0];

    pthread_mutex_lock(&s->lock);
    if (s->options.per_address && !count_peer(s, address)) {
        best = NULL;
    } else {
        for (unsigned i = 1; i < s->options.threads; i++)
            if (s->threads[i].connections < best->connections)
                best = &s->threads[i];
        best->connections++;
        s->connections++;
    }
    pthread_mutex_unlock(&s->lock);
    return best;
}

void http_leave(struct http_thread *thread, const char *address)
{
    struct http_server *s = thread->server;
    bool full;

    pthread_mutex_lock(&s->lock);
    full = s->connections-- >= s->options.connections;
    thread->connections--;
    if (s->options.per_address)
        forget_peer(s, address);
    pthread_mutex_unlock(&s->lock);
    if (full)
        eventfd_write(s->accept_wake, 1);
}

/* ---- accepting ---- */

void http_address_text(const struct sockaddr *at, char out[static HTTP_ADDRESS_BYTES])
{
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr;

    out[0] = '\0';
    if (at->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)at)->sin_addr, out, HTTP_ADDRESS_BYTES);
    else if (at->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(v6))
        inet_ntop(AF_INET, v6->s6_addr + 12, out, HTTP_ADDRESS_BYTES);
    else if (at->sa_family == AF_INET6)
        inet_ntop(AF_INET6, v6, out, HTTP_ADDRESS_BYTES);
}

/* Nobody has read a request: the answer is the same for all. */
static void refuse(struct http_server *s, int fd)
{
    static const char body[] = "{\"type\":\"urn:innominatus:error:ORC-2007\",\"title\":\"too many attempts\",\"status\":429,\"code\":"
                               "\"ORC-2007\",\"detail\":\"this address has as many connections as it may have\",\"remedy\":\"close "
                               "connections, or wait as long as Retry-After says\"}";
    char text[1024];
    int len = snprintf(text, sizeof text,
                       "HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\n"
                       "Retry-After: 5\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n%s",
                       sizeof body - 1, body);

    (void)!send(fd, text, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
    shutdown(fd, SHUT_WR);
    http_linger(s, fd);
    close(fd);
}

static void take_connection(struct http_server *s, int fd, const struct sockaddr *at, socklen_t len)
{
    char address[HTTP_ADDRESS_BYTES];
    struct http_thread *thread;

    http_address_text(at, address);
    thread = enter(s, address);
    if (!thread)
        refuse(s, fd);
    else if (MHD_add_connection(thread->daemon, fd, at, len) != MHD_YES) /* it has closed it */
        http_leave(thread, address);
}

static bool has_room(struct http_server *s)
{
    bool room;

    pthread_mutex_lock(&s->lock);
    room = s->connections < s->options.connections;
    pthread_mutex_unlock(&s->lock);
    return room;
}

static bool somebody_waits(const struct http_server *s)
{
    struct pollfd fd = {.fd = s->listen_fd, .events = POLLIN};

    return poll(&fd, 1, 0) > 0;
}

/* Accepts what waits while there is room. Gives how long to leave the socket alone, 0: not at all. */
static int accept_all(struct http_server *s)
{
    while (has_room(s)) {
        struct sockaddr_storage at = {0};
        socklen_t len = sizeof at;
        int fd = accept4(s->listen_fd, (struct sockaddr *)&at, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            take_connection(s, fd, (const struct sockaddr *)&at, len);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            log_warn("http", "no connection can be accepted now: %s", strerror(errno));
            return PAUSE_MS;
        } else if (errno == EAGAIN) {
            return 0;
        } /* else that connection is gone already */
    }
    if (!somebody_waits(s))
        return 0;
    http_conn_evict(s); /* the one that has done nothing for the longest time goes; its end wakes us */
    return PAUSE_MS;
}

static void *accept_run(void *ctx)
{
    struct http_server *s = ctx;
    int pause_ms = 0;

    while (!atomic_load(&s->accept_stop)) {
        struct pollfd fds[2] = {{.fd = s->accept_wake, .events = POLLIN}, {.fd = s->listen_fd, .events = POLLIN}};
        eventfd_t ignored;

        if (poll(fds, pause_ms ? 1 : 2, pause_ms ? pause_ms : -1) < 0 && errno != EINTR)
            abort();
        eventfd_read(s->accept_wake, &ignored);
        pause_ms = pause_ms || fds[1].revents ? accept_all(s) : 0;
    }
    return NULL;
}

int http_accept_start(struct http_server *s, struct err *err)
{
    int failed;

    s->accept_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->accept_wake < 0)
        return err_set_sys(err, ERR_INTERNAL, "cannot make an event descriptor");
    failed = pthread_create(&s->accepter, NULL, accept_run, s);
    if (failed)
        return err_set(err, ERR_INTERNAL, "cannot start the thread that accepts connections: %s", strerror(failed));
    s->accepter_runs = true;
    return 0;
}

void http_accept_stop(struct http_server *s)
{
    if (!s->accepter_runs)
        return;
    atomic_store(&s->accept_stop, true);
    eventfd_write(s->accept_wake, 1);
    pthread_join(s->accepter, NULL);
}

void http_accept_close(struct http_server *s)
{
    if (s->accept_wake >= 0)
        close(s->accept_wake);
    if (s->listen_fd >= 0)
        close(s->listen_fd);
    for (size_t i = 0; i < HTTP_PEER_SLOTS; i++)
        while (s->peers[i]) {
            struct http_peer *peer = s->peers[i];

            s->peers[i] = peer->next;
            free(peer);
        }
}
