/* Owns the threads that serve entries with `isolation: inline`: whoever makes a call hands it to a thread that waits for one, the slot runs
 * there, and what it says and its end go to the caller's events from that thread; the loop is only needed for what time changes. What hangs
 * cannot be killed: its call is given up, and the instance is stuck until the thread comes back (ADR 19).
 *
 * Two locks, `lock` of the thread before the manager's: the first is held while the events of the running call are told and when the call
 * is given up, so that nothing is told of a call that is over; fields marked [lock] are the manager's. */
#include "plugin/inline.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include <errno.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <time.h>

/* ---- handing over ---- */

void inline_hand(struct plugin_manager *m, struct inline_thread *t, struct plugin_call *c)
{
    t->call = c;
    c->thread = t;
    handover_arm(m, c->deadline_us);
    atomic_store(&t->given, c);
    sem_post(&t->wake);
}

struct plugin_call *inline_take_waiting(struct instance *i)
{
    struct plugin_call *c = i->waiting;

    if (c && !(i->waiting = c->next))
        i->waiting_end = &i->waiting;
    if (c)
        c->next = NULL;
    return c;
}

struct inline_thread *inline_take_resting(struct instance *i)
{
    struct inline_thread *t = i->resting;

    if (t) {
        i->resting = t->resting_next;
        t->rests = false;
    }
    return t;
}

void inline_give(struct plugin_manager *m, struct plugin_call *c)
{
    struct instance *i = c->instance;

    if (i->resting && !i->waiting && i->circuit.state == BREAKER_CLOSED) {
        inline_hand(m, inline_take_resting(i), c);
        return;
    }
    *i->waiting_end = c;
    i->waiting_end = &c->next;
    manager_wake(m);
}

void inline_rest(struct plugin_manager *m, struct plugin_call *c)
{
    struct inline_thread *t;
    struct instance *i = c->instance;

    pthread_mutex_lock(&m->lock);
    t = c->thread;
    c->thread = NULL;
    if (t && (m->stopping || (i->removed && !i->waiting))) {
        atomic_store(&t->ends, true);
    } else if (t && i->waiting && i->circuit.state == BREAKER_CLOSED && i->state != PLUGIN_STUCK && i->state != PLUGIN_REFUSED) {
        inline_hand(m, t, inline_take_waiting(i));
    } else if (t) {
        t->resting_next = i->resting;
        i->resting = t;
        t->rests = true;
        if (i->waiting)
            manager_wake(m); /* somebody has to tell them why they wait */
    }
    pthread_mutex_unlock(&m->lock);
}

/* ---- stopping a call ---- */

void inline_ask_to_stop(struct plugin_manager *m, struct inline_thread *t, int64_t until_us)
{
    t->call->grace_us = until_us;
    t->asked = true;
    atomic_store(&t->flag, 1);
    eventfd_write(t->cancel, 1);
    handover_arm(m, until_us);
}

void inline_cancel(struct plugin_manager *m, struct plugin_call *c)
{
    if (c->thread && c->thread->call == c && c->grace_us == 0) /* else it has not begun, or its slot has returned */
        inline_ask_to_stop(m, c->thread, clock_mono_us() + m->options.grace_ms * US_PER_MS);
}

void inline_checkpointed(struct plugin_call *c)
{
    if (c->thread)
        sem_post(&c->thread->wake);
}

/* ---- what a call says: on its thread ---- */

static struct inline_thread *thread_of(struct inno_call *call)
{
    return (struct inline_thread *)((char *)call - offsetof(struct inline_thread, call_of_host));
}

static bool is_heard(const struct inline_thread *t) { return t->m && !t->given_up && t->broken.code == ERR_NONE; } /* t->lock held */

static void take(struct inno_call *call, json_t *frame)
{
    struct inline_thread *t = thread_of(call);

    if (str_eq(json_str(frame, "t"), "done")) {
        json_decref(t->done);
        t->done = frame;
        return;
    }
    pthread_mutex_lock(&t->lock);
    if (is_heard(t) && answers_take(t->m, t->serving, t->turn, frame, &t->broken) > 0)
        err_set(&t->broken, ERR_PLUGIN_PROTOCOL, "said something that is no text");
    pthread_mutex_unlock(&t->lock);
    json_decref(frame);
}

