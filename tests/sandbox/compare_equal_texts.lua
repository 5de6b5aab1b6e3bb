-- expect: budget
-- budget: wall
local a = ("x"):rep(500000) .. "a"
local b = ("x"):rep(500000) .. "a"
while true do if a ~= b then break end end
