/* Owns the two waiting threads of a store on PostgreSQL (watch.h). Notifications are sent by the notifier after the commit, not inside it:
 * NOTIFY serialises commits on a lock of the whole database while they wait for the disk. A process that dies in between loses a wake-up,
 * no data; the queue's slow poll and the next write make up for it. */
#include "store/watch.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#define SEAL_CHANNEL   "seal"
#define NOTIFY_GAP_US  (5 * US_PER_MS) /* between two notifications of a busy process */
#define LISTEN_WAIT_US (5 * US_PER_SEC)
#define BACKOFF_MS     100
#define BACKOFF_MAX_MS 5000

struct watch {
    struct store *store;
    pthread_t notifier, leader;
    bool notifier_started, leader_started;
    int notifier_wake, leader_wake; /* eventfd */
    _Atomic unsigned outgoing;      /* bits of channels to tell others about */
    _Atomic bool leads, stopping;
    pthread_mutex_t mutex; /* guards the three below */
    pthread_cond_t listening;
    unsigned listens, listened; /* calls of watch_listen, and how many of them the server knows about */
};

/* Connection of one of the threads. */
struct line {
    struct watch *watch;
    struct driver_conn *conn;
    unsigned failures;
    unsigned channels; /* that it listens to */
    bool was_up;
    int64_t last_sent_us;
};

static void wake(int fd) { eventfd_write(fd, 1); /* fails only when it is full, and then it wakes as well */ }

static void drain(int fd)
{
    eventfd_t ignored;

    eventfd_read(fd, &ignored);
}

static void line_drop(struct line *line)
{
    if (line->conn)
        line->conn->driver->close(line->conn);
    line->conn = NULL;
    line->channels = 0;
}

/* Opens the connection, or sleeps a growing while (woken early only by the end). */
static bool line_open(struct line *line, int wake_fd, const char *purpose)
{
    struct store *s = line->watch->store;
    struct err err = {0};
    int64_t until;
    int64_t ms = BACKOFF_MS << (line->failures < 6 ? line->failures : 6);

    if (s->driver->open(&s->config, DRIVER_WATCHER, &line->conn, &err) == 0) {
        if (line->failures)
            log_info("store", "connection for %s is back", purpose);
        line->failures = 0;
        return true;
    }
    if (line->failures++ == 0)
        log_warn("store", "no connection for %s, trying again: %s", purpose, err.msg); /* this thread has nobody to return it to */
    until = clock_mono_us() + (ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS) * US_PER_MS;
    while (!line->watch->stopping && clock_mono_us() < until) {
        poll(&(struct pollfd){.fd = wake_fd, .events = POLLIN}, 1, (int)((until - clock_mono_us()) / US_PER_MS) + 1);
        drain(wake_fd);
    }
    return false;
}

static int ms_until(int64_t us)
{
    int64_t ms = (us - clock_mono_us() + US_PER_MS - 1) / US_PER_MS;

    return ms < 0 ? 0 : ms > INT_MAX ? INT_MAX : (int)ms;
}

static struct channel *channels_of(struct store *s)
{
    struct channel *head;

    pthread_mutex_lock(&s->mutex);
    head = s->channels;
    pthread_mutex_unlock(&s->mutex);
    return head;
}

/* ---- notifications ---- */

static void on_notified(void *ctx, const char *name)
{
    struct watch *w = ctx;
    struct store *s = w->store;

    if (strcmp(name, SEAL_CHANNEL) == 0) {
        pthread_mutex_lock(&s->mutex);
        if (w->leads)
            seal_request(s);
        pthread_mutex_unlock(&s->mutex);
        return;
    }
    for (struct channel *c = channels_of(s); c; c = c->next)
        if (c->woken && strcmp(c->name, name) == 0)
            c->woken(c->ctx);
}

