/* Hostile calls in a row, against one manager, and what they leave of the server's memory, descriptors and children; and ordinary calls of
 * one host, and what they leave in it and here:
 *   HOSTILE_CALLS=1000 ORDINARY_CALLS=100000 test_hostile_plugins      (defaults: 40 and 500; tests/soak/hostile_plugins.sh)
 * Figures go to standard output; the exit code says whether they are flat. Every call has its own expectation, too. */
#include "base/clock.h"
#include "base/str.h"
#include "plugin_driver.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
size_t __sanitizer_get_current_allocated_bytes(void); /* gcc has no header for it */
#define SANITIZED true
#else
#define SANITIZED false
#endif

#define HELD_MORE (256 << 10) /* bytes that may be held more at the end than after the first tenth */
#define HOST_MORE (1 << 20)   /* the same of a host, in pages */
#define ANY       0           /* every end is fine but success */
#define FINE      (-1)

/* What one call does and how it must end. `every`: only each so many rounds, because it takes long. */
static const struct {
    const char *file, *params;
    int64_t deadline_ms;
    int code;
    int every;
} hostile[] = {
    {"crash", NULL, 0, ERR_PLUGIN_CRASHED, 1},
    {"exits", NULL, 0, ERR_PLUGIN_CRASHED, 1},
    {"huge_output", NULL, 0, ERR_PROVISION_FAILED, 1},
    {"invalid_utf8", NULL, 0, ERR_PROVISION_FAILED, 1},
    {"huge_state", NULL, 0, ERR_PROVISION_FAILED, 1},
    {"other_thread", NULL, 0, ERR_PLUGIN_PROTOCOL, 1},
    {"raw_frames", "{}", 0, ERR_PLUGIN_PROTOCOL, 1},
    {"raw_frames", "{\"mode\":\"huge\"}", 0, ERR_PLUGIN_PROTOCOL, 1},
    {"raw_frames", "{\"mode\":\"forged\"}", 0, ERR_PLUGIN_PROTOCOL, 1},
    {"raw_frames", "{\"mode\":\"closed\"}", 0, ERR_PLUGIN_PROTOCOL, 1},
    {"killed_between", NULL, 0, ERR_PLUGIN_CRASHED, 1},
    {"lying_manifest", NULL, 0, ERR_PLUGIN_REFUSED, 1},
    {"missing_slot", NULL, 0, ERR_PLUGIN_REFUSED, 1},
    {"late_call", NULL, 0, FINE, 1},
    {"fork", NULL, 0, FINE, 1},
    {"leaves_children", NULL, 0, FINE, 1},
    {"leaves_children", "{\"mode\":\"crashes\"}", 0, ERR_PLUGIN_CRASHED, 1},
    {"leaves_children", "{\"mode\":\"hangs\"}", 200, ERR_PLUGIN_TIMEOUT, 1},
    {"leak", NULL, 0, FINE, 1},
    {"hang", NULL, 200, ERR_PLUGIN_TIMEOUT, 1},
    {"memory_bomb", NULL, 0, ANY, 7},
    {"flood", NULL, 0, ERR_PLUGIN_PROTOCOL, 11},
    {"chatty", NULL, 0, FINE, 11},
};
#define HOSTILE (sizeof hostile / sizeof hostile[0])

struct figures {
    int64_t held, resident;
    int descriptors, threads;
};

static struct figures look(void)
{
    struct figures now = {.descriptors = driver_entries("/proc/self/fd"), .threads = driver_entries("/proc/self/task") - 2};
    FILE *file = fopen("/proc/self/statm", "re");
    long long total = 0, resident = 0;

    if (file && fscanf(file, "%lld %lld", &total, &resident) == 2)
        now.resident = resident * sysconf(_SC_PAGESIZE);
    if (file)
        fclose(file);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    now.held = (int64_t)__sanitizer_get_current_allocated_bytes();
#else
    now.held = (int64_t)mallinfo2().uordblks;
#endif
    return now;
}

