-- expect: ok
return { ok = startswith("abc", "ab") and not startswith("abc", "b") and startswith("a", "") and not startswith(nil, "a") and not startswith("a", "ab") and not pcall(startswith, {}, "a") }
