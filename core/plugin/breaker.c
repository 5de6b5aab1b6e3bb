/* The circuit breaker's moves. Pure; the caller holds the lock. */
#include "plugin/breaker.h"

#define MOST_DOUBLINGS 20

enum breaker_gate breaker_ask(struct breaker *b, int64_t id, int64_t now_us)
{
    if (b->state == BREAKER_CLOSED)
        return BREAKER_PASS;
    if (b->state == BREAKER_HALF_OPEN || now_us < b->until_us)
        return BREAKER_WAIT;
    b->state = BREAKER_HALF_OPEN;
    b->probe = id;
    return BREAKER_PROBE;
}

static void open_for(struct breaker *b, int64_t first_us, int64_t most_us, int64_t now_us)
{
    int64_t wait = first_us;

    for (int n = 0; n < b->openings && n < MOST_DOUBLINGS && wait < most_us; n++)
        wait *= 2;
    b->state = BREAKER_OPEN;
    b->until_us = now_us + (wait < most_us ? wait : most_us);
    b->probe = 0;
    b->openings++;
}

static void close_again(struct breaker *b) { *b = (struct breaker){.state = BREAKER_CLOSED}; }

/* While it is open, what was begun before says no more than is known: its time is not made longer. */
static void count(struct breaker *b, const struct breaker_limits *limits, enum breaker_result result, int64_t now_us)
{
    bool crash = result == BREAKER_CRASH;

    if (crash)
        b->crashes++;
    else
        b->away++;
    if (!crash)
        b->crashes = 0; /* it answered */
    if (b->state == BREAKER_CLOSED && crash && b->crashes >= limits->crashes)
        open_for(b, limits->crash_us, limits->most_crash_us, now_us);
    else if (b->state == BREAKER_CLOSED && !crash && b->away >= limits->away)
        open_for(b, limits->away_us, limits->most_us, now_us);
}

void breaker_tell(struct breaker *b, const struct breaker_limits *limits, int64_t id, enum breaker_result result, int64_t now_us)
{
    bool decides = b->state == BREAKER_HALF_OPEN && (id == b->probe || (id == 0 && result == BREAKER_CRASH));

    if (result == BREAKER_GOOD) {
        close_again(b);
    } else if (result == BREAKER_NOTHING) {
        if (decides) { /* the next one may try */
            b->state = BREAKER_OPEN;
            b->until_us = now_us;
            b->probe = 0;
        }
    } else {
        count(b, limits, result, now_us);
        if (decides)
            open_for(b, result == BREAKER_CRASH ? limits->crash_us : limits->away_us,
                     result == BREAKER_CRASH ? limits->most_crash_us : limits->most_us, now_us);
    }
}

int64_t breaker_wait_us(const struct breaker *b, int64_t now_us)
{
    if (b->state == BREAKER_CLOSED)
        return 0;
    if (b->state == BREAKER_HALF_OPEN)
        return -1;
    return now_us < b->until_us ? b->until_us - now_us : 0;
}

const char *breaker_state_name(enum breaker_state state)
{
    static const char *const names[BREAKER_STATES] = {"closed", "open", "half_open"};

    return names[state];
}
