/* Tries to read, stop or hurt the process above it. */
#include "common.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static void tried(const inno_host *host, inno_call *call, const char *what, long result)
{
    int reason = errno;

    if (result >= 0)
        host->output(call, "escaped", what);
    else
        host->log(call, INNO_LOG_INFO, "%s: %s", what, strerror(reason));
}

SLOT(deed)
{
    pid_t parent = getppid();
    char bytes[16], path[64];
    struct iovec mine = {bytes, sizeof bytes}, theirs = {(void *)0x400000, sizeof bytes};

    UNUSED();
    tried(host, call, "process_vm_readv", process_vm_readv(parent, &mine, 1, &theirs, 1, 0));
    tried(host, call, "ptrace", ptrace(PTRACE_ATTACH, parent, NULL, NULL));
    snprintf(path, sizeof path, "/proc/%d/mem", (int)parent);
    tried(host, call, "mem", open(path, O_RDWR | O_CLOEXEC));
    snprintf(path, sizeof path, "/proc/%d/environ", (int)parent);
    tried(host, call, "environ", open(path, O_RDONLY | O_CLOEXEC));
    tried(host, call, "pidfd_getfd", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, parent, 0), 0, 0));
    tried(host, call, "kill", kill(parent, SIGTERM));
    tried(host, call, "kill all", kill(-1, SIGTERM));
    tried(host, call, "bpf", syscall(SYS_bpf, 0, NULL, 0));
    tried(host, call, "mount", syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL));
    return INNO_OK;
}

BAD_PLUGIN("read-memory", deed)
