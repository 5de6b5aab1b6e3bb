-- expect: error: neither a list
-- only: script policy
return { t = { [1] = 1, [1000000] = 2 } }
