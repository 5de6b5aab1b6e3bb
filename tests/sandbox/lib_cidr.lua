-- expect: ok
local n = cidr("10.1.0.0/16")
return {
  ok = n.family == 4 and n.prefix == 16 and n.private and n.address == "10.1.0.0" and cidr("10.0.0.0/8", "10.2.3.4") and not cidr("10.0.0.0/8", "11.0.0.1") and cidr("10.0.0.0/8", "10.1.0.0/16")
    and not cidr("10.1.0.0/16", "10.0.0.0/8") and cidr("::/0", "fe80::1") and not cidr("0.0.0.0/0", "::1") and cidr("172.16.0.0/12", "172.31.255.255") and not cidr("172.16.0.0/12", "172.32.0.0")
    and not cidr("8.8.8.8").private and cidr("10.0.0.0/33") == nil and cidr("x") == nil and cidr(nil) == nil and not cidr("10.0.0.0/8", "x") and not cidr("10.0.0.0/8", nil) and not pcall(cidr, "x", "10.0.0.1"),
}
