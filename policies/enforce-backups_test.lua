local function input(setting, environment_type, params)
  return {
    admin = { policies = { enforceBackups = setting } },
    environment = { name = "eu", type = environment_type },
    spec = { resources = { db = { type = "postgres", params = params }, web = { type = "dns" } } },
  }
end

return {
  { name = "production without a backup", input = input(true, "production"), expect = { denied = true, messages = { "db has no backup" } } },
  { name = "production with a backup", input = input(true, "production", { backup = "daily" }), expect = { denied = false } },
  { name = "a backup of none is no backup", input = input(true, "production", { backup = "none" }), expect = { denied = true } },
  { name = "true means production only", input = input(true, "development"), expect = { denied = false } },
  { name = "a list names types", input = input({ "staging" }, "staging"), expect = { denied = true } },
  { name = "a list names environments", input = input({ "eu" }, "development"), expect = { denied = true } },
  { name = "a list without this one", input = input({ "us" }, "development"), expect = { denied = false } },
  { name = "another kind of setting", input = input("daily", "production"), expect = { denied = false } },
  { name = "no setting", input = { admin = {}, environment = { type = "production" } }, expect = { denied = false } },
}
