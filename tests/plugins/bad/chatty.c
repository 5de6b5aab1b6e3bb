/* Logs more than a step may, then does its work. */
#include "common.h"

SLOT(deed)
{
    char line[16000];

    UNUSED();
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    for (int i = 0; i < 1200; i++)
        host->log(call, INNO_LOG_INFO, "%s", line);
    host->output(call, "worked", "yes");
    return INNO_OK;
}

BAD_PLUGIN("chatty", deed)
