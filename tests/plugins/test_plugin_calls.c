/* The manager with a plugin that keeps the contract: every operation, every callback, cancel, deadlines, reaping, the end. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "plugin_driver.h"
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
size_t __sanitizer_get_current_allocated_bytes(void); /* gcc installs no header for it */
#else
#include <malloc.h>
#endif

static void begin(struct driver *d, int64_t idle_ms, const struct plugin_entry *more)
{
    struct err err;

    driver_start(d, idle_ms, PATIENT_MS);
    ASSERT_OK(driver_add(d, "good", more, &err), err);
}

static void end(struct driver *d)
{
    driver_stop(d);
    CU_ASSERT_EQUAL(driver_children(), 0);
}

static int run_params(struct driver *d, struct trial *t, const char *params)
{
    *t = (struct trial){.instance = "good", .operation = PLUGIN_PROVISION, .params = params};
    return trial_run(d, t);
}

static void test_provision(void)
{
    struct driver d;
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"size\":\"1Gi\",\"n\":[1,2]}"};
    CLEANUP(json_put) json_t *config = json_pack("{s:s}", "greeting", "good day");
    struct plugin_entry more = {.config = config};
    CLEANUP(free_ptr) char *params = NULL;

    begin(&d, 0, &more);
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(t.outputs, "greeting"), "good day");
    ASSERT_TEXT(json_str(t.outputs, "operation"), "1");
    ASSERT_TEXT(json_str(t.outputs, "key"), "key-1");
    ASSERT_TEXT(json_str(t.outputs, "trace"), "0af7651916cd43dd8448eb211c80319c");
    params = json_canonical(json_object_get(t.outputs, "params"));
    ASSERT_TEXT(params, "{\"n\":[1,2],\"size\":\"1Gi\"}");
    CU_ASSERT_PTR_NULL(json_object_get(t.outputs, "password"));
    ASSERT_TEXT(json_str(t.secrets, "password"), "hunter2");
    ASSERT_TEXT(json_str(json_array_get(t.hints, 0), "kind"), "url");
    ASSERT_CONTAINS(t.logs, "info: good day thing in production");
    CU_ASSERT_EQUAL(t.progress, 50);
    CU_ASSERT_EQUAL(t.dones, 1);
    trial_fini(&t);
    end(&d);
}

static void test_operations(void)
{
    struct driver d;
    struct trial update = {.instance = "good", .operation = PLUGIN_PROVISION, .change = "update"};
    struct trial remove = {.instance = "good", .operation = PLUGIN_DEPROVISION, .change = "delete"};
    struct trial status = {.instance = "good", .operation = PLUGIN_GET_STATUS, .change = "read", .params = "{\"says\":\"degraded\"}"};
    struct trial hints = {.instance = "good", .operation = PLUGIN_GET_HINTS};
    struct trial health = {.instance = "good", .operation = PLUGIN_HEALTH};
    struct trial step = {.instance = "good", .operation = PLUGIN_STEP, .step = "{\"say\":\"hi\"}"};
    struct trial plan = {.instance = "good", .operation = PLUGIN_PLAN};
    struct trial *all[] = {&update, &remove, &status, &hints, &health, &step};

    begin(&d, 0, NULL);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        CU_ASSERT_EQUAL(trial_run(&d, all[i]), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(update.outputs, "operation"), "2");
    ASSERT_TEXT(status.status, "degraded");
    ASSERT_TEXT(json_str(json_array_get(hints.hints, 0), "value"), "thing");
    ASSERT_CONTAINS(health.logs, "debug: healthy");
    ASSERT_TEXT(json_str(step.outputs, "said"), "hi");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        trial_fini(all[i]);
    CU_ASSERT_EQUAL(trial_run(&d, &plan), -1); /* not in its manifest */
    CU_ASSERT_EQUAL(plan.err.code, ERR_UNSUPPORTED);
    trial_fini(&plan);
    end(&d);
}

