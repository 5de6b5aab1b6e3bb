-- expect: error: more than 10000 items to sort
local t = {}
for i = 1, 10001 do t[i] = -i end
table.sort(t)