/* LISTENs to what is new, and says so to those who wait in watch_listen. */
static int listen_all(struct line *line, struct err *err)
{
    struct watch *w = line->watch;
    const struct driver *driver = line->conn->driver;
    unsigned listens;
    bool fresh = line->channels == 0;

    pthread_mutex_lock(&w->mutex);
    listens = w->listens;
    pthread_mutex_unlock(&w->mutex);
    if (fresh && driver->listen(line->conn, SEAL_CHANNEL, err) < 0)
        return -1;
    line->channels |= 1u << 31;
    for (struct channel *c = channels_of(w->store); c; c = c->next) {
        if (!c->woken || line->channels & c->bit)
            continue;
        if (driver->listen(line->conn, c->name, err) < 0)
            return -1;
        line->channels |= c->bit;
    }
    pthread_mutex_lock(&w->mutex);
    w->listened = listens;
    pthread_cond_broadcast(&w->listening);
    pthread_mutex_unlock(&w->mutex);
    if (fresh && line->was_up)
        notify_wake(w->store, ~0u); /* whatever was said while nobody heard */
    line->was_up = true;
    return 0;
}

static int send_channels(struct line *line, struct err *err)
{
    struct watch *w = line->watch;
    unsigned bits = atomic_exchange(&w->outgoing, 0), sent = 0;

    for (struct channel *c = channels_of(w->store); c; c = c->next) {
        if (!(bits & c->bit & ~sent))
            continue;
        if (line->conn->driver->notify(line->conn, c->name, err) < 0) {
            atomic_fetch_or(&w->outgoing, bits & ~sent);
            return -1;
        }
        sent |= c->bit;
    }
    if (sent)
        line->last_sent_us = clock_mono_us();
    return 0;
}

/* A store that does not lead passes its wish on to the one that does. *out_due: when, INT64_MAX for never. */
static int send_seal(struct line *line, int64_t *out_due, struct err *err)
{
    struct watch *w = line->watch;
    struct sealer *sealer = &w->store->sealer;
    bool now;

    pthread_mutex_lock(&w->store->mutex);
    *out_due = sealer->pending && !w->leads ? sealer->due_us : INT64_MAX;
    now = *out_due <= clock_mono_us() || (w->stopping && *out_due != INT64_MAX);
    pthread_mutex_unlock(&w->store->mutex);
    if (!now)
        return 0;
    *out_due = INT64_MAX;
    /* Cleared first: a commit from now on asks again. After a failure the new connection asks anyway. */
    pthread_mutex_lock(&w->store->mutex);
    sealer->pending = w->leads;
    sealer->due_us = clock_mono_us() + STORE_SEAL_MS * US_PER_MS;
    pthread_mutex_unlock(&w->store->mutex);
    if (line->conn->driver->notify(line->conn, SEAL_CHANNEL, err) == 0)
        return 0;
    pthread_mutex_lock(&w->store->mutex);
    sealer->pending = true;
    pthread_mutex_unlock(&w->store->mutex);
    return -1;
}

/* One round of the notifier: says what is to be said, then sleeps. */
static int notifier_round(struct line *line, struct err *err)
{
    struct watch *w = line->watch;
    int64_t due, next_send = line->last_sent_us + NOTIFY_GAP_US;

    if (listen_all(line, err) < 0)
        return -1;
    if (w->outgoing && (w->stopping || clock_mono_us() >= next_send) && send_channels(line, err) < 0)
        return -1;
    if (send_seal(line, &due, err) < 0)
        return -1;
    if (w->outgoing && next_send < due)
        due = line->last_sent_us + NOTIFY_GAP_US;
    if (w->stopping)
        return 0;
    if (line->conn->driver->wait(line->conn, w->notifier_wake, due == INT64_MAX ? -1 : ms_until(due), on_notified, w, err) < 0)
        return -1;
    drain(w->notifier_wake);
    return 0;
}

static void *notifier_main(void *ctx)
{
    struct line line = {.watch = ctx};
    bool last = false;

    while (!last) {
        struct err err = {0};

        last = line.watch->stopping; /* one more round sends what the writers left */
        if (!line.conn && !line_open(&line, line.watch->notifier_wake, "notifications"))
            continue;
        if (notifier_round(&line, &err) < 0)
            line_drop(&line);
    }
    line_drop(&line);
    return NULL;
}

/* ---- leadership ---- */

static bool has_sealer(struct store *s)
{
    bool has;

    pthread_mutex_lock(&s->mutex);
    has = s->sealer.unit != NULL;
    pthread_mutex_unlock(&s->mutex);
    return has;
}

static bool seal_due_now(struct store *s)
{
    bool due;

    pthread_mutex_lock(&s->mutex);
    due = seal_is_due(s, clock_mono_us());
    pthread_mutex_unlock(&s->mutex);
    return due;
}

