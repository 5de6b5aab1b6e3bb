-- A product workflow runs only when workflowPolicies.allowedProductWorkflows lists it ("ecommerce/database-setup", or a glob: "ecommerce/*").
-- Absent: all may run. Empty: none.
return {
  name = "allowed-product-workflows",
  on = "deployment",
  description = "a product workflow is not allowed",
  check = function(input)
    local allowed = (((input.admin or {}).workflowPolicies) or {}).allowedProductWorkflows
    if not allowed then return nil end
    local found = {}
    for _, phase in ipairs((input.plan or {}).phases or {}) do
      for _, workflow in ipairs(phase.workflows or {}) do
        if workflow.tier == "product" then
          local name = workflow.name
          if not contains(name, "/") then name = (workflow.product or input.product or "?") .. "/" .. name end
          local ok = false
          for _, pattern in ipairs(allowed) do ok = ok or glob(name, pattern) end
          if not ok then
            table.insert(found, {
              message = name .. " (" .. (phase.phase or "deployment") .. ") not in workflowPolicies.allowedProductWorkflows",
              path = name,
              value = name,
              fix = "ask platform-team to allow it, or remove the workflow",
              source = (input.admin_lines or {})["workflowPolicies.allowedProductWorkflows"],
            })
          end
        end
      end
    end
    return found
  end,
}
