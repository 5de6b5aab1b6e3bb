/* Owns loading libraries of others. Slot's thread: a host process loads each once. */
#include "library.h"
#include <dlfcn.h>

inno_rc library_load(const inno_host *host, inno_call *call, bool *loaded, const char *file, const char *what, const char *package,
                     const struct library_function *functions, size_t count)
{
    void *handle = *loaded ? NULL : dlopen(file, RTLD_NOW | RTLD_LOCAL);

    if (*loaded)
        return INNO_OK;
    if (!handle)
        return host->fail(call, INNO_UNSUPPORTED, -1, "%s is missing: install %s (%s)", what, package, file);
    for (size_t i = 0; i < count; i++)
        if (!(*functions[i].at = dlsym(handle, functions[i].name)))
            return host->fail(call, INNO_UNSUPPORTED, -1, "%s is too old: it has no %s", what, functions[i].name);
    *loaded = true;
    return INNO_OK;
}
