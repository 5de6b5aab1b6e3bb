/* Ends the process instead of returning. */
#include "common.h"

SLOT(deed)
{
    UNUSED();
    fprintf(stderr, "giving up, says the library\n");
    exit(3);
}

BAD_PLUGIN("exits", deed)
