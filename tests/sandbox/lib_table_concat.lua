-- expect: ok
return { ok = table.concat({ 1, "b", 2.5 }, ",") == "1,b,2.5" and table.concat({}) == "" and table.concat({ 1, 2, 3 }, "-", 2, 3) == "2-3" and not pcall(table.concat, { {} }) and not pcall(table.concat, { 1 }, "", 1, math.maxinteger) }
