/* Handlers that show resources. */
#include "api/handlers.h"
#include "base/cleanup.h"
#include "resource/resource_read.h"

void resources_list(struct api_request *r) { api_reply_list(r, resource_read_list); }

typedef int (*one_reader)(struct store *store, const struct read_scope *scope, const char *id, json_t **out, struct err *err);

static int read_it(struct api_request *r, one_reader reader, json_t **out)
{
    struct read_scope scope = api_scope(r);
    struct err err = {0};

    if (reader(r->context->store, &scope, api_param(r, "id"), out, &err) == 0)
        return 0;
    api_problem(r, &err);
    return -1;
}

void resources_get(struct api_request *r)
{
    json_t *resource = NULL;

    if (read_it(r, resource_read_one, &resource) == 0)
        api_reply_found(r, resource, "resource", api_param(r, "id"));
}

void resources_status(struct api_request *r)
{
    json_t *status = NULL;

    if (read_it(r, resource_read_status, &status) == 0)
        api_reply_found(r, status, "resource", api_param(r, "id"));
}

void resources_history(struct api_request *r)
{
    json_t *items = NULL;

    if (read_it(r, resource_read_history, &items) == 0)
        api_reply_items(r, items, "resource", api_param(r, "id"));
}

void resources_hints(struct api_request *r)
{
    CLEANUP(json_put) json_t *resource = NULL;

    if (read_it(r, resource_read_one, &resource) == 0)
        api_reply_items(r, json_incref(json_object_get(resource, "hints")), "resource", api_param(r, "id"));
}
