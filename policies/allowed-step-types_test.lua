local function plan(...)
  return { phases = { { phase = "deployment", workflows = { ... } } } }
end

local function admin(...) return { workflowPolicies = { allowedStepTypes = { ... } } } end
local function workflow(tier, step_type) return { name = "w", tier = tier, steps = { { name = "s", type = step_type } } } end

return {
  { name = "a listed type", input = { admin = admin("terraform", "http"), plan = plan(workflow("platform", "http")) }, expect = { denied = false } },
  { name = "another type in the platform tier", input = { admin = admin("http"), plan = plan(workflow("platform", "command")) },
    expect = { denied = true, messages = { "step s of platform workflow w has type command" } } },
  { name = "another type in the product tier", input = { admin = admin("http"), plan = plan(workflow("product", "command")) }, expect = { denied = true } },
  { name = "application workflows have their own list", input = { admin = admin("http"), plan = plan(workflow("application", "lua")) },
    expect = { denied = false } },
  { name = "absent: all", input = { admin = {}, plan = plan(workflow("platform", "command")) }, expect = { denied = false } },
  { name = "nothing planned", input = { admin = admin("http") }, expect = { denied = false } },
}
