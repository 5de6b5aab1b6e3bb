/* One action that breaks one rule: actions.cmake builds it with a definition that says which. */
#include "bad/common.h"

#define TEXT_(...) #__VA_ARGS__
#define TEXT(...)  TEXT_(__VA_ARGS__)

/* Of the table. */
#ifndef HEAD
#define HEAD INNO_ACTION_HEAD(0)
#endif
#ifndef NAME
#define NAME act
#endif
#ifndef SIGNATURE
#define SIGNATURE "i"
#endif
#ifndef PARAM
#define PARAM "count"
#endif
#ifndef FUNCTION
#define FUNCTION INNO_ACTION_FUNCTION(act)
#endif
#ifndef SECOND
#define SECOND NULL
#endif
/* Of the manifest. */
#ifndef SLOTS
#define SLOTS "\"slots\":[\"actions\"],"
#endif
#ifndef ACTIONS
#define ACTIONS "{\"name\":\"act\",\"params\":[{\"name\":\"count\",\"type\":\"i\"}]}"
#endif
#define ARGUMENT(x) "{\"name\":\"act\",\"params\":[{\"name\":\"count\"," x "}]}"

__attribute__((unused)) static inno_rc act(void *self, const inno_host *host, inno_call *call, const inno_resource *res, int64_t count)
{
    UNUSED();
    (void)count;
    return INNO_OK;
}

static const char *const params[] = {PARAM, NULL};
static const inno_action the_action = {HEAD, TEXT(NAME), NULL, SIGNATURE, params, FUNCTION};
static const inno_action *const actions[] = {&the_action, SECOND, NULL};

static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_ACTIONS,
    TITLE,
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
    actions,
};
INNO_PLUGIN_TEXT(plugin, "{\"name\":\"" TITLE "\",\"version\":\"1.0.0\"," SLOTS "\"types\":[{\"name\":\"bad\"}],\"actions\":[" ACTIONS "]}")
