-- expect: budget
-- O(n) C work for each instruction: charged
local s = ("x"):rep(500000)
while true do s = s:upper():lower():reverse() end
