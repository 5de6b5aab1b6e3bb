/* The circuit breaker of a plugin instance: a pure state machine over what its calls came to. Closed, calls pass. Too many crashes, or too
 * many answers that speak of a backend that is away, in a row: open, and nothing is called until its time is over. Then half open: one call
 * (the probe) is let through and decides. The caller holds the lock. Times are monotonic us. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN, BREAKER_STATES };

/* What a call, or a host process, came to. */
enum breaker_result {
    BREAKER_GOOD,    /* plugin and backend have answered, be it with a refusal */
    BREAKER_CRASH,   /* the process ended, was killed or broke the protocol */
    BREAKER_AWAY,    /* TRANSIENT or TIMEOUT: the plugin answered, its backend did not */
    BREAKER_NOTHING, /* canceled, never begun: nothing was learned */
    BREAKER_RESULTS
};

struct breaker_limits {
    int crashes, away;              /* so many in a row open it */
    int64_t crash_us, away_us;      /* for how long at first; doubled for each opening in a row */
    int64_t most_crash_us, most_us; /* up to this */
};

struct breaker {
    enum breaker_state state;
    int crashes, away; /* in a row */
    int openings;      /* in a row: since the last good answer */
    int64_t until_us;  /* OPEN: not before */
    int64_t probe;     /* HALF_OPEN: the call that decides */
};

enum breaker_gate { BREAKER_PASS, BREAKER_PROBE, BREAKER_WAIT };

/* May call `id` (not 0) begin? PROBE: it is the one that decides, and breaker_tell() is called with it whatever happens; the state is
 * HALF_OPEN then. */
enum breaker_gate breaker_ask(struct breaker *b, int64_t id, int64_t now_us);

/* Takes in a result of call `id`; 0: of a process without a call. */
void breaker_tell(struct breaker *b, const struct breaker_limits *limits, int64_t id, enum breaker_result result, int64_t now_us);

/* us until something may be let through: 0 when closed or due; -1 while a probe is on its way. */
int64_t breaker_wait_us(const struct breaker *b, int64_t now_us);

const char *breaker_state_name(enum breaker_state state); /* closed, open, half_open */
