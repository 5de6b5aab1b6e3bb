/* What happens next in a plan: shape_make and advance, on small plans. A picture of the states is a text, one letter a step:
 * p pending, r ready, R running, w waiting, c completed, s skipped, f failed, x canceled. */
#include "base/cleanup.h"
#include "test.h"
#include "workflow/shape.h"
#include <stdlib.h>
#include <string.h>

#define MAX_STEPS 64

struct world {
    struct arena arena;
    json_t *plan;
    struct shape shape;
    enum step_state states[MAX_STEPS];
    bool started[8];
    enum run_state ended[8];
    bool cancel, over, degraded;
    enum run_state outcome;
};

static void world_init(struct world *w, const char *json)
{
    struct err err = {0};

    *w = (struct world){0};
    w->plan = json_loads(json, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(w->plan);
    if (shape_make(w->plan, &w->arena, &w->shape, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        CU_FAIL_FATAL("shape");
    }
}

static void world_fini(struct world *w)
{
    json_decref(w->plan);
    arena_fini(&w->arena);
}

/* Carries out what advance says. */
static void go(struct world *w)
{
    struct advance_list list = advance(&w->shape, w->states, w->started, w->ended, w->cancel, &w->arena);

    for (unsigned i = 0; i < list.count; i++) {
        const struct advance *a = &list.items[i];

        if (a->kind == ADVANCE_STEP)
            w->states[w->shape.workflows[a->workflow].first + a->step] = a->step_state;
        else if (a->kind == ADVANCE_WORKFLOW_STARTED)
            w->started[a->workflow] = true;
        else if (a->kind == ADVANCE_WORKFLOW_ENDED)
            w->ended[a->workflow] = a->run_state;
        else {
            w->over = true;
            w->outcome = a->run_state;
            w->degraded = list.degraded;
        }
    }
}

static const char *picture(const struct world *w)
{
    static char text[MAX_STEPS + 1];
    static const char letters[] = "prRwC?csfxje?";

    for (unsigned i = 0; i < w->shape.steps; i++)
        text[i] = letters[w->states[i]];
    text[w->shape.steps] = '\0';
    return text;
}

static void set(struct world *w, unsigned step, enum step_state state) { w->states[step] = state; }

#define STEP(name, more) "{\"name\":\"" name "\",\"type\":\"lua\"" more "}"
#define WORKFLOW(name, more, steps)                                                                                                        \
    "{\"id\":\"w-" name "\",\"name\":\"" name "\",\"tier\":\"platform\",\"phase\":\"deployment\"" more ",\"steps\":[" steps "]}"
#define PLAN(workflows) "{\"phases\":[{\"phase\":\"deployment\",\"workflows\":[" workflows "]}]}"

static void test_order(void)
{
    CLEANUP(world_fini) struct world w;

    world_init(&w, PLAN(WORKFLOW(
                       "a", "",
                       STEP("one", "") "," STEP("two", ",\"depends_on\":[\"one\"]") "," STEP("three", ",\"depends_on\":[\"one\"]") "," STEP(
                           "four", ",\"depends_on\":[\"two\",\"three\"]")) "," WORKFLOW("b", "", STEP("five", ""))));
    go(&w);
    ASSERT_TEXT(picture(&w), "rpppp");
    go(&w); /* asking again changes nothing */
    ASSERT_TEXT(picture(&w), "rpppp");
    set(&w, 0, STEP_COMPLETED);
    go(&w);
    ASSERT_TEXT(picture(&w), "crrpp");
    set(&w, 1, STEP_SKIPPED);
    go(&w);
    ASSERT_TEXT(picture(&w), "csrpp");
    set(&w, 2, STEP_COMPLETED);
    go(&w);
    ASSERT_TEXT(picture(&w), "cscrp");
    CU_ASSERT_FALSE(w.started[1]);
    set(&w, 3, STEP_COMPLETED);
    go(&w);
    ASSERT_TEXT(picture(&w), "csccr");
    CU_ASSERT_EQUAL(w.ended[0], RUN_COMPLETED);
    set(&w, 4, STEP_COMPLETED);
    go(&w);
    CU_ASSERT(w.over && w.outcome == RUN_COMPLETED && !w.degraded);
}

static void test_failure_stops(void)
{
    CLEANUP(world_fini) struct world w;

    world_init(&w, PLAN(WORKFLOW("a", "",
                                 STEP("one", ",\"depends_on\":[]") "," STEP("two", ",\"depends_on\":[]") "," STEP(
                                     "three", ",\"depends_on\":[\"two\"]")) "," WORKFLOW("b", "", STEP("four", ""))));
    go(&w);
    ASSERT_TEXT(picture(&w), "rrpp");
    set(&w, 0, STEP_FAILED);
    set(&w, 1, STEP_RUNNING);
    go(&w);
    ASSERT_TEXT(picture(&w), "fRsp"); /* waits for what runs */
    CU_ASSERT_FALSE(w.over);
    set(&w, 1, STEP_COMPLETED);
    go(&w);
    CU_ASSERT(w.over && w.outcome == RUN_FAILED && w.ended[0] == RUN_FAILED && !w.started[1]);
}

static void test_continue(void)
{
    CLEANUP(world_fini) struct world w;

    world_init(&w, PLAN(WORKFLOW("a", ",\"on_failure\":\"continue\"", STEP("one", "")) "," WORKFLOW(
                       "b", "", STEP("two", ",\"continue_on_error\":true") "," STEP("three", ",\"depends_on\":[\"two\"]"))));
    go(&w);
    set(&w, 0, STEP_FAILED);
    go(&w);
    ASSERT_TEXT(picture(&w), "frp");
    set(&w, 1, STEP_FAILED);
    go(&w);
    ASSERT_TEXT(picture(&w), "ffr");
    set(&w, 2, STEP_COMPLETED);
    go(&w);
    CU_ASSERT(w.over && w.outcome == RUN_COMPLETED && w.degraded);
}

static void test_failure_handlers(void)
{
    static const char plan[] = PLAN(WORKFLOW(
        "a", "",
        STEP("work", "") "," STEP("notify", ",\"depends_on\":[\"work\"],\"condition\":{\"when\":\"on_failure\"}") "," STEP(
            "clean", ",\"depends_on\":[\"work\"],\"condition\":{\"when\":\"always\"}") "," STEP("next", ",\"depends_on\":[\"work\"]")));
    CLEANUP(world_fini) struct world bad, good;

    world_init(&bad, plan);
    go(&bad);
    set(&bad, 0, STEP_FAILED);
    go(&bad);
    ASSERT_TEXT(picture(&bad), "frrs");
    set(&bad, 1, STEP_COMPLETED);
    set(&bad, 2, STEP_COMPLETED);
    go(&bad);
    CU_ASSERT(bad.over && bad.outcome == RUN_FAILED);

    world_init(&good, plan);
    go(&good);
    set(&good, 0, STEP_COMPLETED);
    go(&good);
    ASSERT_TEXT(picture(&good), "cprr");
    set(&good, 2, STEP_COMPLETED);
    set(&good, 3, STEP_COMPLETED);
    go(&good);
    ASSERT_TEXT(picture(&good), "cscc");
    CU_ASSERT(good.over && good.outcome == RUN_COMPLETED);
}

static void test_cancel(void)
{
    CLEANUP(world_fini) struct world w;

    world_init(
        &w, PLAN(WORKFLOW("a", "", STEP("one", "") "," STEP("two", ",\"depends_on\":[\"one\"]")) "," WORKFLOW("b", "", STEP("three", ""))));
    go(&w);
    set(&w, 0, STEP_CANCELING);
    w.cancel = true;
    go(&w);
    ASSERT_TEXT(picture(&w), "Cxp"); /* the lock is held until the call is gone */
    CU_ASSERT_FALSE(w.over);
    set(&w, 0, STEP_CANCELED);
    go(&w);
    CU_ASSERT(w.over && w.outcome == RUN_CANCELED && w.ended[0] == RUN_CANCELED);
}

static void test_empty(void)
{
    CLEANUP(world_fini) struct world w;

    world_init(&w, "{\"phases\":[]}");
    go(&w);
    CU_ASSERT(w.over && w.outcome == RUN_COMPLETED);
}

static void test_broken_plans(void)
{
    static const char *const plans[] = {
        PLAN("{\"name\":\"a\"}"),
        PLAN(WORKFLOW("a", "", "{\"name\":\"x\"}")),
        PLAN(WORKFLOW("a", "", STEP("x", ",\"depends_on\":[\"y\"]"))),
        PLAN(WORKFLOW("a", "", STEP("x", ",\"depends_on\":[7]"))),
    };

    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        CLEANUP(arena_fini) struct arena arena = {0};
        CLEANUP(json_put) json_t *plan = json_loads(plans[i], 0, NULL);
        struct shape shape;
        struct err err;

        ASSERT_FAILS(shape_make(plan, &arena, &shape, &err), err, ERR_STORE_CORRUPT);
    }
}

/* Random plans driven by random outcomes always end, and no step starts before what it depends on is final. */
static void test_random_plans_end(void)
{
    unsigned seed = 7;

    for (int round = 0; round < 300; round++) {
        CLEANUP(arena_fini) struct arena arena = {0};
        char *steps = arena_strdup(&arena, "");
        int count = 1 + rand_r(&seed) % 12, moves = 0;
        CLEANUP(world_fini) struct world w;

        for (int i = 0; i < count; i++) {
            char *depends = arena_strdup(&arena, "");

            for (int j = 0; j < i; j++)
                if (rand_r(&seed) % 3 == 0)
                    depends = arena_printf(&arena, "%s%s\"s%d\"", depends, depends[0] ? "," : "", j);
            steps = arena_printf(
                &arena,
                "%s%s{\"name\":\"s%d\",\"type\":\"lua\",\"depends_on\":[%s],\"continue_on_error\":%s,\"condition\":{\"when\":\"%s\"}}",
                steps, i ? "," : "", i, depends, rand_r(&seed) % 4 ? "false" : "true",
                rand_r(&seed) % 5   ? "on_success"
                : rand_r(&seed) % 2 ? "always"
                                    : "on_failure");
        }
        world_init(&w, arena_printf(&arena,
                                    PLAN("{\"id\":\"w-a\",\"name\":\"a\",\"tier\":\"platform\",\"phase\":\"deployment\",\"steps\":[%s]}"),
                                    steps));
        for (go(&w); !w.over && moves < 1000; go(&w), moves++)
            for (unsigned i = 0; i < w.shape.steps; i++)
                if (w.states[i] == STEP_READY) {
                    const struct shape_step *step = &w.shape.workflows[0].steps[i];

                    for (unsigned d = 0; d < step->dependencies; d++)
                        CU_ASSERT_TRUE_FATAL(step_state_is_final(w.states[step->depends_on[d]]));
                    w.states[i] = rand_r(&seed) % 5 ? STEP_COMPLETED : STEP_FAILED;
                    break;
                }
        CU_ASSERT_TRUE(w.over);
        for (unsigned i = 0; i < w.shape.steps; i++)
            CU_ASSERT_TRUE(step_state_is_final(w.states[i]));
    }
}

const struct test_case tests[] = {
    {"steps follow their dependencies, executions follow each other", test_order},
    {"a failed step stops its execution and the deployment", test_failure_stops},
    {"onFailure continue and continueOnError go on, degraded", test_continue},
    {"on_failure and always steps run after a failure", test_failure_handlers},
    {"a cancel waits for what still runs", test_cancel},
    {"an empty plan completes", test_empty},
    {"a plan that nobody made is refused", test_broken_plans},
    {"random plans end and never start a step too early", test_random_plans_end},
    {0},
};
