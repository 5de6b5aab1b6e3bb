-- workflowPolicies.maxStepsPerWorkflow bounds the steps of one workflow.
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
        if count > most then
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
