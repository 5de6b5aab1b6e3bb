-- expect: error: the error is a table value
assert(nil, {})
