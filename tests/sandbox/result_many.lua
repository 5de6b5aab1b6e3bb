-- expect: error: larger than
-- only: script policy
local t = {}
for i = 1, 100000 do t[i] = i end
return { t = t }
