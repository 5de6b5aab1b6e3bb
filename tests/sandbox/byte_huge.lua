-- expect: error: more than 1000 bytes at once
return (("x"):rep(100000)):byte(1, -1)
