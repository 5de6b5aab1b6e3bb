-- expect: ok
local names = { "load", "loadstring", "loadfile", "dofile", "require", "package", "debug", "os", "io", "coroutine", "rawget", "rawset", "rawequal",
  "rawlen", "collectgarbage", "getmetatable", "setmetatable", "xpcall", "warn", "_G", "newproxy", "module" }
for i = 1, #names do
  if _ENV[names[i]] ~= nil then return { ok = false } end
end
return { ok = math.random == nil and math.randomseed == nil and string.dump == nil and string.pack == nil and table.move == nil }
