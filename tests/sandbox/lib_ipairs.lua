-- expect: ok
local n = 0
for i, v in ipairs({ 1, 2, nil, 4 }) do n = n + i * v end
return { ok = n == 5 and not pcall(ipairs) and not pcall(ipairs, 1) }
