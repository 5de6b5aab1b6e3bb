/* Owns the life of the threads that serve inline entries (inline.c), as the plugin loop sees it: start, deadlines, idle ends, what hangs.
 * Loop thread. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "plugin/grant.h"
#include "plugin/inline.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>

static void earliest(int64_t *next, int64_t at)
{
    if (at < *next)
        *next = at;
}

/* ---- start and end ---- */

void inline_free(struct inline_thread *t)
{
    if (t->loaded.library) /* it was left behind and has come back: the loader would take the next plugin of that path for it */
        unload_plugin(&t->loaded);
    close_fd(&t->plugin);
    close_fd(&t->cancel);
    free(t->data_dir);
    free(t->work_root);
    json_decref(t->manifest);
    json_decref(t->grant);
    json_decref(t->config);
    json_decref(t->done);
    buf_fini(&t->call_of_host.out);
    sem_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

static struct inline_thread *make(struct plugin_manager *m, struct instance *i)
{
    struct inline_thread *t = mem_zalloc(sizeof *t);

    t->instance = i;
    t->m = m;
    t->loaded.serial = ++m->next_host;
    t->timeout_ms = i->timeout_ms;
    t->data_dir = mem_strdup(i->data_dir);
    t->work_root = mem_printf("%s/%s.%d.%u", m->run_dir, i->name, (int)getpid(), m->next_host);
    t->manifest = json_clone(i->vetted.manifest);
    t->grant = json_clone(i->vetted.grant);
    t->config = json_clone(i->config);
    t->box = (struct sandbox){.data_dir = t->data_dir, .work_root = t->work_root, .grant = t->grant};
    t->box.network = grant_has(t->grant, "network");
    t->plugin = fcntl(i->vetted.memfd, F_DUPFD_CLOEXEC, 0);
    t->cancel = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    t->call_of_host = (struct inno_call){.fd = -1,
                                         .cancel_fd = t->cancel,
                                         .data_dir = t->data_dir,
                                         .work_root = t->work_root,
                                         .box = &t->box,
                                         .runner = {.sock = -1},
                                         .flag = &t->flag};
    sem_init(&t->wake, 0, 0);
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

/* Signals are the server's. */
static int start_thread(struct inline_thread *t)
{
    sigset_t all, before;
    int number;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    number = pthread_create(&t->id, NULL, inline_run, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = number ? number : errno;
    return number ? -1 : 0;
}

/* With its first call. */
static void start(struct plugin_manager *m, struct instance *i, struct plugin_call *c)
{
    struct inline_thread *t = make(m, i);
    struct err err = {0};

    pthread_mutex_lock(&m->lock);
    inline_hand(m, t, c);
    i->host_count++;
    pthread_mutex_unlock(&m->lock);
    if (t->plugin >= 0 && t->cancel >= 0 && io_mkdirs(t->work_root, 0700, &err) == 0 && io_mkdirs(i->data_dir, 0700, &err) == 0 &&
        start_thread(t) == 0) {
        t->next = i->threads;
        i->threads = t;
        return;
    }
    if (err.code == ERR_NONE)
        err_set_sys(&err, errno == EMFILE || errno == ENFILE || errno == EAGAIN ? ERR_TRANSIENT : ERR_IO, "a thread for an inline plugin");
    err_wrap(&err, "plugin %s", i->name);
    pthread_mutex_lock(&m->lock);
    c->thread = NULL;
    i->host_count--;
    pthread_mutex_unlock(&m->lock);
    manager_discard(m, t->work_root, false);
    inline_free(t);
    call_finish(m, c, PLUGIN_DONE_FAILED, 0, &err, NULL);
}

static void tell(struct plugin_manager *m, const struct instance *i, const char *state, const char *reason)
{
    if (m->options.changed)
        m->options.changed(m->options.changed_ctx, i->name, state, reason);
}

static void recovered(struct plugin_manager *m, struct instance *i)
{
    bool was_stuck;

    pthread_mutex_lock(&m->lock);
    was_stuck = i->state == PLUGIN_STUCK;
    if (was_stuck) {
        i->state = i->circuit.state == BREAKER_CLOSED ? PLUGIN_READY : PLUGIN_OPEN_CIRCUIT;
        i->reason[0] = '\0';
    }
    pthread_mutex_unlock(&m->lock);
    if (was_stuck)
        tell(m, i, "ready", "");
}

/* Takes it off the list, joined or left behind. */
static void unlist(struct plugin_manager *m, struct inline_thread **at)
{
    struct inline_thread *t = *at;

    *at = t->next;
    pthread_mutex_lock(&m->lock);
    t->instance->host_count--;
    pthread_mutex_unlock(&m->lock);
    manager_discard(m, t->work_root, false);
}

static void reap(struct plugin_manager *m, struct instance *i)
{
    for (struct inline_thread **at = &i->threads, *t; (t = *at);) {
        bool ended, hung;

        pthread_mutex_lock(&m->lock);
        ended = t->ended;
        pthread_mutex_unlock(&m->lock);
        if (!ended) {
            at = &t->next;
            continue;
        }
        pthread_join(t->id, NULL);
        hung = t->given_up || t->stuck;
        unlist(m, at);
        inline_free(t);
        if (hung)
            recovered(m, i);
    }
}

/* ---- what hangs ---- */

static void mark_stuck(struct plugin_manager *m, struct inline_thread *t, const char *why)
{
    struct instance *i = t->instance;
    char reason[sizeof i->reason];

    snprintf(reason, sizeof reason, "%.400s; it runs inside the server (isolation: inline), where it cannot be killed: restart the server",
             why);
    t->stuck = true;
    pthread_mutex_lock(&m->lock);
    if (i->state != PLUGIN_REFUSED && i->state != PLUGIN_DRAINING) {
        i->state = PLUGIN_STUCK;
        memcpy(i->reason, reason, sizeof reason);
    }
    pthread_mutex_unlock(&m->lock);
    tell(m, i, "stuck", reason);
}

/* NULL: it has come back meanwhile. */
static struct plugin_call *take_late(struct plugin_manager *m, struct inline_thread *t, int64_t now)
{
    struct plugin_call *c;

    pthread_mutex_lock(&t->lock); /* nothing is being told of the call */
    pthread_mutex_lock(&m->lock);
    c = t->call;
    if (c && (c->grace_us == 0 || now < c->grace_us)) /* the next one */
        c = NULL;
    if (c) {
        t->call = NULL;
        c->thread = NULL;
        t->given_up = true;
    }
    pthread_mutex_unlock(&m->lock);
    pthread_mutex_unlock(&t->lock);
    sem_post(&t->wake); /* or it waits for a checkpoint */
    return c;
}

static void give_up(struct plugin_manager *m, struct inline_thread *t, int64_t now)
{
    struct plugin_call *c = take_late(m, t, now);
    struct instance *i = t->instance;
    struct err err = {0};

    if (!c)
        return;
    if (m->stop_until_us) {
        err_set(&err, ERR_SHUTDOWN, "%s: the server is stopping, and %s did not stop when asked", i->name,
                call_operation_name(c->operation));
    } else {
        err_set(&err, c->timed_out ? ERR_PLUGIN_TIMEOUT : ERR_CANCELED, "%s: %s %s, nor stop when asked", i->name,
                call_operation_name(c->operation), c->timed_out ? "did not answer in time" : "was canceled and did not answer");
        if (c->timed_out)
            host_count_crash(m, i, c->id, err.msg);
        mark_stuck(m, t, err.msg);
    }
    call_finish(m, c, PLUGIN_DONE_FAILED, 0, &err, NULL);
}

/* The end of the server does not wait for what hangs: the thread goes with the process. */
static bool leave_behind(struct plugin_manager *m, struct inline_thread **at)
{
    struct inline_thread *t = *at;
    bool left;

    pthread_mutex_lock(&t->lock);
    left = t->in_plugin && (t->given_up || t->close_by_us);
    if (left) {
        unlist(m, at);
        t->m = NULL;
        pthread_detach(t->id);
    }
    pthread_mutex_unlock(&t->lock);
    return left;
}

/* ---- time ---- */

static void thread_time(struct plugin_manager *m, struct inline_thread *t, int64_t now, int64_t *next)
{
    struct plugin_call *c;
    bool late = false, hangs = false;

    pthread_mutex_lock(&m->lock);
    c = t->call;
    if (c && c->grace_us == 0 && now >= c->deadline_us) {
        c->timed_out = true;
        inline_ask_to_stop(m, t, now + m->options.grace_ms * US_PER_MS);
    }
    if (c && c->grace_us && now >= c->grace_us)
        late = true;
    else if (c)
        earliest(next, c->grace_us ? c->grace_us : c->deadline_us);
    if (t->close_by_us && !t->ended && !t->stuck) {
        hangs = now >= t->close_by_us;
        if (!hangs)
            earliest(next, t->close_by_us);
    }
    pthread_mutex_unlock(&m->lock);
    if (late)
        give_up(m, t, now);
    else if (hangs && !t->given_up)
        mark_stuck(m, t, "its close does not return");
}

/* Calls that wait for a thread, and have been canceled or have no time left. */
static struct plugin_call *take_over(struct plugin_manager *m, struct instance *i, int64_t now, bool *canceled, int64_t *next)
{
    struct plugin_call **at = &i->waiting, *c;

    pthread_mutex_lock(&m->lock);
    while ((c = *at) && !c->cancel_wanted && now < c->deadline_us) {
        earliest(next, c->deadline_us);
        at = &c->next;
    }
    if (c && !(*at = c->next))
        i->waiting_end = at;
    *canceled = c && c->cancel_wanted;
    pthread_mutex_unlock(&m->lock);
    return c;
}

static struct plugin_call *take_first(struct plugin_manager *m, struct instance *i)
{
    struct plugin_call *c;

    pthread_mutex_lock(&m->lock);
    c = inline_take_waiting(i);
    pthread_mutex_unlock(&m->lock);
    return c;
}

/* Somebody waits for a thread; out_start_us: when one may be started. */
static bool waits(struct plugin_manager *m, const struct instance *i, int64_t *out_start_us)
{
    bool some;

    pthread_mutex_lock(&m->lock);
    some = i->waiting != NULL;
    *out_start_us = i->start_after_us;
    pthread_mutex_unlock(&m->lock);
    return some;
}

static bool give_to_resting(struct plugin_manager *m, struct instance *i)
{
    bool given;

    pthread_mutex_lock(&m->lock);
    given = i->waiting && i->resting;
    if (given)
        inline_hand(m, inline_take_resting(i), inline_take_waiting(i));
    pthread_mutex_unlock(&m->lock);
    return given;
}

/* Starts what may start; what may not fails. */
static void dispatch(struct plugin_manager *m, struct instance *i, int64_t now, int64_t *next)
{
    enum err_code code;
    char why[900];
    struct plugin_call *c;
    int64_t start_us;
    int count;

    while (waits(m, i, &start_us)) {
        if (loop_is_broken(m, i, &code, why, sizeof why)) {
            if ((c = take_first(m, i)))
                loop_fail_call(m, c, code, why);
            continue;
        }
        if (give_to_resting(m, i))
            continue;
        count = 0;
        for (struct inline_thread *t = i->threads; t; t = t->next)
            count++;
        if (start_us > now)
            earliest(next, start_us);
        if (count >= loop_host_limit(m, i) || start_us > now)
            return;
        if ((c = take_first(m, i)))
            start(m, i, c);
    }
}

static void end_resting(struct plugin_manager *m, struct instance *i)
{
    struct inline_thread *t;

    pthread_mutex_lock(&m->lock);
    while ((m->stopping || i->removed) && (t = inline_take_resting(i))) {
        atomic_store(&t->ends, true);
        sem_post(&t->wake);
    }
    pthread_mutex_unlock(&m->lock);
}

void inline_time(struct plugin_manager *m, struct instance *i, int64_t now, int64_t *next)
{
    struct plugin_call *c;
    bool canceled;

    reap(m, i);
    for (struct inline_thread **at = &i->threads, *t; (t = *at);) {
        thread_time(m, t, now, next);
        if (!m->stop_until_us || now < m->stop_until_us || !leave_behind(m, at))
            at = &t->next;
    }
    while ((c = take_over(m, i, now, &canceled, next)))
        loop_fail_call(m, c, canceled ? ERR_CANCELED : ERR_PLUGIN_TIMEOUT,
                       canceled ? "canceled before it began" : "no host was free before the deadline");
    dispatch(m, i, now, next);
    end_resting(m, i);
}

void inline_stop(struct plugin_manager *m, struct instance *i)
{
    pthread_mutex_lock(&m->lock);
    for (struct inline_thread *t = i->threads; t; t = t->next)
        if (t->call)
            inline_ask_to_stop(m, t, m->stop_until_us);
    pthread_mutex_unlock(&m->lock);
}
