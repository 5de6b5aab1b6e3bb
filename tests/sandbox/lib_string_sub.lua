-- expect: ok
return {
  ok = ("abc"):sub(2) == "bc" and ("abc"):sub(-2, -2) == "b" and ("abc"):sub(0) == "abc" and ("abc"):sub(3, 2) == "" and ("abc"):sub(math.mininteger, math.maxinteger) == "abc"
    and (""):sub(1) == "",
}
