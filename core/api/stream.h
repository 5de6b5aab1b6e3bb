/* Answers that go on: sealed events as text/event-stream, each once, in order, resumable by number. */
#pragma once
#include "api/request.h"
#include "observe/feed.h"

/* Does the client ask for text/event-stream? */
bool stream_wanted(struct api_request *r);

struct stream_start {
    const char *wanted[FEED_FIELDS]; /* as in feed.h; the team is the request's */
    int64_t after;                   /* -1: only what comes from now on */
    const char *ends_with;           /* a deployment: the stream ends behind its last event. NULL: it goes on */
};
/* Answers with a stream, or with a problem: too many streams. */
void stream_reply(struct api_request *r, const struct stream_start *start);

/* The number the client has seen last: Last-Event-ID, ?last_event_id= or ?after=; -1 when it says none. Errors: ERR_REQUEST. */
int stream_last_seen(struct api_request *r, int64_t *out, struct err *err);
/* Is it a type after which a deployment has no more events? */
bool stream_type_is_final(const char *type);
