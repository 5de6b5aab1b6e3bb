-- expect: ok
local ok, message = pcall(error, "x", 0)
return { ok = not ok and message == "x" }
