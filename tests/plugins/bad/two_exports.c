/* Shows a second function to the world. */
#include "common.h"

INNO_EXPORT int also_here(void);
INNO_EXPORT int also_here(void) { return 1; }

BAD_PLUGIN("two-exports", fine)
