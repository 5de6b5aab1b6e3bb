-- workflowPolicies.allowedStepTypes bounds the step types of the platform and product tiers. Absent: all.
return {
  name = "allowed-step-types",
  on = "deployment",
  description = "a step type is not allowed",
  check = function(input)
    local allowed = (((input.admin or {}).workflowPolicies) or {}).allowedStepTypes
    if not allowed then return nil end
    local ok, found = {}, {}
    for _, name in ipairs(allowed) do ok[name] = true end
    for _, phase in ipairs((input.plan or {}).phases or {}) do
      for _, workflow in ipairs(phase.workflows or {}) do
        if workflow.tier ~= "application" then
          for _, step in ipairs(workflow.steps or {}) do
            local kind = step.type
            if kind and not ok[kind] then
              table.insert(found, {
                message = "step " .. step.name .. " of " .. workflow.tier .. " workflow " .. workflow.name .. " has type "
                  .. kind .. ", which is not in workflowPolicies.allowedStepTypes",
                path = workflow.name .. "/" .. step.name,
                value = kind,
                fix = "use one of " .. table.concat(allowed, ", ") .. ", or ask the platform team to allow " .. kind,
                source = (input.admin_lines or {})["workflowPolicies.allowedStepTypes"],
              })
            end
          end
        end
      end
    end
    return found
  end,
}
