-- expect: error: xxxx
error(("x"):rep(400000), 0)
