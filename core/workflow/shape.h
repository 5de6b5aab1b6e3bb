/* The shape of a plan: its executions and steps with their order as indexes, made once from the plan document and immutable afterwards;
 * and what has to happen next, as a pure function of the shape and the present states. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "codec/json.h"
#include "workflow/states.h"

enum on_failure { ON_FAILURE_STOP, ON_FAILURE_ROLLBACK, ON_FAILURE_CONTINUE };
enum step_runs { RUNS_ON_SUCCESS, RUNS_ON_FAILURE, RUNS_ALWAYS }; /* from `when`: on_failure, always; anything else on success */

enum {
    SHAPE_READS_STEPS = 1,     /* how other steps of the plan stand, and their outputs */
    SHAPE_READS_RESOURCES = 2, /* the outputs of resources */
};

struct shape_step {
    const char *name, *type;
    const json_t *plan;   /* the step in the plan document */
    const char *when;     /* the condition's text if it is an expression, NULL for the words above */
    unsigned *depends_on; /* positions in the same workflow */
    unsigned dependencies;
    unsigned workflow, position;
    enum step_runs runs;
    bool continue_on_error;
    unsigned reads; /* SHAPE_READS_...: what its texts may speak of and has to be read before it runs */
    bool idempotent, retry_explicit;
    int64_t timeout_ms; /* 0: none given */
    int max_attempts;
    int64_t retry_delay_ms, retry_max_delay_ms;
    double retry_factor;
    const json_t *retry_on; /* list of class names in lower case, NULL: every class that is retried */
};

struct shape_workflow {
    const char *id, *name, *tier, *phase;
    const json_t *plan;
    enum on_failure on_failure;
    int64_t timeout_ms;
    struct shape_step *steps;
    unsigned count;
    unsigned first; /* index of its first step over the whole plan */
};

struct shape {
    struct shape_workflow *workflows;
    unsigned count;
    unsigned steps; /* over all workflows */
};

/* Reads the plan (which stays referenced). Errors: ERR_STORE_CORRUPT when the document is not what plan_build makes. */
int shape_make(const json_t *plan, struct arena *arena, struct shape *out, struct err *err);

/* What advance() says, in the order to carry it out. */
enum advance_kind { ADVANCE_STEP, ADVANCE_WORKFLOW_STARTED, ADVANCE_WORKFLOW_ENDED, ADVANCE_RUN_ENDED };

struct advance {
    enum advance_kind kind;
    unsigned workflow, step;
    enum step_state step_state; /* ADVANCE_STEP: STEP_READY, STEP_SKIPPED or STEP_CANCELED */
    enum run_state run_state;   /* ..._ENDED */
};

struct advance_list {
    struct advance *items; /* arena */
    unsigned count;
    bool degraded; /* something failed that was allowed to */
};

/* states: one for each step over the whole plan (shape_workflow.first + position). started, ended: one for each workflow: whether its row
 * says so. Pure and idempotent: the same states give the same answer; carrying it out and asking again gives the rest, then nothing. */
struct advance_list advance(const struct shape *shape, const enum step_state *states, const bool *started, const enum run_state *ended,
                            bool cancel, struct arena *arena);
