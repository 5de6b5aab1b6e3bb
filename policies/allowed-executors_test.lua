local admin = { workflowPolicies = { security = { allowedExecutors = { "platform-team" } } } }

local function input(team, tier, manual, role)
  return {
    admin = admin,
    user = { name = "u", team = team, role = role or "user" },
    plan = { phases = { { phase = "deployment", workflows = { { name = "rotate-keys", tier = tier, manual = manual } } } } },
  }
end

local whole = input("shop", "platform")
whole.trigger = "manual"

return {
  { name = "an allowed team", input = input("platform-team", "platform", true), expect = { denied = false } },
  { name = "another team by hand", input = input("shop", "platform", true),
    expect = { denied = true, messages = { "team shop may not run rotate-keys by hand" } } },
  { name = "the whole deployment by hand", input = whole, expect = { denied = true } },
  { name = "an admin of another team", input = input("shop", "platform", true, "admin"), expect = { denied = false } },
  { name = "brought along by a deployment", input = input("shop", "platform", false), expect = { denied = false } },
  { name = "a product's workflow by hand", input = input("shop", "product", true), expect = { denied = false } },
  { name = "no setting", input = { admin = {}, team = "shop", manual = true }, expect = { denied = false } },
  { name = "nothing planned", input = { admin = admin, team = "shop", manual = true }, expect = { denied = false } },
}
