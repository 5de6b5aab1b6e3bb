-- expect: budget
-- O(n) for each call: charged
local t = {}
while true do table.insert(t, 1, 0) end
