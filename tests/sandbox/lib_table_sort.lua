-- expect: ok
local t = { 5, 2, 8, 1, 9, 3, 3 }
table.sort(t)
local up = table.concat(t)
table.sort(t, function(a, b) return a > b end)
return { ok = up == "1233589" and table.concat(t) == "9853321" and not pcall(table.sort, t, 1) }
