/* Built for another major version of the ABI. */
#include <innominatus/version.h>
#undef INNO_ABI_MAJOR
#define INNO_ABI_MAJOR 2
#include "common.h"

BAD_PLUGIN("other-major", fine)
