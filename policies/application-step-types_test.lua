local function plan(...)
  return { phases = { { phase = "deployment", workflows = { ... } } } }
end

local function workflow(tier, name, step_type) return { name = name, tier = tier, steps = { { name = "s", type = step_type } } } end

return {
  { name = "lua is allowed without any setting", input = { admin = {}, plan = plan(workflow("application", "w", "lua")) }, expect = { denied = false } },
  { name = "terraform is not", input = { admin = {}, plan = plan(workflow("application", "w", "terraform")) },
    expect = { denied = true, messages = { "step s of application workflow w has type terraform, which application workflows may not use" } } },
  { name = "it is for products", input = { admin = {}, plan = plan(workflow("product", "w", "terraform")) }, expect = { denied = false } },
  { name = "the admin's list replaces the default",
    input = { admin = { workflowPolicies = { applicationStepTypes = { "terraform" } } }, plan = plan(workflow("application", "w", "lua")) },
    expect = { denied = true } },
  { name = "the core's own executions are not concerned",
    input = { admin = { workflowPolicies = { applicationStepTypes = { "lua" } } },
      plan = plan(workflow("application", "resources", "resource"), workflow("application", "workload", "workload")) },
    expect = { denied = false } },
  { name = "but their names are no way around it", input = { admin = {}, plan = plan(workflow("application", "resources", "terraform")) },
    expect = { denied = true } },
  { name = "nothing planned", input = { admin = {} }, expect = { denied = false } },
}
