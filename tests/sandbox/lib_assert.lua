-- expect: ok
return { ok = select("#", assert(1, 2, 3)) == 3 and not pcall(assert, false) and not pcall(assert) }
