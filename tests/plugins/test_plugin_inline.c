/* `isolation: inline`: a plugin on a thread of the server keeps the same contract; what hangs makes its instance stuck, and nothing else.
 */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "plugin_driver.h"
#include <stdio.h>
#include <unistd.h>

#define SOON_MS 100

static void add(struct driver *d, const char *file, const char *name)
{
    struct plugin_entry more = {.name = name, .plugin = "bundled", .isolation = "inline"};
    struct err err = {0};

    ASSERT_OK(driver_add(d, file, &more, &err), err);
}

static void test_same_contract(void)
{
    struct driver d;
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"size\": 3}"};
    struct trial pending = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\": \"pending\"}"};
    struct trial files = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\": \"files\"}"};
    struct trial status = {.instance = "good", .operation = PLUGIN_GET_STATUS};
    CLEANUP(json_put) json_t *about = NULL;

    driver_start(&d, 0, PATIENT_MS);
    add(&d, "good", "good");
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(t.outputs, "greeting"), "hello");
    ASSERT_TEXT(json_str(t.secrets, "password"), "hunter2");
    CU_ASSERT_EQUAL(json_int(json_object_get(t.outputs, "params"), "size", 0), 3);
    ASSERT_CONTAINS(t.logs, "info: hello");
    CU_ASSERT_EQUAL(trial_run(&d, &pending), PLUGIN_DONE_PENDING);
    ASSERT_TEXT(pending.state_given, "{\"ticket\":42}"); /* stored before the plugin went on */
    CU_ASSERT_EQUAL(pending.checkpoints, 1);
    CU_ASSERT_EQUAL(trial_run(&d, &files), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(trial_run(&d, &status), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(driver_children(), 0); /* no process */
    about = driver_describe(&d, "good");
    ASSERT_TEXT(json_str(about, "isolation"), "inline");
    ASSERT_TEXT(json_str(about, "sandbox"), "weak");
    ASSERT_CONTAINS(json_string_value(json_array_get(json_object_get(about, "sandbox_lacks"), 0)), "inside the server");
    CU_ASSERT_EQUAL(json_int(about, "hosts", 0), 1);
    trial_fini(&t);
    trial_fini(&pending);
    trial_fini(&files);
    trial_fini(&status);
    driver_stop(&d);
}

static void test_cancel(void)
{
    struct driver d;
    struct trial waiting = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\": \"wait\"}"};
    struct trial late = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\": \"wait\"}", .deadline_ms = SOON_MS};
    struct trial after = {.instance = "good", .operation = PLUGIN_PROVISION};
    struct err err = {0};

    driver_start(&d, 0, PATIENT_MS);
    add(&d, "good", "good");
    ASSERT_OK(trial_start(&d, &waiting, &err), err);
    trial_wait_log(&waiting, "waiting");
    plugin_cancel(d.manager, waiting.call);
    trial_wait(&waiting);
    CU_ASSERT_EQUAL(waiting.err.code, ERR_CANCELED);
    CU_ASSERT_EQUAL(trial_run(&d, &late), PLUGIN_DONE_FAILED);
    CU_ASSERT(late.err.code == ERR_PLUGIN_TIMEOUT || late.err.code == ERR_TIMEOUT);
    CU_ASSERT_EQUAL(trial_run(&d, &after), PLUGIN_DONE_OK);
    trial_fini(&waiting);
    trial_fini(&late);
    trial_fini(&after);
    driver_stop(&d);
}

#define AT_ONCE 3

static void test_concurrent(void)
{
    struct driver d;
    struct trial waiting[AT_ONCE + 1];
    struct plugin_entry more = {.name = "good", .plugin = "bundled", .isolation = "inline", .max_hosts = AT_ONCE};
    CLEANUP(json_put) json_t *about = NULL;
    struct err err = {0};

    driver_start(&d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(&d, "good_concurrent", &more, &err), err);
    for (size_t i = 0; i < AT_ONCE; i++) {
        waiting[i] = (struct trial){.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\": \"wait\"}"};
        ASSERT_OK(trial_start(&d, &waiting[i], &err), err);
    }
    for (size_t i = 0; i < AT_ONCE; i++)
        trial_wait_log(&waiting[i], "waiting"); /* all at the same time */
    waiting[AT_ONCE] = (struct trial){.instance = "good", .operation = PLUGIN_PROVISION};
    ASSERT_OK(trial_start(&d, &waiting[AT_ONCE], &err), err);
    about = driver_describe(&d, "good");
    CU_ASSERT_EQUAL(json_int(about, "hosts", 0), AT_ONCE);

    for (size_t i = 0; i < AT_ONCE; i++)
        plugin_cancel(d.manager, waiting[i].call);
    for (size_t i = 0; i <= AT_ONCE; i++) {
        trial_wait(&waiting[i]);
        CU_ASSERT_EQUAL(waiting[i].err.code, i < AT_ONCE ? ERR_CANCELED : ERR_NONE);
        trial_fini(&waiting[i]);
    }
    driver_stop(&d);
}

