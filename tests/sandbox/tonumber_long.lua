-- expect: budget
local digits = ("9"):rep(500000)
while true do tonumber(digits) end
