/* The step `ansible` over SSH: the real ansible-playbook, ssh and sshd (tests/support/sshd.py), in a host process with its sandbox. Where
 * one of them is not installed a test is skipped. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "plugin_driver.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PLUGIN TEST_BINARY_DIR "/lib/innominatus/plugins/ansible.so"

static bool begin(struct driver *d)
{
    CLEANUP(json_put) json_t *grant = json_pack("[s,s,s]", "exec", "network", "write:/dev/shm");
    struct plugin_entry more = {.name = "ansible", .path = PLUGIN, .grant = grant, .memory_bytes = 1LL << 30, .timeout_ms = 600000};
    struct err err;

    if (getenv("INNO_SSHD_MISSING") || access("/usr/bin/ansible-playbook", X_OK) != 0) {
        test_skip(getenv("INNO_SSHD_MISSING") ? getenv("INNO_SSHD_MISSING") : "ansible-playbook is not installed");
        return false;
    }
    driver_start(d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(d, "ansible", &more, &err), err);
    return true;
}

static char *read_named(const char *variable)
{
    char *text = NULL;
    struct err err;

    ASSERT_OK(io_read_file(getenv(variable), 1 << 16, &text, NULL, &err), err);
    return text;
}

/* A step's config with these tasks for the host `far`, which is this machine by SSH; key and known: variables that name files. free(). */
static char *config_with(const char *tasks, const char *key, const char *known)
{
    CLEANUP(free_ptr) char *secret = read_named(key);
    CLEANUP(free_ptr) char *hosts = known ? read_named(known) : NULL;
    CLEANUP(json_put) json_t *list = json_loads(tasks, 0, NULL);
    CLEANUP(json_put) json_t *config = NULL;

    config =
        json_pack("{s:[{s:s,s:b,s:O}],s:{s:{s:{s:{s:s,s:i,s:s}}}},s:s,s:s}", "inline", "hosts", "all", "gather_facts", 0, "tasks", list,
                  "inventory", "all", "hosts", "far", "ansible_host", "127.0.0.1", "ansible_port", atoi(getenv("INNO_SSHD_PORT")),
                  "ansible_python_interpreter", "/usr/bin/python3", "user", getenv("INNO_SSHD_USER"), "privateKey", secret);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    if (hosts)
        json_object_set_new(config, "knownHosts", json_string(hosts));
    return json_dumps(config, 0);
}

static int run(struct driver *d, struct trial *t, const char *config)
{
    int outcome;

    *t = (struct trial){.instance = "ansible", .operation = PLUGIN_STEP, .type = "ansible", .step = config};
    outcome = trial_run(d, t);
    if (outcome != PLUGIN_DONE_OK)
        fprintf(stderr, "# %s\n%s\n", t->err.msg, t->logs);
    return outcome;
}

static void test_playbook(void)
{
    static const char tasks[] = "[{\"name\":\"who\",\"ansible.builtin.command\":\"printenv SSH_CONNECTION\",\"register\":\"who\"},"
                                "{\"name\":\"tells\",\"ansible.builtin.debug\":{\"msg\":\"over {{ who.stdout }}\"}},"
                                "{\"name\":\"writes\",\"ansible.builtin.copy\":{\"content\":\"by ansible\",\"dest\":\"%s/made\"}},"
                                "{\"name\":\"stats\",\"ansible.builtin.set_stats\":{\"data\":{\"made\":\"{{ inventory_hostname }}\"}}}]";
    const char *dir = test_dir();
    CLEANUP(free_ptr) char *text = mem_printf(tasks, dir);
    CLEANUP(free_ptr) char *path = mem_printf("%s/made", dir);
    CLEANUP(free_ptr) char *config = NULL;
    CLEANUP(free_ptr) char *made = NULL;
    struct driver d;
    struct trial t;
    struct err err;

    if (!begin(&d))
        return;
    config = config_with(text, "INNO_SSHD_KEY", "INNO_SSHD_KNOWN_HOSTS");
    CU_ASSERT_EQUAL(run(&d, &t, config), PLUGIN_DONE_OK);
    ASSERT_CONTAINS(t.logs, "far: tells: ok: over 127.0.0.1 ");
    ASSERT_CONTAINS(t.logs, getenv("INNO_SSHD_PORT"));
    ASSERT_CONTAINS(t.logs, "far: writes: changed");
    CU_ASSERT(!strstr(t.logs, "PRIVATE KEY"));
    ASSERT_TEXT(json_str(t.outputs, "made"), "far");
    trial_fini(&t);
    ASSERT_OK(io_read_file(path, 100, &made, NULL, &err), err); /* it came by the other machine's door */
    ASSERT_TEXT(made, "by ansible");
    driver_stop(&d);
    CU_ASSERT_EQUAL(driver_children(), 0); /* no connection that was kept open stays behind */
}

static void expect_failure(struct driver *d, char *config, enum err_code code, const char *says)
{
    struct trial t;

    CU_ASSERT_EQUAL(run(d, &t, config), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, code);
    ASSERT_CONTAINS(t.err.msg, says);
    trial_fini(&t);
    free(config);
}

static void test_refused(void)
{
    static const char tasks[] = "[{\"name\":\"nothing\",\"ansible.builtin.command\":\"true\"}]";
    struct driver d;

    if (!begin(&d))
        return;
    expect_failure(&d, config_with(tasks, "INNO_SSHD_OTHER_KEY", "INNO_SSHD_KNOWN_HOSTS"), ERR_UNAUTHORIZED, "Permission denied");
    expect_failure(&d, config_with(tasks, "INNO_SSHD_KNOWN_HOSTS", "INNO_SSHD_KNOWN_HOSTS"), ERR_INVALID_RESOURCE, "no private key");
    expect_failure(&d, config_with(tasks, "INNO_SSHD_KEY", "INNO_SSHD_OTHER_HOSTS"), ERR_PROVISION_FAILED,
                   "REMOTE HOST IDENTIFICATION HAS CHANGED; its key");
    expect_failure(&d, config_with(tasks, "INNO_SSHD_KEY", NULL), ERR_PROVISION_FAILED, "config.knownHosts");
    driver_stop(&d);
}

static void test_stopped(void)
{
    static const char tasks[] =
        "[{\"name\":\"begins\",\"ansible.builtin.command\":\"true\"},{\"name\":\"waits\",\"ansible.builtin.command\":\"sleep 3600\"}]";
    CLEANUP(free_ptr) char *config = NULL;
    struct trial t = {.instance = "ansible", .operation = PLUGIN_STEP, .type = "ansible"};
    struct driver d;
    struct err err;

    if (!begin(&d))
        return;
    t.step = config = config_with(tasks, "INNO_SSHD_KEY", "INNO_SSHD_KNOWN_HOSTS");
    ASSERT_OK(trial_start(&d, &t, &err), err);
    trial_wait_log(&t, "far: begins: changed");
    plugin_cancel(d.manager, t.call);
    trial_wait(&t);
    CU_ASSERT_EQUAL(t.err.code, ERR_CANCELED);
    trial_fini(&t);
    driver_stop(&d);
    CU_ASSERT_EQUAL(driver_children(), 0);
}

const struct test_case tests[] = {
    {"a playbook runs on a host that is reached by SSH, with a key of the step", test_playbook},
    {"a key that the host refuses, and a host that is not who it should be", test_refused},
    {"a run over SSH is stopped by cancel and leaves no connection open here", test_stopped},
    {0},
};
