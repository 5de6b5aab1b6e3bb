-- expect: error: neither a list
-- only: script policy
return { t = { 1, 2, x = 3 } }
