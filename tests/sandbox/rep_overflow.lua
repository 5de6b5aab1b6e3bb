-- expect: error: the text would be longer than
return ("xx"):rep(math.maxinteger, "yy")
