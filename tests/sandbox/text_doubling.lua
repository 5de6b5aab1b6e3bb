-- expect: budget
-- a single text is capped by the allocator
local s = "x"
while true do s = s .. s end