static int become_leader(struct line *line, struct err *err)
{
    struct watch *w = line->watch;
    struct store *s = w->store;
    bool held = false;

    if (line->conn->driver->lead(line->conn, w->leader_wake, &held, err) < 0)
        return -1;
    if (!held) {
        drain(w->leader_wake);
        return 0;
    }
    pthread_mutex_lock(&s->mutex);
    w->leads = true;
    s->sealer.pending = true; /* what the leader before left */
    s->sealer.due_us = 0;
    pthread_mutex_unlock(&s->mutex);
    return 0;
}

static int leader_round(struct line *line, struct err *err)
{
    struct watch *w = line->watch;
    struct store *s = w->store;
    int timeout_ms;

    if (seal_due_now(s)) {
        seal_run(s, line->conn);
        return line->conn->driver->alive(line->conn) ? 0 : -1;
    }
    pthread_mutex_lock(&s->mutex);
    timeout_ms = s->sealer.pending ? ms_until(s->sealer.due_us) : -1;
    pthread_mutex_unlock(&s->mutex);
    /* The lock is the session's: what ends it, ends leadership, and wait notices. */
    if (line->conn->driver->wait(line->conn, w->leader_wake, timeout_ms, NULL, NULL, err) < 0)
        return -1;
    drain(w->leader_wake);
    return 0;
}

static void *leader_main(void *ctx)
{
    struct watch *w = ctx;
    struct line line = {.watch = w};

    while (!w->stopping) {
        struct err err = {0};

        if (!has_sealer(w->store)) {
            poll(&(struct pollfd){.fd = w->leader_wake, .events = POLLIN}, 1, -1);
            drain(w->leader_wake);
        } else if (!line.conn) {
            line_open(&line, w->leader_wake, "leadership");
        } else if ((w->leads ? leader_round(&line, &err) : become_leader(&line, &err)) < 0) {
            w->leads = false;
            line_drop(&line);
        }
    }
    while (w->leads && seal_due_now(w->store))
        seal_run(w->store, line.conn);
    w->leads = false;
    line_drop(&line);
    return NULL;
}

/* ---- for the rest of the store ---- */

int watch_start(struct store *s, struct watch **out, struct err *err)
{
    struct watch *w = mem_zalloc(sizeof *w);

    w->store = s;
    w->notifier_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    w->leader_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&w->mutex, NULL);
    store_cond_init(&w->listening);
    *out = w; /* before the threads: they look at it through the store */
    if (w->notifier_wake < 0 || w->leader_wake < 0)
        return err_set_sys(err, ERR_STORE, "cannot make an event counter");
    if (!(errno = pthread_create(&w->notifier, NULL, notifier_main, w)))
        w->notifier_started = true;
    if (!errno && !(errno = pthread_create(&w->leader, NULL, leader_main, w)))
        w->leader_started = true;
    return errno ? err_set_sys(err, ERR_STORE, "cannot start the store's threads") : 0;
}

void watch_stop(struct watch *w)
{
    if (!w)
        return;
    w->stopping = true;
    wake(w->leader_wake);
    if (w->leader_started)
        pthread_join(w->leader, NULL);
    wake(w->notifier_wake); /* after the leader, whose sealing may notify */
    if (w->notifier_started)
        pthread_join(w->notifier, NULL);
    close_fd(&w->leader_wake);
    close_fd(&w->notifier_wake);
    pthread_cond_destroy(&w->listening);
    pthread_mutex_destroy(&w->mutex);
    free(w);
}

void watch_listen(struct watch *w, const char *channel)
{
    int64_t until = clock_mono_us() + LISTEN_WAIT_US;
    unsigned mine;

    (void)channel; /* the notifier looks through the store's list */
    pthread_mutex_lock(&w->mutex);
    mine = ++w->listens;
    wake(w->notifier_wake);
    while (w->listened < mine && store_cond_wait_until(&w->listening, &w->mutex, until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&w->mutex);
}

void watch_notify(struct watch *w, unsigned channels)
{
    if ((atomic_fetch_or(&w->outgoing, channels) & channels) != channels)
        wake(w->notifier_wake);
}

void watch_seal_wanted(struct watch *w) { wake(w->leads ? w->leader_wake : w->notifier_wake); }

void watch_stand(struct watch *w) { wake(w->leader_wake); }

bool watch_leads(const struct watch *w) { return w->leads; }
