/* The circuit breaker's moves, exhaustively: every state with every event, and every sequence of events up to a length. */
#include "plugin/breaker.h"
#include "test.h"

static const struct breaker_limits limits = {.crashes = 2, .away = 3, .crash_us = 100, .most_crash_us = 800, .away_us = 10, .most_us = 80};

static struct breaker opened(int64_t now)
{
    struct breaker b = {0};

    for (int n = 0; n < limits.crashes; n++)
        breaker_tell(&b, &limits, 1, BREAKER_CRASH, now);
    return b;
}

static void test_opens_at_the_limit(void)
{
    struct breaker b = {0};

    for (int n = 1; n <= limits.away; n++) {
        CU_ASSERT_EQUAL(b.state, BREAKER_CLOSED);
        CU_ASSERT_EQUAL(breaker_ask(&b, n, 0), BREAKER_PASS);
        breaker_tell(&b, &limits, n, BREAKER_AWAY, 0);
    }
    CU_ASSERT_EQUAL(b.state, BREAKER_OPEN);
    CU_ASSERT_EQUAL(b.until_us, limits.away_us);
    b = opened(5);
    CU_ASSERT_EQUAL(b.state, BREAKER_OPEN);
    CU_ASSERT_EQUAL(b.until_us, 5 + limits.crash_us);
}

static void test_only_a_row_counts(void)
{
    struct breaker b = {0};

    for (int n = 0; n < 100; n++) {
        breaker_tell(&b, &limits, 1, BREAKER_AWAY, 0);
        breaker_tell(&b, &limits, 1, BREAKER_AWAY, 0);
        breaker_tell(&b, &limits, 1, BREAKER_GOOD, 0);
        breaker_tell(&b, &limits, 1, BREAKER_CRASH, 0);
        breaker_tell(&b, &limits, 1, BREAKER_AWAY, 0); /* the process answered: no row of crashes */
        breaker_tell(&b, &limits, 1, BREAKER_CRASH, 0);
        breaker_tell(&b, &limits, 1, BREAKER_NOTHING, 0);
        breaker_tell(&b, &limits, 1, BREAKER_GOOD, 0);
        CU_ASSERT_EQUAL(b.state, BREAKER_CLOSED);
        CU_ASSERT(b.crashes == 0 && b.away == 0 && b.openings == 0);
    }
}

static void test_one_probe(void)
{
    struct breaker b = opened(0);

    CU_ASSERT_EQUAL(breaker_ask(&b, 7, limits.crash_us - 1), BREAKER_WAIT);
    CU_ASSERT_EQUAL(breaker_wait_us(&b, limits.crash_us - 1), 1);
    CU_ASSERT_EQUAL(breaker_wait_us(&b, limits.crash_us), 0);
    CU_ASSERT_EQUAL(breaker_ask(&b, 7, limits.crash_us), BREAKER_PROBE);
    CU_ASSERT_EQUAL(breaker_ask(&b, 8, limits.crash_us + 1000000), BREAKER_WAIT);
    CU_ASSERT_EQUAL(breaker_wait_us(&b, 0), -1);
    breaker_tell(&b, &limits, 3, BREAKER_AWAY, 200); /* an older call does not decide */
    CU_ASSERT_EQUAL(b.state, BREAKER_HALF_OPEN);
    breaker_tell(&b, &limits, 3, BREAKER_NOTHING, 200);
    CU_ASSERT_EQUAL(b.state, BREAKER_HALF_OPEN);
    breaker_tell(&b, &limits, 7, BREAKER_NOTHING, 200); /* it was canceled: the next one may try at once */
    CU_ASSERT_EQUAL(b.state, BREAKER_OPEN);
    CU_ASSERT_EQUAL(breaker_ask(&b, 9, 200), BREAKER_PROBE);
    breaker_tell(&b, &limits, 9, BREAKER_GOOD, 200);
    CU_ASSERT_EQUAL(b.state, BREAKER_CLOSED);
}

static void test_doubles_up_to_the_most(void)
{
    struct breaker b = opened(0);
    int64_t now = 0, wait = limits.crash_us;

    for (int n = 0; n < 100; n++) {
        CU_ASSERT_EQUAL(b.until_us - now, wait);
        now = b.until_us;
        CU_ASSERT_EQUAL_FATAL(breaker_ask(&b, 10 + n, now), BREAKER_PROBE);
        breaker_tell(&b, &limits, n % 2 ? 10 + n : 0, BREAKER_CRASH, now); /* 0: its process ended before it had the call */
        CU_ASSERT_EQUAL(b.state, BREAKER_OPEN);
        wait = wait * 2 < limits.most_crash_us ? wait * 2 : limits.most_crash_us;
    }
}

/* Every state that the sequences reach meets every event; what must hold after each is checked here. */
enum event {
    ASK,
    WAIT_OUT,
    RESULTS_OF_LAST,
    RESULTS_OF_OLD = RESULTS_OF_LAST + BREAKER_RESULTS,
    EVENTS = RESULTS_OF_OLD + BREAKER_RESULTS
};

struct walk {
    struct breaker b;
    int64_t now, next_id, probe; /* probe: on its way; 0: none */
    int away, crashes;           /* in a row, as this model counts them */
};

