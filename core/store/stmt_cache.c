/* Owns the cache of prepared statements (stmt_cache.h). Called by the thread that has the connection. */
#include "store/stmt_cache.h"
#include "base/mem.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct cached_stmt **bucket_of(struct stmt_cache *cache, const char *sql)
{
    uintptr_t key = (uintptr_t)sql;

    return &cache->buckets[(key ^ (key >> 8) ^ (key >> 16)) % STMT_CACHE_BUCKETS];
}

struct cached_stmt *stmt_cache_find(struct stmt_cache *cache, const char *sql)
{
    struct cached_stmt *stmt = *bucket_of(cache, sql);

    while (stmt && (stmt->sql != sql || strcmp(stmt->text, sql) != 0))
        stmt = stmt->next;
    return stmt;
}

static void drop(struct stmt_cache *cache, struct cached_stmt **at)
{
    struct cached_stmt *stmt = *at;

    *at = stmt->next;
    cache->drop(cache->owner, stmt->prepared);
    cache->count--;
    free(stmt->text);
    free(stmt);
}

static void drop_all(struct stmt_cache *cache, bool busy_too)
{
    for (size_t i = 0; i < STMT_CACHE_BUCKETS; i++) {
        struct cached_stmt **at = &cache->buckets[i];

        while (*at)
            if ((*at)->busy && !busy_too)
                at = &(*at)->next;
            else
                drop(cache, at);
    }
}

struct cached_stmt *stmt_cache_add(struct stmt_cache *cache, const char *sql, void *prepared)
{
    struct cached_stmt *stmt = mem_zalloc(sizeof *stmt);
    struct cached_stmt **bucket = bucket_of(cache, sql);

    if (cache->count >= STMT_CACHE_MAX)
        drop_all(cache, false);
    *stmt = (struct cached_stmt){.next = *bucket, .sql = sql, .text = mem_strdup(sql), .prepared = prepared};
    *bucket = stmt;
    cache->count++;
    return stmt;
}

void stmt_cache_remove(struct stmt_cache *cache, struct cached_stmt *stmt)
{
    struct cached_stmt **at = bucket_of(cache, stmt->sql);

    while (*at && *at != stmt)
        at = &(*at)->next;
    if (*at)
        drop(cache, at);
}

void stmt_cache_fini(struct stmt_cache *cache) { drop_all(cache, true); }
