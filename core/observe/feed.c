/* Owns the newest events and the thread that reads them. The lock guards everything in struct feed but the thread's own reading; `woken` of
 * the hub runs on store threads, that of followers here, the rest on HTTP threads. */
#include "observe/feed.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "observe/event.h"
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RING_EVENTS   1024
#define RING_BYTES    (4u << 20)
#define PAGES_A_ROUND 5 /* whoever is further behind than that reads the store */
#define RETRY_SECONDS 1 /* after the store has failed */

struct feed_event {
    const char *fields[FEED_FIELDS]; /* in the block of `text` */
    char *text;
    size_t len;
};

struct feed {
    struct store *store;
    struct hub *hub;
    pthread_t thread;

    pthread_mutex_t lock; /* what follows */
    pthread_cond_t wake;
    struct hub_waiter waiter;
    bool pulsed, stopping;
    unsigned followers;
    struct feed_follower *armed;
    uint64_t generation;
    /* Events first .. first + count - 1, event n at n % RING_EVENTS. Nothing is known before there is a first number. */
    struct feed_event ring[RING_EVENTS];
    int64_t first;
    size_t count, bytes;
    bool known;
};

/* ---- events ---- */

static const char *const members[FEED_FIELDS] = {[FEED_TYPE] = "type",
                                                 [FEED_TEAM] = "team",
                                                 [FEED_DEPLOYMENT] = "deployment_id",
                                                 [FEED_WORKFLOW] = "workflow_id",
                                                 [FEED_STEP] = "step_id",
                                                 [FEED_RESOURCE] = "resource_id",
                                                 [FEED_APPLICATION] = "application",
                                                 [FEED_ENVIRONMENT] = "environment",
                                                 [FEED_ACTOR] = "actor"};

void feed_format(const json_t *event, struct buf *out)
{
    CLEANUP(free_ptr) char *text = json_text(event); /* on one line: JSON escapes what would end it */

    buf_printf(out, "id: %lld\nevent: %s\ndata: %s\n\n", (long long)json_int(event, "id", 0), json_str(event, "type"), text);
}

/* One block for the text and the fields. */
static struct feed_event event_make(const json_t *item)
{
    CLEANUP(buf_fini) struct buf text = BUF_INIT(4 * LIMIT_EVENT_BYTES);
    struct feed_event event = {0};
    size_t offsets[FEED_FIELDS];

    feed_format(item, &text);
    event.len = text.len;
    for (int i = 0; i < FEED_FIELDS; i++) {
        const char *value = json_str(item, members[i]);

        offsets[i] = value ? text.len : 0;
        if (value)
            buf_add(&text, value, strlen(value) + 1);
    }
    event.text = buf_take(&text);
    for (int i = 0; i < FEED_FIELDS; i++)
        event.fields[i] = offsets[i] ? event.text + offsets[i] : NULL;
    return event;
}

static bool field_fits(int field, const char *wanted, const char *has)
{
    if (field == FEED_TYPE && str_ends(wanted, "."))
        return has && str_starts(has, wanted);
    return str_eq(wanted, has);
}

static bool concerns(const struct feed_follower *f, const struct feed_event *event)
{
    for (int i = 0; i < FEED_FIELDS; i++)
        if (f->wanted[i] && !field_fits(i, f->wanted[i], event->fields[i]))
            return false;
    return true;
}

/* ---- the ring; the lock is held ---- */

static struct feed_event *ring_at(struct feed *feed, int64_t number) { return &feed->ring[(uint64_t)number % RING_EVENTS]; }

static void ring_drop(struct feed *feed)
{
    struct feed_event *oldest = ring_at(feed, feed->first);

    feed->bytes -= oldest->len;
    free(oldest->text);
    *oldest = (struct feed_event){0};
    feed->first++;
    feed->count--;
}

static void ring_add(struct feed *feed, struct feed_event event)
{
    while (feed->count == RING_EVENTS || (feed->count && feed->bytes + event.len > RING_BYTES))
        ring_drop(feed);
    *ring_at(feed, feed->first + (int64_t)feed->count) = event;
    feed->count++;
    feed->bytes += event.len;
}

