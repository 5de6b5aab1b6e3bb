/* Owns where JSON values live: on the heap or in the arena of a unit of work. Only programs that call json_use_arena link this file; a
 * plugin host does not. Any thread; each has its own arena in use. */
#include "base/mem.h"
#include "codec/json.h"
#include "codec/json_priv.h"
#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

static _Thread_local struct arena *values_in;

/* A piece may be given back while another arena is in use, or on another thread, so its address says where it is from: malloc aligns to 16,
 * what lies in an arena is 8 off. Nothing stands in front of a piece of the heap, because plugins that run inside the server share jansson
 * with us and give its texts to free(). */
#define OFF_HEAP 8u
static_assert(alignof(max_align_t) >= 2 * OFF_HEAP, "addresses of malloc and of arenas can be told apart");
static_assert(alignof(json_int_t) <= OFF_HEAP && alignof(double) <= OFF_HEAP && alignof(void *) <= OFF_HEAP, "values fit there");

static void *value_alloc(size_t bytes)
{
    if (!values_in)
        return mem_alloc(bytes ? bytes : 1);
    if (bytes > SIZE_MAX - OFF_HEAP)
        mem_die(bytes);
    return (char *)arena_take(values_in, bytes + OFF_HEAP) + OFF_HEAP;
}

static void value_free(void *memory)
{
    if (((uintptr_t)memory & OFF_HEAP) == 0)
        free(memory);
}

__attribute__((constructor(JSON_MEMORY_LAST))) static void give_memory(void) { json_set_alloc_funcs(value_alloc, value_free); }

struct arena *json_use_arena(struct arena *arena)
{
    struct arena *before = values_in;

    values_in = arena;
    return before;
}
