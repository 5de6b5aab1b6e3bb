/* Gives an output that is no UTF-8, a log line that is none either, and says that all is well. */
#include "common.h"

SLOT(deed)
{
    UNUSED();
    host->log(call, INNO_LOG_INFO, "bytes \xff\xfe");
    host->output(call, "fine", "yes");
    host->output(call, "town", "M\xfcnchen");
    return INNO_OK;
}

BAD_PLUGIN("invalid-utf8", deed)
