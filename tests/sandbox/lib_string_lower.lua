-- expect: ok
return { ok = ("ÄbC"):lower() == "Äbc" }
