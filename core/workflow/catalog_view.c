/* Owns how the catalogue looks to people: the products and their workflows (objects.md: products), and what about it would deny
 * deployments. Any thread. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "workflow/catalog.h"
#include <string.h>

bool catalog_is_allowed(const struct admin_config *config, const char *product, const char *name, struct arena *arena,
                        const char **out_reason)
{
    CLEANUP(free_ptr) char *full = mem_printf("%s/%s", product, name);
    int line = config_line(config, "/workflowPolicies/allowedProductWorkflows");

    if (!config->allowed_product_workflows || config_names_match(config->allowed_product_workflows, full))
        return true;
    if (out_reason)
        *out_reason = arena_printf(arena, "not in workflowPolicies.allowedProductWorkflows (%s:%d)", config->name, line);
    return false;
}

static json_t *problems_of(const struct workflow_def *def)
{
    json_t *list = json_array();

    for (size_t i = 0; i < def->problem_count; i++) {
        struct diag_list one = {.file = def->file, .items = (struct diag *)(uintptr_t)&def->problems[i], .count = 1};
        CLEANUP(json_put) json_t *made = diag_to_json(&one);

        json_array_extend(list, made);
    }
    return list;
}

static json_t *triggers_of(const struct workflow_def *def)
{
    json_t *list = json_array();

    for (unsigned bit = 0; workflow_trigger_name(bit); bit++)
        if (def->triggers & (1u << bit))
            json_append_str(list, workflow_trigger_name(bit));
    return list;
}

static const char *status_reason(const struct workflow_def *def)
{
    if (def->broken)
        return "the file is broken; see errors";
    return def->draft ? "metadata.status is draft" : NULL;
}

static json_t *describe(const struct workflow_def *def, const struct admin_config *config)
{
    struct arena arena = {0};
    const char *reason = status_reason(def);
    json_t *item = json_object(), *metadata = json_object();
    bool allowed = catalog_is_allowed(config, def->product, def->name, &arena, &reason);

    json_set_str(item, "name", def->name);
    json_set_str(item, "file", def->file);
    json_set_str(metadata, "description", def->description);
    json_set_str(metadata, "owner", def->owner);
    json_set_str(metadata, "phase", workflow_phase_name(def->phase));
    json_set_str(metadata, "version", def->version);
    json_set_str(metadata, "status", def->draft ? "draft" : "active");
    json_set_new(metadata, "tags", json_clone(def->tags));
    json_set_new(item, "metadata", metadata);
    json_set_new(item, "triggers", triggers_of(def));
    json_set_int(item, "step_count", (int64_t)json_array_size(def->steps));
    json_set_flag(item, "allowed", allowed && !def->broken && !def->draft);
    json_set_str(item, "reason", reason);
    if (def->problem_count)
        json_set_new(item, "errors", problems_of(def));
    arena_fini(&arena);
    return item;
}

/* A product is allowed when at least one of its workflows may run. */
static void settle_product(json_t *product)
{
    const json_t *item;
    bool any = false;
    size_t i;

    json_array_foreach(json_object_get(product, "workflows"), i, item) any |= json_flag(item, "allowed", false);
    json_set_flag(product, "allowed", any);
}

json_t *catalog_describe_product(const struct catalog *catalog, const struct admin_config *config, const char *product)
{
    json_t *made = json_object(), *list = json_array();
    size_t count;
    const struct workflow_def *defs = catalog_workflows(catalog, &count);

    json_set_str(made, "product", product);
    json_object_set(made, "workflows", list);
    for (size_t i = 0; i < count; i++)
        if (str_eq(defs[i].product, product))
            json_array_append_new(list, describe(&defs[i], config));
    settle_product(made);
    count = json_array_size(list);
    json_decref(list);
    if (!count)
        json_put(&made);
    return made;
}

json_t *catalog_describe_products(const struct catalog *catalog, const struct admin_config *config)
{
    json_t *made = json_object(), *list = json_array();
    size_t count;
    const struct workflow_def *defs = catalog_workflows(catalog, &count);

    for (size_t i = 0; i < count; i++) /* sorted: a product's workflows stand together */
        if (defs[i].product && (i == 0 || !str_eq(defs[i].product, defs[i - 1].product)))
            json_array_append_new(list, catalog_describe_product(catalog, config, defs[i].product));
    json_set_new(made, "products", list);
    return made;
}

/* The steps as they will be planned, without what is internal to the catalogue. */
static json_t *steps_of(const struct workflow_def *def)
{
    json_t *list = json_clone(def->steps), *step;
    size_t i;

    json_array_foreach(list, i, step)
    {
        json_object_del(step, "builtin");
        json_object_del(step, "column");
    }
    return list;
}

json_t *catalog_describe_workflow(const struct catalog *catalog, const struct admin_config *config, const char *product, const char *name)
{
    const struct workflow_def *def = catalog_find(catalog, product, name);
    json_t *made;

    if (!def || !product)
        return NULL;
    made = describe(def, config);
    json_set_str(made, "product", product);
    json_set_str(made, "version", def->version);
    json_set_str(made, "yaml", def->yaml);
    json_set_new(made, "steps", steps_of(def));
    json_set_new(made, "parameters", json_clone(def->parameters));
    return made;
}

static void warn(json_t *list, const char *file, const char *text) { json_array_append_new(list, json_sprintf("%s: %s", file, text)); }

/* Warnings of a file that is not broken: what in it would deny a deployment. */
static void warn_problems(json_t *list, const struct workflow_def *def)
{
    for (size_t i = 0; i < def->problem_count; i++)
        if (def->problems[i].severity == DIAG_WARNING && !def->draft)
            json_array_append_new(list, json_sprintf("%s:%d: %s", def->file, def->problems[i].line, def->problems[i].message));
}

static void warn_required(json_t *list, const struct catalog *catalog, const struct admin_config *config)
{
    for (config_names name = config->required_workflows; *name; name++) {
        const struct workflow_def *def = catalog_find(catalog, NULL, *name);
        const char *why = !def ? "does not exist below workflowsRoot" : def->broken ? "is broken" : def->draft ? "is a draft" : NULL;

        if (why)
            json_array_append_new(
                list, json_sprintf("%s: required platform workflow \"%s\" %s: every deployment will be refused", config->name, *name, why));
    }
}

json_t *catalog_warnings(const struct catalog *catalog, const struct admin_config *config)
{
    json_t *list = json_array();
    struct arena arena = {0};
    size_t count;
    const struct workflow_def *defs = catalog_workflows(catalog, &count);

    warn_required(list, catalog, config);
    for (size_t i = 0; i < count; i++) {
        const char *reason = NULL;

        if (defs[i].broken)
            warn(list, defs[i].file, "broken: deployments that need it are refused");
        else if (defs[i].product && !defs[i].draft && !catalog_is_allowed(config, defs[i].product, defs[i].name, &arena, &reason))
            json_array_append_new(
                list, json_sprintf("%s: %s: deployments of product %s that resolve it are denied", defs[i].file, reason, defs[i].product));
    }
    for (size_t i = 0; i < count; i++)
        if (!defs[i].broken)
            warn_problems(list, &defs[i]);
    arena_fini(&arena);
    return list;
}
