/* Inputs of policies, from the plan and the configuration. Pure but for the clock; any thread. */
#include "workflow/policy_input.h"
#include "base/clock.h"
#include "config/admin_config.h"
#include "workflow/plan_build.h"

static void set_copy(json_t *object, const char *key, const json_t *value)
{
    if (value)
        json_object_set(object, key, (json_t *)value);
}

static json_t *common(const struct platform *platform, const json_t *plan)
{
    static const char *const copied[] = {"spec", "environment", "product", "team", "application", "kind", "operation", "drift"};
    json_t *input = json_object();

    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        set_copy(input, copied[i], json_object_get(plan, copied[i]));
    json_set_new(input, "plan", plan_policy_view(plan));
    set_copy(input, "admin", config_view(platform->config));
    set_copy(input, "admin_lines", config_lines(platform->config));
    json_set_time(input, "now", clock_now_us());
    return input;
}

json_t *policy_input_deployment(const struct platform *platform, const json_t *plan, const json_t *user, const json_t *resources)
{
    json_t *input = common(platform, plan);

    set_copy(input, "user", user);
    set_copy(input, "resources", resources);
    return input;
}

json_t *policy_input_step(const struct platform *platform, const json_t *plan, const json_t *step, const json_t *config)
{
    json_t *input = common(platform, plan), *copy = json_copy((json_t *)step);

    set_copy(copy, "config", config);
    json_set_new(input, "step", copy);
    return input;
}

json_t *policy_input_resource(const struct platform *platform, const json_t *plan, const json_t *resource, const json_t *params)
{
    json_t *input = common(platform, plan), *copy = json_copy((json_t *)resource);

    set_copy(copy, "params", params);
    set_copy(copy, "drift", json_object_get(plan, "drift"));
    json_set_new(input, "resource", copy);
    return input;
}
