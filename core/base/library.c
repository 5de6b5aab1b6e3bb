/* Owns the loading of shared libraries at first use (library.h). Any thread. */
#include "base/library.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include <dlfcn.h>
#include <string.h>

_Static_assert(sizeof(void *) == sizeof(void (*)(void)), "a table of functions is a table of addresses");

int library_load(const char *soname, const char *package, const char *const *names, size_t count, void *table, struct err *err)
{
    CLEANUP(free_ptr) void **found = mem_array(count, sizeof *found);
    void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

    if (!library)
        return err_set(err, ERR_INTERNAL, "%s cannot be loaded (%s); install the package %s", soname, dlerror(), package);
    for (size_t i = 0; i < count; i++)
        if (!(found[i] = dlsym(library, names[i]))) {
            dlclose(library);
            return err_set(err, ERR_INTERNAL, "%s has no %s: it is too old; install a newer package %s", soname, names[i], package);
        }
    memcpy(table, found, count * sizeof *found);
    return 0;
}
