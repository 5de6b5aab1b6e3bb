/* Owns the sections of admin-config.yaml other than the provisioners: tables of keys, and the checks that need more than one value.
 * Called while a configuration is loaded, by one thread. */
#include "base/limits.h"
#include "base/str.h"
#include "config/config_priv.h"
#include <string.h>

#define AT(member) offsetof(struct admin_config, member)

static const struct config_field root_fields[] = {
    {"goldenPathsRoot", KIND_PATH, AT(golden_paths_root)},
    {"trustedKeys", KIND_PAIRS, AT(trusted_keys)},
    {"signaturePolicy", KIND_TEXT, AT(signature_policy)},
    {"resourceDefinitions", KIND_PAIRS, AT(resource_definitions)},
    {"stepEnvironment", KIND_NAMES, AT(step_environment)},
    {"allowedCommands", KIND_NAMES, AT(allowed_commands)},
    {"trustedProxies", KIND_NAMES, AT(trusted_proxies)},
    {"pluginUser", KIND_TEXT, AT(plugin_user)},
    {"costs", KIND_OBJECT, AT(costs)},
    {"vault", KIND_OBJECT, AT(vault)},
    {0},
};
static const struct config_field admin_fields[] = {
    {"defaultCostCenter", KIND_TEXT, AT(default_cost_center)},
    {"defaultRuntime", KIND_TEXT, AT(default_runtime)},
    {"defaultBudget", KIND_REAL, AT(default_budget)},
    {0},
};
static const struct config_field workflow_fields[] = {
    {"workflowsRoot", KIND_PATH, AT(workflows_root)},
    {"requiredPlatformWorkflows", KIND_NAMES, AT(required_workflows)},
    {"allowedProductWorkflows", KIND_NAMES, AT(allowed_product_workflows)},
    {"maxWorkflowDuration", KIND_DURATION, AT(max_workflow_ms)},
    {"maxConcurrentWorkflows", KIND_INT, AT(max_concurrent)},
    {"maxStepsPerWorkflow", KIND_INT, AT(max_steps)},
    {"allowedStepTypes", KIND_NAMES, AT(allowed_step_types)},
    {"applicationStepTypes", KIND_NAMES, AT(application_step_types)},
    {0},
};
static const struct config_field override_fields[] = {
    {"platform", KIND_BOOL, AT(override_platform)},
    {"product", KIND_BOOL, AT(override_product)},
    {0},
};
static const struct config_field lua_fields[] = {
    {"wallClock", KIND_DURATION, AT(lua_wall_ms)},
    {"memory", KIND_BYTES, AT(lua_bytes)},
    {0},
};
static const struct config_field security_fields[] = {
    {"requireApproval", KIND_NAMES, AT(require_approval)},
    {"allowedExecutors", KIND_NAMES, AT(allowed_executors)},
    {0},
};
static const struct config_field policy_fields[] = {
    {"path", KIND_PATH, AT(policies_path)},
    {"mode", KIND_TEXT, AT(policies_mode)},
    {"overrides", KIND_OBJECT, AT(policies_overrides)},
    {0},
};
static const struct config_field policy_limit_fields[] = {
    {"wallClock", KIND_DURATION, AT(policy_wall_ms)},
    {"instructions", KIND_INT, AT(policy_instructions)},
    {"memory", KIND_BYTES, AT(policy_bytes)},
    {0},
};
static const struct config_field network_fields[] = {
    {"allow", KIND_NAMES, AT(network_allow)},
    {"proxy", KIND_TEXT, AT(network_proxy)},
    {0},
};
static const struct config_field queue_fields[] = {
    {"capacity", KIND_INT, AT(queue_capacity)},
    {"workers", KIND_INT, AT(queue_workers)},
    {0},
};
static const struct config_field drift_fields[] = {
    {"enabled", KIND_BOOL, AT(drift_enabled)},
    {"interval", KIND_DURATION, AT(drift_interval_ms)},
    {"jitter", KIND_REAL, AT(drift_jitter)},
    {0},
};
static const struct config_field user_rate_fields[] = {
    {"perSecond", KIND_INT, AT(user_rate)},
    {"burst", KIND_INT, AT(user_burst)},
    {0},
};
static const struct config_field address_rate_fields[] = {
    {"perSecond", KIND_INT, AT(address_rate)},
    {"burst", KIND_INT, AT(address_burst)},
    {0},
};
static const struct config_field session_fields[] = {{"secureCookie", KIND_TEXT, AT(secure_cookie)}, {0}};
static const struct config_field metrics_fields[] = {{"auth", KIND_TEXT, AT(metrics_auth)}, {0}};

/* Sections that are plain tables, by their place. */
static const struct {
    const char *pointer;
    const struct config_field *fields;
} sections[] = {
    {"/admin", admin_fields},
    {"/workflowPolicies", workflow_fields},
    {"/workflowPolicies/workflowOverrides", override_fields},
    {"/workflowPolicies/luaStep", lua_fields},
    {"/workflowPolicies/security", security_fields},
    {"/policies", policy_fields},
    {"/policies/limits", policy_limit_fields},
    {"/network", network_fields},
    {"/queue", queue_fields},
    {"/drift", drift_fields},
    {"/metrics", metrics_fields},
    {"/rateLimits/user", user_rate_fields},
    {"/rateLimits/address", address_rate_fields},
    {"/sessions", session_fields},
};

