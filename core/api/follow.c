/* Owns long polling: a request that waits for something to happen is parked, woken by the hub (events, lines of a log), and looks again on
 * an HTTP thread. No thread waits, and while nothing happens nothing is done. */
#include "api/handlers.h"
#include "base/clock.h"
#include "base/log.h"
#include "observe/hub.h"
#include <stddef.h>

struct following {
    struct hub_waiter waiter;
    struct api_request *r;
    api_look look;
    int64_t until_us;
};

static void woken(struct hub_waiter *waiter)
{
    struct following *f = (struct following *)(void *)((char *)waiter - offsetof(struct following, waiter));

    http_wake(&f->r->http);
}

static void disarm(struct api_request *r)
{
    struct following *f = r->state;

    hub_disarm(r->context->hub, &f->waiter);
}

static void look_again(struct http_request *http);

static void look_or_park(struct api_request *r, struct following *f)
{
    uint64_t seen = hub_generation(r->context->hub);
    int64_t left_ms = (f->until_us - clock_mono_us()) / US_PER_MS;

    if (f->look(r, left_ms <= 0 || http_stopping(r->http.server)))
        return;
    http_park(&r->http, left_ms, look_again);
    if (!hub_arm(r->context->hub, &f->waiter, seen))
        http_wake(&r->http);
}

static void look_again(struct http_request *http)
{
    struct api_request *r = (struct api_request *)http;

    disarm(r); /* afterwards nobody wakes it any more */
    log_set_request(r->id);
    look_or_park(r, r->state);
    log_set_request(NULL);
}

void api_follow(struct api_request *r, bool wait, api_look look)
{
    struct following *f = arena_alloc(r->arena, sizeof *f);

    *f = (struct following){
        .waiter = {.woken = woken}, .r = r, .look = look, .until_us = clock_mono_us() + (wait ? FOLLOW_MS * US_PER_MS : 0)};
    r->state = f;
    r->release = disarm;
    look_or_park(r, f);
}

bool api_check_limit(struct api_request *r, int64_t most)
{
    int64_t limit = api_query_int(r, "limit", 1);
    struct err err;

    if (limit >= 1 && limit <= most && api_query_int(r, "after", 0) >= 0 && api_query_int(r, "tail", 0) >= 0)
        return true;
    err_set(&err, ERR_REQUEST, "limit is from 1 to %lld; after and tail are not negative", (long long)most);
    api_problem(r, &err);
    return false;
}
