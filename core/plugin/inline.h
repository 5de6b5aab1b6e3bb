/* Inside core/plugin: a thread of the server that serves an entry with `isolation: inline`. inline.c is what runs on it and what hands
 * calls to it; inline_loop.c is what the plugin loop does with it. */
#pragma once
#include "plugin/host/host.h"
#include "plugin/plugin_priv.h"
#include <semaphore.h>

struct inline_thread {
    struct inline_thread *next; /* the loop's: in instance.threads */
    bool stuck;                 /* the loop's: its instance was told to be */
    struct instance *instance;
    pthread_t id;
    sem_t wake; /* a call was given, a checkpoint stored, or it has to end; look which */
    _Atomic(struct plugin_call *) given;
    _Atomic bool ends;
    _Atomic int flag; /* 1 asks the call to stop, as the descriptor `cancel` does */

    /* constant, and its own: they stay however long it hangs */
    int plugin, cancel;
    int64_t timeout_ms;
    char *data_dir, *work_root;
    json_t *manifest, *grant, *config;
    struct sandbox box;

    /* [lock] of the manager */
    struct inline_thread *resting_next;
    bool rests;               /* in instance.resting */
    struct plugin_call *call; /* that it has been given and has not finished. NULL: none, or it was given up */
    bool asked;               /* to stop: flag and descriptor are up */
    int64_t close_by_us;      /* it is in the plugin's `close`; 0: not yet */
    bool ended;               /* it touches nothing any more and waits to be joined */

    /* its own lock, taken before the manager's */
    pthread_mutex_t lock;
    struct plugin_manager *m; /* NULL: left behind, and detached */
    bool given_up;            /* it serves nobody any more, and comes back some day */
    bool in_plugin;           /* it may hang: it looks at `m` before it goes on */
    struct plugin_call *serving;

    /* the thread's */
    struct spin spin;
    struct loaded loaded;
    void *self;
    struct inno_call call_of_host;
    enum answers_turn turn;
    json_t *done;
    struct err broken; /* by what it said; code 0: not */
};

/* ---- inline.c ---- */
void *inline_run(void *thread);
/* Lock of the manager held. */
void inline_hand(struct plugin_manager *m, struct inline_thread *t, struct plugin_call *c);
struct plugin_call *inline_take_waiting(struct instance *i);   /* NULL: none */
struct inline_thread *inline_take_resting(struct instance *i); /* NULL: none */
/* Its call is given up at `until_us`. */
void inline_ask_to_stop(struct plugin_manager *m, struct inline_thread *t, int64_t until_us);

/* ---- inline_loop.c ---- */
void inline_free(struct inline_thread *t);
