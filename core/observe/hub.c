/* Owns the waiters for sealed events. `pulse` runs on store threads, everything else on HTTP and worker threads. */
#include "observe/hub.h"
#include "base/clock.h"
#include "base/mem.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct hub {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    uint64_t generation;
    struct hub_waiter *armed;
};

static void unlink_waiter(struct hub_waiter *waiter)
{
    *waiter->link = waiter->next;
    if (waiter->next)
        waiter->next->link = waiter->link;
    waiter->next = NULL;
    waiter->link = NULL;
}

void hub_pulse(struct hub *hub)
{
    pthread_mutex_lock(&hub->lock);
    hub->generation++;
    pthread_cond_broadcast(&hub->moved);
    while (hub->armed) {
        struct hub_waiter *waiter = hub->armed;

        unlink_waiter(waiter);
        waiter->woken(waiter);
    }
    pthread_mutex_unlock(&hub->lock);
}

static void store_woke(void *ctx) { hub_pulse(ctx); }

struct hub *hub_new(struct store *store)
{
    struct hub *hub = mem_zalloc(sizeof *hub);
    pthread_condattr_t monotonic;

    pthread_mutex_init(&hub->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&hub->moved, &monotonic);
    pthread_condattr_destroy(&monotonic);
    store_listen(store, "events", store_woke, hub);
    return hub;
}

void hub_free(struct hub *hub)
{
    if (!hub)
        return;
    pthread_cond_destroy(&hub->moved);
    pthread_mutex_destroy(&hub->lock);
    free(hub);
}

uint64_t hub_generation(struct hub *hub)
{
    uint64_t generation;

    pthread_mutex_lock(&hub->lock);
    generation = hub->generation;
    pthread_mutex_unlock(&hub->lock);
    return generation;
}

bool hub_wait(struct hub *hub, uint64_t seen, int64_t timeout_ms)
{
    int64_t until = clock_mono_us() + (timeout_ms > 0 ? timeout_ms : 0) * US_PER_MS;
    struct timespec at = {.tv_sec = until / US_PER_SEC, .tv_nsec = until % US_PER_SEC * 1000};
    bool moved;

    pthread_mutex_lock(&hub->lock);
    while (hub->generation == seen && pthread_cond_timedwait(&hub->moved, &hub->lock, &at) == 0)
        ;
    moved = hub->generation != seen;
    pthread_mutex_unlock(&hub->lock);
    return moved;
}

bool hub_arm(struct hub *hub, struct hub_waiter *waiter, uint64_t seen)
{
    bool armed;

    pthread_mutex_lock(&hub->lock);
    armed = hub->generation == seen;
    if (armed && !waiter->link) {
        waiter->next = hub->armed;
        waiter->link = &hub->armed;
        if (waiter->next)
            waiter->next->link = &waiter->next;
        hub->armed = waiter;
    }
    pthread_mutex_unlock(&hub->lock);
    return armed;
}

void hub_disarm(struct hub *hub, struct hub_waiter *waiter)
{
    pthread_mutex_lock(&hub->lock);
    if (waiter->link)
        unlink_waiter(waiter);
    pthread_mutex_unlock(&hub->lock);
}
