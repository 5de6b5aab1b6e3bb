-- expect: budget
local keep = {}
local function fill() for i = 1, 1e9 do keep[#keep + 1] = { i } end end
while true do pcall(fill) end
