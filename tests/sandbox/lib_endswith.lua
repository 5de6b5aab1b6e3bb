-- expect: ok
return { ok = endswith("abc", "bc") and not endswith("abc", "b") and endswith("a", "") and not endswith(nil, "a") and not endswith("a", "ba") }
