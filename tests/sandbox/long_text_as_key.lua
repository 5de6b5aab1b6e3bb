-- expect: budget
-- hashing a long text takes its whole length
local t = {}
local s = ("x"):rep(400000)
local i = 0
while true do
  i = i + 1
  t[s .. i] = true
  t = {}
end
