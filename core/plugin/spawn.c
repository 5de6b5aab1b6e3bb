/* Owns the moments between fork and exec of a plugin host: only async-signal-safe calls, because the server has other threads; and nothing
 * that writes to memory of others, because the child has the server's own until it runs another program: copying the page tables of a large
 * server would take longer than all the rest. Loop thread: the kernel sends the death signal when the *thread* that forked ends, and that
 * thread lives as long as the manager. */
#include "base/failpoint.h"
#include "plugin/plugin_priv.h"
#include "plugin/protocol.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SAFE_FD    64 /* above all descriptors that a host starts with */
#define OPEN_FDS   256
#define KEEP_BELOW (PROTOCOL_FLAG_FD + 1)

static void give_descriptors(const struct spawn *s)
{
    const int from[] = {s->null, s->output, s->output, s->sock, s->plugin, s->cancel, s->flag};
    int moved[sizeof from / sizeof from[0]];

    for (int i = 0; i < KEEP_BELOW; i++)
        if ((moved[i] = fcntl(from[i], F_DUPFD_CLOEXEC, SAFE_FD)) < 0)
            _exit(72);
    for (int i = 0; i < KEEP_BELOW; i++)
        if (dup2(moved[i], i) < 0)
            _exit(72);
    if (syscall(SYS_close_range, KEEP_BELOW, ~0u, 0) != 0)
        for (int fd = KEEP_BELOW; fd < 65536; fd++)
            close(fd);
}

static void reset_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn static void become_host(const struct spawn *s, pid_t parent)
{
    const struct rlimit no_core = {0, 0}, files = {OPEN_FDS, OPEN_FDS};
    char *const argv[] = {(char *)"plugin-host", (char *)s->instance, NULL};
    /* chunks that glibc keeps for the next call would look as if the plugin had kept them */
    char *const environment[] = {s->measure ? (char *)"GLIBC_TUNABLES=glibc.malloc.tcache_count=0" : NULL, NULL};

    setsid();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent) /* the parent may have died before */
        _exit(72);
    reset_signals();
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* what a plugin leaves stays below its host, where its memory is counted */
    give_descriptors(s);
    if (setrlimit(RLIMIT_CORE, &no_core) < 0 || setrlimit(RLIMIT_NOFILE, &files) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        chdir("/") < 0)
        _exit(72);
    execve(s->path, argv, environment);
    _exit(127);
}

pid_t spawn_host(const struct spawn *s)
{
    pid_t parent = getpid(), pid;
    sigset_t all, before;

    if (failpoint_errno("plugin.fork", EAGAIN))
        return -1;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* no handler of the server runs in the child */
    pid = vfork();
    if (pid == 0)
        become_host(s, parent);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}
