-- expect: error: attempt to call a nil value (field 'move')
table.move({}, 1, 1e9, 2)
