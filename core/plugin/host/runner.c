/* Owns the process that runs programs for a plugin: forked from the host before any plugin code runs, one thread, one program at a time. It
 * uses nothing that needs a lock or the heap, as it never calls exec itself. Where it may, it is the first process of a namespace of its
 * own: the kernel then kills all below it when it ends. Elsewhere it is the next parent of whatever its programs leave, and kills that. */
#include "plugin/host/runner.h"
#include "base/cleanup.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4U
#endif
#define MOST_WORDS 8192 /* arguments and variables */
#define MOST_FDS   65536

static void settle(bool has_own_ids)
{
    setsid(); /* not killed with the host's group: it has to clean up first */
    if (has_own_ids)
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    else
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

int runner_fork(struct runner *out, bool *in_runner)
{
    int pair[2];
    long pid;

    *in_runner = false;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -1;
    /* Not libc's fork: it has no way to a namespace for this child alone. */
    out->has_own_ids = true;
    pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid < 0) {
        out->has_own_ids = false;
        pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    }
    if (pid < 0) {
        close_fd(&pair[0]);
        close_fd(&pair[1]);
        return -1;
    }
    *in_runner = pid == 0;
    out->sock = pair[pid == 0];
    close_fd(&pair[pid != 0]);
    if (pid == 0)
        settle(out->has_own_ids);
    return 0;
}

/* ---- messages ---- */

