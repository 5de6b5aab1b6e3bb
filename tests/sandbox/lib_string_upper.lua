-- expect: ok
return { ok = ("abC1"):upper() == "ABC1" }
