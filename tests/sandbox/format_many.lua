-- expect: budget
local f = ("%99.99f"):rep(900)
local args = {}
for i = 1, 900 do args[i] = 1e308 end
while true do string.format(f, table.unpack(args)) end