static bool read_all(int fd, void *bytes, size_t len)
{
    char *at = bytes;

    while (len > 0) {
        ssize_t got = read(fd, at, len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        len -= (size_t)got;
    }
    return true;
}

static void tell(int sock, enum runner_kind kind, int32_t a, int32_t b)
{
    struct runner_message m = {.kind = (int32_t)kind, .a = a, .b = b};

    while (send(sock, &m, sizeof m, MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
}

/* A message and the descriptors that came with it (-1 where there are none). False at the end of the host. */
static bool hear(int sock, struct runner_message *m, int fds[static 3])
{
    union {
        char bytes[CMSG_SPACE(3 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {m, sizeof *m};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    const struct cmsghdr *c;
    ssize_t got;

    fds[0] = fds[1] = fds[2] = -1;
    do {
        got = recvmsg(sock, &header, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got <= 0)
        return false;
    c = CMSG_FIRSTHDR(&header);
    if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(3 * sizeof(int)))
        memcpy(fds, CMSG_DATA(c), 3 * sizeof(int));
    return (size_t)got == sizeof *m || read_all(sock, (char *)m + got, sizeof *m - (size_t)got);
}

/* ---- one program ---- */

struct program {
    const char *path, *cwd;
    char *argv[MOST_WORDS + 1], **envp; /* envp: behind argv's NULL */
};

/* Cuts the text into its parts. False when it does not hold what the message says. */
static bool take_words(char *text, size_t len, int32_t argc, int32_t envc, struct program *p)
{
    size_t at = 0;
    int32_t count = 2 + argc + envc;

    if (argc < 1 || envc < 0 || argc > MOST_WORDS - 1 - envc || len == 0 || text[len - 1] != '\0')
        return false;
    for (int32_t n = 0; n < count; n++) {
        if (at >= len)
            return false;
        if (n == 0)
            p->path = text + at;
        else if (n == 1)
            p->cwd = text + at;
        else
            p->argv[n - 2 + (n - 2 >= argc)] = text + at;
        at += strlen(text + at) + 1;
    }
    p->argv[argc] = NULL;
    p->envp = p->argv + argc + 1;
    p->envp[envc] = NULL;
    return at == len;
}

static void leave_nothing_open(void)
{
    if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) != 0)
        for (int fd = 3; fd < MOST_FDS; fd++)
            fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void become_program(const struct program *p, const int fds[static 3], int status)
{
    struct rlimit data;
    sigset_t none;
    int number;

    setsid();
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (getrlimit(RLIMIT_DATA, &data) == 0) { /* the host's own limit; what the tree holds is watched by the server */
        data.rlim_cur = data.rlim_max;
        setrlimit(RLIMIT_DATA, &data);
    }
    if (dup2(fds[0], 0) == 0 && dup2(fds[1], 1) == 1 && dup2(fds[2], 2) == 2 && chdir(p->cwd) == 0) {
        leave_nothing_open();
        execve(p->path, p->argv, p->envp);
    }
    number = errno;
    while (write(status, &number, sizeof number) < 0 && errno == EINTR)
        continue;
    _exit(127);
}

/* Returns the pid of the running program, or -1 with errno. */
static pid_t start(const struct program *p, const int fds[static 3])
{
    int status[2], number = 0;
    pid_t pid;

    if (pipe2(status, O_CLOEXEC) < 0)
        return -1;
    pid = fork();
    if (pid == 0)
        become_program(p, fds, status[1]);
    close_fd(&status[1]);
    if (pid > 0 && read_all(status[0], &number, sizeof number)) { /* it says something only when it could not become the program */
        waitpid(pid, NULL, 0);
        pid = -1;
        errno = number;
    }
    number = errno;
    close_fd(&status[0]);
    errno = number;
    return pid;
}

/* ---- the end ---- */

/* Kills the children of this process, as /proc lists them; without /proc the program's group was all that could be reached. */
static void kill_children(void)
{
    char text[4096];
    int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    close_fd(&fd);
    if (got <= 0)
        return;
    text[got] = '\0';
    for (char *at = text, *end; *at; at = end) {
        long pid = strtol(at, &end, 10);

        if (end == at || (*end == '\0' && (size_t)got == sizeof text - 1)) /* a number that was cut */
            break;
        if (pid > 1)
            kill((pid_t)pid, SIGKILL);
        while (*end == ' ')
            end++;
    }
}

/* Nothing is left when this returns: what a killed process leaves comes here and is killed in turn. */
static void kill_all(bool has_own_ids)
{
    do {
        if (has_own_ids)
            kill(-1, SIGKILL); /* all but the first process, in one go */
        else
            kill_children();
    } while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
}

static _Noreturn void end(bool has_own_ids)
{
    kill_all(has_own_ids);
    _exit(0);
}

static void watch(int sock, pid_t pid, bool has_own_ids)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd fds[2] = {{.fd = sock, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
    siginfo_t info = {0};

    for (;;) {
        struct runner_message m;
        int none[3];

        poll(fds, 2, pidfd < 0 ? 20 : -1);
        if (fds[0].revents) {
            if (!hear(sock, &m, none))
                end(has_own_ids);
            if (m.kind == RUNNER_SIGNAL)
                kill(-pid, m.a);
        }
        info.si_pid = 0;
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == pid)
            break;
    }
    close_fd(&pidfd);
    kill(-pid, SIGKILL);
    kill_all(has_own_ids);
    if (info.si_code == CLD_EXITED)
        tell(sock, RUNNER_ENDED, info.si_status, 0);
    else
        tell(sock, RUNNER_ENDED, -1, info.si_status);
}

static void run(int sock, const struct runner_message *m, int fds[static 3], bool has_own_ids)
{
    static char text[RUNNER_TEXT_BYTES];
    static struct program program;
    pid_t pid;

    if (m->c < 0 || (size_t)m->c > sizeof text || !read_all(sock, text, (size_t)m->c))
        end(has_own_ids);
    errno = EINVAL;
    pid = fds[2] >= 0 && take_words(text, (size_t)m->c, m->a, m->b, &program) ? start(&program, fds) : -1;
    tell(sock, RUNNER_STARTED, pid < 0 ? errno : 0, 0);
    explicit_bzero(text, (size_t)m->c); /* a variable may be a password */
    for (int i = 0; i < 3; i++)
        close_fd(&fds[i]);
    if (pid > 0)
        watch(sock, pid, has_own_ids);
}

_Noreturn void runner_serve(int sock, bool has_own_ids)
{
    struct runner_message m;
    int fds[3];

    while (hear(sock, &m, fds))
        if (m.kind == RUNNER_START) /* a signal for a program that has ended meanwhile is late, and of no use */
            run(sock, &m, fds, has_own_ids);
    end(has_own_ids);
}
