/* Its manifest promises slots that its table does not claim. */
#include "common.h"

static const inno_provisioner plugin = BAD_TABLE("lying-slots", fine);
INNO_PLUGIN(plugin, {"name" : "lying-slots", "version" : "1.0.0", "slots" : ["update"], "types" : [ {"name" : "bad"} ]})
