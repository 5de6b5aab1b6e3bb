/* Handlers that show plugins and policies. */
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "plugin/plugin.h"
#include "workflow/read_queue.h"

/* Everything that is known about entries, in the order of the configuration. New reference. */
static json_t *describe(struct api_request *r)
{
    json_t *all = r->context->plugins ? plugin_describe_all(r->context->plugins) : json_array();

    return all ? all : json_array();
}

void plugins_list(struct api_request *r) { api_reply_whole(r, describe(r)); }

void plugins_get(struct api_request *r)
{
    CLEANUP(json_put) json_t *all = describe(r);
    json_t *found = NULL, *item;
    size_t i;

    json_array_foreach(all, i, item) if (!found && str_eq(json_str(item, "name"), api_param(r, "name"))) found = json_incref(item);
    api_reply_found(r, found, "plugin", api_param(r, "name"));
}

void policies_list(struct api_request *r)
{
    CLEANUP(platform_put) struct platform *platform = api_platform(r);

    api_reply_whole(r, policy_set_describe(platform->policies));
}

void policies_violations(struct api_request *r) { api_reply_list(r, read_violations); }
