-- expect: ok
return {
  ok = string.format("%5d|%-5s|%05.1f|%x|%c|%%|%q", 42, "ab", 3.14159, 255, 65, "a\"b") == '   42|ab   |003.1|ff|A|%|"a\\"b"'
    and string.format("%.3s", "abcdef") == "abc" and string.format("%s", ("x"):rep(300)) == ("x"):rep(300) and string.format("%10.2e", 1) == "  1.00e+00"
    and not pcall(string.format, "%d", 1.5) and not pcall(string.format, "%d") and not pcall(string.format, "%y", 1) and not pcall(string.format, "%")
    and #string.format("%99.99f", -1e308) > 300,
}
