-- expect: ok
-- reads through, shows nothing
return { ok = next(string) == nil and #math == 0 and json.encode(table) == "{}" }
