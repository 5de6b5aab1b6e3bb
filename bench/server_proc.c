/* Starting, stopping and looking at the server that is measured. Main thread only. */
#include "server_proc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "http_load.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_US  (30 * US_PER_SEC)
#define STOP_US   (30 * US_PER_SEC)
#define PROC_TEXT (64u << 10)
#define LOG_BYTES (1u << 20)

static void nap(int64_t us) { nanosleep(&(struct timespec){.tv_nsec = us * 1000}, NULL); }

int server_proc_init(struct server_proc *s, const char *binary, const char *config, const char *where, struct err *err)
{
    *s = (struct server_proc){.binary = binary, .config = config};
    snprintf(s->dir, sizeof s->dir, "%s/innominatus-bench-XXXXXX", where);
    if (!mkdtemp(s->dir)) {
        s->dir[0] = '\0';
        return err_set_sys(err, ERR_IO, "cannot make a directory in %s", where);
    }
    return 0;
}

/* A port that was free a moment ago. */
static int free_port(void)
{
    CLEANUP(close_fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;

    if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) < 0 || getsockname(fd, (struct sockaddr *)&at, &len) < 0)
        return -1;
    return ntohs(at.sin_port);
}

static void run_server(const struct server_proc *s)
{
    CLEANUP(free_ptr) char *log = mem_printf("%s/log", s->dir);
    CLEANUP(free_ptr) char *state = mem_printf("%s/state", s->dir);
    CLEANUP(free_ptr) char *home = mem_printf("XDG_STATE_HOME=%s", s->dir);
    char listen[32];
    const char *args[] = {s->binary, "serve", "--listen", listen, "--state-dir", state, s->config ? "--admin-config" : NULL,
                          s->config, NULL};
    char *env[] = {home, NULL};
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    snprintf(listen, sizeof listen, "127.0.0.1:%d", s->port);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
        _exit(126);
    execve(s->binary, (char **)(uintptr_t)args, env);
    _exit(127);
}

static int read_key(struct server_proc *s, struct err *err)
{
    CLEANUP(free_ptr) char *path = mem_printf("%s/state/admin.key", s->dir);
    CLEANUP(free_ptr) char *text = NULL;

    if (io_read_file(path, sizeof s->key - 1, &text, NULL, err) < 0)
        return -1;
    text[strcspn(text, "\n")] = '\0';
    snprintf(s->key, sizeof s->key, "%s", text);
    return 0;
}

static int not_ready(const struct server_proc *s, struct err *err)
{
    CLEANUP(free_ptr) char *path = mem_printf("%s/log", s->dir);
    CLEANUP(free_ptr) char *text = NULL;
    struct err ignored = {0};

    if (io_read_file(path, LOG_BYTES, &text, NULL, &ignored) == 0)
        fputs(text, stderr);
    return err_set(err, ERR_IO, "the server did not become ready");
}

int server_proc_start(struct server_proc *s, struct err *err)
{
    int64_t began;

    s->port = free_port();
    began = clock_mono_us();
    s->pid = fork();
    if (s->pid < 0)
        return err_set_sys(err, ERR_IO, "cannot fork");
    if (s->pid == 0)
        run_server(s);
    while (load_get(s->port, NULL, "/ready", NULL) != 200) {
        if (waitpid(s->pid, NULL, WNOHANG) == s->pid || clock_mono_us() - began > START_US)
            return not_ready(s, err);
        nap(200);
    }
    s->ready_us = clock_mono_us() - began;
    return read_key(s, err);
}

void server_proc_stop(struct server_proc *s)
{
    int64_t until = clock_mono_us() + STOP_US;

    if (s->pid <= 0)
        return;
    kill(s->pid, SIGTERM);
    while (waitpid(s->pid, NULL, WNOHANG) == 0 && clock_mono_us() < until)
        nap(2000);
    s->pid = 0;
}

void server_proc_fini(struct server_proc *s)
{
    struct err ignored = {0};

    server_proc_stop(s);
    if (s->dir[0])
        io_remove_tree(s->dir, &ignored);
}

/* ---- /proc ---- */

static char *read_proc(const char *path)
{
    struct err ignored = {0};
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = NULL;

    return fd >= 0 && io_read_fd(fd, path, PROC_TEXT, &text, NULL, &ignored) == 0 ? text : NULL;
}

static int64_t number_behind(const char *text, const char *label)
{
    const char *at = strstr(text, label);

    return at ? strtoll(at + strlen(label), NULL, 10) : 0;
}

int proc_read_memory(pid_t pid, struct proc_memory *out)
{
    CLEANUP(free_ptr) char *path = mem_printf("/proc/%d/smaps_rollup", (int)pid);
    CLEANUP(free_ptr) char *text = read_proc(path);

    if (!text)
        return -1;
    *out = (struct proc_memory){.rss_kib = number_behind(text, "\nRss:"),
                                .pss_kib = number_behind(text, "\nPss:"),
                                .private_kib = number_behind(text, "\nPrivate_Clean:") + number_behind(text, "\nPrivate_Dirty:")};
    return 0;
}

static int64_t cpu_of(const char *stat)
{
    const char *at = strrchr(stat, ')'); /* the name before it may hold anything */
    long long user = 0, system = 0;

    if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld", &user, &system) != 2)
        return 0;
    return (user + system) * US_PER_SEC / sysconf(_SC_CLK_TCK);
}

static int64_t switches_of(pid_t pid, const char *thread)
{
    CLEANUP(free_ptr) char *path = mem_printf("/proc/%d/task/%s/status", (int)pid, thread);
    CLEANUP(free_ptr) char *text = read_proc(path);

    return text ? number_behind(text, "\nvoluntary_ctxt_switches:") + number_behind(text, "\nnonvoluntary_ctxt_switches:") : 0;
}

int proc_read_effort(pid_t pid, struct proc_effort *out)
{
    CLEANUP(free_ptr) char *path = mem_printf("/proc/%d/stat", (int)pid);
    CLEANUP(free_ptr) char *tasks = mem_printf("/proc/%d/task", (int)pid);
    CLEANUP(free_ptr) char *text = read_proc(path);
    DIR *dir = text ? opendir(tasks) : NULL;
    const struct dirent *entry;

    if (!dir)
        return -1;
    *out = (struct proc_effort){.cpu_us = cpu_of(text)};
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            out->switches += switches_of(pid, entry->d_name);
    closedir(dir);
    return 0;
}

/* Of every thread: hosts are forked from the plugin loop. */
unsigned proc_children(pid_t pid, pid_t *out, unsigned most)
{
    CLEANUP(free_ptr) char *tasks = mem_printf("/proc/%d/task", (int)pid);
    DIR *dir = opendir(tasks);
    const struct dirent *entry;
    unsigned count = 0;

    while (dir && (entry = readdir(dir))) {
        CLEANUP(free_ptr) char *path = mem_printf("%s/%s/children", tasks, entry->d_name);
        CLEANUP(free_ptr) char *text = entry->d_name[0] != '.' ? read_proc(path) : NULL;
        char *at = text, *end;

        while (at && count < most) {
            long child = strtol(at, &end, 10);

            if (end == at)
                break;
            out[count++] = (pid_t)child;
            at = end;
        }
    }
    if (dir)
        closedir(dir);
    return count;
}