static bool wait_durable(struct inno_call *call)
{
    struct inline_thread *t = thread_of(call);
    struct plugin_call *c = t->serving;
    int word = 0;

    while (word == 0) {
        pthread_mutex_lock(&t->lock);
        if (is_heard(t)) {
            pthread_mutex_lock(&t->m->lock);
            word = c->checkpoint;
            c->checkpoint = 0;
            c->waits_checkpoint = word == 0;
            pthread_mutex_unlock(&t->m->lock);
        } else {
            word = -1;
        }
        pthread_mutex_unlock(&t->lock);
        if (word == 0)
            while (sem_wait(&t->wake) < 0)
                continue;
    }
    return word > 0;
}

static const struct call_server server = {take, wait_durable};

/* ---- the ends of a call: on its thread ---- */

/* True: the call is this thread's alone from here on, and `serves_on` says whether more may follow it. False: it was given up. */
static bool claim(struct inline_thread *t, bool serves_on)
{
    eventfd_t ignored;
    bool mine;

    pthread_mutex_lock(&t->lock);
    mine = t->m && !t->given_up;
    t->in_plugin = false;
    if (mine) {
        pthread_mutex_lock(&t->m->lock);
        t->call = NULL;
        if (!serves_on)
            t->serving->thread = NULL;
        if (t->asked) {
            atomic_store(&t->flag, 0);
            eventfd_read(t->cancel, &ignored);
            t->asked = false;
        }
        pthread_mutex_unlock(&t->m->lock);
    }
    pthread_mutex_unlock(&t->lock);
    return mine;
}

/* Ends the call with `err`; the thread is not used again. */
static bool fail(struct inline_thread *t, const struct err *err)
{
    if (claim(t, false))
        call_finish(t->m, t->serving, PLUGIN_DONE_FAILED, 0, err, NULL);
    return false;
}

/* The plugin has broken the contract: what would be the end of its process is the end of what it opened. */
static bool fail_broken(struct inline_thread *t)
{
    if (!claim(t, false))
        return false;
    err_wrap(&t->broken, "%s", t->instance->name);
    host_count_crash(t->m, t->instance, t->serving->id, t->broken.msg);
    call_finish(t->m, t->serving, PLUGIN_DONE_FAILED, 0, &t->broken, NULL);
    return false;
}

static bool is_stopping(struct plugin_manager *m)
{
    bool stopping;

    pthread_mutex_lock(&m->lock);
    stopping = m->stopping;
    pthread_mutex_unlock(&m->lock);
    return stopping;
}

static bool finish(struct inline_thread *t)
{
    int64_t rc = json_int(t->done, "rc", INNO_FAILED);
    struct err err = {0};

    if (t->broken.code == ERR_NONE)
        answers_breach(t->done, &t->broken);
    if (t->broken.code != ERR_NONE)
        return fail_broken(t);
    if (!claim(t, true))
        return false;
    if (rc < 0 && is_stopping(t->m)) { /* it was asked to stop for that */
        err_set(&err, ERR_SHUTDOWN, "%s: the server is stopping", t->instance->name);
        call_finish(t->m, t->serving, PLUGIN_DONE_FAILED, 0, &err, NULL);
    } else {
        answers_verdict(t->m, t->serving, rc, t->done);
    }
    return true;
}

/* ---- serving: on the thread ---- */

/* What is needed of a call while it may be given up. */
struct job {
    enum plugin_operation operation;
    const json_t *frame;
    struct arena *arena; /* of the frame */
};

/* False: its call is given up already. */
static bool begin(struct inline_thread *t, struct plugin_call *c, struct job *out)
{
    bool mine;

    pthread_mutex_lock(&t->lock);
    mine = is_heard(t);
    t->in_plugin = mine;
    if (mine) {
        t->serving = c;
        *out = (struct job){c->operation, c->values, c->arena};
        c->values = NULL;
        c->arena = NULL;
    }
    pthread_mutex_unlock(&t->lock);
    return mine;
}

static void run_slot(struct inline_thread *t, enum answers_turn turn, const json_t *frame)
{
    t->turn = turn;
    call_serve(&t->call_of_host, &t->loaded.table, &t->self, frame);
}

static bool opened(struct inline_thread *t, struct err *err)
{
    bool good = false;

    if (t->broken.code == ERR_NONE)
        answers_breach(t->done, &t->broken);
    pthread_mutex_lock(&t->lock);
    if (is_heard(t))
        good = answers_opened(t->m, t->instance, t->serving, json_int(t->done, "rc", INNO_FAILED), json_object_get(t->done, "fail"), err);
    pthread_mutex_unlock(&t->lock);
    return good;
}

