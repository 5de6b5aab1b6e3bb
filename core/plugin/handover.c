/* Owns the short way of a call: the thread that makes it writes it to an idle host itself, so that the loop wakes once for a call, for the
 * answer. What any thread may touch of a host is here, under manager.lock; the loop makes such a call its own (adopts it) before it looks
 * at anything that could belong to it. */
#include "base/clock.h"
#include "base/secret.h"
#include "plugin/plugin_priv.h"
#include <errno.h>
#include <sys/timerfd.h>

#define MOST_BYTES (64u << 10) /* more goes the long way: the lock is held while the bytes are copied */

void handover_arm(struct plugin_manager *m, int64_t at_us)
{
    struct itimerspec at = {{0, 0}, {0, 0}};
    int64_t left;

    if (at_us >= m->armed_us)
        return;
    left = at_us - clock_mono_us();
    left = left > 0 ? left : 1;
    at.it_value.tv_sec = left / US_PER_SEC;
    at.it_value.tv_nsec = left % US_PER_SEC * 1000;
    timerfd_settime(m->timer_fd, 0, &at, NULL);
    m->armed_us = at_us;
}

static void unlist(struct host *h) /* lock held */
{
    for (struct host **at = &h->instance->idle; *at; at = &(*at)->idle_next)
        if (*at == h) {
            *at = h->idle_next;
            break;
        }
    h->listed = false;
}

/* What does not go out at once stays in the call's frame, for the loop. False when the host is gone: nothing was sent. */
static bool write_frame(const struct host *h, struct plugin_call *c)
{
    ssize_t sent = host_send(h->sock, c->frame.data, c->frame.len);

    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        return false;
    c->frame_sent = sent > 0 ? (size_t)sent : 0;
    secret_wipe(c->frame.data, c->frame_sent); /* params may hold opened secrets */
    return true;
}

bool handover_give(struct plugin_manager *m, struct plugin_call *c)
{
    struct instance *i = c->instance;
    struct host *h = i->idle;
    int64_t look_us = clock_mono_us() + SAMPLE_US;

    if (!h || m->inbox || i->circuit.state != BREAKER_CLOSED || c->frame.len > MOST_BYTES)
        return false;
    unlist(h);
    if (!write_frame(h, c))
        return false;
    h->claimed = c;
    h->claimed_next = m->claimed;
    m->claimed = h;
    if (c->frame_sent == c->frame.len)
        handover_arm(m, c->deadline_us < look_us ? c->deadline_us : look_us);
    else
        manager_wake(m);
    return true;
}

static void adopt(struct plugin_manager *m, struct host *h)
{
    struct plugin_call *c = h->claimed;

    h->claimed = NULL;
    host_adopt_call(m, h, c);
}

void handover_adopt_locked(struct plugin_manager *m)
{
    while (m->claimed) {
        struct host *h = m->claimed;

        m->claimed = h->claimed_next;
        adopt(m, h);
    }
}

void handover_adopt(struct plugin_manager *m)
{
    pthread_mutex_lock(&m->lock);
    handover_adopt_locked(m);
    pthread_mutex_unlock(&m->lock);
}

void handover_offer(struct plugin_manager *m, struct host *h)
{
    struct instance *i = h->instance;

    if (i->queue || h->trailing || h->out.len) /* those that wait come first; a host that broke the protocol gets no call */
        return;
    pthread_mutex_lock(&m->lock);
    h->idle_next = i->idle;
    i->idle = h;
    h->listed = true;
    pthread_mutex_unlock(&m->lock);
}

bool handover_take_back(struct plugin_manager *m, struct host *h)
{
    bool mine;

    pthread_mutex_lock(&m->lock);
    mine = !h->claimed;
    if (h->listed)
        unlist(h);
    pthread_mutex_unlock(&m->lock);
    return mine;
}
