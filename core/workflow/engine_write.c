/* Writes of the engine that must come through: what a step has done is not to be forgotten because the database was away for a moment. A
 * failed one is kept and tried again by the dispatcher. Any thread. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "workflow/engine_priv.h"
#include <stdlib.h>

#define AGAIN_FIRST_US (50 * US_PER_MS)
#define AGAIN_MOST_US  (5 * US_PER_SEC)
#define HOPELESS_TRIES 8 /* while other writes succeed, it is this one that cannot be stored */

struct engine_write {
    struct engine_write *next;
    struct engine *engine;
    store_unit unit;
    void *ctx;
    store_done done;
    unsigned tries;
    int64_t again_us; /* monotonic */
    bool sound;       /* another write has succeeded since the first failure */
};

static int write_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct engine_write *write = ctx;

    return write->unit(tx, write->ctx, err);
}

static bool is_storage(enum err_code code) { return code == ERR_STORE || code == ERR_STORE_FULL || code == ERR_STORE_RETRY; }

static void answer(struct engine_write *write, const struct err *result)
{
    write->done(write->ctx, result);
    free(write);
}

/* Keeps the write for another try; false when it is the end of it. */
static bool keep(struct engine_write *write, const struct err *result)
{
    struct engine *engine = write->engine;
    int64_t delay = AGAIN_FIRST_US << (write->tries < 8 ? write->tries : 8);

    if (!is_storage(result->code) || (++write->tries >= HOPELESS_TRIES && write->sound))
        return false;
    if (write->tries == 1)
        log_warn("engine", "a write failed and is tried again: %s", result->msg);
    write->again_us = clock_mono_us() + (delay < AGAIN_MOST_US ? delay : AGAIN_MOST_US);
    pthread_mutex_lock(&engine->lock);
    if (engine->stopping) {
        pthread_mutex_unlock(&engine->lock);
        return false;
    }
    write->next = engine->again;
    engine->again = write;
    engine_kick(engine);
    pthread_mutex_unlock(&engine->lock);
    return true;
}

static void written(void *ctx, const struct err *result)
{
    struct engine_write *write = ctx;
    struct engine *engine = write->engine;

    if (result->code == ERR_NONE) {
        pthread_mutex_lock(&engine->lock);
        for (struct engine_write *other = engine->again; other; other = other->next)
            other->sound = true;
        pthread_mutex_unlock(&engine->lock);
    } else if (keep(write, result)) {
        return;
    }
    answer(write, result);
}

void engine_write(struct engine *engine, store_unit unit, void *ctx, store_done done)
{
    struct engine_write *write = mem_zalloc(sizeof *write);

    *write = (struct engine_write){.engine = engine, .unit = unit, .ctx = ctx, .done = done};
    store_write(engine->store, write_unit, write, written);
}

/* The first one that is due, taken off the list; NULL: none. *out_next: when the next one is. */
static struct engine_write *take_due(struct engine *engine, int64_t now, int64_t *out_next)
{
    *out_next = NEVER;
    for (struct engine_write **at = &engine->again; *at; at = &(*at)->next) {
        struct engine_write *write = *at;

        if (write->again_us <= now) {
            *at = write->next;
            return write;
        }
        if (write->again_us < *out_next)
            *out_next = write->again_us;
    }
    return NULL;
}

int64_t engine_write_again(struct engine *engine)
{
    struct engine_write *write;
    int64_t next;

    while ((write = take_due(engine, clock_mono_us(), &next))) {
        pthread_mutex_unlock(&engine->lock);
        store_write(engine->store, write_unit, write, written);
        pthread_mutex_lock(&engine->lock);
    }
    return next;
}

void engine_write_fini(struct engine *engine)
{
    struct engine_write *write;
    struct err err;

    err_set(&err, ERR_SHUTDOWN, "the engine is stopping");
    pthread_mutex_lock(&engine->lock);
    while ((write = engine->again)) {
        engine->again = write->next;
        pthread_mutex_unlock(&engine->lock);
        answer(write, &err);
        pthread_mutex_lock(&engine->lock);
    }
    pthread_mutex_unlock(&engine->lock);
}
