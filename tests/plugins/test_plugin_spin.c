/* Tests of the short wait before a sleep (core/plugin/spin.h): what it may cost, whatever the machine does meanwhile. */
#include "base/clock.h"
#include "plugin/spin.h"
#include "test.h"

struct door {
    int asked, opens_at; /* opens_at 0: never */
};

static bool is_open(void *ctx)
{
    struct door *door = ctx;

    return ++door->asked == door->opens_at;
}

static void test_idle(void)
{
    struct spin s = {0};
    struct door door = {.opens_at = 1};

    CU_ASSERT_FALSE(spin_wait(&s, is_open, &door)); /* nothing is known yet */
    s.began_us = clock_mono_us() - 1000000;         /* it came after a second */
    spin_end(&s);
    CU_ASSERT_FALSE(spin_wait(&s, is_open, &door));
    CU_ASSERT_EQUAL(door.asked, 0);
}

static void test_quick(void)
{
    struct spin s = {0};
    struct door door = {.opens_at = 1};

    CU_ASSERT_FALSE(spin_wait(&s, is_open, &door));
    s.began_us = clock_mono_us() + 1000000; /* a wait of no time at all, on any machine */
    spin_end(&s);
    CU_ASSERT_TRUE(spin_wait(&s, is_open, &door));
    CU_ASSERT_EQUAL(door.asked, 1);
}

static void test_bounded(void)
{
    struct spin s = {.worth = true};
    struct door door = {0};

    CU_ASSERT_FALSE(spin_wait(&s, is_open, &door));
    CU_ASSERT(door.asked >= 1);
}

static void test_left_alone(void)
{
    struct spin s = {.worth = true, .off_us = SPIN_OFF_US, .off_until_us = clock_mono_us() + 3600LL * 1000000};
    struct door door = {.opens_at = 1};

    CU_ASSERT_FALSE(spin_wait(&s, is_open, &door));
    CU_ASSERT_EQUAL(door.asked, 0);
    s.off_until_us = 0;
    CU_ASSERT_TRUE(spin_wait(&s, is_open, &door));
    CU_ASSERT_EQUAL(s.off_us, 0); /* it was worth it: the next refusal counts as the first */
}

const struct test_case tests[] = {
    {"nothing spins while nothing is called", test_idle},
    {"after a short wait the next one looks before it sleeps", test_quick},
    {"looking ends by itself", test_bounded},
    {"a processor that others want is left to them", test_left_alone},
    {0},
};
