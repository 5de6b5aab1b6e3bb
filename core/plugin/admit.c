/* Owns the way of a call into the manager, and what is asked of it while it runs. Any thread. */
#include "base/clock.h"
#include "base/str.h"
#include "plugin/plugin_priv.h"
#include <string.h>

#define MAX_PENDING 10000 /* calls of one instance that are not done */

/* Finds a usable instance and pins it by its count of pending calls. */
static struct instance *pin(struct plugin_manager *m, const char *name, struct err *err) /* lock held */
{
    struct instance *i = manager_find(m, name);

    if (m->stopping)
        err_set(err, ERR_SHUTDOWN, "the server is stopping");
    else if (!i)
        err_set(err, ERR_NO_PROVISIONER, "no plugin instance \"%s\"", name);
    else if (i->state == PLUGIN_REFUSED)
        err_set(err, ERR_PLUGIN_REFUSED, "plugin %s was refused: %s", name, i->reason);
    else if (i->state == PLUGIN_STUCK)
        err_set(err, ERR_PLUGIN_TIMEOUT, "plugin %s is stuck: %s", name, i->reason);
    else if (i->pending >= MAX_PENDING)
        err_set(err, ERR_QUEUE_FULL, "plugin %s has %d calls waiting", name, i->pending);
    else {
        i->pending++;
        return i;
    }
    return NULL;
}

/* The call that was to decide cannot begin: the next one may. */
static void let_another_decide(struct plugin_manager *m, const char *name, int64_t id) /* lock held */
{
    struct instance *i = manager_find(m, name);

    if (i)
        breaker_tell(&i->circuit, &m->limits, id, BREAKER_NOTHING, clock_mono_us());
}

/* The same, and the circuit is asked, unless it was for this call. An instance whose circuit is due is asked how it is by its `health`
 * slot, where it has one; whoever came first comes again. */
static struct instance *admit(struct plugin_manager *m, const struct plugin_request *request, int64_t *in_out_id, bool *out_probe,
                              struct err *err)
{
    struct instance *i;
    bool ask_health = false;
    int64_t id;

    *out_probe = *in_out_id != 0;
    pthread_mutex_lock(&m->lock);
    id = *in_out_id ? *in_out_id : m->next_call_id++;
    i = pin(m, request->instance, err);
    if (!i && *in_out_id)
        let_another_decide(m, request->instance, id);
    if (i && !*in_out_id && circuit_ask(i, id, request->operation == PLUGIN_HEALTH, out_probe, &ask_health, err) < 0) {
        i->pending--;
        i = NULL;
    }
    pthread_mutex_unlock(&m->lock);
    if (ask_health)
        health_start(m, request->instance, id);
    *in_out_id = id;
    return i;
}

/* What could not be begun after all; lock not held. */
static int withdraw(struct plugin_manager *m, struct instance *i, struct plugin_call *c, int64_t id, bool probe, struct err *err)
{
    if (c) {
        call_free(c);
        err_set(err, ERR_SHUTDOWN, "the server is stopping");
    }
    if (probe)
        circuit_tell(m, i, id, BREAKER_NOTHING, NULL);
    pthread_mutex_lock(&m->lock);
    i->pending--;
    pthread_mutex_unlock(&m->lock);
    manager_wake(m);
    return -1;
}

void manager_hand_over(struct plugin_manager *m, struct plugin_call *c)
{
    c->all_next = m->calls;
    m->calls = c;
    if (c->instance->is_inline) {
        inline_give(m, c);
    } else if (!handover_give(m, c)) {
        *m->inbox_end = c;
        m->inbox_end = &c->next;
        manager_wake(m);
    }
}

int plugin_call_start(struct plugin_manager *m, const struct plugin_request *request, struct plugin_call **out, struct err *err)
{
    return manager_start_call(m, request, 0, out, err);
}

int manager_start_call(struct plugin_manager *m, const struct plugin_request *request, int64_t id, struct plugin_call **out,
                       struct err *err)
{
    struct instance *i;
    struct plugin_call *c;
    bool probe;

    i = admit(m, request, &id, &probe, err);
    if (!i)
        return -1;
    c = call_make(i, request, id, err); /* not under the lock: it writes the whole frame */
    if (c)
        c->probe = probe;
    pthread_mutex_lock(&m->lock);
    if (!c || m->stopping) {
        pthread_mutex_unlock(&m->lock);
        return withdraw(m, i, c, id, probe, err);
    }
    if (out)
        *out = c;
    manager_hand_over(m, c);
    pthread_mutex_unlock(&m->lock);
    return 0;
}

static struct plugin_call *known(struct plugin_manager *m, const struct plugin_call *call) /* lock held */
{
    struct plugin_call *c = m->calls;

    while (c && c != call)
        c = c->all_next;
    return c;
}

void plugin_cancel(struct plugin_manager *m, struct plugin_call *call)
{
    struct plugin_call *c;

    pthread_mutex_lock(&m->lock);
    if ((c = known(m, call)))
        c->cancel_wanted = m->attention = true;
    if (c && c->instance->is_inline)
        inline_cancel(m, c);
    pthread_mutex_unlock(&m->lock);
    manager_wake(m);
}

void plugin_checkpointed(struct plugin_manager *m, struct plugin_call *call, bool durable)
{
    struct plugin_call *c;

    pthread_mutex_lock(&m->lock);
    if ((c = known(m, call))) {
        c->checkpoint = durable ? 1 : -1;
        m->attention = true;
        if (c->instance->is_inline)
            inline_checkpointed(c);
    }
    pthread_mutex_unlock(&m->lock);
    manager_wake(m);
}
