/* Tries to change what is not its own without opening it: modes, owners, times and attributes of the files that params list under "files",
 * the scheduling of the process above it, signals by way of a descriptor's owner; and to keep memory where no watch looks. */
#include "common.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

static void tried(const inno_host *host, inno_call *call, const char *what, long result)
{
    int reason = errno;

    if (result >= 0)
        host->output(call, "escaped", what);
    else
        host->log(call, INNO_LOG_INFO, "%s: %s", what, strerror(reason));
}

static void change_file(const inno_host *host, inno_call *call, const char *path)
{
    static const struct timespec times[2] = {{1, 0}, {1, 0}};
    char what[512];

    snprintf(what, sizeof what, "chmod %s", path);
    tried(host, call, what, chmod(path, 0777));
    snprintf(what, sizeof what, "fchmodat %s", path);
    tried(host, call, what, fchmodat(AT_FDCWD, path, 0, 0));
    snprintf(what, sizeof what, "chown %s", path);
    tried(host, call, what, chown(path, getuid(), getgid()));
    snprintf(what, sizeof what, "utimensat %s", path);
    tried(host, call, what, utimensat(AT_FDCWD, path, times, 0));
    snprintf(what, sizeof what, "setxattr %s", path);
    tried(host, call, what, setxattr(path, "user.innominatus", "1", 1, 0));
}

/* A descriptor's owner gets the signal that the descriptor's holder chooses. */
static void signal_by_owner(const inno_host *host, inno_call *call, pid_t parent)
{
    struct f_owner_ex owner = {F_OWNER_PID, parent};
    int ends[2];

    if (pipe(ends) < 0)
        return;
    tried(host, call, "F_SETOWN", fcntl(ends[0], F_SETOWN, parent));
    tried(host, call, "F_SETOWN_EX", fcntl(ends[0], F_SETOWN_EX, &owner));
    tried(host, call, "F_SETSIG", fcntl(ends[0], F_SETSIG, SIGTERM));
}

static void slow_down(const inno_host *host, inno_call *call, pid_t parent)
{
    struct sched_param param = {0};
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    CPU_SET(0, &cpus);
    tried(host, call, "setpriority", setpriority(PRIO_PROCESS, (id_t)parent, 1));
    tried(host, call, "sched_setscheduler", sched_setscheduler(parent, SCHED_BATCH, &param));
    tried(host, call, "sched_setparam", sched_setparam(parent, &param));
    tried(host, call, "sched_setaffinity", sched_setaffinity(parent, sizeof cpus, &cpus));
    tried(host, call, "ioprio_set", syscall(SYS_ioprio_set, 1, parent, 3 << 13));
}

static void hide_memory(const inno_host *host, inno_call *call)
{
    tried(host, call, "memfd_create", memfd_create("hidden", 0));
    tried(host, call, "shmget", shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600));
    tried(host, call, "msgget", msgget(IPC_PRIVATE, IPC_CREAT | 0600));
    tried(host, call, "semget", semget(IPC_PRIVATE, 1, IPC_CREAT | 0600));
}

SLOT(deed)
{
    inno_span paths, path;
    uint64_t cursor = 0;
    pid_t parent = getppid();

    UNUSED();
    if (inno_json_find(res->params, "files", &paths))
        while (inno_json_next(paths, &cursor, NULL, &path))
            change_file(host, call, inno_json_string(host, call, path, "", ""));
    signal_by_owner(host, call, parent);
    slow_down(host, call, parent);
    hide_memory(host, call);
    return INNO_OK;
}

BAD_PLUGIN("change-others", deed)
