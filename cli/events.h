/* Events of a server as they come (text/event-stream). One command, one thread; the connection has its own. */
#pragma once
#include "cli/command.h"

struct events;

/* Begins a stream. after: the last event seen; below 0: from now on. Errors: ERR_BAD_VALUE, ERR_USAGE, ERR_NO_SERVER. */
int events_open(struct cli *c, const char *target, int64_t after, struct events **out, struct err *err);
void events_close(struct events *e); /* NULL is fine */

enum events_more { EVENTS_ONE, EVENTS_NONE, EVENTS_END };

/* The next event (new reference). EVENTS_NONE: none came in timeout_ms. EVENTS_END: the stream has ended; *out_status is the answer's
 * status (0: no answer; 204: there is nothing more to come). */
enum events_more events_next(struct events *e, int64_t timeout_ms, json_t **out, int *out_status);
/* Where to go on with another stream: the last event that was seen or passed over; below 0: none. */
int64_t events_last(struct events *e);
