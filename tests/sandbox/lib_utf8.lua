-- expect: ok
local n = 0
for _, c in utf8.codes("aä") do n = n + c end
return { ok = utf8.len("aä") == 2 and utf8.char(228) == "ä" and utf8.codepoint("ä") == 228 and utf8.offset("aä", 2) == 2 and n == 325 and utf8.len("\255") == nil and not pcall(utf8.codepoint, "\255") }
