/* Has the table and the function, but no manifest. */
#include "common.h"

static const inno_provisioner plugin = BAD_TABLE("no-manifest", fine);

INNO_EXPORT const inno_provisioner *inno_plugin_v1(void);
INNO_EXPORT const inno_provisioner *inno_plugin_v1(void) { return &plugin; }
