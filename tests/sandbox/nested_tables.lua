-- expect: budget
-- one chain of tables: memory
local t = {}
while true do t = { t } end
