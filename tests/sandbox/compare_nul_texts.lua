-- expect: budget
-- budget: wall
-- strcoll goes from NUL to NUL
local s = ("\0"):rep(500000)
local t = s .. "a"
local u = s .. "b"
local n = 0
while true do if t < u then n = n + 1 end end
