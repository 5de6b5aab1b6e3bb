-- expect: budget
-- a tail call adds no level
local function f() return f() end
f()
