/* The lives of steps and of deployments (and workflow executions) as pure functions: no clock, no I/O, no lock (engine.md, States).
 * The engine feeds events and carries out what comes back; the tests drive every (state, event) pair. */
#pragma once
#include <stdbool.h>

enum step_state {
    STEP_PENDING, /* no row yet */
    STEP_READY,
    STEP_RUNNING,
    STEP_WAITING, /* for a timer, a poll, an approval or an event */
    STEP_CANCELING,
    STEP_COMPENSATING,
    STEP_COMPLETED,
    STEP_SKIPPED,
    STEP_FAILED,
    STEP_CANCELED,
    STEP_REJECTED,
    STEP_EXPIRED,
    STEP_COMPENSATED,
    STEP_STATES
};

enum step_event {
    STEP_EV_UNBLOCKED, /* what it depends on is done */
    STEP_EV_SKIPPED,   /* a condition said no, or its workflow ended without it */
    STEP_EV_CLAIMED,   /* a worker took it (again) */
    STEP_EV_SUCCEEDED,
    STEP_EV_WAITING, /* it gave the worker back and has a time to go on */
    STEP_EV_FAILED,
    STEP_EV_RETRY,   /* failed, and tried again later; or requeued by a person */
    STEP_EV_CANCEL,  /* somebody asked it to stop */
    STEP_EV_STOPPED, /* the call has returned, or its whole process group is gone */
    STEP_EV_REJECTED,
    STEP_EV_EXPIRED,
    STEP_EV_COMPENSATE,
    STEP_EV_COMPENSATED,
    STEP_EVENTS
};

/* The next state; the same state when the event means nothing in it, so a late or repeated event is harmless. */
enum step_state step_next(enum step_state state, enum step_event event);
bool step_state_is_final(enum step_state state);
bool step_state_is_busy(enum step_state state); /* ready, running, waiting, canceling, compensating: its workflow cannot end */
const char *step_state_name(enum step_state state);
enum step_state step_state_parse(const char *name); /* STEP_STATES when unknown */

enum run_state {
    RUN_QUEUED,
    RUN_RUNNING,
    RUN_WAITING,
    RUN_PAUSED,
    RUN_CANCELING,
    RUN_COMPENSATING,
    RUN_COMPLETED,
    RUN_FAILED,
    RUN_CANCELED,
    RUN_REJECTED,
    RUN_SUPERSEDED,
    RUN_ROLLED_BACK,
    RUN_STATES
};

enum run_event {
    RUN_EV_START,
    RUN_EV_CANCEL,
    RUN_EV_SUPERSEDE,
    RUN_EV_COMPLETED, /* all its steps are done */
    RUN_EV_FAILED,
    RUN_EV_STOPPED, /* canceling, and nothing is busy any more */
    RUN_EV_REJECTED,
    RUN_EV_RETRY,
    RUN_EVENTS
};

enum run_state run_next(enum run_state state, enum run_event event);
bool run_state_is_final(enum run_state state);
const char *run_state_name(enum run_state state);
enum run_state run_state_parse(const char *name); /* RUN_STATES when unknown */
