-- expect: error: invalid conversion
-- an address helps only an attacker
return string.format("%p", {})