static void test_forgotten_status(void)
{
    struct driver d;
    struct trial t = {.instance = "good", .operation = PLUGIN_GET_STATUS, .params = "{\"forgets\":true}"};
    struct trial wrong = {.instance = "good", .operation = PLUGIN_GET_STATUS, .params = "{\"says\":\"splendid\"}"};

    begin(&d, 0, NULL);
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, ERR_PLUGIN_PROTOCOL);
    CU_ASSERT_EQUAL(trial_run(&d, &wrong), PLUGIN_DONE_FAILED);
    ASSERT_CONTAINS(wrong.err.msg, "unknown state");
    trial_fini(&t);
    trial_fini(&wrong);
    end(&d);
}

static void test_codes(void)
{
    static const struct {
        const char *params;
        enum err_code code;
    } cases[] = {
        {"{\"mode\":\"fail\",\"code\":-1}", ERR_INVALID_CONFIG},
        {"{\"mode\":\"fail\",\"code\":-2}", ERR_INVALID_RESOURCE},
        {"{\"mode\":\"fail\",\"code\":-3}", ERR_BACKEND_NOT_FOUND},
        {"{\"mode\":\"fail\",\"code\":-4}", ERR_ALREADY_EXISTS},
        {"{\"mode\":\"fail\",\"code\":-5}", ERR_UNAUTHORIZED},
        {"{\"mode\":\"fail\",\"code\":-6}", ERR_TRANSIENT},
        {"{\"mode\":\"fail\",\"code\":-7}", ERR_TIMEOUT},
        {"{\"mode\":\"fail\",\"code\":-9}", ERR_UNSUPPORTED},
        {"{\"mode\":\"fail\",\"code\":-10}", ERR_PROVISION_FAILED},
        {"{\"mode\":\"fail\",\"code\":-77}", ERR_PROVISION_FAILED},
        {"{\"mode\":\"fail\",\"code\":-10,\"retry\":1}", ERR_TRANSIENT},
        {"{\"mode\":\"fail\",\"code\":-6,\"retry\":0}", ERR_PROVISION_FAILED},
    };
    struct driver d;
    struct trial t;

    begin(&d, 0, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CU_ASSERT_EQUAL(run_params(&d, &t, cases[i].params), PLUGIN_DONE_FAILED);
        CU_ASSERT_EQUAL(t.err.code, cases[i].code);
        ASSERT_CONTAINS(t.err.msg, "good: asked to fail with a reason");
        trial_fini(&t);
    }
    CU_ASSERT_EQUAL(run_params(&d, &t, "{\"mode\":\"silent\"}"), PLUGIN_DONE_FAILED);
    ASSERT_TEXT(t.err.msg, "good: provision failed with UNAUTHORIZED and gave no reason");
    trial_fini(&t);
    end(&d);
}

static void test_pending(void)
{
    struct driver d;
    struct trial t, again;

    begin(&d, 0, NULL);
    CU_ASSERT_EQUAL(run_params(&d, &t, "{\"mode\":\"pending\"}"), PLUGIN_DONE_PENDING);
    CU_ASSERT_EQUAL(t.poll_after_ms, 250);
    CU_ASSERT_EQUAL(t.checkpoints, 1);
    ASSERT_TEXT(t.state_given, "{\"ticket\":42}");
    again = (struct trial){.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\":\"pending\"}", .state = t.state_given};
    CU_ASSERT_EQUAL(trial_run(&d, &again), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(json_int(json_object_get(again.outputs, "state"), "ticket", 0), 42);
    trial_fini(&t);
    trial_fini(&again);
    end(&d);
}

static void test_not_durable(void)
{
    struct driver d;
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\":\"pending\"}", .checkpoint_answer = -1};

    begin(&d, 0, NULL);
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, ERR_TRANSIENT);
    trial_fini(&t);
    end(&d);
}

/* The plugin waits in host->state until it is told, and not longer. */
static void test_state_waits(void)
{
    struct driver d;
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\":\"pending\"}", .checkpoint_answer = 1};
    struct err err;

    begin(&d, 0, NULL);
    ASSERT_OK(trial_start(&d, &t, &err), err);
    pthread_mutex_lock(&t.lock);
    while (t.checkpoints == 0)
        pthread_cond_wait(&t.changed, &t.lock);
    pthread_mutex_unlock(&t.lock);
    usleep(200000);
    CU_ASSERT_EQUAL(t.dones, 0);
    plugin_checkpointed(d.manager, t.call, true);
    trial_wait(&t);
    CU_ASSERT_EQUAL(t.outcome, PLUGIN_DONE_PENDING);
    trial_fini(&t);
    end(&d);
}

