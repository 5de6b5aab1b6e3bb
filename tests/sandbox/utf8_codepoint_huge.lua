-- expect: budget
local s = ("x"):rep(400000)
while true do pcall(utf8.codepoint, s, 1, -1) end