/* Loads the plugin and runs its `open`. False: the call has failed with why. */
static bool open_plugin(struct inline_thread *t)
{
    CLEANUP(json_put) json_t *frame = NULL;
    struct err err = {0}, why = {0};

    if (load_plugin(t->plugin, t->manifest, &t->loaded, &err) < 0) {
        if (claim(t, false)) {
            answers_refused(t->m, t->instance, err.msg, &why);
            call_finish(t->m, t->serving, PLUGIN_DONE_FAILED, 0, &why, NULL);
        }
        return false;
    }
    frame = json_pack("{s:s,s:I,s:s,s:I}", "t", "call", "id", (json_int_t)0, "op", "open", "deadline_ms", (json_int_t)t->timeout_ms);
    if (t->config)
        json_object_set(frame, "config", t->config);
    run_slot(t, ANSWERS_OPEN, frame);
    if (opened(t, &err))
        return true;
    return t->broken.code != ERR_NONE ? fail_broken(t) : fail(t, &err);
}

/* False: the thread ends after it. */
static bool serve(struct inline_thread *t, struct plugin_call *c)
{
    struct job job;
    bool serves_on;

    if (!begin(t, c, &job))
        return false;
    if (!t->loaded.library && !open_plugin(t)) {
        serves_on = false;
    } else if (job.operation == PLUGIN_OPEN) { /* nothing more was wanted */
        serves_on = claim(t, true);
        if (serves_on) {
            circuit_tell_code(t->m, c, NULL);
            call_finish(t->m, c, PLUGIN_DONE_OK, 0, NULL, NULL);
        }
    } else {
        run_slot(t, ANSWERS_CALL, job.frame);
        serves_on = finish(t);
    }
    arena_wipe(job.arena); /* params may hold opened secrets */
    arena_free(job.arena);
    return serves_on;
}

static bool has_word(void *ctx)
{
    struct inline_thread *t = ctx;

    return atomic_load(&t->given) || atomic_load(&t->ends);
}

/* True: nobody gives it a call any more. */
static bool stop_resting(struct inline_thread *t)
{
    struct inline_thread **at = &t->instance->resting;
    bool rested;

    pthread_mutex_lock(&t->m->lock);
    rested = t->rests;
    while (rested && *at != t)
        at = &(*at)->resting_next;
    if (rested)
        *at = t->resting_next;
    t->rests = false;
    pthread_mutex_unlock(&t->m->lock);
    return rested;
}

/* NULL: it ends. */
static struct plugin_call *next_call(struct inline_thread *t)
{
    int64_t idle_ms = t->m->options.idle_ms > 0 ? t->m->options.idle_ms : 60000, until_us;
    struct plugin_call *c;
    struct timespec until;

    spin_wait(&t->spin, has_word, t);
    until_us = clock_mono_us() + idle_ms * US_PER_MS;
    until = (struct timespec){.tv_sec = until_us / US_PER_SEC, .tv_nsec = until_us % US_PER_SEC * 1000};
    while (!(c = atomic_exchange(&t->given, NULL)) && !atomic_load(&t->ends))
        if (sem_clockwait(&t->wake, CLOCK_MONOTONIC, &until) < 0 && errno == ETIMEDOUT && stop_resting(t))
            break;
    spin_end(&t->spin);
    return c;
}

/* False: it was left behind. */
static bool close_plugin(struct inline_thread *t)
{
    bool listed;

    pthread_mutex_lock(&t->lock);
    listed = t->m != NULL;
    if (listed) {
        pthread_mutex_lock(&t->m->lock);
        t->close_by_us = clock_mono_us() + t->m->options.grace_ms * US_PER_MS;
        handover_arm(t->m, t->close_by_us);
        pthread_mutex_unlock(&t->m->lock);
        t->in_plugin = true;
    }
    pthread_mutex_unlock(&t->lock);
    if (listed && t->loaded.library) {
        if (t->loaded.table.close)
            t->loaded.table.close(t->self);
        unload_plugin(&t->loaded);
    }
    pthread_mutex_lock(&t->lock);
    listed = t->m != NULL;
    t->in_plugin = false;
    pthread_mutex_unlock(&t->lock);
    return listed;
}

void *inline_run(void *ctx)
{
    struct inline_thread *t = ctx;
    struct plugin_manager *m;
    struct plugin_call *c;

    t->call_of_host.thread = pthread_self();
    t->call_of_host.server = &server;
    while ((c = next_call(t)) && serve(t, c))
        continue;
    if (!close_plugin(t)) {
        inline_free(t);
        return NULL;
    }
    m = t->m;
    pthread_mutex_lock(&m->lock);
    t->ended = true;
    manager_wake(m);
    pthread_mutex_unlock(&m->lock);
    return NULL;
}
