/* Its manifest lists a type that its table does not have. */
#include "common.h"

static const inno_provisioner plugin = BAD_TABLE("lying-types", fine);
INNO_PLUGIN(plugin, {"name" : "lying-types", "version" : "1.0.0", "types" : [ {"name" : "bad"}, {"name" : "postgres"} ]})
