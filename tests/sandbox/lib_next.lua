-- expect: ok
local k, v = next({ a = 1 })
return { ok = k == "a" and v == 1 and next({}) == nil and not pcall(next, {}, "missing") and not pcall(next, 1) }
