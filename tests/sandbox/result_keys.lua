-- expect: error: has a boolean as key
-- only: script policy
return { [true] = 1 }