/* Nothing of the instances is left: hosts, descriptors, what hosts have started. As long as the program may run. */
static void settle(int descriptors)
{
    while (driver_children() > 0 || driver_entries("/proc/self/fd") > descriptors)
        usleep(5000);
}

static bool ended_as_expected(const struct trial *t, int outcome, size_t which)
{
    int wanted = hostile[which].code;

    if (wanted == FINE)
        return outcome == PLUGIN_DONE_OK;
    return outcome == PLUGIN_DONE_FAILED && (wanted == ANY || (int)t->err.code == wanted);
}

/* A fresh instance for each call: what the one before did to its backoff and circuit is not the point here. */
static bool hostile_call(struct driver *d, size_t which)
{
    static json_t *grant;
    struct trial t = {.operation = PLUGIN_PROVISION,
                      .instance = hostile[which].file,
                      .type = "bad",
                      .params = hostile[which].params,
                      .deadline_ms = hostile[which].deadline_ms};
    struct plugin_entry more = {.memory_bytes = 160LL << 20, .max_hosts = 1};
    struct err err = {0};
    int outcome;
    bool good;

    grant = grant ? grant : json_pack("[s]", "exec");
    if (str_eq(hostile[which].file, "leaves_children"))
        more.grant = grant;
    if (driver_add(d, hostile[which].file, &more, &err) < 0) {
        printf("# %s cannot be added: %s\n", hostile[which].file, err.msg);
        return false;
    }
    outcome = trial_run(d, &t);
    good = ended_as_expected(&t, outcome, which);
    if (!good)
        printf("# %s %s: outcome %d, ORC-%d %s\n", hostile[which].file, t.params ? t.params : "", outcome, err_orc(t.err.code), t.err.msg);
    trial_fini(&t);
    return good;
}

static bool good_call(struct driver *d)
{
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION};
    bool good = trial_run(d, &t) == PLUGIN_DONE_OK;

    if (!good)
        printf("# the good plugin beside them: %s\n", t.err.msg);
    trial_fini(&t);
    return good;
}

static void show(const char *when, const struct figures *f)
{
    printf("# %-18s held %8lld KiB, resident %8lld KiB, descriptors %d, threads %d\n", when, (long long)(f->held >> 10),
           (long long)(f->resident >> 10), f->descriptors, f->threads);
    fflush(stdout);
}

/* Runs so many calls; returns how many did not end as they must. */
static int64_t run_calls(struct driver *d, int64_t calls)
{
    int64_t wrong = 0, done = 0;

    for (int64_t round = 0; done < calls; round++)
        for (size_t which = 0; which < HOSTILE && done < calls; which++) {
            if (round % hostile[which].every != hostile[which].every - 1)
                continue;
            wrong += !hostile_call(d, which);
            wrong += done % 10 == 0 && !good_call(d);
            done++;
        }
    for (size_t which = 0; which < HOSTILE; which++)
        plugin_remove(d->manager, hostile[which].file, &(struct err){0});
    return wrong;
}

static void soak(int64_t calls)
{
    struct plugin_manager_options options = {.grace_ms = 100, .idle_ms = 3600000};
    struct driver d;
    struct figures first, last;
    struct err err = {0};
    int64_t wrong, begun = clock_mono_us();
    int before;

    ASSERT_OK(plugin_harden_server(&err), err);
    driver_start_with(&d, &options);
    before = look().descriptors;
    ASSERT_OK(driver_add(&d, "good", NULL, &err), err);
    wrong = run_calls(&d, calls < 250 ? 25 : calls / 10); /* what is kept once is there by then */
    ASSERT_OK(plugin_remove(d.manager, "good", &err), err);
    settle(before);
    first = look();
    show("after the first", &first);
    ASSERT_OK(driver_add(&d, "good", NULL, &err), err);
    wrong += run_calls(&d, calls);
    ASSERT_OK(plugin_remove(d.manager, "good", &err), err);
    settle(before);
    last = look();
    show("at the end", &last);
    printf("# %lld calls in %.1f s, %lld not as they must be\n", (long long)calls, (double)(clock_mono_us() - begun) / 1e6,
           (long long)wrong);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(last.descriptors, first.descriptors);
    CU_ASSERT_EQUAL(last.threads, first.threads);
    CU_ASSERT(last.held - first.held < HELD_MORE);
    driver_stop(&d);
}

