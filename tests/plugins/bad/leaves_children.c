/* Runs programs that leave their session and their group and never end, then returns, hangs or crashes. Wants the permission `exec`. */
#include "common.h"

/* Both leave; the second keeps the output open, so that nobody sees its end. */
static const char script[] = "trap '' INT TERM HUP; setsid sleep 100000 >/dev/null 2>&1 </dev/null & setsid -f sleep 100000; echo left; "
                             "[ \"$1\" = hangs ] && while :; do sleep 100000; done; exit 0";

SLOT(deed)
{
    const char *mode = inno_get_string(res, "mode", "returns");
    const char *argv[] = {"/bin/sh", "-c", script, "sh", mode, NULL};
    inno_exec command = {.struct_size = sizeof command, .argv = argv, .grace_ms = 10};
    inno_exec_result result = {.struct_size = sizeof result};
    inno_rc rc = host->exec(call, &command, &result);

    (void)self;
    if (strcmp(mode, "crashes") == 0)
        abort();
    return rc;
}

static const inno_provisioner plugin = BAD_TABLE("leaves-children", deed);
INNO_PLUGIN_TEXT(plugin, "{\"name\":\"leaves-children\",\"version\":\"1.0.0\",\"types\":[{\"name\":\"bad\"}],\"permissions\":[\"exec\"]}")
