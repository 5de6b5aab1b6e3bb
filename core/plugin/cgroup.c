/* Owns the files of control groups. Loop thread; cgroups_use where the manager is made, cgroup_remove on the janitor. */
#include "plugin/cgroup.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define FILE_BYTES     4096
#define CPU_PERIOD_US  100000
#define REMOVE_TRIES   100
#define REMOVE_WAIT_NS 20000000L
#define SERVER_GROUP   "server"

/* One write: the kernel takes each as one command. */
static int put(const char *dir, const char *file, const char *text, struct err *err)
{
    char path[CGROUP_PATH_BYTES + 64];
    CLEANUP(close_fd) int fd = -1;

    snprintf(path, sizeof path, "%s/%s", dir, file);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        return err_set_sys(err, ERR_IO, "%s", path);
    return 0;
}

static char *get(const char *dir, const char *file)
{
    char path[CGROUP_PATH_BYTES + 64];
    char *text = NULL;
    struct err ignored = {0};

    snprintf(path, sizeof path, "%s/%s", dir, file);
    return io_read_file(path, FILE_BYTES, &text, NULL, &ignored) == 0 ? text : NULL;
}

static bool has_word(const char *text, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = text; at && *at; at += strspn(at, " \n")) {
        if (strncmp(at, word, len) == 0 && (!at[len] || strchr(" \n", at[len])))
            return true;
        at += strcspn(at, " \n");
    }
    return false;
}

/* ---- where ---- */

static bool is_ours(const char *dir)
{
    static const char *const marks[] = {"trusted.delegate", "user.delegate"};
    struct stat st;
    char value[8];

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        ssize_t len = getxattr(dir, marks[i], value, sizeof value);

        if (len == 1 && value[0] == '1')
            return true;
    }
    return stat(dir, &st) == 0 && geteuid() != 0 && st.st_uid == geteuid();
}

static void lack(struct cgroups *out, const char *why) { snprintf(out->lacks, sizeof out->lacks, "%.*s", (int)sizeof out->lacks - 1, why); }

void cgroups_find(const char *root, const char *self, struct cgroups *out)
{
    CLEANUP(free_ptr) char *text = NULL;
    struct err ignored = {0};
    const char *line;
    int len;

    *out = (struct cgroups){0};
    if (io_read_file(self, FILE_BYTES, &text, NULL, &ignored) < 0) {
        lack(out, "the kernel has no control groups");
        return;
    }
    line = str_starts(text, "0::/") ? text : strstr(text, "\n0::/");
    line = line ? strstr(line, "0::/") + 3 : NULL;
    len = line ? (int)strcspn(line, "\n") : 0;
    if (!line || strstr(line, "/../") || snprintf(out->dir, sizeof out->dir, "%s%.*s", root, len, line) >= (int)sizeof out->dir)
        lack(out, "this process is in no control group of version 2");
    else if (out->dir[strlen(out->dir) - 1] == '/' || access(out->dir, F_OK) != 0)
        lack(out, "this process is in no control group of its own");
    else if (!is_ours(out->dir))
        lack(out, "the server's control group is not delegated to it (systemd: Delegate=yes)");
    if (out->lacks[0])
        out->dir[0] = '\0';
}

/* err: why a controller that is there cannot be had. */
static bool switch_on(const char *dir, const char *available, const char *controller, struct err *err)
{
    char text[32];

    snprintf(text, sizeof text, "+%s", controller);
    return has_word(available, controller) && put(dir, "cgroup.subtree_control", text, err) == 0;
}

static void switch_all_on(const char *dir, const char *available, struct cgroups *out)
{
    struct err err = {0};

    out->memory = switch_on(dir, available, "memory", &err);
    out->pids = switch_on(dir, available, "pids", &err);
    out->cpu = switch_on(dir, available, "cpu", &err);
    if (out->memory && out->pids && out->cpu)
        return;
    snprintf(out->lacks, sizeof out->lacks, "without controllers:%s%s%s%s%.400s%s", out->memory ? "" : " memory", out->pids ? "" : " pids",
             out->cpu ? "" : " cpu", err.code ? "; " : "", err.msg,
             err.code && err.sys == EBUSY ? " (other processes than the server are in that group)" : "");
}

