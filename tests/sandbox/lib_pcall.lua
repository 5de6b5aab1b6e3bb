-- expect: ok
local a, b, c = pcall(function() return 1, 2 end)
return { ok = a and b == 1 and c == 2 and not pcall(pcall) and not pcall(nil) }
