-- expect: error: attempt to call a nil value (global 'print')
-- only: policy condition
print("x")
