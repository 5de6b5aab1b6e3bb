/* Control groups (version 2) of plugin hosts, where a part of the tree is delegated to the server (systemd: Delegate=yes): memory, number
 * of processes and CPU of a host with all that it starts are limited by the kernel, and killed together. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CGROUP_PATH_BYTES 512

struct cgroups {
    char dir[CGROUP_PATH_BYTES];              /* the delegated directory; "": there is none */
    bool memory, pids, cpu;                   /* controllers that hosts' groups have */
    char lacks[sizeof((struct err *)0)->msg]; /* why there is none, or which controller is missing; "" */
};

struct cgroup_limits {
    int64_t memory_bytes;
    int processes, cpu_percent; /* 0: no limit; 100 is one core */
};

/* Looks where this process is (`self`: /proc/self/cgroup) in the tree at `root` (/sys/fs/cgroup), and whether that part is its own: marked
 * as delegated, or its directory belongs to this user, who is not root. Never fails: out->dir is "" and out->lacks says why. */
void cgroups_find(const char *root, const char *self, struct cgroups *out);
/* Takes a delegated directory into use: this process (`pid`) moves into a group `server` below it, because a group with controllers for its
 * children has no processes of its own; the controllers are switched on. As above. */
void cgroups_use(const char *dir, pid_t pid, struct cgroups *out);

/* Makes the group `name` with its limits. out: its directory. Errors: ERR_IO. */
int cgroup_make(const struct cgroups *c, const char *name, const struct cgroup_limits *limits, char out[static CGROUP_PATH_BYTES],
                struct err *err);
/* Moves a process into it, before it starts others. */
int cgroup_add(const char *dir, pid_t pid, struct err *err);
/* Kills all that is in it. */
void cgroup_kill(const char *dir);
/* True when the kernel has killed something in it for want of memory. */
bool cgroup_ran_out(const char *dir);
/* Removes it; waits a little for the last process to be gone. */
void cgroup_remove(const char *dir);
