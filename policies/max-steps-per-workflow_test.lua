local function plan(...)
  return { phases = { { phase = "deployment", workflows = { ... } } } }
end

local admin = { workflowPolicies = { maxStepsPerWorkflow = 2 } }
local function workflow(count)
  local steps = {}
  for i = 1, count do steps[i] = { name = "s" .. i, type = "delay" } end
  return { name = "w", tier = "application", steps = steps }
end

return {
  { name = "as many as allowed", input = { admin = admin, plan = plan(workflow(2)) }, expect = { denied = false } },
  { name = "one more", input = { admin = admin, plan = plan(workflow(3)) },
    expect = { denied = true, messages = { "w has 3 steps; workflowPolicies.maxStepsPerWorkflow is 2" } } },
  { name = "the resources of a deployment are no workflow",
    input = { admin = admin, plan = plan({ name = "resources", tier = "application",
      steps = { { name = "a", type = "resource" }, { name = "b", type = "resource" }, { name = "c", type = "resource" } } }) },
    expect = { denied = false } },
  { name = "but the name is no way around the limit",
    input = { admin = admin, plan = plan({ name = "resources", tier = "application",
      steps = { { name = "a", type = "lua" }, { name = "b", type = "lua" }, { name = "c", type = "lua" } } }) },
    expect = { denied = true } },
  { name = "no limit", input = { admin = {}, plan = plan(workflow(100)) }, expect = { denied = false } },
  { name = "nothing planned", input = { admin = admin }, expect = { denied = false } },
}
