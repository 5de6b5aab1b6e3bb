-- expect: error: infinite or not a number
-- only: script policy
return { n = 0 / 0 }
