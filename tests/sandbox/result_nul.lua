-- expect: error: not UTF-8
-- only: script policy
return { t = "a\0b" }
