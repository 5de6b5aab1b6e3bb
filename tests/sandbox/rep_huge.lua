-- expect: error: the text would be longer than
return ("x"):rep(1e9)
