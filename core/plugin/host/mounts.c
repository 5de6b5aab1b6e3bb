/* Owns the host's view of the file systems: everything is read-only for it but its own directories. Landlock does not look at modes,
 * owners, times and attributes, and the host's user often owns the server's files; a read-only mount refuses to change them. Main thread,
 * before any other thread exists. */
#include "base/cleanup.h"
#include "plugin/grant.h"
#include "plugin/host/host.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#define MOUNT_SETATTR 442
#define RECURSIVE     0x8000u
#define READ_ONLY     1u

/* struct mount_attr of the kernel (mount_setattr(2)); the build machine's header may be older. */
struct attributes {
    uint64_t set, clear, propagation, userns_fd;
};

static int set_attributes(const char *path, unsigned flags, struct attributes attributes)
{
    return (int)syscall(MOUNT_SETATTR, AT_FDCWD, path, flags, &attributes, sizeof attributes);
}

static int write_text(const char *path, const char *text)
{
    CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

/* A mount namespace of its own: as root, or by way of a user namespace in which this user stays who it is. */
static int enter_namespace(void)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    char users[64], groups[64];

    if (unshare(CLONE_NEWNS) == 0)
        return 0;
    snprintf(users, sizeof users, "%u %u 1", (unsigned)uid, (unsigned)uid);
    snprintf(groups, sizeof groups, "%u %u 1", (unsigned)gid, (unsigned)gid);
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || write_text("/proc/self/setgroups", "deny") < 0 ||
        write_text("/proc/self/uid_map", users) < 0 || write_text("/proc/self/gid_map", groups) < 0)
        return -1;
    return 0;
}

static int keep_writable(const char *dir) { return mount(dir, dir, NULL, MS_BIND, NULL); }
static int make_writable(const char *dir) { return set_attributes(dir, 0, (struct attributes){.clear = READ_ONLY}); }

/* The host's own directories, and what is granted; that may be missing. */
static int each_writable(const struct sandbox *box, int (*change)(const char *))
{
    json_t *item;
    size_t i;

    json_array_foreach(box->grant, i, item)
    {
        const char *path = grant_subject(json_string_value(item), "write");

        if (path && change(path) < 0 && errno != ENOENT)
            return -1;
    }
    return change(box->data_dir) < 0 || change(box->work_root) < 0 ? -1 : 0;
}

void mounts_enter(const struct sandbox *box, json_t *weak)
{
    if (enter_namespace() < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || each_writable(box, keep_writable) < 0 ||
        set_attributes("/", RECURSIVE, (struct attributes){.set = READ_ONLY}) < 0 || each_writable(box, make_writable) < 0) {
        char text[160];

        snprintf(text, sizeof text, "mount namespace: %s; modes and times of files of the same user are not confined", strerror(errno));
        json_append_str(weak, text);
    }
}
