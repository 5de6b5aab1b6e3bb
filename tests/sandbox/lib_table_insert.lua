-- expect: ok
local t = { 1, 3 }
table.insert(t, 2, 2)
table.insert(t, 4)
return { ok = table.concat(t) == "1234" and not pcall(table.insert, t, 9, 1) and not pcall(table.insert, t) and not pcall(table.insert, nil, 1) }
