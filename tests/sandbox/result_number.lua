-- expect: error: 
-- only: script policy
return 42
