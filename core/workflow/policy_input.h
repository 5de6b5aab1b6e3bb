/* What the policies see at each point (interfaces.md: Policies). New references. Of a deployment of kind `resource` also `operation` and,
 * of a repair, `drift`. */
#pragma once
#include "codec/json.h"
#include "workflow/platform.h"

/* Point `deployment`: {spec, plan, environment, product, team, application, user, resources, admin, now}. user: {name, role, team};
 * resources: the current ones. */
json_t *policy_input_deployment(const struct platform *platform, const json_t *plan, const json_t *user, const json_t *resources);
/* Point `step`: the same without user and resources, with `step` (of the plan) and its interpolated `config`. */
json_t *policy_input_step(const struct platform *platform, const json_t *plan, const json_t *step, const json_t *config);
/* Point `resource`: with `resource` (of the plan) and its resolved `params`. */
json_t *policy_input_resource(const struct platform *platform, const json_t *plan, const json_t *resource, const json_t *params);
