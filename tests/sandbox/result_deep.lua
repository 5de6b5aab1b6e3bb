-- expect: error: nested deeper than
-- only: script policy
local t = {}
for i = 1, 200 do t = { t = t } end
return t
