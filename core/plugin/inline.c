/* Owns hosts that are threads of the server, for entries with `isolation: inline`: the same work over the same frames as in a process,
 * without the process. What hangs cannot be killed: the instance is stuck until it comes back. Loop thread, but for the threads themselves.
 */
#include "base/cleanup.h"
#include "base/mem.h"
#include "plugin/host/session.h"
#include "plugin/plugin_priv.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>

struct inline_host { /* the thread's own: what it was given stays, however long it hangs */
    pthread_t id;
    int sock, plugin, cancel, ended;
    const _Atomic int *flag;
    unsigned serial;
};

static void close_all(struct inline_host *t)
{
    close_fd(&t->sock);
    close_fd(&t->plugin);
    close_fd(&t->cancel);
    close_fd(&t->ended);
}

static void *run(void *ctx)
{
    struct inline_host *t = ctx;
    const struct session session = {
        .sock = t->sock, .plugin = t->plugin, .cancel = t->cancel, .flag = t->flag, .is_inline = true, .serial = t->serial};
    struct err ignored = {0}; /* what is wrong ends the connection, and that the server sees */

    session_run(&session, &ignored);
    close_fd(&t->sock);
    eventfd_write(t->ended, 1);
    return NULL;
}

/* Signals are the server's. */
static int start_thread(struct inline_host *t)
{
    sigset_t all, before;
    int number;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    number = pthread_create(&t->id, NULL, run, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return number;
}

int inline_start(struct host *h, int sock, unsigned serial, struct err *err)
{
    struct inline_host *t = mem_zalloc(sizeof *t);
    int number = 0;

    t->sock = sock;
    t->plugin = fcntl(h->instance->vetted.memfd, F_DUPFD_CLOEXEC, 0);
    t->cancel = fcntl(h->cancel_fd, F_DUPFD_CLOEXEC, 0);
    t->ended = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    h->pidfd = t->ended < 0 ? -1 : fcntl(t->ended, F_DUPFD_CLOEXEC, 0);
    t->flag = h->flag;
    t->serial = serial;
    if (t->plugin >= 0 && t->cancel >= 0 && h->pidfd >= 0 && (number = start_thread(t)) == 0) {
        h->thread = t;
        return 0;
    }
    errno = number ? number : errno;
    err_set_sys(err, errno == EMFILE || errno == ENFILE || errno == EAGAIN ? ERR_TRANSIENT : ERR_IO, "a thread for an inline plugin");
    close_all(t);
    free(t);
    return -1;
}

bool inline_ended(struct host *h)
{
    struct inline_host *t = h->thread;
    eventfd_t count;

    if (h->phase != HOST_STARTING && eventfd_read(t->ended, &count) < 0) /* at the start it is only waited for when it has nothing to do */
        return false;
    pthread_join(t->id, NULL);
    close_all(t);
    free(t);
    h->thread = NULL;
    return true;
}

void inline_stuck(struct plugin_manager *m, struct host *h, const struct err *why)
{
    struct instance *i = h->instance;
    char reason[sizeof i->reason];

    snprintf(reason, sizeof reason, "%.400s; it runs inside the server (isolation: inline), where it cannot be killed: restart the server",
             why->msg);
    pthread_mutex_lock(&m->lock);
    if (i->state != PLUGIN_REFUSED && i->state != PLUGIN_DRAINING) {
        i->state = PLUGIN_STUCK;
        memcpy(i->reason, reason, sizeof reason);
    }
    pthread_mutex_unlock(&m->lock);
    if (h->call)
        call_finish(m, h->call, PLUGIN_DONE_FAILED, 0, why, NULL);
    if (m->options.changed)
        m->options.changed(m->options.changed_ctx, i->name, "stuck", reason);
    loop_dispatch(m, i); /* fails those that wait */
}

void inline_recovered(struct plugin_manager *m, struct instance *i)
{
    bool was_stuck;

    pthread_mutex_lock(&m->lock);
    was_stuck = i->state == PLUGIN_STUCK;
    if (was_stuck) {
        i->state = i->circuit.state == BREAKER_CLOSED ? PLUGIN_READY : PLUGIN_OPEN_CIRCUIT;
        i->reason[0] = '\0';
    }
    pthread_mutex_unlock(&m->lock);
    if (was_stuck && m->options.changed)
        m->options.changed(m->options.changed_ctx, i->name, "ready", "");
}
