-- expect: budget
-- the comparison runs inside a C function
local t = {}
for i = 1, 10 do t[i] = i end
table.sort(t, function() while true do end end)
