/* Libraries of others that are loaded at first use, so that an entry without them needs none. */
#pragma once
#include <innominatus/provisioner.h>
#include <stdbool.h>
#include <stddef.h>

/* A function of the library, and the pointer that gets it. */
struct library_function {
    const char *name;
    void **at;
};
#define LIBRARY_MEMBER(name)   __typeof__(name) *name; /* of a struct `lib` */
#define LIBRARY_FUNCTION(name) {#name, (void **)&lib.name},

/* Loads `file` ("libpq.so.5") for good and fills in the pointers, unless *loaded; sets it. `what` and `package` are for messages: "the
 * PostgreSQL client library", "libpq5". Slot's thread. Fails with UNSUPPORTED. */
inno_rc library_load(const inno_host *host, inno_call *call, bool *loaded, const char *file, const char *what, const char *package,
                     const struct library_function *functions, size_t count);
