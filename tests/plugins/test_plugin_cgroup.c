/* Control groups of hosts, on a directory that stands for a delegated one: which files are written, and with what. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "plugin/cgroup.h"
#include "plugin_driver.h"
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static char path[1024];

static const char *in(const char *dir, const char *name)
{
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void put(const char *dir, const char *name, const char *text)
{
    struct err err = {0};

    ASSERT_OK(io_mkdirs(dir, 0755, &err), err);
    ASSERT_OK(io_write_atomic(in(dir, name), text, strlen(text), 0644, &err), err);
}

static void expect(const char *dir, const char *name, const char *wanted)
{
    CLEANUP(free_ptr) char *text = NULL;
    struct err err = {0};

    if (!wanted) {
        CU_ASSERT_NOT_EQUAL(access(in(dir, name), F_OK), 0);
        return;
    }
    ASSERT_OK(io_read_file(in(dir, name), 4096, &text, NULL, &err), err);
    ASSERT_TEXT(text, wanted);
}

static const char *fake(const char *name, const char *controllers)
{
    static char dir[512];

    snprintf(dir, sizeof dir, "%s/%s", test_dir(), name);
    put(dir, "cgroup.controllers", controllers);
    return dir;
}

static void test_use(void)
{
    const char *dir = fake("all", "cpuset cpu io memory hugetlb pids\n");
    char own[32], group[600];
    struct cgroups c;

    snprintf(own, sizeof own, "%d", (int)getpid());
    cgroups_use(dir, getpid(), &c);
    CU_ASSERT(c.memory && c.pids && c.cpu);
    ASSERT_TEXT(c.dir, dir);
    ASSERT_TEXT(c.lacks, "");
    snprintf(group, sizeof group, "%s/server", dir);
    expect(group, "cgroup.procs", own); /* a group with controllers for its children has no processes */
    expect(dir, "cgroup.subtree_control", "+cpu");
    cgroups_use(fake("some", "memory pids_of_another cpuset"), getpid(), &c);
    CU_ASSERT(c.memory && !c.pids && !c.cpu);
    ASSERT_TEXT(c.lacks, "without controllers: pids cpu");
    cgroups_use(fake("none", "cpuset io\n"), getpid(), &c);
    ASSERT_TEXT(c.dir, "");
    ASSERT_CONTAINS(c.lacks, "neither the controller memory nor pids");
    cgroups_use("/nowhere", getpid(), &c);
    ASSERT_TEXT(c.dir, "");
}

static void test_why_not(void)
{
    const char *dir = fake("refuses", "cpu memory");
    struct cgroups c;
    struct err err = {0};

    ASSERT_OK(io_mkdirs(in(dir, "cgroup.subtree_control"), 0755, &err), err); /* cannot be written */
    cgroups_use(dir, getpid(), &c);
    CU_ASSERT(!c.memory && !c.pids && !c.cpu);
    ASSERT_CONTAINS(c.lacks, "without controllers: memory pids cpu; ");
    ASSERT_CONTAINS(c.lacks, "cgroup.subtree_control: Is a directory");
}

