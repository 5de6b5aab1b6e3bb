/* The step `ansible` with the real ansible-playbook, in a host process with its sandbox. Without the program a test is skipped. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "plugin_driver.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PLUGIN TEST_BINARY_DIR "/lib/innominatus/plugins/ansible.so"

static bool begin_with(struct driver *d, const char *grant, const char *config)
{
    CLEANUP(json_put) json_t *grants = json_loads(grant, 0, NULL);
    CLEANUP(json_put) json_t *parsed = config ? json_loads(config, 0, NULL) : NULL;
    struct plugin_entry more = {
        .name = "ansible", .path = PLUGIN, .grant = grants, .config = parsed, .memory_bytes = 1LL << 30, .timeout_ms = 600000};
    struct err err;

    if (access("/usr/bin/ansible-playbook", X_OK) != 0) {
        test_skip("ansible-playbook is not installed");
        return false;
    }
    CU_ASSERT(grants && (!config || parsed));
    driver_start(d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(d, "ansible", &more, &err), err);
    return true;
}

static bool begin(struct driver *d) { return begin_with(d, "[\"exec\",\"write:/dev/shm\"]", NULL); }

static int run(struct driver *d, struct trial *t, const char *config)
{
    int outcome;

    *t = (struct trial){.instance = "ansible", .operation = PLUGIN_STEP, .type = "ansible", .step = config};
    outcome = trial_run(d, t);
    if (outcome != PLUGIN_DONE_OK)
        fprintf(stderr, "# %s\n", t->err.msg);
    return outcome;
}

static void expect_failure(struct driver *d, const char *config, enum err_code code, const char *says)
{
    struct trial t;

    CU_ASSERT_EQUAL(run(d, &t, config), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, code);
    ASSERT_CONTAINS(t.err.msg, says);
    trial_fini(&t);
}

/* Fails unless no argument and no environment of the running tool holds the secret. */
#define LOOKS_AT_ITSELF                                                                                                                    \
    "    - name: looks at its parents\\n      ansible.builtin.shell: \\\"! cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | "   \
    "tr "                                                                                                                                  \
    "'\\\\\\\\0' ' ' | grep -q [t]0ps3cret-of-ansible\\\"\\n      changed_when: false\\n"

static void test_playbook(void)
{
    static const char config[] =
        "{\"vars\":{\"word\":\"hello\",\"password\":\"t0ps3cret-of-ansible\"},\"inventory\":{\"all\":{\"hosts\":{\"one\":{"
        "\"ansible_connection\":\"local\",\"ansible_python_interpreter\":\"{{ ansible_playbook_python }}\"},\"two\":{"
        "\"ansible_connection\":\"local\",\"ansible_python_interpreter\":\"{{ ansible_playbook_python }}\"}}}},"
        "\"inline\":\"- name: greets\\n  hosts: all\\n  gather_facts: false\\n  tasks:\\n    - name: says\\n      ansible.builtin.debug:\\n"
        "        msg: 'it says {{ word }}'\\n    - name: changes\\n      ansible.builtin.command: echo {{ word }}\\n      when: "
        "inventory_hostname == 'one'\\n    - name: hides\\n      ansible.builtin.debug:\\n        msg: '{{ password }}'\\n      no_log: "
        "true\\n"
        "    - name: tells\\n      ansible.builtin.set_stats:\\n        data: {greeting: '{{ word }} there', count: 2}\\n        "
        "aggregate: false\\n" LOOKS_AT_ITSELF "\"}";
    struct driver d;
    struct trial t;

    if (!begin(&d))
        return;
    CU_ASSERT_EQUAL(run(&d, &t, config), PLUGIN_DONE_OK);
    ASSERT_CONTAINS(t.logs, "play: greets");
    ASSERT_CONTAINS(t.logs, "one: says: ok: it says hello");
    ASSERT_CONTAINS(t.logs, "one: changes: changed");
    ASSERT_CONTAINS(t.logs, "two: changes: skipped");
    CU_ASSERT(!strstr(t.logs, "t0ps3cret"));
    CU_ASSERT_EQUAL(json_int(t.outputs, "changed", -1), 1);
    CU_ASSERT_EQUAL(json_int(t.outputs, "failed", -1), 0);
    CU_ASSERT_EQUAL(json_int(t.outputs, "skipped", -1), 1);
    CU_ASSERT(json_int(t.outputs, "ok", -1) >= 8);
    ASSERT_TEXT(json_str(t.outputs, "greeting"), "hello there");
    CU_ASSERT_EQUAL(json_int(t.outputs, "count", -1), 2);
    CU_ASSERT_EQUAL(json_object_size(json_object_get(t.outputs, "hosts")), 2);
    trial_fini(&t);
    driver_stop(&d);
    CU_ASSERT_EQUAL(driver_children(), 0);
}

static void test_failures(void)
{
    struct driver d;

    if (!begin(&d))
        return;
    expect_failure(&d,
                   "{\"inline\":[{\"hosts\":\"localhost\",\"gather_facts\":false,\"tasks\":[{\"name\":\"breaks\",\"ansible.builtin.fail\":{"
                   "\"msg\":\"the disk is full\"}}]}]}",
                   ERR_PROVISION_FAILED, "localhost: task \"breaks\" failed: the disk is full");
    expect_failure(&d, "{\"inline\":\"- hosts: [\\n\"}", ERR_INVALID_RESOURCE, "");
    expect_failure(&d, "{\"inline\":[{\"hosts\":\"localhost\",\"tasks\":[{\"no.such.module\":{}}]}]}", ERR_INVALID_RESOURCE,
                   "no.such.module");
    driver_stop(&d);
}

