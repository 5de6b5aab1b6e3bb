-- expect: budget
local t = {}
for i = 1, 30000 do t["k" .. i] = i end
local i = 30000
while true do
  t["k" .. (i - 29999)] = nil
  i = i + 1
  t["k" .. i] = i
end
