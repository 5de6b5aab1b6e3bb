/* Owns token buckets. One lock, held for a few hundred nanoseconds: a hash chain, the bucket, the list by last use. */
#include "api/limiter.h"
#include "base/clock.h"
#include "base/mem.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 64
#define NONE       UINT32_MAX

struct bucket {
    char name[NAME_BYTES];
    int64_t filled_us;     /* when `micro` was right */
    int64_t micro;         /* tokens, in millionths */
    uint32_t next;         /* in the hash chain */
    uint32_t newer, older; /* by last use */
};

struct limiter {
    pthread_mutex_t lock;
    struct bucket *buckets;
    uint32_t *chains; /* of buckets, by hash */
    unsigned cap, count, mask;
    uint32_t newest, oldest;
};

struct limiter *limiter_new(unsigned entries)
{
    struct limiter *l = mem_zalloc(sizeof *l);

    l->cap = entries;
    for (l->mask = 1; l->mask < entries; l->mask *= 2)
        ;
    l->buckets = mem_array(l->cap, sizeof *l->buckets);
    l->chains = mem_array(l->mask, sizeof *l->chains);
    for (unsigned i = 0; i < l->mask; i++)
        l->chains[i] = NONE;
    l->mask--;
    l->newest = l->oldest = NONE;
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

void limiter_free(struct limiter *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l->buckets);
    free(l->chains);
    free(l);
}

/* FNV-1a. Who fills a chain on purpose makes it as long as the table: some microseconds. */
static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; name[i] && i < NAME_BYTES - 1; i++)
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    return hash;
}

static uint32_t *chain_of(struct limiter *l, const char *name) { return &l->chains[hash_of(name) & l->mask]; }

static void list_remove(struct limiter *l, uint32_t at)
{
    struct bucket *b = &l->buckets[at];

    *(b->newer == NONE ? &l->newest : &l->buckets[b->newer].older) = b->older;
    *(b->older == NONE ? &l->oldest : &l->buckets[b->older].newer) = b->newer;
}

static void list_add(struct limiter *l, uint32_t at)
{
    struct bucket *b = &l->buckets[at];

    b->newer = NONE;
    b->older = l->newest;
    *(l->newest == NONE ? &l->oldest : &l->buckets[l->newest].newer) = at;
    l->newest = at;
}

static uint32_t forget_oldest(struct limiter *l)
{
    uint32_t at = l->oldest, *link = chain_of(l, l->buckets[at].name);

    while (*link != at)
        link = &l->buckets[*link].next;
    *link = l->buckets[at].next;
    list_remove(l, at);
    return at;
}

static struct bucket *bucket_of(struct limiter *l, const char *name, struct limiter_rate rate, int64_t now_us)
{
    uint32_t *chain = chain_of(l, name), at;

    for (at = *chain; at != NONE; at = l->buckets[at].next)
        if (strncmp(l->buckets[at].name, name, NAME_BYTES - 1) == 0) {
            list_remove(l, at);
            list_add(l, at);
            return &l->buckets[at];
        }
    at = l->count < l->cap ? l->count++ : forget_oldest(l);
    l->buckets[at] = (struct bucket){.filled_us = now_us, .micro = rate.burst * US_PER_SEC, .next = *chain};
    snprintf(l->buckets[at].name, NAME_BYTES, "%s", name);
    *chain = at;
    list_add(l, at);
    return &l->buckets[at];
}

/* Rates are below 2^20 (config_schema.c): what a bucket of any age gains does not overflow when the age is bounded first. */
static void fill(struct bucket *b, struct limiter_rate rate, int64_t now_us)
{
    int64_t full = rate.burst * US_PER_SEC, age = now_us - b->filled_us, until_full = full / rate.per_second + 1;

    if (age > 0)
        b->micro = age >= until_full ? full : b->micro + age * rate.per_second;
    b->filled_us = now_us;
    if (b->micro > full)
        b->micro = full;
}

bool limiter_take(struct limiter *l, const char *name, struct limiter_rate rate, int64_t now_us, struct limiter_state *out)
{
    struct bucket *b;
    int64_t missing;
    bool taken;

    if (rate.per_second <= 0)
        return true;
    pthread_mutex_lock(&l->lock);
    b = bucket_of(l, name, rate, now_us);
    fill(b, rate, now_us);
    taken = b->micro >= US_PER_SEC;
    b->micro -= taken ? US_PER_SEC : 0;
    missing = rate.burst * US_PER_SEC - b->micro;
    *out = (struct limiter_state){.limit = rate.burst,
                                  .remaining = b->micro / US_PER_SEC,
                                  .reset_s = (missing / rate.per_second + US_PER_SEC - 1) / US_PER_SEC,
                                  .retry_s = taken ? 0 : (US_PER_SEC - b->micro) / rate.per_second / US_PER_SEC + 1};
    pthread_mutex_unlock(&l->lock);
    return taken;
}

unsigned limiter_count(struct limiter *l)
{
    unsigned count;

    pthread_mutex_lock(&l->lock);
    count = l->count;
    pthread_mutex_unlock(&l->lock);
    return count;
}