static void ring_restart(struct feed *feed, int64_t first)
{
    while (feed->count)
        ring_drop(feed);
    feed->first = first;
}

/* ---- followers; the lock is held ---- */

static void disarm(struct feed_follower *f)
{
    if (!f->link)
        return;
    *f->link = f->next;
    if (f->next)
        f->next->link = f->link;
    f->next = NULL;
    f->link = NULL;
}

static void wake_armed(struct feed *feed)
{
    while (feed->armed) {
        struct feed_follower *f = feed->armed;

        disarm(f);
        f->woken(f);
    }
}

/* Who is not concerned stays asleep, past the event. */
static void tell(struct feed *feed, const struct feed_event *event, int64_t number)
{
    for (struct feed_follower *f = feed->armed, *next; f; f = next) {
        next = f->next;
        if (concerns(f, event)) {
            disarm(f);
            f->woken(f);
        } else if (f->last == number - 1) {
            f->last = number;
        }
    }
}

/* ---- reading what was published, on the feed's thread without the lock ---- */

static int head_unit(struct store_tx *tx, void *ctx, struct err *err) { return event_head(tx, ctx, err); }

static int begin(struct feed *feed, struct err *err)
{
    int64_t head;

    if (store_read(feed->store, head_unit, &head, err) < 0)
        return -1;
    pthread_mutex_lock(&feed->lock);
    ring_restart(feed, head + 1);
    feed->known = true;
    feed->generation++;
    wake_armed(feed);
    pthread_mutex_unlock(&feed->lock);
    return 0;
}

/* True while all numbers follow on those in the ring; events that were thrown away leave a gap, and the ring begins anew behind it. */
static void add_page(struct feed *feed, const json_t *items)
{
    const json_t *item;
    size_t i;

    json_array_foreach(items, i, item)
    {
        struct feed_event event = event_make(item);
        int64_t number = json_int(item, "id", 0);

        pthread_mutex_lock(&feed->lock);
        if (number != feed->first + (int64_t)feed->count)
            ring_restart(feed, number);
        ring_add(feed, event);
        feed->generation++;
        tell(feed, &event, number);
        pthread_mutex_unlock(&feed->lock);
    }
}

static int read_on(struct feed *feed, struct err *err)
{
    CLEANUP(event_page_fini) struct event_page page = {.more = true};

    for (int i = 0; i < PAGES_A_ROUND && page.more; i++) {
        struct event_filter filter = {.after = feed->first + (int64_t)feed->count - 1, .limit = LIMIT_PAGE_ITEMS};

        if (event_read(feed->store, &filter, &page, err) < 0)
            return -1;
        add_page(feed, page.items);
    }
    return page.more ? begin(feed, err) : 0;
}

/* ---- the thread ---- */

static void pulsed(struct hub_waiter *waiter)
{
    struct feed *feed = (struct feed *)(void *)((char *)waiter - offsetof(struct feed, waiter));

    pthread_mutex_lock(&feed->lock);
    feed->pulsed = true;
    pthread_cond_signal(&feed->wake);
    pthread_mutex_unlock(&feed->lock);
}

static bool wait_for_work(struct feed *feed, bool failed)
{
    bool go_on;

    pthread_mutex_lock(&feed->lock);
    if (failed && !feed->stopping) {
        struct timespec at;

        clock_gettime(CLOCK_MONOTONIC, &at);
        at.tv_sec += RETRY_SECONDS;
        pthread_cond_timedwait(&feed->wake, &feed->lock, &at);
        feed->pulsed = true;
    }
    while (!feed->stopping && (!feed->pulsed || !feed->followers))
        pthread_cond_wait(&feed->wake, &feed->lock);
    go_on = !feed->stopping;
    feed->pulsed = false;
    pthread_mutex_unlock(&feed->lock);
    return go_on;
}

