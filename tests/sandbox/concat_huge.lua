-- expect: error: the text would be longer than
local t, s = {}, ("x"):rep(100000)
for i = 1, 100 do t[i] = s end
return table.concat(t)
