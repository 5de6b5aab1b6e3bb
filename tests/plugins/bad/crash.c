/* Dereferences nothing, after saying what it does. */
#include "common.h"

SLOT(deed)
{
    volatile int *nothing = NULL;

    UNUSED();
    host->log(call, INNO_LOG_INFO, "about to crash");
    return *nothing;
}

BAD_PLUGIN("crash", deed)
