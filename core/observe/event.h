/* Events: what happened, one row each, written in the transaction of what they tell about. They are numbered without gaps in the order of
 * their commits: as they are written where this process alone writes (SQLite), else by the sealer (core/audit). Only a numbered event is
 * seen by readers, so a reader that remembers the last number misses nothing (SSE: Last-Event-ID). */
#pragma once
#include "codec/json.h"
#include "store/store.h"

/* NULL means none. Texts are borrowed for the call. */
struct event {
    const char *type;       /* objects.md: deployment.queued, step.started, ... */
    int64_t at;             /* us; 0: now */
    const char *org, *team; /* org NULL: the default one */
    const char *deployment_id, *workflow_id, *step_id, *step, *resource_id, *application, *environment, *actor;
    const json_t *data; /* no clear secrets: events are stored and streamed */
};

/* Errors: ERR_STORE..., ERR_LIMIT (data beyond LIMIT_EVENT_BYTES). */
int event_write(struct store_tx *tx, const struct event *event, struct err *err);

struct event_filter {
    const char *org;  /* NULL: the default one */
    const char *team; /* NULL: every team (the caller has checked that it may) */
    const char *deployment_id, *workflow_id, *step_id, *resource_id, *application, *environment, *actor;
    const char *type; /* exact, or a prefix that ends with '.': "step." */
    int64_t after;    /* numbers beyond this one */
    int limit;        /* 1..LIMIT_PAGE_ITEMS; 0: the default */
};

struct event_page {
    json_t *items; /* array of events (objects.md), ascending; owned */
    int64_t last;  /* resume here: the last item's number, or the highest sealed number when the page is not full */
    bool more;     /* the page is full */
};
void event_page_fini(struct event_page *page);

/* In a unit that reads. What `out` held is freed; start with a zeroed one. Errors: ERR_STORE, ERR_STORE_CORRUPT. */
int event_list(struct store_tx *tx, const struct event_filter *filter, struct event_page *out, struct err *err);
/* The same, in a read of its own, on this thread. */
int event_read(struct store *store, const struct event_filter *filter, struct event_page *out, struct err *err);

/* The highest number given so far, 0 when none. */
int event_head(struct store_tx *tx, int64_t *out, struct err *err);

/* For the sealer: numbers at most `most` events that have none, in the order they were written. out_numbered: how many numbers were given
 * since it was called last. */
int event_number(struct store_tx *tx, int64_t most, int64_t *out_numbered, struct err *err);
