-- What application workflows may use: workflowPolicies.applicationStepTypes. Anything else works with the platform's credentials and belongs to
-- platform and product workflows.
local default = { "resource", "workload", "delay", "approval", "lua", "validation", "http" }

return {
  name = "application-step-types",
  on = "deployment",
  description = "an application workflow uses a step type of the platform",
  check = function(input)
    local allowed = (((input.admin or {}).workflowPolicies) or {}).applicationStepTypes or default
    local ok, found = {}, {}
    for _, name in ipairs(allowed) do ok[name] = true end
    for _, phase in ipairs((input.plan or {}).phases or {}) do
      for _, workflow in ipairs(phase.workflows or {}) do
        if workflow.tier == "application" then
          for _, step in ipairs(workflow.steps or {}) do
            -- what the core adds to every deployment stands in executions of this tier
            local own = (step.type == "resource" and (workflow.name == "resources" or workflow.name == "removals"))
              or (step.type == "workload" and workflow.name == "workload")
            if step.type and not own and not ok[step.type] then
              table.insert(found, {
                message = "step " .. step.name .. " of application workflow " .. workflow.name .. " has type " .. step.type
                  .. ", which application workflows may not use",
                path = workflow.name .. "/" .. step.name,
                value = step.type,
                fix = "use one of " .. table.concat(allowed, ", ") .. ", or ask the platform team for a product workflow",
                source = (input.admin_lines or {})["workflowPolicies.applicationStepTypes"],
              })
            end
          end
        end
      end
    end
    return found
  end,
}
