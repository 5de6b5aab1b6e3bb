/* Writes to the host's socket itself: nonsense, or a frame that promises four gigabytes, or an answer to a call that is not its own. */
#include "common.h"

#define SOCKET 3

SLOT(deed)
{
    static const char forged[] = "{\"t\":\"done\",\"id\":99999,\"rc\":0}";
    const char *mode = inno_get_string(res, "mode", "nonsense");
    uint32_t len = (uint32_t)strlen(forged);

    UNUSED();
    if (strcmp(mode, "huge") == 0) {
        if (write(SOCKET, "\xff\xff\xff\xff", 4) != 4)
            return INNO_FAILED;
    } else if (strcmp(mode, "forged") == 0) {
        if (write(SOCKET, &len, 4) != 4 || write(SOCKET, forged, len) != (ssize_t)len)
            return INNO_FAILED;
    } else if (strcmp(mode, "closed") == 0) {
        close(SOCKET);
    } else if (write(SOCKET, "\x05\0\0\0{nope", 9) != 9) {
        return INNO_FAILED;
    }
    while (call)
        pause();
    return INNO_OK;
}

BAD_PLUGIN("raw-frames", deed)
