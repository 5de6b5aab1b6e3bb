/* Handlers of workflow executions and of the product catalogue. */
#include "api/handlers.h"
#include "base/cleanup.h"
#include "workflow/catalog.h"
#include "workflow/read_deployments.h"

void workflows_list(struct api_request *r) { api_reply_list(r, read_workflows); }

void workflows_get(struct api_request *r)
{
    struct read_scope scope = api_scope(r);
    json_t *workflow = NULL;
    struct err err = {0};

    if (read_workflow(r->context->store, &scope, api_param(r, "id"), &workflow, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_found(r, workflow, "workflow execution", api_param(r, "id"));
}

void products_list(struct api_request *r)
{
    CLEANUP(platform_put) struct platform *platform = api_platform(r);

    api_reply_json(r, 200, catalog_describe_products(platform->catalog, platform->config));
}

void products_get(struct api_request *r)
{
    CLEANUP(platform_put) struct platform *platform = api_platform(r);
    const char *product = api_param(r, "product");

    api_reply_found(r, catalog_describe_product(platform->catalog, platform->config, product), "product", product);
}

void products_workflow(struct api_request *r)
{
    CLEANUP(platform_put) struct platform *platform = api_platform(r);
    const char *product = api_param(r, "product"), *workflow = api_param(r, "workflow");

    api_reply_found(r, catalog_describe_workflow(platform->catalog, platform->config, product, workflow), "product workflow",
                    arena_printf(r->arena, "%s/%s", product, workflow));
}
