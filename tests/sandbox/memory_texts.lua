-- expect: budget
local keep = {}
while true do keep[#keep + 1] = "text number " .. #keep end