static void set_mood(struct driver *d, const char *mood)
{
    char path[700];
    struct err err = {0};

    snprintf(path, sizeof path, "%s/data/moody", d->dir);
    ASSERT_OK(io_mkdirs(path, 0700, &err), err);
    snprintf(path, sizeof path, "%s/data/moody/mood", d->dir);
    ASSERT_OK(io_write_atomic(path, mood, strlen(mood), 0600, &err), err);
}

static enum err_code call(struct driver *d, const char *name, int64_t deadline_ms, char *msg, size_t cap)
{
    struct trial t = {.instance = name, .operation = PLUGIN_PROVISION, .type = "thing", .deadline_ms = deadline_ms};
    enum err_code code = ERR_NONE;

    if (trial_run(d, &t) != PLUGIN_DONE_OK)
        code = t.err.code;
    if (msg)
        snprintf(msg, cap, "%s", t.err.msg);
    trial_fini(&t);
    return code;
}

static bool instance_is(struct driver *d, const char *name, const char *state)
{
    CLEANUP(json_put) json_t *about = driver_describe(d, name);

    return str_eq(json_str(about, "state"), state);
}

static bool is_state(struct driver *d, const char *state) { return instance_is(d, "moody", state); }

/* Calls that `moody` has begun. */
static int call_count(struct driver *d)
{
    char path[700];
    CLEANUP(close_file) FILE *file = NULL;
    int lines = 0;

    snprintf(path, sizeof path, "%s/data/moody/calls", d->dir);
    file = fopen(path, "re");
    for (int byte; file && (byte = fgetc(file)) != EOF;)
        lines += byte == '\n';
    return lines;
}

static void test_stuck(void)
{
    struct driver d;
    struct trial other = {.instance = "good", .operation = PLUGIN_PROVISION};
    char msg[700];

    driver_start(&d, 0, SOON_MS);
    add(&d, "moody", "moody");
    add(&d, "good", "good");
    CU_ASSERT_EQUAL(call(&d, "moody", 0, NULL, 0), ERR_NONE);
    set_mood(&d, "hang");
    CU_ASSERT_EQUAL(call(&d, "moody", SOON_MS, msg, sizeof msg), ERR_PLUGIN_TIMEOUT);
    CU_ASSERT_TRUE(is_state(&d, "stuck"));
    CU_ASSERT_EQUAL(call(&d, "moody", 0, msg, sizeof msg), ERR_PLUGIN_TIMEOUT);
    ASSERT_CONTAINS(msg, "plugin moody is stuck");
    ASSERT_CONTAINS(msg, "restart the server");
    CU_ASSERT_EQUAL(trial_run(&d, &other), PLUGIN_DONE_OK); /* nobody else notices */
    set_mood(&d, "well");
    for (int n = 0; !is_state(&d, "ready") && n < 60000; n++)
        usleep(2000);
    CU_ASSERT_TRUE(is_state(&d, "ready"));
    CU_ASSERT_EQUAL(call(&d, "moody", 0, NULL, 0), ERR_NONE);
    trial_fini(&other);
    driver_stop(&d);
}

static int threads_of_this(void) { return driver_entries("/proc/self/task"); }

/* The thread is left behind and touches nothing that is gone when it comes back. */
static void test_stop_while_stuck(void)
{
    struct driver d;
    struct trial hanging = {.instance = "moody", .operation = PLUGIN_PROVISION, .type = "thing"};
    struct err err = {0};
    int before = threads_of_this();

    driver_start(&d, 0, SOON_MS);
    add(&d, "moody", "moody");
    set_mood(&d, "hang");
    ASSERT_OK(trial_start(&d, &hanging, &err), err);
    while (call_count(&d) == 0) /* it is in the plugin */
        usleep(2000);
    driver_stop(&d);
    CU_ASSERT_EQUAL(hanging.dones, 1);
    CU_ASSERT_EQUAL(hanging.err.code, ERR_SHUTDOWN);
    set_mood(&d, "well");
    while (threads_of_this() != before)
        usleep(2000);
    trial_fini(&hanging);
}

/* Nobody stores its state: it is given up while it waits for that. */
static void test_never_stored(void)
{
    struct driver d;
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\":\"pending\"}", .checkpoint_answer = 1};
    struct trial after = {.instance = "good", .operation = PLUGIN_PROVISION};
    struct err err = {0};

    driver_start(&d, 0, SOON_MS);
    add(&d, "good", "good");
    ASSERT_OK(trial_start(&d, &t, &err), err);
    pthread_mutex_lock(&t.lock);
    while (t.checkpoints == 0 && !t.done)
        pthread_cond_wait(&t.changed, &t.lock);
    pthread_mutex_unlock(&t.lock);
    plugin_cancel(d.manager, t.call);
    trial_wait(&t);
    CU_ASSERT_EQUAL(t.err.code, ERR_CANCELED);
    CU_ASSERT_EQUAL(t.dones, 1);
    while (!instance_is(&d, "good", "ready"))
        usleep(2000);
    CU_ASSERT_EQUAL(trial_run(&d, &after), PLUGIN_DONE_OK);
    trial_fini(&t);
    trial_fini(&after);
    driver_stop(&d);
}

