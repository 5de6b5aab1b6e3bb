-- expect: error: attempt to index a string value
local text = "x"
text.evil = 1
