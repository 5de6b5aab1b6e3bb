-- expect: ok
local t = { 1, 2, 3 }
return { ok = table.remove(t, 1) == 1 and table.remove(t) == 3 and #t == 1 and table.remove({}) == nil and not pcall(table.remove, t, 7) }
