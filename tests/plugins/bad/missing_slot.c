/* Has no deprovision. */
#include "common.h"

static const inno_provisioner plugin = {INNO_PROVISIONER_HEAD, 0,    "missing-slot", "1.0.0", bad_types, NULL, NULL, fine, NULL,
                                        fine_status,           fine, NULL,           NULL,    NULL,      NULL};
INNO_PLUGIN(plugin, {"name" : "missing-slot", "version" : "1.0.0", "types" : [ {"name" : "bad"} ]})
