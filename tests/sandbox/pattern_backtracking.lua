-- expect: error: find has no patterns here
-- exponential in C code: no patterns at all
return (("a"):rep(4000)):find((".-"):rep(6) .. "b")
