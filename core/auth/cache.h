/* What was found out about keys a moment ago, by the SHA-256 of the key: bounded, entries are believed for AUTH_CACHE_MS, and all are
 * forgotten when rights change. Any thread. */
#pragma once
#include "auth/role.h"
#include <pthread.h>

#define AUTH_CACHE_SETS 256
#define AUTH_CACHE_WAYS 4

struct auth_entry {
    unsigned char digest[CRYPTO_SHA256_BYTES];
    struct principal principal;
    int64_t until;      /* monotonic us; 0: free */
    int64_t touched_at; /* when last_used_at was last written, us */
};

struct auth_cache {
    pthread_mutex_t lock;
    uint64_t generation;
    struct auth_entry *entries;
};

void auth_cache_init(struct auth_cache *c);
void auth_cache_fini(struct auth_cache *c);

/* True with the principal when it is known. *out_touch: last_used_at is due to be written (and counted as written now). */
bool auth_cache_find(struct auth_cache *c, const unsigned char digest[static CRYPTO_SHA256_BYTES], struct principal *out, bool *out_touch);

/* Read before the store is asked; a result that is older than a change of rights is then not kept. */
uint64_t auth_cache_generation(struct auth_cache *c);
void auth_cache_add(struct auth_cache *c, uint64_t generation, const struct auth_entry *entry);
void auth_cache_clear(struct auth_cache *c);
