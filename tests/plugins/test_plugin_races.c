/* Many callers at once against hosts that come and go: calls that go the short way to an idle host meet its reaping, cancels, replacements
 * of the instance and checkpoints. Every call ends once, and with nothing but success or its own cancel. */
#include "base/cleanup.h"
#include "plugin_driver.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CALLERS 4
#define CALLS   120 /* of each */

struct caller {
    struct driver *driver;
    pthread_t thread;
    int number;
    int canceled, good, wrong;
};

static void one_call(struct caller *c, int n)
{
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .type = "greeting"};
    struct err err = {0};

    t.params = n % 7 == 3 ? "{\"mode\":\"pending\"}" : "{\"size\":\"10Gi\"}";
    if (trial_start(c->driver, &t, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        c->wrong++;
        trial_fini(&t);
        return;
    }
    if (n % 5 == c->number)
        plugin_cancel(c->driver->manager, t.call);
    trial_wait(&t);
    if (t.outcome != PLUGIN_DONE_FAILED && t.dones == 1) {
        c->good++;
    } else if (t.err.code == ERR_CANCELED && n % 5 == c->number && t.dones == 1) {
        c->canceled++;
    } else if (n % 5 == c->number && n % 7 == 3 && t.err.code == ERR_TRANSIENT) {
        c->canceled++; /* canceled within host->state */
    } else {
        fprintf(stderr, "caller %d, call %d: ORC-%d %s\n", c->number, n, err_orc(t.err.code), t.err.msg);
        c->wrong++;
    }
    trial_fini(&t);
}

static void *call_all(void *ctx)
{
    struct caller *c = ctx;

    for (int n = 0; n < CALLS; n++) {
        one_call(c, n);
        if (n % 3 == 0)
            usleep((useconds_t)(n * 37 % 2000)); /* sometimes longer than a host may be idle */
    }
    return NULL;
}

static void race(int64_t idle_ms, bool replaced)
{
    static struct caller callers[CALLERS];
    struct driver d;
    struct err err;
    int canceled = 0, good = 0, wrong = 0;

    driver_start(&d, idle_ms, PATIENT_MS);
    ASSERT_OK(driver_add(&d, "good", &(struct plugin_entry){.max_hosts = 3}, &err), err);
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){.driver = &d, .number = i};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&callers[i].thread, NULL, call_all, &callers[i]), 0);
    }
    for (int n = 0; replaced && n < 10; n++) {
        usleep(20000);
        ASSERT_OK(driver_add(&d, "good", &(struct plugin_entry){.max_hosts = 3}, &err), err);
    }
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(callers[i].thread, NULL);
        canceled += callers[i].canceled;
        good += callers[i].good;
        wrong += callers[i].wrong;
    }
    printf("# %d good, %d canceled, %d wrong\n", good, canceled, wrong);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(good + canceled, CALLERS * CALLS);
    driver_stop(&d);
    CU_ASSERT_EQUAL(driver_children(), 0);
}

static void test_callers(void) { race(0, false); }
static void test_reaping(void) { race(1, false); }
static void test_replacing(void) { race(3, true); }

/* Until a call cannot start any more: each ends once. */
static void *call_until_stopped(void *ctx)
{
    struct caller *c = ctx;

    for (;;) {
        struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .type = "greeting"};
        struct err err = {0};
        bool started = trial_start(c->driver, &t, &err) == 0;

        if (started)
            trial_wait(&t);
        c->wrong += started && t.dones != 1;
        c->good += started;
        if (!started || (t.outcome == PLUGIN_DONE_FAILED && t.err.code == ERR_SHUTDOWN)) {
            trial_fini(&t);
            return NULL;
        }
        trial_fini(&t);
    }
}

static void *remove_and_add(void *ctx)
{
    struct driver *d = ctx;
    struct err err = {0};

    for (int n = 0; n < 20; n++)
        if (driver_add(d, "good", NULL, &err) < 0)
            fprintf(stderr, "%s\n", err.msg);
    return NULL;
}

static void test_adding(void)
{
    struct caller c = {0};
    struct driver d;
    pthread_t adder;
    struct err err;

    driver_start(&d, 1, PATIENT_MS);
    c.driver = &d;
    ASSERT_OK(driver_add(&d, "good", NULL, &err), err);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&c.thread, NULL, call_until_stopped, &c), 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&adder, NULL, remove_and_add, &d), 0);
    pthread_join(adder, NULL);
    ASSERT_OK(plugin_remove(d.manager, "good", &err), err); /* the next call finds no instance, which ends the caller */
    pthread_join(c.thread, NULL);
    CU_ASSERT_EQUAL(c.wrong, 0);
    CU_ASSERT(c.good > 0);
    driver_stop(&d);
    CU_ASSERT_EQUAL(driver_children(), 0);
}

const struct test_case tests[] = {
    {"callers and cancels at once", test_callers},
    {"hosts are reaped while callers reach for them", test_reaping},
    {"instances are replaced while they are called", test_replacing},
    {"an instance is replaced and removed under a caller", test_adding},
    {0},
};
