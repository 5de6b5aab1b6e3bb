/* Loses 8 MiB a call, for ever. */
#include "common.h"

#define LOST (8u << 20)

SLOT(deed)
{
    static void *kept;
    char *lost = malloc(LOST);

    UNUSED();
    if (!lost)
        return host->fail(call, INNO_FAILED, 0, "out of memory");
    memset(lost, 1, LOST);
    *(void **)lost = kept; /* reachable, so that only its size is wrong */
    kept = lost;
    return INNO_OK;
}

BAD_PLUGIN("leak", deed)
