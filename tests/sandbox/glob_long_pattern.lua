-- expect: error: pattern longer than 1024 bytes
return glob("a", ("a*"):rep(1000))
