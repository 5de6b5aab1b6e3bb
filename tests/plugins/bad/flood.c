/* Sends messages as fast as it can, without an end. */
#include "common.h"

SLOT(deed)
{
    UNUSED();
    while (call)
        host->progress(call, 1, "");
    return INNO_OK;
}

BAD_PLUGIN("flood", deed)
