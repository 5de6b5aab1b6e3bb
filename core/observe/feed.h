/* The feed: the newest sealed events in memory, for streams (GET /events). One thread reads what the sealer has published, once for
 * everybody who follows, and wakes those whom a new event concerns; whoever is too far behind reads the store. While nobody follows it
 * reads nothing. */
#pragma once
#include "base/buf.h"
#include "codec/json.h"
#include "observe/hub.h"

/* What events are told apart by. */
enum feed_field {
    FEED_TYPE, /* a wanted type may be a prefix that ends with a dot */
    FEED_TEAM,
    FEED_DEPLOYMENT,
    FEED_WORKFLOW,
    FEED_STEP,
    FEED_RESOURCE,
    FEED_APPLICATION,
    FEED_ENVIRONMENT,
    FEED_ACTOR,
    FEED_FIELDS
};

struct feed;

/* `hub` and `store` must outlive it. Errors: ERR_INTERNAL. */
int feed_start(struct store *store, struct hub *hub, struct feed **out, struct err *err);
/* After the last follower has left. NULL is fine. */
void feed_stop(struct feed *feed);

/* Part of the caller's structure. */
struct feed_follower {
    const char *wanted[FEED_FIELDS]; /* NULL: any; borrowed */
    int64_t last;                    /* number of the last event that is done with: the feed's while armed */
    /* Told once after feed_arm, then disarmed. On the feed's thread with its lock held: be short, call nothing of the feed. */
    void (*woken)(struct feed_follower *f);
    struct feed_follower *next, **link; /* the feed's; link is NULL while disarmed */
};

/* Follows from now on; `last`, `wanted` and `woken` are set. Leaving twice is fine. */
void feed_join(struct feed *feed, struct feed_follower *f);
void feed_leave(struct feed *feed, struct feed_follower *f);

/* Appends what concerns the follower beyond f->last to `out` (text/event-stream) until that has `enough` bytes, and moves f->last.
 * out_seen: for feed_arm. False: that is further back than the feed remembers; read the store (feed_format, f->last) and take again. */
bool feed_take(struct feed *feed, struct feed_follower *f, size_t enough, struct buf *out, uint64_t *out_seen);
/* False when something has happened since feed_take: not armed, take again. */
bool feed_arm(struct feed *feed, struct feed_follower *f, uint64_t seen);
/* Afterwards `woken` neither runs nor will, and f->last is past what did not concern the follower. */
void feed_disarm(struct feed *feed, struct feed_follower *f);
/* Wakes everybody who is armed, to look around for other reasons. Any thread. */
void feed_wake_all(struct feed *feed);

/* An event as text/event-stream. */
void feed_format(const json_t *event, struct buf *out);
