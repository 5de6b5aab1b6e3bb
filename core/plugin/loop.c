/* Owns the plugin loop: one thread, one epoll, one timer. It forks the hosts, hands them calls, watches deadlines, memory and ends. When
 * nothing runs it sleeps without a timer; idle hosts are reaped by the timer. */
#include "base/clock.h"
#include "plugin/plugin_priv.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EVENTS 32
#define NEVER  TIMER_OFF

#define ORPHAN_ROUNDS 100 /* of at most 20 ms at the end, for what hosts have left behind */

void loop_fail_call(struct plugin_manager *m, struct plugin_call *c, enum err_code code, const char *text)
{
    struct err err = {0};

    err_set(&err, code, "%s: %s", c->instance->name, text);
    call_finish(m, c, PLUGIN_DONE_FAILED, 0, &err, NULL);
}

/* ---- queue ---- */

static struct plugin_call *pop(struct instance *i)
{
    struct plugin_call *c = i->queue;

    i->queue = c->next;
    if (!i->queue)
        i->queue_end = &i->queue;
    c->next = NULL;
    return c;
}

/* A call that was canceled at once may still be in the inbox. */
static void drop_from_inbox(struct plugin_manager *m, const struct plugin_call *c)
{
    struct plugin_call **at = &m->inbox;

    pthread_mutex_lock(&m->lock);
    while (*at && *at != c)
        at = &(*at)->next;
    if (*at)
        *at = c->next;
    for (m->inbox_end = &m->inbox; *m->inbox_end;)
        m->inbox_end = &(*m->inbox_end)->next;
    pthread_mutex_unlock(&m->lock);
}

static void drop_from_queue(struct instance *i, struct plugin_call *c)
{
    struct plugin_call **at = &i->queue;

    while (*at && *at != c)
        at = &(*at)->next;
    if (*at)
        *at = c->next;
    for (i->queue_end = &i->queue; *i->queue_end;)
        i->queue_end = &(*i->queue_end)->next;
}

bool loop_is_broken(struct plugin_manager *m, const struct instance *i, enum err_code *code, char *why, size_t cap)
{
    bool broken = true;

    pthread_mutex_lock(&m->lock);
    if (m->stopping) {
        *code = ERR_SHUTDOWN;
        snprintf(why, cap, "the server is stopping");
    } else if (i->state == PLUGIN_REFUSED) {
        *code = ERR_PLUGIN_REFUSED;
        snprintf(why, cap, "refused: %s", i->reason);
    } else if (i->state == PLUGIN_STUCK) {
        *code = ERR_PLUGIN_TIMEOUT;
        snprintf(why, cap, "stuck: %s", i->reason);
    } else if (circuit_is_open(i, why, cap)) {
        *code = ERR_CIRCUIT_OPEN;
    } else {
        broken = false;
    }
    pthread_mutex_unlock(&m->lock);
    return broken;
}

int loop_host_limit(struct plugin_manager *m, const struct instance *i)
{
    bool probing;

    pthread_mutex_lock(&m->lock);
    probing = i->circuit.state != BREAKER_CLOSED; /* its time has come again: one host has to prove itself first */
    pthread_mutex_unlock(&m->lock);
    return probing ? 1 : i->max_hosts;
}

static bool give_to_idle(struct plugin_manager *m, struct instance *i)
{
    for (struct host *h = i->hosts; h; h = h->next)
        if (h->phase == HOST_IDLE && !h->ended && handover_take_back(m, h) && !host_is_gone(h)) {
            host_give_call(m, h, pop(i));
            return true;
        }
    return false;
}

static bool start_one(struct plugin_manager *m, struct instance *i)
{
    struct err err = {0};
    struct plugin_call *call;
    int count = 0;

    for (struct host *h = i->hosts; h; h = h->next)
        count++;
    if (count >= loop_host_limit(m, i) || clock_mono_us() < i->start_after_us)
        return false;
    call = pop(i);
    if (host_start(m, i, call, &err) < 0) {
        call->host = NULL;
        call_finish(m, call, PLUGIN_DONE_FAILED, 0, &err, NULL);
    }
    return true;
}

void loop_dispatch(struct plugin_manager *m, struct instance *i)
{
    enum err_code code;
    char why[900];

    while (i->queue) {
        if (loop_is_broken(m, i, &code, why, sizeof why))
            loop_fail_call(m, pop(i), code, why);
        else if (!give_to_idle(m, i) && !start_one(m, i))
            return;
    }
}

