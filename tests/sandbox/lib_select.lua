-- expect: ok
return { ok = select("#", nil, nil) == 2 and select(2, 1, 2) == 2 and not pcall(select, 0) and not pcall(select, -3, 1) }
