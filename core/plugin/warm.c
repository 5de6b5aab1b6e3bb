/* Owns the start of a new version beside the one in force, before a reload puts it in its place. Called by whoever reloads; waits for the
 * plugin loop. */
#include "base/limits.h"
#include "plugin/plugin_priv.h"

#define WARM_MS 30000 /* for its process to start, load the plugin and run `open` */

struct warming {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool done;
    struct err err; /* code 0: it is ready */
};

static void on_done(void *ctx, const struct plugin_result *result)
{
    struct warming *w = ctx;

    pthread_mutex_lock(&w->lock);
    if (result->outcome == PLUGIN_DONE_FAILED)
        w->err = result->err;
    w->done = true;
    pthread_cond_signal(&w->ended);
    pthread_mutex_unlock(&w->lock);
}

/* From here on the loop looks after its processes. */
static int hand_over(struct plugin_manager *m, struct instance *i, struct plugin_call *c, struct err *err)
{
    bool stopping;

    pthread_mutex_lock(&m->lock);
    stopping = m->stopping;
    if (!stopping) {
        if (!i->beside) {
            i->beside = m;
            i->next = m->beside;
            m->beside = i;
        }
        i->pending++;
        manager_hand_over(m, c);
    }
    pthread_mutex_unlock(&m->lock);
    if (stopping)
        return err_set(err, ERR_SHUTDOWN, "the server is stopping");
    return 0;
}

int plugin_warm(struct plugin_manager *m, struct instance *prepared, struct err *err)
{
    struct warming w = {.lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};
    struct plugin_request request = {.operation = PLUGIN_OPEN, .deadline_ms = WARM_MS, .events.done = on_done, .ctx = &w};
    struct plugin_call *c;
    int64_t id;

    pthread_mutex_lock(&m->lock);
    id = m->next_call_id++;
    pthread_mutex_unlock(&m->lock);
    c = call_make(prepared, &request, id, err);
    if (!c)
        return -1;
    if (hand_over(m, prepared, c, err) < 0) {
        call_free(c);
        return -1;
    }
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.ended, &w.lock);
    pthread_mutex_unlock(&w.lock);
    if (w.err.code != ERR_NONE)
        *err = w.err;
    return w.err.code != ERR_NONE ? -1 : 0;
}
