-- expect: error: contains a function
-- only: script policy
return { f = function() end }
