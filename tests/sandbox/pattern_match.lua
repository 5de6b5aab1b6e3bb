-- expect: error: attempt to call a nil value (method 'match')
-- string methods come from the reduced library too
return ("a"):match("a")
