-- expect: error: larger than
-- only: script policy
return { ("x"):rep(400000) }
