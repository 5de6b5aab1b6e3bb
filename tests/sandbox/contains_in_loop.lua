-- expect: budget
local t = {}
for i = 1, 5000 do t[i] = i end
while true do contains(t, -1) end
