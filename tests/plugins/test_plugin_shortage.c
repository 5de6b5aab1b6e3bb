/* What the machine has run out of while a host starts or is written to: the call says what is missing, the server goes on, and the next
 * call works. */
#include "base/failpoint.h"
#include "plugin_driver.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void works(struct driver *d, const char *params)
{
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .params = params};

    CU_ASSERT_EQUAL(trial_run(d, &t), strstr(params, "pending") ? PLUGIN_DONE_PENDING : PLUGIN_DONE_OK);
    if (t.err.code)
        fprintf(stderr, "%s\n", t.err.msg);
    trial_fini(&t);
}

/* A start that meets the shortage fails its call and leaves nothing behind; the one after it works. */
static void start_meets(const char *point, enum err_code code, const char *text)
{
    struct driver d;
    struct err err;
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION};
    int before;

    driver_start(&d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(&d, "good", NULL, &err), err);
    before = driver_descriptors();
    failpoint_arm(point);
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    failpoint_arm(NULL);
    CU_ASSERT_EQUAL(t.err.code, code);
    CU_ASSERT(err_is_retryable(t.err.code));
    ASSERT_CONTAINS(t.err.msg, text);
    ASSERT_CONTAINS(t.err.msg, "plugin good");
    CU_ASSERT_EQUAL(t.dones, 1);
    driver_settle(before);
    trial_fini(&t);
    works(&d, "{}");
    driver_stop(&d);
}

static void test_socket(void) { start_meets("plugin.socketpair=fail@1", ERR_TRANSIENT, "the server has no free file descriptor"); }
static void test_pipe(void) { start_meets("plugin.pipe=fail@1", ERR_TRANSIENT, "the machine has no free file descriptor"); }
static void test_eventfd(void) { start_meets("plugin.eventfd=fail@1", ERR_TRANSIENT, "the server has no free file descriptor"); }
static void test_memfd(void) { start_meets("plugin.memfd=fail@1", ERR_TRANSIENT, "the server has no free file descriptor"); }
static void test_fork(void) { start_meets("plugin.fork=fail@1", ERR_TRANSIENT, "no further process may start"); }
static void test_pidfd(void) { start_meets("plugin.pidfd=fail@1", ERR_TRANSIENT, "the server has no free file descriptor"); }
static void test_watch(void) { start_meets("plugin.watch=fail@1", ERR_TRANSIENT, "fs.epoll.max_user_watches"); }
static void test_second_watch(void) { start_meets("plugin.watch=fail@2", ERR_TRANSIENT, "fs.epoll.max_user_watches"); }
static void test_third_watch(void) { start_meets("plugin.watch=fail@3", ERR_TRANSIENT, "fs.epoll.max_user_watches"); }

/* Nothing can be kept in memory: the entry is refused with the reason, and can be added when there is room again. */
static void test_seal(void)
{
    struct driver d;
    struct err err;

    driver_start(&d, 0, PATIENT_MS);
    failpoint_arm("plugin.seal=fail@1");
    ASSERT_FAILS(driver_add(&d, "good", NULL, &err), err, ERR_IO);
    failpoint_arm(NULL);
    ASSERT_CONTAINS(err.msg, "memory file for plugin good");
    ASSERT_OK(driver_add(&d, "good", NULL, &err), err);
    works(&d, "{}");
    driver_stop(&d);
}

/* A socket that takes nothing, or one byte at a time, only takes longer. */
static void writes_meet(const char *point)
{
    struct driver d;
    struct err err;

    driver_start(&d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(&d, "good", &(struct plugin_entry){.max_hosts = 1}, &err), err);
    works(&d, "{}"); /* the next one goes the short way, to an idle host */
    failpoint_arm(point);
    works(&d, "{\"size\":\"10Gi\"}");
    works(&d, "{\"mode\":\"pending\"}"); /* a checkpoint is answered during the call */
    failpoint_arm(NULL);
    works(&d, "{}");
    driver_stop(&d);
}

static void test_full(void) { writes_meet("plugin.send_full=fail@1"); }
static void test_full_later(void) { writes_meet("plugin.send_full=fail@2"); }
static void test_parts(void) { writes_meet("plugin.send_part=fail"); }
static void test_full_and_parts(void) { writes_meet("plugin.send_part=fail,plugin.send_full=fail@3"); }

/* What could not be written at all was not begun: the call goes the long way, to whatever host is there. */
static void test_gone(void)
{
    struct driver d;
    struct err err;

    driver_start(&d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(&d, "good", NULL, &err), err);
    works(&d, "{}");
    failpoint_arm("plugin.send_gone=fail@1");
    works(&d, "{}");
    failpoint_arm(NULL);
    works(&d, "{}");
    driver_stop(&d);
}

/* The same with a host that is gone: killed while it had nothing to do. */
static void test_killed_idle(void)
{
    struct driver d;
    struct err err;

    driver_start(&d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(&d, "good", NULL, &err), err);
    for (int n = 0; n < 5; n++) {
        works(&d, "{}");
        driver_kill_children();
        while (driver_children() > 0) /* as long as the program may run */
            usleep(2000);
    }
    works(&d, "{}");
    driver_stop(&d);
}

const struct test_case tests[] = {
    {"no socket for a host", test_socket},
    {"no pipe for a host's output", test_pipe},
    {"no event descriptor for a host", test_eventfd},
    {"no memory file for a host's flag", test_memfd},
    {"no process", test_fork},
    {"no descriptor to watch the process", test_pidfd},
    {"no room to watch the process", test_watch},
    {"no room to watch its socket", test_second_watch},
    {"no room to watch its output", test_third_watch},
    {"no memory file for a plugin", test_seal},
    {"a socket that is full takes the call later", test_full},
    {"a socket that is full during the call", test_full_later},
    {"a socket that takes one byte at a time", test_parts},
    {"a socket that takes one byte and then none", test_full_and_parts},
    {"a host that seems gone when the call is written", test_gone},
    {"a host that was killed between two calls", test_killed_idle},
    {0},
};
