/* The prepared statements of one connection. Statement texts are string literals, so the key is the pointer; the text is compared too,
 * because a caller's buffer may hold another statement the next time. Belongs to the connection's thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define STMT_CACHE_BUCKETS 256
#define STMT_CACHE_MAX     512

struct cached_stmt {
    struct cached_stmt *next;
    const char *sql; /* the caller's pointer, compared only */
    char *text;
    void *prepared; /* the driver's */
    bool busy;      /* its rows are open: must not be dropped or run a second time */
};

struct stmt_cache {
    struct cached_stmt *buckets[STMT_CACHE_BUCKETS];
    size_t count;
    void (*drop)(void *owner, void *prepared);
    void *owner;
};

struct cached_stmt *stmt_cache_find(struct stmt_cache *cache, const char *sql); /* NULL if not there */
/* Takes over `prepared`. When the cache is full, everything that is not busy is dropped first. */
struct cached_stmt *stmt_cache_add(struct stmt_cache *cache, const char *sql, void *prepared);
void stmt_cache_remove(struct stmt_cache *cache, struct cached_stmt *stmt);
void stmt_cache_fini(struct stmt_cache *cache);
