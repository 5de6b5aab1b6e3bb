-- workflowPolicies.security.allowedExecutors: the teams that may run workflows of the platform tier by hand. Workflows that a deployment brings
-- along by their triggers are not concerned.
return {
  name = "allowed-executors",
  on = "workflow",
  description = "this team may not run platform workflows by hand",
  check = function(input)
    local security = ((((input.admin or {}).workflowPolicies) or {}).security) or {}
    local allowed = security.allowedExecutors
    local workflow = input.workflow or {}
    if not allowed or workflow.tier ~= "platform" or not (workflow.manual or input.manual) then return nil end
    local team = (input.user or {}).team or input.team or "?"
    if (input.user or {}).role == "admin" or contains(allowed, team) then return nil end
    return {
      message = "team " .. team .. " may not run " .. (workflow.name or "this workflow") .. " by hand: not in workflowPolicies.security.allowedExecutors",
      path = "platform/" .. (workflow.name or "?"),
      value = team,
      fix = "ask one of " .. table.concat(allowed, ", ") .. " to run it",
      source = (input.admin_lines or {})["workflowPolicies.security.allowedExecutors"],
    }
  end,
}
