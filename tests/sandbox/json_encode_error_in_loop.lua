-- expect: budget
-- what was built until the error must be freed
local t = {}
for i = 1, 2000 do t[i] = "item" .. i end
t[2001] = pairs
while true do pcall(json.encode, t) end
