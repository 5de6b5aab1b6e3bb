/* Its table ends before the functions that every provisioner must have. */
#include "common.h"

static const inno_provisioner plugin = {64,
                                        INNO_ABI_MAJOR,
                                        INNO_ABI_MINOR,
                                        INNO_PROVISIONER_MAGIC,
                                        0,
                                        "smaller-struct",
                                        "1.0.0",
                                        bad_types,
                                        NULL,
                                        NULL,
                                        fine,
                                        fine,
                                        fine,
                                        fine,
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL};
INNO_PLUGIN(plugin, {"name" : "smaller-struct", "version" : "1.0.0", "types" : [ {"name" : "bad"} ]})
