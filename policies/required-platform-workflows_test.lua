local function input(tier)
  return {
    admin = { workflowPolicies = { requiredPlatformWorkflows = { "security-scan", "cost-monitoring" } } },
    plan = {
      phases = {
        { phase = "pre-deployment", workflows = { { name = "security-scan", tier = tier, steps = {} } } },
        { phase = "post-deployment", workflows = { { name = "cost-monitoring", tier = "platform", steps = {} } } },
      },
    },
  }
end

return {
  { name = "both are there", input = input("platform"), expect = { denied = false, warned = false } },
  { name = "one replaced by a product's workflow of the same name", input = input("product"),
    expect = { denied = true, messages = { "security-scan is required by workflowPolicies.requiredPlatformWorkflows" } } },
  { name = "nothing planned", input = { admin = { workflowPolicies = { requiredPlatformWorkflows = { "a" } } } },
    expect = { denied = true, messages = { "a is required" } } },
  { name = "nothing required", input = { admin = {} }, expect = { denied = false } },
}
