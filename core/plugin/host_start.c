/* Owns the start of a host process: what it is given, the fork, what watches it. Loop thread. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/io.h"
#include "base/mem.h"
#include "plugin/grant.h"
#include "plugin/plugin_priv.h"
#include "plugin/protocol.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Why a host could not start, from errno. What the machine or this process has run out of may be there again soon: such a call is tried
 * again by the step's rules. */
static int start_failed(struct err *err, const char *what)
{
    static const struct {
        int number;
        const char *lacks;
    } short_of[] = {
        {EMFILE, "the server has no free file descriptor (LimitNOFILE, ulimit -n)"},
        {ENFILE, "the machine has no free file descriptor (fs.file-max)"},
        {EAGAIN, "no further process may start (TasksMax, ulimit -u, pids.max)"},
        {ENOMEM, "the machine has no memory left for a process"},
        {ENOSPC, "no space left (the state directory's disk, fs.epoll.max_user_watches)"},
    };

    for (size_t i = 0; i < sizeof short_of / sizeof short_of[0]; i++)
        if (errno == short_of[i].number)
            return err_set(err, ERR_TRANSIENT, "%s: %s", what, short_of[i].lacks);
    return err_set_sys(err, ERR_IO, "%s", what);
}

static int watch(struct plugin_manager *m, int fd, uint32_t events, struct watch *w, struct err *err)
{
    struct epoll_event event = {.events = events, .data.ptr = w};

    return failpoint_errno("plugin.watch", ENOSPC) || epoll_ctl(m->epoll, EPOLL_CTL_ADD, fd, &event) < 0
               ? start_failed(err, "watching a plugin host")
               : 0;
}

/* ---- start ---- */

struct ends { /* what the child gets; closed here after the fork */
    int sock, flag, output, null;
};

static void ends_close(struct ends *e)
{
    close_fd(&e->sock);
    close_fd(&e->flag);
    close_fd(&e->output);
    close_fd(&e->null);
}

static int make_flag(struct host *h, int *out_fd, struct err *err)
{
    long page = sysconf(_SC_PAGESIZE);
    CLEANUP(close_fd) int fd = failpoint_errno("plugin.memfd", EMFILE) ? -1 : memfd_create("cancel", MFD_CLOEXEC);
    void *at;

    if (fd < 0 || ftruncate(fd, page) < 0)
        return start_failed(err, "cancel flag of a plugin host");
    at = mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return start_failed(err, "cancel flag of a plugin host");
    h->flag = at;
    *out_fd = take_fd(&fd);
    return 0;
}

