-- No workflow, and no step of it, may ask for more time than workflowPolicies.maxWorkflowDuration.
local function in_ms(value)
  if type(value) == "number" then return value end
  return duration(value)
end

return {
  name = "max-workflow-duration",
  on = "deployment",
  description = "a workflow may take longer than allowed",
  check = function(input)
    local policies = ((input.admin or {}).workflowPolicies) or {}
    if not policies.maxWorkflowDuration then return nil end
    local most = assert(in_ms(policies.maxWorkflowDuration), "workflowPolicies.maxWorkflowDuration is no duration")
    local found = {}
    local function report(what, path, ms)
      table.insert(found, {
        message = what .. " may take " .. ms // 1000 .. " s; workflowPolicies.maxWorkflowDuration is " .. most // 1000 .. " s",
        path = path,
        value = ms,
        fix = "lower the timeout, or ask the platform team to raise maxWorkflowDuration",
        source = (input.admin_lines or {})["workflowPolicies.maxWorkflowDuration"],
      })
    end
    for _, phase in ipairs((input.plan or {}).phases or {}) do
      for _, workflow in ipairs(phase.workflows or {}) do
        if (workflow.timeout_ms or 0) > most then report(workflow.name, workflow.name, workflow.timeout_ms) end
        for _, step in ipairs(workflow.steps or {}) do
          if (step.timeout_ms or 0) > most then
            report("step " .. step.name .. " of " .. workflow.name, workflow.name .. "/" .. step.name, step.timeout_ms)
          end
        end
      end
    end
    return found
  end,
}
