/* A provisioner that does nothing, for plugin_bench: what a call costs without the plugin's own work. */
#include <innominatus/provisioner.h>

static inno_rc nothing(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    (void)host;
    (void)call;
    (void)res;
    return INNO_OK;
}

static const char *const types[] = {"nothing", NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD, INNO_SLOT_UPDATE, "noop", "1.0.0", types, NULL, NULL, nothing, nothing, nothing, nothing, NULL, NULL, NULL, NULL,
};

INNO_PLUGIN_TEXT(plugin,
                 "{\"name\":\"noop\",\"version\":\"1.0.0\",\"slots\":[\"update\"],\"types\":[{\"name\":\"nothing\",\"stateful\":true}]}")
