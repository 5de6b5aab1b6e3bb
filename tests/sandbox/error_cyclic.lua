-- expect: error: the error is a table value
local t = {}
t.t = t
error(t)
