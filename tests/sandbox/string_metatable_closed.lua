-- expect: ok
-- the reduced library is also what texts have
local text = "x"
for _, name in ipairs({ "dump", "gsub", "gmatch", "match", "pack", "packsize", "unpack" }) do
  if text[name] ~= nil then return { ok = false } end
end
return { ok = text.len == string.len }
