/* Owns the cache of checked keys: sets of four, chosen by the digest's own bits. One lock, held for a few hundred nanoseconds. */
#include "auth/cache.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

void auth_cache_init(struct auth_cache *c)
{
    *c = (struct auth_cache){.entries = mem_array(AUTH_CACHE_SETS * AUTH_CACHE_WAYS, sizeof *c->entries)};
    pthread_mutex_init(&c->lock, NULL);
}

void auth_cache_fini(struct auth_cache *c)
{
    pthread_mutex_destroy(&c->lock);
    free(c->entries);
}

static struct auth_entry *set_of(struct auth_cache *c, const unsigned char *digest)
{
    return c->entries + (size_t)digest[0] * AUTH_CACHE_WAYS;
}

bool auth_cache_find(struct auth_cache *c, const unsigned char digest[static CRYPTO_SHA256_BYTES], struct principal *out, bool *out_touch)
{
    int64_t mono = clock_mono_us(), now = clock_now_us();
    bool found = false;

    pthread_mutex_lock(&c->lock);
    for (struct auth_entry *e = set_of(c, digest), *end = e + AUTH_CACHE_WAYS; e < end && !found; e++) {
        if (e->until <= mono || !crypto_equal(e->digest, digest, CRYPTO_SHA256_BYTES) ||
            (e->principal.expires_at && e->principal.expires_at <= now))
            continue;
        found = true;
        *out = e->principal;
        *out_touch = now - e->touched_at >= AUTH_TOUCH_MS * US_PER_MS;
        if (*out_touch)
            e->touched_at = now;
    }
    pthread_mutex_unlock(&c->lock);
    return found;
}

uint64_t auth_cache_generation(struct auth_cache *c)
{
    uint64_t generation;

    pthread_mutex_lock(&c->lock);
    generation = c->generation;
    pthread_mutex_unlock(&c->lock);
    return generation;
}

void auth_cache_add(struct auth_cache *c, uint64_t generation, const struct auth_entry *entry)
{
    pthread_mutex_lock(&c->lock);
    if (c->generation == generation) {
        struct auth_entry *place = set_of(c, entry->digest), *oldest = place;

        for (struct auth_entry *e = place; e < place + AUTH_CACHE_WAYS; e++) {
            if (crypto_equal(e->digest, entry->digest, CRYPTO_SHA256_BYTES)) {
                oldest = e;
                break;
            }
            if (e->until < oldest->until)
                oldest = e;
        }
        *oldest = *entry;
        oldest->until = clock_mono_us() + AUTH_CACHE_MS * US_PER_MS;
    }
    pthread_mutex_unlock(&c->lock);
}

void auth_cache_clear(struct auth_cache *c)
{
    pthread_mutex_lock(&c->lock);
    c->generation++;
    memset(c->entries, 0, AUTH_CACHE_SETS * AUTH_CACHE_WAYS * sizeof *c->entries);
    pthread_mutex_unlock(&c->lock);
}
