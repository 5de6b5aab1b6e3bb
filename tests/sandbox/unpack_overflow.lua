-- expect: error: more than 1000 items to unpack
return table.unpack({}, math.mininteger, math.maxinteger)
