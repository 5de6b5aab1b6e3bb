-- expect: budget
while true do tostring(1) end
