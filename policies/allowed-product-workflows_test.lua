local function plan(...)
  return { phases = { { phase = "deployment", workflows = { ... } } } }
end

local fraud = { name = "fraud-check", tier = "product", product = "ecommerce", steps = {} }
local setup = { name = "ecommerce/database-setup", tier = "product", steps = {} }
local scan = { name = "security-scan", tier = "platform", steps = {} }

local function admin(allowed) return { workflowPolicies = { allowedProductWorkflows = allowed } } end

return {
  { name = "a listed one may run", input = { admin = admin({ "ecommerce/database-setup" }), plan = plan(setup, scan) }, expect = { denied = false } },
  { name = "another one may not", input = { admin = admin({ "ecommerce/database-setup" }), plan = plan(setup, fraud) },
    expect = { denied = true, messages = { "ecommerce/fraud-check (deployment) not in workflowPolicies.allowedProductWorkflows" } } },
  { name = "a glob allows a product's all", input = { admin = admin({ "ecommerce/*" }), plan = plan(setup, fraud) }, expect = { denied = false } },
  { name = "a glob of another product allows nothing", input = { admin = admin({ "billing/*" }), plan = plan(fraud) }, expect = { denied = true } },
  { name = "the product of the deployment stands in for a missing one",
    input = { product = "shop", admin = admin({ "ecommerce/*" }), plan = plan({ name = "x", tier = "product" }) },
    expect = { denied = true, messages = { "shop/x (deployment)" } } },
  { name = "absent: all may run", input = { admin = { workflowPolicies = {} }, plan = plan(fraud) }, expect = { denied = false } },
  { name = "empty: none may run", input = { admin = admin({}), plan = plan(fraud) }, expect = { denied = true } },
}
