/* A host that is killed, stopped, closes its connection or sends half a frame or garbage, at every moment of a call: what the call fails
 * with, that it ends, that the next one works with a new host, and that no descriptor and no process stay behind. */
#include "base/cleanup.h"
#include "base/str.h"
#include "plugin_driver.h"
#include <stdio.h>
#include <unistd.h>

#define MOMENTS    13
#define SHORT_MS   150 /* what hangs is killed soon; nothing that is to work has this deadline */
#define SOON_MS    100
#define LOOKED_US  250000                       /* by then the loop has looked at an idle host for the last time */
#define MARK       "/tmp/innominatus-faulty-%s" /* faulty_host.c */
#define NO_FAILURE ERR_NONE

/* While the host starts; while the call runs; when it is over. "cancel" and "close" are asked for by the server. */
static const char *const moments[MOMENTS] = {"start",    "setup",      "confined", "ready", "open",   "request", "log",
                                             "progress", "checkpoint", "durable",  "reply", "cancel", "done"};

struct one {
    char name[64];
    const char *moment;
    struct trial trial;
};

static void remove_mark(const char *name)
{
    char path[200];

    snprintf(path, sizeof path, MARK, name);
    unlink(path);
}

/* From here on a new process of the name is good. Not before the bad one has ended: a slow machine may kill it before it looked. */
static void leave_mark(const char *name)
{
    char path[200];
    FILE *file;

    snprintf(path, sizeof path, MARK, name);
    file = fopen(path, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fclose(file);
}

/* Waits until the hosts of the instance are gone: as long as the program may run. */
static void wait_gone(struct driver *d, const char *name)
{
    for (bool gone = false; !gone;) {
        CLEANUP(json_put) json_t *about = driver_describe(d, name);

        gone = json_int(about, "hosts", 0) == 0;
        if (!gone)
            usleep(2000);
    }
}

/* The call that meets the fault: its outcome. */
static void meet(struct driver *d, struct one *o, const char *deed, bool hangs)
{
    struct err err;
    bool cancels = str_eq(o->moment, "cancel"), after = str_eq(o->moment, "done");

    snprintf(o->name, sizeof o->name, "%s.%s.%d", deed, o->moment, (int)getpid());
    remove_mark(o->name);
    ASSERT_OK(driver_add(d, "good", &(struct plugin_entry){.name = o->name, .max_hosts = 1}, &err), err);
    o->trial = (struct trial){.instance = o->name, .operation = PLUGIN_PROVISION, .type = "greeting"};
    o->trial.deadline_ms = hangs && !cancels && !after ? SHORT_MS : 0;
    ASSERT_OK(trial_start(d, &o->trial, &err), err);
}

static void finish(struct driver *d, struct one *o, enum err_code code, enum err_code canceled)
{
    enum err_code wanted = str_eq(o->moment, "done") ? NO_FAILURE : str_eq(o->moment, "cancel") ? canceled : code;

    if (str_eq(o->moment, "cancel")) {
        trial_wait_log(&o->trial, "at work");
        plugin_cancel(d->manager, o->trial.call);
    }
    trial_wait(&o->trial);
    if (o->trial.err.code != wanted)
        fprintf(stderr, "%s: ORC-%d, wanted ORC-%d: %s\n", o->name, err_orc(o->trial.err.code), err_orc(wanted), o->trial.err.msg);
    CU_ASSERT_EQUAL(o->trial.err.code, wanted);
    CU_ASSERT_EQUAL(o->trial.dones, 1);
    trial_fini(&o->trial);
    leave_mark(o->name);
}

static void next_call_works(struct driver *d, struct one *o, bool stopped)
{
    struct trial t = {.instance = o->name, .operation = PLUGIN_PROVISION, .type = "greeting"};

    if (str_eq(o->moment, "done") && stopped) { /* nobody can see that an idle process has stopped: the call that finds out is late */
        struct trial late = t;

        late.deadline_ms = SHORT_MS;
        CU_ASSERT_EQUAL(trial_run(d, &late), PLUGIN_DONE_FAILED);
        CU_ASSERT_EQUAL(late.err.code, ERR_PLUGIN_TIMEOUT);
        trial_fini(&late);
    } else {
        wait_gone(d, o->name);
    }
    CU_ASSERT_EQUAL(trial_run(d, &t), PLUGIN_DONE_OK);
    if (t.err.code)
        fprintf(stderr, "%s, the next call: %s\n", o->name, t.err.msg);
    trial_fini(&t);
}

/* The same deed at all moments, each against an instance of its own. */
static void at_all_moments(const char *deed, bool hangs, enum err_code code, enum err_code canceled)
{
    static struct one all[MOMENTS];
    struct plugin_manager_options options = {.host_path = FAULTY_HOST, .grace_ms = hangs ? SOON_MS : PATIENT_MS};
    struct driver d;
    struct err err;
    int before;

    driver_start_with(&d, &options);
    before = driver_descriptors();
    for (int i = 0; i < MOMENTS; i++) {
        all[i].moment = moments[i];
        meet(&d, &all[i], deed, hangs && !str_eq(deed, "close"));
    }
    for (int i = 0; i < MOMENTS; i++)
        finish(&d, &all[i], code, canceled);
    for (int i = 0; i < MOMENTS; i++)
        next_call_works(&d, &all[i], str_eq(deed, "stop"));
    for (int i = 0; i < MOMENTS; i++) {
        ASSERT_OK(plugin_remove(d.manager, all[i].name, &err), err);
        remove_mark(all[i].name);
    }
    driver_settle(before);
    driver_stop(&d);
}

static void test_killed(void) { at_all_moments("kill", false, ERR_PLUGIN_CRASHED, ERR_PLUGIN_CRASHED); }
static void test_exits(void) { at_all_moments("exit", false, ERR_PLUGIN_CRASHED, ERR_PLUGIN_CRASHED); }
static void test_cut(void) { at_all_moments("cut", false, ERR_PLUGIN_CRASHED, ERR_PLUGIN_CRASHED); }
static void test_garbage(void) { at_all_moments("garbage", false, ERR_PLUGIN_PROTOCOL, ERR_PLUGIN_PROTOCOL); }
static void test_stopped(void) { at_all_moments("stop", true, ERR_PLUGIN_TIMEOUT, ERR_CANCELED); }
static void test_half(void) { at_all_moments("half", true, ERR_PLUGIN_TIMEOUT, ERR_CANCELED); }
static void test_closed(void) { at_all_moments("close", true, ERR_PLUGIN_PROTOCOL, ERR_CANCELED); }

/* While it is unloaded nobody waits for it any more: it only has to go. */
static void test_unload(void)
{
    static const char *const deeds[] = {"kill", "stop", "exit", "close", "half", "cut", "garbage"};
    /* Nothing but its own closing wakes the loop for it: not its idleness, and not the look at its memory, which is over by then. */
    struct plugin_manager_options options = {.host_path = FAULTY_HOST, .grace_ms = SOON_MS, .idle_ms = 24LL * 3600 * 1000};
    struct driver d;
    struct err err;
    int before;

    driver_start_with(&d, &options);
    before = driver_descriptors();
    for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
        struct one o = {.moment = "close"};

        meet(&d, &o, deeds[i], false);
        finish(&d, &o, NO_FAILURE, NO_FAILURE);
        usleep(LOOKED_US);
        ASSERT_OK(plugin_remove(d.manager, o.name, &err), err);
        driver_settle(before);
        remove_mark(o.name);
    }
    driver_stop(&d);
}

const struct test_case tests[] = {
    {"a host that is killed, at every moment", test_killed},
    {"a host that ends itself, at every moment", test_exits},
    {"a host that ends within a frame, at every moment", test_cut},
    {"a host that sends garbage, at every moment", test_garbage},
    {"a host that is stopped, at every moment", test_stopped},
    {"a host that sends half a frame and no more, at every moment", test_half},
    {"a host that closes its connection and lives on, at every moment", test_closed},
    {"a host that does any of that while it is unloaded", test_unload},
    {0},
};