static void test_cancel(void)
{
    struct driver d;
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\":\"wait\"}"}, after;
    CLEANUP(json_put) json_t *about = NULL;
    struct err err;

    begin(&d, 0, NULL);
    ASSERT_OK(trial_start(&d, &t, &err), err);
    trial_wait_log(&t, "waiting");
    plugin_cancel(d.manager, t.call);
    trial_wait(&t);
    CU_ASSERT_EQUAL(t.err.code, ERR_CANCELED);
    ASSERT_TEXT(t.err.msg, "good: canceled");
    CU_ASSERT_EQUAL(run_params(&d, &after, "{}"), PLUGIN_DONE_OK); /* the flag is down again */
    about = driver_describe(&d, "good");
    CU_ASSERT_EQUAL(json_int(about, "crashes", -1), 0);
    trial_fini(&t);
    trial_fini(&after);
    end(&d);
}

static void test_deadline(void)
{
    struct driver d;
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\":\"wait\"}", .deadline_ms = 300};

    begin(&d, 0, NULL);
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT(t.err.code == ERR_PLUGIN_TIMEOUT || t.err.code == ERR_TIMEOUT); /* asked to stop, or it saw the deadline itself */
    trial_fini(&t);
    end(&d);
}

static void test_entry_timeout(void)
{
    struct driver d;
    struct plugin_entry more = {.timeout_ms = 300};
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\":\"wait\"}", .deadline_ms = 3600000};

    begin(&d, 0, &more);
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT(t.err.code == ERR_PLUGIN_TIMEOUT || t.err.code == ERR_TIMEOUT);
    trial_fini(&t);
    end(&d);
}

static void test_queue_and_cancel(void)
{
    struct driver d;
    struct plugin_entry more = {.max_hosts = 1};
    struct trial first = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\":\"wait\"}"}, queued = first, late = first;
    struct err err;

    begin(&d, 0, &more);
    ASSERT_OK(trial_start(&d, &first, &err), err);
    trial_wait_log(&first, "waiting");
    late.deadline_ms = 200;
    ASSERT_OK(trial_start(&d, &queued, &err), err);
    ASSERT_OK(trial_start(&d, &late, &err), err);
    trial_wait(&late);
    CU_ASSERT_EQUAL(late.err.code, ERR_PLUGIN_TIMEOUT);
    ASSERT_CONTAINS(late.err.msg, "no host was free before the deadline");
    plugin_cancel(d.manager, queued.call);
    trial_wait(&queued);
    ASSERT_TEXT(queued.err.msg, "good: canceled before it began");
    plugin_cancel(d.manager, first.call);
    trial_wait(&first);
    trial_fini(&first);
    trial_fini(&queued);
    trial_fini(&late);
    end(&d);
}

/* The cancel is there before the loop has taken the call. */
static void test_cancel_at_once(void)
{
    struct driver d;
    struct plugin_entry more = {.max_hosts = 1};
    struct trial first = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\":\"wait\"}"};
    struct err err;

    begin(&d, 0, &more);
    ASSERT_OK(trial_start(&d, &first, &err), err);
    trial_wait_log(&first, "waiting");
    for (int i = 0; i < 100; i++) {
        struct trial pair[2] = {{.instance = "good", .operation = PLUGIN_PROVISION}, {.instance = "good", .operation = PLUGIN_PROVISION}};

        for (int n = 0; n < 2; n++) {
            ASSERT_OK(trial_start(&d, &pair[n], &err), err);
            plugin_cancel(d.manager, pair[n].call);
        }
        for (int n = 0; n < 2; n++) {
            trial_wait(&pair[n]);
            CU_ASSERT_EQUAL(pair[n].err.code, ERR_CANCELED);
            CU_ASSERT_EQUAL(pair[n].dones, 1);
            trial_fini(&pair[n]);
        }
    }
    plugin_cancel(d.manager, first.call);
    trial_wait(&first);
    trial_fini(&first);
    end(&d);
}

