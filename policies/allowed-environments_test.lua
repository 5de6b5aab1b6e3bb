local function admin(allowed) return { policies = { allowedEnvironments = allowed } } end
local function environment(name) return { name = name, type = "development" } end

return {
  { name = "a listed one", input = { admin = admin({ "staging", "pr-*" }), environment = environment("staging") }, expect = { denied = false } },
  { name = "one that a glob matches", input = { admin = admin({ "staging", "pr-*" }), environment = environment("pr-7") }, expect = { denied = false } },
  { name = "another one", input = { admin = admin({ "staging", "pr-*" }), environment = environment("production") },
    expect = { denied = true, messages = { "environment production not in policies.allowedEnvironments" } } },
  { name = "none at all", input = { admin = admin({}), environment = environment("production") }, expect = { denied = true } },
  { name = "a team's own list", input = { team = "shop", admin = admin({ shop = { "dev" }, ["*"] = { "*" } }), environment = environment("production") },
    expect = { denied = true } },
  { name = "the list for other teams", input = { team = "web", admin = admin({ shop = { "dev" }, ["*"] = { "*" } }), environment = environment("production") },
    expect = { denied = false } },
  { name = "a team that no list names", input = { team = "web", admin = admin({ shop = { "dev" } }), environment = environment("dev") },
    expect = { denied = true } },
  { name = "no setting", input = { admin = {}, environment = environment("production") }, expect = { denied = false } },
}
