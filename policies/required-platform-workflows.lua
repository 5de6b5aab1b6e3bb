-- Every workflow in workflowPolicies.requiredPlatformWorkflows is part of each deployment, and it is the platform's own.
return {
  name = "required-platform-workflows",
  on = "deployment",
  applies_to = { "deploy", "rollback", "golden-path" }, -- a deletion or a change of one resource brings no workflows along
  description = "a required platform workflow is not part of the plan",
  check = function(input)
    local required = (((input.admin or {}).workflowPolicies) or {}).requiredPlatformWorkflows or {}
    local planned = {}
    for _, phase in ipairs((input.plan or {}).phases or {}) do
      for _, workflow in ipairs(phase.workflows or {}) do
        if workflow.tier == "platform" then planned[workflow.name] = true end
      end
    end
    local found = {}
    for _, name in ipairs(required) do
      if not planned[name] then
        table.insert(found, {
          message = name .. " is required by workflowPolicies.requiredPlatformWorkflows and is not in the plan",
          path = "platform/" .. name,
          value = name,
          fix = "ask the platform team to add the workflow, or to drop it from requiredPlatformWorkflows",
          source = (input.admin_lines or {})["workflowPolicies.requiredPlatformWorkflows"],
        })
      end
    end
    return found
  end,
}
