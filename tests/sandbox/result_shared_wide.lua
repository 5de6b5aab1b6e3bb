-- expect: error: larger than
-- only: script policy
-- 2 to the 50 when written out
local t = {}
for i = 1, 50 do t = { a = t, b = t } end
return t