static int make_ends(struct host *h, struct ends *e, struct err *err)
{
    int pair[2];

    if (failpoint_errno("plugin.socketpair", EMFILE) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return start_failed(err, "socket of a plugin host");
    h->sock = pair[0];
    e->sock = pair[1];
    if (failpoint_errno("plugin.pipe", ENFILE) || pipe2(pair, O_CLOEXEC) < 0)
        return start_failed(err, "pipe of a plugin host");
    h->output = pair[0];
    e->output = pair[1];
    if (fcntl(h->sock, F_SETFL, O_NONBLOCK) < 0 || fcntl(h->output, F_SETFL, O_NONBLOCK) < 0)
        return start_failed(err, "socket of a plugin host");
    h->cancel_fd = failpoint_errno("plugin.eventfd", EMFILE) ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    e->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (h->cancel_fd < 0 || e->null < 0)
        return start_failed(err, "descriptors of a plugin host");
    return make_flag(h, &e->flag, err);
}

/* It has not loaded anything yet: that waits for its setup. */
static int join_group(struct plugin_manager *m, struct host *h, struct err *err)
{
    const struct instance *i = h->instance;
    struct cgroup_limits limits = {i->memory_bytes, i->processes, i->cpu_percent};
    const char *name = strrchr(h->work_root, '/');

    if (!m->cgroups.dir[0])
        return 0;
    return cgroup_make(&m->cgroups, name + 1, &limits, h->group, err) < 0 ? -1 : cgroup_add(h->group, h->pid, err);
}

static int watch_all(struct plugin_manager *m, struct host *h, struct err *err)
{
    return watch(m, h->pidfd, EPOLLIN, &h->on_exit, err) < 0 || watch(m, h->sock, EPOLLIN, &h->on_socket, err) < 0 ||
                   watch(m, h->output, EPOLLIN, &h->on_output, err) < 0
               ? -1
               : 0;
}

static int start_process(struct plugin_manager *m, struct host *h, struct err *err)
{
    CLEANUP(ends_close) struct ends e = {-1, -1, -1, -1};
    struct spawn s;

    if (make_ends(h, &e, err) < 0)
        return -1;
    s = (struct spawn){.path = m->host_path,
                       .measure = m->options.measure,
                       .instance = h->instance->name,
                       .sock = e.sock,
                       .plugin = h->instance->vetted.memfd,
                       .cancel = h->cancel_fd,
                       .flag = e.flag,
                       .output = e.output,
                       .null = e.null};
    h->pid = spawn_host(&s);
    if (h->pid < 0)
        return start_failed(err, "starting a plugin host");
    h->pidfd = failpoint_errno("plugin.pidfd", EMFILE) ? -1 : (int)syscall(SYS_pidfd_open, h->pid, 0);
    if (h->pidfd < 0)
        return start_failed(err, "watching a plugin host");
    if (join_group(m, h, err) < 0)
        return -1;
    return watch_all(m, h, err);
}

bool host_is_granted(const struct instance *i, const char *permission) { return grant_has(i->vetted.grant, permission); }

static void send_setup(struct plugin_manager *m, struct host *h)
{
    struct instance *i = h->instance;
    CLEANUP(json_put)
    json_t *setup = json_pack("{s:s,s:s,s:s,s:s,s:I,s:O}", "t", "setup", "instance", i->name, "data_dir", i->data_dir, "work_root",
                              h->work_root, "memory", (json_int_t)i->memory_bytes, "manifest", i->vetted.manifest);

    json_object_set(setup, "grant", i->vetted.grant);
    if (m->options.measure)
        json_set_flag(setup, "usage", true);
    host_queue_frame(m, h, setup);
}

/* A process that could not be watched is ended at once: nothing would notice it later. */
static void abandon(struct plugin_manager *m, struct host *h)
{
    if (h->pid > 0) {
        kill(-h->pid, SIGKILL);
        kill(h->pid, SIGKILL);
        waitpid(h->pid, NULL, 0);
    }
    if (h->group[0])
        manager_discard(m, h->group, true);
    manager_discard(m, h->work_root, false);
    host_free(h);
}

int host_start(struct plugin_manager *m, struct instance *i, struct plugin_call *call, struct err *err)
{
    struct host *h = mem_zalloc(sizeof *h);

    *h = (struct host){.instance = i,
                       .phase = HOST_STARTING,
                       .pidfd = -1,
                       .sock = -1,
                       .output = -1,
                       .cancel_fd = -1,
                       .in = BUF_INIT(PROTOCOL_FRAME_BYTES + READ_CHUNK),
                       .out = BUF_INIT(3u * PROTOCOL_CALL_BYTES),
                       .phase_deadline_us = clock_mono_us() + START_US};
    h->on_socket = (struct watch){WATCH_SOCKET, h};
    h->on_output = (struct watch){WATCH_OUTPUT, h};
    h->on_exit = (struct watch){WATCH_EXIT, h};
    h->work_root = mem_printf("%s/%s.%d.%u", m->run_dir, i->name, (int)getpid(), ++m->next_host);
    if (io_mkdirs(h->work_root, 0700, err) < 0 || io_mkdirs(i->data_dir, 0700, err) < 0 || start_process(m, h, err) < 0) {
        abandon(m, h);
        return err_wrap(err, "plugin %s", i->name);
    }
    h->next = i->hosts;
    i->hosts = h;
    pthread_mutex_lock(&m->lock);
    i->host_count++;
    pthread_mutex_unlock(&m->lock);
    h->call = call;
    call->host = h;
    send_setup(m, h);
    return 0;
}
