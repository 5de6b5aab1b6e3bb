/* Installed files and the user's directories. Any thread; reads the environment. */
#include "base/paths.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int paths_installed(const char *relative, struct arena *arena, const char **out, struct err *err)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);

    if (len < 0)
        return err_set_sys(err, ERR_IO, "/proc/self/exe");
    path[len] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(path, '/');

        if (slash)
            *slash = '\0';
    }
    *out = arena_printf(arena, "%s/%s", path, relative);
    return 0;
}

static const char *home_of(const char *variable, const char *below, const char *fallback, struct arena *arena)
{
    const char *xdg = getenv(variable), *home = getenv("HOME");

    if (xdg && xdg[0] == '/')
        return arena_printf(arena, "%s/innominatus", xdg);
    if (home && home[0] == '/')
        return arena_printf(arena, "%s/%s/innominatus", home, below);
    return fallback;
}

const char *paths_state_home(struct arena *arena) { return home_of("XDG_STATE_HOME", ".local/state", "/var/lib/innominatus", arena); }
const char *paths_config_home(struct arena *arena) { return home_of("XDG_CONFIG_HOME", ".config", "/etc/innominatus", arena); }