/* ---- the inbox ---- */

static void take_inbox(struct plugin_manager *m)
{
    struct plugin_call *c, *next;

    pthread_mutex_lock(&m->lock);
    c = m->inbox;
    m->inbox = NULL;
    m->inbox_end = &m->inbox;
    pthread_mutex_unlock(&m->lock);
    for (; c; c = next) {
        next = c->next;
        c->next = NULL;
        *c->instance->queue_end = c;
        c->instance->queue_end = &c->next;
        loop_dispatch(m, c->instance);
    }
}

static void ask_call_to_stop(struct plugin_manager *m, struct plugin_call *c, bool canceled)
{
    if (!c->host) {
        drop_from_inbox(m, c);
        drop_from_queue(c->instance, c);
        loop_fail_call(m, c, canceled ? ERR_CANCELED : ERR_PLUGIN_TIMEOUT,
                       canceled ? "canceled before it began" : "no host was free before the deadline");
        return;
    }
    if (c->grace_us == 0) {
        c->grace_us = clock_mono_us() + (host_is_granted(c->instance, "exec") ? m->exec_grace_ms : m->options.grace_ms) * US_PER_MS;
        host_ask_stop(c->host);
    }
    c->timed_out = c->timed_out || !canceled;
}

static void answer_checkpoint(struct plugin_manager *m, struct plugin_call *c, bool durable)
{
    json_t *frame = json_pack("{s:s,s:I,s:b}", "t", "checkpointed", "id", (json_int_t)c->id, "ok", durable);

    c->waits_checkpoint = false;
    host_queue_frame(m, c->host, frame);
    json_decref(frame);
}

/* The next call with something to attend to, taken under the lock; what was asked is in the outputs. */
static struct plugin_call *next_attention(struct plugin_manager *m, bool *cancel, int *checkpoint)
{
    struct plugin_call *c;

    pthread_mutex_lock(&m->lock);
    handover_adopt_locked(m); /* or a call that was just given would look like one that waits */
    for (c = m->calls; c; c = c->all_next)
        if (!c->instance->is_inline && ((c->cancel_wanted && !c->cancel_told) || (c->checkpoint && c->waits_checkpoint)))
            break;
    if (c) {
        *cancel = c->cancel_wanted && !c->cancel_told;
        *checkpoint = c->waits_checkpoint ? c->checkpoint : 0;
        c->cancel_told = c->cancel_told || *cancel;
        c->checkpoint = 0;
    } else {
        m->attention = false;
    }
    pthread_mutex_unlock(&m->lock);
    return c;
}

static void attend(struct plugin_manager *m)
{
    bool cancel;
    int checkpoint;
    struct plugin_call *c;

    while ((c = next_attention(m, &cancel, &checkpoint))) {
        if (checkpoint && c->host)
            answer_checkpoint(m, c, checkpoint > 0);
        if (cancel)
            ask_call_to_stop(m, c, true);
    }
}

/* ---- time ---- */

static void earliest(int64_t *next, int64_t at)
{
    if (at < *next)
        *next = at;
}

static void kill_late_call(struct host *h)
{
    struct plugin_call *c = h->call;
    struct err err = {0};

    if (c->timed_out)
        err_set(&err, ERR_PLUGIN_TIMEOUT, "%s: %s did not answer in time, nor when asked to stop, and was killed", h->instance->name,
                call_operation_name(c->operation));
    else
        err_set(&err, ERR_CANCELED, "%s: canceled; %s did not stop when asked and was killed", h->instance->name,
                call_operation_name(c->operation));
    host_kill(h, &err, c->timed_out);
}

static void kill_late_host(struct host *h)
{
    bool loading = h->phase == HOST_STARTING && !h->closed;
    struct err err = {0};

    err_set(&err, loading ? ERR_PLUGIN_TIMEOUT : ERR_PLUGIN_PROTOCOL, "%s: its host %s and was killed", h->instance->name,
            loading                    ? "did not load the plugin in time"
            : h->phase == HOST_CLOSING ? "did not close in time"
                                       : "closed its connection");
    host_kill(h, &err, h->phase != HOST_CLOSING);
}

static bool is_removed(struct plugin_manager *m, const struct instance *i)
{
    bool removed;

    pthread_mutex_lock(&m->lock);
    removed = i->removed;
    pthread_mutex_unlock(&m->lock);
    return removed;
}

