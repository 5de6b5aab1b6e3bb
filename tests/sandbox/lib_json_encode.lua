-- expect: ok
local cyclic = {}
cyclic.self = cyclic
return {
  ok = json.encode({ b = 1, a = { true, "x", 1.5 } }) == '{"a":[true,"x",1.5],"b":1}' and json.encode("\n") == '"\\n"' and json.encode(nil) == "null" and json.encode({}) == "{}"
    and not pcall(json.encode, cyclic) and not pcall(json.encode, 0 / 0) and not pcall(json.encode, "\255") and not pcall(json.encode, { pairs }) and not pcall(json.encode),
}
