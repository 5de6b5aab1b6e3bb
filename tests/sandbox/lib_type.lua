-- expect: ok
return { ok = type(1) == "number" and type("") == "string" and type({}) == "table" and type(nil) == "nil" and type(type) == "function" and not pcall(type) }
