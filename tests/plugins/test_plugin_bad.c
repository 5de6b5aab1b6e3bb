/* Every bad plugin, each with its own message, and a good one that goes on working beside it. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "plugin_driver.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONSTRUCTOR_MARK "/tmp/innominatus-constructor-ran"

static void good_works(struct driver *d)
{
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION};

    CU_ASSERT_EQUAL(trial_run(d, &t), PLUGIN_DONE_OK);
    trial_fini(&t);
}

static void begin(struct driver *d, const char *bad, const struct plugin_entry *more)
{
    struct err err;

    ASSERT_OK(plugin_harden_server(&err), err); /* as the server does */
    driver_start(d, 0, 0);
    ASSERT_OK(driver_add(d, "good", NULL, &err), err);
    good_works(d);
    if (bad)
        ASSERT_OK(driver_add(d, bad, more, &err), err);
}

static void end(struct driver *d)
{
    good_works(d);
    driver_stop(d);
    CU_ASSERT_EQUAL(driver_children(), 0);
}

/* Makes one call that must fail with `code` and a message that contains `text`. */
static void fails(const char *bad, struct trial t, enum err_code code, const char *text, const char *signal)
{
    struct driver d;

    begin(&d, bad, NULL);
    t.instance = bad;
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    if (t.err.code != code)
        fprintf(stderr, "%s: %d %s\n", bad, t.err.code, t.err.msg);
    CU_ASSERT_EQUAL(t.err.code, code);
    ASSERT_CONTAINS(t.err.msg, text);
    CU_ASSERT(str_eq(json_str(t.report, "signal"), signal));
    CU_ASSERT_EQUAL(t.dones, 1);
    trial_fini(&t);
    end(&d);
}

/* The file is refused by plugin_add, with that reason, which then also stands in the list. */
static void refused(const char *bad, const char *text)
{
    CLEANUP(json_put) json_t *about = NULL;
    struct driver d;
    struct trial t = {.instance = bad, .operation = PLUGIN_PROVISION, .type = "bad"};
    struct err err;

    begin(&d, NULL, NULL);
    ASSERT_FAILS(driver_add(&d, bad, NULL, &err), err, ERR_PLUGIN_REFUSED);
    ASSERT_CONTAINS(err.msg, text);
    about = driver_describe(&d, bad);
    ASSERT_TEXT(json_str(about, "state"), "refused");
    ASSERT_CONTAINS(json_str(about, "reason"), text);
    CU_ASSERT_EQUAL(trial_run(&d, &t), -1);
    CU_ASSERT_EQUAL(t.err.code, ERR_PLUGIN_REFUSED);
    trial_fini(&t);
    end(&d);
}

#define PROVISION ((struct trial){.operation = PLUGIN_PROVISION, .type = "bad"})

static void test_no_manifest(void) { refused("no_manifest", "no manifest"); }
static void test_other_major(void) { refused("other_major", "built for plugin ABI 2.0"); }
static void test_not_elf(void) { refused("not_elf", "not a shared object"); }
static void test_empty(void) { refused("empty", "the file is empty"); }
static void test_truncated(void) { refused("truncated", "truncated or damaged"); }
static void test_two_exports(void) { refused("two_exports", "exports 2 symbols"); }

static void test_lying_manifest(void)
{
    fails("lying_manifest", PROVISION, ERR_PLUGIN_REFUSED, "lies about its version: the manifest says 1.0.0, the table says 9.9.9", NULL);
}
static void test_lying_types(void)
{
    fails("lying_types", PROVISION, ERR_PLUGIN_REFUSED, "lies about its types: the manifest lists \"postgres\"", NULL);
}
static void test_lying_slots(void)
{
    fails("lying_slots", PROVISION, ERR_PLUGIN_REFUSED, "lies about its slots: the manifest lists \"update\"", NULL);
}
static void test_smaller_struct(void) { fails("smaller_struct", PROVISION, ERR_PLUGIN_REFUSED, "its table has 64 bytes", NULL); }
static void test_missing_slot(void) { fails("missing_slot", PROVISION, ERR_PLUGIN_REFUSED, "its table has no deprovision", NULL); }
static void test_no_magic(void) { fails("no_magic", PROVISION, ERR_PLUGIN_REFUSED, "no magic number", NULL); }

