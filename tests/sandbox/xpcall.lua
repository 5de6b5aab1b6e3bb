-- expect: error: attempt to call a nil value (global 'xpcall')
-- the handler would run inside the raise: not there
local function loop() while true do end end
xpcall(loop, loop)
