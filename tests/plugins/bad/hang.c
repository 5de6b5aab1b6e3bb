/* Never returns and does not ask whether it should. */
#include "common.h"

SLOT(deed)
{
    UNUSED();
    host->log(call, INNO_LOG_INFO, "hanging");
    while (call)
        pause();
    return INNO_OK;
}

BAD_PLUGIN("hang", deed)
