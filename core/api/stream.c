/* Owns the streams of events. A stream holds its place (a number), at most one chunk of text, and nothing else; between events it is parked
 * and woken by the feed, by a heartbeat, by changes of rights or by the end of the server. Called on HTTP threads but for `woken`. */
#include "api/stream.h"
#include "api/api_priv.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/str.h"
#include "observe/event.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BEAT_MS      15000
#define CHECK_US     (60 * US_PER_SEC) /* keys are looked at again, for what happened on other servers */
#define ENOUGH_BYTES (16u << 10)       /* a chunk; the last event of it may go beyond */
#define STORE_EVENTS 50

struct stream {
    struct feed_follower follower; /* first */
    struct api_request *r;
    char token[AUTH_KEY_BYTES];
    const char *ends_with;
    bool ending, is_following;
    uint64_t rights;
    int64_t check_us, beat_us; /* monotonic */
    struct buf text;
    size_t sent;
};

static int64_t beat_ms(const struct api *api) { return api->options.beat_ms ? api->options.beat_ms : BEAT_MS; }

/* Heartbeats of all streams fall together, so that many idle streams wake the server as seldom as one. */
static void next_beat(struct stream *s)
{
    int64_t every = beat_ms(s->r->api) * US_PER_MS;

    s->beat_us = (clock_mono_us() / every + 1) * every;
}

/* ---- who may go on listening ---- */

static bool is_same(const struct principal *a, const struct principal *b)
{
    return str_eq(a->user_id, b->user_id) && str_eq(a->team, b->team) && a->role == b->role;
}

static bool may_go_on(struct stream *s)
{
    struct auth *auth = s->r->context->auth;
    uint64_t rights = auth_generation(auth);
    int64_t now = clock_mono_us();
    struct principal who;
    struct err err = {0};

    if (s->r->who->expires_at && s->r->who->expires_at <= clock_now_us())
        return false;
    if (rights == s->rights && now < s->check_us)
        return true;
    s->rights = rights;
    s->check_us = now + CHECK_US;
    return auth_check_bearer(auth, s->token, &who, &err) == 0 && is_same(&who, s->r->who);
}

/* ---- what there is to send ---- */

bool stream_type_is_final(const char *type)
{
    static const char *const finals[] = {"deployment.completed", "deployment.failed",      "deployment.canceled",
                                         "deployment.rejected",  "deployment.rolled_back", "deployment.superseded"};

    for (size_t i = 0; i < sizeof finals / sizeof *finals; i++)
        if (str_eq(type, finals[i]))
            return true;
    return false;
}

/* Has the deployment ended with what is in the text (it may have been resumed again, when a dead task was requeued)? `ended`: before it.
 * The text is our own: "event: TYPE\n" begins a line only there, as JSON has no line breaks. */
static bool ends_with(const struct buf *text, bool ended)
{
    for (const char *at = buf_text(text); (at = strstr(at, "\nevent: ")); at++) {
        char type[64];

        snprintf(type, sizeof type, "%.*s", (int)strcspn(at + 8, "\n"), at + 8);
        ended = stream_type_is_final(type) || (ended && !str_eq(type, "deployment.resumed"));
    }
    return ended;
}

/* What is further back than the feed remembers. */
static int read_store(struct stream *s, bool *out_more)
{
    const char *const *wanted = s->follower.wanted;
    struct event_filter filter = {.org = s->r->org,
                                  .team = wanted[FEED_TEAM],
                                  .deployment_id = wanted[FEED_DEPLOYMENT],
                                  .workflow_id = wanted[FEED_WORKFLOW],
                                  .step_id = wanted[FEED_STEP],
                                  .resource_id = wanted[FEED_RESOURCE],
                                  .application = wanted[FEED_APPLICATION],
                                  .environment = wanted[FEED_ENVIRONMENT],
                                  .actor = wanted[FEED_ACTOR],
                                  .type = wanted[FEED_TYPE],
                                  .after = s->follower.last,
                                  .limit = STORE_EVENTS};
    struct event_page page = {0};
    struct err err = {0};
    const json_t *item;
    size_t i;

    if (event_read(s->r->context->store, &filter, &page, &err) < 0)
        return -1;
    json_array_foreach(page.items, i, item) feed_format(item, &s->text);
    s->follower.last = page.last;
    *out_more = page.more;
    event_page_fini(&page);
    return 0;
}

