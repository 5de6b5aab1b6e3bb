-- expect: error: attempt to call a nil value (method 'gsub')
return ("a"):gsub("a", "b")
