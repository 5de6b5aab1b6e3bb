-- expect: ok
local v = semver("v1.2.3-rc.1+b5")
return {
  ok = v.major == 1 and v.minor == 2 and v.patch == 3 and v.prerelease == "rc.1" and v.build == "b5" and semver("x") == nil and semver(nil) == nil and semver("1.2.3.4") == nil
    and semver("1.5.0", "^1.2") and not semver("2.0.0", "^1.2") and semver("0.2.9", "^0.2.3") and not semver("0.3.0", "^0.2.3") and semver("1.2.9", "~1.2.3") and not semver("1.3.0", "~1.2.3")
    and semver("1.2.3", ">=1.2.0 <2.0.0") and semver("3.0.0", "^1 || >=3") and not semver("2.0.0", "^1 || >=3") and semver("1.4.0", "1.x") and semver("9.9.9", "*") and not semver("1.0.0-rc.1", ">=1.0.0")
    and semver("1.0.0-rc.2", ">1.0.0-rc.1") and semver("1.0.0-alpha.10", ">1.0.0-alpha.9") and semver("1.0.0", "!=1.0.1") and not semver("garbage", "*") and semver("1.3.0", ">1.2") and not semver("1.2.9", ">1.2")
    and semver("1.2.9", "<=1.2") and not pcall(semver, "1.0.0", "=>1") and not pcall(semver, "1.0.0", "") and not pcall(semver, ("1"):rep(600)) and semver(("9"):rep(20) .. ".0.0") == nil,
}
