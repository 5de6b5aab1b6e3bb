local function plan(...)
  return { phases = { { phase = "deployment", workflows = { ... } } } }
end

local admin = { workflowPolicies = { maxWorkflowDuration = "30m" } }
local function workflow(timeout_ms, step_timeout_ms)
  return { name = "w", tier = "product", timeout_ms = timeout_ms, steps = { { name = "s", type = "delay", timeout_ms = step_timeout_ms } } }
end

return {
  { name = "exactly the limit", input = { admin = admin, plan = plan(workflow(1800000, 1800000)) }, expect = { denied = false } },
  { name = "a workflow over it", input = { admin = admin, plan = plan(workflow(1800001)) },
    expect = { denied = true, messages = { "w may take 1800 s; workflowPolicies.maxWorkflowDuration is 1800 s" } } },
  { name = "a step over it", input = { admin = admin, plan = plan(workflow(nil, 3600000)) },
    expect = { denied = true, messages = { "step s of w may take 3600 s" } } },
  { name = "a limit in milliseconds", input = { admin = { workflowPolicies = { maxWorkflowDuration = 1000 } }, plan = plan(workflow(1001)) },
    expect = { denied = true } },
  { name = "no limit", input = { admin = {}, plan = plan(workflow(1e9)) }, expect = { denied = false } },
  { name = "nothing planned", input = { admin = admin }, expect = { denied = false } },
}
