/* Owns the reading of Cookie headers. Pure; any thread. */
#include "api/cookie.h"
#include <string.h>

const char *cookie_value(const char *header, const char *name, struct arena *arena)
{
    size_t len = strlen(name);

    while (header && *header) {
        size_t pair;

        header += strspn(header, "; \t");
        pair = strcspn(header, ";");
        if (pair > len && header[len] == '=' && strncmp(header, name, len) == 0) {
            const char *value = header + len + 1;
            size_t size = pair - len - 1;

            while (size && (value[size - 1] == ' ' || value[size - 1] == '\t'))
                size--;
            return arena_strndup(arena, value, size);
        }
        header += pair;
    }
    return NULL;
}
