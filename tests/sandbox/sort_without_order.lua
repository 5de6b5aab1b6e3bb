-- expect: ok
-- a comparison that lies
local t = {}
for i = 1, 300 do t[i] = i end
table.sort(t, function() return true end)
table.sort(t, function() return false end)
return { ok = #t == 300 }
