/* Wants a permission in its manifest, and uses it. */
#include "common.h"
#include <errno.h>
#include <sys/socket.h>

SLOT(deed)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    UNUSED();
    host->output(call, "socket", fd < 0 ? strerror(errno) : "open");
    if (fd >= 0)
        close(fd);
    return INNO_OK;
}

static const inno_provisioner plugin = BAD_TABLE("wants-network", deed);
INNO_PLUGIN(plugin, {"name" : "wants-network", "version" : "1.0.0", "permissions" : ["network"], "types" : [ {"name" : "bad"} ]})
