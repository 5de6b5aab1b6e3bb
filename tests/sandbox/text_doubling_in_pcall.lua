-- expect: budget
local s = "x"
local function grow() while true do s = s .. s end end
while true do pcall(grow) end
