-- expect: ok
return { ok = ("abc"):byte(-1) == 99 and select("#", ("abc"):byte(1, 3)) == 3 and select("#", ("abc"):byte(9)) == 0 and ("abc"):byte(math.mininteger) == 97 }
