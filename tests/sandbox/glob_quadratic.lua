-- expect: budget
local text, pattern = ("a"):rep(100000), ("a*"):rep(400) .. "b"
while true do glob(text, pattern) end
