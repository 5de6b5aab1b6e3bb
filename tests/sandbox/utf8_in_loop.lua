-- expect: budget
local s = ("\u{e4}"):rep(200000)
while true do utf8.len(s) end
