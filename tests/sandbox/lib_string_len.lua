-- expect: ok
return { ok = ("a\0b"):len() == 3 and #"" == 0 and not pcall(string.len) }
