-- expect: ok
return { ok = duration("1h30m") == 5400000 and duration("500ms") == 500 and duration(nil) == nil and duration("x") == nil and select(2, duration("x")) ~= nil and not pcall(duration, {}) }