/* ---- ordinary calls ---- */

static const struct trial ordinary[] = {
    {.operation = PLUGIN_PROVISION},
    {.operation = PLUGIN_PROVISION, .params = "{\"mode\":\"files\"}"},
    {.operation = PLUGIN_PROVISION, .params = "{\"mode\":\"pending\"}"},
    {.operation = PLUGIN_PROVISION, .params = "{\"mode\":\"warn\"}"},
    {.operation = PLUGIN_GET_STATUS},
    {.operation = PLUGIN_GET_HINTS},
    {.operation = PLUGIN_STEP, .step = "{\"say\":\"hello\"}"},
    {.operation = PLUGIN_HEALTH},
    {.operation = PLUGIN_DEPROVISION, .change = "delete"},
};
#define ORDINARY (sizeof ordinary / sizeof ordinary[0])

static int64_t run_ordinary(struct driver *d, int64_t calls)
{
    int64_t wrong = 0;

    for (int64_t i = 0; i < calls; i++) {
        struct trial t = ordinary[(size_t)i % ORDINARY];
        bool pends = t.params && strstr(t.params, "pending");

        t.instance = "good";
        if (trial_run(d, &t) != (pends ? PLUGIN_DONE_PENDING : PLUGIN_DONE_OK)) {
            printf("# ordinary call %lld: ORC-%d %s\n", (long long)i, err_orc(t.err.code), t.err.msg);
            wrong++;
        }
        trial_fini(&t);
    }
    return wrong;
}

static void soak_ordinary(int64_t calls, struct plugin_entry one)
{
    bool has_host = !one.isolation;
    struct driver d;
    struct figures first, last;
    struct err err = {0};
    int64_t wrong, host_first, host_last, begun = clock_mono_us();

    driver_start_with(&d, &(struct plugin_manager_options){.idle_ms = 3600000});
    ASSERT_OK(driver_add(&d, "good", &one, &err), err);
    wrong = run_ordinary(&d, calls / 10);
    first = look();
    host_first = driver_children_resident();
    show("after the first", &first);
    wrong += run_ordinary(&d, calls);
    last = look();
    host_last = driver_children_resident();
    show("at the end", &last);
    printf("# %lld calls in %.1f s, %lld not as they must be; the host held %lld KiB, then %lld KiB\n", (long long)calls,
           (double)(clock_mono_us() - begun) / 1e6, (long long)wrong, (long long)(host_first >> 10), (long long)(host_last >> 10));
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(last.descriptors, first.descriptors);
    CU_ASSERT_EQUAL(last.threads, first.threads);
    CU_ASSERT(last.held - first.held < HELD_MORE);
    CU_ASSERT_EQUAL(host_first > 0, has_host);
    if (!SANITIZED) /* a sanitizer keeps what was freed */
        CU_ASSERT(host_last - host_first < HOST_MORE);
    driver_stop(&d);
}

/* ---- how many ---- */

static int64_t number_in(const char *name, int64_t otherwise)
{
    const char *wanted = getenv(name);
    int64_t calls = otherwise;

    if (wanted && (!str_to_int(wanted, &calls) || calls < 1))
        CU_FAIL("the environment asks for a number of calls that is none");
    return calls;
}

static void test_hostile(void) { soak(number_in("HOSTILE_CALLS", 40)); }
static void test_ordinary(void) { soak_ordinary(number_in("ORDINARY_CALLS", 500), (struct plugin_entry){.max_hosts = 1}); }
static void test_inline(void)
{
    soak_ordinary(number_in("ORDINARY_CALLS", 500), (struct plugin_entry){.plugin = "bundled", .isolation = "inline"});
}

const struct test_case tests[] = {
    {"hostile calls leave memory, descriptors, threads and children as they were", test_hostile},
    {"ordinary calls leave memory, descriptors and threads as they were, here and in the host", test_ordinary},
    {"ordinary calls inside the server leave them as they were, too", test_inline},
    {0}};