static void test_crash(void)
{
    struct driver d;
    struct trial t = PROVISION;
    CLEANUP(json_put) json_t *about = NULL;

    begin(&d, "crash", NULL);
    t.instance = "crash";
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, ERR_PLUGIN_CRASHED);
    ASSERT_CONTAINS(t.err.msg, "crashed with SIGSEGV");
    ASSERT_CONTAINS(t.err.msg, "in provision");
    ASSERT_TEXT(json_str(json_object_get(t.report, "plugin"), "name"), "crash");
    ASSERT_TEXT(json_str(json_object_get(t.report, "plugin"), "version"), "1.0.0");
    ASSERT_TEXT(json_str(t.report, "operation"), "provision");
    ASSERT_TEXT(json_string_value(json_array_get(json_object_get(t.report, "last_logs"), 0)), "about to crash");
    ASSERT_TEXT(json_str(t.report, "signal"), "SIGSEGV");
    trial_fini(&t);
    about = driver_describe(&d, "crash");
    CU_ASSERT_EQUAL(json_int(about, "crashes", 0), 1);
    ASSERT_CONTAINS(json_str(json_object_get(about, "last_crash"), "message"), "crashed with SIGSEGV");
    end(&d);
}

static void test_circuit(void)
{
    struct driver d;
    CLEANUP(json_put) json_t *about = NULL;
    struct trial last = PROVISION, later = PROVISION;
    const char *wait;

    begin(&d, "exits", NULL);
    for (int n = 0; n < 5; n++) {
        struct trial t = PROVISION;

        t.instance = "exits";
        CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
        trial_fini(&t);
    }
    about = driver_describe(&d, "exits");
    ASSERT_TEXT(json_str(about, "state"), "open_circuit");
    CU_ASSERT_PTR_NOT_NULL(json_str(about, "retry_at"));
    last.instance = "exits";
    CU_ASSERT_EQUAL(trial_run(&d, &last), -1);
    CU_ASSERT_EQUAL(last.err.code, ERR_CIRCUIT_OPEN);
    ASSERT_CONTAINS(last.err.msg, "5 crashes in a row");
    clock_jump(-3 * 3600 * US_PER_SEC); /* set back, it does not wait three hours longer */
    later.instance = "exits";
    CU_ASSERT_EQUAL(trial_run(&d, &later), -1);
    clock_jump(0);
    wait = strstr(later.err.msg, "not called again for ");
    CU_ASSERT(wait && atol(wait + strlen("not called again for ")) <= 30);
    trial_fini(&last);
    trial_fini(&later);
    end(&d);
}

static void test_exits(void)
{
    struct driver d;
    struct trial t = PROVISION;

    begin(&d, "exits", NULL);
    t.instance = "exits";
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, ERR_PLUGIN_CRASHED);
    ASSERT_CONTAINS(t.err.msg, "ended its process by exit(3) in provision");
    ASSERT_TEXT(json_string_value(json_array_get(json_object_get(t.report, "last_logs"), 0)), "giving up, says the library");
    trial_fini(&t);
    end(&d);
}

/* A slow machine may need longer than that to start the host; then it is given more. */
static void test_hang(void)
{
    struct driver d;
    bool hung = false;

    begin(&d, "hang", NULL);
    for (int64_t ms = 500; !hung && ms < 120000; ms *= 4) {
        struct trial t = PROVISION;

        t.instance = "hang";
        t.deadline_ms = ms;
        CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
        CU_ASSERT_EQUAL(t.err.code, ERR_PLUGIN_TIMEOUT);
        hung = !strstr(t.err.msg, "no host was free");
        if (hung)
            ASSERT_CONTAINS(t.err.msg, "did not answer in time, nor when asked to stop, and was killed");
        CU_ASSERT_EQUAL(t.dones, 1);
        trial_fini(&t);
    }
    CU_ASSERT_TRUE(hung);
    end(&d);
}

static void test_hang_canceled(void)
{
    struct driver d;
    struct trial t = PROVISION;
    struct err err;

    begin(&d, "hang", NULL);
    t.instance = "hang";
    ASSERT_OK(trial_start(&d, &t, &err), err);
    trial_wait_log(&t, "hanging");
    plugin_cancel(d.manager, t.call);
    trial_wait(&t);
    CU_ASSERT_EQUAL(t.err.code, ERR_CANCELED);
    ASSERT_CONTAINS(t.err.msg, "did not stop when asked and was killed");
    trial_fini(&t);
    end(&d);
}

