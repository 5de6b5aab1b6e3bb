/* Dereferences nothing, after saying what it does. */
#include "common.h"

/* Without the sanitizers' checks, so that it is the kernel that notices. */
__attribute__((no_sanitize("address", "undefined", "thread"))) SLOT(deed)
{
    volatile int *nothing = NULL;

    UNUSED();
    host->log(call, INNO_LOG_INFO, "about to crash");
    return *nothing;
}

BAD_PLUGIN("crash", deed)
