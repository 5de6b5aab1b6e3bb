/* Owns where JSON values live: on the heap or in the arena of a unit of work. Only programs that call json_use_arena link this file; a
 * plugin host does not, for plugins share jansson with us and give its texts to free(). Any thread; each has its own arena in use. */
#include "base/mem.h"
#include "codec/json.h"
#include "codec/json_priv.h"
#include <stdlib.h>

/* Stands in front of each piece, because it may be given back while another arena is in use, or on another thread. */
enum source { FROM_HEAP, FROM_ARENA };

static _Thread_local struct arena *values_in;

static void *value_alloc(size_t bytes)
{
    size_t whole = bytes + sizeof(size_t), *piece;

    if (whole < bytes)
        mem_die(bytes);
    piece = values_in ? arena_take(values_in, whole) : mem_alloc(whole);
    *piece = values_in ? FROM_ARENA : FROM_HEAP;
    return piece + 1;
}

static void value_free(void *memory)
{
    size_t *piece = memory;

    if (piece && piece[-1] == FROM_HEAP)
        free(piece - 1);
}

__attribute__((constructor(JSON_MEMORY_LAST))) static void give_memory(void) { json_set_alloc_funcs(value_alloc, value_free); }

struct arena *json_use_arena(struct arena *arena)
{
    struct arena *before = values_in;

    values_in = arena;
    return before;
}
