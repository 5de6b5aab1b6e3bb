-- expect: ok
-- hangs in C in the original
return { ok = ("").rep("", 1e12) == "" and ("x"):rep(0) == "" and ("x"):rep(-1) == "" }