static void test_memory_bomb(void)
{
    struct driver d;
    struct trial t = PROVISION;
    struct plugin_entry more = {.memory_bytes = 160LL << 20};

    begin(&d, "memory_bomb", &more);
    t.instance = "memory_bomb";
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, ERR_PLUGIN_CRASHED);
    ASSERT_CONTAINS(t.err.msg, "its limit is 160 MiB, and was killed");
    trial_fini(&t);
    end(&d);
}

static void test_leak(void)
{
    struct driver d;
    struct plugin_entry more = {.memory_bytes = 160LL << 20, .max_hosts = 1};
    CLEANUP(json_put) json_t *about = NULL;

    begin(&d, "leak", &more);
    for (int n = 0; n < 60; n++) { /* 480 MiB in all */
        struct trial t = PROVISION;

        t.instance = "leak";
        trial_run(&d, &t);
        if (t.err.code) /* caught within a call, or refused memory by the kernel: both name it */
            CU_ASSERT(strstr(t.err.msg, "160 MiB") || strstr(t.err.msg, "out of memory"));
        trial_fini(&t);
        usleep(20000);
    }
    about = driver_describe(&d, "leak");
    CU_ASSERT(json_int(about, "recycled", 0) + json_int(about, "crashes", 0) > 0);
    end(&d);
}

/* Calls a plugin that tries what it may not; its logs say how each try ended. */
/* Does the kernel offer every mechanism? A container may forbid mount namespaces, which only the test of modes and owners needs. */
static bool is_complete(const json_t *about, bool mounts)
{
    json_t *lacks = json_object_get(about, "sandbox_lacks"), *item;
    size_t i;

    json_array_foreach(lacks, i, item) if (mounts || !str_starts(json_string_value(item), "mount namespace")) return false;
    return true;
}

/* False when the kernel (or a container, a chroot) lacks what confines it: the test is skipped then. */
static bool confined(const char *bad, struct trial t, int least_tries)
{
    struct driver d;
    CLEANUP(json_put) json_t *about = NULL;
    bool complete;

    begin(&d, bad, NULL);
    t.instance = bad;
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_OK);
    about = driver_describe(&d, bad);
    complete = is_complete(about, str_eq(bad, "change_others"));
    if (complete) {
        if (json_str(t.outputs, "escaped"))
            fprintf(stderr, "%s escaped by %s\n", bad, json_str(t.outputs, "escaped"));
        CU_ASSERT_PTR_NULL(json_str(t.outputs, "escaped"));
        CU_ASSERT((int)t.log_lines >= least_tries);
    } else {
        test_skip("the kernel lacks a mechanism of the sandbox");
    }
    trial_fini(&t);
    end(&d);
    return complete;
}

static void test_fork(void) { confined("fork", PROVISION, 5); }
static void test_read_memory(void) { confined("read_memory", PROVISION, 9); }
static void test_takes_network(void) { confined("takes_network", PROVISION, 0); }

static void test_read_files(void)
{
    CLEANUP(free_ptr) char *params = NULL;
    struct trial t = PROVISION;
    char secret[200], stranger[200];
    struct err err;

    snprintf(secret, sizeof secret, "%s/seal.key", test_dir());
    snprintf(stranger, sizeof stranger, "%s/innominatus.db", test_dir());
    ASSERT_OK(io_write_atomic(secret, "0123", 4, 0644, &err), err);
    ASSERT_OK(io_write_atomic(stranger, "0123", 4, 0666, &err), err);
    t.params = params =
        mem_printf("{\"read\":[\"%s\",\"%s\",\"/etc/passwd\",\"/etc/shadow\",\"/etc/hostname\",\"/proc/1/environ\",\"/proc/self/environ\","
                   "\"/root\",\"/dev/mem\",\"/sys/kernel\"],\"write\":[\"%s\",\"/tmp/innominatus-escaped\",\"/etc/innominatus-escaped\"]}",
                   secret, stranger, stranger);
    confined("read_files", t, 13);
}

/* What Landlock does not look at: modes, owners, times, attributes; other processes' scheduling; memory that no limit counts. */
static void test_change_others(void)
{
    CLEANUP(free_ptr) char *params = NULL;
    struct trial t = PROVISION;
    struct stat before, after;
    char key[200], dir[200];
    struct err err;

    snprintf(key, sizeof key, "%s/seal.key", test_dir());
    snprintf(dir, sizeof dir, "%s/others", test_dir());
    ASSERT_OK(io_mkdirs(dir, 0700, &err), err);
    ASSERT_OK(io_write_atomic(key, "0123", 4, 0600, &err), err);
    CU_ASSERT_EQUAL(stat(key, &before), 0);
    t.params = params = mem_printf("{\"files\":[\"%s\",\"%s\"]}", key, dir);
    if (!confined("change_others", t, 22))
        return;
    CU_ASSERT_EQUAL(stat(key, &after), 0);
    CU_ASSERT_EQUAL(after.st_mode, before.st_mode);
    CU_ASSERT_EQUAL(after.st_ctim.tv_nsec, before.st_ctim.tv_nsec);
}