static void test_several_hosts(void)
{
    struct driver d;
    struct trial waiting[4];
    struct plugin_entry more = {.max_hosts = 4};
    CLEANUP(json_put) json_t *about = NULL;
    struct err err;

    if (DRIVER_INLINE) /* the plugin is not `concurrent`, so there is one thread */
        return;

    begin(&d, 0, &more);
    for (size_t i = 0; i < 4; i++) {
        waiting[i] = (struct trial){.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\":\"wait\"}"};
        ASSERT_OK(trial_start(&d, &waiting[i], &err), err);
    }
    for (size_t i = 0; i < 4; i++)
        trial_wait_log(&waiting[i], "waiting"); /* all at the same time */
    about = driver_describe(&d, "good");
    CU_ASSERT_EQUAL(json_int(about, "hosts", 0), 4);
    for (size_t i = 0; i < 4; i++)
        plugin_cancel(d.manager, waiting[i].call);
    for (size_t i = 0; i < 4; i++) {
        trial_wait(&waiting[i]);
        trial_fini(&waiting[i]);
    }
    end(&d);
}

static int64_t hosts(struct driver *d)
{
    CLEANUP(json_put) json_t *about = driver_describe(d, "good");

    return json_int(about, "hosts", -1);
}

static void test_reaping(void)
{
    struct driver d;
    struct trial t;

    begin(&d, 100, NULL);
    CU_ASSERT_EQUAL(run_params(&d, &t, "{}"), PLUGIN_DONE_OK);
    trial_fini(&t);
    while (hosts(&d) > 0) /* as long as the program may run */
        usleep(20000);
    CU_ASSERT_EQUAL(driver_children(), 0);
    CU_ASSERT_EQUAL(run_params(&d, &t, "{}"), PLUGIN_DONE_OK);
    trial_fini(&t);
    end(&d);
}

static void test_stop_in_flight(void)
{
    struct driver d;
    struct trial running = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\":\"wait\"}"}, queued = running;
    struct plugin_entry more = {.max_hosts = 1};
    struct err err;

    begin(&d, 0, &more);
    ASSERT_OK(trial_start(&d, &running, &err), err);
    ASSERT_OK(trial_start(&d, &queued, &err), err);
    trial_wait_log(&running, "waiting");
    end(&d);
    CU_ASSERT_EQUAL(running.dones, 1);
    CU_ASSERT_EQUAL(running.err.code, ERR_SHUTDOWN);
    CU_ASSERT_EQUAL(queued.dones, 1);
    CU_ASSERT_EQUAL(queued.err.code, ERR_SHUTDOWN);
    trial_fini(&running);
    trial_fini(&queued);
}

static void test_directories(void)
{
    struct driver d;
    struct trial t;

    begin(&d, 0, NULL);
    for (int n = 1; n <= 3; n++) {
        CU_ASSERT_EQUAL(run_params(&d, &t, "{\"mode\":\"files\"}"), PLUGIN_DONE_OK);
        CU_ASSERT_EQUAL(json_int(t.outputs, "count", 0), n);
        trial_fini(&t);
    }
    end(&d);
    {
        char path[300];
        DIR *run;
        struct dirent *entry;
        int left = 0;

        snprintf(path, sizeof path, "%s/run", d.dir);
        run = opendir(path);
        while (run && (entry = readdir(run)))
            left += entry->d_name[0] != '.';
        closedir(run);
        CU_ASSERT_EQUAL(left, 0); /* work directories are wiped */
    }
}

static void test_open_fails(void)
{
    struct driver d;
    struct trial t;
    CLEANUP(json_put) json_t *config = json_pack("{s:b}", "broken", 1);
    struct plugin_entry more = {.config = config};
    CLEANUP(json_put) json_t *about = NULL;

    begin(&d, 0, &more);
    CU_ASSERT_EQUAL(run_params(&d, &t, "{}"), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, ERR_INVALID_CONFIG);
    ASSERT_TEXT(t.err.msg, "good: the config says broken");
    about = driver_describe(&d, "good");
    ASSERT_TEXT(json_str(about, "state"), "failed");
    ASSERT_TEXT(json_str(about, "reason"), "good: the config says broken");
    trial_fini(&t);
    end(&d);
}