static void test_limits(void)
{
    struct cgroups c;
    char group[CGROUP_PATH_BYTES];
    struct err err = {0};

    cgroups_use(fake("limits", "cpu memory pids"), getpid(), &c);
    ASSERT_OK(cgroup_make(&c, "local.1.1", &(struct cgroup_limits){128 << 20, 64, 150}, group, &err), err);
    expect(group, "memory.max", "134217728");
    expect(group, "memory.swap.max", "0");
    expect(group, "memory.oom.group", "1");
    expect(group, "pids.max", "64");
    expect(group, "cpu.max", "150000 100000");
    ASSERT_OK(cgroup_add(group, 4711, &err), err);
    expect(group, "cgroup.procs", "4711");
    ASSERT_OK(cgroup_make(&c, "free", &(struct cgroup_limits){0, 0, 0}, group, &err), err);
    expect(group, "memory.max", NULL);
    expect(group, "pids.max", NULL);
    expect(group, "cpu.max", NULL);
    CU_ASSERT_FALSE(cgroup_ran_out(group));
    put(group, "memory.events", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\n");
    CU_ASSERT_TRUE(cgroup_ran_out(group));
    put(group, "memory.events", "low 0\noom 3\noom_kill 0\n");
    CU_ASSERT_FALSE(cgroup_ran_out(group));
    cgroup_kill(group);
    expect(group, "cgroup.kill", NULL); /* an older kernel */
    put(group, "cgroup.kill", "");
    cgroup_kill(group);
    expect(group, "cgroup.kill", "1");
}

static void test_find(void)
{
    const char *root = test_dir();
    char self[600], ours[600];
    struct cgroups c;

    snprintf(self, sizeof self, "%s/self", root);
    snprintf(ours, sizeof ours, "%s/unit.service", root);
    cgroups_find(root, self, &c);
    ASSERT_CONTAINS(c.lacks, "no control groups");
    put(root, "self", "3:cpu:/\n2:memory:/x\n");
    cgroups_find(root, self, &c);
    ASSERT_CONTAINS(c.lacks, "no control group of version 2");
    put(root, "self", "1:cpu:/\n0::/\n");
    cgroups_find(root, self, &c);
    ASSERT_CONTAINS(c.lacks, "of its own");
    put(root, "self", "0::/unit.service\n");
    put(ours, "cgroup.controllers", "memory");
    cgroups_find(root, self, &c);
    if (geteuid() == 0) {
        ASSERT_CONTAINS(c.lacks, "Delegate=yes"); /* root can write everywhere: that is no delegation */
        ASSERT_TEXT(c.dir, "");
    }
    if (geteuid() == 0 && setxattr(ours, "trusted.delegate", "1", 1, 0) < 0) {
        test_skip("this file system keeps no trusted attributes");
        return;
    }
    cgroups_find(root, self, &c);
    ASSERT_TEXT(c.dir, ours);
    ASSERT_TEXT(c.lacks, "");
}

/* The group of a host of instance `name`, "" when there is none. */
static void group_of(const char *dir, const char *name, char *out, size_t cap)
{
    DIR *all = opendir(dir);
    struct dirent *one;

    out[0] = '\0';
    while (all && (one = readdir(all)))
        if (str_starts(one->d_name, name) && one->d_name[strlen(name)] == '.')
            snprintf(out, cap, "%s/%s", dir, one->d_name);
    if (all)
        closedir(all);
}

static int pid_of(const struct trial *t) { return plugin_call_pid(t->call); }

static void test_hosts(void)
{
    const char *dir = fake("hosts", "cpu memory pids");
    struct plugin_entry more = {.memory_bytes = 96 << 20, .processes = 40, .cpu_percent = 50};
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION, .params = "{\"mode\": \"wait\"}"};
    CLEANUP(json_put) json_t *about = NULL;
    char group[700], pid[16];
    struct driver d;
    struct err err = {0};

    driver_start_with(&d, &(struct plugin_manager_options){.grace_ms = PATIENT_MS, .cgroup_dir = dir});
    ASSERT_OK(driver_add(&d, "good", &more, &err), err);
    ASSERT_OK(trial_start(&d, &t, &err), err);
    trial_wait_log(&t, "waiting");
    group_of(dir, "good", group, sizeof group);
    snprintf(pid, sizeof pid, "%d", pid_of(&t));
    expect(group, "cgroup.procs", pid);
    expect(group, "memory.max", "100663296");
    expect(group, "pids.max", "40");
    expect(group, "cpu.max", "50000 100000");
    about = driver_describe(&d, "good");
    ASSERT_TEXT(json_str(about, "limits_by"), "cgroup");
    CU_ASSERT_PTR_NULL(json_object_get(about, "warnings"));
    plugin_cancel(d.manager, t.call);
    trial_wait(&t);
    trial_fini(&t);
    driver_stop(&d);
}

/* The message with which a call of the plugin `file` ends under these limits. */
static void end_of(struct driver *d, const char *file, const struct plugin_entry *limits, const char *wanted)
{
    struct trial t = {.instance = file, .operation = PLUGIN_PROVISION};
    struct err err = {0};

    ASSERT_OK(driver_add(d, file, limits, &err), err);
    trial_run(d, &t);
    ASSERT_CONTAINS(t.err.msg, wanted);
    trial_fini(&t);
}

/* In a delegated directory that a kernel has, for this test alone: INNOMINATUS_TEST_CGROUP (/sys/fs/cgroup/test). */
static void test_kernel(void)
{
    const char *dir = getenv("INNOMINATUS_TEST_CGROUP");
    struct cgroups c;
    struct err err = {0};
    pid_t other;
    struct plugin_entry little = {.memory_bytes = 64 << 20}, alone = {.memory_bytes = 64 << 20, .processes = 1};
    char group[700];
    struct driver d;

    if (!dir) {
        test_skip("INNOMINATUS_TEST_CGROUP names no delegated control group");
        return;
    }
    if ((other = fork()) == 0)
        for (;;)
            pause();
    ASSERT_OK(cgroup_add(dir, other, &err), err);
    cgroups_use(dir, getpid(), &c);
    ASSERT_CONTAINS(c.lacks, "other processes than the server are in that group");
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    driver_start_with(&d, &(struct plugin_manager_options){.grace_ms = PATIENT_MS, .cgroup_dir = dir});
    end_of(&d, "memory_bomb", &little, "used more than its limit of 64 MiB of memory and was killed");
    end_of(&d, "other_thread", &alone, "no thread"); /* one process, and threads count */
    driver_stop(&d);
    group_of(dir, "other_thread", group, sizeof group);
    ASSERT_TEXT(group, ""); /* nothing is left */
    group_of(dir, "memory_bomb", group, sizeof group);
    ASSERT_TEXT(group, "");
}

static void test_without(void)
{
    struct plugin_entry more = {.processes = 40, .cpu_percent = 50};
    CLEANUP(json_put) json_t *about = NULL;
    struct driver d;
    struct err err = {0};

    driver_start(&d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(&d, "good", &more, &err), err);
    about = driver_describe(&d, "good");
    ASSERT_TEXT(json_str(about, "limits_by"), "watch");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(about, "warnings")), 2);
    ASSERT_CONTAINS(json_string_value(json_array_get(json_object_get(about, "warnings"), 0)), "limits.processes has no effect");
    driver_stop(&d);
}

const struct test_case tests[] = {
    {"a delegated group is taken into use with the controllers that it has", test_use},
    {"why a controller cannot be had is said", test_why_not},
    {"a host's group has its limits, is killed as one, and tells when memory ran out", test_limits},
    {"only what is delegated is taken, and why not is said", test_find},
    {"each host is in a group of its own before it loads anything", test_hosts},
    {"the kernel holds the limits, and no group is left", test_kernel},
    {"without delegation the limits that have no effect are told", test_without},
    {0},
};