void cgroups_use(const char *dir, pid_t pid, struct cgroups *out)
{
    CLEANUP(free_ptr) char *available = get(dir, "cgroup.controllers");
    char group[CGROUP_PATH_BYTES + 16], number[16];
    struct err err = {0};

    *out = (struct cgroups){0};
    snprintf(group, sizeof group, "%s/" SERVER_GROUP, dir);
    snprintf(number, sizeof number, "%d", (int)pid);
    if (!available || (!has_word(available, "memory") && !has_word(available, "pids"))) {
        lack(out, "the delegated control group has neither the controller memory nor pids");
    } else if ((mkdir(group, 0755) < 0 && errno != EEXIST) || put(group, "cgroup.procs", number, &err) < 0) {
        lack(out, err.code ? err.msg : strerror(errno));
    } else {
        snprintf(out->dir, sizeof out->dir, "%s", dir);
        switch_all_on(dir, available, out);
    }
}

/* ---- one group ---- */

static int limit(const struct cgroups *c, const char *dir, const struct cgroup_limits *limits, struct err *err)
{
    struct err ignored = {0};
    char text[64];

    snprintf(text, sizeof text, "%lld", (long long)limits->memory_bytes);
    if (c->memory && limits->memory_bytes > 0) {
        if (put(dir, "memory.max", text, err) < 0)
            return -1;
        put(dir, "memory.swap.max", "0", &ignored);  /* not there without swap accounting */
        put(dir, "memory.oom.group", "1", &ignored); /* all of it goes, or none */
    }
    snprintf(text, sizeof text, "%d", limits->processes);
    if (c->pids && limits->processes > 0 && put(dir, "pids.max", text, err) < 0)
        return -1;
    snprintf(text, sizeof text, "%lld %d", limits->cpu_percent * (long long)CPU_PERIOD_US / 100, CPU_PERIOD_US);
    return c->cpu && limits->cpu_percent > 0 ? put(dir, "cpu.max", text, err) : 0;
}

int cgroup_make(const struct cgroups *c, const char *name, const struct cgroup_limits *limits, char out[static CGROUP_PATH_BYTES],
                struct err *err)
{
    char dir[CGROUP_PATH_BYTES];

    if (snprintf(dir, sizeof dir, "%s/%s", c->dir, name) >= (int)sizeof dir)
        return err_set(err, ERR_IO, "control group %s: its path is too long", name);
    if (mkdir(dir, 0755) < 0 && errno != EEXIST)
        return err_set_sys(err, ERR_IO, "control group %s", dir);
    if (limit(c, dir, limits, err) < 0) {
        rmdir(dir);
        return -1;
    }
    memcpy(out, dir, sizeof dir);
    return 0;
}

int cgroup_add(const char *dir, pid_t pid, struct err *err)
{
    char number[16];

    snprintf(number, sizeof number, "%d", (int)pid);
    return put(dir, "cgroup.procs", number, err);
}

void cgroup_kill(const char *dir)
{
    struct err ignored = {0};
    char path[CGROUP_PATH_BYTES + 16];

    snprintf(path, sizeof path, "%s/cgroup.kill", dir);
    if (access(path, F_OK) == 0) /* Linux 5.14 */
        put(dir, "cgroup.kill", "1", &ignored);
}

bool cgroup_ran_out(const char *dir)
{
    CLEANUP(free_ptr) char *text = get(dir, "memory.events");
    const char *at = text ? strstr(text, "oom_kill ") : NULL;

    return at && strtol(at + strlen("oom_kill "), NULL, 10) > 0;
}

void cgroup_remove(const char *dir)
{
    for (int n = 0; n < REMOVE_TRIES && rmdir(dir) < 0 && errno == EBUSY; n++)
        nanosleep(&(struct timespec){0, REMOVE_WAIT_NS}, NULL);
}
