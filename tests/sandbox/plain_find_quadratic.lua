-- expect: budget
-- linear (two-way), and charged
local text = ("a"):rep(200000)
while true do text:find(("a"):rep(50000) .. "b", 1, true) end
