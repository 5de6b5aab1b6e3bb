-- expect: budget
while true do semver("1.2.3", ("^1.2.3 || "):rep(40) .. "1") end
