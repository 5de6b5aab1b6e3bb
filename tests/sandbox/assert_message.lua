-- expect: error: wrong
assert(false, "wrong")
