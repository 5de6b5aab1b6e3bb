-- expect: ok
return { ok = ("abc"):reverse() == "cba" and (""):reverse() == "" }
