-- expect: budget
-- only: script
while true do print("x") end
