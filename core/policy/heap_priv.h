/* Memory of a kept Lua state: one region that is bumped through, with an image of how it was after compiling. Putting the image back undoes
 * everything an evaluation did, so nothing can stay and no garbage is ever collected (measured: half the time of malloc and collection, and
 * no slow ones). Blocks that do not fit the region come from malloc and are freed when the image is put back. One thread at a time. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define HEAP_UNIT    16
#define HEAP_CLASSES 64 /* freed blocks of up to 1 KiB are used again */

struct heap_free {
    struct heap_free *next;
};

struct heap_big { /* before each block from malloc */
    struct heap_big *prev, *next;
};

struct heap_marks {
    size_t top;
    struct heap_free *free[HEAP_CLASSES];
};

struct heap {
    char *region, *image;
    size_t size;
    struct heap_marks now, saved;
    struct heap_big *big;
};

struct heap *heap_new(size_t bytes);
void heap_free(struct heap *heap);
/* Like an allocator of Lua: bytes 0 frees; `had` is the block's size. NULL when out of memory. */
void *heap_resize(struct heap *heap, void *old, size_t had, size_t bytes);
/* Takes the image. False when blocks from malloc are in use: they could not be put back. */
bool heap_save(struct heap *heap);
void heap_restore(struct heap *heap);
