-- expect: ok
return { ok = math.max(1, 5) == 5 and math.floor(2.7) == 2 and math.tointeger(3.0) == 3 and math.abs(-1) == 1 and math.type(1) == "integer" and math.pi > 3 }
