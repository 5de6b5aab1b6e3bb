/* An instance whose backend fails is left alone for a while, tried by one call (its `health` slot where it has one), and used again. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/str.h"
#include "plugin_driver.h"
#include <unistd.h>

#define FOR_EVER_MS (3600 * 1000)

struct told {
    pthread_mutex_t lock;
    int opened, ready;
    char reason[600];
};

static void on_change(void *ctx, const char *instance, const char *state, const char *reason)
{
    struct told *told = ctx;

    (void)instance;
    pthread_mutex_lock(&told->lock);
    told->opened += str_eq(state, "open_circuit");
    told->ready += str_eq(state, "ready");
    if (reason[0])
        snprintf(told->reason, sizeof told->reason, "%s", reason);
    pthread_mutex_unlock(&told->lock);
}

static void begin(struct driver *d, struct told *told, const char *plugin, int64_t open_ms)
{
    struct err err = {0};

    *told = (struct told){.lock = PTHREAD_MUTEX_INITIALIZER};
    driver_start_with(d, &(struct plugin_manager_options){
                             .grace_ms = PATIENT_MS,
                             .changed = on_change,
                             .changed_ctx = told,
                             .breaker = {.crashes = 2, .failures = 3, .crash_open_ms = open_ms, .failure_open_ms = open_ms}});
    ASSERT_OK(driver_add(d, plugin, NULL, &err), err);
}

static const char *file_of(struct driver *d, const char *plugin, const char *name)
{
    static char path[600];

    snprintf(path, sizeof path, "%s/data/%s/%s", d->dir, plugin, name);
    return path;
}

static void set_mood(struct driver *d, const char *plugin, const char *mood)
{
    struct err err = {0};
    char dir[600];

    snprintf(dir, sizeof dir, "%s/data/%s", d->dir, plugin);
    ASSERT_OK(io_mkdirs(dir, 0700, &err), err);
    ASSERT_OK(io_write_atomic(file_of(d, plugin, "mood"), mood, strlen(mood), 0600, &err), err);
}

/* How many calls the plugin has noted that are `what`. */
static int noted(struct driver *d, const char *plugin, const char *what)
{
    char line[64], wanted[64];
    FILE *file = fopen(file_of(d, plugin, "calls"), "re");
    int count = 0;

    snprintf(wanted, sizeof wanted, "%s\n", what);
    while (file && fgets(line, sizeof line, file))
        count += strcmp(line, wanted) == 0;
    if (file)
        fclose(file);
    return count;
}

static enum err_code call(struct driver *d, const char *plugin, char *msg, size_t cap)
{
    struct trial t = {.instance = plugin, .operation = PLUGIN_PROVISION, .type = "thing"};
    enum err_code code = ERR_NONE;

    if (trial_run(d, &t) != PLUGIN_DONE_OK)
        code = t.err.code;
    if (msg)
        snprintf(msg, cap, "%s", t.err.msg);
    trial_fini(&t);
    return code;
}

static void expect_state(struct driver *d, const char *plugin, const char *state, const char *circuit)
{
    CLEANUP(json_put) json_t *about = driver_describe(d, plugin);

    ASSERT_TEXT(json_str(about, "state"), state);
    ASSERT_TEXT(json_str(json_object_get(about, "circuit"), "state"), circuit);
}

static void open_it(struct driver *d, const char *plugin, const char *mood, int calls, enum err_code code)
{
    set_mood(d, plugin, mood);
    for (int n = 0; n < calls; n++) {
        expect_state(d, plugin, "ready", "closed");
        CU_ASSERT_EQUAL(call(d, plugin, NULL, 0), code);
    }
    expect_state(d, plugin, "open_circuit", "open");
}

static void test_absent_backend(void)
{
    struct driver d;
    struct told told;
    char msg[1024];
    CLEANUP(json_put) json_t *about = NULL;

    begin(&d, &told, "moody", FOR_EVER_MS);
    open_it(&d, "moody", "away", 3, ERR_TRANSIENT);
    CU_ASSERT_EQUAL(call(&d, "moody", msg, sizeof msg), ERR_CIRCUIT_OPEN);
    ASSERT_CONTAINS(msg, "3 failed calls of its backend in a row; the last: moody: no answer from 192.0.2.1:5432");
    ASSERT_CONTAINS(msg, "not called again for");
    CU_ASSERT_EQUAL(noted(&d, "moody", "provision"), 3); /* it was left alone */
    CU_ASSERT(plugin_retry_after_ms(d.manager, "moody") > 0);
    about = driver_describe(&d, "moody");
    CU_ASSERT_PTR_NOT_NULL(json_str(about, "retry_at"));
    CU_ASSERT_EQUAL(json_int(json_object_get(about, "circuit"), "failures", 0), 3);
    CU_ASSERT_EQUAL(told.opened, 1);
    ASSERT_CONTAINS(told.reason, "no answer from 192.0.2.1:5432");
    driver_stop(&d);
}

static void test_kinds(void)
{
    struct driver d;
    struct told told;
    struct err err = {0};

    begin(&d, &told, "moody", FOR_EVER_MS);
    set_mood(&d, "moody", "refuses"); /* it answers: the fault is not that it is away */
    for (int n = 0; n < 6; n++)
        CU_ASSERT_EQUAL(call(&d, "moody", NULL, 0), ERR_UNAUTHORIZED);
    open_it(&d, "moody", "late", 3, ERR_TIMEOUT);
    ASSERT_OK(plugin_remove(d.manager, "moody", &err), err);
    ASSERT_OK(driver_add(&d, "moody", NULL, &err), err); /* another instance begins anew */
    open_it(&d, "moody", "crash", 2, ERR_PLUGIN_CRASHED);
    driver_stop(&d);
}

