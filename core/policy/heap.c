/* A region with an image of itself (heap_priv.h). One thread at a time a heap. */
#include "base/mem.h"
#include "policy/heap_priv.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct heap *heap_new(size_t bytes)
{
    struct heap *heap = mem_zalloc(sizeof *heap);

    heap->size = bytes & ~(size_t)(HEAP_UNIT - 1);
    heap->region = mem_alloc(heap->size); /* pages are real once they are used */
    return heap;
}

static void free_big(struct heap *heap)
{
    while (heap->big) {
        struct heap_big *next = heap->big->next;

        free(heap->big);
        heap->big = next;
    }
}

void heap_free(struct heap *heap)
{
    if (!heap)
        return;
    free_big(heap);
    free(heap->image);
    free(heap->region);
    free(heap);
}

static size_t rounded(size_t bytes) { return (bytes + HEAP_UNIT - 1) & ~(size_t)(HEAP_UNIT - 1); }

static bool in_region(const struct heap *heap, const void *p)
{
    return (uintptr_t)p >= (uintptr_t)heap->region && (uintptr_t)p < (uintptr_t)heap->region + heap->size;
}

static void *alloc_big(struct heap *heap, size_t bytes)
{
    struct heap_big *block = bytes < SIZE_MAX - sizeof *block ? malloc(sizeof *block + bytes) : NULL;

    if (!block)
        return NULL;
    *block = (struct heap_big){.next = heap->big};
    if (heap->big)
        heap->big->prev = block;
    heap->big = block;
    return block + 1;
}

static void *alloc(struct heap *heap, size_t bytes)
{
    size_t need = rounded(bytes), class = need / HEAP_UNIT - 1;
    void *p;

    if (class < HEAP_CLASSES && heap->now.free[class]) {
        struct heap_free *block = heap->now.free[class];

        heap->now.free[class] = block->next;
        return block;
    }
    if (need < bytes || need > heap->size - heap->now.top)
        return alloc_big(heap, bytes);
    p = heap->region + heap->now.top;
    heap->now.top += need;
    return p;
}

static void release(struct heap *heap, void *p, size_t had)
{
    size_t need = rounded(had), class = need / HEAP_UNIT - 1;

    if (!in_region(heap, p)) {
        struct heap_big *block = (struct heap_big *)p - 1;

        if (block->prev)
            block->prev->next = block->next;
        else
            heap->big = block->next;
        if (block->next)
            block->next->prev = block->prev;
        free(block);
    } else if ((char *)p + need == heap->region + heap->now.top) {
        heap->now.top -= need;
    } else if (class < HEAP_CLASSES) {
        struct heap_free *block = p;

        block->next = heap->now.free[class];
        heap->now.free[class] = block;
    } /* a large block inside: unused until the image is put back */
}

void *heap_resize(struct heap *heap, void *old, size_t had, size_t bytes)
{
    void *p;

    if (!bytes) {
        if (old)
            release(heap, old, had);
        return NULL;
    }
    if (old && rounded(had) == rounded(bytes) && in_region(heap, old))
        return old;
    p = alloc(heap, bytes);
    if (!p || !old)
        return p;
    memcpy(p, old, had < bytes ? had : bytes);
    release(heap, old, had);
    return p;
}

bool heap_save(struct heap *heap)
{
    if (heap->big)
        return false;
    heap->saved = heap->now;
    heap->image = mem_alloc(heap->saved.top);
    memcpy(heap->image, heap->region, heap->saved.top);
    return true;
}

void heap_restore(struct heap *heap)
{
    free_big(heap);
    memcpy(heap->region, heap->image, heap->saved.top);
    heap->now = heap->saved;
}
