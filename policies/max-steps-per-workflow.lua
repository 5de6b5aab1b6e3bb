-- workflowPolicies.maxStepsPerWorkflow bounds the steps of one workflow. A deployment's resources are no workflow: the core adds them, one step each.
local function is_own(workflow)
  if workflow.name ~= "resources" and workflow.name ~= "removals" or workflow.tier ~= "application" then return false end
  for _, step in ipairs(workflow.steps or {}) do
    if step.type ~= "resource" then return false end
  end
  return true
end

return {
  name = "max-steps-per-workflow",
  on = "deployment",
  description = "a workflow has too many steps",
  check = function(input)
    local most = (((input.admin or {}).workflowPolicies) or {}).maxStepsPerWorkflow
    if not most then return nil end
    local found = {}
    for _, phase in ipairs((input.plan or {}).phases or {}) do
      for _, workflow in ipairs(phase.workflows or {}) do
        local count = #(workflow.steps or {})
        if count > most and not is_own(workflow) then
          table.insert(found, {
            message = workflow.name .. " has " .. count .. " steps; workflowPolicies.maxStepsPerWorkflow is " .. most,
            path = workflow.name,
            value = count,
            fix = "split the workflow, or ask the platform team to raise maxStepsPerWorkflow",
            source = (input.admin_lines or {})["workflowPolicies.maxStepsPerWorkflow"],
          })
        end
      end
    end
    return found
  end,
}