static void test_replace_and_remove(void)
{
    struct driver d;
    struct trial running = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\":\"wait\"}"}, t;
    CLEANUP(json_put) json_t *config = json_pack("{s:s}", "greeting", "second");
    struct plugin_entry more = {.config = config};
    struct err err;

    begin(&d, 0, NULL);
    ASSERT_OK(trial_start(&d, &running, &err), err);
    trial_wait_log(&running, "waiting");
    ASSERT_OK(driver_add(&d, "good", &more, &err), err);
    CU_ASSERT_EQUAL(run_params(&d, &t, "{}"), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(t.outputs, "greeting"), "second");
    trial_fini(&t);
    plugin_cancel(d.manager, running.call); /* the old one still answers for what it began */
    trial_wait(&running);
    CU_ASSERT_EQUAL(running.err.code, ERR_CANCELED);
    ASSERT_OK(plugin_remove(d.manager, "good", &err), err);
    CU_ASSERT_EQUAL(run_params(&d, &t, "{}"), -1);
    CU_ASSERT_EQUAL(t.err.code, ERR_NO_PROVISIONER);
    ASSERT_FAILS(plugin_remove(d.manager, "good", &err), err, ERR_NOT_FOUND);
    trial_fini(&running);
    trial_fini(&t);
    end(&d);
}

/* Bytes that this process has allocated and not freed. */
static int64_t held_bytes(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return (int64_t)__sanitizer_get_current_allocated_bytes();
#else
    return (int64_t)mallinfo2().uordblks;
#endif
}

static void test_flat_memory(void)
{
    struct driver d;
    struct trial t;
    int64_t before = 0, after, start = 0;

    begin(&d, 0, NULL);
    for (int n = 0; n < 2000; n++) {
        if (n == 1000) { /* what is kept once is there by now */
            before = held_bytes();
            start = clock_mono_us();
        }
        CU_ASSERT_EQUAL(run_params(&d, &t, "{\"size\":\"10Gi\",\"list\":[1,2,3]}"), PLUGIN_DONE_OK);
        trial_fini(&t);
    }
    after = held_bytes();
    printf("# 1,000 calls: %lld us each, memory %+lld bytes\n", (long long)((clock_mono_us() - start) / 1000), (long long)(after - before));
    CU_ASSERT(after - before < 100000); /* a hundred bytes a call would be more */
    CU_ASSERT_EQUAL(driver_children(), DRIVER_INLINE ? 0 : 1);
    end(&d);
}

const struct test_case tests[] = {
    {"a provision call brings back outputs, secrets, hints, logs and progress", test_provision},
    {"every operation reaches its slot", test_operations},
    {"get_status must tell a known state", test_forgotten_status},
    {"every code of the SDK becomes its error, with the plugin's text", test_codes},
    {"a pending call comes back with its state and its time", test_pending},
    {"a checkpoint that is not durable is told to the plugin", test_not_durable},
    {"host->state waits for the durable acknowledgement", test_state_waits},
    {"a cancel stops a call that listens, and only that one", test_cancel},
    {"a deadline stops a call that listens", test_deadline},
    {"a call takes no longer than its entry allows, whatever the step does", test_entry_timeout},
    {"queued calls have deadlines and can be canceled", test_queue_and_cancel},
    {"a call that is canceled at once ends once", test_cancel_at_once},
    {"an instance has up to maxHosts processes", test_several_hosts},
    {"idle hosts are reaped and started again", test_reaping},
    {"the end of the manager fails calls in flight and leaves no child", test_stop_in_flight},
    {"data_dir stays, work_dir is wiped", test_directories},
    {"a config that open refuses fails the call and shows in the list", test_open_fails},
    {"an instance is replaced and removed while calls run", test_replace_and_remove},
    {"a thousand calls leave memory flat", test_flat_memory},
    {0},
};
