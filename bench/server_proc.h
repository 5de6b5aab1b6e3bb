/* A server for the benchmarks: the real binary on a temporary state directory, or one that runs already. And what /proc says of it. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct server_proc {
    const char *binary, *config; /* borrowed */
    char dir[256];               /* ours: state, log */
    pid_t pid;                   /* 0: not ours */
    int port;
    char key[128];
    int64_t ready_us; /* from exec to the first /ready with status 200 */
};

/* Makes the directory below `where`; starts nothing yet. Errors: ERR_IO. */
int server_proc_init(struct server_proc *s, const char *binary, const char *config, const char *where, struct err *err);
/* Starts it (again) on that state and waits until it is ready. Errors: ERR_IO, after its log was shown. */
int server_proc_start(struct server_proc *s, struct err *err);
void server_proc_stop(struct server_proc *s); /* SIGTERM, and waits */
void server_proc_fini(struct server_proc *s); /* and removes the directory */

/* Memory of a process, from /proc/PID/smaps_rollup, in KiB. -1: there is no such process. */
struct proc_memory {
    int64_t rss_kib, pss_kib, private_kib;
};
int proc_read_memory(pid_t pid, struct proc_memory *out);
/* CPU time and context switches of all its threads since they began. */
struct proc_effort {
    int64_t cpu_us, switches;
};
int proc_read_effort(pid_t pid, struct proc_effort *out);
/* Its children, at most `most`; gives how many. */
unsigned proc_children(pid_t pid, pid_t *out, unsigned most);
