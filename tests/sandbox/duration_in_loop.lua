-- expect: budget
while true do duration("1h") quantity("1Gi") end
