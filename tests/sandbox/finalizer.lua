-- expect: error: attempt to call a nil value (global 'setmetatable')
-- a finalizer would run without a hook: no setmetatable
setmetatable({}, { __gc = function() while true do end end })
