-- expect: error: makes a secret reference
-- only: script policy
-- it would be opened with the platform's credentials
return { ["$secret"] = "vault:root#password" }
