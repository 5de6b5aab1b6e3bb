/* Gives a state larger than the limit, and then one that is no JSON. */
#include "common.h"

SLOT(deed)
{
    uint64_t bytes = 2u << 20;
    char *text = (char *)host->alloc(call, bytes + 1);

    UNUSED();
    memset(text, 'x', bytes);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + bytes - 2, "\"}", 2);
    return host->state(call, inno_span_of(text));
}

BAD_PLUGIN("huge-state", deed)
