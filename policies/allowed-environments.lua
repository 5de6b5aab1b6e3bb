-- policies.allowedEnvironments: names or globs of environments that deployments may go to, as a list; or a map from team to such a list.
return {
  name = "allowed-environments",
  on = "deployment",
  description = "the environment is not allowed",
  check = function(input)
    local allowed = (((input.admin or {}).policies) or {}).allowedEnvironments
    local name = (input.environment or {}).name
    if not allowed or not name then return nil end
    if #allowed == 0 and next(allowed) ~= nil then
      allowed = allowed[input.team or ""] or allowed["*"] or {}
    end
    for _, pattern in ipairs(allowed) do
      if glob(name, pattern) then return nil end
    end
    local names = table.concat(allowed, ", ")
    return {
      message = "environment " .. name .. " not in policies.allowedEnvironments",
      path = "environment/" .. name,
      value = name,
      fix = names ~= "" and "deploy to one of " .. names .. ", or ask the platform team to allow " .. name
        or "ask the platform team to allow " .. name,
      source = (input.admin_lines or {})["policies.allowedEnvironments"],
    }
  end,
}
