/* Gives an output larger than the limit. */
#include "common.h"

SLOT(deed)
{
    char *text = (char *)host->alloc(call, 300u * 1024u);

    UNUSED();
    memset(text, 'x', 300u * 1024u - 1);
    host->output(call, "novel", text);
    return INNO_OK;
}

BAD_PLUGIN("huge-output", deed)
