-- expect: ok
return {
  ok = tonumber("0x10") == 16 and tonumber(" 7 ") == 7 and tonumber("1e3") == 1000.0 and tonumber("z", 36) == 35 and tonumber("-ff", 16) == -255
    and tonumber("9", 8) == nil and tonumber("") == nil and tonumber({}) == nil and tonumber("1\0") == nil and not pcall(tonumber, "1", 99) and not pcall(tonumber),
}
