/* State tables of steps and executions. Pure; any thread. */
#include "workflow/states.h"
#include <string.h>

#define MOVE(state)                                                                                                                        \
    {                                                                                                                                      \
        state, true                                                                                                                        \
    }

struct edge {
    unsigned char to;
    bool real;
};

/* Only real edges stand here. Final states leave by COMPENSATE and RETRY alone, both audited by their callers. */
static const struct edge step_edges[STEP_STATES][STEP_EVENTS] = {
    [STEP_PENDING] =
        {[STEP_EV_UNBLOCKED] = MOVE(STEP_READY), [STEP_EV_SKIPPED] = MOVE(STEP_SKIPPED), [STEP_EV_CANCEL] = MOVE(STEP_CANCELED)},
    [STEP_READY] = {[STEP_EV_CLAIMED] = MOVE(STEP_RUNNING), [STEP_EV_SKIPPED] = MOVE(STEP_SKIPPED), [STEP_EV_CANCEL] = MOVE(STEP_CANCELED)},
    [STEP_RUNNING] = {[STEP_EV_SUCCEEDED] = MOVE(STEP_COMPLETED),
                      [STEP_EV_SKIPPED] = MOVE(STEP_SKIPPED),
                      [STEP_EV_WAITING] = MOVE(STEP_WAITING),
                      [STEP_EV_FAILED] = MOVE(STEP_FAILED),
                      [STEP_EV_RETRY] = MOVE(STEP_READY),
                      [STEP_EV_CANCEL] = MOVE(STEP_CANCELING),
                      [STEP_EV_STOPPED] = MOVE(STEP_CANCELED)},
    [STEP_WAITING] = {[STEP_EV_CLAIMED] = MOVE(STEP_RUNNING),
                      [STEP_EV_SUCCEEDED] = MOVE(STEP_COMPLETED),
                      [STEP_EV_FAILED] = MOVE(STEP_FAILED),
                      [STEP_EV_REJECTED] = MOVE(STEP_REJECTED),
                      [STEP_EV_EXPIRED] = MOVE(STEP_EXPIRED),
                      [STEP_EV_CANCEL] = MOVE(STEP_CANCELED)},
    /* A call that ends while it is being canceled is canceled: what it did is in its resource's row. */
    [STEP_CANCELING] = {[STEP_EV_STOPPED] = MOVE(STEP_CANCELED),
                        [STEP_EV_SUCCEEDED] = MOVE(STEP_CANCELED),
                        [STEP_EV_FAILED] = MOVE(STEP_CANCELED),
                        [STEP_EV_WAITING] = MOVE(STEP_CANCELED),
                        [STEP_EV_RETRY] = MOVE(STEP_CANCELED),
                        [STEP_EV_SKIPPED] = MOVE(STEP_CANCELED)},
    [STEP_COMPENSATING] = {[STEP_EV_COMPENSATED] = MOVE(STEP_COMPENSATED), [STEP_EV_FAILED] = MOVE(STEP_FAILED)},
    [STEP_COMPLETED] = {[STEP_EV_COMPENSATE] = MOVE(STEP_COMPENSATING)},
    [STEP_FAILED] = {[STEP_EV_RETRY] = MOVE(STEP_READY)},
};

enum step_state step_next(enum step_state state, enum step_event event)
{
    const struct edge *edge = &step_edges[state][event];

    return edge->real ? (enum step_state)edge->to : state;
}

bool step_state_is_final(enum step_state state) { return state >= STEP_COMPLETED && state < STEP_STATES; }
bool step_state_is_busy(enum step_state state) { return state >= STEP_READY && state <= STEP_COMPENSATING; }

static const char *const step_names[STEP_STATES] = {"pending", "ready",  "running",  "waiting",  "canceling", "compensating", "completed",
                                                    "skipped", "failed", "canceled", "rejected", "expired",   "compensated"};

static const struct edge run_edges[RUN_STATES][RUN_EVENTS] = {
    [RUN_QUEUED] = {[RUN_EV_START] = MOVE(RUN_RUNNING),
                    [RUN_EV_CANCEL] = MOVE(RUN_CANCELED),
                    [RUN_EV_SUPERSEDE] = MOVE(RUN_SUPERSEDED),
                    [RUN_EV_FAILED] = MOVE(RUN_FAILED)},
    [RUN_RUNNING] = {[RUN_EV_CANCEL] = MOVE(RUN_CANCELING),
                     [RUN_EV_COMPLETED] = MOVE(RUN_COMPLETED),
                     [RUN_EV_FAILED] = MOVE(RUN_FAILED),
                     [RUN_EV_REJECTED] = MOVE(RUN_REJECTED)},
    [RUN_WAITING] = {[RUN_EV_START] = MOVE(RUN_RUNNING),
                     [RUN_EV_CANCEL] = MOVE(RUN_CANCELING),
                     [RUN_EV_REJECTED] = MOVE(RUN_REJECTED),
                     [RUN_EV_FAILED] = MOVE(RUN_FAILED),
                     [RUN_EV_COMPLETED] = MOVE(RUN_COMPLETED)},
    [RUN_PAUSED] = {[RUN_EV_START] = MOVE(RUN_RUNNING), [RUN_EV_CANCEL] = MOVE(RUN_CANCELING)},
    [RUN_CANCELING] =
        {[RUN_EV_STOPPED] = MOVE(RUN_CANCELED), [RUN_EV_COMPLETED] = MOVE(RUN_CANCELED), [RUN_EV_FAILED] = MOVE(RUN_CANCELED)},
    [RUN_COMPENSATING] = {[RUN_EV_STOPPED] = MOVE(RUN_ROLLED_BACK), [RUN_EV_FAILED] = MOVE(RUN_FAILED)},
    [RUN_FAILED] = {[RUN_EV_RETRY] = MOVE(RUN_RUNNING)},
};

enum run_state run_next(enum run_state state, enum run_event event)
{
    const struct edge *edge = &run_edges[state][event];

    return edge->real ? (enum run_state)edge->to : state;
}

bool run_state_is_final(enum run_state state) { return state >= RUN_COMPLETED && state < RUN_STATES; }

static const char *const run_names[RUN_STATES] = {"queued",    "running", "waiting",  "paused",   "canceling",  "compensating",
                                                  "completed", "failed",  "canceled", "rejected", "superseded", "rolled_back"};

static int parse(const char *const *names, int count, const char *name)
{
    int i = 0;

    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

const char *step_state_name(enum step_state state) { return step_names[state]; }
enum step_state step_state_parse(const char *name) { return (enum step_state)parse(step_names, STEP_STATES, name); }
const char *run_state_name(enum run_state state) { return run_names[state]; }
enum run_state run_state_parse(const char *name) { return (enum run_state)parse(run_names, RUN_STATES, name); }
