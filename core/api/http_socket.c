/* Owns the listening socket. Called once at the start. */
#include "api/http_priv.h"
#include "base/cleanup.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static socklen_t fill_address(const char *address, int port, struct sockaddr_storage *out)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;

    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        return sizeof *v4;
    }
    if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        return sizeof *v6;
    }
    return 0;
}

static int listen_failed(const char *address, int port, struct err *err)
{
    if (errno != EADDRINUSE)
        return err_set_sys(err, ERR_IO, "cannot listen on %s port %d", address ? address : "every address", port);
    return err_set_sys(
        err, ERR_IO,
        "another program listens on %s port %d already: stop it (`ss -ltnp` shows which one it is), or give --listen another "
        "port (0: any free one)",
        address ? address : "every address", port);
}

int http_listen(const char *address, int port, int *out_fd, int *out_port, struct err *err)
{
    CLEANUP(close_fd) int fd = -1;
    struct sockaddr_storage at;
    socklen_t len = fill_address(address, port, &at);
    int on = 1;

    if (len == 0 || port < 0 || port > 65535)
        return err_set(err, ERR_BAD_VALUE, "cannot listen on \"%s\" port %d: write a literal address and a port from 0 to 65535", address,
                       port);
    fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_set_sys(err, ERR_IO, "cannot open a socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, len) < 0 || listen(fd, 511) < 0)
        return listen_failed(address, port, err);
    len = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &len) < 0)
        return err_set_sys(err, ERR_IO, "cannot tell the port that was given");
    *out_port =
        ntohs(at.ss_family == AF_INET ? ((struct sockaddr_in *)(void *)&at)->sin_port : ((struct sockaddr_in6 *)(void *)&at)->sin6_port);
    *out_fd = take_fd(&fd);
    return 0;
}
