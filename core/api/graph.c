/* Handler of graphs. */
#include "api/handlers.h"
#include "base/str.h"
#include "workflow/read_graph.h"

void graph_get(struct api_request *r)
{
    struct read_scope scope = api_scope(r), own = {.org = r->org, .team = r->who->team};
    const char *name = api_param(r, "app"), *environment = api_query(r, "environment");
    json_t *graph = NULL;
    struct err err = {0};

    if (read_graph(r->context->store, scope.team ? &scope : &own, name, environment, &graph, &err) < 0 ||
        (!graph && !scope.team && read_graph(r->context->store, &scope, name, environment, &graph, &err) < 0))
        api_problem(r, &err);
    else
        api_reply_found(r, graph, "application", environment ? arena_printf(r->arena, "%s in %s", name, environment) : name);
}
