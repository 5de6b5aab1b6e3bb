-- expect: error: more than 1000 items to unpack
return table.unpack({}, 1, 1e8)
