-- expect: ok
local a, b = ("a.b"):find(".", 1, true)
return {
  ok = a == 2 and b == 2 and ("abc"):find("c") == 3 and ("abc"):find("") == 1 and ("abc"):find("x") == nil and ("abc"):find("a", 2) == nil and ("abc"):find("", 4) == 4
    and ("abc"):find("", 5) == nil and ("abc"):find("c", -1) == 3 and ("a.b"):find(".") == 2 and not pcall(string.find, "a", "%d") and not pcall(string.find, "a", "^a")
    and not pcall(string.find, "a", "a*.*"),
}