static void host_time(struct plugin_manager *m, struct host *h, int64_t now, int64_t *next)
{
    int64_t idle_us = m->options.idle_ms > 0 ? m->options.idle_ms * US_PER_MS : 60LL * US_PER_SEC;

    if (h->phase == HOST_KILLED)
        return;
    if (h->call && h->phase != HOST_CLOSING && h->call->grace_us && now >= h->call->grace_us) {
        kill_late_call(h);
        return;
    }
    if (h->phase_deadline_us && now >= h->phase_deadline_us) {
        kill_late_host(h);
        return;
    }
    if (h->phase == HOST_IDLE) {
        if (now < h->idle_since_us + idle_us && !is_removed(m, h->instance))
            earliest(next, h->idle_since_us + idle_us);
        else if (handover_take_back(m, h))
            host_close(m, h);
    }
    if (h->phase_deadline_us) /* host_close has set one */
        earliest(next, h->phase_deadline_us);
    if (!h->call || h->phase == HOST_CLOSING)
        return;
    if (!h->call->grace_us && now >= h->call->deadline_us)
        ask_call_to_stop(m, h->call, false);
    earliest(next, h->call->grace_us ? h->call->grace_us : h->call->deadline_us);
}

static void sample_memory(struct plugin_manager *m, struct host *h)
{
    int64_t limit = h->instance->memory_bytes, used;
    struct err err = {0};

    if (h->phase != HOST_BUSY && h->phase != HOST_OPENING && h->phase != HOST_IDLE)
        return;
    used = host_tree_bytes(h->pid);
    if (used <= limit)
        return;
    if (h->phase == HOST_IDLE) { /* a leak: nobody is hurt by a fresh start */
        if (!handover_take_back(m, h))
            return;
        pthread_mutex_lock(&m->lock);
        h->instance->recycled++;
        pthread_mutex_unlock(&m->lock);
        host_close(m, h);
        return;
    }
    err_set(&err, ERR_PLUGIN_CRASHED, "%s: used %lld MiB of memory in %s, its limit is %lld MiB, and was killed", h->instance->name,
            (long long)(used >> 20), h->call ? call_operation_name(h->call->operation) : "open", (long long)(limit >> 20));
    host_kill(h, &err, true);
}

/* Queued calls whose time is over, and those that wait for a restart. */
static void queue_time(struct plugin_manager *m, struct instance *i, int64_t now, int64_t *next)
{
    struct plugin_call *c, *after;

    for (c = i->queue; c; c = after) {
        after = c->next;
        if (now >= c->deadline_us)
            ask_call_to_stop(m, c, false);
        else
            earliest(next, c->deadline_us);
    }
    if (i->queue && i->start_after_us > now)
        earliest(next, i->start_after_us);
    else if (i->queue)
        loop_dispatch(m, i);
}

static void instance_time(struct plugin_manager *m, struct instance *i, int64_t now, bool sample, bool *running, int64_t *next)
{
    if (i->is_inline) {
        inline_time(m, i, now, next);
        return;
    }
    for (struct host *h = i->hosts; h; h = h->next) {
        if (sample)
            sample_memory(m, h);
        host_time(m, h, now, next);
        *running = *running || h->phase == HOST_BUSY || h->phase == HOST_OPENING;
    }
    queue_time(m, i, now, next);
}

/* Retired instances go when nothing of them runs. */
static void free_retired(struct plugin_manager *m)
{
    struct instance *gone = NULL;

    pthread_mutex_lock(&m->lock);
    for (struct instance **at = &m->retired, *i; (i = *at);) {
        if (i->pending == 0 && i->host_count == 0) {
            *at = i->next;
            i->next = gone;
            gone = i;
        } else {
            at = &i->next;
        }
    }
    pthread_mutex_unlock(&m->lock);
    for (struct instance *next; gone; gone = next) {
        next = gone->next;
        manager_free_instance(gone);
    }
}

#define LISTS 3

static struct instance *first_instance(struct plugin_manager *m, int list)
{
    struct instance *i;

    pthread_mutex_lock(&m->lock);
    i = list == 0 ? m->instances : list == 1 ? m->retired : m->beside;
    pthread_mutex_unlock(&m->lock);
    return i;
}

static struct instance *next_instance(struct plugin_manager *m, const struct instance *i)
{
    struct instance *next;

    pthread_mutex_lock(&m->lock);
    next = i->next;
    pthread_mutex_unlock(&m->lock);
    return next;
}

