/* The state machines, exhaustively: every (state, event) pair. */
#include "resource/resource_state.h"
#include "test.h"
#include "workflow/states.h"
#include <string.h>

static void test_step_names(void)
{
    for (int i = 0; i < STEP_STATES; i++)
        CU_ASSERT_EQUAL(step_state_parse(step_state_name((enum step_state)i)), (enum step_state)i);
    CU_ASSERT_EQUAL(step_state_parse("nonsense"), STEP_STATES);
    for (int i = 0; i < RUN_STATES; i++)
        CU_ASSERT_EQUAL(run_state_parse(run_state_name((enum run_state)i)), (enum run_state)i);
    for (int i = 0; i < RESOURCE_STATES; i++)
        CU_ASSERT_EQUAL(resource_state_parse(resource_state_name((enum resource_state)i)), (enum resource_state)i);
}

/* A final state is left by COMPENSATE (from completed) and RETRY (from failed) alone. */
static void test_step_finals(void)
{
    for (int s = 0; s < STEP_STATES; s++)
        for (int e = 0; e < STEP_EVENTS; e++) {
            enum step_state from = (enum step_state)s, to = step_next(from, (enum step_event)e);

            CU_ASSERT_TRUE_FATAL(to < STEP_STATES);
            if (!step_state_is_final(from) || to == from)
                continue;
            CU_ASSERT((from == STEP_COMPLETED && e == STEP_EV_COMPENSATE && to == STEP_COMPENSATING) ||
                      (from == STEP_FAILED && e == STEP_EV_RETRY && to == STEP_READY));
        }
}

static void test_step_cancel(void)
{
    for (int s = 0; s < STEP_STATES; s++) {
        enum step_state from = (enum step_state)s, to = step_next(from, STEP_EV_CANCEL);

        if (step_state_is_final(from) || from == STEP_COMPENSATING)
            CU_ASSERT_EQUAL(to, from) /* nothing left to cancel; an undo is not interrupted */
        else
            CU_ASSERT(to == STEP_CANCELED || to == STEP_CANCELING);
    }
    for (int e = 0; e < STEP_EVENTS; e++) { /* canceling ends in canceled, whatever comes */
        enum step_state to = step_next(STEP_CANCELING, (enum step_event)e);

        CU_ASSERT(to == STEP_CANCELING || to == STEP_CANCELED);
    }
}

/* From every state some events lead to a final state: nothing is stuck. */
static void test_every_step_ends(void)
{
    for (int s = 0; s < STEP_STATES; s++) {
        bool seen[STEP_STATES] = {false}, ends = false;
        int stack[STEP_STATES], depth = 0;

        seen[s] = true;
        stack[depth++] = s;
        while (depth) {
            int at = stack[--depth];

            ends |= step_state_is_final((enum step_state)at);
            for (int e = 0; e < STEP_EVENTS; e++) {
                int to = (int)step_next((enum step_state)at, (enum step_event)e);

                if (!seen[to]) {
                    seen[to] = true;
                    stack[depth++] = to;
                }
            }
        }
        CU_ASSERT_TRUE(ends);
    }
}

static void test_gate(void)
{
    CU_ASSERT_EQUAL(step_next(STEP_PENDING, STEP_EV_CLAIMED), STEP_PENDING); /* nothing runs before it is ready */
    CU_ASSERT_EQUAL(step_next(STEP_PENDING, STEP_EV_SUCCEEDED), STEP_PENDING);
    CU_ASSERT_EQUAL(step_next(STEP_REJECTED, STEP_EV_CLAIMED), STEP_REJECTED);
    CU_ASSERT_EQUAL(step_next(STEP_WAITING, STEP_EV_REJECTED), STEP_REJECTED);
}

static void test_runs(void)
{
    for (int s = 0; s < RUN_STATES; s++)
        for (int e = 0; e < RUN_EVENTS; e++) {
            enum run_state from = (enum run_state)s, to = run_next(from, (enum run_event)e);

            if (run_state_is_final(from) && to != from)
                CU_ASSERT(from == RUN_FAILED && e == RUN_EV_RETRY && to == RUN_RUNNING);
            if (!run_state_is_final(from) && e == RUN_EV_CANCEL && from != RUN_COMPENSATING)
                CU_ASSERT(to == RUN_CANCELED || to == RUN_CANCELING);
        }
}

static void test_resources(void)
{
    for (int e = 0; e < RESOURCE_EVENTS; e++) /* what is gone stays gone: a new one is a new row */
        CU_ASSERT_EQUAL(resource_next(RESOURCE_TERMINATED, (enum resource_event)e), RESOURCE_TERMINATED);
    for (int s = 0; s < RESOURCE_STATES; s++)
        if (s != RESOURCE_TERMINATED)
            CU_ASSERT_EQUAL(resource_next((enum resource_state)s, RESOURCE_EV_REMOVE), RESOURCE_TERMINATING);
    CU_ASSERT_EQUAL(resource_next(RESOURCE_UPDATING, RESOURCE_EV_FAILED), RESOURCE_DEGRADED);
    CU_ASSERT_EQUAL(resource_next(RESOURCE_PROVISIONING, RESOURCE_EV_FAILED), RESOURCE_FAILED);
    CU_ASSERT_TRUE(resource_state_exists(RESOURCE_ORPHANED));
    CU_ASSERT_FALSE(resource_state_exists(RESOURCE_REQUESTED) || resource_state_exists(RESOURCE_TERMINATED));
}

const struct test_case tests[] = {
    {"state names read back", test_step_names},
    {"a final step leaves only by compensation or retry", test_step_finals},
    {"cancel is answered in every state", test_step_cancel},
    {"every step can end", test_every_step_ends},
    {"nothing runs past a gate", test_gate},
    {"a deployment answers every event", test_runs},
    {"a resource answers every event", test_resources},
    {0},
};
