/* Owns the blocks of arenas: a list of chunks that double up to 256 KiB. Any thread, one at a time an arena. */
#include "base/arena.h"
#include "base/mem.h"
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK 4000u
#define MAX_BLOCK   (256u << 10)

struct arena_block {
    struct arena_block *next;
    size_t used, cap;
    alignas(max_align_t) unsigned char bytes[];
};

static struct arena_block *add_block(struct arena *a, size_t need)
{
    size_t cap = a->head ? a->head->cap * 2 : FIRST_BLOCK;
    struct arena_block *block;

    if (cap > MAX_BLOCK)
        cap = MAX_BLOCK;
    if (cap < need)
        cap = need;
    block = mem_alloc(sizeof *block + cap);
    block->used = 0;
    block->cap = cap;
    block->next = a->head;
    a->head = block;
    return block;
}

void *arena_take(struct arena *a, size_t bytes)
{
    size_t align = alignof(max_align_t);
    struct arena_block *block = a->head;
    void *at;

    if (bytes > SIZE_MAX / 2)
        mem_die(bytes);
    bytes = (bytes + align - 1) / align * align;
    if (!block || block->cap - block->used < bytes)
        block = add_block(a, bytes);
    at = block->bytes + block->used;
    block->used += bytes;
    return at;
}

void *arena_alloc(struct arena *a, size_t bytes) { return memset(arena_take(a, bytes), 0, bytes); }

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        mem_die(SIZE_MAX);
    return arena_alloc(a, bytes);
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
    char *copy = arena_take(a, len + 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *arena_strdup(struct arena *a, const char *text) { return text ? arena_strndup(a, text, strlen(text)) : NULL; }

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    char *text;
    int len;

    va_copy(again, ap);
    len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (len < 0)
        return arena_strdup(a, "");
    text = arena_take(a, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, ap);
    return text;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return text;
}

void arena_fini(struct arena *a)
{
    while (a->head) {
        struct arena_block *next = a->head->next;

        free(a->head);
        a->head = next;
    }
}

void arena_wipe(struct arena *a)
{
    for (struct arena_block *block = a->head; block; block = block->next)
        explicit_bzero(block->bytes, block->used);
}

void arena_join(struct arena *a, struct arena *other)
{
    struct arena_block **end = &a->head;

    while (*end)
        end = &(*end)->next;
    *end = other->head;
    other->head = NULL;
}

struct arena *arena_new(void) { return mem_zalloc(sizeof(struct arena)); }

void arena_free(struct arena *a)
{
    if (a)
        arena_fini(a);
    free(a);
}
