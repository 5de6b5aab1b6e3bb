-- expect: budget
-- a collection for each allocation
local keep = {}
local function fill() while true do keep[#keep + 1] = ("x"):rep(1000) .. #keep end end
while true do
  pcall(fill)
  keep[#keep] = nil
end
