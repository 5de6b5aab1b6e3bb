/* Memory for one unit of work (request, step, evaluation, parse): allocated piece by piece, freed at once.
 * Thread: one arena belongs to one thread at a time. Allocation never returns NULL: when the system is out of memory the process aborts
 * (the kernel overcommits; a half-working server is worse than a restart, which loses nothing). */
#pragma once
#include <stdarg.h>
#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *head;
};

void arena_fini(struct arena *a);                              /* frees everything; `a` may be used again */
void *arena_alloc(struct arena *a, size_t bytes);              /* zeroed, aligned for any type */
void *arena_take(struct arena *a, size_t bytes);               /* the same, not zeroed */
void *arena_array(struct arena *a, size_t count, size_t size); /* zeroed, overflow-checked */
char *arena_strdup(struct arena *a, const char *text);         /* NULL stays NULL */
char *arena_strndup(struct arena *a, const char *text, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

void arena_wipe(struct arena *a);                      /* overwrites what it holds, which may have been secret */
void arena_join(struct arena *a, struct arena *other); /* what `other` holds goes with `a` from now on; `other` is empty */

/* An arena with a lifetime of its own on the heap, for units that cross threads. */
struct arena *arena_new(void);
void arena_free(struct arena *a);
