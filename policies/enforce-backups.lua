-- policies.enforceBackups: databases need a backup. true: in production; a list: in environments of these names or types.
local databases = { postgres = true, mysql = true, mariadb = true, mongodb = true, mongo = true, sqlite = true, redis = false }

local function concerns(setting, environment)
  if setting == true then return environment.type == "production" end
  if type(setting) ~= "table" then return false end
  return contains(setting, environment.type) or contains(setting, environment.name)
end

return {
  name = "enforce-backups",
  on = "deployment",
  description = "a database has no backup",
  check = function(input)
    local setting = (((input.admin or {}).policies) or {}).enforceBackups
    if not setting or not concerns(setting, input.environment or {}) then return nil end
    local found = {}
    for name, resource in pairs((input.spec or {}).resources or {}) do
      local params = resource.params or resource.properties or {}
      if databases[resource.type] and (not params.backup or params.backup == "none") then
        table.insert(found, {
          message = name .. " has no backup",
          path = "/resources/" .. name,
          value = { type = resource.type, backup = params.backup or false },
          fix = "set params.backup: daily",
          source = (input.admin_lines or {})["policies.enforceBackups"],
        })
      end
    end
    return found
  end,
}
