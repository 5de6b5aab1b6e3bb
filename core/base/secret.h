/* A secret in memory: its own pages, locked where the limit allows, left out of core dumps, wiped when freed. Never logged. */
#pragma once
#include <stddef.h>

struct secret {
    char *bytes; /* NUL-terminated; the NUL does not count */
    size_t len;
    size_t mapped;
};

void secret_set(struct secret *s, const void *bytes, size_t len); /* copies; the old value is wiped; NULL: `len` zeros to fill in */
void secret_fini(struct secret *s);                               /* wipes; `s` may be used again */
void secret_wipe(void *bytes, size_t len);                        /* overwrites; never optimised away */
