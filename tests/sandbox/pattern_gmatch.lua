-- expect: error: attempt to call a nil value (method 'gmatch')
return ("a"):gmatch("a")
