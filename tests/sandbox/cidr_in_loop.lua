-- expect: budget
while true do cidr("10.0.0.0/8", "10.1.1.1") end
