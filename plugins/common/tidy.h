/* What plugins release at the end of a scope, with __attribute__((cleanup)). */
#pragma once
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

static inline void json_put(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

static inline void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static inline void free_text(char **text)
{
    free(*text);
    *text = NULL;
}

/* A member of `object` that is none of `known` (closed by NULL), borrowed; NULL when there is none. */
static inline const char *unknown_member(const json_t *object, const char *const *known)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        const char *const *name = known;

        while (*name && strcmp(*name, key) != 0)
            name++;
        if (!*name)
            return key;
    }
    return NULL;
}

/* The same for what may hold a secret. */
static inline void wipe_text(char **text)
{
    if (*text)
        explicit_bzero(*text, strlen(*text));
    free_text(text);
}
