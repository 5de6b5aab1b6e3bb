/* Ownership by the compiler's cleanup attribute: every owning local names its cleanup, ownership leaves by take_ptr() or take_fd(). */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Hands over an owning pointer: evaluates to it and sets the variable to NULL. */
#define take_ptr(p)                                                                                                                        \
    ({                                                                                                                                     \
        __typeof__(p) *take_from_ = &(p);                                                                                                  \
        __typeof__(p) taken_ = *take_from_;                                                                                                \
        *take_from_ = NULL;                                                                                                                \
        taken_;                                                                                                                            \
    })

static inline int take_fd(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

/* free() for `CLEANUP(free_ptr) char *text`. */
static inline void free_ptr(void *p) { free(*(void **)p); }

static inline void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static inline void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
    *file = NULL;
}
