-- expect: ok
return {
  ok = glob("a/b", "a/*") and glob("abc", "a?c") and not glob("abc", "a?") and glob("", "*") and not glob(nil, "*") and glob("a*b", "a*b") and not glob("ab", "") and glob("a.b", "a.b")
    and not glob("axb", "a.b") and not pcall(glob, "a") and not pcall(glob, {}, "*"),
}
