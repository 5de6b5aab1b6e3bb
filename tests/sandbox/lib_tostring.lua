-- expect: ok
return { ok = tostring(1) == "1" and tostring(1.5) == "1.5" and tostring(nil) == "nil" and tostring(true) == "true" and not pcall(tostring) }
