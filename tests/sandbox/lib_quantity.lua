-- expect: ok
return { ok = quantity("1Ki") == 1024 and quantity("500m") == 0.5 and quantity("2") == 2 and quantity(nil) == nil and quantity("12MB") == nil and not pcall(quantity, {}) }
