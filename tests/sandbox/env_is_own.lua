-- expect: ok
x = 1
local seen = _ENV.x
_ENV.pairs = nil
return { ok = seen == 1 and pairs ~= nil }
