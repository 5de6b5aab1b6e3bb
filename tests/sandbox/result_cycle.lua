-- expect: error: nested deeper than
-- only: script policy
local t = {}
t.t = t
return t
