-- expect: budget
local function nest(n)
  while true do pcall(nest, n + 1) end
end
nest(1)
