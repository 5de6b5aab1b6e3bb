-- expect: error: a printed line is longer than
-- only: script
print(("x"):rep(100000))
