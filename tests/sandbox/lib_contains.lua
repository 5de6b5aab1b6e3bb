-- expect: ok
return {
  ok = contains("abc", "b") and contains("abc", "") and not contains("abc", "x") and contains({ "a", "b" }, "b") and not contains({ "a" }, "b") and contains({ a = 1 }, "a")
    and not contains(nil, "a") and not contains("a", nil) and not contains({}, nil) and contains("a.c", ".") and not pcall(contains, true, "a"),
}
