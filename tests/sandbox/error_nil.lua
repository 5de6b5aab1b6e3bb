-- expect: error: the error is a nil value
error()