static void test_breach(void)
{
    struct driver d;
    CLEANUP(json_put) json_t *about = NULL;

    driver_start(&d, 0, PATIENT_MS);
    add(&d, "other_thread", "bad");
    for (int n = 0; n < 2; n++) {
        struct trial t = {.instance = "bad", .operation = PLUGIN_PROVISION};

        CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
        CU_ASSERT_EQUAL(t.err.code, ERR_PLUGIN_PROTOCOL);
        ASSERT_CONTAINS(t.err.msg, "called host->output from another thread");
        trial_fini(&t);
    }
    about = driver_describe(&d, "bad");
    CU_ASSERT_EQUAL(json_int(about, "crashes", -1), 2); /* counted like one of a process */
    driver_stop(&d);
}

static void expect_version(struct driver *d, const char *version)
{
    struct trial t = {.instance = "things", .operation = PLUGIN_PROVISION, .type = "thing"};

    CU_ASSERT_EQUAL(trial_run(d, &t), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(t.outputs, "version"), version);
    trial_fini(&t);
}

static void prepare(struct driver *d, const char *file, struct instance **out)
{
    char path[600], hash[65];
    struct plugin_entry entry = {.name = "things", .plugin = "bundled", .isolation = "inline", .path = path, .sha256 = hash};
    struct err err = {0};

    snprintf(path, sizeof path, "%s/%s.so", PLUGIN_DIR, file);
    driver_hash(path, hash);
    ASSERT_OK(plugin_prepare(d->manager, &entry, out, &err), err);
    ASSERT_OK(plugin_warm(d->manager, *out, &err), err);
}

/* What a reload does: the new one has run its `open` before the old one is retired. */
static void test_warm(void)
{
    struct driver d;
    struct instance *prepared = NULL;

    driver_start(&d, 0, PATIENT_MS);
    add(&d, "versioned_1", "things");
    expect_version(&d, "1.0.0");
    prepare(&d, "versioned_2", &prepared);
    expect_version(&d, "1.0.0");
    plugin_put(d.manager, prepared);
    expect_version(&d, "2.0.0");
    prepare(&d, "versioned_1", &prepared);
    plugin_forget(prepared);
    expect_version(&d, "2.0.0");
    driver_stop(&d);
}

/* The loader knows files by name, and descriptors' numbers come again. */
static void test_another_version(void)
{
    struct driver d;

    driver_start(&d, 1, PATIENT_MS);
    for (int n = 0; n < 6; n++) {
        add(&d, n % 2 ? "versioned_2" : "versioned_1", "things");
        expect_version(&d, n % 2 ? "2.0.0" : "1.0.0");
    }
    driver_stop(&d);
}

static void test_who_may(void)
{
    static const struct {
        const char *file, *why;
        struct plugin_entry entry;
    } cases[] = {
        {"good", "bundled plugins and for those signed", {.isolation = "inline"}},
        {"good", "neither `grant` nor `limits`", {.isolation = "inline", .plugin = "bundled", .memory_bytes = 64 << 20}},
        {"runs", "it runs programs", {.isolation = "inline", .plugin = "bundled"}},
    };
    struct driver d;
    struct err err;

    driver_start(&d, 0, PATIENT_MS);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ASSERT_FAILS(driver_add(&d, cases[i].file, &cases[i].entry, &err), err, ERR_PLUGIN_REFUSED);
        ASSERT_CONTAINS(err.msg, cases[i].why);
    }
    driver_stop(&d);
}

const struct test_case tests[] = {
    {"an inline plugin keeps the same contract without a process, and its sandbox is called weak", test_same_contract},
    {"it is canceled and asked to stop in time like any other", test_cancel},
    {"one that is concurrent has as many threads as maxHosts says, and no more", test_concurrent},
    {"a call that hangs fails in time, its instance is stuck, others go on, and it is ready when the call comes back", test_stuck},
    {"the end of the manager ends a call that hangs, and leaves its thread behind", test_stop_while_stuck},
    {"a call that waits for a checkpoint which never comes can be canceled", test_never_stored},
    {"what breaks the contract fails its call and counts as a crash", test_breach},
    {"a new version runs beside the old one before it takes its place", test_warm},
    {"another version of an inline plugin is the other version, each time", test_another_version},
    {"inline is for bundled and signed plugins without grant, limits and programs", test_who_may},
    {0},
};