static void test_wrong_config(void)
{
    static const struct {
        const char *config, *says;
    } bad[] = {{"{}", "give one of the two"},
               {"{\"inline\":[],\"playbook\":\"x.yml\"}", "give one of the two"},
               {"{\"inline\":1}", "inline must be the text"},
               {"{\"playbook\":\"../x.yml\"}", "below the entry's playbooks"},
               {"{\"playbook\":\"/etc/x.yml\"}", "below the entry's playbooks"},
               {"{\"inline\":[],\"inventory\":7}", "inventory must be a text"},
               {"{\"inline\":[],\"inventory\":[1]}", "inventory must list names"},
               {"{\"inline\":[],\"forks\":0}", "config.forks must be a number"},
               {"{\"inline\":[],\"privateKey\":\"\"}", "config.privateKey must be a text"},
               {"{\"inline\":[],\"become_user\":\"x\"}", "config.become_user is unknown"}};
    struct driver d;
    struct trial t;
    struct err err;

    if (!begin_with(&d, "[\"exec\",\"write:/dev/shm\"]", "{\"playbooks\":\"/usr/share\"}"))
        return;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_failure(&d, bad[i].config, ERR_INVALID_RESOURCE, bad[i].says);
    driver_stop(&d);
    if (!begin_with(&d, "[\"exec:/usr/bin/true\"]", "{\"binary\":\"/nonexistent/ansible-playbook\"}"))
        return;
    CU_ASSERT_EQUAL(run(&d, &t, "{\"inline\":[]}"), PLUGIN_DONE_FAILED);
    CU_ASSERT(t.err.code == ERR_UNSUPPORTED || t.err.code == ERR_UNAUTHORIZED);
    trial_fini(&t);
    driver_stop(&d);
    driver_start(&d, 0, PATIENT_MS);
    CU_ASSERT_EQUAL(driver_add(&d, "ansible", &(struct plugin_entry){.name = "ansible", .path = PLUGIN}, &err), -1);
    driver_stop(&d);
}

static void test_stopped(void)
{
    static const char config[] =
        "{\"inline\":[{\"hosts\":\"localhost\",\"gather_facts\":false,\"tasks\":[{\"name\":\"begins\","
        "\"ansible.builtin.debug\":{\"msg\":\"it begins\"}},{\"name\":\"waits\",\"ansible.builtin.command\":\"sleep "
        "3600\"}]}]}";
    struct trial t = {.instance = "ansible", .operation = PLUGIN_STEP, .type = "ansible", .step = config};
    struct driver d;
    struct err err;

    if (!begin(&d))
        return;
    ASSERT_OK(trial_start(&d, &t, &err), err);
    trial_wait_log(&t, "it begins\n");
    plugin_cancel(d.manager, t.call);
    trial_wait(&t);
    CU_ASSERT_EQUAL(t.err.code, ERR_CANCELED);
    trial_fini(&t);
    driver_stop(&d);
    CU_ASSERT_EQUAL(driver_children(), 0);
}

/* An entry that takes the admin's playbooks alone. */
static void test_no_inline(void)
{
    struct driver d;

    if (!begin_with(&d, "[\"exec\",\"write:/dev/shm\"]", "{\"playbooks\":\"/usr/share\",\"inline\":false}"))
        return;
    expect_failure(&d, "{\"inline\":[{\"hosts\":\"localhost\",\"tasks\":[]}]}", ERR_INVALID_RESOURCE, "playbooks of its directory alone");
    driver_stop(&d);
}

static void test_entry(void)
{
    CLEANUP(free_ptr) char *path = NULL;
    CLEANUP(free_ptr) char *grant = NULL;
    CLEANUP(free_ptr) char *config = NULL;
    static const char text[] = "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - name: shows\n      ansible.builtin.debug:\n"
                               "        msg: '{{ region }} {{ word }} {{ lookup(\"env\", \"FROM_ENTRY\") }}'\n      tags: [show]\n"
                               "    - ansible.builtin.fail:\n";
    const char *dir = test_dir();
    struct driver d;
    struct trial t;
    struct err err;

    path = mem_printf("%s/site.yml", dir);
    ASSERT_OK(io_write_atomic(path, text, strlen(text), 0644, &err), err);
    grant = mem_printf("[\"exec\",\"write:/dev/shm\",\"read:%s\"]", dir);
    config =
        mem_printf("{\"playbooks\":\"%s\",\"vars\":{\"region\":\"eu\",\"word\":\"of the entry\"},\"env\":{\"FROM_ENTRY\":\"env\"}}", dir);
    if (!begin_with(&d, grant, config))
        return;
    CU_ASSERT_EQUAL(run(&d, &t, "{\"playbook\":\"site.yml\",\"vars\":{\"word\":\"of the step\"},\"tags\":[\"show\"]}"), PLUGIN_DONE_OK);
    ASSERT_CONTAINS(t.logs, "localhost: shows: ok: eu of the step env");
    trial_fini(&t);
    t = (struct trial){.instance = "ansible", .operation = PLUGIN_HEALTH};
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_OK);
    trial_fini(&t);
    driver_stop(&d);
}

const struct test_case tests[] = {
    {"a playbook runs, its results are lines of the log, its counts and set_stats are outputs, and secrets show nowhere", test_playbook},
    {"what fails is told with host, task and reason", test_failures},
    {"a wrong config is refused with the key that is wrong", test_wrong_config},
    {"a run is stopped by cancel and nothing is left running", test_stopped},
    {"playbooks, variables and environment come from the entry", test_entry},
    {"an entry may refuse playbooks that are written in a step", test_no_inline},
    {0},
};
