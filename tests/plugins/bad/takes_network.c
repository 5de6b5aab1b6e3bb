/* Opens sockets of every family without having asked. */
#include "common.h"
#include <sys/socket.h>

SLOT(deed)
{
    static const int families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET};

    UNUSED();
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (socket(families[i], SOCK_STREAM, 0) >= 0 || socket(families[i], SOCK_DGRAM, 0) >= 0)
            host->output(call, "escaped", "a socket");
    return INNO_OK;
}

BAD_PLUGIN("takes-network", deed)
