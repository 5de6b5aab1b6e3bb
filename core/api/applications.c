/* Handlers that show applications and environments. */
#include "api/etag.h"
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "workflow/read_applications.h"

void specs_list(struct api_request *r) { api_reply_list(r, read_applications); }

void specs_get(struct api_request *r)
{
    struct read_scope scope = api_scope(r), own = {.org = r->org, .team = r->who->team};
    const char *name = api_param(r, "name"), *environment = api_query(r, "environment");
    json_t *application = NULL;
    struct err err = {0};

    /* Who may see every team's means the own one's first. */
    if (read_application(r->context->store, scope.team ? &scope : &own, name, environment, &application, &err) < 0 ||
        (!application && !scope.team && read_application(r->context->store, &scope, name, environment, &application, &err) < 0))
        api_problem(r, &err);
    else {
        etag_set(r, application);
        api_reply_found(r, application, "application", name);
    }
}

void environments_list(struct api_request *r)
{
    CLEANUP(platform_put) struct platform *platform = api_platform(r);
    struct read_scope scope = api_scope(r);
    json_t *items = NULL;
    struct err err = {0};

    if (read_environments(r->context->store, &scope, platform->config, &items, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_whole(r, items);
}
