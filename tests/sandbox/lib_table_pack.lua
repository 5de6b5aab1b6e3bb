-- expect: ok
local t = table.pack(1, nil, 3)
return { ok = t.n == 3 and t[3] == 3 and table.pack().n == 0 }
