/* Where things are: relative to the running binary, so that an installed prefix can move, and below the XDG directories of the user. Any
 * thread. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

/* PREFIX/relative, where PREFIX is the directory above the binary's ("/usr/local" for /usr/local/bin/innominatus). Text in the arena.
 * Errors: ERR_IO. */
int paths_installed(const char *relative, struct arena *arena, const char **out, struct err *err);

/* $XDG_STATE_HOME/innominatus or ~/.local/state/innominatus; /var/lib/innominatus without a home. Not created. */
const char *paths_state_home(struct arena *arena);
/* $XDG_CONFIG_HOME/innominatus or ~/.config/innominatus. Not created. */
const char *paths_config_home(struct arena *arena);
