-- workflowPolicies.security.allowedExecutors: the teams that may run workflows of the platform tier by hand (`workflows/run/platform/...`; the
-- workflow or the whole input says manual = true or trigger = "manual"). Workflows that a deployment brings along by itself are not concerned.
return {
  name = "allowed-executors",
  on = "deployment",
  description = "this team may not run platform workflows by hand",
  check = function(input)
    local security = ((((input.admin or {}).workflowPolicies) or {}).security) or {}
    local allowed = security.allowedExecutors
    if not allowed or (input.user or {}).role == "admin" then return nil end
    local team = (input.user or {}).team or input.team or "?"
    if contains(allowed, team) then return nil end
    local by_hand = input.manual or input.trigger == "manual"
    local found = {}
    for _, phase in ipairs((input.plan or {}).phases or {}) do
      for _, workflow in ipairs(phase.workflows or {}) do
        if workflow.tier == "platform" and (by_hand or workflow.manual or workflow.trigger == "manual") then
          table.insert(found, {
            message = "team " .. team .. " may not run " .. workflow.name .. " by hand: not in workflowPolicies.security.allowedExecutors",
            path = "platform/" .. workflow.name,
            value = team,
            fix = "ask one of " .. table.concat(allowed, ", ") .. " to run it",
            source = (input.admin_lines or {})["workflowPolicies.security.allowedExecutors"],
          })
        end
      end
    end
    return found
  end,
}
