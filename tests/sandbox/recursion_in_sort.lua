-- expect: budget
-- C frames inside C frames
local function f()
  local t = { 3, 2, 1 }
  table.sort(t, function() f() return true end)
end
while true do pcall(f) end