static void test_environment(void)
{
    struct driver d;
    struct trial t = PROVISION;

    begin(&d, "read_files", NULL);
    t.instance = "read_files";
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(t.outputs, "environment"), "0");
    ASSERT_TEXT(json_str(t.outputs, "inherited"), "0");
    trial_fini(&t);
    end(&d);
}

static void test_permission(void)
{
    struct driver d;
    struct trial t = PROVISION;
    CLEANUP(json_put) json_t *grant = json_pack("[s]", "network");
    struct plugin_entry more = {.grant = grant};
    struct err err;

    begin(&d, NULL, NULL);
    ASSERT_FAILS(driver_add(&d, "wants_network", NULL, &err), err, ERR_PLUGIN_REFUSED);
    ASSERT_CONTAINS(err.msg, "wants the permission \"network\"");
    ASSERT_OK(driver_add(&d, "wants_network", &more, &err), err);
    t.instance = "wants_network";
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(t.outputs, "socket"), "open");
    trial_fini(&t);
    end(&d);
}

static void test_constructor(void)
{
    struct driver d;
    struct trial t = PROVISION;
    struct plugin_entry wrong = {.sha256 = "0000000000000000000000000000000000000000000000000000000000000000"};
    CLEANUP(json_put) json_t *manifest = NULL;
    struct err err;

    unlink(CONSTRUCTOR_MARK);
    ASSERT_OK(plugin_inspect_file(PLUGIN_DIR "/constructor.so", &manifest, &err), err);
    begin(&d, NULL, NULL);
    ASSERT_FAILS(driver_add(&d, "constructor", &wrong, &err), err, ERR_PLUGIN_REFUSED);
    ASSERT_CONTAINS(err.msg, "its sha256 is");
    CU_ASSERT(!io_exists(CONSTRUCTOR_MARK));
    ASSERT_OK(driver_add(&d, "constructor", NULL, &err), err);
    CU_ASSERT(!io_exists(CONSTRUCTOR_MARK));
    t.instance = "constructor";
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_OK);
    if (!str_eq(json_str(t.outputs, "constructor"), "Permission denied")) /* Landlock's word; the read-only mount's is another */
        ASSERT_TEXT(json_str(t.outputs, "constructor"), "Read-only file system");
    CU_ASSERT(!io_exists(CONSTRUCTOR_MARK));
    trial_fini(&t);
    end(&d);
}

static void test_killed_between(void)
{
    struct driver d;
    struct trial first = PROVISION, second = PROVISION;

    begin(&d, "killed_between", NULL);
    first.instance = second.instance = "killed_between";
    CU_ASSERT_EQUAL(trial_run(&d, &first), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(first.err.code, ERR_PLUGIN_CRASHED);
    ASSERT_CONTAINS(first.err.msg, "crashed with SIGKILL");
    CU_ASSERT_EQUAL(first.checkpoints, 1);
    ASSERT_TEXT(first.state_given, "{\"id\":1}");
    second.state = first.state_given;
    CU_ASSERT_EQUAL(trial_run(&d, &second), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(second.outputs, "created"), "1");
    trial_fini(&first);
    trial_fini(&second);
    end(&d);
}

static void test_bigger_struct(void)
{
    struct driver d;
    struct trial t = PROVISION;

    begin(&d, "bigger_struct", NULL);
    t.instance = "bigger_struct";
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(t.outputs, "works"), "yes");
    trial_fini(&t);
    end(&d);
}

static void test_huge_output(void)
{
    fails("huge_output", PROVISION, ERR_PROVISION_FAILED, "outputs are larger than 256 KiB (at \"novel\")", NULL);
}
static void test_huge_state(void)
{
    fails("huge_state", PROVISION, ERR_PROVISION_FAILED, "state is not a JSON object of at most 1 MiB", NULL);
}
static void test_invalid_utf8(void) { fails("invalid_utf8", PROVISION, ERR_PROVISION_FAILED, "output \"town\" is not valid UTF-8", NULL); }
static void test_other_thread(void)
{
    fails("other_thread", PROVISION, ERR_PLUGIN_PROTOCOL, "called host->output from another thread", NULL);
}
static void test_flood(void) { fails("flood", PROVISION, ERR_PLUGIN_PROTOCOL, "a flood of messages", NULL); }

