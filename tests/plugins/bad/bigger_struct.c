/* Built with a later header of the same major version: its table has a tail that this host does not know. This one is good. */
#include "common.h"

struct later {
    inno_provisioner known;
    void *tail[8];
};

SLOT(deed)
{
    UNUSED();
    host->output(call, "works", "yes");
    return INNO_OK;
}

static const struct later later = {{(uint32_t)sizeof(struct later), INNO_ABI_MAJOR, INNO_ABI_MINOR, INNO_PROVISIONER_MAGIC, 0,
                                    "bigger-struct", "1.0.0", bad_types, NULL, NULL, deed, fine, fine_status, fine, NULL, NULL, NULL, NULL},
                                   {(void *)1, (void *)2}};
INNO_PLUGIN(later.known, {"name" : "bigger-struct", "version" : "1.0.0", "types" : [ {"name" : "bad"} ]})