/* Looks at everything that time can change and arms the timer for the next such moment. A timer that is armed for an earlier one is left
 * alone: calls that come and go would only move it. */
static void tick(struct plugin_manager *m)
{
    int64_t now = clock_mono_us(), next = NEVER;
    bool running = false, sample = now >= m->next_sample_us;

    for (int list = 0; list < LISTS; list++)
        for (struct instance *i = first_instance(m, list); i; i = next_instance(m, i))
            instance_time(m, i, now, sample, &running, &next);
    earliest(&next, orphans_sweep(m, now));
    if (running) {
        if (sample)
            m->next_sample_us = now + SAMPLE_US;
        earliest(&next, m->next_sample_us);
    }
    pthread_mutex_lock(&m->lock);
    handover_arm(m, next);
    pthread_mutex_unlock(&m->lock);
    free_retired(m);
}

/* ---- the thread ---- */

static void drain(int fd)
{
    uint64_t count;

    while (read(fd, &count, sizeof count) < 0 && errno == EINTR)
        continue;
}

static void on_event(struct plugin_manager *m, struct watch *w)
{
    if (w->host && w->host->ended)
        return;
    switch (w->kind) {
    case WATCH_WAKE:
        drain(m->wake_fd);
        attend(m);
        take_inbox(m);
        break;
    case WATCH_TIMER:
        drain(m->timer_fd);
        pthread_mutex_lock(&m->lock);
        m->armed_us = TIMER_OFF;
        pthread_mutex_unlock(&m->lock);
        break;
    case WATCH_SOCKET:
        host_flush(m, w->host);
        host_read(m, w->host);
        break;
    case WATCH_OUTPUT:
        host_read_output(m, w->host);
        break;
    case WATCH_EXIT:
        host_ended(m, w->host);
        break;
    }
}

struct round {
    int epoll, count;
    struct epoll_event events[EVENTS];
};

static bool has_events(void *ctx)
{
    struct round *r = ctx;

    r->count = epoll_wait(r->epoll, r->events, EVENTS, 0);
    return r->count > 0;
}

static void one_round(struct plugin_manager *m, int timeout_ms)
{
    struct round r = {.epoll = m->epoll};

    if (!spin_wait(&m->spin, has_events, &r))
        r.count = epoll_wait(m->epoll, r.events, EVENTS, timeout_ms);
    spin_end(&m->spin);
    handover_adopt(m);
    for (int n = 0; n < r.count; n++)
        on_event(m, r.events[n].data.ptr);
    tick(m);
    while (m->dead) {
        struct host *h = m->dead;

        m->dead = h->next;
        host_free(h);
    }
}

static bool any_hosts(struct plugin_manager *m)
{
    for (int list = 0; list < LISTS; list++)
        for (struct instance *i = first_instance(m, list); i; i = next_instance(m, i))
            if (i->queue || i->hosts || i->threads)
                return true;
    return false;
}

/* Busy hosts are killed, idle ones close; queued calls fail. */
static void begin_stop(struct plugin_manager *m)
{
    struct err err = {0};

    m->stop_until_us = clock_mono_us() + m->options.grace_ms * US_PER_MS;
    for (int list = 0; list < LISTS; list++)
        for (struct instance *i = first_instance(m, list); i; i = next_instance(m, i)) {
            loop_dispatch(m, i);
            inline_stop(m, i);
            for (struct host *h = i->hosts; h; h = h->next) {
                err_set(&err, ERR_SHUTDOWN, "%s: the server is stopping", i->name);
                if (h->phase == HOST_IDLE && handover_take_back(m, h))
                    host_close(m, h);
                else if (h->phase != HOST_CLOSING)
                    host_kill(h, &err, false);
            }
        }
}

void *loop_run(void *manager)
{
    struct plugin_manager *m = manager;
    bool stopping = false;

    while (!stopping) {
        one_round(m, -1);
        pthread_mutex_lock(&m->lock);
        stopping = m->stopping;
        pthread_mutex_unlock(&m->lock);
    }
    take_inbox(m);
    handover_adopt(m); /* the last: nobody may give a call any more */
    begin_stop(m);
    while (any_hosts(m))
        one_round(m, 200);
    for (int rounds = 0; m->orphans_at_us && rounds < ORPHAN_ROUNDS; rounds++)
        one_round(m, 20);
    free_retired(m);
    return NULL;
}