/* The map at a pointer, NULL if it is not there. */
static const struct node *section(const struct node *root, const char *pointer)
{
    const struct node *found = node_locate(root, pointer);
    const char *last = strrchr(pointer, '/') + 1;
    char parent[64];
    size_t len = (size_t)(last - 1 - pointer);

    if (found->kind != NODE_MAP || len >= sizeof parent)
        return NULL;
    memcpy(parent, pointer, len);
    parent[len] = '\0';
    return node_get(node_locate(root, parent), last) == found ? found : NULL;
}

static int choose(const char *text, config_names names, int fallback)
{
    for (int i = 0; text && names[i]; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    return fallback;
}

#undef AT
#define AT(member) offsetof(struct config_environment, member)
static const struct config_field environment_fields[] = {
    {"name", KIND_TEXT, AT(name)},
    {"type", KIND_TEXT, AT(type)},
    {"ttl", KIND_DURATION, AT(ttl_ms)},
    {"teams", KIND_NAMES, AT(teams)},
    {"requireApproval", KIND_BOOL, AT(require_approval)},
    {"protect", KIND_BOOL, AT(protect)},
    {0},
};
#undef AT

static void read_environments(struct config_read *r, const struct node *list)
{
    struct config_environment *all;

    r->config->any_environment = !list;
    if (!list || list->kind != NODE_LIST)
        return;
    all = arena_array(r->arena, list->list.count + 1, sizeof *all);
    for (size_t i = 0; i < list->list.count; i++) {
        const struct node *item = list->list.items[i];
        struct config_environment *e = &all[r->config->environment_count];

        r->at = arena_printf(r->arena, "/environments/%zu", i);
        config_fill(r, item, environment_fields, e);
        e->line = item->line;
        if (!e->name)
            continue; /* the schema has said so */
        if (!e->type)
            e->type = e->name;
        if (strpbrk(e->type, "*?"))
            config_problem(r, ERR_MISSING_FIELD, item, "type", "add type: development (or staging, production ...)",
                           "environment \"%s\" is a pattern, so it needs a type", e->name);
        for (size_t k = 0; k < r->config->environment_count; k++)
            if (strcmp(all[k].name, e->name) == 0)
                config_problem(r, ERR_DUPLICATE_KEY, item, "name", NULL, "environment \"%s\" is listed already in line %d", e->name,
                               all[k].line);
        r->config->environment_count++;
    }
    r->config->environments = all;
}

static void read_products(struct config_read *r, const struct node *map)
{
    struct config_product *all;

    if (!map || map->kind != NODE_MAP)
        return;
    all = arena_array(r->arena, map->map.count + 1, sizeof *all);
    for (size_t i = 0; i < map->map.count; i++)
        all[i] = (struct config_product){map->map.pairs[i].key, config_read_names(r, node_get(map->map.pairs[i].value, "teams")),
                                         map->map.pairs[i].line};
    r->config->products = all;
    r->config->product_count = map->map.count;
}

/* A demand that is not kept is refused, for somebody relies on it; what only does less than asked is a warning. */
static void check_unsupported(struct config_read *r, const struct node *root)
{
    const struct node *shared = node_get(root, "sharedResources");

    r->at = "";
    if (shared && shared->kind == NODE_LIST && shared->list.count)
        config_warn(r, ERR_UNSUPPORTED, shared, "sharedResources", "inside a team, resources with the same id are shared",
                    "this release does not share resources across teams: each team gets its own");
}

/* allowedProductWorkflows: product/workflow, or a glob of that form. */
static void check_product_workflows(struct config_read *r, const struct node *list)
{
    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->list.count; i++) {
        const struct node *item = list->list.items[i];

        r->at = arena_printf(r->arena, "/workflowPolicies/allowedProductWorkflows/%zu", i);
        if (item->kind == NODE_STRING && !strchr(item->text, '/') && strcmp(item->text, "*") != 0)
            config_problem(r, ERR_BAD_VALUE, item, NULL, "write PRODUCT/WORKFLOW, for example ecommerce/database-setup, or ecommerce/*",
                           "\"%s\" names no product", item->text);
    }
}

void config_read_general(struct config_read *r, const struct node *root)
{
    struct admin_config *c = r->config;
    const struct node *policies = node_get(root, "workflowPolicies");

    config_fill(r, root, root_fields, c);
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        config_fill(r, section(root, sections[i].pointer), sections[i].fields, c);
    c->on_failure = (enum config_on_failure)choose(node_str(policies, "onFailure"), (const char *[]){"stop", "rollback", "continue", NULL},
                                                   CONFIG_STOP);
    read_environments(r, node_get(root, "environments"));
    read_products(r, node_get(root, "products"));
    check_unsupported(r, root);
    check_product_workflows(r, node_get(policies, "allowedProductWorkflows"));
}
