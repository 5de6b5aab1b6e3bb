/* Owns the channels: who listens, and waking them after a commit. Listeners run on the store's threads, without its mutex. */
#include "base/mem.h"
#include "store/store_priv.h"
#include "store/watch.h"
#include <assert.h>
#include <string.h>

/* The bit of a channel, made at its first use; 0 when there are too many. With the mutex held. */
static unsigned channel_bit(struct store *s, const char *name)
{
    struct channel *channel;

    for (channel = s->channels; channel; channel = channel->next)
        if (strcmp(channel->name, name) == 0)
            return channel->bit;
    if (s->channel_count >= LIMIT_STORE_CHANNELS || strlen(name) >= sizeof channel->name)
        return 0;
    channel = mem_zalloc(sizeof *channel);
    channel->bit = 1u << s->channel_count++;
    channel->next = s->channels;
    memcpy(channel->name, name, strlen(name) + 1);
    s->channels = channel;
    return channel->bit;
}

void store_listen(struct store *s, const char *name, void (*woken)(void *ctx), void *ctx)
{
    struct channel *channel = mem_zalloc(sizeof *channel);

    pthread_mutex_lock(&s->mutex);
    channel->bit = channel_bit(s, name);
    assert(channel->bit != 0);
    memcpy(channel->name, name, strlen(name) + 1);
    channel->woken = woken;
    channel->ctx = ctx;
    channel->next = s->channels;
    s->channels = channel;
    pthread_mutex_unlock(&s->mutex);
    if (s->watch)
        watch_listen(s->watch, name);
}

int store_notify(struct store_tx *tx, const char *channel, struct err *err)
{
    struct store *s = tx->store;
    unsigned bit;

    if (tx->read_only)
        return err_set(err, ERR_INTERNAL, "a reading unit cannot notify %s", channel);
    pthread_mutex_lock(&s->mutex);
    bit = channel_bit(s, channel);
    pthread_mutex_unlock(&s->mutex);
    if (!bit)
        return err_set(err, ERR_INTERNAL, "channel %s: more than %d channels, or its name is too long", channel, LIMIT_STORE_CHANNELS);
    tx->channels |= bit;
    return 0;
}

void notify_wake(struct store *s, unsigned channels)
{
    struct channel *channel;

    pthread_mutex_lock(&s->mutex);
    channel = s->channels;
    pthread_mutex_unlock(&s->mutex);
    for (; channel; channel = channel->next)
        if (channel->woken && channel->bit & channels)
            channel->woken(channel->ctx);
}

void notify_committed(struct store *s, unsigned channels)
{
    notify_wake(s, channels);
    if (s->watch)
        watch_notify(s->watch, channels);
}
