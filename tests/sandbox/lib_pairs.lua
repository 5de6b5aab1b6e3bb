-- expect: ok
local n = 0
for k, v in pairs({ 1, 2, a = 3 }) do n = n + v end
return { ok = n == 6 and not pcall(pairs, nil) }
