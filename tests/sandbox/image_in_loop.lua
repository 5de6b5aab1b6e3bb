-- expect: budget
while true do image(("a/"):rep(200) .. "b:1") end
