-- expect: ok
return { ok = ("ab"):rep(3, "-") == "ab-ab-ab" and ("x"):rep(1, "-") == "x" and not pcall(string.rep, "x", 1e15) and ("x"):rep(math.mininteger) == "" }