static void *feed_run(void *ctx)
{
    struct feed *feed = ctx;
    bool failed = false, told = false;

    while (wait_for_work(feed, failed)) {
        uint64_t seen = hub_generation(feed->hub);
        struct err err = {0};

        failed = (feed->known ? read_on(feed, &err) : begin(feed, &err)) < 0;
        if (failed && !told) /* this thread has nobody to return it to */
            log_warn("events", "the newest events cannot be read, trying again: %s", err.msg);
        told = failed;
        if (!hub_arm(feed->hub, &feed->waiter, seen))
            pulsed(&feed->waiter);
    }
    return NULL;
}

int feed_start(struct store *store, struct hub *hub, struct feed **out, struct err *err)
{
    struct feed *feed = mem_zalloc(sizeof *feed);
    pthread_condattr_t monotonic;
    int failed;

    feed->store = store;
    feed->hub = hub;
    feed->waiter.woken = pulsed;
    feed->pulsed = true;
    feed->first = 1;
    pthread_mutex_init(&feed->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&feed->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    failed = pthread_create(&feed->thread, NULL, feed_run, feed);
    if (failed) {
        pthread_cond_destroy(&feed->wake);
        pthread_mutex_destroy(&feed->lock);
        free(feed);
        return err_set(err, ERR_INTERNAL, "cannot start the thread of the events: %s", strerror(failed));
    }
    *out = feed;
    return 0;
}

void feed_stop(struct feed *feed)
{
    if (!feed)
        return;
    pthread_mutex_lock(&feed->lock);
    feed->stopping = true;
    pthread_cond_signal(&feed->wake);
    pthread_mutex_unlock(&feed->lock);
    pthread_join(feed->thread, NULL);
    hub_disarm(feed->hub, &feed->waiter);
    ring_restart(feed, 1);
    pthread_cond_destroy(&feed->wake);
    pthread_mutex_destroy(&feed->lock);
    free(feed);
}

/* ---- for followers ---- */

void feed_join(struct feed *feed, struct feed_follower *f)
{
    (void)f;
    pthread_mutex_lock(&feed->lock);
    if (feed->followers++ == 0)
        pthread_cond_signal(&feed->wake);
    pthread_mutex_unlock(&feed->lock);
}

void feed_leave(struct feed *feed, struct feed_follower *f)
{
    pthread_mutex_lock(&feed->lock);
    disarm(f);
    feed->followers--;
    pthread_mutex_unlock(&feed->lock);
}

bool feed_take(struct feed *feed, struct feed_follower *f, size_t enough, struct buf *out, uint64_t *out_seen)
{
    int64_t end;
    bool there;

    pthread_mutex_lock(&feed->lock);
    end = feed->first + (int64_t)feed->count;
    there = feed->known && f->last >= feed->first - 1;
    *out_seen = feed->generation;
    while (there && f->last < end - 1 && out->len < enough) {
        const struct feed_event *event = ring_at(feed, ++f->last);

        if (concerns(f, event))
            buf_add(out, event->text, event->len);
    }
    pthread_mutex_unlock(&feed->lock);
    return there;
}

bool feed_arm(struct feed *feed, struct feed_follower *f, uint64_t seen)
{
    bool arms;

    pthread_mutex_lock(&feed->lock);
    arms = feed->generation == seen && !feed->stopping;
    if (arms && !f->link) {
        f->next = feed->armed;
        f->link = &feed->armed;
        if (f->next)
            f->next->link = &f->next;
        feed->armed = f;
    }
    pthread_mutex_unlock(&feed->lock);
    return arms;
}

void feed_disarm(struct feed *feed, struct feed_follower *f)
{
    pthread_mutex_lock(&feed->lock);
    disarm(f);
    pthread_mutex_unlock(&feed->lock);
}

void feed_wake_all(struct feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    feed->generation++; /* nor does anybody arm who has looked around before */
    wake_armed(feed);
    pthread_mutex_unlock(&feed->lock);
}
