-- expect: ok
return { ok = tostring({}) == "table" and tostring(print) ~= nil and tostring(pairs) == "function" }
