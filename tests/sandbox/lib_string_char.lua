-- expect: ok
return { ok = string.char() == "" and string.char(0, 255) == "\0\255" and not pcall(string.char, 256) and not pcall(string.char, -1) }
