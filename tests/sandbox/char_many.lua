-- expect: ok
return { ok = #string.char(table.unpack({ 65, 66, 67 })) == 3 }