/* Every call after the time has come; what comes meanwhile is told to wait. */
static void await_state(struct driver *d, const char *plugin, const char *state)
{
    for (int n = 0;; n++) {
        CLEANUP(json_put) json_t *about = driver_describe(d, plugin);

        if (str_eq(json_str(about, "state"), state) || n > 60000) {
            ASSERT_TEXT(json_str(about, "state"), state);
            return;
        }
        usleep(2000);
    }
}

static void test_probe_by_call(void)
{
    struct driver d;
    struct told told;
    enum err_code code;

    begin(&d, &told, "moody", 1);
    open_it(&d, "moody", "away", 3, ERR_TRANSIENT);
    while ((code = call(&d, "moody", NULL, 0)) == ERR_CIRCUIT_OPEN) /* the first one whose time has come is the probe */
        usleep(1000);
    CU_ASSERT_EQUAL(code, ERR_TRANSIENT);
    expect_state(&d, "moody", "open_circuit", "open");
    CU_ASSERT_EQUAL(noted(&d, "moody", "provision"), 4);
    set_mood(&d, "moody", "well");
    while ((code = call(&d, "moody", NULL, 0)) == ERR_CIRCUIT_OPEN)
        usleep(1000);
    CU_ASSERT_EQUAL(code, ERR_NONE);
    expect_state(&d, "moody", "ready", "closed");
    CU_ASSERT_EQUAL(plugin_retry_after_ms(d.manager, "moody"), 0);
    CU_ASSERT_EQUAL(noted(&d, "moody", "provision"), 5);
    CU_ASSERT_EQUAL(told.opened, 2);
    CU_ASSERT_EQUAL(told.ready, 1);
    driver_stop(&d);
}

static void test_probe_by_health(void)
{
    struct driver d;
    struct told told;

    begin(&d, &told, "moody_health", 1);
    open_it(&d, "moody_health", "away", 3, ERR_TRANSIENT);
    for (int n = 0; noted(&d, "moody_health", "health") < 2 && n < 60000; n++) {
        CU_ASSERT_EQUAL(call(&d, "moody_health", NULL, 0), ERR_CIRCUIT_OPEN); /* no call of its own is spent */
        usleep(2000);
    }
    CU_ASSERT_EQUAL(noted(&d, "moody_health", "provision"), 3);
    set_mood(&d, "moody_health", "well");
    while (call(&d, "moody_health", NULL, 0) == ERR_CIRCUIT_OPEN)
        usleep(1000);
    expect_state(&d, "moody_health", "ready", "closed");
    CU_ASSERT_EQUAL(noted(&d, "moody_health", "provision"), 4);
    driver_stop(&d);
}

static void test_health(void)
{
    struct driver d;
    struct told told;
    CLEANUP(json_put) json_t *before = NULL, *after = NULL;

    begin(&d, &told, "moody_health", FOR_EVER_MS);
    before = driver_describe(&d, "moody_health");
    ASSERT_TEXT(json_str(json_object_get(before, "health"), "status"), "unknown");
    set_mood(&d, "moody_health", "away");
    plugin_check_health(d.manager, NULL, 0);
    for (int n = 0; n < 60000; n++) {
        json_put(&after);
        after = driver_describe(&d, "moody_health");
        if (str_eq(json_str(json_object_get(after, "health"), "status"), "failed"))
            break;
        usleep(2000);
    }
    ASSERT_TEXT(json_str(json_object_get(after, "health"), "status"), "failed");
    ASSERT_CONTAINS(json_str(json_object_get(after, "health"), "message"), "no answer from 192.0.2.1:5432");
    ASSERT_TEXT(json_str(after, "state"), "ready"); /* one look does not close a provisioner */
    plugin_check_health(d.manager, NULL, FOR_EVER_MS);
    plugin_check_health(d.manager, "moody_health", FOR_EVER_MS);
    CU_ASSERT_EQUAL(call(&d, "moody_health", NULL, 0), ERR_TRANSIENT); /* behind whatever was asked before */
    CU_ASSERT_EQUAL(noted(&d, "moody_health", "health"), 1);           /* what it said is fresh */
    plugin_check_health(d.manager, "nobody", 0);
    driver_stop(&d);
}

static void test_clock_set_back(void)
{
    struct driver d;
    struct told told;

    begin(&d, &told, "moody", 1);
    open_it(&d, "moody", "away", 3, ERR_TRANSIENT);
    clock_jump(-3 * 3600 * US_PER_SEC);
    set_mood(&d, "moody", "well");
    while (call(&d, "moody", NULL, 0) == ERR_CIRCUIT_OPEN)
        usleep(1000);
    await_state(&d, "moody", "ready");
    clock_jump(0);
    driver_stop(&d);
}

const struct test_case tests[] = {
    {"a backend that is away opens the circuit, and the plugin is left alone", test_absent_backend},
    {"timeouts and crashes open it, a backend that refuses does not; a new instance begins anew", test_kinds},
    {"when its time has come one call is the probe, and closes it or opens it for longer", test_probe_by_call},
    {"a plugin with the slot health is asked by it, and no call is spent", test_probe_by_health},
    {"health is asked when somebody wants to know, and not again while the answer is fresh", test_health},
    {"a clock that is set back keeps nobody waiting", test_clock_set_back},
    {0},
};
