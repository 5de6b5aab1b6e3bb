-- expect: ok
return { ok = select("#", select(math.maxinteger, 1, 2)) == 0 and select(-1, 1, 2) == 2 }
