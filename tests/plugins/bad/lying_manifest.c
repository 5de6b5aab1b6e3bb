/* Its manifest says another version than its table. */
#include "common.h"

static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD, 0, "lying-manifest", "9.9.9", bad_types, NULL, NULL, fine, fine, fine_status, fine, NULL, NULL, NULL, NULL};
INNO_PLUGIN(plugin, {"name" : "lying-manifest", "version" : "1.0.0", "types" : [ {"name" : "bad"} ]})
