-- expect: error: the error is a function value
error(function() while true do end end)