static void check(const struct walk *w, const struct breaker *before)
{
    const struct breaker *b = &w->b;

    CU_ASSERT(b->state == BREAKER_CLOSED || b->state == BREAKER_OPEN || b->state == BREAKER_HALF_OPEN);
    CU_ASSERT((b->state == BREAKER_HALF_OPEN) == (w->probe != 0 && b->probe == w->probe));
    if (b->state == BREAKER_CLOSED) {
        CU_ASSERT(b->crashes < limits.crashes && b->away < limits.away);
        CU_ASSERT_EQUAL(b->openings, 0);
        CU_ASSERT(b->crashes == w->crashes && b->away == w->away);
    }
    if (b->state == BREAKER_OPEN)
        CU_ASSERT(b->until_us - w->now <= limits.most_crash_us && b->openings > 0);
    if (before->state == BREAKER_OPEN && b->state == BREAKER_OPEN && before->openings == b->openings)
        CU_ASSERT_EQUAL(before->until_us, b->until_us); /* made longer by a probe alone */
}

static void ask(struct walk *w)
{
    const struct breaker before = w->b;
    int64_t id = w->next_id++;

    switch (breaker_ask(&w->b, id, w->now)) {
    case BREAKER_PASS:
        CU_ASSERT_EQUAL(before.state, BREAKER_CLOSED);
        break;
    case BREAKER_PROBE:
        CU_ASSERT(before.state == BREAKER_OPEN && w->now >= before.until_us && w->probe == 0);
        w->probe = id;
        break;
    case BREAKER_WAIT:
        CU_ASSERT(before.state == BREAKER_HALF_OPEN || (before.state == BREAKER_OPEN && w->now < before.until_us));
    }
}

static void tell(struct walk *w, int64_t id, enum breaker_result result)
{
    bool was_probe = w->probe && id == w->probe;

    breaker_tell(&w->b, &limits, id, result, w->now);
    if (result == BREAKER_GOOD)
        w->away = w->crashes = 0;
    else if (result == BREAKER_AWAY)
        w->away++, w->crashes = 0;
    else if (result == BREAKER_CRASH)
        w->crashes++;
    if (result == BREAKER_GOOD)
        CU_ASSERT_EQUAL(w->b.state, BREAKER_CLOSED);
    if (was_probe && result != BREAKER_GOOD)
        CU_ASSERT_EQUAL(w->b.state, BREAKER_OPEN);
    if (was_probe || result == BREAKER_GOOD)
        w->probe = 0;
}

static int step_walk(struct walk w, int depth)
{
    int count = 1;

    if (depth == 0)
        return count;
    for (int e = 0; e < EVENTS; e++) {
        struct walk to = w;

        if (e == ASK)
            ask(&to);
        else if (e == WAIT_OUT)
            to.now += to.b.state == BREAKER_OPEN ? to.b.until_us - to.now : 1;
        else if (e < RESULTS_OF_OLD)
            tell(&to, to.probe ? to.probe : to.next_id - 1, (enum breaker_result)(e - RESULTS_OF_LAST));
        else
            tell(&to, -1, (enum breaker_result)(e - RESULTS_OF_OLD));
        check(&to, &w.b);
        count += step_walk(to, depth - 1);
    }
    return count;
}

static void test_every_sequence(void)
{
    struct walk w = {.now = 1, .next_id = 2};

    CU_ASSERT(step_walk(w, 5) > 100000);
}

/* From every state a healthy backend is found again. */
static void test_finds_back(void)
{
    for (int state = 0; state < BREAKER_STATES; state++) {
        struct breaker b = opened(0);

        if (state == BREAKER_CLOSED)
            b = (struct breaker){0};
        if (state == BREAKER_HALF_OPEN) {
            CU_ASSERT_EQUAL(breaker_ask(&b, 5, b.until_us), BREAKER_PROBE);
            breaker_tell(&b, &limits, 5, BREAKER_NOTHING, b.until_us);
        }
        CU_ASSERT_NOT_EQUAL(breaker_ask(&b, 6, b.until_us), BREAKER_WAIT);
        breaker_tell(&b, &limits, 6, BREAKER_GOOD, b.until_us);
        CU_ASSERT_EQUAL(breaker_ask(&b, 7, 0), BREAKER_PASS);
    }
    CU_ASSERT_STRING_EQUAL(breaker_state_name(BREAKER_CLOSED), "closed");
    CU_ASSERT_STRING_EQUAL(breaker_state_name(BREAKER_OPEN), "open");
    CU_ASSERT_STRING_EQUAL(breaker_state_name(BREAKER_HALF_OPEN), "half_open");
}

const struct test_case tests[] = {
    {"it opens when the last of a row has failed, for the first time of its kind", test_opens_at_the_limit},
    {"only failures in a row count, and crashes and an absent backend are two rows", test_only_a_row_counts},
    {"half open, one call is let through and it alone decides", test_one_probe},
    {"each opening in a row lasts twice as long, up to the most", test_doubles_up_to_the_most},
    {"every sequence of five events keeps its rules", test_every_sequence},
    {"from every state a backend that is well again is found", test_finds_back},
    {0},
};
