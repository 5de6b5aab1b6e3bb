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
            -- resources and the workload of every deployment run in two executions of this tier
            local own = (workflow.name == "resources" and step.type == "resource")
              or (workflow.name == "workload" and step.type == "workload")
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
