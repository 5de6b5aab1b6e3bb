/* Files embedded at build time by inno_embed (cmake/embed.cmake); an array of them ends with a NULL name. */
#pragma once
#include <stddef.h>

struct embedded_file {
    const char *name;
    const char *bytes; /* followed by a NUL that `len` does not count */
    size_t len;
};
