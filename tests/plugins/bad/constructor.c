/* Acts when it is loaded, before anybody called it. The mark must never appear: an unvetted file is not loaded, a vetted one is loaded in
 * the sandbox. */
#include "common.h"
#include <errno.h>
#include <fcntl.h>

static int ran, reason;

__attribute__((constructor)) static void early(void)
{
    int fd = open("/tmp/innominatus-constructor-ran", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    ran = 1;
    reason = errno;
    if (fd >= 0)
        close(fd);
}

SLOT(deed)
{
    UNUSED();
    host->output(call, "constructor", ran ? strerror(reason) : "did not run");
    return INNO_OK;
}

BAD_PLUGIN("constructor", deed)
