/* Tries every way to a new process or program. */
#include "common.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void tried(const inno_host *host, inno_call *call, const char *what, long result)
{
    int reason = errno;

    if (result == 0 && strcmp(what, "posix_spawn") != 0)
        _exit(0); /* the child of a fork that worked */
    if (result >= 0)
        host->output(call, "escaped", what);
    else
        host->log(call, INNO_LOG_INFO, "%s: %s", what, strerror(reason));
}

SLOT(deed)
{
    char *argv[] = {(char *)"true", NULL}, *env[] = {NULL};
    pid_t pid;
    int rc;

    UNUSED();
    tried(host, call, "fork", fork());
    tried(host, call, "raw fork", syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL));
    tried(host, call, "new user namespace", syscall(SYS_unshare, CLONE_NEWUSER));
    rc = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, env);
    errno = rc;
    tried(host, call, "posix_spawn", rc == 0 ? 0 : -1);
    execve("/bin/true", argv, env);
    tried(host, call, "execve", -1);
    return INNO_OK;
}

BAD_PLUGIN("fork", deed)