/* Fills s->text. 1: there is something, or the end; 0: parked; -1: the stream cannot go on. */
static int look(struct stream *s)
{
    struct feed *feed = s->r->api->feed;
    uint64_t seen;
    bool more;

    for (;;) {
        more = false;
        if (!may_go_on(s))
            return -1;
        if (!feed_take(feed, &s->follower, ENOUGH_BYTES, &s->text, &seen) && read_store(s, &more) < 0)
            return -1;
        if (s->text.len) {
            s->ending = s->ends_with && ends_with(&s->text, s->ending);
            return 1;
        }
        if (more)
            continue;
        if (s->ending)
            return -1;
        if (clock_mono_us() >= s->beat_us) {
            buf_add_text(&s->text, ":\n\n");
            return 1;
        }
        http_park(&s->r->http, (s->beat_us - clock_mono_us()) / US_PER_MS + 1, NULL);
        if (!feed_arm(feed, &s->follower, seen))
            http_wake(&s->r->http);
        return 0;
    }
}

static ssize_t next(struct http_request *http, char *to, size_t cap)
{
    struct api_request *r = (struct api_request *)http;
    struct stream *s = r->state;
    size_t len;

    feed_disarm(r->api->feed, &s->follower);
    if (s->sent == s->text.len) {
        int found;

        if (http_stopping(http->server))
            return -1;
        found = look(s);
        if (found <= 0)
            return found;
        next_beat(s);
    }
    len = s->text.len - s->sent < cap ? s->text.len - s->sent : cap;
    memcpy(to, s->text.data + s->sent, len);
    s->sent += len;
    if (s->sent == s->text.len) { /* an idle stream holds no chunk */
        buf_fini(&s->text);
        s->text = BUF_INIT(LIMIT_RESPONSE_BYTES);
        s->sent = 0;
    }
    return (ssize_t)len;
}

/* ---- begin and end ---- */

static void woken(struct feed_follower *follower) { http_wake(&((struct stream *)follower)->r->http); }

static void release(struct api_request *r)
{
    struct stream *s = r->state;

    if (s->is_following) {
        feed_leave(r->api->feed, &s->follower);
        atomic_fetch_sub(&r->api->streams, 1);
    }
    buf_fini(&s->text);
    secret_wipe(s->token, sizeof s->token);
}

static int head_unit(struct store_tx *tx, void *ctx, struct err *err) { return event_head(tx, ctx, err); }

static int begin(struct stream *s, const struct stream_start *start, struct err *err)
{
    struct api_request *r = s->r;
    bool cookie;
    int64_t head;

    if (atomic_fetch_add(&r->api->streams, 1) >= LIMIT_STREAMS) {
        atomic_fetch_sub(&r->api->streams, 1);
        return err_set(err, ERR_RATE, "there are %d streams of events already", LIMIT_STREAMS);
    }
    feed_join(r->api->feed, &s->follower);
    s->is_following = true;
    if (store_read(r->context->store, head_unit, &head, err) < 0)
        return -1;
    s->follower.last = start->after < 0 || start->after > head ? head : start->after; /* beyond it: the number is of another database */
    snprintf(s->token, sizeof s->token, "%s", api_token(r, &cookie));
    s->rights = auth_generation(r->context->auth);
    s->check_us = clock_mono_us() + CHECK_US;
    next_beat(s);
    buf_printf(&s->text, "retry: 2000\n: after %lld\n\n", (long long)s->follower.last);
    return 0;
}

void stream_reply(struct api_request *r, const struct stream_start *start)
{
    struct stream *s = arena_alloc(r->arena, sizeof *s);
    struct err err = {0};

    *s = (struct stream){.r = r, .ends_with = start->ends_with, .text = BUF_INIT(LIMIT_RESPONSE_BYTES), .follower = {.woken = woken}};
    memcpy(s->follower.wanted, start->wanted, sizeof s->follower.wanted);
    s->follower.wanted[FEED_TEAM] = r->team;
    r->state = s;
    r->release = release;
    if (begin(s, start, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_stream(r, "text/event-stream", next);
}

bool stream_wanted(struct api_request *r)
{
    const char *accept = http_header(&r->http, "Accept");

    return accept && strcasestr(accept, "text/event-stream") != NULL;
}

int stream_last_seen(struct api_request *r, int64_t *out, struct err *err)
{
    const char *header = http_header(&r->http, "Last-Event-ID"), *query = api_query(r, "last_event_id");
    const char *sent = header && header[0] ? header : query && query[0] ? query : api_query(r, "after");

    *out = -1;
    if (sent && (!str_to_int(sent, out) || *out < 0))
        return err_set(err, ERR_REQUEST, "Last-Event-ID is the number of an event, not \"%.40s\"", sent);
    return 0;
}