static void raw(const char *params, const char *text)
{
    struct trial t = PROVISION;

    t.params = params;
    fails("raw_frames", t, ERR_PLUGIN_PROTOCOL, text, NULL);
}

static void test_raw_nonsense(void) { raw("{}", "frame:1:"); }
static void test_raw_huge(void) { raw("{\"mode\":\"huge\"}", "frame of 4294967295 bytes"); }
static void test_raw_forged(void) { raw("{\"mode\":\"forged\"}", "an answer to no question"); }
static void test_raw_closed(void) { raw("{\"mode\":\"closed\"}", "closed its connection"); }

static void test_late_call(void)
{
    struct driver d;
    struct plugin_entry more = {.max_hosts = 1};
    struct trial first = PROVISION, second = PROVISION;

    begin(&d, "late_call", &more);
    first.instance = second.instance = "late_call";
    CU_ASSERT_EQUAL(trial_run(&d, &first), PLUGIN_DONE_OK);
    second.params = "{\"again\":true}";
    CU_ASSERT_EQUAL(trial_run(&d, &second), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(second.err.code, ERR_PLUGIN_PROTOCOL);
    ASSERT_CONTAINS(second.err.msg, "called host->log from another thread");
    trial_fini(&first);
    trial_fini(&second);
    end(&d);
}

static void test_chatty(void)
{
    struct driver d;
    struct trial t = PROVISION;

    begin(&d, "chatty", NULL);
    t.instance = "chatty";
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(t.outputs, "worked"), "yes");
    CU_ASSERT(t.log_lines > 1000 && t.log_lines < 1100);
    trial_fini(&t);
    end(&d);
}

const struct test_case tests[] = {
    {"a file without a manifest is refused", test_no_manifest},
    {"a plugin of another ABI major is refused without running it", test_other_major},
    {"a script is refused", test_not_elf},
    {"an empty file is refused", test_empty},
    {"a truncated shared object is refused", test_truncated},
    {"a second exported symbol is refused", test_two_exports},
    {"a manifest that lies about the version is refused at the handshake", test_lying_manifest},
    {"a manifest that lies about types is refused at the handshake", test_lying_types},
    {"a manifest that lies about slots is refused at the handshake", test_lying_slots},
    {"a table that is too small is refused", test_smaller_struct},
    {"a bigger table of the same major works, its tail is ignored", test_bigger_struct},
    {"a table without a slot that must be there is refused", test_missing_slot},
    {"a table without the magic number is refused", test_no_magic},
    {"a crash fails its call with signal, version and last logs", test_crash},
    {"five crashes in a row open the circuit", test_circuit},
    {"a plugin that calls exit fails its call", test_exits},
    {"a hanging call is killed after its deadline", test_hang},
    {"a hanging call is killed after a cancel", test_hang_canceled},
    {"a memory bomb is killed", test_memory_bomb},
    {"a leaking plugin is started afresh", test_leak},
    {"no new process or program", test_fork},
    {"no other process is read, traced or signalled", test_read_memory},
    {"no socket without the permission", test_takes_network},
    {"no file but its own", test_read_files},
    {"no mode, owner or time of others' files, no scheduling, no hidden memory", test_change_others},
    {"no environment and no inherited descriptors", test_environment},
    {"a wanted permission must be granted", test_permission},
    {"a constructor does not run before vetting, and then in the sandbox", test_constructor},
    {"killed between create and return, the retry does not create twice", test_killed_between},
    {"outputs over the limit fail the call", test_huge_output},
    {"a state over the limit fails the call", test_huge_state},
    {"an output that is no UTF-8 fails the call and is named", test_invalid_utf8},
    {"a host function called from another thread fails the call", test_other_thread},
    {"a host function called after its call fails the next one", test_late_call},
    {"a flood of messages kills the host", test_flood},
    {"nonsense on the socket kills the host", test_raw_nonsense},
    {"a frame length of four gigabytes kills the host", test_raw_huge},
    {"a forged answer kills the host", test_raw_forged},
    {"a closed socket kills the host", test_raw_closed},
    {"a log over the limit is cut and the work goes on", test_chatty},
    {0},
};
