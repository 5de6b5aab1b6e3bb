-- expect: budget
local t = {}
for i = 1, 2000 do t[i] = "item" .. i end
while true do json.encode(t) end
