/* Its table does not begin as a provisioner's. */
#include "common.h"

static const inno_provisioner plugin = {(uint32_t)sizeof(inno_provisioner),
                                        INNO_ABI_MAJOR,
                                        INNO_ABI_MINOR,
                                        42,
                                        0,
                                        "no-magic",
                                        "1.0.0",
                                        bad_types,
                                        NULL,
                                        NULL,
                                        fine,
                                        fine,
                                        fine_status,
                                        fine,
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL};
INNO_PLUGIN(plugin, {"name" : "no-magic", "version" : "1.0.0", "types" : [ {"name" : "bad"} ]})
