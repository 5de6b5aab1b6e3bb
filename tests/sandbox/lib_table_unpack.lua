-- expect: ok
return { ok = select("#", table.unpack({ 1, 2, 3 })) == 3 and table.unpack({ 1, 2 }, 2) == 2 and select("#", table.unpack({}, 1, 0)) == 0 and table.unpack({}, math.maxinteger, math.maxinteger) == nil }
